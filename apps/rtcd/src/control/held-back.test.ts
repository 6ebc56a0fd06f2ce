import { expect, it } from 'vitest';
import { HeldBack } from './held-back.ts';

const message = (size: number, id = 0) => ({ type: 'rtc', bytes: new Uint8Array(size).fill(id) });
const idsOf = (held: HeldBack, clientID: string) => held.take(clientID).map(({ bytes }) => bytes[0]);
const limits = { maxMessagesPerClient: 64, maxBytesPerClient: 1_000, maxBytes: 2_000 };

it('returns the messages of a client, in order, once', () => {
  const held = new HeldBack();
  held.add('a', message(1, 1));
  held.add('b', message(1, 2));
  held.add('a', message(1, 3));
  expect(idsOf(held, 'a')).toEqual([1, 3]);
  expect(idsOf(held, 'a')).toEqual([]);
  expect(idsOf(held, 'b')).toEqual([2]);
});

it('drops the oldest messages of a client over its count', () => {
  const held = new HeldBack(limits);
  for (let id = 0; id < 100; id++) held.add('a', message(1, id));
  expect(idsOf(held, 'a')).toEqual(Array.from({ length: 64 }, (_, index) => 36 + index));
});

it('drops the oldest messages of a client over its bytes, and never keeps a single one that exceeds them', () => {
  const held = new HeldBack(limits);
  held.add('a', message(600, 1));
  held.add('a', message(600, 2));
  expect(idsOf(held, 'a')).toEqual([2]);
  held.add('a', message(1_001));
  expect(idsOf(held, 'a')).toEqual([]);
});

it('drops the messages of the client that has been away longest when the total bytes are exceeded', () => {
  const held = new HeldBack(limits);
  held.add('a', message(900, 1));
  held.add('b', message(900, 2));
  held.add('a', message(50, 3));
  held.add('c', message(900, 4));
  expect(idsOf(held, 'a')).toEqual([]);
  expect(idsOf(held, 'b')).toEqual([2]);
  expect(idsOf(held, 'c')).toEqual([4]);
});
