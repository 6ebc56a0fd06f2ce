import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const FIXTURE = fileURLToPath(new URL('./fixtures/young-generation.ts', import.meta.url));

async function allocate(...args: readonly string[]): Promise<{ readonly before: number; readonly after: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [FIXTURE, ...args]);
  return JSON.parse(stdout);
}

it('keeps the young generation small, which would grow', async () => {
  const usual = await allocate();
  expect(usual.after).toBeGreaterThan(8 * usual.before);
  const fixed = await allocate('fixed');
  expect(fixed.after).toBeLessThan(usual.after / 4);
});
