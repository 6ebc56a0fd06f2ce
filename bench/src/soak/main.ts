import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    people: { type: 'string', default: '50' },
    talkers: { type: 'string', default: '10' },
    calls: { type: 'string', default: '1' },
    joins: { type: 'string', default: '10000' },
    out: { type: 'string', default: 'data/soak' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`soak [--minutes N] [--people N] [--talkers N] [--calls N] [--joins N] [--out FOLDER]
  --minutes   60 by default
  --people    in calls all the time, 50 by default
  --talkers   of them, at 50 packets/s each, 10 by default
  --calls     that the people are in, 1 by default
  --joins     joins and leaves beside it, 10000 by default
  --out       folder for soak.json and soak.svg, data/soak by default`);
  process.exit(0);
}

const { out } = values;
const defects = await soak({
  minutes: positive('minutes'),
  people: positive('people'),
  talkers: positive('talkers'),
  calls: positive('calls'),
  joins: positive('joins'),
  out,
});
for (const defect of defects) console.error(`soak: ${defect}`);
console.log(`soak: ${defects.length === 0 ? 'memory, handles, and sessions are back' : 'failed'}; see ${out}`);
process.exit(defects.length === 0 ? 0 : 1);

function positive(name: 'minutes' | 'people' | 'talkers' | 'calls' | 'joins'): number {
  const value = Number(values[name]);
  if (value > 0) return value;
  console.error(`--${name} should be a number above 0, not "${values[name]}"`);
  process.exit(1);
}
