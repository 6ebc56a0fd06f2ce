import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SctpAssociation } from '../src/sctp/association.ts';
import { ChunkType, encodeChunk } from '../src/sctp/wire/chunk.ts';
import { packetChecksum } from '../src/sctp/wire/packet.ts';
import { createChannelsPair } from './sctp-pair.ts';
import { dataChunk, packetOf, RawPeer } from './sctp-raw-peer.ts';

const MOST_RECEIVE_BUFFERED_BYTES = 6 * 65_536;
const MOST_SEND_BUFFERED_BYTES = 1_048_576;

function expectBounded({ stats }: Pick<SctpAssociation, 'stats'>): void {
  expect(stats.receiveBufferedBytes).toBeGreaterThanOrEqual(0);
  expect(stats.receiveBufferedBytes).toBeLessThanOrEqual(MOST_RECEIVE_BUFFERED_BYTES);
  expect(stats.sendBufferedBytes).toBeGreaterThanOrEqual(0);
  expect(stats.sendBufferedBytes).toBeLessThanOrEqual(MOST_SEND_BUFFERED_BYTES);
}

const KNOWN_TYPES = Object.values(ChunkType);

/** Chunks with a right header and anything for the rest: values short and long, lengths and counts of all kinds. */
const anyChunk = fc
  .tuple(
    fc.oneof(fc.constantFrom(...KNOWN_TYPES), fc.integer({ min: 0, max: 255 })),
    fc.integer({ min: 0, max: 255 }),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([type, flags, value]) => encodeChunk(type, flags, value));

/** DATA near the expected TSN: it gets past the first checks. */
const anyData = fc
  .record({
    offset: fc.integer({ min: -3, max: 40 }),
    begin: fc.boolean(),
    end: fc.boolean(),
    unordered: fc.boolean(),
    ssn: fc.integer({ min: 0, max: 5 }),
    streamId: fc.constantFrom(0, 1, 1023, 1024),
    ppid: fc.constantFrom(50, 51, 53, 56, 57, 0),
    length: fc.integer({ min: 0, max: 3000 }),
  })
  .map(({ offset, length, ...data }) => dataChunk(offset, Buffer.alloc(length), data));

describe('an association never throws, nor keeps more than it may', () => {
  it('with random bytes', () => {
    const peer = new RawPeer().connect();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        peer.association.receive(bytes, peer.nowMs);
        expect(peer.association.state).toBe('established');
      }),
      { numRuns: 300 },
    );
  });

  it('with random chunks in good packets', () => {
    const packets = fc.array(fc.array(fc.oneof(anyChunk, anyData, anyData), { minLength: 1, maxLength: 5 }), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(packets, fc.boolean(), (plan, isConnected) => {
        const peer = isConnected ? new RawPeer().connect() : new RawPeer();
        if (!isConnected) peer.association.connect(peer.nowMs);
        for (const [index, chunks] of plan.entries()) {
          peer.send(...chunks);
          if (index % 3 === 0) peer.sendWithTag(0, chunks[0]!);
          if (index % 5 === 0) peer.wait(300);
          if (peer.association.state === 'established') peer.association.send(0, 53, Buffer.alloc(2000), peer.nowMs);
          expectBounded(peer.association);
        }
        peer.wait(120_000);
        expectBounded(peer.association);
      }),
      { numRuns: 300 },
    );
  });

  it('with packets of a good session, changed anywhere and given a right checksum', () => {
    const recorded: Uint8Array[] = [];
    const original = createChannelsPair({ link: { lossRate: 0.1, seed: 3 } });
    const receive = original.link.b.onDatagram;
    original.link.b.onDatagram = (packet, nowMs) => {
      recorded.push(Uint8Array.from(packet));
      receive(packet, nowMs);
    };
    const channel = original.openChannel();
    original.client.send(channel.atClient, new Uint8Array(20_000), original.time.nowMs);
    original.server.send(channel.atServer, new Uint8Array(20_000), original.time.nowMs);
    original.until(() => original.atClient.messages.length + original.atServer.messages.length === 2);
    original.client.closeChannel(channel.atClient, original.time.nowMs);
    original.until(() => original.atClient.channelsClosed.length === 1);
    original.client.close(original.time.nowMs);
    original.until(() => original.atClient.closed.length === 1);

    // The same random numbers give the same tag, TSN and cookie key: as it was recorded, the session plays again.
    const replay = (packets: readonly Uint8Array[]) => {
      const { server } = createChannelsPair({ link: { seed: 3 } });
      for (const [index, packet] of packets.entries()) {
        server.receive(packet, index);
        if (server.deadline() <= index) server.timeout(index);
        expectBounded(server);
      }
      return server.stats;
    };
    expect(replay(recorded)).toMatchObject({ messagesReceived: 2, packetsDropped: 0 });

    const change = fc.record({
      packet: fc.nat(),
      at: fc.nat(),
      value: fc.nat(255),
      cut: fc.nat(40),
      isCut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 10 }), (changes) => {
        const packets = recorded.map((packet) => Buffer.from(packet));
        for (const { packet, at, value, cut, isCut } of changes) {
          const index = packet % packets.length;
          const bytes = packets[index]!;
          // Behind ports and tag: those are tested elsewhere and would hide the rest.
          if (bytes.length > 13) bytes[12 + (at % (bytes.length - 12))] = value;
          if (isCut) packets[index] = bytes.subarray(0, Math.max(12, bytes.length - cut));
          packets[index]!.writeUInt32LE(packetChecksum(packets[index]!), 8);
        }
        replay(packets);
      }),
      { numRuns: 150 },
    );
  });

  it('with a good packet cut at every length', () => {
    const peer = new RawPeer().connect();
    const packet = packetOf(
      peer.theirTag,
      dataChunk(0, 'hello'),
      encodeChunk(ChunkType.Heartbeat, 0, Buffer.from('information')),
    );
    for (let length = 12; length < packet.length; length += 1) {
      const cut = Buffer.from(packet.subarray(0, length));
      cut.writeUInt32LE(packetChecksum(cut), 8);
      peer.association.receive(cut, peer.nowMs);
    }
    expect(peer.messages.length).toBeLessThanOrEqual(1);
    expect(peer.association.state).toBe('established');
  });
});
