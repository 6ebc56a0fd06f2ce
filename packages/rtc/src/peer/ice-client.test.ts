import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authenticateCheck, newGeneration, writeCheckSuccess } from '../ice/check.ts';
import { newIceCredentials } from '../ice/credentials.ts';
import { parseStunMessage } from '../stun/message.ts';
import { IceClient } from './ice-client.ts';

const PATH = 1;
const FROM = { address: '192.0.2.1', port: 1_000 };

function setup() {
  const [local, remote] = [newIceCredentials(randomBytes), newIceCredentials(randomBytes)];
  const sent: Buffer[] = [];
  const events: string[] = [];
  const client = new IceClient(
    {
      local,
      remote,
      random: randomBytes,
      nominatesOnce: false,
      paths: [PATH],
      addressOf: () => FROM,
      transmit: (datagram) => sent.push(Buffer.from(datagram)),
      onConnected: () => events.push('connected'),
      onConsentExpired: () => events.push('consent expired'),
    },
    0,
  );
  /** Answers the last check as a side that has this password. */
  const answer = (pwd: string, nowMs: number) => {
    const check = sent.at(-1)!;
    const verified = authenticateCheck(parseStunMessage(check)!, check, [newGeneration(remote, local)]);
    if (typeof verified === 'string') throw new Error(verified);
    const generation = newGeneration({ ...remote, pwd }, local);
    client.receive(writeCheckSuccess({ ...verified, generation }, FROM), PATH, nowMs);
  };
  return { client, remote, events, answer };
}

describe('the ICE client', () => {
  it('is connected by an answer to its check', () => {
    const { client, remote, events, answer } = setup();
    client.timeout(0);
    answer(remote.pwd, 10);
    expect(events).toEqual(['connected']);
  });

  it('takes no answer of a side that does not know the password', () => {
    const { client, events, answer } = setup();
    client.timeout(0);
    answer('x'.repeat(24), 10);
    expect(events).toEqual([]);
  });

  it('reports once that no check was answered for 30 s', () => {
    const { client, remote, events, answer } = setup();
    client.timeout(0);
    answer(remote.pwd, 10);
    client.timeout(20_000);
    answer(remote.pwd, 20_010);
    for (let nowMs = 22_500; nowMs < 50_010; nowMs += 2_500) client.timeout(nowMs);
    expect(events).toEqual(['connected']);
    client.timeout(52_600);
    client.timeout(60_000);
    expect(events).toEqual(['connected', 'consent expired']);
  });
});
