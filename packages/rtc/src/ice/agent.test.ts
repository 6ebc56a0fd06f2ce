import { createPacketPlane, type PathId } from '@rtcd/packet-io';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RawAttribute, signedRawStunMessage } from '../../test/raw-stun-message.ts';
import { StunAttribute } from '../stun/attributes.ts';
import { type BindingRequestFields, writeBindingRequest } from '../stun/binding.ts';
import { shortTermKey, verifyIntegrity } from '../stun/integrity.ts';
import { parseStunMessage } from '../stun/message.ts';
import { writeStunMessage } from '../stun/write.ts';
import { IceLiteAgent, type IceState } from './agent.ts';
import type { IceCredentials } from './credentials.ts';
import { MAX_VALID_PATHS } from './valid-paths.ts';

const LOCAL = { ufrag: 'local', pwd: 'local-password-of-ours-22' };
const REMOTE = { ufrag: 'remote', pwd: 'remote-password-of-peer-22' };
const NEXT_LOCAL = { ufrag: 'local2', pwd: 'local-password-of-ours-23' };
const NEXT_REMOTE = { ufrag: 'remote2', pwd: 'remote-password-of-peer-23' };
const TRANSACTION_ID = Buffer.from('0123456789ab');

const paths = createPacketPlane({ transmit() {} });
const WIFI = paths.openPath({ local: 0, address: '192.0.2.1', port: 1000 });
const CELLULAR = paths.openPath({ local: 0, address: '198.51.100.2', port: 2000 });
const newPath = (port: number): PathId => paths.openPath({ local: 0, address: '203.0.113.1', port });
const HIGH = 0x7e000000;
const LOW = 0x6e000000;

/** A peer that always controls, as every peer of a lite agent must. */
function check(
  fields: BindingRequestFields = {},
  local: IceCredentials = LOCAL,
  remote: IceCredentials = REMOTE,
): Buffer {
  const username = `${local.ufrag}:${remote.ufrag}`;
  return writeBindingRequest(
    TRANSACTION_ID,
    { username, priority: HIGH, iceControlling: 1n, ...fields },
    shortTermKey(local.pwd),
  );
}

const nominate = (priority = HIGH) => check({ useCandidate: true, priority });

function start(remote?: IceCredentials) {
  const sent: { datagram: Buffer; path: PathId }[] = [];
  const valid: PathId[] = [];
  const forgotten: PathId[] = [];
  const selected: PathId[] = [];
  const states: IceState[] = [];
  const retired: string[] = [];
  const agent = new IceLiteAgent(
    { paths, local: LOCAL, remote, nowMs: 0 },
    {
      transmit: (datagram, path) => sent.push({ datagram: Buffer.from(datagram), path }),
      onValidPath: (path) => {
        if (!valid.includes(path)) valid.push(path);
      },
      onPathForgotten: (path) => forgotten.push(path),
      onSelectedPath: (path) => selected.push(path),
      onUfragRetired: (ufrag) => retired.push(ufrag),
      onStateChange: (state) => states.push(state),
    },
  );
  return { agent, sent, valid, forgotten, selected, states, retired };
}

describe('a connectivity check', () => {
  it('is answered with the address it came from, authenticated, and connects', () => {
    const { agent, sent, valid, selected, states } = start(REMOTE);
    agent.receive(check(), WIFI, 10);
    expect(sent).toHaveLength(1);
    const { datagram, path } = sent[0]!;
    const response = parseStunMessage(datagram);
    expect(path).toEqual(WIFI);
    expect(response).toMatchObject({
      messageClass: 'success',
      transactionId: TRANSACTION_ID,
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
    ['no integrity', writeBindingRequest(TRANSACTION_ID, { username: 'local:remote', priority: 1 }), 'unauthentic'],
    ['no user name', writeBindingRequest(TRANSACTION_ID, { priority: 1 }, shortTermKey(LOCAL.pwd)), 'wrongUsername'],
    ['the ufrag of another session', check({}, { ...LOCAL, ufrag: 'loca' }), 'wrongUsername'],
    ['the ufrag of another peer', check({}, LOCAL, { ...REMOTE, ufrag: 'remot' }), 'wrongUsername'],
    [
      'a method other than Binding',
      writeStunMessage({ messageClass: 'request', method: 3, transactionId: TRANSACTION_ID }),
      'unexpected',
    ],
    [
      'an indication',
      writeStunMessage({ messageClass: 'indication', method: 1, transactionId: TRANSACTION_ID }),
      'unexpected',
    ],
    [
      'a response',
      writeStunMessage({ messageClass: 'success', method: 1, transactionId: TRANSACTION_ID }),
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

describe('a path', () => {
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
