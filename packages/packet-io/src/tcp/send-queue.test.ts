import { beforeEach, describe, expect, it } from 'vitest';
import { FrameParser } from './frame-parser.ts';
import {
  MAX_CONTROL_BYTES,
  MAX_MEDIA_AGE_MS,
  MAX_MEDIA_BYTES,
  type QueueBudget,
  SendQueue,
  type SendQueueCounters,
} from './send-queue.ts';

const rtp = (id: number, length = 100) => Buffer.alloc(length, id).fill(0x80, 0, 1);
const stun = (id: number, length = 100) => Buffer.alloc(length, id).fill(0, 0, 1);
const dtls = (id: number, length = 100) => Buffer.alloc(length, id).fill(22, 0, 1);

let counters: SendQueueCounters;
let budget: QueueBudget;
let queue: SendQueue;

beforeEach(() => {
  counters = { expiredDrops: 0, queueFullDrops: 0 };
  budget = { maxBytes: 10 * 1024 * 1024, usedBytes: 0 };
  queue = new SendQueue(counters, budget);
});

/** Takes all that waits: each datagram by its second byte. */
function takeAll(nowMs: number): number[] {
  const ids: number[] = [];
  const parser = new FrameParser(0xffff);
  for (let next = queue.take(nowMs); next !== undefined; next = queue.take(nowMs)) {
    const before = ids.length;
    parser.parse(next.bytes, (arena, offset) => ids.push(arena[offset + 1]!));
    expect(ids.length - before).toBe(next.frames);
  }
  return ids;
}

describe('a queue for a slow reader', () => {
  it('gives whole frames in their order, control before media', () => {
    for (const datagram of [rtp(1), rtp(2), stun(3), rtp(4), dtls(5)]) queue.push(datagram, 0);
    expect(takeAll(1)).toEqual([3, 5, 1, 2, 4]);
    expect(queue.isEmpty).toBe(true);
    expect(budget.usedBytes).toBe(0);
  });

  it('copies what it keeps', () => {
    const datagram = rtp(1);
    queue.push(datagram, 0);
    datagram.fill(9);
    expect(takeAll(0)).toEqual([1]);
  });

  it('drops media by age, and never control', () => {
    queue.push(rtp(1), 0);
    queue.push(stun(2), 0);
    queue.push(rtp(3), 1);
    expect(takeAll(MAX_MEDIA_AGE_MS)).toEqual([2, 3]);
    expect(counters).toEqual({ expiredDrops: 1, queueFullDrops: 0 });
  });

  it('does not keep expired media while nothing is taken', () => {
    for (let nowMs = 0; nowMs < 20_000; nowMs += 20) queue.push(rtp(1), nowMs);
    expect(budget.usedBytes).toBeLessThanOrEqual((MAX_MEDIA_AGE_MS / 20) * 102);
    expect(counters.expiredDrops).toBe(1_000 - MAX_MEDIA_AGE_MS / 20);
  });

  it('makes room for new media by dropping the oldest', () => {
    const count = Math.floor(MAX_MEDIA_BYTES / 1_002) + 3;
    for (let id = 0; id < count; id++) queue.push(rtp(id & 0xff, 1_000), 0);
    expect(counters.queueFullDrops).toBe(3);
    expect(takeAll(0)[0]).toBe(3);
  });

  it('refuses control that is too much, without dropping what waits', () => {
    const fitting = Math.floor(MAX_CONTROL_BYTES / 1_002);
    for (let id = 0; id < fitting + 5; id++) queue.push(dtls(id & 0xff, 1_000), 0);
    expect(counters.queueFullDrops).toBe(5);
    expect(takeAll(0)).toHaveLength(fitting);
  });

  it('hands over some kilobytes at a time, but a larger frame whole', () => {
    for (let id = 0; id < 40; id++) queue.push(rtp(id, 1_000), 0);
    expect(queue.take(0)!.bytes.length).toBeLessThanOrEqual(16 * 1024);
    queue.push(dtls(1, 20_000), 0);
    expect(queue.take(0)!.bytes.readUInt16BE(0)).toBe(20_000);
  });

  it('shares a budget with other queues, and gives back its part', () => {
    budget = { maxBytes: 1_000, usedBytes: 0 };
    const [one, other] = [new SendQueue(counters, budget), new SendQueue(counters, budget)];
    one.push(stun(1, 900), 0);
    other.push(stun(2, 200), 0);
    expect(counters.queueFullDrops).toBe(1);
    one.clear();
    expect(budget.usedBytes).toBe(0);
    other.push(stun(2, 200), 0);
    expect(other.isEmpty).toBe(false);
  });
});
