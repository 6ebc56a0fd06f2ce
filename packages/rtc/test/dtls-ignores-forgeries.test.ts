import { seededRandom } from '@rtcd/packet-io/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeHelloVerifyRequest } from '../src/dtls/messages/client-hello.ts';
import { HandshakeType, writeHandshakeMessage } from '../src/dtls/messages/handshake-message.ts';
import { ContentType, DTLS_1_0, parseRecords, writePlainRecord } from '../src/dtls/record/record.ts';
import { clientCertificate, createDtlsPair, type DtlsPair } from './dtls-pair.ts';

const AT_SERVER_MS = 10;
/** Two hellos and a flight, all in pieces. */
const MAX_BUFFERED_BYTES = 27_000;

function connectedPair(): DtlsPair {
  const pair = createDtlsPair();
  expect(pair.connect()).toBe(true);
  pair.time.runFor(100);
  return pair;
}

function forge(contentType: number, payload: Uint8Array, fields: { epoch?: number; sequence?: number } = {}): Buffer {
  return writePlainRecord({ contentType, epoch: 0, sequence: 100, ...fields }, payload);
}

/** The connection works as before, and nothing else was heard, said or reported. */
function expectUnimpressed(pair: DtlsPair): void {
  expect(pair.server.phase).toBe('connected');
  expect(pair.atServer.closed).toEqual([]);
  expect(pair.atServer.keys).toHaveLength(1);
  expect(pair.atServer.data).toEqual([]);
  expect(pair.server.bufferedBytes).toBe(0);
  pair.client.send(Buffer.from('still here'));
  pair.time.runFor(50);
  expect(pair.atServer.data.map(String)).toEqual(['still here']);
}

/** Every datagram of the client, in its order, and what the server had come to before. */
function recordedFlights(): Buffer[] {
  const { fromClient, connect } = createDtlsPair();
  expect(connect()).toBe(true);
  return fromClient;
}

/** A pair at the moment when the client's datagram of that number would arrive; it is on its way. */
function pairBefore(flight: number): DtlsPair {
  const pair = createDtlsPair();
  pair.client.start(0);
  pair.time.runWhile(() => pair.fromClient.length <= flight, 1000);
  return pair;
}

function withOneBitFlipped(datagram: Buffer, seed: number): Buffer {
  const bent = Buffer.from(datagram);
  const bit = Math.floor(seededRandom(seed)() * bent.length * 8);
  bent[bit >> 3]! ^= 1 << (bit & 7);
  return bent;
}

