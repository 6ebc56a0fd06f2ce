import { basicAuthorization } from '@rtcd/auth';
import { expect, it, vi } from 'vitest';
import { startWithMedia } from './headless-calls.ts';
import { ADMIN_KEY, ask } from './support.ts';

// Heap snapshots take seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const authorization = basicAuthorization('', ADMIN_KEY);

async function start(): Promise<(path: string) => ReturnType<typeof ask>> {
  const security = { enable_admin: true, admin_secret_key: ADMIN_KEY };
  const { url } = await startWithMedia({ config: { api: { security } } });
  return (path) => ask(`${url}/debug/${path}`, { authorization });
}

it('shows the admin a heap of each thread', async () => {
  const debug = await start();
  const [main, media] = await Promise.all([debug('heap-snapshot'), debug('heap-snapshot?thread=media')]);
  expect([main.status, media.status]).toEqual([200, 200]);
  expect([main.body.includes('"SfuThread"'), main.body.includes('"EngineHost"')]).toEqual([true, false]);
  expect([media.body.includes('"SfuThread"'), media.body.includes('"EngineHost"')]).toEqual([false, true]);
});

it('records CPU profiles of both threads at the same time', async () => {
  const debug = await start();
  const profiles = await Promise.all([debug('cpu-profile?seconds=0.1'), debug('cpu-profile?seconds=0.1&thread=media')]);
  for (const { status, body } of profiles) expect([status, 'nodes' in JSON.parse(body)]).toEqual([200, true]);
});

it('reads the event loop delay of each thread', async () => {
  const debug = await start();
  for (const thread of ['main', 'media']) {
    await vi.waitUntil(async () => JSON.parse((await debug(`event-loop-delay?thread=${thread}`)).body).samples > 0);
  }
});

it('names the threads that there are', async () => {
  const debug = await start();
  const { status, body } = await debug('event-loop-delay?thread=worker');
  expect([status, body]).toEqual([400, 'thread should be one of main, media\n']);
});
