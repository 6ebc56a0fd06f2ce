import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from './folder.ts';

const ACKNOWLEDGED = 20;

function canTrace(): boolean {
  if (spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0) return true;
  console.warn('skipping the test that watches fdatasync: there is no strace, or it may not trace');
  return false;
}

it.runIf(canTrace())('watched from the kernel: one sync at least before each of them', async () => {
  const folder = await temporaryFolder();
  const trace = join(folder, 'trace');
  const script = fileURLToPath(new URL('child/register.ts', import.meta.url));
  const args = ['-f', '-o', trace, '-e', 'trace=fdatasync,write', process.execPath, script, join(folder, 'store'), '1'];
  const traced = spawn('strace', args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const lines = createInterface({ input: traced.stdout });
  const closed = once(traced, 'close');
  let acknowledged = 0;
  lines.on('line', () => {
    acknowledged += 1;
    // The whole process group: strace alone would leave its child running.
    if (acknowledged === ACKNOWLEDGED) process.kill(-traced.pid!, 'SIGKILL');
  });
  await closed;

  let syncs = 0;
  let seen = 0;
  for (const line of (await readFile(trace, 'utf8')).split('\n')) {
    if (/fdatasync(\(\d+\)| resumed>\)) += 0/.test(line)) syncs += 1;
    if (/ write\(1, "key \d+\\n"/.test(line)) {
      seen += 1;
      expect(syncs).toBeGreaterThanOrEqual(seen);
    }
  }
  expect(seen).toBeGreaterThanOrEqual(ACKNOWLEDGED);
});
