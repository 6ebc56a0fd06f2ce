import { beforeEach, describe, expect, it } from 'vitest';
import { KeyframeRequester } from './keyframe-requester.ts';

let requester: KeyframeRequester;
let index: number;
beforeEach(() => {
  requester = new KeyframeRequester();
  index = 0x1_fffe;
});

/** Packets of one frame, the first of which begins a key frame. */
function keyframe(timestamp: number, packets = 3): (() => void)[] {
  return Array.from({ length: packets }, (_, position) => {
    const packetIndex = index++;
    return () => requester.received(packetIndex, timestamp, position === packets - 1, position === 0);
  });
}

const arrive = (packets: (() => void)[]) => {
  for (const packet of packets) packet();
};

/** Times of the requests that reach the sender while nothing else happens. */
function sentUntil(untilMs: number): number[] {
  const sent: number[] = [];
  for (let nowMs = requester.deadline(); nowMs <= untilMs; nowMs = requester.deadline()) {
    if (requester.takeDue(Math.max(0, nowMs))) sent.push(Math.max(0, nowMs));
  }
  return sent;
}

describe('KeyframeRequester', () => {
  it('requests nothing by itself', () => {
    expect(requester.takeDue(5000)).toBe(false);
    arrive(keyframe(1));
    expect(requester.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('forwards a storm of requests at most once a second', () => {
    const sent: number[] = [];
    for (let nowMs = 0; nowMs < 3000; nowMs += 4) {
      requester.request();
      if (requester.takeDue(nowMs)) sent.push(nowMs);
    }
    expect(sent).toEqual([0, 1000, 2000]);
  });

  it('forwards a delayed request when the second is over', () => {
    requester.request();
    expect(requester.takeDue(0)).toBe(true);
    arrive(keyframe(1));
    requester.request();
    expect(requester.takeDue(900)).toBe(false);
    expect(sentUntil(1000)).toEqual([1000]);
  });

  it('drops a delayed request if a key frame arrived meanwhile', () => {
    requester.request();
    requester.takeDue(0);
    requester.request();
    arrive(keyframe(1));
    expect(requester.isWaiting).toBe(false);
    expect(sentUntil(10_000)).toEqual([]);
  });

  it('repeats a request each second until a key frame is complete', () => {
    requester.request();
    expect(sentUntil(3500)).toEqual([0, 1000, 2000, 3000]);
    const [first, lost, last] = keyframe(1);
    first!();
    last!();
    expect(sentUntil(4500)).toEqual([4000]);
    lost!();
    expect(sentUntil(10_000)).toEqual([]);
  });

  it('asks a stopped source less and less often, until a receiver asks again', () => {
    requester.request();
    expect(sentUntil(60_000)).toEqual(
      [0, 1, 2, 3, 4, 5, 7, 11, 19, 27, 35, 43, 51, 59].map((seconds) => seconds * 1000),
    );
    requester.request();
    expect(requester.takeDue(60_000)).toBe(true);
  });

  it('requests the key frame of a new source only when it does not arrive', () => {
    requester.expect(100);
    expect(requester.takeDue(1_099)).toBe(false);
    expect(sentUntil(1_500)).toEqual([1_100]);
  });

  it('requests at once for a receiver that joins while a key frame is expected', () => {
    requester.expect(100);
    const packets = keyframe(1);
    packets[0]!();
    requester.request();
    expect(requester.takeDue(150)).toBe(true);
    arrive(packets.slice(1));
    expect(sentUntil(1_200)).toEqual([1_150]);
  });

  it('counts a key frame as complete only from its first packet on, if several claim to begin it', () => {
    requester.request();
    requester.received(10, 1, false, true);
    requester.received(11, 1, false, true);
    requester.received(13, 1, true, false);
    expect(requester.isWaiting).toBe(true);
    requester.received(12, 1, false, false);
    expect(requester.isWaiting).toBe(false);
  });

  it('does not count a key frame as the answer to a request made after it began', () => {
    const [first, ...rest] = keyframe(1);
    first!();
    requester.request();
    arrive(rest);
    expect(requester.isWaiting).toBe(true);
    arrive(keyframe(2));
    expect(requester.isWaiting).toBe(false);
  });

  it('detects a complete key frame in any order of its packets, even after packets of the next frames', () => {
    requester.request();
    const packets = keyframe(1, 4);
    arrive(packets.slice(1).reverse());
    for (let timestamp = 2; timestamp < 20; timestamp++) requester.received(index++, timestamp, true, false);
    expect(requester.isWaiting).toBe(true);
    packets[0]!();
    expect(requester.isWaiting).toBe(false);
  });

  it('does not count a frame without its end as complete', () => {
    requester.request();
    arrive(keyframe(1).slice(0, 2));
    index--;
    requester.received(index++, 2, true, false);
    expect(requester.isWaiting).toBe(true);
  });

  it('does not count a frame without its beginning as complete', () => {
    requester.request();
    arrive(keyframe(1).slice(1));
    requester.received(index++, 2, true, false);
    expect(requester.isWaiting).toBe(true);
  });
});
