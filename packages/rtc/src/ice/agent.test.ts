import { createPacketPlane, type PathId } from '@rtcd/packet-io';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RawAttribute, signedRawStunMessage } from '../../test/raw-stun-message.ts';
import { StunAttribute } from '../stun/attributes.ts';
import { type BindingRequestFields, writeBindingRequest } from '../stun/binding.ts';
import { shortTermKey, verifyIntegrity } from '../stun/integrity.ts';
import { parseStunMessage, type StunFields, transactionIdOf } from '../stun/message.ts';
import { writeStunMessage } from '../stun/write.ts';
import { seededBytes } from '../testing/seeded-random.ts';
import { IceLiteAgent, type IceState } from './agent.ts';
import type { IceCredentials } from './credentials.ts';
import { MAX_VALID_PATHS } from './valid-paths.ts';

const LOCAL = { ufrag: 'local', pwd: 'local-password-of-ours-22' };
const REMOTE = { ufrag: 'remote', pwd: 'remote-password-of-peer-22' };
const NEXT_LOCAL = { ufrag: 'local2', pwd: 'local-password-of-ours-23' };
const NEXT_REMOTE = { ufrag: 'remote2', pwd: 'remote-password-of-peer-23' };

const paths = createPacketPlane({ transmit() {} });
const WIFI = paths.openPath({ local: 0, address: '192.0.2.1', port: 1000 });
const CELLULAR = paths.openPath({ local: 0, address: '198.51.100.2', port: 2000 });
const newPath = (port: number): PathId => paths.openPath({ local: 0, address: '203.0.113.1', port });
const HIGH = 0x7e000000;
const LOW = 0x6e000000;

let transactions = 0;

/** A transaction id that no other check has. */
function nextTransactionId(): Buffer {
  const transactionId = Buffer.alloc(12);
  transactionId.writeUInt32BE(++transactions);
  return transactionId;
}

/** A peer that always controls, as every peer of a lite agent must. */
function check(
  fields: BindingRequestFields = {},
  local: IceCredentials = LOCAL,
  remote: IceCredentials = REMOTE,
): Buffer {
  const username = `${local.ufrag}:${remote.ufrag}`;
  return writeBindingRequest(
    nextTransactionId(),
    { username, priority: HIGH, iceControlling: 1n, ...fields },
    shortTermKey(local.pwd),
  );
}

const nominate = (priority = HIGH) => check({ useCandidate: true, priority });

interface Sent {
  readonly datagram: Buffer;
  readonly path: PathId;
}

/** The answer of a peer that has this password. */
function answerTo(request: Buffer, pwd = REMOTE.pwd, fields: Partial<StunFields> = {}): Buffer {
  const transactionId = transactionIdOf(request);
  const xorMappedAddress = { address: '192.0.2.99', port: 8443 };
  const answer = { messageClass: 'success', method: 1, transactionId, xorMappedAddress, ...fields } as const;
  return writeStunMessage(answer, shortTermKey(pwd));
}

const withUnknownAttribute = (request: Buffer): Buffer =>
  signedRawStunMessage([[0x7f01, Buffer.alloc(4)]], shortTermKey(REMOTE.pwd), 0x101, transactionIdOf(request));

const unsigned = (request: Buffer): Buffer =>
  writeStunMessage({ messageClass: 'success', method: 1, transactionId: transactionIdOf(request) });

/** An agent whose peer, unless it is absent, answers the agent's checks once what it sent was received. */
function start(remote?: IceCredentials, { isThere = true } = {}) {
  const sent: Sent[] = [];
  const requests: Sent[] = [];
  const unanswered: Sent[] = [];
  const proven: PathId[] = [];
  const valid: PathId[] = [];
  const forgotten: PathId[] = [];
  const selected: PathId[] = [];
  const states: IceState[] = [];
  const retired: string[] = [];
  const expected = new Set<string>();
  const agent = new IceLiteAgent(
    { paths, local: LOCAL, remote, random: seededBytes(1), nowMs: 0 },
    {
      transmit: (bytes, path) => {
        const datagram = Buffer.from(bytes);
        const isRequest = parseStunMessage(datagram)?.messageClass === 'request';
        (isRequest ? requests : sent).push({ datagram, path });
        if (isRequest && isThere) unanswered.push({ datagram, path });
      },
      onProvenPath: (path) => proven.push(path),
      onRequest: (transactionId) => expected.add(Buffer.from(transactionId).toString('hex')),
      onRequestOver: (transactionId) => expected.delete(Buffer.from(transactionId).toString('hex')),
      onValidPath: (path) => {
        if (!valid.includes(path)) valid.push(path);
      },
      onPathForgotten: (path) => forgotten.push(path),
      onMediaPath: (path) => selected.push(path),
      onUfragRetired: (ufrag) => retired.push(ufrag),
      onStateChange: (state) => states.push(state),
    },
  );
  const receive = agent.receive.bind(agent);
  agent.receive = (datagram, path, nowMs) => {
    receive(datagram, path, nowMs);
    for (const request of unanswered.splice(0)) {
      const isNext = parseStunMessage(request.datagram)?.username?.startsWith(NEXT_REMOTE.ufrag);
      receive(answerTo(request.datagram, isNext ? NEXT_REMOTE.pwd : REMOTE.pwd), request.path, nowMs);
    }
  };
  return { agent, sent, requests, expected, proven, valid, forgotten, selected, states, retired };
}

