import { describe, expect, it } from 'vitest';
import { SendQueue, type SendQueueLimits } from './send-queue.ts';
import { createFakeClock } from './testing/index.ts';

const LIMITS: SendQueueLimits = {
  maxMessageBytes: 100_000,
  maxQueueMessages: 4,
  maxQueueBytes: 250_000,
  writeTimeoutMs: 10_000,
};

/** A queue in front of a socket that takes a message when told. */
function setup(limits: Partial<SendQueueLimits> = {}) {
  const clock = createFakeClock();
  const inFlight: { bytes: Uint8Array; written: () => void }[] = [];
  const events: string[] = [];
  const queue = new SendQueue({ ...LIMITS, ...limits }, clock, {
    write: (bytes, written) => void inFlight.push({ bytes, written }),
    onStalled: () => events.push('stalled'),
    onDrained: () => events.push('drained'),
  });
  return { clock, inFlight, events, queue, takeOne: () => inFlight.shift()?.written() };
}

const message = (sizeBytes: number) => new Uint8Array(sizeBytes);

describe('order and flow', () => {
  it('queues everything until the socket is open', () => {
    const { queue, inFlight } = setup();
    queue.push(message(1));
    expect(inFlight).toHaveLength(0);
    queue.start();
    expect(inFlight.map(({ bytes }) => bytes.length)).toEqual([1]);
  });

  it('gives the socket at most one window at a time, in order', () => {
    const { queue, inFlight, takeOne } = setup();
    queue.start();
    for (const size of [40_000, 40_001, 40_002]) queue.push(message(size));
    expect(inFlight.map(({ bytes }) => bytes.length)).toEqual([40_000, 40_001]);
    takeOne();
    expect(inFlight.map(({ bytes }) => bytes.length)).toEqual([40_001, 40_002]);
  });

  it('reports when it has run empty', () => {
    const { queue, events, takeOne } = setup();
    queue.start();
    queue.push(message(1));
    queue.push(message(1));
    takeOne();
    expect(events).toEqual([]);
    takeOne();
    expect(events).toEqual(['drained']);
    expect([queue.messages, queue.bytes]).toEqual([0, 0]);
  });
});

describe('bounds', () => {
  it('refuses one message more than it may hold, those in flight included', () => {
    const { queue, takeOne } = setup();
    queue.start();
    for (let i = 0; i < 4; i += 1) queue.push(message(1));
    expect(() => queue.push(message(1))).toThrow(expect.objectContaining({ code: 'queue_full' }));
    takeOne();
    queue.push(message(1));
    expect(queue.messages).toBe(4);
  });

  it('refuses one byte more than it may hold', () => {
    const { queue } = setup();
    queue.push(message(100_000));
    queue.push(message(100_000));
    expect(() => queue.push(message(50_001))).toThrow(expect.objectContaining({ code: 'queue_full' }));
    queue.push(message(50_000));
    expect(queue.bytes).toBe(250_000);
  });

  it('refuses a message that the other end would refuse', () => {
    const { queue } = setup();
    expect(() => queue.push(message(100_001))).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(queue.messages).toBe(0);
  });
});

describe('the write deadline', () => {
  it('runs while something is in flight, and restarts with each message that was sent', () => {
    const { queue, clock, events, takeOne } = setup();
    queue.start();
    clock.advance(60_000);
    queue.push(message(1));
    queue.push(message(1));
    clock.advance(9_999);
    takeOne();
    clock.advance(9_999);
    expect(events).toEqual([]);
    clock.advance(1);
    expect(events).toEqual(['stalled']);
  });

  it('gives the socket time after this process was stopped', () => {
    const { queue, clock, events, takeOne } = setup();
    queue.start();
    queue.push(message(1));
    clock.standStill(25_000);
    expect(events).toEqual([]);
    takeOne();
    expect(events).toEqual(['drained']);
  });

  it('does not run when everything is sent, or before the start', () => {
    const { queue, clock, events, takeOne } = setup();
    queue.push(message(1));
    clock.advance(60_000);
    queue.start();
    takeOne();
    clock.advance(60_000);
    expect(events).toEqual(['drained']);
    expect(clock.pendingTimers).toBe(0);
  });
});

it('forgets everything when stopped, late writes included', () => {
  const { queue, clock, events, takeOne } = setup();
  queue.start();
  queue.push(message(1));
  queue.push(message(1));
  queue.stop();
  takeOne();
  clock.advance(60_000);
  expect(events).toEqual([]);
  expect([queue.messages, queue.bytes, clock.pendingTimers]).toEqual([0, 0, 0]);
  expect(() => queue.push(message(1))).toThrow(expect.objectContaining({ code: 'closed' }));
});
