import type { SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { RawVoice } from './raw-voice.ts';

let call: SimulatedCall;
let listener: Participant;
let voice: RawVoice;

beforeEach(async () => {
  call = await SimulatedCall.start({ delayMs: 10 });
  listener = await call.join('listener', { voice: false });
  const tamper = ({ type, sdp }: SessionDescription): SessionDescription => ({
    type,
    sdp: sdp.replace(/a=ssrc:\d+/g, 'a=ssrc:7'),
  });
  const sender = await call.join('sender', { tamper });
  voice = new RawVoice(call, sender, { ssrc: 7, levelId: 1 });
  call.time.runFor(500);
});

afterEach(() => call.close());

function expectHeard(packets: number): void {
  call.time.runFor(100);
  expect(listener.received('sender')).toMatchObject({ packets, gaps: 0 });
}

it('padding without payload, as browsers probe with', () => {
  for (let round = 0; round < 50; round++) {
    voice.speak(2);
    for (let probe = 0; probe < round % 7; probe++) voice.send(Buffer.alloc(100), { padded: true });
  }
  expectHeard(100);
});

it('empty packets', () => {
  for (let round = 0; round < 50; round++) {
    voice.send(Buffer.alloc(0));
    voice.speak(2);
  }
  expectHeard(100);
});

it('packets of a format that was not negotiated', () => {
  for (let round = 0; round < 50; round++) {
    voice.options = { ...voice.options, payloadType: 13 };
    voice.speak(1);
    voice.options = { ...voice.options, payloadType: 111 };
    voice.speak(2);
  }
  expectHeard(100);
});

it('padding from the first packet on', () => {
  for (let probe = 0; probe < 10; probe++) voice.send(Buffer.alloc(100), { padded: true });
  voice.speak(100);
  expectHeard(100);
});
