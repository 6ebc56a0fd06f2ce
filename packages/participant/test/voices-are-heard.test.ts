import { once } from 'node:events';
import { openSfu, openSfuThread } from '@rtcd/rtc';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Call,
  type CallTrack,
  type LocalVoice,
  type ReceivedFrame,
  type Signaling,
  sfuSignaling,
} from '../src/index.ts';
import { callOf, markedPacket, startService } from './stage.ts';

const PACKETS = 50;
const PACKET_MS = 20;

const SIGNALING: Record<string, () => Promise<Signaling>> = {
  'the composed service': async () => (await startService()).signaling,
  'an embedded SFU': async () => {
    const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
    onTestFinished(() => sfu.close());
    return sfuSignaling(sfu, 'group');
  },
  'an embedded SFU on its own thread': async () => {
    const sfu = await openSfuThread({ udpAddress: '127.0.0.1', udpPort: 0 });
    onTestFinished(() => sfu.close());
    return sfuSignaling(sfu, 'group');
  },
};

/** Resolves with the voice of a session, which may be there already. */
async function voiceOf(call: Call, sessionID: string): Promise<CallTrack> {
  const isMeant = (track: CallTrack) => track.type === 'voice' && track.sessionID === sessionID;
  for (;;) {
    const found = call.tracks.find(isMeant);
    if (found) return found;
    await once(call, 'voice');
  }
}

/** Resolves with the next frames of a track. Packets that arrive before it is negotiated are not among them, so that they are sent until then. */
async function framesOf(track: CallTrack, voice: LocalVoice): Promise<ReceivedFrame[]> {
  const frames: ReceivedFrame[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let sent = 0;
  const timer = setInterval(() => voice.send(markedPacket(sent++), { level: 20 }), PACKET_MS);
  track.on('frame', (frame) => {
    frames.push(frame);
    if (frames.length === PACKETS) resolve();
  });
  await promise;
  clearInterval(timer);
  return frames.slice(0, PACKETS);
}

const numberOf = ({ payload }: ReceivedFrame): number => Buffer.from(payload).readUInt16BE(1);

describe.each(Object.entries(SIGNALING))('over %s', (_, open) => {
  it.each([true, false])(
    'every packet arrives, in order, with its time and sender (dcSignaling: %s)',
    async (dcSignaling) => {
      const join = callOf(await open(), { dcSignaling });
      const [alice, bob] = [await join('alice'), await join('bob')];
      const voice = await alice.publishVoice();
      const track = await voiceOf(bob, 'alice');
      const frames = await framesOf(track, voice);

      const first = numberOf(frames[0]!);
      expect(frames.map(numberOf)).toEqual(Array.from({ length: PACKETS }, (_, index) => first + index));
      expect(frames.every((frame) => Buffer.from(frame.payload).equals(markedPacket(numberOf(frame))))).toBe(true);
      expect(frames.every(({ level, followsLoss }) => level === 20 && !followsLoss)).toBe(true);
      const [start, end] = [frames[0]!, frames.at(-1)!];
      const ticks = (end.timestamp - start.timestamp) >>> 0;
      expect(ticks).toBeGreaterThanOrEqual((PACKETS - 1) * 960);
      expect(track).toMatchObject({ kind: 'audio', mimeType: 'audio/opus', sessionID: 'alice', hasEnded: false });
      expect(track.stats?.packetsLost).toBe(0);
    },
  );

  it('a leaver is reported, and its tracks end', async () => {
    const join = callOf(await open());
    const [alice, bob] = [await join('alice'), await join('bob')];
    await alice.publishVoice();
    const track = await voiceOf(bob, 'alice');
    const left = once(bob, 'left');
    await alice.leave();
    expect(await left).toEqual(['alice']);
    expect(track.hasEnded).toBe(true);
    expect(bob.tracks).toEqual([]);
  });

  it('everyone learns who speaks', async () => {
    const join = callOf(await open());
    const [alice, bob] = [await join('alice'), await join('bob')];
    const voice = await alice.publishVoice();
    const spoken = once(bob, 'speaking');
    // The detector of the SFU looks for changes of the level.
    let sent = 0;
    const timer = setInterval(() => voice.send(markedPacket(sent), { level: sent++ % 10 < 5 ? 10 : 90 }), PACKET_MS);
    expect(await spoken).toEqual([{ sessionID: 'alice', isSpeaking: true }]);
    clearInterval(timer);
    const silent = once(bob, 'speaking');
    voice.mute();
    expect(await silent).toEqual([{ sessionID: 'alice', isSpeaking: false }]);
  });

  it('everyone hears everyone, also if all publish at the same time', async () => {
    const join = callOf(await open());
    const names = ['alice', 'bob', 'carol', 'dave'];
    const calls = await Promise.all(names.map(join));
    await Promise.all(calls.map((call) => call.publishVoice()));
    for (const call of calls) {
      for (const name of names) if (name !== call.sessionID) await voiceOf(call, name);
      expect(call.tracks.map(({ sessionID }) => sessionID).sort()).toEqual(names.filter((it) => it !== call.sessionID));
    }
  });
});
