import { expect, it } from 'vitest';
import { StoppableProcess } from '../../test/stoppable-process.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { PauseWatch } from './pause-watch.ts';

function setUp() {
  const time = new VirtualTime();
  const process = new StoppableProcess(time);
  const pauses: number[][] = [];
  const watch = new PauseWatch(process.clock, (...pause) => pauses.push(pause));
  const pause = (durationMs: number) => {
    process.stop();
    time.runFor(durationMs);
    process.continue();
  };
  return { time, process, pauses, watch, pause };
}

it('excuses nothing while the process runs, and nothing for a moment of work', () => {
  const { time, pauses, pause } = setUp();
  time.runFor(60_000);
  pause(999);
  time.runFor(60_000);
  expect(pauses).toEqual([]);
});

it('reports a pause once, with a second to read the sockets', () => {
  const { time, pauses, pause } = setUp();
  time.runFor(60_000);
  pause(40_000);
  time.runFor(60_000);
  expect(pauses).toEqual([[41_000, 100_000]]);
});

it('reports a pause to a timer that was due before its own', () => {
  const { time, process, pauses, watch, pause } = setUp();
  const seen: number[] = [];
  process.clock.setTimer(() => {
    watch.look(process.clock.nowMs());
    seen.push(pauses.length);
  }, 500);
  pause(40_000);
  time.runFor(5_000);
  expect(seen).toEqual([1]);
  expect(pauses).toEqual([[41_000, 40_000]]);
});

it('stops when it is closed', () => {
  const { time, pauses, watch, pause } = setUp();
  watch.close();
  pause(40_000);
  time.runFor(5_000);
  expect(pauses).toEqual([]);
});