describe('a connectivity check', () => {
  it('is answered with the address it came from, authenticated, and connects', () => {
    const { agent, sent, valid, selected, states } = start(REMOTE);
    const request = check();
    agent.receive(request, WIFI, 10);
    expect(sent).toHaveLength(1);
    const { datagram, path } = sent[0]!;
    const response = parseStunMessage(datagram);
    expect(path).toEqual(WIFI);
    expect(response).toMatchObject({
      messageClass: 'success',
      transactionId: parseStunMessage(request)!.transactionId,
      xorMappedAddress: { address: '192.0.2.1', port: 1000 },
      hasFingerprint: true,
    });
    expect(verifyIntegrity(datagram, response?.integrityOffset ?? -1, shortTermKey(LOCAL.pwd))).toBe(true);
    expect(valid).toEqual([WIFI]);
    expect(selected).toEqual([WIFI]);
    expect(states).toEqual(['connected']);
  });

  it('is accepted before the description of the peer arrives', () => {
    const { agent, states } = start();
    agent.receive(check(), WIFI, 10);
    agent.setRemoteCredentials(REMOTE);
    agent.receive(check({}, LOCAL, { ...REMOTE, ufrag: 'other' }), WIFI, 20);
    expect(states).toEqual(['connected']);
    expect(agent.stats).toMatchObject({ accepted: 1, wrongUsername: 1 });
  });

  it('is dropped on a path that has ended', () => {
    const { agent, sent, states } = start(REMOTE);
    const ended = newPath(3000);
    paths.releasePath(ended);
    agent.receive(check(), ended, 10);
    expect([sent, states]).toEqual([[], []]);
    expect(agent.stats).toMatchObject({ accepted: 0, noPath: 1 });
  });

  it.each<[string, Buffer, string]>([
    ['a wrong password', check({}, { ...LOCAL, pwd: 'not-the-password-of-ours' }), 'unauthentic'],
    [
      'no integrity',
      writeBindingRequest(nextTransactionId(), { username: 'local:remote', priority: 1 }),
      'unauthentic',
    ],
    [
      'no user name',
      writeBindingRequest(nextTransactionId(), { priority: 1 }, shortTermKey(LOCAL.pwd)),
      'wrongUsername',
    ],
    ['the ufrag of another session', check({}, { ...LOCAL, ufrag: 'loca' }), 'wrongUsername'],
    ['the ufrag of another peer', check({}, LOCAL, { ...REMOTE, ufrag: 'remot' }), 'wrongUsername'],
    [
      'a method other than Binding',
      writeStunMessage({ messageClass: 'request', method: 3, transactionId: nextTransactionId() }),
      'unexpected',
    ],
    [
      'an indication',
      writeStunMessage({ messageClass: 'indication', method: 1, transactionId: nextTransactionId() }),
      'unexpected',
    ],
    [
      'a response',
      writeStunMessage({ messageClass: 'success', method: 1, transactionId: nextTransactionId() }),
      'unexpected',
    ],
    ['garbage', Buffer.from('garbage'), 'malformed'],
  ])('with %s is dropped without an answer', (_, datagram, reason) => {
    const { agent, sent, valid, states } = start(REMOTE);
    agent.receive(datagram, WIFI, 10);
    expect(agent.stats).toMatchObject({ accepted: 0, refused: 0, [reason]: 1 });
    expect([sent, valid, states]).toEqual([[], [], []]);
  });

  it('that was truncated or changed anywhere has no effect', () => {
    const { agent, sent, states } = start(REMOTE);
    const whole = nominate();
    for (let length = 0; length < whole.length; length++) agent.receive(whole.subarray(0, length), WIFI, 10);
    for (let at = 0; at < whole.length - 8; at++) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      agent.receive(changed, WIFI, 10);
    }
    expect([sent, states]).toEqual([[], []]);
  });

  it('of random bytes does nothing', () => {
    const { agent, sent } = start(REMOTE);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        agent.receive(bytes, WIFI, 10);
        expect(sent).toEqual([]);
      }),
    );
  });

  it('with an unknown required attribute gets error 420, if it is authentic', () => {
    const attributes: RawAttribute[] = [
      [StunAttribute.username, Buffer.from('local:remote')],
      [0x7f01, Buffer.alloc(4)],
    ];
    const signed = signedRawStunMessage(attributes, shortTermKey(LOCAL.pwd));
    const { agent, sent, states, valid } = start(REMOTE);
    agent.receive(signed, WIFI, 10);
    const response = parseStunMessage(sent[0]!.datagram);
    expect(response).toMatchObject({
      messageClass: 'error',
      errorCode: { code: 420 },
      unknownAttributes: [0x7f01],
      transactionId: Buffer.alloc(12),
    });
    expect(verifyIntegrity(sent[0]!.datagram, response?.integrityOffset ?? -1, shortTermKey(LOCAL.pwd))).toBe(true);
    expect([states, valid]).toEqual([[], []]);
    expect(agent.stats.refused).toBe(1);

    agent.receive(signedRawStunMessage(attributes, shortTermKey('some-other-password-22')), WIFI, 20);
    expect(sent).toHaveLength(1);
    expect(agent.stats.unauthentic).toBe(1);
  });

  it('from a peer that claims to be controlled gets error 487', () => {
    const { agent, sent, states } = start(REMOTE);
    agent.receive(check({ iceControlling: undefined, iceControlled: 0n }), WIFI, 10);
    expect(parseStunMessage(sent[0]!.datagram)).toMatchObject({ messageClass: 'error', errorCode: { code: 487 } });
    expect(states).toEqual([]);
    agent.receive(check(), WIFI, 20);
    expect(states).toEqual(['connected']);
  });
});

