import { seededRandom } from '@rtcd/packet-io/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { QueueDelay } from './queue-delay.ts';

const INTERVAL_MS = 5;
/** The clock of the receiver is ahead by so much. */
const CLOCK_MS = 1_000_000;

let queue: QueueDelay;
let sentMs: number;

beforeEach(() => {
  queue = new QueueDelay();
  sentMs = 0;
});

function receive(durationMs: number, delayMs: () => number, sizeBytes = () => 1_200): void {
  for (const endMs = sentMs + durationMs; sentMs < endMs; sentMs += INTERVAL_MS) {
    queue.arrived(sizeBytes(), sentMs, sentMs + CLOCK_MS + delayMs());
  }
}

describe('QueueDelay', () => {
  it('is by how much the delay has grown', () => {
    receive(1_000, () => 40);
    expect(queue.ms).toBe(0);
    receive(1_000, () => 65);
    expect(queue.ms).toBe(25);
  });

  it('does not take jitter for a queue', () => {
    const random = seededRandom(1);
    receive(20_000, () => 40 + 30 * random());
    expect(queue.ms).toBeLessThan(5);
  });

  it('does not take the longer time of larger packets for a queue', () => {
    const sizes = [250, 600, 1_200];
    let number = 0;
    const size = () => sizes[number++ % sizes.length]!;
    receive(5_000, () => 40 + (sizes[(number + 2) % sizes.length]! * 8) / 300, size);
    receive(5_000, () => 40 + (1_200 * 8) / 300);
    expect(queue.ms).toBe(0);
  });

  it('forgets the delay of a path that has become longer', () => {
    receive(5_000, () => 40);
    receive(32_000, () => 100);
    expect(queue.ms).toBe(0);
  });

  it('is none after the present delay was taken as that of the empty path', () => {
    receive(1_000, () => 40);
    receive(1_000, () => 100);
    queue.rebase();
    expect(queue.ms).toBe(0);
    receive(1_000, () => 120);
    expect(queue.ms).toBe(20);
    receive(1_000, () => 40);
    receive(1_000, () => 50);
    expect(queue.ms).toBe(10);
  });
});
