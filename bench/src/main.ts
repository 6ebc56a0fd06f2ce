import { bandwidth } from './bandwidth/bandwidth.ts';
import { forwardPlane } from './forward-plane.ts';
import { forwardSfu } from './forward-sfu.ts';
import { forwardVideo } from './forward-video.ts';
import { isolation } from './isolation/isolation.ts';
import { joinCost, memory } from './join.ts';
import { largeCall } from './large-call.ts';
import type { BenchRow } from './row.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  bandwidth,
  forward: forwardPlane,
  'forward-sfu': forwardSfu,
  'forward-video': forwardVideo,
  join: joinCost,
  'large-call': largeCall,
  memory,
};

const chosen = process.argv.slice(2);
// Not among the others: it takes a quarter of an hour, passes or fails, and its arguments are names of attacks.
if (chosen[0] === 'isolation') {
  await isolation(chosen.slice(1));
  process.exit(0);
}
const unknown = chosen.find((name) => !(name in BENCHMARKS));
if (unknown !== undefined) {
  console.error(`no benchmark "${unknown}"; there are ${Object.keys(BENCHMARKS).join(', ')}, isolation`);
  process.exit(1);
}
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(`\n${name}: running`);
  const rows = await run();
  console.table(
    rows.map(({ name: what, value, unit, aim = '' }) => ({ what, value: Number(value.toPrecision(3)), unit, aim })),
  );
}
process.exit(0);
