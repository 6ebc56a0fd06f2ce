import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeTurnServer, type FakeTurnServerOptions } from '../../test/fake-turn-server.ts';
import type { TransportAddress } from '../stun/address.ts';
import { writeAttributes } from '../stun/write.ts';
import { TurnMethod } from './attributes.ts';
import { ChannelDataWriter, isChannelData } from './channel-data.ts';
import { MAX_RELAYED_BYTES, TurnClient } from './client.ts';
import type { TurnAllocation, TurnFailure } from './client-owner.ts';
import { parseTurnMessage, turnAttributes } from './message.ts';

const CREDENTIALS = { username: '1700086400:rtcd', credential: 'secret' };
const PEER = { address: '198.51.100.7', port: 5000 };
const OTHER = { address: '198.51.100.8', port: 5001 };
const DATA = Buffer.from('hello');

interface Options extends Partial<FakeTurnServerOptions> {
  readonly isReliable?: boolean;
  /** Messages of the client that never arrive, by their number from 0. */
  readonly lost?: (index: number) => boolean;
}

/** A client and a server, a message from one to the other taking no time. */
class Pair {
  nowMs = 0;
  readonly fromClient: Buffer[] = [];
  readonly allocations: TurnAllocation[] = [];
  readonly failures: TurnFailure[] = [];
  readonly arrived: [data: string, from: TransportAddress][] = [];
  readonly delivered: [data: string, to: TransportAddress][] = [];
  readonly server: FakeTurnServer;
  readonly client: TurnClient;

  constructor({ isReliable = false, lost = () => false, ...options }: Options = {}) {
    this.server = new FakeTurnServer(
      { ...CREDENTIALS, ...options },
      {
        toClient: (message) => this.client.receive(message, this.nowMs),
        toPeer: (data, { address, port }) =>
          void this.delivered.push([Buffer.from(data).toString(), { address, port }]),
        nowMs: () => this.nowMs,
      },
    );
    this.client = new TurnClient(
      { credentials: CREDENTIALS, isReliable, random: randomBytes },
      {
        transmit: (message) => {
          const index = this.fromClient.push(Buffer.from(message)) - 1;
          if (!lost(index)) this.server.fromClient(Buffer.from(message));
        },
        onAllocated: (allocation) => void this.allocations.push(allocation),
        onFailed: (failure) => void this.failures.push(failure),
        onData: (data, address, port) => void this.arrived.push([data.toString(), { address, port }]),
      },
    );
  }

  /** With an allocation, and a permission for the peer. */
  static allocated(options: Options = {}): Pair {
    const pair = new Pair(options);
    pair.client.allocate(0);
    pair.client.permit(PEER.address, 0);
    return pair;
  }

  /** Lets time pass, from one deadline to the next. */
  passUntil(endMs: number): void {
    for (let deadlineMs = this.client.deadline(); deadlineMs <= endMs; deadlineMs = this.client.deadline()) {
      this.nowMs = Math.max(this.nowMs, deadlineMs);
      this.client.timeout(this.nowMs);
    }
    this.nowMs = endMs;
  }

  send(data: Uint8Array = DATA, to: TransportAddress = PEER): void {
    this.client.send(data, to, this.nowMs);
  }

  count(request: string): number {
    return this.server.requests.filter((name) => name === request).length;
  }
}

