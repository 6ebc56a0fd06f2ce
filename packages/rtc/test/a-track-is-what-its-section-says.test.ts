import { RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentMetrics } from '../src/ports.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { RawVoice } from './raw-voice.ts';

const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';

let call: SimulatedCall;
let listener: Participant;
let errors: string[];
/** Changes made to the sender's descriptions. */
let edit: (sdp: string) => string;

beforeEach(async () => {
  edit = (sdp) => sdp;
  errors = [];
  const metrics = { ...silentMetrics, error: (_: string, type: string) => errors.push(type) };
  call = await SimulatedCall.start({ delayMs: 10, sfu: { metrics } });
  listener = await call.join('listener', { voice: false });
});

afterEach(() => call.close());

async function joinSender(first: (sdp: string) => string): Promise<Participant> {
  edit = first;
  const tamper = ({ type, sdp }: SessionDescription): SessionDescription => ({ type, sdp: edit(sdp) });
  const sender = await call.join('sender', { tamper });
  call.time.runFor(500);
  return sender;
}

const withoutSsrcs = (sdp: string) => sdp.replace(/a=ssrc:.*\r\n/g, '');
const withMid = (sdp: string) => sdp.replace(/(a=extmap:1 .*\r\n)/g, `$1a=extmap:4 ${MID_URI}\r\n`);
/** A second audio section like the first, of another MediaStream. */
const withSecondVoice = (sdp: string) => {
  const voice = sdp.slice(sdp.indexOf('m=audio'));
  const second = voice.replace('a=mid:1', 'a=mid:2').replace(/a=msid:\S+/, 'a=msid:second');
  return sdp.replace('a=group:BUNDLE 0 1', 'a=group:BUNDLE 0 1 2') + second;
};

const heard = () => listener.received('sender')?.packets ?? 0;

function expectHeard(voice: RawVoice, count = 10): void {
  const before = heard();
  voice.speak(count);
  call.time.runFor(200);
  expect(heard() - before).toBe(count);
}

function renegotiate(sender: Participant, next: (sdp: string) => string): void {
  edit = next;
  sender.renegotiate();
  call.time.runFor(500);
}

it('is heard without an announced source, if no other section is possible', async () => {
  const sender = await joinSender(withoutSsrcs);
  expectHeard(new RawVoice(call, sender, { ssrc: 7 }));
  expect(errors).toEqual([]);
});

it('is heard under another source than was announced', async () => {
  const sender = await joinSender((sdp) => sdp);
  expectHeard(new RawVoice(call, sender, { ssrc: 7 }));
});

it('continues without a gap when its sender restarts it under other sources, however often', async () => {
  const sender = await joinSender(withoutSsrcs);
  for (let ssrc = 1; ssrc <= 20; ssrc++) expectHeard(new RawVoice(call, sender, { ssrc }), 3);
  expect(listener.received('sender')?.gaps).toBe(0);
});

it('is found by its mid among sections without sources', async () => {
  const sender = await joinSender((sdp) => withMid(withSecondVoice(withoutSsrcs(sdp))));
  expectHeard(new RawVoice(call, sender, { ssrc: 7, mid: { id: 4, value: '1' } }));
  expect(errors).toEqual([]);
});

it('keeps the section that a mid once named, when later packets name none', async () => {
  const sender = await joinSender((sdp) => withMid(withSecondVoice(withoutSsrcs(sdp))));
  const voice = new RawVoice(call, sender, { ssrc: 7, mid: { id: 4, value: '1' } });
  expectHeard(voice);
  voice.options = { ssrc: 7 };
  expectHeard(voice);
  renegotiate(sender, edit);
  expectHeard(voice);
});

it('is not guessed if two sections are possible: that is counted once, and not per packet', async () => {
  const sender = await joinSender((sdp) => withSecondVoice(withoutSsrcs(sdp)));
  new RawVoice(call, sender, { ssrc: 7 }).speak(100);
  expect(heard()).toBe(0);
  expect(errors).toEqual(['rtp']);
});

it('is not accepted from a source whose packets name an unknown section', async () => {
  const sender = await joinSender((sdp) => withMid(withoutSsrcs(sdp)));
  new RawVoice(call, sender, { ssrc: 7, mid: { id: 4, value: 'other' } }).speak(10);
  expect(heard()).toBe(0);
});

