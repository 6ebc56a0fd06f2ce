import { once } from 'node:events';
import { expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.ts';
import { start } from './child-process.ts';
import { temporaryFolder } from './folder.ts';

const ROUNDS = 100;
/** Rounds that run at the same time. */
const LANES = 4;

/** Registers until `killAfter` of 1000 are acknowledged, then kills. Returns the acknowledged keys. */
async function registerAndKill(path: string, atOnce: number, killAfter: number) {
  const child = start('register.ts', path, String(atOnce));
  let acknowledged = 0;
  child.lines.on('line', () => {
    acknowledged += 1;
    if (acknowledged === killAfter) child.process.kill('SIGKILL');
  });
  const [keys, [, signal]] = await Promise.all([child.exited, once(child.process, 'exit')]);
  expect(signal).toBe('SIGKILL');
  return keys;
}

async function runRound(round: number) {
  const path = await temporaryFolder();
  // From one by one to all at once; killed anywhere from the first to nearly the last.
  const [atOnce = 1, latest = 1] = [
    [1, 100],
    [4, 400],
    [32, 900],
    [200, 900],
  ][round % 4] as [number, number];
  const acknowledged = await registerAndKill(path, atOnce, 1 + Math.floor(Math.random() * latest));
  const store = await openLmdbStore({ path });
  for (const key of acknowledged) expect(await store.get(key)).toBe(`value of ${key}`);
  await store.put('and it goes on', 'value');
  await store.close();
}

it('100 times over, whenever the process is killed', { timeout: 120_000 }, async () => {
  let next = 0;
  const lane = async () => {
    while (next < ROUNDS) await runRound(next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(next).toBe(ROUNDS);
});
