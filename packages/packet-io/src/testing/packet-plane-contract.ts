import assert from 'node:assert/strict';
import { MAX_PACKET_BYTES, PacketIoError, RECEIVED_WORDS, SrtpDrop, type SrtpProfile } from '../index.ts';
import { ContractEndpoint, contractKeys, contractRtcp, contractRtp, type OpenEndpoint } from './contract-endpoint.ts';

/** Functions of a test runner: `describe` and `it` of vitest, node:test, mocha, jest... */
export interface ContractRunner {
  /** Groups the tests that `body` defines. */
  describe(name: string, body: () => void): unknown;
  /** Defines a test, which fails if `body` rejects. */
  it(name: string, body: () => Promise<void>): unknown;
}

type Open = (options?: Parameters<typeof ContractEndpoint.open>[1]) => Promise<ContractEndpoint>;

const PROFILES: readonly SrtpProfile[] = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'];
const KEYS = contractKeys('AEAD_AES_128_GCM');

function throwsCode(action: () => void, code: string): void {
  assert.throws(action, (error) => error instanceof PacketIoError && error.code === code);
}

/**
 * Tests of what every `PacketIo` does, and so the plane behind it: call it once per implementation.
 * @param openEndpoint opens one; the suite closes it
 */
export function packetPlaneContract({ describe, it }: ContractRunner, openEndpoint: OpenEndpoint): void {
  const test = (name: string, body: (open: Open) => Promise<void>) =>
    it(name, async () => {
      const endpoints: ContractEndpoint[] = [];
      try {
        await body(async (options) => {
          const endpoint = await ContractEndpoint.open(openEndpoint, options);
          endpoints.push(endpoint);
          return endpoint;
        });
      } finally {
        await Promise.all(endpoints.map(({ io }) => io.close()));
      }
    });

  describe('a path', () => {
    test('leads to its remote, and the path of arriving packets leads back', async (open) => {
      const [here, there] = [await open(), await open()];
      here.io.transmit(Uint8Array.of(1, 2, 3), here.pathTo(there));
      const [arrival] = await there.take(1);
      assert.deepEqual([...arrival!.bytes], [1, 2, 3]);
      const { protocol, address, port } = here.io.localAddresses[0]!;
      const from = there.io.pathOf(arrival!.path)!;
      // A TCP connection is made from a port of its own.
      assert.deepEqual({ ...from }, { local: 0, address, port: protocol === 'udp' ? port : from.port });
      const back = there.io.holdPath(arrival!.path);
      assert.equal(back, there.io.openPath(from));
      there.io.transmit(Uint8Array.of(4), back!);
      assert.deepEqual([...(await here.take(1))[0]!.bytes], [4]);
    });

    test('keeps its number while it is held, and has none after the last release', async (open) => {
      const [here, there] = [await open(), await open()];
      const path = here.pathTo(there);
      assert.equal(here.pathTo(there), path);
      here.io.releasePath(path);
      const { address, port } = there.io.localAddresses[0]!;
      assert.deepEqual({ ...here.io.pathOf(path) }, { local: 0, address, port });
      assert.ok(here.io.describePath(path).includes(`${port}`));
      here.io.transmit(Uint8Array.of(1), path);
      there.io.transmit(Uint8Array.of(1), (await there.take(1))[0]!.path);
      assert.equal((await here.take(1))[0]!.path, path);

      here.io.releasePath(path);
      assert.equal(here.io.pathOf(path), undefined);
      assert.equal(here.io.holdPath(path), undefined);
      throwsCode(() => here.io.openSlot(path, KEYS), 'unknown_path');
      here.io.transmit(Uint8Array.of(2), path);
      assert.equal(here.io.stats().sendErrors, 1);
      assert.notEqual(here.pathTo(there), path);
      here.io.releasePath(path);
      assert.equal(here.io.pathOf(path), undefined);
    });

    test('is refused for an invalid IP address or port', async (open) => {
      const { io } = await open();
      throwsCode(() => io.openPath({ local: 0, address: 'example.org', port: 1 }), 'invalid_path');
      throwsCode(() => io.openPath({ local: 0, address: '192.0.2.1', port: 0 }), 'invalid_path');
      throwsCode(() => io.openPath({ local: -1, address: '192.0.2.1', port: 1 }), 'invalid_path');
    });
  });

  describe('a batch of arrivals', () => {
    test('is described within its arena, in the order of receive times', async (open) => {
      const times: number[] = [];
      const lengths: number[] = [];
      const here = await open();
      const there = await open({
        onArrival: (arena, descriptors, count) => {
          assert.ok(count > 0 && count * RECEIVED_WORDS <= descriptors.length);
          for (let at = 0; at < count * RECEIVED_WORDS; at += RECEIVED_WORDS) {
            assert.ok(descriptors[at + 1]! + descriptors[at + 2]! <= arena.length);
            lengths.push(descriptors[at + 2]!);
            times.push(descriptors[at + 3]!);
          }
        },
      });
      const path = here.pathTo(there);
      for (let length = 1; length <= 50; length++) here.io.transmit(new Uint8Array(length), path);
      await there.take(50);
      assert.deepEqual(
        lengths,
        Array.from({ length: 50 }, (_, i) => i + 1),
      );
      for (let i = 1; i < times.length; i++) assert.ok((times[i]! - times[i - 1]!) >>> 0 < 2 ** 31);
      assert.equal(there.io.stats().datagramsReceived, 50);
      assert.equal(there.io.stats().bytesReceived, (50 * 51) / 2);
    });
  });

  describe('a fan-out', () => {
    test('reaches every slot under its own keys and header, with one payload', async (open) => {
      const here = await open();
      const receivers = await Promise.all(
        Array.from({ length: 6 }, async (_, i) => {
          const keys = contractKeys(PROFILES[i % 2]!, i);
          const there = await open();
          return { there, slot: here.io.openSlot(here.pathTo(there), keys), srtp: there.io.createReceiver(keys) };
        }),
      );
      const payload = Uint8Array.from({ length: 100 }, (_, i) => i);
      const headers = receivers.map((_, i) => contractRtp(500 + i, 0));
      const arena = Buffer.concat([payload, ...headers]);
      const before = Uint8Array.from(arena);
      const descriptors = receivers.flatMap(({ slot }, i) => [
        slot,
        0,
        payload.length + 12 * i,
        12,
        0,
        0,
        payload.length,
      ]);
      here.io.send(arena, Uint32Array.from(descriptors), receivers.length);
      assert.deepEqual(Uint8Array.from(arena), before);
      for (const [i, { there, srtp }] of receivers.entries()) {
        const { bytes } = (await there.take(1))[0]!;
        assert.equal(srtp.unprotectRtp(bytes), 112);
        assert.deepEqual(bytes.slice(0, 12), headers[i]);
        assert.deepEqual(bytes.slice(12, 112), payload);
      }
      assert.equal(here.io.stats().rtpSent, receivers.length);
    });

    test('puts the prefix of each packet between its header and the payload, encrypted like it', async (open) => {
      const here = await open();
      for (const profile of PROFILES) {
        const there = await open();
        const keys = contractKeys(profile);
        const slot = here.io.openSlot(here.pathTo(there), keys);
        for (const [i, payloadLength] of [0, 5, 378, 383, 1000].entries()) {
          const whole = contractRtp(i, 6 + payloadLength);
          for (let at = 12; at < whole.length; at++) whole[at] = at;
          const payload = whole.subarray(18);
          const arena = Buffer.concat([payload, whole.subarray(0, 18)]);
          here.io.send(arena, Uint32Array.of(slot, 0, payloadLength, 12, 6, 0, payloadLength), 1);
          here.sendRtp(slot, whole);
          const [apart, inOnePiece] = await there.take(2);
          assert.deepEqual(apart!.bytes, inOnePiece!.bytes);
        }
      }
    });

    test('throws for a descriptor outside of the arena, and sends nothing of the call', async (open) => {
      const here = await open();
      const slot = here.io.openSlot(here.pathTo(await open()), KEYS);
      const good = [slot, 0, 0, 12, 0, 12, 40];
      for (const wrong of [
        [slot, 0, 41, 12, 0, 0, 10],
        [slot, 0, 0, 12, 41, 0, 10],
        [slot, 0, 0, 12, 0xffff_ffff, 0, 10],
        [slot, 0, 0, 12, 0, 13, 40],
        [slot, 0, 0xffff_ffff, 12, 0, 0xffff_fff0, 0x20],
        [slot, 0, 0, 11, 0, 12, 10],
      ]) {
        const descriptors = Uint32Array.from([...good, ...wrong]);
        throwsCode(() => here.io.send(contractRtp(1), descriptors, 2), 'invalid_descriptor');
        throwsCode(() => here.io.send(contractRtp(1), descriptors, 3), 'invalid_descriptor');
      }
      assert.equal(here.io.stats().datagramsSent, 0);
    });

    test('drops and counts packets that are too large or too small', async (open) => {
      const here = await open();
      const slot = here.io.openSlot(here.pathTo(await open()), KEYS);
      here.sendRtp(slot, contractRtp(1, MAX_PACKET_BYTES - 12 - 16), contractRtp(2, MAX_PACKET_BYTES - 12 - 15));
      const withPrefix = Uint32Array.of(slot, 0, 0, 12, MAX_PACKET_BYTES - 12 - 16, 0, 1);
      here.io.send(new Uint8Array(MAX_PACKET_BYTES), withPrefix, 1);
      here.io.sendRtcp(slot, new Uint8Array(7));
      here.io.sendRtcp(slot, new Uint8Array(MAX_PACKET_BYTES));
      const { rtpSent, rtcpSent, unsendableDrops } = here.io.stats();
      assert.deepEqual({ rtpSent, rtcpSent, unsendableDrops }, { rtpSent: 1, rtcpSent: 0, unsendableDrops: 4 });
    });
  });

  describe('a slot', () => {
    test('drops and counts RTP whose index is 1,024 or more behind the newest of its stream', async (open) => {
      const [here, there] = [await open(), await open()];
      const slot = here.io.openSlot(here.pathTo(there), KEYS);
      const send = (index: number) => {
        const packet = contractRtp(index & 0xffff);
        here.io.send(packet, Uint32Array.of(slot, index >>> 16, 0, 12, 0, 12, packet.length - 12), 1);
      };
      send(0x1_0200);
      for (const recent of [0x1_0200, 0x1_0000, 0xffff, 0xfe01]) send(recent);
      for (const old of [0xfe00, 0x0200, 0]) send(old);
      const { rtpSent, reusedIndexDrops } = here.io.stats();
      assert.deepEqual({ rtpSent, reusedIndexDrops }, { rtpSent: 5, reusedIndexDrops: 3 });
      const next = here.io.openSlot(here.pathTo(there), contractKeys('AEAD_AES_128_GCM', 1));
      here.sendRtp(next, contractRtp(0));
      assert.equal(here.io.stats().rtpSent, 6);
    });

    test('moves to another path, and keeps its SRTCP index', async (open) => {
      const [here, first, second] = [await open(), await open(), await open()];
      const slot = here.io.openSlot(here.pathTo(first), KEYS);
      here.io.sendRtcp(slot, contractRtcp());
      here.io.moveSlot(slot, here.pathTo(second));
      here.io.sendRtcp(slot, contractRtcp());
      const srtp = second.io.createReceiver(KEYS);
      for (const there of [first, second]) {
        assert.equal(srtp.unprotectRtcp((await there.take(1))[0]!.bytes), contractRtcp().length);
      }
      throwsCode(() => here.io.moveSlot(slot + 1, here.pathTo(first)), 'unknown_slot');
    });

    test('holds its path', async (open) => {
      const [here, there] = [await open(), await open()];
      const path = here.pathTo(there);
      const slot = here.io.openSlot(path, KEYS);
      here.io.releasePath(path);
      here.sendRtp(slot, contractRtp(1));
      await there.take(1);
      here.io.closeSlot(slot);
      assert.equal(here.io.pathOf(path), undefined);
    });

    test('drops and counts once it is closed, also when its place is used again', async (open) => {
      const [here, there] = [await open(), await open()];
      const path = here.pathTo(there);
      const closed = here.io.openSlot(path, KEYS);
      here.io.closeSlot(closed);
      here.io.closeSlot(closed);
      const next = here.io.openSlot(path, KEYS);
      assert.notEqual(next, closed);
      here.sendRtp(closed, contractRtp(1));
      here.io.sendRtcp(closed, contractRtcp());
      const { slots, slotClosedDrops, datagramsSent } = here.io.stats();
      assert.deepEqual({ slots, slotClosedDrops, datagramsSent }, { slots: 1, slotClosedDrops: 2, datagramsSent: 0 });
    });

    test('is refused over the limit until one closes, and for invalid keys', async (open) => {
      const [here, there] = [await open({ maxSlots: 2 }), await open()];
      const path = here.pathTo(there);
      const first = here.io.openSlot(path, KEYS);
      throwsCode(() => here.io.openSlot(path, { ...KEYS, masterSalt: new Uint8Array(14) }), 'invalid_keys');
      here.io.openSlot(path, KEYS);
      throwsCode(() => here.io.openSlot(path, KEYS), 'too_many_slots');
      here.io.closeSlot(first);
      here.io.openSlot(path, KEYS);
    });
  });

  describe('a receiver', () => {
    test('takes each authentic packet once, under both profiles, and counts its drops', async (open) => {
      const [here, there] = [await open(), await open()];
      for (const profile of PROFILES) {
        const keys = contractKeys(profile);
        const slot = here.io.openSlot(here.pathTo(there), keys);
        here.sendRtp(slot, contractRtp(1));
        here.io.sendRtcp(slot, contractRtcp());
        const [rtp, rtcp] = (await there.take(2)).map(({ bytes }) => bytes) as [Uint8Array, Uint8Array];
        const srtp = there.io.createReceiver(keys);
        const forged = rtp.slice();
        forged[20]! ^= 1;
        assert.equal(srtp.unprotectRtp(forged), SrtpDrop.unauthentic);
        assert.equal(srtp.unprotectRtp(rtp.slice()), contractRtp(1).length);
        assert.equal(srtp.unprotectRtp(rtp), SrtpDrop.replayed);
        assert.equal(srtp.unprotectRtcp(rtcp.slice()), contractRtcp().length);
        assert.equal(srtp.unprotectRtcp(rtcp), SrtpDrop.replayed);
        assert.equal(srtp.unprotectRtp(new Uint8Array(11)), SrtpDrop.malformed);
      }
      const { unauthenticDrops, replayedDrops, malformedDrops } = there.io.stats();
      assert.deepEqual([unauthenticDrops, replayedDrops, malformedDrops], [2, 4, 2]);
      throwsCode(() => there.io.createReceiver({ ...KEYS, masterKey: new Uint8Array(15) }), 'invalid_keys');
    });
  });

  describe('closing', () => {
    test('may be repeated, and turns later sends into counted errors', async (open) => {
      const [here, there] = [await open(), await open()];
      const path = here.pathTo(there);
      const slot = here.io.openSlot(path, KEYS);
      const closing = here.io.close();
      assert.equal(here.io.close(), closing);
      await closing;
      here.io.transmit(Uint8Array.of(1), path);
      here.sendRtp(slot, contractRtp(1));
      assert.equal(here.io.stats().sendErrors, 2);
    });
  });
}
