import {
  decodeSessionDescription,
  encodeScreenOn,
  RtcMessageType,
  type SessionDescription,
  type TrackType,
} from '@rtcd/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentMetrics } from '../src/ports.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { RawVoice } from './raw-voice.ts';

let call: SimulatedCall;
let sender: Participant;
let listener: Participant;
let microphone: RawVoice;
/** Tracks that the sender has, as the metrics count them. */
let tracks: number;
let voiceMessages: RtcMessageType[];
/** The types in the track ids of each offer to the listener. */
let announced: string[][];
/** Changes made to the sender's descriptions. */
let edit: (sdp: string) => string;

const MICROPHONE_SSRC = 7;

beforeEach(async () => {
  edit = (sdp) => sdp.replace(/a=ssrc:\d+/g, `a=ssrc:${MICROPHONE_SSRC}`);
  tracks = 0;
  voiceMessages = [];
  announced = [];
  const count = (step: number) => (_: string, direction: string) => {
    if (direction === 'in') tracks += step;
  };
  const metrics = { ...silentMetrics, trackAdded: count(1), trackRemoved: count(-1) };
  call = await SimulatedCall.start({ delayMs: 10, sfu: { metrics } });
  call.sfu.on('message', ({ type, sessionID, data }) => {
    if (type === RtcMessageType.SDP && sessionID === 'listener') {
      const { sdp } = decodeSessionDescription(data);
      announced.push([...sdp.matchAll(/a=msid:\S+ ([\w-]+)_sender_\w{8}/g)].map(([, name]) => name!));
    }
    if (type === RtcMessageType.VoiceOn || type === RtcMessageType.VoiceOff) voiceMessages.push(type);
  });
  listener = await call.join('listener', { voice: false });
  const tamper = ({ type, sdp }: SessionDescription): SessionDescription => ({ type, sdp: edit(sdp) });
  sender = await call.join('sender', { tamper });
  microphone = new RawVoice(call, sender, { ssrc: MICROPHONE_SSRC, levelId: 1 });
  call.time.runFor(500);
});

afterEach(() => call.close());

const tell = (type: RtcMessageType, data: Uint8Array = new Uint8Array()) =>
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender', type, data });
const screenOn = (screenStreamID: string) => tell(RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID }));

/** Offers a further audio section, or takes the last one back. */
function offerSecond(direction: 'sendrecv' | 'recvonly', streamId: string, ssrc: number): void {
  edit = (sdp) => {
    const named = sdp.replace(/a=ssrc:\d+/g, `a=ssrc:${MICROPHONE_SSRC}`);
    const voice = named.slice(named.indexOf('m=audio'));
    const second = voice
      .replace('a=mid:1', 'a=mid:2')
      .replace(/a=msid:\S+/, `a=msid:${streamId}`)
      .replace(/a=ssrc:\d+/, `a=ssrc:${ssrc}`)
      .replace('a=sendrecv', `a=${direction}`);
    return named.replace('a=group:BUNDLE 0 1', 'a=group:BUNDLE 0 1 2') + second;
  };
  sender.renegotiate();
  call.time.runFor(500);
}

/** The types of the tracks that the listener is sent, as the media map names them. */
const types = () => listener.typesFrom('sender').toSorted();
const heard = (type: TrackType) => listener.received('sender', type)?.packets ?? 0;

/** Number of packets that arrive as tracks of each type. */
function arriving(voice: RawVoice, count = 10): Record<string, number> {
  const before = types().map((type) => [type, heard(type)] as const);
  voice.speak(count);
  call.time.runFor(200);
  return Object.fromEntries(before.map(([type, packets]) => [type, heard(type) - packets]));
}

const speech = (packet: number) => (packet % 10 < 5 ? 20 : 90);

it('a screen announced before its sound', () => {
  screenOn('screen');
  offerSecond('sendrecv', 'screen', 8);
  const sound = new RawVoice(call, sender, { ssrc: 8, levelId: 1 });
  expect(types()).toEqual(['screen-audio', 'voice']);
  expect(arriving(sound)).toEqual({ 'screen-audio': 10, voice: 0 });
  expect(arriving(microphone)).toEqual({ 'screen-audio': 0, voice: 10 });
});

it('a screen announced after its sound: a screen from then on, and the voice stays the voice', () => {
  offerSecond('sendrecv', 'screen', 8);
  const sound = new RawVoice(call, sender, { ssrc: 8, levelId: 1 });
  sound.speak(10);
  screenOn('screen');
  call.time.runFor(500);
  expect(types()).toEqual(['screen-audio', 'voice']);
  expect(announced.at(-1)?.toSorted()).toEqual(['screen-audio', 'voice']);
  tell(RtcMessageType.Mute);
  expect(arriving(sound)).toEqual({ 'screen-audio': 10, voice: 0 });
  expect(arriving(microphone)).toEqual({ 'screen-audio': 0, voice: 0 });
  tell(RtcMessageType.Unmute);
  expect(arriving(microphone)).toEqual({ 'screen-audio': 0, voice: 10 });
});