describe('an allocation', () => {
  it('is asked for without credentials, then with those that the server asks for', () => {
    const { allocations, server } = Pair.allocated();
    expect(server.requests.slice(0, 2)).toEqual(['allocate 401', 'allocate']);
    expect(allocations).toEqual([{ relayed: server.relayed, mapped: { address: '192.0.2.1', port: 40_000 } }]);
  });

  it('is signed with SHA-256 if the server offers that', () => {
    const { allocations, fromClient } = Pair.allocated({ offersSha256: true });
    expect(allocations).toHaveLength(1);
    const signed = parseTurnMessage(fromClient[1]!)!;
    expect(signed.integrityOffset).toBe(-1);
    expect(signed.integritySha256Offset).toBeGreaterThan(0);
  });

  it('fails with 401 if the credentials are wrong, after a single attempt with them', () => {
    const pair = Pair.allocated({ credential: 'other' });
    expect(pair.failures).toEqual([{ code: 401, reason: 'error 401' }]);
    expect(pair.server.requests).toEqual(['allocate 401', 'allocate 401']);
    expect(pair.client.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('fails without an answer after seven requests and 39.5 s (RFC 8489 section 6.2.1)', () => {
    const pair = new Pair({ lost: () => true });
    pair.client.allocate(0);
    pair.passUntil(39_499);
    expect(pair.failures).toEqual([]);
    pair.passUntil(39_500);
    expect(pair.failures).toEqual([{ reason: 'no response' }]);
    expect(pair.fromClient).toHaveLength(7);
    expect(new Set(pair.fromClient.map((bytes) => bytes.toString('hex'))).size).toBe(1);
  });

  it('is asked for once over TCP, which repeats by itself', () => {
    const pair = new Pair({ lost: () => true, isReliable: true });
    pair.client.allocate(0);
    pair.passUntil(39_500);
    expect(pair.failures).toHaveLength(1);
    expect(pair.fromClient).toHaveLength(1);
  });

  it('outlives lost messages', () => {
    const pair = new Pair({ lost: (index) => index % 2 === 0 });
    pair.client.allocate(0);
    pair.passUntil(5_000);
    expect(pair.allocations).toHaveLength(1);
  });

  it('is refreshed before it expires, for as long as the client lives', () => {
    const pair = Pair.allocated({ lifetimeSeconds: 600 });
    pair.passUntil(3_600_000);
    expect(pair.failures).toEqual([]);
    expect(pair.count('refresh')).toBe(8);
  });

  it('is lost when the server has forgotten it', () => {
    const pair = Pair.allocated();
    pair.server.forget();
    pair.passUntil(600_000);
    expect(pair.failures).toEqual([{ code: 437, reason: 'error 437' }]);
    pair.send();
    expect(pair.client.stats.notSent).toBe(1);
  });

  it('is lost when the server answers no more', () => {
    const pair = Pair.allocated();
    pair.server.isSilent = true;
    pair.passUntil(600_000);
    expect(pair.failures).toEqual([{ reason: 'no response' }]);
  });

  it('is given back in the end', () => {
    const pair = Pair.allocated();
    pair.client.close(0);
    expect(pair.server.isAllocated).toBe(false);
    expect(pair.failures).toEqual([]);
    expect(pair.client.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is refreshed and given back however many requests about peers have no response', () => {
    const pair = Pair.allocated({ lifetimeSeconds: 600 });
    pair.passUntil(449_000);
    pair.server.isSilent = true;
    for (let peer = 0; peer < 1_200; peer++) {
      pair.client.permit(`198.18.${peer >> 8}.${peer & 0xff}`, pair.nowMs);
    }
    expect(pair.client.stats.notSent).toBeGreaterThan(0);
    pair.server.isSilent = false;
    pair.passUntil(450_000);
    expect(pair.count('refresh')).toBe(1);
    pair.client.close(pair.nowMs);
    expect(pair.server.isAllocated).toBe(false);
    expect(pair.failures).toEqual([]);
  });

  it('goes on with a new nonce when the old one is stale', () => {
    const pair = Pair.allocated({ requestsPerNonce: 2 });
    for (let peer = 1; peer <= 20; peer++) pair.client.permit(`198.18.0.${peer}`, 0);
    expect(pair.server.permissions.size).toBe(21);
    expect(pair.count('createPermission 438')).toBeGreaterThan(5);
    expect(pair.client.stats.refused).toBe(0);
  });

  it('gives a request up when the nonce is stale each time', () => {
    const pair = Pair.allocated({ requestsPerNonce: 0 });
    expect(pair.failures).toEqual([{ code: 438, reason: 'error 438' }]);
    expect(pair.server.requests.length).toBeLessThan(8);
  });

  it('keeps a NAT from forgetting its flow', () => {
    const pair = Pair.allocated();
    pair.passUntil(60_000);
    expect(pair.server.received.keepalives).toBe(4);
  });
});

describe('permissions', () => {
  it('let a peer through, from any port, and no other peer', () => {
    const pair = Pair.allocated();
    expect(pair.server.fromPeer(DATA, PEER)).toBe(true);
    expect(pair.server.fromPeer(DATA, { ...PEER, port: 1 })).toBe(true);
    expect(pair.server.fromPeer(DATA, OTHER)).toBe(false);
    expect(pair.arrived).toEqual([
      ['hello', PEER],
      ['hello', { ...PEER, port: 1 }],
    ]);
  });

  it('are asked for once, however often a peer names its address', () => {
    const pair = Pair.allocated();
    for (let times = 0; times < 100; times++) pair.client.permit(PEER.address, 0);
    expect(pair.count('createPermission')).toBe(1);
  });

  it('expire if nothing used them, and can be asked for again', () => {
    const pair = Pair.allocated();
    pair.passUntil(330_000);
    expect(pair.count('createPermission')).toBe(1);
    expect(pair.server.fromPeer(DATA, PEER)).toBe(false);
    pair.client.permit(PEER.address, pair.nowMs);
    expect(pair.server.fromPeer(DATA, PEER)).toBe(true);
  });

  it('stay while they are used', () => {
    const pair = Pair.allocated();
    for (let seconds = 10; seconds < 3_600; seconds += 10) {
      pair.passUntil(seconds * 1000);
      expect(pair.server.fromPeer(DATA, PEER)).toBe(true);
    }
    expect(pair.count('createPermission')).toBeLessThan(20);
  });

  it('that are refused are not asked for again within five minutes', () => {
    const pair = Pair.allocated({ forbidden: [PEER.address] });
    for (let times = 0; times < 10; times++) pair.client.permit(PEER.address, 0);
    expect(pair.count('createPermission 403')).toBe(1);
    expect(pair.client.stats.refused).toBe(1);
    expect(pair.failures).toEqual([]);
  });
});

describe('channels', () => {
  it('carry data from the second packet on, and both ways', () => {
    const pair = Pair.allocated({ lost: (index) => index === 3 });
    pair.send();
    pair.passUntil(600);
    pair.send(Buffer.from('again'));
    expect(pair.delivered).toEqual([
      ['hello', PEER],
      ['again', PEER],
    ]);
    expect(pair.server.received).toMatchObject({ indications: 1, channelData: 1 });
    pair.server.fromPeer(DATA, PEER);
    expect(pair.arrived).toEqual([['hello', PEER]]);
  });

  it('are one for each address and port', () => {
    const pair = Pair.allocated();
    for (const to of [PEER, OTHER, { ...PEER, port: 1 }, PEER]) pair.send(DATA, to);
    expect(pair.server.channels.size).toBe(3);
    expect(pair.delivered.map(([, to]) => to)).toEqual([PEER, OTHER, { ...PEER, port: 1 }, PEER]);
  });

  it('stay bound, with their permission, while they are used', () => {
    const pair = Pair.allocated();
    for (let seconds = 0; seconds < 3_600; seconds += 10) {
      pair.passUntil(seconds * 1000);
      pair.send();
    }
    expect(pair.delivered).toHaveLength(360);
    expect(pair.count('channelBind')).toBeLessThan(20);
  });

  it('expire unused, and their numbers rest before another peer gets them', () => {
    const pair = Pair.allocated();
    pair.send();
    pair.passUntil(900_000);
    pair.send();
    expect([...pair.server.channels.keys()]).toEqual([0x4000, 0x4001]);
    expect(pair.delivered).toHaveLength(2);
  });

  it('that are refused leave the way by indications', () => {
    const pair = Pair.allocated({ forbidden: [OTHER.address] });
    pair.send(DATA, OTHER);
    pair.send(DATA, OTHER);
    expect(pair.count('channelBind 403')).toBe(1);
    expect(pair.server.received.indications).toBe(2);
  });

  it('write messages into one piece of memory', () => {
    const writer = new ChannelDataWriter(100, false);
    const first = writer.write(0x4000, DATA);
    expect(writer.write(0x4001, DATA)).toBe(first);
    expect(first).toHaveLength(4 + DATA.length);
  });

  it('pad messages to four bytes over TCP', () => {
    const pair = Pair.allocated({ isReliable: true });
    pair.send();
    pair.send();
    const [last] = pair.fromClient.slice(-1);
    expect(isChannelData(last!)).toBe(true);
    expect(last).toHaveLength(12);
    expect(pair.delivered).toHaveLength(2);
  });

  it('send nothing that is too large', () => {
    const pair = Pair.allocated();
    pair.send(Buffer.alloc(MAX_RELAYED_BYTES));
    pair.send(Buffer.alloc(MAX_RELAYED_BYTES + 1));
    expect(pair.delivered).toHaveLength(1);
    expect(pair.client.stats.notSent).toBe(1);
  });
});

describe('a hostile server', () => {
  const indication = (from: TransportAddress, method: number = TurnMethod.data) => {
    const transactionId = randomBytes(12);
    const header = { messageClass: 'indication', method, transactionId } as const;
    return writeAttributes(header, turnAttributes({ xorPeerAddress: from, data: DATA }, transactionId));
  };

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'malformed'],
    ['junk', Buffer.from('HTTP/1.1 400 Bad Request'), 'malformed'],
    ['ChannelData that is cut off', Buffer.from([0x40, 0, 0, 9, 1]), 'malformed'],
    ['ChannelData of a channel that is not bound', Buffer.from([0x4f, 0xff, 0, 1, 1]), 'unexpected'],
    ['data of a peer without permission', indication(OTHER), 'unexpected'],
    ['an indication of another method', indication(PEER, TurnMethod.send), 'unexpected'],
    [
      'a response to no request',
      writeAttributes({ messageClass: 'success', method: TurnMethod.refresh, transactionId: randomBytes(12) }, []),
      'unexpected',
    ],
    [
      'a request',
      writeAttributes({ messageClass: 'request', method: TurnMethod.refresh, transactionId: randomBytes(12) }, []),
      'unexpected',
    ],
  ])('sends %s: dropped and counted', (_name, message, reason) => {
    const pair = Pair.allocated();
    pair.client.receive(message, 0);
    expect(pair.client.stats).toEqual({
      malformed: 0,
      unexpected: 0,
      unauthentic: 0,
      refused: 0,
      notSent: 0,
      [reason]: 1,
    });
    expect(pair.arrived).toEqual([]);
  });

  it('cannot be forged: an unsigned success is dropped', () => {
    const pair = new Pair({ lost: (index) => index === 1 });
    pair.client.allocate(0);
    const { transactionId, method } = parseTurnMessage(pair.fromClient[1]!)!;
    const fields = { xorRelayedAddress: PEER, lifetimeSeconds: 600 };
    const header = { messageClass: 'success', method, transactionId } as const;
    pair.client.receive(writeAttributes(header, turnAttributes(fields, transactionId)), 0);
    expect(pair.client.stats.unauthentic).toBe(1);
    expect(pair.allocations).toEqual([]);
    pair.passUntil(1_000);
    expect(pair.allocations).toHaveLength(1);
  });

  it.each([
    ['no address', { lifetimeSeconds: 600 }],
    ['port 0', { xorRelayedAddress: { ...PEER, port: 0 }, lifetimeSeconds: 600 }],
    ['no time', { xorRelayedAddress: PEER, lifetimeSeconds: 0 }],
  ])('allocates %s: dropped and counted', (_name, fields) => {
    const pair = new Pair({ lost: () => true });
    pair.client.allocate(0);
    const { transactionId, method } = parseTurnMessage(pair.fromClient[0]!)!;
    const header = { messageClass: 'success', method, transactionId } as const;
    pair.client.receive(writeAttributes(header, turnAttributes(fields, transactionId)), 0);
    expect(pair.allocations).toEqual([]);
    expect(pair.client.stats.unexpected).toBe(1);
  });
});