describe('a path', () => {
  it('is checked, under the credentials of the peer, before its own check is answered', () => {
    const { agent, requests, expected } = start(REMOTE, { isThere: false });
    agent.receive(check(), WIFI, 10);
    expect(requests).toHaveLength(1);
    const { datagram, path } = requests[0]!;
    const request = parseStunMessage(datagram)!;
    expect(path).toBe(WIFI);
    expect(request).toMatchObject({
      messageClass: 'request',
      method: 1,
      username: 'remote:local',
      priority: 0x6effffff,
    });
    expect(request.iceControlled).toBeTypeOf('bigint');
    expect(request.useCandidate).toBeUndefined();
    expect(verifyIntegrity(datagram, request.integrityOffset, shortTermKey(REMOTE.pwd))).toBe(true);
    expect([...expected]).toEqual([Buffer.from(request.transactionId).toString('hex')]);
  });

  it('is for media once the peer answers there', () => {
    const { agent, requests, expected, proven, selected } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), WIFI, 10);
    expect([agent.selectedPath, agent.mediaPath, selected, proven]).toEqual([WIFI, undefined, [], []]);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 30);
    expect([agent.mediaPath, selected, proven]).toEqual([WIFI, [WIFI], [WIFI]]);
    expect(expected.size).toBe(0);
    agent.receive(nominate(), WIFI, 2_510);
    expect(requests).toHaveLength(1);
    expect(selected).toEqual([WIFI]);
  });

  it.each<[string, (request: Buffer) => Buffer, PathId]>([
    ['on another path', (request) => answerTo(request), CELLULAR],
    ['of another transaction', () => answerTo(check()), WIFI],
    ['signed with another password', (request) => answerTo(request, LOCAL.pwd), WIFI],
    ['with an error', (request) => answerTo(request, REMOTE.pwd, { messageClass: 'error' }), WIFI],
    ['with an attribute that must be understood', withUnknownAttribute, WIFI],
    ['that is not signed, as that of a public STUN server', unsigned, WIFI],
    ['that is our own request', (request) => request, WIFI],
  ])('is not proven by an answer %s', (_, respond, from) => {
    const { agent, requests, proven, selected } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), WIFI, 10);
    agent.receive(respond(requests[0]!.datagram), from, 20);
    expect([proven, selected, agent.mediaPath]).toEqual([[], [], undefined]);
    expect(agent.stats.unexpected + agent.stats.wrongUsername).toBe(1);
  });

  it('is not proven by an answer that comes twice, or late', () => {
    const { agent, requests, proven } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), WIFI, 0);
    agent.timeout(60_000);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 10);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 11);
    expect(proven).toEqual([WIFI]);
    expect(agent.stats.unexpected).toBe(1);
  });

  it('is checked repeatedly while nothing answers, and again with the next check of the peer', () => {
    const { agent, requests, expected } = start(REMOTE, { isThere: false });
    const times: number[] = [];
    agent.receive(nominate(), WIFI, 0);
    agent.receiveOther(10_000, WIFI);
    for (let nowMs = 0; nowMs < 20_000; nowMs += 50) {
      const before = requests.length;
      if (nowMs >= agent.deadline()) agent.timeout(nowMs);
      if (requests.length > before) times.push(nowMs);
    }
    expect(times).toEqual([100, 300, 700, 1_500, 3_100, 6_300]);
    expect(new Set(requests.map(({ datagram }) => datagram.toString('hex'))).size).toBe(1);
    expect(expected.size).toBe(0);
    agent.receive(nominate(), WIFI, 20_000);
    expect(requests).toHaveLength(8);
    expect(parseStunMessage(requests[7]!.datagram)?.transactionId).not.toEqual(
      parseStunMessage(requests[0]!.datagram)?.transactionId,
    );
  });

  it('is sent at most three times what came from there until it is proven', () => {
    const { agent, sent, requests } = start(REMOTE, { isThere: false });
    const first = nominate();
    agent.receive(first, WIFI, 0);
    const sentBytes = () => [...sent, ...requests].reduce((sum, { datagram }) => sum + datagram.length, 0);
    for (let nowMs = 0; nowMs < 10_000; nowMs += 50) {
      agent.timeout(nowMs);
      agent.send(Buffer.from([22, ...Array(39)]));
    }
    expect(sentBytes()).toBeLessThanOrEqual(3 * first.length);
    expect(sentBytes()).toBeGreaterThan(3 * first.length - 40);
    expect(agent.stats.overLimit).toBeGreaterThan(190);

    const before = sentBytes();
    agent.receiveOther(100, WIFI);
    for (let i = 0; i < 20; i++) agent.send(Buffer.from([22, ...Array(39)]));
    expect(sentBytes()).toBe(before + 280);

    agent.receive(answerTo(requests[0]!.datagram), WIFI, 10_001);
    agent.receive(nominate(), WIFI, 10_002);
    agent.receive(answerTo(requests.at(-1)!.datagram), WIFI, 10_003);
    agent.send(Buffer.alloc(100_000, 22));
    expect(sent.at(-1)!.datagram).toHaveLength(100_000);
  });

  it('that is not proven does not take over from one that is, however it is nominated', () => {
    const { agent, selected, requests, states } = start(REMOTE, { isThere: false });
    agent.receive(nominate(LOW), WIFI, 0);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 1);
    for (let nowMs = 0; nowMs < 20_000; nowMs += 500) {
      agent.receive(nominate(HIGH), CELLULAR, nowMs);
      agent.timeout(nowMs);
    }
    expect([agent.selectedPath, selected, states]).toEqual([WIFI, [WIFI], ['connected', 'disconnected']]);
    // It is no sign of life either: the sender may be at another address.
    agent.timeout(30_000);
    expect(agent.state).toBe('failed');
  });

  it('that is nominated takes over as soon as it is proven', () => {
    const { agent, selected, requests } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), WIFI, 0);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 1);
    agent.receive(nominate(), CELLULAR, 2);
    agent.receive(answerTo(requests[1]!.datagram), CELLULAR, 40);
    expect(selected).toEqual([WIFI, CELLULAR]);
  });

  it('that the peer has left proves itself again before media moves back', () => {
    const { agent, selected, requests } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), WIFI, 0);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 1);
    agent.receive(nominate(), CELLULAR, 3_000);
    agent.receive(answerTo(requests[1]!.datagram), CELLULAR, 3_001);
    agent.receive(nominate(), WIFI, 6_000);
    expect(selected).toEqual([WIFI, CELLULAR]);
    agent.receive(answerTo(requests[2]!.datagram), WIFI, 6_001);
    expect(selected).toEqual([WIFI, CELLULAR, WIFI]);
  });

  it('that was nominated before the selected one does not take over when it is proven', () => {
    const { agent, selected, requests } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), CELLULAR, 0);
    agent.receive(nominate(), WIFI, 2);
    agent.receive(answerTo(requests[1]!.datagram), WIFI, 3);
    agent.receive(answerTo(requests[0]!.datagram), CELLULAR, 4);
    expect(selected).toEqual([WIFI]);
  });

  it('that is proven takes over from one that only stands in', () => {
    const { agent, selected, requests } = start(REMOTE, { isThere: false });
    agent.receive(check({ priority: HIGH }), CELLULAR, 0);
    agent.receive(check({ priority: LOW }), WIFI, 2);
    expect(agent.selectedPath).toBe(CELLULAR);
    agent.receive(answerTo(requests[1]!.datagram), WIFI, 3);
    expect([agent.selectedPath, selected]).toEqual([WIFI, [WIFI]]);
  });

  it('is checked under the new credentials after a restart, and stays proven over one', () => {
    const { agent, requests, selected } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), WIFI, 0);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 1);
    agent.restart(NEXT_LOCAL, NEXT_REMOTE);
    agent.receive(check({ useCandidate: true }, NEXT_LOCAL, NEXT_REMOTE), WIFI, 10);
    expect(requests).toHaveLength(1);
    agent.receive(check({ useCandidate: true }, NEXT_LOCAL, NEXT_REMOTE), CELLULAR, 20);
    expect(parseStunMessage(requests[1]!.datagram)?.username).toBe('remote2:local2');
    agent.receive(answerTo(requests[1]!.datagram, NEXT_REMOTE.pwd), CELLULAR, 30);
    expect(selected).toEqual([WIFI, CELLULAR]);
  });

  it('is not checked before the credentials of the peer are known', () => {
    const { agent, requests } = start(undefined, { isThere: false });
    agent.receive(nominate(), WIFI, 0);
    expect(requests).toEqual([]);
    agent.setRemoteCredentials(REMOTE);
    agent.receive(nominate(), WIFI, 100);
    expect(requests).toHaveLength(1);
  });
});

