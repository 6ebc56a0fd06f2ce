import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { outputUntil, startRtcdProcess } from './rtcd-process.ts';

// It starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

it('reopens its log file on SIGHUP, as logrotate requires, and continues', async () => {
  const { child, exit, folder, url } = await startRtcdProcess();
  const [current, old] = [join(folder, 'rtcd.log'), join(folder, 'rtcd.log.1')];
  await rename(current, old);

  child.kill('SIGHUP');
  await outputUntil(child.stdout, 'INFO: log file reopened');
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  child.kill('SIGTERM');
  expect(await exit).toBe(0);
  expect(await readFile(old, 'utf8')).not.toContain('rtcd stopped');
  expect(await readFile(current, 'utf8')).toContain('rtcd stopped');
});
