import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProtector, createUnprotector, PROFILES, rtcpPacket, rtpPacket, testKeys } from './packets.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint16 = fc.integer({ min: 0, max: 0xffff });

/** Any RTP packet: contributing sources, an extension or none, and payloads on both sides of what is called short. */
const anyRtp = fc
  .record({
    sequenceNumber: uint16,
    ssrc: uint32,
    csrcs: fc.array(uint32, { maxLength: 15 }),
    extensionWords: fc.option(fc.array(uint32, { maxLength: 8 })),
    payload: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 380, maxLength: 1300 })),
  })
  .map(({ sequenceNumber, ssrc, csrcs, extensionWords, payload }) => {
    const extension = extensionWords === null ? [] : [0xbede0000 + extensionWords.length, ...extensionWords];
    const header = new Uint8Array(12 + 4 * (csrcs.length + extension.length));
    const view = new DataView(header.buffer);
    view.setUint8(0, 0x80 | csrcs.length | (extensionWords === null ? 0 : 0x10));
    view.setUint8(1, 111);
    view.setUint16(2, sequenceNumber);
    view.setUint32(8, ssrc);
    for (const [i, word] of [...csrcs, ...extension].entries()) view.setUint32(12 + 4 * i, word);
    return { packet: Uint8Array.from([...header, ...payload]), headerLength: header.length };
  });

describe.each(PROFILES)('%s', (profile) => {
  const keys = testKeys(profile);

  it('restores any RTP packet, with its header readable and its payload hidden in transit', () => {
    fc.assert(
      fc.property(anyRtp, ({ packet, headerLength }) => {
        const wire = createProtector(keys).rtp(packet, 0, headerLength);
        expect(wire.slice(0, headerLength)).toEqual(packet.slice(0, headerLength));
        if (packet.length - headerLength >= 16)
          expect(wire.slice(headerLength, packet.length)).not.toEqual(packet.slice(headerLength));
        const { receiver } = createUnprotector(keys);
        expect(receiver.unprotectRtp(wire)).toBe(packet.length);
        expect(wire.slice(0, packet.length)).toEqual(packet);
      }),
    );
  });

  it('restores any RTCP packet', () => {
    const anyLength = fc.integer({ min: 0, max: 300 }).map((words) => 4 * words);
    fc.assert(
      fc.property(uint32, anyLength, (ssrc, bodyLength) => {
        const packet = rtcpPacket(ssrc, bodyLength);
        const wire = createProtector(keys).rtcp(packet);
        const { receiver } = createUnprotector(keys);
        expect(receiver.unprotectRtcp(wire)).toBe(packet.length);
        expect(wire.slice(0, packet.length)).toEqual(packet);
      }),
    );
  });

  it('protects the same packet differently in each cycle and for each key', () => {
    const packet = rtpPacket(1);
    const protector = createProtector(keys);
    expect(protector.rtp(packet, 1)).not.toEqual(protector.rtp(packet, 0));
    expect(createProtector(testKeys(profile, 1)).rtp(packet)).not.toEqual(protector.rtp(packet));
  });
});
