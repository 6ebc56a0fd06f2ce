import { describe, expect, it } from 'vitest';
import { MESSAGE_OVERHEAD_BYTES, SendQueue } from './send-queue.ts';

describe('the send queue', () => {
  it('cuts messages into fragments and numbers them per stream', () => {
    const queue = new SendQueue();
    queue.push(1, 51, Buffer.from('abcde'));
    queue.push(2, 53, Buffer.from('x'));
    queue.push(1, 51, Buffer.from('f'));
    queue.push(1, 51, Buffer.from('u'), { unordered: true });
    const fragments = [];
    while (!queue.isEmpty) fragments.push(queue.take(2));
    expect(
      fragments.map(({ streamId, ssn, begin, end, payload }) => [streamId, ssn, begin, end, `${payload}`]),
    ).toEqual([
      [1, 0, true, false, 'ab'],
      [1, 0, false, false, 'cd'],
      [1, 0, false, true, 'e'],
      [2, 0, true, true, 'x'],
      [1, 1, true, true, 'f'],
      [1, 0, true, true, 'u'],
    ]);
    expect(queue.bufferedBytes).toBe(0);
  });

  it('counts what it holds, with something for each message', () => {
    const queue = new SendQueue();
    queue.push(1, 51, Buffer.alloc(10));
    queue.push(1, 51, Buffer.alloc(1));
    expect(queue.bufferedBytes).toBe(11 + 2 * MESSAGE_OVERHEAD_BYTES);
    queue.take(4);
    expect(queue.bufferedBytes).toBe(7 + 2 * MESSAGE_OVERHEAD_BYTES);
    expect(queue.nextBytes).toBe(6);
    queue.take(6);
    expect(queue.bufferedBytes).toBe(1 + MESSAGE_OVERHEAD_BYTES);
  });

  it('holds messages of a paused stream, and restarts its numbers after a reset', () => {
    const queue = new SendQueue();
    queue.push(1, 51, Buffer.from('before'));
    queue.pause(1);
    queue.push(1, 51, Buffer.from('after'));
    queue.push(2, 51, Buffer.from('other'));
    expect(queue.isDrained(1)).toBe(false);
    expect(queue.take(100).payload.toString()).toBe('before');
    expect(queue.isDrained(1)).toBe(true);
    expect(queue.take(100).payload.toString()).toBe('other');
    expect(queue.isEmpty).toBe(true);
    expect(queue.bufferedBytes).toBeGreaterThan(0);
    queue.resume(1, true);
    const after = queue.take(100);
    expect([`${after.payload}`, after.ssn]).toEqual(['after', 0]);
  });

  it('continues its numbers when a reset is refused', () => {
    const queue = new SendQueue();
    queue.push(1, 51, Buffer.from('before'));
    queue.take(100);
    queue.pause(1);
    queue.push(1, 51, Buffer.from('after'));
    queue.resume(1, false);
    expect(queue.take(100).ssn).toBe(1);
  });
});
