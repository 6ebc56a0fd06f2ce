import { describe, expect, it } from 'vitest';
import { SimulatedLink, type SimulatedLinkOptions } from './simulated-link.ts';
import { VirtualTime } from './virtual-time.ts';

const COUNT = 2000;

/** Sends numbered datagrams from `a`, one each millisecond, and says which came when. */
function run(options: SimulatedLinkOptions) {
  const time = new VirtualTime();
  const link = new SimulatedLink(time, options);
  const arrivals: { readonly number: number; readonly atMs: number }[] = [];
  link.b.onDatagram = (datagram, atMs) => arrivals.push({ number: Buffer.from(datagram).readUInt16BE(), atMs });
  for (let number = 0; number < COUNT; number++) {
    time.schedule(number, () => {
      const datagram = Buffer.alloc(2);
      datagram.writeUInt16BE(number);
      link.a.send(datagram);
      datagram.fill(0xff);
    });
  }
  time.runUntil(COUNT + 1000);
  return { arrivals, numbers: arrivals.map(({ number }) => number), stats: link.a.stats };
}

const inOrder = Array.from({ length: COUNT }, (_, number) => number);

describe('SimulatedLink', () => {
  it('delivers all in order after its delay, as copies', () => {
    const { arrivals, numbers } = run({ seed: 1, delayMs: 30 });
    expect(numbers).toEqual(inOrder);
    expect(arrivals.every(({ number, atMs }) => atMs === number + 30)).toBe(true);
  });

  it('loses, duplicates, and reorders at about the configured rates', () => {
    const lossy = run({ seed: 2, lossRate: 0.2 });
    expect(lossy.numbers.length / COUNT).toBeCloseTo(0.8, 1);
    expect(lossy.stats).toMatchObject({ sent: COUNT, lost: COUNT - lossy.numbers.length });

    const doubled = run({ seed: 3, duplicateRate: 0.5 });
    expect(doubled.numbers.length / COUNT).toBeCloseTo(1.5, 1);
    expect(new Set(doubled.numbers).size).toBe(COUNT);

    const reordered = run({ seed: 4, reorderRate: 0.3 });
    expect(reordered.stats.reordered / COUNT).toBeCloseTo(0.3, 1);
    expect(reordered.numbers).not.toEqual(inOrder);
    expect(reordered.numbers.toSorted((a, b) => a - b)).toEqual(inOrder);
  });

  it('repeats a run for the same seed, and differs for another', () => {
    const conditions = { lossRate: 0.3, duplicateRate: 0.3, reorderRate: 0.3, jitterMs: 5 };
    expect(run({ seed: 5, ...conditions }).arrivals).toEqual(run({ seed: 5, ...conditions }).arrivals);
    expect(run({ seed: 5, ...conditions }).arrivals).not.toEqual(run({ seed: 6, ...conditions }).arrivals);
  });

  it('carries both ways, and can change', () => {
    const time = new VirtualTime();
    const link = new SimulatedLink(time, { seed: 1, delayMs: 10 });
    const atA: number[] = [];
    link.a.onDatagram = (datagram) => atA.push(datagram[0]!);
    link.b.onDatagram = (datagram) => link.b.send(datagram);
    link.a.send(Uint8Array.of(1));
    time.runFor(20);
    link.setConditions({ lossRate: 1 });
    link.a.send(Uint8Array.of(2));
    time.runFor(100);
    expect(atA).toEqual([1]);
  });
});
