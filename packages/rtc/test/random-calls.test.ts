import { it } from 'vitest';
import { RandomCall } from './random-call.ts';
import { describeRandom, randomSchedule } from './random-schedule.ts';

/** Number of seeds and the first of them, or a single one to replay a failure. Each takes up to a second of CPU. */
const SEEDS = Number(process.env.RTCD_SEEDS ?? (process.env.CI ? 200 : 50));
const FIRST_SEED = Number(process.env.RTCD_FIRST_SEED ?? 1);
const SEED = process.env.RTCD_SEED;

async function check(seed: number): Promise<void> {
  const schedule = randomSchedule(seed);
  try {
    const call = await RandomCall.start(seed, schedule);
    await call.run(schedule);
    await call.close();
  } catch (error) {
    throw new Error(`seed ${seed} (replay with RTCD_SEED=${seed}):\n${describeRandom(schedule)}`, { cause: error });
  }
}

it('wanted, described, and decoded tracks agree whenever a call is quiet', { timeout: 3_600_000 }, async () => {
  if (SEED !== undefined) return check(Number(SEED));
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) await check(seed);
});
