import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { notifyListeners } from './notify-listeners.ts';

it('calls each listener as emit does, with those of once for one time', () => {
  const emitter = new EventEmitter();
  const calls: unknown[] = [];
  emitter.on('event', function (this: unknown, ...args) {
    calls.push(['on', this === emitter, ...args]);
  });
  emitter.once('event', (...args) => calls.push(['once', ...args]));
  const errors: unknown[] = [];
  for (const value of [1, 2]) notifyListeners(emitter, 'event', [value], (error) => errors.push(error));
  expect(calls).toEqual([
    ['on', true, 1],
    ['once', 1],
    ['on', true, 2],
  ]);
  expect(errors).toEqual([]);
});

it('passes on what a listener throws or rejects with, and calls the others', async () => {
  const emitter = new EventEmitter();
  const calls: string[] = [];
  emitter.on('event', () => {
    throw new Error('thrown');
  });
  emitter.on('event', async () => {
    throw new Error('rejected');
  });
  emitter.on('event', () => calls.push('called'));
  const errors = new EventEmitter();
  const rejected = once(errors, 'rejected');
  const thrown: string[] = [];
  notifyListeners(emitter, 'event', [], (error) => {
    const { message } = error as Error;
    if (message === 'rejected') errors.emit('rejected');
    else thrown.push(message);
  });
  expect(thrown).toEqual(['thrown']);
  expect(calls).toEqual(['called']);
  await rejected;
});
