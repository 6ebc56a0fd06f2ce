import { SrtpDrop } from '@rtcd/packet-io';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProtector, createUnprotector, PROFILES, rtcpPacket, rtpPacket, testKeys } from './packets.ts';

describe.each(PROFILES)('%s', (profile) => {
  const keys = testKeys(profile);
  const wires = { rtp: createProtector(keys).rtp(rtpPacket(7)), rtcp: createProtector(keys).rtcp(rtcpPacket()) };

  describe.each(['rtp', 'rtcp'] as const)('%s', (kind) => {
    const wire = wires[kind];
    const unprotect = (receiver: ReturnType<typeof createUnprotector>['receiver'], packet: Uint8Array) =>
      kind === 'rtp' ? receiver.unprotectRtp(packet) : receiver.unprotectRtcp(packet);

    it('drops a packet with any one bit changed, and then accepts the true one', () => {
      const { receiver } = createUnprotector(keys);
      for (let bit = 0; bit < wire.length * 8; bit++) {
        const forged = wire.slice();
        forged[bit >>> 3]! ^= 1 << (bit & 7);
        expect(unprotect(receiver, forged)).toBeLessThan(0);
      }
      expect(unprotect(receiver, wire.slice())).toBeGreaterThan(0);
    });

    it('drops a packet cut at every length, and one with bytes added', () => {
      const { receiver } = createUnprotector(keys);
      for (let length = 0; length < wire.length; length++) {
        expect(unprotect(receiver, wire.slice(0, length))).toBeLessThan(0);
      }
      for (let extra = 1; extra <= 32; extra++) {
        expect(unprotect(receiver, Uint8Array.from([...wire, ...new Uint8Array(extra)]))).toBeLessThan(0);
      }
    });

    it('drops garbage of every length, above the largest packet too, without throwing', () => {
      const { receiver, stats } = createUnprotector(keys);
      let dropped = 0;
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 2200 }), fc.boolean(), (garbage, isPlausible) => {
          if (isPlausible && garbage.length > 0) garbage[0] = 0x80 | (garbage[0]! & 0x3f);
          expect(unprotect(receiver, garbage)).toBeLessThan(0);
          dropped++;
        }),
      );
      expect(unprotect(receiver, new Uint8Array(65_535).fill(0x80))).toBe(SrtpDrop.malformed);
      const { malformedDrops, unauthenticDrops } = stats();
      expect(malformedDrops + unauthenticDrops).toBe(dropped + 1);
    });

    it('drops a replay, and does not count it as forged', () => {
      const { receiver, stats } = createUnprotector(keys);
      expect(unprotect(receiver, wire.slice())).toBeGreaterThan(0);
      expect(unprotect(receiver, wire.slice())).toBe(SrtpDrop.replayed);
      expect(stats()).toMatchObject({ replayedDrops: 1, unauthenticDrops: 0 });
    });

    it('drops what was protected with other keys', () => {
      const { receiver } = createUnprotector(testKeys(profile, 1));
      expect(unprotect(receiver, wire.slice())).toBe(SrtpDrop.unauthentic);
    });

    it('keeps no state for forged sources, and for true ones up to the limit', () => {
      const { receiver, stats } = createUnprotector(keys, { maxSsrcs: 4 });
      const protector = createProtector(keys);
      const from = (ssrc: number) =>
        kind === 'rtp' ? protector.rtp(rtpPacket(1, ssrc)) : protector.rtcp(rtcpPacket(ssrc));
      for (let ssrc = 1000; ssrc < 1100; ssrc++) {
        const forged = wire.slice();
        new DataView(forged.buffer).setUint32(kind === 'rtp' ? 8 : 4, ssrc);
        expect(unprotect(receiver, forged)).toBe(SrtpDrop.unauthentic);
      }
      for (let ssrc = 1; ssrc <= 4; ssrc++) expect(unprotect(receiver, from(ssrc))).toBeGreaterThan(0);
      for (let ssrc = 5; ssrc <= 10; ssrc++) expect(unprotect(receiver, from(ssrc))).toBe(SrtpDrop.tooManySsrcs);
      expect(stats().tooManySsrcsDrops).toBe(6);

      const next = kind === 'rtp' ? protector.rtp(rtpPacket(2, 4)) : protector.rtcp(rtcpPacket(4));
      expect(unprotect(receiver, next)).toBeGreaterThan(0);
    });
  });

  it('never confuses RTP with RTCP', () => {
    const { receiver } = createUnprotector(keys);
    expect(receiver.unprotectRtp(wires.rtcp.slice())).toBeLessThan(0);
    expect(receiver.unprotectRtcp(wires.rtp.slice())).toBeLessThan(0);
  });

  it('drops RTCP that claims to be unencrypted', () => {
    const wire = wires.rtcp.slice();
    const indexOffset = wire.length - (profile === 'AEAD_AES_128_GCM' ? 4 : 14);
    wire[indexOffset]! &= 0x7f;
    expect(createUnprotector(keys).receiver.unprotectRtcp(wire)).toBe(SrtpDrop.malformed);
  });

  it('leaves a window open after a forged packet far ahead', () => {
    const { receiver } = createUnprotector(keys);
    const protector = createProtector(keys);
    expect(receiver.unprotectRtp(protector.rtp(rtpPacket(100)))).toBeGreaterThan(0);
    const forged = protector.rtp(rtpPacket(20_000));
    forged[forged.length - 1]! ^= 1;
    expect(receiver.unprotectRtp(forged)).toBe(SrtpDrop.unauthentic);
    expect(receiver.unprotectRtp(protector.rtp(rtpPacket(101)))).toBeGreaterThan(0);
  });
});
