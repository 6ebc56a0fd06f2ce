import { expect, it } from 'vitest';
import { RestartPace } from './restart-pace.ts';

it('waits longer each time, up to a limit, and starts over after a while', () => {
  const pace = new RestartPace();
  const waits = Array.from({ length: 8 }, (_, second) => pace.nextWaitMs(second * 1_000));
  expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(pace.nextWaitMs(100_000)).toBe(0);
});