describe('a transaction id', () => {
  it('counts on the path where it came first: from elsewhere it is dropped without an answer', () => {
    const { agent, sent, requests, valid } = start(REMOTE);
    const sniffed = nominate();
    agent.receive(sniffed, WIFI, 0);
    agent.receive(sniffed, CELLULAR, 1);
    expect([sent.length, requests.length, valid]).toEqual([1, 1, [WIFI]]);
    expect(agent.stats).toMatchObject({ accepted: 1, replayed: 1 });
  });

  it('is answered again on that path, and counts no more', () => {
    const { agent, sent } = start(REMOTE);
    const first = nominate();
    agent.receive(first, WIFI, 0);
    agent.receive(first, WIFI, 4_000);
    expect(sent).toHaveLength(2);
    expect(sent[1]!.datagram).toEqual(sent[0]!.datagram);
    agent.timeout(5_000);
    expect(agent.state).toBe('disconnected');
  });

  it('that a faster attacker used first still keeps a proven path alive', () => {
    const { agent, sent, requests, selected } = start(REMOTE, { isThere: false });
    agent.receive(nominate(), WIFI, 0);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 1);
    for (let nowMs = 2_500; nowMs <= 60_000; nowMs += 2_500) {
      const sniffed = nominate();
      agent.receive(sniffed, newPath(9), nowMs);
      agent.receive(sniffed, WIFI, nowMs + 1);
      agent.timeout(nowMs + 2);
      expect(sent.at(-1)!.path).toBe(WIFI);
    }
    expect([agent.state, selected]).toEqual(['connected', [WIFI]]);
  });

  it('is forgotten after 128 others: what is sent from elsewhere then moves no media', () => {
    const { agent, requests, selected } = start(REMOTE, { isThere: false });
    const sniffed = nominate();
    agent.receive(sniffed, WIFI, 0);
    agent.receive(answerTo(requests[0]!.datagram), WIFI, 1);
    for (let i = 0; i < 128; i++) agent.receive(nominate(), WIFI, 2 + i);
    agent.receive(sniffed, CELLULAR, 500);
    expect(agent.stats.replayed).toBe(0);
    expect([agent.selectedPath, selected]).toEqual([WIFI, [WIFI]]);
  });
});

