import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { joinCall } from '../src/index.ts';
import { markedPacket, startService } from './stage.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const shown = [...read('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

/** Keeps what an example prints. */
function printed() {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  return log.mock.calls;
}

describe('the README', () => {
  it('shows the examples unchanged', () => {
    expect(shown).toEqual(
      ['greeter', 'listener', 'recorder', 'transcriber'].map((name) => read(`../examples/${name}.ts`)),
    );
  });

  it('has a listener that hears what is said', async () => {
    const lines = printed();
    await import('../examples/listener.ts');
    expect(lines).toEqual([['bob hears alice'], ['the first frame has 3 bytes'], ['who left:', 'alice']]);
  });

  it('has a greeter that plays a file to those who speak', async () => {
    const { rtcd, signaling } = await startService('my-installation', 'at-least-32-characters-that-stay-secret');
    const lines = printed();
    vi.stubEnv('RTCD_URL', rtcd.url);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const alice = await joinCall({ signaling, callID: 'standup', sessionID: 'alice', addresses: ['127.0.0.1'] });
    onTestFinished(() => alice.leave());
    const heard: number[] = [];
    alice.on('voice', (track) => track.on('frame', ({ payload }) => heard.push(payload.length)));
    const voice = await alice.publishVoice();
    voice.send(markedPacket(0));
    const left = once(alice, 'left');
    await import('../examples/greeter.ts');
    await left;
    expect(lines).toEqual([['hello', 'alice']]);
    // A second of the file, less what alice had not negotiated yet.
    expect(heard.length).toBeGreaterThan(25);
  });

  it('has a recorder that writes a file for each who spoke', async () => {
    const { rtcd, signaling } = await startService('my-installation', 'at-least-32-characters-that-stay-secret');
    const lines = printed();
    const folder = await mkdtemp(join(tmpdir(), 'rtcd-recorder-'));
    vi.stubEnv('RTCD_URL', rtcd.url);
    vi.stubEnv('FOLDER', folder);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    });
    const alice = await joinCall({ signaling, callID: 'standup', sessionID: 'alice', addresses: ['127.0.0.1'] });
    const voice = await alice.publishVoice();
    const speaking = setInterval(() => voice.send(markedPacket(0)), 20);
    const recorded = import('../examples/recorder.ts');
    await vi.waitFor(async () => expect(await readdir(folder)).toContain('voice-alice.ogg'), { timeout: 4_000 });
    clearInterval(speaking);
    await alice.leave();
    await recorded;
    expect(lines).toEqual([['recorded', 'voice-alice.ogg']]);
    expect((await readdir(folder)).sort()).toEqual(['recording.json', 'voice-alice.ogg']);
  });

  it('has a transcriber that gets what is said', async () => {
    const lines = printed();
    await import('../examples/transcriber.ts');
    expect(lines).toEqual([['alice said something of more than 0.1 s']]);
  });

  it('names a player that is quiet while others speak', async () => {
    expect(read('../README.md')).toContain('examples/polite-player.ts');
    const lines = printed();
    await import('../examples/polite-player.ts');
    expect(lines).toEqual([['quiet: alice speaks'], ['plays again']]);
  });
});
