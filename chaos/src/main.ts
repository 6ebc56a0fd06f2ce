import { parseArgs } from 'node:util';
import { runEpisode } from './episode.ts';
import { memoryInUse } from './memory.ts';
import { describeSchedule, scheduleOf } from './schedule.ts';

const MINUTE_MS = 60_000;
/** Episodes after which everything that stays has been loaded and compiled. */
const WARM_UP_EPISODES = 4;
/** Growth that is not a leak: what V8 keeps of the code that ran. A session that leaks is about 100 KB, and an episode has more than ten. */
const MAX_GROWTH_BYTES = 30 << 20;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`chaos [--minutes N] [--seed N]
  --minutes   1 by default; with 0, only the episode of the seed
  --seed      of the first episode; the next ones have the next seeds`);
  process.exit(0);
}

process.on('uncaughtException', (error) => {
  console.error('unhandled error:', error);
  process.exit(1);
});

const firstSeed = Number(values.seed);
const endMs = performance.now() + Number(values.minutes) * MINUTE_MS;
let seed = firstSeed;
let warmBytes: number | undefined;
do {
  const schedule = scheduleOf(seed);
  console.log(describeSchedule(schedule));
  const beganMs = performance.now();
  try {
    await runEpisode(schedule);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(`reproduce it with --minutes 0 --seed ${seed}`);
    process.exit(1);
  }
  const bytes = memoryInUse();
  console.log(
    `  passed in ${((performance.now() - beganMs) / 1_000).toFixed(1)} s, ${(bytes / 2 ** 20).toFixed(1)} MiB in use`,
  );
  if (seed - firstSeed + 1 === WARM_UP_EPISODES) warmBytes = bytes;
  if (warmBytes !== undefined && bytes - warmBytes > MAX_GROWTH_BYTES) {
    console.error(
      `memory has grown by ${((bytes - warmBytes) / 2 ** 20).toFixed(1)} MiB since episode ${WARM_UP_EPISODES}`,
    );
    process.exit(1);
  }
  seed++;
} while (performance.now() < endMs);
console.log(`${seed - firstSeed} episodes passed`);
process.exit(0);
