import { join } from 'node:path';
import { basicAuthorization } from '@rtcd/auth';
import { expect, it, vi } from 'vitest';
import { startRtcdProcess, temporaryFolder } from './rtcd-process.ts';
import { ask, registerClient } from './support.ts';

// It starts processes, each of which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

it('a client whose registration was confirmed is still registered after a crash', async () => {
  const environment = { RTCD_STORE_DATASOURCE: join(await temporaryFolder(), 'db') };
  const first = await startRtcdProcess(environment);
  const authorization = await registerClient(first, 'client');
  first.child.kill('SIGKILL');
  await first.exit;

  const second = await startRtcdProcess(environment);
  const sessionsAs = (header: string) => ask(`${second.url}/calls/call/sessions`, { authorization: header });
  expect(await sessionsAs(authorization)).toMatchObject({ status: 404 });
  expect(await sessionsAs(basicAuthorization('client', 'w'.repeat(32)))).toMatchObject({ status: 401 });
});