describe('a connected DTLS server', () => {
  const hello = (pair: DtlsPair, index: number) => pair.fromClient[index]!;

  it.each<[string, (pair: DtlsPair) => Buffer]>([
    ['a fatal alert in plain', () => forge(ContentType.alert, Buffer.of(2, 40))],
    ['a close_notify in plain', () => forge(ContentType.alert, Buffer.of(1, 0))],
    ['a ClientHello', (pair) => hello(pair, 0)],
    ['a ClientHello with a cookie that was good', (pair) => hello(pair, 1)],
    ['the whole flight again', (pair) => hello(pair, 2)],
    [
      'a Finished in plain',
      () => forge(ContentType.handshake, writeHandshakeMessage(HandshakeType.finished, 5, Buffer.alloc(12))),
    ],
    ['ChangeCipherSpec', () => forge(ContentType.changeCipherSpec, Buffer.of(1))],
    ['application data in plain', () => forge(ContentType.applicationData, Buffer.from('evil'))],
    ['a protected alert without the key', () => forge(ContentType.alert, Buffer.alloc(26), { epoch: 1, sequence: 50 })],
    [
      'protected data without the key',
      () => forge(ContentType.applicationData, Buffer.alloc(64), { epoch: 1, sequence: 2 ** 47 }),
    ],
    ['a record of an epoch to come', () => forge(ContentType.applicationData, Buffer.alloc(64), { epoch: 2 })],
    ['a record of a type that is none', () => forge(99, Buffer.alloc(5))],
    ['nothing', () => Buffer.alloc(0)],
  ])('is not impressed by %s', (_, forgery) => {
    const pair = connectedPair();
    const sentBefore = pair.fromServer.length;
    for (let count = 0; count < 10; count++) pair.server.receive(forgery(pair), pair.time.nowMs + count * 100);
    expect(pair.fromServer.length).toBe(sentBefore);
    expectUnimpressed(pair);
  });

  it.each<[string, ContentType, Buffer]>([
    ['a ClientHello', ContentType.handshake, writeHandshakeMessage(HandshakeType.clientHello, 0, Buffer.alloc(60))],
    ['another Finished', ContentType.handshake, writeHandshakeMessage(HandshakeType.finished, 9, Buffer.alloc(12))],
    [
      'half a Finished',
      ContentType.handshake,
      writeHandshakeMessage(HandshakeType.finished, 5, Buffer.alloc(12)).subarray(0, 20),
    ],
    ['a warning', ContentType.alert, Buffer.of(1, 100)],
    ['an alert of the wrong size', ContentType.alert, Buffer.of(2)],
    ['ChangeCipherSpec', ContentType.changeCipherSpec, Buffer.of(1)],
  ])("does not renegotiate, nor end, by the peer's own %s", (_, contentType, payload) => {
    const pair = connectedPair();
    const sentBefore = pair.fromServer.length;
    pair.client.sendRecord(1, contentType, payload);
    pair.time.runFor(50);
    expect(pair.fromServer.length).toBe(sentBefore);
    expectUnimpressed(pair);
  });

  it('accepts each record once, in any order', () => {
    const pair = connectedPair();
    const texts = Array.from({ length: 60 }, (_, index) => `record ${index}`);
    const first = pair.fromClient.length;
    pair.link.setConditions({ lossRate: 1 });
    for (const text of texts) pair.client.send(Buffer.from(text));
    const records = pair.fromClient.slice(first);
    const random = seededRandom(7);
    const shuffled = [...records, ...records, ...records].map((record) => ({ record, key: random() }));
    shuffled.sort((a, b) => a.key - b.key);
    for (const { record } of shuffled) pair.server.receive(record, pair.time.nowMs);
    expect(pair.atServer.data.map(String).sort()).toEqual(texts.sort());
    expect(pair.server.stats.recordsReplayed).toBe(2 * records.length);
  });

  it('accepts nothing older than the window', () => {
    const pair = connectedPair();
    const first = pair.fromClient.length;
    pair.link.setConditions({ lossRate: 1 });
    for (let count = 0; count < 70; count++) pair.client.send(Buffer.of(count));
    const records = pair.fromClient.slice(first);
    pair.server.receive(records[69]!, pair.time.nowMs);
    for (const record of records.slice(0, 6)) pair.server.receive(record, pair.time.nowMs);
    expect(pair.atServer.data).toEqual([Buffer.of(69)]);
    pair.server.receive(records[6]!, pair.time.nowMs);
    expect(pair.atServer.data).toHaveLength(2);
  });

  it('repeats its last flight for a client that has not got it, within a bound', () => {
    const pair = createDtlsPair();
    pair.client.start(0);
    pair.time.runWhile(() => pair.server.phase !== 'connected', 1000);
    pair.link.setConditions({ lossRate: 0.5 });
    expect(pair.time.runWhile(() => pair.client.phase !== 'connected', 20_000)).toBe(true);
    expect(pair.server.stats.flightsResent).toBeLessThan(41);

    const deaf = createDtlsPair();
    deaf.link.a.onDatagram = (datagram, nowMs) => {
      if (deaf.server.phase !== 'connected') deaf.client.receive(datagram, nowMs);
    };
    deaf.client.start(0);
    deaf.time.runFor(100_000);
    expect(deaf.atClient.closed).toEqual(['timeout']);
    expect(deaf.server.stats.flightsResent).toBeGreaterThan(5);
    expect(deaf.server.stats.flightsResent).toBeLessThan(41);
  });

  it('repeats its last flight no more once the client has shown that it has it', () => {
    const finished = writeHandshakeMessage(HandshakeType.finished, 5, Buffer.alloc(12));
    const pair = connectedPair();
    pair.client.sendRecord(1, ContentType.handshake, finished);
    pair.time.runFor(50);
    expect(pair.server.stats.flightsResent).toBe(1);
    pair.client.send(Buffer.from('data'));
    pair.time.runFor(50);
    pair.client.sendRecord(1, ContentType.handshake, finished);
    pair.time.runFor(50);
    expect(pair.server.stats.flightsResent).toBe(1);
  });

  it('sends close_notify, and receives it', () => {
    const pair = connectedPair();
    pair.server.close();
    pair.server.close();
    pair.time.runFor(50);
    expect(pair.atClient.closed).toEqual(['close_notify']);
    expect(pair.atServer.closed).toEqual([]);

    const other = connectedPair();
    other.client.close();
    other.time.runFor(50);
    expect(other.atServer.closed).toEqual(['close_notify']);
    expect(parseRecords(other.fromServer.at(-1)!)).toMatchObject([{ contentType: ContentType.alert, epoch: 1 }]);
    other.server.send(Buffer.from('to nobody'));
    expect(other.server.stats.sendsDropped).toBe(1);
  });
});

