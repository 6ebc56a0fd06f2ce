// Registers 1000 keys in the store in argv[2], argv[3] at a time, and tells each acknowledgement at once.
import { writeSync } from 'node:fs';
import { openLmdbStore } from '../../src/index.ts';

const [, , path = '', atOnce = '1'] = process.argv;
const store = await openLmdbStore({ path });
let next = 0;
async function work() {
  while (next < 1000) {
    const key = `key ${next++}`;
    await store.put(key, `value of ${key}`);
    writeSync(1, `${key}\n`);
  }
}
await Promise.all(Array.from({ length: Number(atOnce) }, work));
// Waits to be killed: on a slow machine the deed may come late.
process.stdin.resume();
