import { readFile } from 'node:fs/promises';
import { encodeIceCandidate, encodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CallsPlugin } from '../examples/calls-plugin.ts';
import { startRtcd } from './test-bench.ts';

it("the README's examples are the ones in examples/", async () => {
  const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
  const blocks = [...(await read('README.md')).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(blocks).toEqual(
    await Promise.all(['quick-start', 'pool', 'plugin-test'].map((name) => read(`examples/${name}.ts`))),
  );
});

/** Lets an example find a fake rtcd, and keeps what it prints. */
async function stage() {
  const rtcd = await startRtcd();
  vi.stubEnv('RTCD_URL', rtcd.url);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => {
    vi.unstubAllEnvs();
    log.mockRestore();
  });
  return { rtcd, printed: log.mock.calls };
}

it('the quick start runs', async () => {
  const { rtcd, printed } = await stage();
  await import('../examples/quick-start.ts');
  expect(printed).toEqual([['connected to rtcd', 'dev'], ['the session is closed']]);
  expect(rtcd.received.map(({ message }) => message.type)).toEqual(['join', 'rtc', 'leave']);
});

it('the pool runs', async () => {
  const { rtcd, printed } = await stage();
  await import('../examples/pool.ts');
  expect(printed).toEqual([
    ['127.0.0.1', 'added'],
    ['127.0.0.1', 'connected'],
    ['the call is on', '127.0.0.1'],
  ]);
  expect(rtcd.received.map(({ message }) => message.type)).toEqual(['join', 'leave']);
});

it('the test of a plugin runs', async () => {
  await import('../examples/plugin-test.ts');
});

it('the example plugin carries signaling between browsers and rtcd', async () => {
  const rtcd = await startRtcd();
  const events: [userID: string, event: string, data: Record<string, unknown>][] = [];
  const plugin = new CallsPlugin(
    { url: rtcd.url, clientID: 'example', authKey: 'e'.repeat(32) },
    { send: (...event) => events.push(event) },
  );
  onTestFinished(() => plugin.stop());
  await plugin.start();
  const alice = await plugin.join('town-square', 'alice');
  const bob = await plugin.join('town-square', 'bob');
  await rtcd.nextMessage(({ message }) => message.type === 'join' && message.data.userID === 'bob');
  const [one, two] = rtcd.sessions;
  expect(one?.callID).toBe(two?.callID);

  const offer = encodeSessionDescription({ type: 'offer', sdp: 'v=0' });
  plugin.receive(alice, { type: 'sdp', data: offer });
  plugin.receive(alice, { type: 'ice', data: 'candidate:1' });
  plugin.receive(alice, { type: 'mute' });
  plugin.receive('stranger', { type: 'mute' });
  for (const type of [RtcMessageType.SDP, RtcMessageType.ICE, RtcMessageType.Mute]) {
    const { message } = await rtcd.nextMessage(({ message }) => message.type === 'rtc');
    expect(message.data).toMatchObject({ sessionID: alice, userID: 'alice', type });
  }

  const toAlice = { groupID: 'example', callID: one!.callID, userID: 'alice', sessionID: alice };
  const candidate = { candidate: 'candidate:2' };
  rtcd.sendRtc({
    ...toAlice,
    type: RtcMessageType.SDP,
    data: encodeSessionDescription({ type: 'answer', sdp: 'v=0' }),
  });
  rtcd.sendRtc({ ...toAlice, type: RtcMessageType.ICE, data: encodeIceCandidate(candidate) });
  rtcd.sendRtc({ ...toAlice, type: RtcMessageType.VoiceOn, data: new Uint8Array() });
  rtcd.closeSession(bob);
  await vi.waitUntil(() => events.some(([, event]) => event === 'user_left'));
  plugin.leave(alice);
  await rtcd.nextMessage(({ message }) => message.type === 'leave');
  expect(events).toEqual([
    ['alice', 'user_joined', { userID: 'alice', sessionID: alice }],
    ['alice', 'user_joined', { userID: 'bob', sessionID: bob }],
    ['bob', 'user_joined', { userID: 'bob', sessionID: bob }],
    ['alice', 'user_muted', { sessionID: alice }],
    ['bob', 'user_muted', { sessionID: alice }],
    ['alice', 'signal', { sessionID: alice, description: { type: 'answer', sdp: 'v=0' } }],
    ['alice', 'signal', { sessionID: alice, candidate }],
    ['alice', 'user_voice_on', { sessionID: alice }],
    ['bob', 'user_voice_on', { sessionID: alice }],
    ['alice', 'user_left', { userID: 'bob', sessionID: bob }],
  ]);
});