describe('a DTLS server in its handshake', () => {
  const flights = recordedFlights();
  const indexes = flights.map((_, index) => index);

  it.each(indexes)('completes after every prefix of datagram %i', (index) => {
    const pair = pairBefore(index);
    const genuine = pair.fromClient[index];
    for (let size = 0; size < genuine!.length; size++) pair.server.receive(genuine!.subarray(0, size), pair.time.nowMs);
    expect(pair.server.phase).not.toBe('closed');
    expect(pair.server.bufferedBytes).toBeLessThan(MAX_BUFFERED_BYTES);
    expect(pair.time.runWhile(() => pair.client.phase !== 'connected', 20_000)).toBe(true);
  });

  // Datagram 1 is the hello with the cookie. What comes first with that is believed, and only somebody in the path can have it.
  it.each([0, 2])('completes after datagram %i with each of its bits flipped', (index) => {
    const pair = pairBefore(index);
    const genuine = pair.fromClient[index]!;
    for (let bit = 0; bit < genuine.length * 8; bit++) {
      const bent = Buffer.from(genuine);
      bent[bit >> 3]! ^= 1 << (bit & 7);
      pair.server.receive(bent, pair.time.nowMs);
      expect(pair.server.bufferedBytes).toBeLessThan(MAX_BUFFERED_BYTES);
    }
    expect(pair.time.runWhile(() => pair.client.phase !== 'connected', 20_000)).toBe(true);
    expect(pair.atServer.closed).toEqual([]);
  });

  it.each([0, 2])('completes after one flipped bit in datagram %i, as if that had been lost', (index) => {
    for (let run = 0; run < 25; run++) {
      const pair = pairBefore(index);
      pair.server.receive(withOneBitFlipped(pair.fromClient[index]!, run), pair.time.nowMs);
      expect(pair.time.runWhile(() => pair.client.phase !== 'connected', 20_000)).toBe(true);
    }
  });

  it('connects neither side or both after one flipped bit in the hello with the cookie', () => {
    for (let run = 0; run < 50; run++) {
      const pair = pairBefore(1);
      pair.server.receive(withOneBitFlipped(pair.fromClient[1]!, run), pair.time.nowMs);
      pair.time.runWhile(() => pair.client.phase !== 'connected', 60_000);
      expect(pair.atServer.keys.length).toBe(pair.atClient.keys.length);
      expect(pair.server.phase).toBe(pair.client.phase);
    }
  });

  it.each([...indexes, 3])('ignores garbage of every length before datagram %i', (index) => {
    const random = seededRandom(index);
    const pair = index < flights.length ? pairBefore(index) : connectedPair();
    for (let size = 0; size < 1500; size++) {
      const garbage = Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));
      pair.server.receive(garbage, pair.time.nowMs);
      // The same with a header that looks right.
      if (size >= 13) {
        garbage.writeUIntBE([0x14fefd, 0x15fefd, 0x16fefd, 0x17fefd][size % 4]!, 0, 3);
        garbage.writeUInt16BE(size % 3, 3);
        garbage.writeUInt16BE(size - 13, 11);
        pair.server.receive(garbage, pair.time.nowMs);
      }
    }
    expect(pair.time.runWhile(() => pair.client.phase !== 'connected', 20_000)).toBe(true);
    expect(pair.atServer.closed).toEqual([]);
  });

  it('survives anything that looks like a record', () => {
    const records = fc
      .tuple(fc.constantFrom(20, 21, 22, 23), fc.nat(2), fc.nat(2 ** 48 - 1), fc.uint8Array({ maxLength: 100 }))
      .map(([contentType, epoch, sequence, payload]) => forge(contentType, payload, { epoch, sequence }));
    const pairs = [0, 1, 2].map(pairBefore);
    fc.assert(
      fc.property(records, (record) => {
        for (const { server, time } of pairs) {
          server.receive(record, time.nowMs);
          expect(server.phase).not.toBe('closed');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('completes despite unauthenticated alerts, data, and a Finished', () => {
    const finished = writeHandshakeMessage(HandshakeType.finished, 5, Buffer.alloc(12));
    const forgeries = [
      forge(ContentType.alert, Buffer.of(2, 40)),
      forge(ContentType.alert, Buffer.of(1, 0)),
      forge(ContentType.applicationData, Buffer.from('evil')),
      forge(ContentType.changeCipherSpec, Buffer.of(1)),
      forge(ContentType.handshake, finished),
      forge(ContentType.handshake, Buffer.alloc(48, 1), { epoch: 1, sequence: 0 }),
      forge(ContentType.alert, Buffer.alloc(26, 1), { epoch: 1, sequence: 0 }),
      // A certificate of somebody else, under each number that it could have.
      ...[1, 2, 3].map((messageSeq) =>
        forge(
          ContentType.handshake,
          writeHandshakeMessage(HandshakeType.certificate, messageSeq, Buffer.alloc(400, 1)),
        ),
      ),
      ...[2, 3].map((messageSeq) =>
        forge(
          ContentType.handshake,
          writeHandshakeMessage(HandshakeType.clientKeyExchange, messageSeq, Buffer.alloc(33, 32)),
        ),
      ),
    ];
    const pair = createDtlsPair();
    pair.client.start(0);
    for (let atMs = 1; pair.client.phase !== 'connected' && atMs < 20_000; atMs += AT_SERVER_MS) {
      pair.time.runUntil(atMs);
      // Not all the time: a forger who is always first can keep two peers apart.
      if (atMs < 200) for (const forgery of forgeries) pair.server.receive(forgery, atMs);
    }
    expect(pair.client.phase).toBe('connected');
    expect(pair.atServer.data).toEqual([]);
    expect(pair.atServer.closed).toEqual([]);
  });

  it('follows a client that a third party made repeat its hello', () => {
    // Blind forgers cannot know a cookie, but they can send one of their own to the client at any time.
    const forgedRequest = (messageSeq: number) =>
      forge(
        ContentType.handshake,
        writeHandshakeMessage(
          HandshakeType.helloVerifyRequest,
          messageSeq,
          writeHelloVerifyRequest(DTLS_1_0, Buffer.of(1)),
        ),
      );
    for (const untilMs of [0, 15, 25, 35]) {
      const pair = createDtlsPair();
      pair.client.start(0);
      pair.time.runUntil(untilMs);
      for (let messageSeq = 0; messageSeq < 4; messageSeq++) pair.client.receive(forgedRequest(messageSeq), untilMs);
      expect(pair.time.runWhile(() => pair.client.phase !== 'connected', 20_000)).toBe(true);
    }
  });

  it('answers a bounded number of good hellos', () => {
    const pair = pairBefore(1);
    const sentBefore = pair.fromServer.length;
    for (let messageSeq = 1; messageSeq < 100; messageSeq++) {
      const hello = Buffer.from(pair.fromClient[1]!);
      hello.writeUInt16BE(messageSeq, 17);
      pair.server.receive(hello, pair.time.nowMs);
    }
    expect(pair.fromServer.length - sentBefore).toBe(8);
  });

  it('keeps a bounded number of bytes of fragments without end', () => {
    const random = seededRandom(3);
    const types = [HandshakeType.clientHello, HandshakeType.certificate, HandshakeType.certificateVerify];
    for (const index of indexes) {
      const pair = pairBefore(index);
      for (let count = 0; count < 5000; count++) {
        const length = Math.floor(random() * 20_000);
        const fragment = writeHandshakeMessage(types[count % 3]!, Math.floor(random() * 6), Buffer.alloc(50, count));
        fragment.writeUIntBE(length, 1, 3);
        fragment.writeUIntBE(Math.floor(random() * length), 6, 3);
        pair.server.receive(forge(ContentType.handshake, fragment, { sequence: count }), pair.time.nowMs);
        expect(pair.server.bufferedBytes).toBeLessThan(MAX_BUFFERED_BYTES);
      }
      expect(pair.time.runWhile(() => pair.client.phase !== 'connected', 20_000)).toBe(true);
    }
  });

  it('cannot be made to send more than it received before the cookie is returned', () => {
    const { server, fromServer, fromClient } = pairBefore(0);
    for (let count = 0; count < 100; count++) server.receive(fromClient[0]!, count);
    expect(fromServer).toHaveLength(100);
    for (const datagram of fromServer) expect(datagram.length).toBeLessThan(fromClient[0]!.length);
    expect(server.phase).toBe('listening');
    expect(server.bufferedBytes).toBe(0);
  });

  it('throws only for a fingerprint that cannot be used', () => {
    expect(() =>
      createDtlsPair({ server: { remoteFingerprint: { algorithm: 'sha-1', value: clientCertificate.fingerprint } } }),
    ).toThrow('sha-1');
  });
});