describe('the selected path', () => {
  it('is the first valid one until the peer nominates', () => {
    const { agent, selected } = start(REMOTE);
    agent.receive(check({ priority: LOW }), CELLULAR, 10);
    agent.receive(check({ priority: HIGH }), WIFI, 20);
    expect(agent.selectedPath).toEqual(CELLULAR);
    agent.receive(nominate(HIGH), WIFI, 30);
    expect(selected).toEqual([CELLULAR, WIFI]);
  });

  it('becomes the nominated one even if that has the lower priority', () => {
    const { agent } = start(REMOTE);
    agent.receive(check({ priority: HIGH }), WIFI, 10);
    agent.receive(nominate(LOW), CELLULAR, 11);
    expect(agent.selectedPath).toEqual(CELLULAR);
  });

  it('is the nominated one of highest priority while all are nominated at once', () => {
    const { agent, selected } = start(REMOTE);
    for (let nowMs = 0; nowMs < 5_000; nowMs += 100) {
      agent.receive(nominate(LOW), CELLULAR, nowMs);
      agent.receive(nominate(HIGH), WIFI, nowMs + 1);
    }
    expect(selected).toEqual([CELLULAR, WIFI]);
  });

  it('moves to a lower priority once the other one is not nominated any more', () => {
    const { agent, selected } = start(REMOTE);
    agent.receive(nominate(HIGH), WIFI, 0);
    agent.receive(nominate(LOW), CELLULAR, 500);
    expect(agent.selectedPath).toEqual(WIFI);
    agent.receive(check({ priority: HIGH }), WIFI, 900);
    agent.receive(nominate(LOW), CELLULAR, 1_000);
    expect(selected).toEqual([WIFI, CELLULAR]);
  });

  it('moves back at once to a higher priority', () => {
    const { agent, selected } = start(REMOTE);
    agent.receive(nominate(LOW), CELLULAR, 0);
    agent.receive(nominate(HIGH), WIFI, 1);
    expect(selected).toEqual([CELLULAR, WIFI]);
  });

  it('is reported once, however often it is checked', () => {
    const { agent, selected, valid, states } = start(REMOTE);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 2_500) {
      agent.timeout(nowMs);
      agent.receive(nominate(), WIFI, nowMs);
    }
    expect([selected, valid, states]).toEqual([[WIFI], [WIFI], ['connected']]);
  });

  it('is replaced by another live one when it falls silent', () => {
    const { agent, selected, states } = start(REMOTE);
    agent.receive(nominate(HIGH), WIFI, 0);
    agent.receive(check({ priority: LOW }), CELLULAR, 4_000);
    agent.timeout(4_999);
    expect(agent.selectedPath).toEqual(WIFI);
    expect(agent.deadline()).toBe(5_000);
    agent.timeout(5_000);
    expect(selected).toEqual([WIFI, CELLULAR]);
    expect(agent.deadline()).toBe(9_000);
    expect(states).toEqual(['connected']);
  });

  describe('of a peer that nominates only once', () => {
    const HERE = newPath(41_000);
    const REBOUND = newPath(42_000);
    const REBOUND_AGAIN = newPath(43_000);
    const ELSEWHERE = paths.openPath({ local: 0, address: '203.0.113.2', port: 41_000 });
    const OTHER_SOCKET = paths.openPath({ local: 1, address: '203.0.113.1', port: 41_000 });

    it('follows the peer to each new port that a NAT assigns, once that is proven', () => {
      const { agent, selected, requests } = start(REMOTE, { isThere: false });
      agent.receive(nominate(), HERE, 0);
      agent.receive(answerTo(requests[0]!.datagram), HERE, 1);
      agent.receive(check(), REBOUND, 2_500);
      expect(selected).toEqual([HERE]);
      agent.receive(answerTo(requests[1]!.datagram), REBOUND, 2_540);
      expect(selected).toEqual([HERE, REBOUND]);
      agent.receive(check(), REBOUND_AGAIN, 5_000);
      agent.receive(answerTo(requests[2]!.datagram), REBOUND_AGAIN, 5_040);
      expect(selected).toEqual([HERE, REBOUND, REBOUND_AGAIN]);
    });

    it.each([
      ['at another address', ELSEWHERE, HIGH],
      ['to another socket of ours', OTHER_SOCKET, HIGH],
      ['of another priority', REBOUND, LOW],
    ])('stays while another path is checked %s', (_, other, priority) => {
      const { agent, selected } = start(REMOTE);
      agent.receive(nominate(), HERE, 0);
      for (let nowMs = 1_000; nowMs < 20_000; nowMs += 2_000) {
        agent.receive(check({ priority }), other, nowMs);
        agent.receive(check(), HERE, nowMs + 500);
      }
      expect(selected).toEqual([HERE]);
    });

    it('stays when a check of before the nomination is late', () => {
      const { agent, selected } = start(REMOTE);
      agent.receive(nominate(), HERE, 0);
      agent.receive(check(), REBOUND, 500);
      expect(selected).toEqual([HERE]);
    });
  });

  it('prefers, among those alive, the one nominated last', () => {
    const { agent } = start(REMOTE);
    const other = paths.openPath({ local: 1, address: '192.0.2.1', port: 1000 });
    agent.receive(nominate(HIGH), WIFI, 0);
    agent.receive(nominate(LOW), CELLULAR, 500);
    agent.receive(check({ priority: LOW }), CELLULAR, 3_000);
    agent.receive(check({ priority: HIGH }), other, 4_000);
    agent.timeout(5_000);
    expect(agent.selectedPath).toEqual(CELLULAR);
  });
});

