import { beforeEach, describe, expect, it } from 'vitest';
import { DropCounts, nonZeroDrops } from '../../inspect/drops.ts';
import { BandwidthEstimator } from '../bandwidth/bandwidth-estimator.ts';
import { PacketPacer } from './packet-pacer.ts';
import type { WaitingTrack } from './packet-queue.ts';

/** With headers, 4 ms at 2.5 times the first estimate, of 1 Mbit/s. */
const PAYLOAD_BYTES = 1_190;

class Track implements WaitingTrack {
  readonly left: string[] = [];
  abandoned = 0;
  isKept = true;

  leave(index: number, isRetransmission: boolean, nowMs: number): number {
    if (!this.isKept) return 0;
    this.left.push(`${isRetransmission ? 'again ' : ''}${index} at ${nowMs}`);
    return PAYLOAD_BYTES;
  }

  abandon(): void {
    this.abandoned++;
  }
}

let drops: DropCounts;
let pacer: PacketPacer;
let track: Track;
let deadlines: number;
beforeEach(() => {
  drops = new DropCounts();
  deadlines = 0;
  pacer = new PacketPacer({
    bandwidth: new BandwidthEstimator(),
    drops,
    onDeadline: () => {
      deadlines++;
    },
  });
  track = new Track();
});

/** A packet arrives from the source. Returns whether it leaves at once. */
function offer(index: number, nowMs: number): boolean {
  const leaves = pacer.admits(PAYLOAD_BYTES, false, nowMs);
  if (!leaves) pacer.wait(track, index, false, nowMs);
  return leaves;
}

/** Packets arrive all at once, and the first six of them leave. */
function burst(packets: number, nowMs = 0): void {
  for (let index = 0; index < packets; index++) expect(offer(index, nowMs)).toBe(index < 6);
}

function runUntil(endMs: number): void {
  for (let nowMs = pacer.deadline(); nowMs <= endMs; nowMs = pacer.deadline()) pacer.timeout(nowMs);
}

it('has the age of the oldest packet that waits', () => {
  expect(pacer.ageMs(0)).toBe(0);
  burst(8);
  pacer.wait(new Track(), 100, true, 10);
  expect(pacer.ageMs(15)).toBe(15);
  pacer.forget(track);
  expect(pacer.ageMs(15)).toBe(5);
});

describe('a packet', () => {
  it('leaves at once while there is no burst, and needs no timer', () => {
    for (let index = 0; index < 100; index++) expect(offer(index, index * 10)).toBe(true);
    expect(pacer.deadline()).toBe(Number.POSITIVE_INFINITY);
    expect(deadlines).toBe(0);
  });

  it('of a burst waits, in order', () => {
    burst(9);
    expect(deadlines).toBe(1);
    runUntil(1_000);
    expect(track.left).toEqual(['6 at 4', '7 at 8', '8 at 12']);
    expect(pacer.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not overtake those that wait', () => {
    burst(7);
    expect(offer(7, 500)).toBe(false);
  });

  it('that is sent again leaves before those that were not sent yet', () => {
    burst(8);
    pacer.wait(track, 2, true, 1);
    runUntil(1_000);
    expect(track.left).toEqual(['again 2 at 4', '6 at 8', '7 at 12']);
  });

  it('whose payload was not kept is dropped, and costs no time', () => {
    burst(8);
    track.isKept = false;
    pacer.timeout(4);
    expect(nonZeroDrops(drops)).toEqual({ pacer_not_kept: 2 });
  });
});

describe('packets that are sent again', () => {
  const again = (packets: number, nowMs = 0) => {
    for (let index = 0; index < packets; index++) {
      if (pacer.admits(PAYLOAD_BYTES, true, nowMs)) track.leave(index, true, nowMs);
      else pacer.wait(track, index, true, nowMs);
    }
  };
  const timesOf = () => track.left.map((text) => Number(text.split(' ').at(-1)));

  it('leave like others in a short burst, and at half of the estimate beyond', () => {
    again(40);
    runUntil(2_000);
    // 250 ms at 500 kbit/s are 12 packets, and one may exceed that.
    expect(timesOf().slice(0, 13)).toEqual([0, 0, 0, 0, 0, 0, 4, 8, 12, 16, 20, 24, 28]);
    expect(timesOf().slice(13, 16)).toEqual([32, 36, 50]);
    expect(timesOf().at(-1)).toBe(530);
  });

  it('do not hold up those that were not sent yet', () => {
    again(40);
    runUntil(100);
    expect(offer(100, 101)).toBe(true);
  });

  it('take their rate from what there is for videos, but no more than half of it', () => {
    expect(pacer.availableBps(0)).toBe(1_000_000);
    again(10);
    runUntil(1_000);
    expect(pacer.availableBps(1_000)).toBe(1_000_000 - (10 * 1_250 * 8) / 2);
    for (let index = 0; index < 200; index++) pacer.spend(PAYLOAD_BYTES, true, 1_000);
    expect(pacer.availableBps(1_000)).toBe(500_000);
    expect(pacer.availableBps(3_100)).toBe(1_000_000);
  });
});

describe('a video whose packets wait', () => {
  it('continues with a key frame if there is no room for more', () => {
    burst(6 + 512);
    expect(offer(518, 0)).toBe(false);
    expect(nonZeroDrops(drops)).toEqual({ pacer_full: 513 });
    expect(track.abandoned).toBe(1);
    runUntil(1_000);
    expect(track.left).toEqual([]);
  });

  it('continues with a key frame if they have waited for a second', () => {
    burst(8);
    pacer.timeout(1_001);
    expect(nonZeroDrops(drops)).toEqual({ pacer_expired: 2 });
    expect(track).toMatchObject({ abandoned: 1, left: [] });
  });

  it('does not take others with it', () => {
    const other = new Track();
    burst(6);
    pacer.wait(track, 6, false, 0);
    pacer.wait(other, 1, false, 500);
    pacer.timeout(1_001);
    expect(track).toMatchObject({ abandoned: 1, left: [] });
    expect(other).toMatchObject({ abandoned: 0, left: ['1 at 1001'] });
  });

  it('that continues without them drops them', () => {
    burst(8);
    pacer.wait(track, 2, true, 1);
    pacer.outdate(track);
    runUntil(1_000);
    expect(track).toMatchObject({ abandoned: 0, left: [] });
    expect(nonZeroDrops(drops)).toEqual({ pacer_outdated: 3 });
  });

  it('that ends leaves nothing behind', () => {
    burst(8);
    pacer.forget(track);
    runUntil(1_000);
    expect(track.left).toEqual([]);
    expect(nonZeroDrops(drops)).toEqual({});
  });
});
