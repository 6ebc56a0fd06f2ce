import { once } from 'node:events';
import type { SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDtlsCertificate } from '../src/dtls/crypto/certificate.ts';
import { silentMetrics } from '../src/ports.ts';
import { type JoinOptions, type Participant, SimulatedCall } from '../src/testing/index.ts';

/** RFC 8842 section 5: an application that is killed comes back to its session with another certificate, and knows nothing of what was agreed. */
let call: SimulatedCall;
let states: string[];
let other: Participant;

beforeEach(async () => {
  states = [];
  const metrics = { ...silentMetrics, connectionState: (state: string) => states.push(state) };
  call = await SimulatedCall.start({ delayMs: 20, sfu: { metrics } });
  other = await call.join('other');
});

afterEach(() => call.close());

const comeBack = (options: Partial<JoinOptions> = {}) =>
  call.join('peer', { again: true, certificate: createDtlsCertificate(), ...options });

/** The two hear each other, each from now on. */
function expectToHear(peer: Participant): void {
  call.time.runFor(1_000);
  const before = [other.received('peer')?.packets ?? 0, peer.received('other')?.packets ?? 0];
  call.speak([peer, other], 400);
  call.time.runFor(100);
  const after = [other.received('peer')?.packets, peer.received('other')?.packets];
  expect(after).toEqual(before.map((packets) => packets + 20));
}

describe('a peer that comes back with another certificate', () => {
  it.each([
    ['by the client', false],
    ['over the data channel', true],
  ])('is connected again, hears and is heard, signaling %s', async (_, dcSignaling) => {
    const first = await call.join('peer', { dcSignaling });
    expectToHear(first);
    await first.vanish();
    call.time.runFor(2_000);
    const second = await comeBack({ dcSignaling });
    expectToHear(second);
    expect(states.filter((state) => state === 'connected')).toHaveLength(3);

    const late = await call.join('late');
    call.time.runFor(1_000);
    call.speak([late], 400);
    call.time.runFor(100);
    expect(second.received('late')?.packets).toBe(20);
    call.time.runFor(60_000);
    expectToHear(second);
    expect(call.sfu.sessionCount).toBe(3);
  });

  it('is connected again under its previous ICE credentials', async () => {
    let iceLines: readonly string[] = [];
    const remember = (description: SessionDescription) => {
      iceLines = description.sdp.match(/^a=ice-(ufrag|pwd):.*$/gm)!.slice(0, 2);
      return description;
    };
    const first = await call.join('peer', { tamper: remember });
    await first.vanish();
    const [ufrag, pwd] = iceLines.map((line) => line.slice(line.indexOf(':') + 1).trim());
    const second = await comeBack({ ice: { ufrag: ufrag!, pwd: pwd! } });
    expectToHear(second);
  });

  it('repeats the handshake under its certificate, without any signaling before', async () => {
    const peer = await call.join('peer', { dcSignaling: true });
    expectToHear(peer);
    const reconnected = once(peer, 'connected');
    peer.shakeHandsAgain();
    call.time.runFor(1_000);
    await reconnected;
    expectToHear(peer);
    const pong = once(peer, 'pong');
    peer.ping();
    call.time.runFor(1_000);
    await pong;
    const late = await call.join('late');
    call.time.runFor(1_000);
    call.speak([late], 400);
    call.time.runFor(100);
    expect(peer.received('late')?.packets).toBe(20);
  });

  it('is answered while an offer to its predecessor is out', async () => {
    const first = await call.join('peer');
    await first.vanish();
    await call.join('late');
    call.time.runFor(1_000);
    const second = await comeBack();
    expectToHear(second);
    expect(second.senders.toSorted()).toEqual(['late', 'other']);
  });

  it('returns repeatedly', async () => {
    let peer = await call.join('peer');
    for (let round = 0; round < 20; round++) {
      await peer.vanish();
      peer = await comeBack({ voice: round % 2 === 0 });
    }
    await peer.vanish();
    expectToHear(await comeBack());
  });

  it('ends its session when it does not connect within 30 s', async () => {
    const first = await call.join('peer');
    await first.vanish();
    const closed: string[] = [];
    call.sfu.on('sessionClosed', ({ reason }) => closed.push(reason));
    const wrong = ({ type, sdp }: SessionDescription) => ({
      type,
      sdp: sdp.replace(/(sha-256 )..:..:/, (_, start) => `${start}00:00:`),
    });
    await expect(comeBack({ tamper: wrong })).rejects.toThrow();
    expect(closed).toEqual(['not connected within 30 s of the first offer']);
  });
});
