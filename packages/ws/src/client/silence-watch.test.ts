import { expect, it } from 'vitest';
import { createFakeClock } from '../testing/index.ts';
import { SilenceWatch } from './silence-watch.ts';

function setup() {
  const clock = createFakeClock();
  const socket = { bytesRead: 100 };
  const silences: number[] = [];
  const watch = new SilenceWatch(
    25_000,
    clock,
    () => socket.bytesRead,
    () => silences.push(clock.nowMs()),
  );
  watch.start();
  return { clock, socket, silences, watch };
}

it('notices silence once, after the timeout', () => {
  const { clock, silences } = setup();
  clock.advance(24_999);
  expect(silences).toEqual([]);
  clock.advance(100_000);
  expect(silences).toEqual([25_000]);
});

it('counts any byte as a sign of life, and notices later silence at most a fifth too late', () => {
  const { clock, socket, silences } = setup();
  for (let pings = 0; pings < 20; pings += 1) {
    clock.advance(10_001);
    socket.bytesRead += 2;
  }
  const lastByteMs = clock.nowMs();
  clock.advance(60_000);
  expect(silences).toHaveLength(1);
  expect(silences[0]).toBeGreaterThan(lastByteMs + 25_000 - 1);
  expect(silences[0]).toBeLessThanOrEqual(lastByteMs + 30_000);
});

it('is quiet once stopped', () => {
  const { clock, silences, watch } = setup();
  watch.stop();
  clock.advance(100_000);
  expect(silences).toEqual([]);
});