it('is not published by a section that announces nothing, until it sends', async () => {
  const sender = await joinSender((sdp) => withoutSsrcs(sdp).replace(/a=msid:.*\r\n/g, ''));
  expect(listener.senders).toEqual([]);
  const voice = new RawVoice(call, sender, { ssrc: 7 });
  voice.speak(10);
  call.time.runFor(500);
  expect(listener.senders).toEqual(['sender']);
  expectHeard(voice);
});

const speech = (packet: number) => (packet % 10 < 5 ? 20 : 90);

/** Session ids of those whose VoiceOn reached the client. */
const voicesOn = () => {
  const sessionIDs: string[] = [];
  call.sfu.on('message', ({ type, sessionID }) => {
    if (type === RtcMessageType.VoiceOn) sessionIDs.push(sessionID);
  });
  return sessionIDs;
};

const withoutLevels = (sdp: string) => sdp.replace(/a=extmap:1 .*\r\n/g, '');

it('has its audio level read from the negotiation on that names it', async () => {
  const on = voicesOn();
  const sender = await joinSender(withoutLevels);
  const voice = new RawVoice(call, sender, { ssrc: 7, levelId: 1 });
  voice.speak(100, speech);
  expect(on).toEqual([]);
  renegotiate(sender, (sdp) => sdp);
  voice.speak(100, speech);
  expect(on).toEqual(['sender']);
  expect(listener.received('sender')).toMatchObject({ packets: 200, gaps: 0 });
});

it('has its audio level read under whatever id is negotiated last', async () => {
  const on = voicesOn();
  const sender = await joinSender((sdp) => sdp);
  renegotiate(sender, (sdp) => sdp.replaceAll('a=extmap:1 ', 'a=extmap:9 '));
  new RawVoice(call, sender, { ssrc: 7, levelId: 9 }).speak(100, speech);
  expect(on).toEqual(['sender']);
});

it('continues as the same track when its payload type changes', async () => {
  const sender = await joinSender((sdp) => sdp);
  const ids: string[] = [];
  call.sfu.on('message', ({ type, data }) => {
    if (type !== RtcMessageType.SDP) return;
    const sdp = Buffer.from(data).toString();
    ids.push(...sdp.matchAll(/voice_sender_\w{8}/g).map(([id]) => id));
  });
  const voice = new RawVoice(call, sender, { ssrc: 7 });
  expectHeard(voice);
  renegotiate(sender, (sdp) => sdp.replace(/\b111\b/g, '96'));
  voice.options = { ssrc: 7, payloadType: 96 };
  expectHeard(voice);
  expect(listener.received('sender')?.gaps).toBe(0);
  expect(ids).toEqual([]);
  expect(errors).toEqual([]);
});

describe('a receiver that renumbers what it is sent', () => {
  let receiver: Participant;
  let sender: Participant;

  beforeEach(async () => {
    let receiverEdit = (sdp: string) => sdp;
    renumber = (next) => {
      receiverEdit = next;
      receiver.renegotiate();
      call.time.runFor(500);
      call.speak([sender], 200);
      call.time.runFor(100);
    };
    receiver = await call.join('receiver', {
      voice: false,
      tamper: ({ type, sdp }) => ({ type, sdp: receiverEdit(sdp) }),
    });
    sender = await joinSender((sdp) => sdp);
    call.speak([sender], 200);
  });

  let renumber: (next: (sdp: string) => string) => void;

  it('gets it with the header extension ids that it negotiated last, without a break', () => {
    renumber((sdp) => sdp.replaceAll('a=extmap:1 ', 'a=extmap:5 '));
    expect(receiver.received('sender')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
  });

  it('gets it under the first payload type, as aiortc, which renames codecs, needs it', () => {
    renumber((sdp) => sdp.replace(/\b111\b/g, '97'));
    expect(receiver.received('sender')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
    expect([...receiver.received('sender')!.formats]).toEqual([111]);
  });

  it('gets it under the new payload type if the first one now means another codec', () => {
    renumber((sdp) =>
      sdp.replace(/\b111\b/g, '97').replace(/(m=audio.* 97)\r\n/g, '$1 111\r\na=rtpmap:111 CN/8000\r\n'),
    );
    expect(receiver.received('sender')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
    expect([...receiver.received('sender')!.formats]).toEqual([111, 97]);
  });
});
