import { RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { SentPackets } from './sent-packets.ts';

const PLACES = 3;
const MEMBERS = 12;
const SPEECH = 30;
const ROOM = 80;

const encodeJson = (value: object) => new TextEncoder().encode(JSON.stringify(value));

let call: SimulatedCall;
let sent: SentPackets;
let members: Map<string, Participant>;
let listener: Participant;

beforeEach(async () => {
  sent = new SentPackets();
  call = await SimulatedCall.start({ delayMs: 10, sfu: { maxActiveVoices: PLACES }, createPlane: sent.createPlane });
  members = new Map();
  for (let index = 0; index < MEMBERS; index++) members.set(`m${index}`, await call.join(`m${index}`));
  listener = await call.join('listener', { voice: false });
  call.time.runFor(1_000);
});
afterEach(async () => {
  expect(sent.reused).toEqual([]);
  await call.close();
});

/** All microphones are open, and these members speak. Returns how many packets of each member the listener got. */
function speak(speakers: readonly string[], durationMs: number): Record<string, number> {
  const before = packetsHeard();
  for (let passedMs = 0; passedMs < durationMs; passedMs += 20) {
    for (const [sessionID, member] of members) member.sendVoice(speakers.includes(sessionID) ? SPEECH : ROOM);
    call.time.runFor(20);
  }
  call.time.runFor(20);
  const heard = packetsHeard();
  const news = Object.keys(heard).map((sessionID) => [sessionID, heard[sessionID]! - before[sessionID]!] as const);
  return Object.fromEntries(news.filter(([, packets]) => packets > 0));
}

const packetsHeard = (): Record<string, number> =>
  Object.fromEntries(Array.from(members.keys(), (id) => [id, listener.received(id)?.packets ?? 0]));

const tell = (sessionID: string, type: RtcMessageType, data = new Uint8Array()) =>
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type, data });

describe('with three places for twelve open microphones', () => {
  it('sends each member three voices, however many microphones are open', () => {
    speak([], 1_000);
    const before = sent.count;
    speak([], 1_000);
    // 50 packets of three voices to twelve others each.
    expect(sent.count - before).toBe(PLACES * 50 * MEMBERS);
    expect(call.sfu.stats().drops.rtp_inactive_voice).toBe((MEMBERS - PLACES) * 100);
  });

  it('sends a speaker from the first packet on, and leaves no gap behind', () => {
    speak([], 2_000);
    for (const speaker of ['m7', 'm8', 'm9', 'm10', 'm7']) {
      expect(speak([speaker], 1_000)[speaker]).toBe(50);
      speak([], 2_000);
    }
    for (const id of members.keys())
      expect(listener.received(id) ?? { gaps: 0, corrupt: 0 }).toMatchObject({ gaps: 0, corrupt: 0 });
  });

  it('keeps those who spoke first while more speak at once', () => {
    speak(['m4', 'm5', 'm6'], 500);
    expect(speak(['m4', 'm5', 'm6', 'm7'], 5_000)).toEqual({ m4: 250, m5: 250, m6: 250 });
  });

  it('gives the place of a member that is muted or leaves to another one', async () => {
    speak(['m4', 'm5', 'm6'], 500);
    tell('m4', RtcMessageType.Mute);
    expect(speak(['m4', 'm5', 'm6', 'm7'], 100)).toMatchObject({ m5: 5, m6: 5, m7: 5 });
    await members.get('m5')!.close();
    members.delete('m5');
    call.time.runFor(500);
    expect(speak(['m6', 'm7', 'm8'], 100)).toMatchObject({ m6: 5, m7: 5, m8: 5 });
  });

  it('also sends the sound of a screen', async () => {
    let offered = '';
    const tamper = (description: SessionDescription) => {
      offered += description.sdp;
      return description;
    };
    members.set('sharer', await call.join('sharer', { tamper }));
    const screenStreamID = /a=msid:(\S+)/.exec(offered)![1]!;
    tell('sharer', RtcMessageType.ScreenOn, encodeJson({ screenStreamID }));
    call.time.runFor(500);
    expect(speak(['m4', 'm5', 'm6'], 1_000)).toMatchObject({ sharer: 50, m4: 50, m5: 50, m6: 50 });
  });

  it('detects the activity of all voices', () => {
    const active = new Set<string>();
    call.sfu.on('message', ({ type, sessionID }) => {
      if (type === RtcMessageType.VoiceOn) active.add(sessionID);
    });
    const speakers = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'];
    for (let word = 0; word < 10; word++) {
      speak(speakers, 100);
      speak([], 100);
    }
    expect([...active].toSorted()).toEqual(speakers);
  });
});
