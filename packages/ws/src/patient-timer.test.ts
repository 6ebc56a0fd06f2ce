import { expect, it, vi } from 'vitest';
import { PatientTimer } from './patient-timer.ts';
import { createFakeClock } from './testing/index.ts';

function setup() {
  const clock = createFakeClock();
  const callback = vi.fn();
  return { clock, callback, timer: new PatientTimer(clock, callback) };
}

it('fires on time, once', () => {
  const { clock, callback, timer } = setup();
  timer.start(20_000);
  clock.advance(19_999);
  expect(callback).not.toHaveBeenCalled();
  expect(timer.isRunning).toBe(true);
  clock.advance(1);
  clock.advance(60_000);
  expect(callback).toHaveBeenCalledTimes(1);
  expect(timer.isRunning).toBe(false);
});

it('restarts, and stops', () => {
  const { clock, callback, timer } = setup();
  timer.start(20_000);
  clock.advance(15_000);
  timer.start(20_000);
  clock.advance(19_999);
  timer.stop();
  clock.advance(60_000);
  expect(callback).not.toHaveBeenCalled();
  expect(clock.pendingTimers).toBe(0);
});

it('loses one of five parts to a suspended process', () => {
  const { clock, callback, timer } = setup();
  timer.start(20_000);
  clock.advance(11_999);
  clock.standStill(60_000);
  clock.advance(7_999);
  expect(callback).not.toHaveBeenCalled();
  clock.advance(1);
  expect(callback).toHaveBeenCalledTimes(1);
});

it('lets the sockets be read before it fires, if the process was suspended at the very end', () => {
  const { clock, callback, timer } = setup();
  timer.start(20_000);
  clock.advance(19_999);
  clock.standStill(60_000);
  expect(callback).not.toHaveBeenCalled();
  clock.advance(0);
  expect(callback).toHaveBeenCalledTimes(1);
});
