import { json } from 'node:stream/consumers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openSfuThread } from '../src/index.ts';
import { joinCall } from '../src/testing/index.ts';

// It starts threads, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

interface CpuProfile {
  readonly nodes: readonly { readonly callFrame: { readonly url: string } }[];
}

async function open() {
  const sfu = await openSfuThread({ udpAddress: '127.0.0.1', udpPort: 0 });
  onTestFinished(() => sfu.close());
  return sfu;
}

it('a CPU profile shows the code that runs on it', async () => {
  const sfu = await open();
  const [alice, bob] = [await joinCall(sfu, { sessionID: 'alice' }), await joinCall(sfu, { sessionID: 'bob' })];
  onTestFinished(async () => void (await Promise.all([alice.close(), bob.close()])));
  const talking = setInterval(() => alice.sendVoice(), 1);
  onTestFinished(() => clearInterval(talking));
  await vi.waitUntil(async () => {
    const { nodes } = (await sfu.diagnostics.recordCpuProfile(200)) as CpuProfile;
    const urls = nodes.map(({ callFrame }) => callFrame.url);
    expect(urls.filter((url) => url.endsWith('the-engine-thread-is-diagnosed.test.ts'))).toEqual([]);
    return urls.some((url) => /packet-io\/src|rtc\/src\/(media|session|sfu)\//.test(url));
  });
});

it('a CPU profile ends when its signal aborts', async () => {
  const sfu = await open();
  const ended = new AbortController();
  const profile = sfu.diagnostics.recordCpuProfile(60_000, ended.signal);
  ended.abort();
  expect(await profile).toHaveProperty('nodes');
});

it('a heap snapshot shows its objects', async () => {
  const sfu = await open();
  const { strings } = (await json(await sfu.diagnostics.takeHeapSnapshot())) as { readonly strings: string[] };
  expect(strings).toContain('EngineHost');
  expect(strings).not.toContain('SfuThread');
});

it('the delay of its event loop is read', async () => {
  const sfu = await open();
  await vi.waitUntil(async () => (await sfu.diagnostics.readEventLoopDelay()).samples > 0);
});

it('what is asked of an SFU that closes is refused', async () => {
  const sfu = await open();
  const profile = sfu.diagnostics.recordCpuProfile(60_000);
  const refused = expect(profile).rejects.toMatchObject({ code: 'closed' });
  await sfu.close();
  await refused;
  await expect(sfu.diagnostics.readEventLoopDelay()).rejects.toMatchObject({ code: 'closed' });
  await expect(sfu.diagnostics.takeHeapSnapshot()).rejects.toMatchObject({ code: 'closed' });
});