it('a screen that is no longer shared: its sound ends, and becomes no voice', () => {
  screenOn('screen');
  offerSecond('sendrecv', 'screen', 8);
  tell(RtcMessageType.ScreenOff);
  call.time.runFor(500);
  expect(types()).toEqual(['voice']);
  expect(tracks).toBe(1);
  expect(arriving(new RawVoice(call, sender, { ssrc: 8, levelId: 1 }))).toEqual({ voice: 0 });
  expect(arriving(microphone)).toEqual({ voice: 10 });
  screenOn('screen');
  call.time.runFor(500);
  expect(types()).toEqual(['screen-audio', 'voice']);
});

it('a screen shared again under another stream', () => {
  screenOn('first');
  offerSecond('sendrecv', 'first', 8);
  screenOn('second');
  call.time.runFor(500);
  expect(types()).toEqual(['voice']);
  offerSecond('sendrecv', 'second', 9);
  expect(types()).toEqual(['screen-audio', 'voice']);
  expect(arriving(new RawVoice(call, sender, { ssrc: 9 }))).toEqual({ 'screen-audio': 10, voice: 0 });
});

it('the sound of a screen does not speak', () => {
  screenOn('screen');
  offerSecond('sendrecv', 'screen', 8);
  new RawVoice(call, sender, { ssrc: 8, levelId: 1 }).speak(100, speech);
  expect(voiceMessages).toEqual([]);
  microphone.speak(100, speech);
  expect(voiceMessages).toEqual([RtcMessageType.VoiceOn]);
});

it.each(['same', 'other'])(
  'the voice of a second section, of the %s stream, is the voice from its first packet on',
  (stream) => {
    microphone.speak(10);
    const streamId = stream === 'same' ? `stream-${MICROPHONE_SSRC}` : 'other';
    offerSecond('sendrecv', streamId, 8);
    const second = new RawVoice(call, sender, { ssrc: 8, levelId: 1 });
    expect(arriving(microphone)).toEqual({ voice: 10 });
    expect(arriving(second)).toEqual({ voice: 10 });
    expect(arriving(microphone)).toEqual({ voice: 0 });
    expect(arriving(second)).toEqual({ voice: 10 });
    expect(types()).toEqual(['voice']);
    expect(tracks).toBe(1);
    expect(listener.received('sender', 'voice')).toMatchObject({ gaps: 0 });
  },
);

it('the voice of an older section does not speak', () => {
  microphone.speak(10);
  offerSecond('sendrecv', 'other', 8);
  new RawVoice(call, sender, { ssrc: 8, levelId: 1 }).speak(10);
  microphone.speak(100, speech);
  expect(voiceMessages).toEqual([]);
});

it('the voice when the second section ends is that of the first one', () => {
  microphone.speak(10);
  offerSecond('sendrecv', 'other', 8);
  new RawVoice(call, sender, { ssrc: 8, levelId: 1 }).speak(10);
  offerSecond('recvonly', 'other', 8);
  expect(types()).toEqual(['voice']);
  expect(tracks).toBe(1);
  expect(arriving(microphone)).toEqual({ voice: 10 });
});

it('the voice of a second section is heard, even if the first one was muted', () => {
  microphone.speak(10);
  tell(RtcMessageType.Mute);
  offerSecond('sendrecv', 'other', 8);
  expect(arriving(new RawVoice(call, sender, { ssrc: 8 }))).toEqual({ voice: 10 });
});

it('a voice that ends while it speaks ends its speech', () => {
  microphone.speak(100, speech);
  edit = (sdp) => sdp.replace('a=sendrecv', 'a=recvonly');
  sender.renegotiate();
  call.time.runFor(500);
  expect(voiceMessages).toEqual([RtcMessageType.VoiceOn, RtcMessageType.VoiceOff]);
  expect(types()).toEqual([]);
});

it.each([
  ['mute', [RtcMessageType.Mute]],
  ['mute and unmute', [RtcMessageType.Mute, RtcMessageType.Unmute]],
  ['unmute', [RtcMessageType.Unmute]],
])('a voice after %s is heard from its first packet', async (_, messages) => {
  const late = await call.join('late', { voice: false });
  const tellLate = (type: RtcMessageType) =>
    call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID: 'late', type, data: new Uint8Array() });
  for (const type of messages) tellLate(type);
  late.publishVoice();
  call.time.runFor(500);
  call.speak([late], 200);
  call.time.runFor(100);
  expect(listener.received('late')).toMatchObject({ packets: 10, gaps: 0 });
  tellLate(RtcMessageType.Mute);
  call.speak([late], 200);
  call.time.runFor(100);
  expect(listener.received('late')).toMatchObject({ packets: 10 });
});

it('a voice that moves to another section again and again is heard from the newest', async () => {
  const late = await call.join('late', { voice: false });
  for (let round = 1; round <= 20; round++) {
    late.publishVoice();
    call.time.runFor(500);
    call.speak([late], 200);
    call.time.runFor(100);
    expect(listener.received('late')).toMatchObject({ packets: round * 10, gaps: 0, corrupt: 0 });
  }
  expect(listener.typesFrom('late')).toEqual(['voice']);
});
