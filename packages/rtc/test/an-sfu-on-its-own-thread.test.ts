import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { PacketIoError } from '@rtcd/packet-io';
import { encodeSessionDescription, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  openSfuThread,
  RtcError,
  type RtcMetrics,
  type SfuThread,
  type SfuThreadOptions,
  silentLogger,
} from '../src/index.ts';
import { joinCall, type Participant } from '../src/testing/index.ts';
import { readPcapng } from './read-pcapng.ts';

const LOOPBACK: SfuThreadOptions = { udpAddress: '127.0.0.1', udpPort: 0 };
const PATIENT = { timeout: 10_000 };
const participants: Participant[] = [];

afterEach(async () => {
  await Promise.all(participants.splice(0).map((participant) => participant.close()));
});

async function openSfu(options: SfuThreadOptions = {}): Promise<SfuThread> {
  const sfu = await openSfuThread({ ...LOOPBACK, ...options });
  onTestFinished(() => sfu.close());
  return sfu;
}

async function join(sfu: SfuThread, sessionID: string): Promise<Participant> {
  const participant = await joinCall(sfu, { sessionID });
  participants.push(participant);
  return participant;
}

const configOf = (sessionID: string): SessionConfig => ({
  groupID: 'group',
  callID: 'call',
  userID: 'user',
  sessionID,
  props: { channelID: 'channel', av1Support: false, dcSignaling: false },
});

/** Speaks until the listener has heard so many packets. */
async function talk(speaker: Participant, speakerID: string, listener: Participant, packets: number): Promise<void> {
  await listener.hears(speakerID);
  await vi.waitUntil(() => {
    speaker.sendVoice();
    return (listener.received(speakerID)?.packets ?? 0) >= packets;
  }, PATIENT);
}

it('forwards a call, and answers questions about it', async () => {
  const counted: Record<string, number> = {};
  const count = (name: string, by = 1) => {
    counted[name] = (counted[name] ?? 0) + by;
  };
  const metrics: Partial<RtcMetrics> = {
    sessionOpened: () => count('opened'),
    sessionClosed: () => count('closed'),
    trackWriteTime: () => () => count('writes'),
  };
  const lines: string[] = [];
  const line = (_fields: object, message: string) => lines.push(message);
  const logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
  const sfu = await openSfu({ metrics, logger });
  const [alice, bob] = [await join(sfu, 'alice'), await join(sfu, 'bob')];
  const capture = await sfu.capture('group', 'bob');
  await talk(alice, 'alice', bob, 10);

  expect(sfu.localAddresses).toMatchObject([
    { protocol: 'udp', address: '127.0.0.1' },
    { protocol: 'tcp', address: '127.0.0.1' },
  ]);
  expect(sfu.sessions('group', 'call')).toHaveLength(2);
  expect(await sfu.inspect('group', 'alice')).toMatchObject({ sessionID: 'alice' });
  expect(await sfu.summaries()).toHaveLength(2);
  expect(await sfu.callSummaries()).toMatchObject([{ callID: 'call', sessions: 2 }]);
  expect((await sfu.inspectCall('group', 'call')).members).toHaveLength(2);
  const { packets } = readPcapng(Buffer.from(await capture.stop()));
  expect(packets.length).toBeGreaterThanOrEqual(10);
  expect(await capture.stop()).toHaveLength(0);
  expect(await sfu.stats()).toMatchObject({ sessions: 2, drops: { srtp_unauthentic: 0 } });
  expect(counted).toMatchObject({ opened: 2 });
  expect(counted['writes']).toBeGreaterThanOrEqual(10);
  expect(lines.filter((it) => it === 'session opened')).toHaveLength(2);
});

it('frees the ID of a session that leaves at once, and passes on nothing more of it', async () => {
  const sfu = await openSfu();
  const alice = await join(sfu, 'alice');
  const ends: string[] = [];
  sfu.on('sessionClosed', ({ config, reason }) => ends.push(`${config.sessionID} ${reason}`));
  sfu.leave('group', 'alice');
  expect(ends).toEqual(['alice left']);
  await alice.close();
  await talk(await join(sfu, 'alice'), 'alice', await join(sfu, 'bob'), 3);
  expect(ends).toEqual(['alice left']);
});

it('reports what the engine refuses', async () => {
  const sfu = await openSfu();
  sfu.join(configOf('alice'));
  const refused = once(sfu, 'refused');
  const closed = once(sfu, 'sessionClosed');
  sfu.receive({
    ...configOf('alice'),
    type: RtcMessageType.SDP,
    data: encodeSessionDescription({ type: 'offer', sdp: 'v=0' }),
  });
  expect(await refused).toMatchObject([{ groupID: 'group', sessionID: 'alice', error: { code: 'invalid_sdp' } }]);
  expect((await refused)[0].error).toBeInstanceOf(RtcError);
  await closed;
  expect(() => sfu.leave('group', 'alice')).toThrow(RtcError);
});

