import { describe, expect, it } from 'vitest';
import { RetransmissionQueue } from './retransmission.ts';
import { tsnAdd } from './tsn.ts';
import { dataChunkBytes } from './wire/data.ts';
import type { GapBlock } from './wire/sack.ts';

const FIRST = 0xfffffffc;
const PAYLOAD = Buffer.alloc(100);
const CHUNK_BYTES = dataChunkBytes(PAYLOAD.length);

function sentChunks(count: number): RetransmissionQueue {
  const queue = new RetransmissionQueue(FIRST);
  send(queue, count);
  return queue;
}

/** At 0 ms, 1 ms, and so on. */
function send(queue: RetransmissionQueue, count: number): void {
  const fragment = { streamId: 0, ssn: 0, ppid: 51, unordered: false, begin: true, end: true, payload: PAYLOAD };
  const expected = tsnAdd(queue.lastAssignedTsn, 1);
  for (let index = 0; index < count; index += 1) expect(queue.sent(fragment, index)).toBe(tsnAdd(expected, index));
}

/** All up to, not with, `acked`, and the blocks by offsets from the first TSN. */
function sack(acked: number, ...blocks: [number, number][]) {
  const gapBlocks: GapBlock[] = blocks.map(([first, last]) => ({ start: first - acked + 1, end: last - acked + 1 }));
  return { cumulativeTsn: tsnAdd(FIRST, acked - 1), receiverWindowBytes: 1000, gapBlocks, duplicateTsns: [] };
}

function lostOffsets(queue: RetransmissionQueue): number[] {
  const offsets = [];
  for (let lost = queue.nextLost(); lost !== undefined; lost = queue.nextLost()) {
    offsets.push((lost.tsn - FIRST) >>> 0);
    queue.resent();
  }
  return offsets;
}

describe('the retransmission queue', () => {
  it('forgets what is acknowledged', () => {
    const queue = sentChunks(4);
    expect(queue.flightBytes).toBe(4 * CHUNK_BYTES);
    expect(queue.flightPayloadBytes).toBe(400);
    expect(queue.acknowledge(sack(3), false, 50)).toEqual({
      ackedBytes: 3 * CHUNK_BYTES,
      cumulativeAdvanced: true,
      loss: false,
      rttMs: 50,
      delivered: [],
    });
    expect(queue.flightBytes).toBe(CHUNK_BYTES);
    expect(queue.lastAssignedTsn).toBe(tsnAdd(FIRST, 3));
    queue.acknowledge(sack(4), false, 60);
    expect([queue.isEmpty, queue.flightBytes, queue.flightPayloadBytes, queue.bufferedBytes]).toEqual([true, 0, 0, 0]);
  });

  it('ignores a SACK that is old, or acknowledges what was never sent', () => {
    const queue = sentChunks(4);
    queue.acknowledge(sack(2), false, 10);
    expect(queue.acknowledge(sack(1), false, 20)).toBeUndefined();
    expect(queue.acknowledge(sack(5), false, 20)).toBeUndefined();
    expect(queue.acknowledge(sack(2, [4, 4000]), false, 20)).toMatchObject({ ackedBytes: 0 });
    expect(queue.flightBytes).toBe(2 * CHUNK_BYTES);
  });

  it('declares a chunk lost when three reports name later ones', () => {
    const queue = sentChunks(6);
    expect(queue.acknowledge(sack(0, [1, 1]), false, 10)?.loss).toBe(false);
    expect(queue.acknowledge(sack(0, [1, 2]), false, 10)?.loss).toBe(false);
    expect(queue.acknowledge(sack(0, [1, 3]), false, 10)?.loss).toBe(true);
    expect(queue.flightBytes).toBe(2 * CHUNK_BYTES);
    expect(lostOffsets(queue)).toEqual([0]);
    expect(queue.flightBytes).toBe(3 * CHUNK_BYTES);
  });

  it('counts nothing for reports without news', () => {
    const queue = sentChunks(6);
    for (let count = 0; count < 10; count += 1) queue.acknowledge(sack(0, [1, 2]), false, 10);
    expect(queue.nextLost()).toBeUndefined();
  });

  it('declares a retransmitted chunk lost again only when later chunks are reported', () => {
    const queue = sentChunks(9);
    for (let last = 1; last <= 3; last += 1) queue.acknowledge(sack(0, [1, last]), false, 10);
    expect(lostOffsets(queue)).toEqual([0]);
    send(queue, 3);
    for (let last = 4; last <= 8; last += 1) expect(queue.acknowledge(sack(0, [1, last]), false, 10)?.loss).toBe(false);
    expect(queue.acknowledge(sack(0, [1, 9]), false, 10)?.loss).toBe(false);
    expect(queue.acknowledge(sack(0, [1, 10]), false, 10)?.loss).toBe(false);
    expect(queue.acknowledge(sack(0, [1, 11]), false, 10)?.loss).toBe(true);
    expect(lostOffsets(queue)).toEqual([0]);
  });

  it('skips a lost chunk that arrives after all', () => {
    const queue = sentChunks(6);
    for (let last = 2; last <= 4; last += 1) queue.acknowledge(sack(0, [2, last]), false, 10);
    queue.acknowledge(sack(1, [2, 4]), false, 10);
    expect(lostOffsets(queue)).toEqual([1]);
  });

  it('resends everything after a timeout, except what the next SACK names', () => {
    const queue = sentChunks(6);
    queue.acknowledge(sack(0, [2, 3]), false, 10);
    queue.loseAll();
    expect([queue.flightBytes, queue.flightPayloadBytes]).toEqual([0, 0]);
    expect(queue.nextLost()?.tsn).toBe(FIRST);
    queue.resent();
    queue.acknowledge(sack(1, [2, 3]), false, 20);
    expect(lostOffsets(queue)).toEqual([1, 4, 5]);
    expect(queue.acknowledge(sack(6), false, 30)).toMatchObject({ cumulativeAdvanced: true });
    expect([queue.isEmpty, queue.flightBytes, queue.bufferedBytes]).toEqual([true, 0, 0]);
  });

  it('measures no round trip with a chunk that was sent twice', () => {
    const queue = sentChunks(2);
    queue.loseAll();
    lostOffsets(queue);
    expect(queue.acknowledge(sack(2), false, 1000)?.rttMs).toBeUndefined();
  });
});
