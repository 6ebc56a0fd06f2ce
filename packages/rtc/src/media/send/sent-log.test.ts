import { describe, expect, it } from 'vitest';
import { PacketHistory } from '../../rtp/packet-history.ts';
import { MAX_HEADER_BYTES } from './fan-out.ts';
import { SentLog } from './sent-log.ts';

const PACKETS = 64;
const history = new PacketHistory(PACKETS);

function record(log: SentLog, index: number, headerLength: number): boolean {
  const arena = Buffer.alloc(headerLength, index & 0xff);
  return log.record(index, history, index, arena, 0, headerLength, 0, 0);
}

/** Indices of packets whose headers can be had again. Each header must be the one that was recorded. */
function keptIn(log: SentLog, indices: readonly number[]): number[] {
  return indices.filter((index) => {
    if (!log.find(index)) return false;
    const header = Buffer.alloc(log.headerLength);
    log.copyHeader(header, 0);
    expect(header).toEqual(Buffer.alloc(log.headerLength, index & 0xff));
    return true;
  });
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, position) => first + position);

describe('SentLog', () => {
  it('keeps the last packets while one header in sixteen is long', () => {
    const log = new SentLog(PACKETS, history);
    for (const index of range(0, 999)) record(log, index, index % 16 === 0 ? MAX_HEADER_BYTES : 40);
    expect(keptIn(log, range(900, 999))).toEqual(range(936, 999));
  });

  it('keeps the newest packets if all headers are long, and takes no number twice', () => {
    const log = new SentLog(PACKETS, history);
    for (const index of range(0, 999)) record(log, index, MAX_HEADER_BYTES);
    const kept = keptIn(log, range(900, 999));
    expect(kept.length).toBeGreaterThanOrEqual(PACKETS / 4);
    expect(kept).toEqual(range(1_000 - kept.length, 999));
    for (const index of range(936, 999)) expect(record(log, index, 12)).toBe(false);
  });
});