describe('liveness', () => {
  it('is disconnected after 5 s of silence and failed after 25 s more', () => {
    const { agent, states } = start(REMOTE);
    agent.receive(nominate(), WIFI, 1_000);
    expect(agent.deadline()).toBe(6_000);
    agent.timeout(5_999);
    expect(states).toEqual(['connected']);
    agent.timeout(6_000);
    expect(states).toEqual(['connected', 'disconnected']);
    expect(agent.deadline()).toBe(31_000);
    agent.timeout(30_999);
    expect(agent.state).toBe('disconnected');
    agent.timeout(31_000);
    expect(states).toEqual(['connected', 'disconnected', 'failed']);
    expect(agent.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('passes through disconnected also when time jumps', () => {
    const { agent, states } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.timeout(1_000_000);
    expect(states).toEqual(['connected', 'disconnected', 'failed']);
  });

  it('is restored by an authentic check on any path', () => {
    const { agent, states, selected } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.timeout(5_000);
    agent.receive(check({ priority: LOW }), CELLULAR, 20_000);
    expect(states).toEqual(['connected', 'disconnected', 'connected']);
    expect(selected).toEqual([WIFI, CELLULAR]);
    expect(agent.deadline()).toBe(25_000);
  });

  it('is not kept up by checks that are not authentic', () => {
    const { agent, states } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.receive(check({}, { ...LOCAL, pwd: 'not-the-password-of-ours' }), WIFI, 4_000);
    agent.receive(check({ iceControlled: 1n }), WIFI, 4_000);
    agent.timeout(5_000);
    expect(states).toEqual(['connected', 'disconnected']);
  });

  it('is not judged by time in which nothing listened', () => {
    const { agent, states } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.excuse(40_000, 43_000);
    expect(agent.deadline()).toBe(45_000);
    agent.timeout(45_000);
    expect(states).toEqual(['connected', 'disconnected']);
    expect(agent.deadline()).toBe(70_000);
    agent.excuse(40_000, 110_000);
    expect(agent.deadline()).toBe(110_000);
    agent.timeout(110_000);
    expect(agent.state).toBe('failed');
  });

  it('gains nothing from an excuse for time before the last check', () => {
    const { agent } = start(REMOTE);
    agent.receive(nominate(), WIFI, 40_000);
    agent.excuse(40_000, 40_000);
    expect(agent.deadline()).toBe(45_000);
  });

  it('fails if no check comes at all', () => {
    const { agent, states } = start(REMOTE);
    expect(agent.deadline()).toBe(30_000);
    agent.timeout(29_999);
    agent.timeout(30_000);
    expect(states).toEqual(['failed']);
    agent.receive(check(), WIFI, 30_001);
    expect(states).toEqual(['failed']);
  });

  it('ends with close, permanently', () => {
    const { agent, states, sent } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.close(2);
    agent.close(2);
    agent.receive(nominate(), WIFI, 1);
    agent.restart(NEXT_LOCAL, NEXT_REMOTE);
    agent.timeout(100_000);
    expect(states).toEqual(['connected', 'closed']);
    expect(sent).toHaveLength(1);
    expect(agent.deadline()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a restart', () => {
  const nextCheck = (fields: BindingRequestFields = {}) => check(fields, NEXT_LOCAL, NEXT_REMOTE);

  it('keeps the old credentials valid until the new ones are used', () => {
    const { agent, retired } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.restart(NEXT_LOCAL, NEXT_REMOTE);
    agent.receive(check(), WIFI, 1_000);
    expect([agent.stats.accepted, retired]).toEqual([2, []]);

    agent.receive(nextCheck(), CELLULAR, 2_000);
    expect([agent.stats.accepted, retired]).toEqual([3, ['local']]);

    agent.receive(check(), WIFI, 3_000);
    expect(agent.stats).toMatchObject({ accepted: 3, wrongUsername: 1 });
  });

  it('keeps the selected path until one is nominated again, whatever its priority', () => {
    const { agent, selected } = start(REMOTE);
    agent.receive(nominate(HIGH), WIFI, 0);
    agent.restart(NEXT_LOCAL, NEXT_REMOTE);
    agent.receive(nextCheck({ priority: LOW }), CELLULAR, 10);
    expect(agent.selectedPath).toEqual(WIFI);
    agent.receive(nextCheck({ priority: LOW, useCandidate: true }), CELLULAR, 20);
    expect(selected).toEqual([WIFI, CELLULAR]);
  });

  it('is not begun by a check that is not authentic', () => {
    const { agent, retired } = start(REMOTE);
    agent.restart(NEXT_LOCAL, NEXT_REMOTE);
    agent.receive(check({}, { ...NEXT_LOCAL, pwd: LOCAL.pwd }, NEXT_REMOTE), WIFI, 10);
    agent.receive(check({}, NEXT_LOCAL, REMOTE), WIFI, 10);
    agent.receive(check(), WIFI, 10);
    expect(agent.stats).toMatchObject({ accepted: 1, unauthentic: 1, wrongUsername: 1 });
    expect(retired).toEqual([]);
  });

  it('replaces one that was never used', () => {
    const { agent, retired } = start(REMOTE);
    agent.restart(NEXT_LOCAL, NEXT_REMOTE);
    agent.restart({ ...NEXT_LOCAL, ufrag: 'local3' }, NEXT_REMOTE);
    expect(retired).toEqual(['local2']);
    agent.receive(nextCheck(), WIFI, 10);
    expect(agent.stats.wrongUsername).toBe(1);
    agent.receive(check({}, { ...NEXT_LOCAL, ufrag: 'local3' }, NEXT_REMOTE), WIFI, 10);
    expect(retired).toEqual(['local2', 'local']);
  });

  it('alone brings a failed agent back', () => {
    const { agent, states } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.timeout(30_000);
    agent.receive(check(), WIFI, 31_000);
    expect(agent.state).toBe('failed');
    agent.restart(NEXT_LOCAL, NEXT_REMOTE);
    agent.receive(check(), WIFI, 32_000);
    expect(agent.state).toBe('failed');
    agent.receive(nextCheck(), WIFI, 33_000);
    expect(states).toEqual(['connected', 'disconnected', 'failed', 'connected']);
    expect(agent.deadline()).toBe(38_000);
  });
});

describe('the hold of a path', () => {
  it('is held while it is valid, and released when it is forgotten or the agent closes', () => {
    const { agent, forgotten } = start(REMOTE);
    const [old, current] = [newPath(4000), newPath(4001)];
    agent.receive(check({ priority: LOW }), old, 0);
    agent.receive(check({ priority: LOW }), old, 1);
    agent.receive(nominate(), current, 30_000);
    paths.releasePath(old);
    paths.releasePath(current);
    expect([paths.pathOf(old)?.port, paths.pathOf(current)?.port]).toEqual([4000, 4001]);
    agent.receive(nominate(), current, 30_001);
    expect([paths.pathOf(old), paths.pathOf(current)?.port]).toEqual([undefined, 4001]);
    agent.close(2);
    expect(paths.pathOf(current)).toBeUndefined();
    expect(forgotten).toEqual([old, current]);
    expect(agent.selectedPath).toBeUndefined();
  });

  it('that ends is replaced at once by the live one nominated last', () => {
    const { agent, selected, forgotten, states } = start(REMOTE);
    const tcp = newPath(5000);
    agent.receive(check({ priority: LOW }), CELLULAR, 0);
    agent.receive(nominate(), tcp, 1_000);
    agent.pathEnded(tcp, 1_001);
    expect(selected.at(-1)).toBe(CELLULAR);
    expect(forgotten).toEqual([tcp]);
    agent.pathEnded(tcp, 1_002);
    expect(forgotten).toEqual([tcp]);
    expect(states).toEqual(['connected']);
  });

  it('that ends as the last one disconnects, until a check arrives on another', () => {
    const { agent, states } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    agent.pathEnded(WIFI, 1_000);
    expect(agent.selectedPath).toBeUndefined();
    expect(states).toEqual(['connected', 'disconnected']);
    expect(agent.deadline()).toBe(30_000);
    agent.receive(check(), CELLULAR, 2_000);
    expect(agent.selectedPath).toBe(CELLULAR);
    expect(states).toEqual(['connected', 'disconnected', 'connected']);
  });
});

describe('memory', () => {
  it('is bounded however many addresses a peer uses; the selected path is kept', () => {
    const { agent, valid, forgotten } = start(REMOTE);
    agent.receive(nominate(), WIFI, 0);
    const many = Array.from({ length: 1_000 }, (_, i) => newPath(i + 1));
    for (const [nowMs, path] of many.entries()) agent.receive(check({ priority: LOW }), path, nowMs);
    expect(valid.length - forgotten.length).toBe(MAX_VALID_PATHS);
    expect(forgotten).not.toContainEqual(WIFI);
    expect(forgotten[0]).toBe(many[0]);
    expect(agent.selectedPath).toEqual(WIFI);
  });

  it('forgets a path that was silent for 30 s when the next one appears', () => {
    const { agent, forgotten } = start(REMOTE);
    agent.receive(check({ priority: LOW }), CELLULAR, 0);
    agent.receive(nominate(), WIFI, 1_000);
    agent.receive(nominate(), WIFI, 29_000);
    agent.receive(check(), newPath(7), 30_000);
    expect(forgotten).toEqual([CELLULAR]);
  });
});
