import { beforeEach, describe, expect, it } from 'vitest';
import { ProbeSender } from './probe-sender.ts';

const PADDING_BYTES = 255;
const PROBE = { id: 3, targetBps: 2_520_000, durationMs: 20, packets: 5 }; // a packet of padding in a millisecond

let probes: ProbeSender;
let sentMs: number[];
beforeEach(() => {
  probes = new ProbeSender();
  sentMs = [];
});

/** Lets the probe go on to its end. */
function run(): void {
  for (let nowMs = probes.deadline(); Number.isFinite(nowMs); nowMs = probes.deadline()) {
    probes.timeout(nowMs, () => {
      sentMs.push(nowMs);
      probes.sent(PADDING_BYTES);
      return true;
    });
  }
}

describe('a probe', () => {
  it('is padding at its rate, for its time', () => {
    expect(probes.id).toBe(0);
    probes.start(PROBE, 1_000);
    expect(probes.id).toBe(3);
    run();
    expect(sentMs).toEqual(Array.from({ length: 20 }, (_, packet) => 1_000 + packet));
    expect(probes.id).toBe(0);
  });

  it('has less padding the more media is sent', () => {
    probes.start(PROBE, 1_000);
    for (let packet = 0; packet < 10; packet++) probes.sent(PADDING_BYTES);
    run();
    expect(sentMs).toHaveLength(10);
    expect(sentMs[0]).toBe(1_010);
  });

  it('has its number of packets, however long they take', () => {
    probes.start({ ...PROBE, targetBps: 252_000 }, 1_000);
    run();
    expect(sentMs).toEqual([1_000, 1_010, 1_020, 1_030, 1_040]);
  });

  it('ends where no padding can be sent', () => {
    probes.start(PROBE, 1_000);
    probes.timeout(1_000, () => false);
    expect(probes.deadline()).toBe(Number.POSITIVE_INFINITY);
  });
});