it('passes on nothing that cannot be cloned, and no command is lost for it', async () => {
  const sfu = await openSfu();
  const strange: object = { extra: () => {} };
  sfu.join({ ...configOf('strange'), ...strange });
  sfu.join(configOf('alice'));
  sfu.receive({ ...configOf('alice'), type: RtcMessageType.Mute, data: new Uint8Array(0), ...strange });
  expect((await sfu.summaries()).map(({ sessionID }) => sessionID)).toEqual(['strange', 'alice']);
});

it('rejects as an SFU on the own thread does', async () => {
  const sfu = await openSfu();
  const [{ port = 0 } = {}] = sfu.localAddresses;
  const taken = openSfuThread({ ...LOOPBACK, udpPort: port });
  await expect(taken).rejects.toBeInstanceOf(PacketIoError);
  await expect(taken).rejects.toMatchObject({ code: 'address_in_use' });
  await expect(openSfuThread({ udpPort: -1 })).rejects.toMatchObject({ code: 'invalid_option' });
  await expect(sfu.inspect('group', 'unknown')).rejects.toMatchObject({ code: 'unknown_session' });
  await expect(sfu.inspectCall('group', 'none')).rejects.toMatchObject({ code: 'unknown_call' });
});

it('ends all sessions and its thread when it is closed', async () => {
  const started = once(process, 'worker') as Promise<[Worker]>;
  const sfu = await openSfu();
  const [worker] = await started;
  const exited = once(worker, 'exit');
  await join(sfu, 'alice');
  const closed = once(sfu, 'sessionClosed');
  await Promise.all([sfu.close(), sfu.close()]);
  expect(await closed).toMatchObject([{ reason: 'shutdown' }]);
  await exited;
  expect(() => sfu.join(configOf('bob'))).toThrow(expect.objectContaining({ code: 'closed' }));
  await expect(sfu.stats()).rejects.toMatchObject({ code: 'closed' });
});

/** Metrics that count what there is now. */
function countingGauges() {
  const gauges = { sessions: 0, tracks: 0 };
  const metrics: Partial<RtcMetrics> = {
    sessionOpened: () => void gauges.sessions++,
    sessionClosed: () => void gauges.sessions--,
    trackAdded: () => void gauges.tracks++,
    trackRemoved: () => void gauges.tracks--,
  };
  return { gauges, metrics };
}

it('starts another thread if its own has ended, reports the sessions of that as ended once, and counts none of them any more', async () => {
  const started = once(process, 'worker') as Promise<[Worker]>;
  const { gauges, metrics } = countingGauges();
  const again = Promise.withResolvers<void>();
  const info = (_fields: object, message: string) => {
    if (message === 'media engine started again') again.resolve();
  };
  const sfu = await openSfu({ logger: { ...silentLogger, info }, metrics });
  const [worker] = await started;
  expect(sfu.isReady).toBe(true);
  await talk(await join(sfu, 'alice'), 'alice', await join(sfu, 'bob'), 3);
  await sfu.stats();
  expect(gauges.sessions).toBe(2);
  expect(gauges.tracks).toBeGreaterThanOrEqual(4);

  const ends: string[] = [];
  sfu.on('sessionClosed', ({ config, reason }) => ends.push(`${config.sessionID}: ${reason}`));
  const ended = once(sfu, 'sessionClosed');
  const question = sfu.stats();
  void worker.terminate();
  sfu.join(configOf('carol'));
  await ended;
  expect(ends).toEqual(['alice: engine lost', 'bob: engine lost', 'carol: engine lost']);
  expect(gauges).toEqual({ sessions: 0, tracks: 0 });
  await question.catch((error: unknown) => expect(error).toMatchObject({ code: 'closed' }));
  expect(sfu.isReady).toBe(false);
  expect(() => sfu.join(configOf('alice'))).toThrow(expect.objectContaining({ code: 'closed' }));

  await again.promise;
  expect(sfu.isReady).toBe(true);
  expect(sfu.localAddresses).toHaveLength(2);
  await talk(await join(sfu, 'alice'), 'alice', await join(sfu, 'bob'), 3);
  expect((await sfu.stats()).sessions).toBe(2);
  expect(gauges.sessions).toBe(2);
  expect(ends).toHaveLength(3);
});

it('leaves no thread behind if it is closed while another one starts', async () => {
  const started = once(process, 'worker') as Promise<[Worker]>;
  const sfu = await openSfu();
  const [first] = await started;
  const restarted = once(process, 'worker') as Promise<[Worker]>;
  const ended = once(first, 'exit');
  void first.terminate();
  const [second] = await restarted;
  const exited = once(second, 'exit');
  await Promise.all([ended, sfu.close(), exited]);
  await expect(sfu.stats()).rejects.toMatchObject({ code: 'closed' });
});
