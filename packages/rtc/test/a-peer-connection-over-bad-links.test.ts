import { readFileSync } from 'node:fs';
import {
  decodeDataChannelMessage,
  decodeSessionDescription,
  encodeDataChannelMessage,
  encodeScreenOn,
  encodeSessionDescription,
  RtcMessageType,
  type SessionDescription,
} from '@rtcd/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { PeerConnection, type ReceivedFrame, type RemoteTrack } from '../src/peer/index.ts';
import { readRecordedVideo, SimulatedCall, type SimulatedCallOptions } from '../src/testing/index.ts';
import { decodeCounters, hasFfmpeg } from './decode-video.ts';

const recordings = [readRecordedVideo(readFileSync(new URL('vectors/recorded/vp8.json.gz', import.meta.url)))];
const canDecode = hasFfmpeg();
if (!canDecode && process.env.REQUIRE_FFMPEG !== undefined) throw new Error('no ffmpeg: recorded video is not decoded');

let call: SimulatedCall;
afterEach(() => call.close());

const ids = (sessionID: string) => ({ groupID: 'group', callID: 'call', userID: 'user', sessionID });

/** Joins a peer connection, and lets time pass until its data channel is open. Frames are kept by the type of their track. */
async function joinPeer(options: SimulatedCallOptions, sessionID = 'peer') {
  call = await SimulatedCall.start(options);
  const frames = new Map<string, ReceivedFrame[]>();
  const refused: string[] = [];
  const signal = (description: SessionDescription) =>
    call.sfu.receive({ ...ids(sessionID), type: RtcMessageType.SDP, data: encodeSessionDescription(description) });
  const { promise, resolve } = Promise.withResolvers<void>();
  const peer: PeerConnection = await PeerConnection.open(
    { openIo: call.newAddress(), cname: sessionID, clock: call.clock },
    {
      onConnected: () => {},
      onChannelOpen: resolve,
      onMessage: (data) => {
        if (typeof data === 'string') return;
        const message = decodeDataChannelMessage(data);
        const reply = (description: SessionDescription) =>
          void peer.send(encodeDataChannelMessage({ type: 'sdp', description }));
        if (message.type === 'sdp') peer.receive(message.description, reply);
      },
      onAnswered: () => {},
      onRefused: (reason) => refused.push(reason),
      onTrack: ({ trackId }: RemoteTrack) => frames.set(trackId.split('_')[0]!, []),
      onTrackEnded: () => {},
      onFrame: ({ trackId }, frame) => frames.get(trackId.split('_')[0]!)!.push(frame),
      onClosed: (reason) => refused.push(reason),
    },
  );
  call.sfu.on('message', ({ type, sessionID: to, data }) => {
    if (type === RtcMessageType.SDP && to === sessionID) peer.receive(decodeSessionDescription(data), signal);
  });
  call.sfu.join({ ...ids(sessionID), props: { channelID: 'call', av1Support: false, dcSignaling: true } });
  peer.offer(signal);
  await call.passUntil(promise, 60_000);
  return { peer, frames, refused };
}

const CONDITIONS: Record<string, SimulatedCallOptions> = {
  'a good link': { delayMs: 20 },
  '5% loss each way': { delayMs: 20, lossRate: 0.05 },
  '20% reordering and 10% duplicates': { delayMs: 20, reorderRate: 0.2, duplicateRate: 0.1 },
};

describe.each(Object.entries(CONDITIONS))('a peer connection over %s', (name, conditions) => {
  it('emits voices in order', async () => {
    const { peer, frames, refused } = await joinPeer(conditions);
    const speaker = await call.join('speaker');
    call.time.runFor(1_000);
    frames.get('voice')!.length = 0;
    call.speak([speaker], 4_000);
    call.time.runFor(200);
    const received = frames.get('voice')!;
    const counters = received.map(({ payload }) => Buffer.from(payload).readUInt32BE(4));
    expect(counters).toEqual(counters.toSorted((a, b) => a - b));
    expect(new Set(counters).size).toBe(counters.length);
    expect(counters.length).toBeGreaterThan(name === 'a good link' ? 199 : 170);
    const steps = received.slice(1).map(({ timeMs }, index) => timeMs - received[index]!.timeMs);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(refused).toEqual([]);
    await peer.close();
  });

  it('emits pictures that a decoder can decode, almost all of them', async () => {
    const { peer, frames, refused } = await joinPeer(conditions);
    const sharer = await call.join('sharer', { voice: false, recordings });
    const data = encodeScreenOn({ screenStreamID: 'screen' });
    call.sfu.receive({ ...ids('sharer'), type: RtcMessageType.ScreenOn, data });
    const track = sharer.publishVideo({ streamId: 'screen', codecs: ['VP8'] });
    call.time.runFor(2_000);
    const sent = sharer.sendVideo(track, { framesPerSecond: 10 });
    call.time.runFor(20_000);
    const received = frames.get('screen')!;
    expect(received[0]?.isKeyframe).toBe(true);
    // A loss that is not repaired in a second costs the pictures up to the next key frame.
    expect(received.length).toBeGreaterThan(0.8 * sent.encodings[0]!.frames);
    if (canDecode) {
      const pictures = decodeCounters(
        'VP80',
        received.map(({ payload }) => Buffer.from(payload)),
      );
      expect(pictures.length).toBe(received.length);
      expect(pictures).not.toContain(-1);
    }
    expect(refused).toEqual([]);
    await peer.close();
  });
});
