import { createSocket, type Socket } from 'node:dgram';
import {
  DESCRIPTOR_WORDS,
  nativePlaneSupport,
  openPacketIo,
  type PacketIo,
  type PlaneKind,
  type SrtpKeys,
} from '@rtcd/packet-io';
import { seededRandom } from '@rtcd/packet-io/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { PROFILES } from './packets.ts';

const ROUNDS = 200;
/** Few enough for the receive buffer of one socket. */
const PACKETS_PER_ROUND = 50;
/** A header with five sources, and a prefix. */
const HEADER_ROOM = 64;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A plane, and the datagrams that it sent. */
class Sender {
  readonly io: PacketIo;
  readonly slot: number;
  readonly #arrived: Buffer[] = [];
  #onArrival: () => void = () => {};

  constructor(io: PacketIo, there: Socket, keys: SrtpKeys) {
    this.io = io;
    const { address, port } = there.address();
    this.slot = io.openSlot(io.openPath({ local: 0, address, port }), keys);
    there.on('message', (datagram) => {
      this.#arrived.push(datagram);
      this.#onArrival();
    });
  }

  static async open(plane: PlaneKind, keys: SrtpKeys): Promise<Sender> {
    const there = createSocket('udp4');
    await new Promise<void>((resolve) => there.bind(0, '127.0.0.1', resolve));
    const io = await openPacketIo({ addresses: [{ address: '127.0.0.1', port: 0 }], onPackets: () => {}, plane });
    closing.push(
      () => io.close(),
      () => there.close(),
    );
    return new Sender(io, there, keys);
  }

  async take(count: number): Promise<readonly Buffer[]> {
    while (this.#arrived.length < count) {
      await new Promise<void>((resolve) => {
        this.#onArrival = resolve;
      });
    }
    return this.#arrived.splice(0);
  }
}

describe.skipIf(!nativePlaneSupport().isAvailable).each(PROFILES)('%s', (profile) => {
  it('gives the same bytes for 10,000 random packets on both planes', async () => {
    const random = seededRandom(profile.length);
    const below = (limit: number) => Math.floor(random() * limit);
    const bytes = (length: number) => Uint8Array.from({ length }, () => below(256));
    const keys = { profile, masterKey: bytes(16), masterSalt: bytes(profile === 'AEAD_AES_128_GCM' ? 12 : 14) };
    let before = 0;
    /** Index in the one stream among the random packets whose rollover counter is the one that a receiver expects. */
    let index = 0;
    const [native, typescript] = [await Sender.open('native', keys), await Sender.open('typescript', keys)];
    const receivers = [native, typescript].map(({ io }) => io.createReceiver(keys, { maxSsrcs: 100_000 }));
    for (let round = 0; round < ROUNDS; round++) {
      const arena = bytes(4096);
      const words: number[] = [];
      for (let i = 0; i < PACKETS_PER_ROUND; i++) {
        const headerOffset = i * HEADER_ROOM;
        const csrcs = below(6);
        arena[headerOffset] = 0x80 | csrcs;
        let rolloverCounter = below(2 ** 32);
        if (below(2) === 0) {
          index += 1 + below(100);
          rolloverCounter = Math.floor(index / 65_536);
          arena.set([index >>> 8, index, 1, 2, 3, 4, 5, 6, 7, 8], headerOffset + 2);
        }
        const payloadLength = below(below(2) === 0 ? 120 : 1400);
        words.push(0, rolloverCounter, headerOffset, 12 + 4 * csrcs, below(30), below(2000), payloadLength);
      }
      const compound = Uint8Array.of(0x80, 201, 0, 1, ...arena.subarray(0, 4 + below(300)));
      for (const { io, slot } of [native, typescript]) {
        for (let at = 0; at < words.length; at += DESCRIPTOR_WORDS) words[at] = slot;
        io.send(arena, Uint32Array.from(words), PACKETS_PER_ROUND);
        io.sendRtcp(slot, compound);
      }
      const { rtpSent, rtcpSent, reusedIndexDrops } = typescript.io.stats();
      expect(native.io.stats()).toMatchObject({ rtpSent, rtcpSent, reusedIndexDrops });
      const count = rtpSent + rtcpSent - before;
      before += count;
      const wire = await typescript.take(count);
      expect(await native.take(count)).toEqual(wire);

      for (const datagram of wire) {
        if (below(10) === 0) datagram[below(datagram.length)]! ^= 1 << below(8);
        const protocol = datagram === wire.at(-1) ? 'unprotectRtcp' : 'unprotectRtp';
        const copies = receivers.map((receiver) => {
          const packet = Uint8Array.from(datagram);
          return { result: receiver[protocol](packet), packet, rolloverCounter: receiver.rolloverCounter };
        });
        expect(copies[0]).toEqual(copies[1]);
      }
    }
    const { rtpSent, rtpReceived, rtcpReceived, unauthenticDrops, malformedDrops } = native.io.stats();
    expect(typescript.io.stats()).toMatchObject({ rtpReceived, rtcpReceived, unauthenticDrops, malformedDrops });
    expect(rtpSent).toBe(ROUNDS * PACKETS_PER_ROUND);
    expect(rtpReceived).toBeGreaterThan((ROUNDS * PACKETS_PER_ROUND) / 3);
    expect(rtcpReceived).toBeGreaterThan(ROUNDS / 2);
  });
});
