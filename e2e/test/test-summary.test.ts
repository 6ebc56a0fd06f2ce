import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../fixtures/failing-run', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** Runs test files of the fixture in a process of its own. */
function runCases(...filters: readonly string[]): Promise<{ readonly code: number; readonly lastLine: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; lastLine: string }>();
  const child = execFile(process.execPath, [vitest, 'run', '--root', root, ...filters], (_error, stdout) => {
    resolve({ code: child.exitCode ?? -1, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' });
  });
  return promise;
}

it.each([
  ['passes', 0, '1 passed, 0 failed, 1 skipped'],
  ['does-not-load', 1, '0 passed, 1 failed, 0 skipped'],
  ['hook-throws', 1, '0 passed, 1 failed, 1 skipped'],
  ['unhandled', 1, '1 passed, 1 failed, 0 skipped'],
  ['no-such-file', 1, '0 passed, 1 failed, 0 skipped'],
])('counts the failures in %s', async (file, code, lastLine) => {
  expect(await runCases(file)).toEqual({ code, lastLine });
});
