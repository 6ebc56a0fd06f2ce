import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpPacket } from 'werift';
import { rtpHeaderLength, writeRtpHeader } from './header.ts';
import {
  findHeaderExtension,
  HeaderExtensionWriter,
  headerExtensionLength,
  MAX_ONE_BYTE_ID,
  MAX_ONE_BYTE_LENGTH,
  MAX_TWO_BYTE_ID,
  MAX_TWO_BYTE_LENGTH,
} from './header-extensions.ts';

const FIELDS = { marker: false, payloadType: 111, sequenceNumber: 1, timestamp: 2, ssrc: 3 };

/** A packet whose extension block has this profile and these bytes, filled up to whole words. */
function packetWith(profile: string, block: string, csrcs = 0): Buffer {
  const data = Buffer.from(block.replaceAll(/\s/g, ''), 'hex');
  const words = Math.ceil(data.length / 4);
  const packet = Buffer.alloc(12 + csrcs * 4 + 4 + words * 4 + 2, 0);
  writeRtpHeader(packet, 0, FIELDS);
  packet[0]! |= 0x10 | csrcs;
  packet.write(profile, 12 + csrcs * 4, 'hex');
  packet.writeUInt16BE(words, 14 + csrcs * 4);
  packet.set(data, 16 + csrcs * 4);
  expect(rtpHeaderLength(packet)).toBe(packet.length - 2);
  return packet;
}

function find(packet: Buffer, id: number): string | undefined {
  const offset = findHeaderExtension(packet, id);
  return offset < 0 ? undefined : packet.toString('hex', offset, offset + headerExtensionLength(packet, offset));
}

describe('header extensions', () => {
  it('are found in one-byte form, between padding, behind CSRCs', () => {
    // The layout of the example in RFC 8285 section 4.2.
    for (const csrcs of [0, 1, 15]) {
      const packet = packetWith('bede', '10aa 21bbbb 0000 33ccccdddd', csrcs);
      expect([1, 2, 3, 4].map((id) => find(packet, id))).toEqual(['aa', 'bbbb', 'ccccdddd', undefined]);
    }
  });

  it('are found in two-byte form, including empty ones', () => {
    // The layout of the example in RFC 8285 section 4.3.
    const packet = packetWith('1000', '0100 0201bb 00 0304ccccdddd ff02eeee');
    expect([1, 2, 3, 255, 4].map((id) => find(packet, id))).toEqual(['', 'bb', 'ccccdddd', 'eeee', undefined]);
    expect(find(packetWith('100f', '0201bb'), 2)).toBe('bb');
  });

  it('are not found if there are none', () => {
    const plain = Buffer.alloc(12);
    writeRtpHeader(plain, 0, FIELDS);
    expect(findHeaderExtension(plain, 1)).toBe(-1);
    expect(findHeaderExtension(packetWith('bede', ''), 1)).toBe(-1);
    expect(findHeaderExtension(packetWith('beef', '10aa 0000'), 1)).toBe(-1);
    expect(findHeaderExtension(packetWith('bede', '00000000'), 0)).toBe(-1);
  });

  it('end at id 15 and at padding with a length, in one-byte form', () => {
    expect(find(packetWith('bede', 'f0aa 10bb'), 1)).toBeUndefined();
    expect(find(packetWith('bede', 'f0aa 10bb'), 15)).toBeUndefined();
    expect(find(packetWith('bede', '01aaaa 10bb'), 1)).toBeUndefined();
    expect(find(packetWith('bede', '20aa 01aaaa 10bb'), 2)).toBe('aa');
  });

  it('never reach beyond their block', () => {
    expect(find(packetWith('bede', '13aabbcc'), 1)).toBeUndefined();
    expect(find(packetWith('bede', '12aabbcc'), 1)).toBe('aabbcc');
    expect(find(packetWith('1000', '0103aabb'), 1)).toBeUndefined();
    expect(find(packetWith('1000', '0102aabb'), 1)).toBe('aabb');
    expect(find(packetWith('1000', '00000001'), 1)).toBeUndefined();
  });

  it('are inside the header whatever the bytes', () => {
    const profile = fc.constantFrom('bede', '1000', '1007');
    fc.assert(
      fc.property(profile, fc.uint8Array({ maxLength: 64 }), fc.nat(255), (form, bytes, id) => {
        const packet = packetWith(form, Buffer.from(bytes).toString('hex'));
        const offset = findHeaderExtension(packet, id);
        if (offset < 0) return;
        expect(offset).toBeGreaterThan(16);
        expect(offset + headerExtensionLength(packet, offset)).toBeLessThanOrEqual(packet.length - 2);
      }),
      { numRuns: 500 },
    );
  });
});

describe('HeaderExtensionWriter', () => {
  const writer = new HeaderExtensionWriter();

  it('leaves the block out when nothing was written', () => {
    const out = Buffer.alloc(40);
    writeRtpHeader(out, 4, FIELDS);
    writer.begin(out, 4);
    expect(writer.end()).toBe(16);
    expect(rtpHeaderLength(out.subarray(4, 16))).toBe(12);
    expect(out[4]).toBe(0x80);
  });

  it('writes whole words', () => {
    const out = Buffer.alloc(40, 0xff);
    writeRtpHeader(out, 0, FIELDS);
    writer.begin(out, 0);
    writer.writeUInt8(1, 0x85);
    writer.writeUInt16(3, 0xabcd);
    writer.writeBytes(14, Buffer.from('0'));
    expect(writer.end()).toBe(24);
    expect(out.toString('hex', 12, 24)).toBe('bede0002108531abcde03000');
    expect(rtpHeaderLength(out)).toBe(24);
  });

  it.each([
    ['an id over 14', 15, 'aabb', '0201850f02aabb00'],
    ['no data', 3, '', '0201850300000000'],
    ['more than 16 bytes', 3, '11'.repeat(17), `0201850311${'11'.repeat(17)}0000`],
  ])('changes to two-byte form for %s', (_, id, data, block) => {
    const out = Buffer.alloc(64, 0xff);
    writeRtpHeader(out, 0, FIELDS);
    writer.begin(out, 0);
    writer.writeUInt8(2, 0x85);
    writer.writeBytes(id, Buffer.from(data, 'hex'));
    const packet = out.subarray(0, writer.end());
    expect(packet.toString('hex', 12, 14)).toBe('1000');
    expect(packet.toString('hex', 16)).toBe(block);
    expect([find(packet, 2), find(packet, id)]).toEqual(['85', data]);
    writer.begin(out, 0);
    writer.writeUInt8(2, 0x85);
    expect(out.toString('hex', 12, writer.end())).toBe('bede000120850000');
  });

  it('refuses elements that fit neither form, and those without room', () => {
    const out = Buffer.alloc(20);
    writeRtpHeader(out, 0, FIELDS);
    const write = (id: number, length: number) => () => {
      writer.begin(out, 0);
      writer.writeBytes(id, new Uint8Array(length));
      writer.end();
    };
    for (const id of [0, -1, 256, Number.NaN]) expect(write(id, 1)).toThrow(RangeError);
    expect(write(1, 256)).toThrow(RangeError);
    expect(write(1, 4)).toThrow(RangeError);
    expect(write(15, 3)).toThrow(RangeError);
    expect(write(1, 3)).not.toThrow();
    writer.begin(out, 0);
    writer.writeBytes(1, new Uint8Array(3));
    expect(() => writer.writeUInt8(15, 1)).toThrow(RangeError);
    const short = Buffer.alloc(18);
    writer.begin(short, 0);
    writer.writeUInt8(1, 1);
    expect(() => writer.end()).toThrow(RangeError);
  });

  it.each([
    ['one-byte', MAX_ONE_BYTE_ID, 1, MAX_ONE_BYTE_LENGTH],
    ['either', MAX_TWO_BYTE_ID, 0, MAX_TWO_BYTE_LENGTH],
  ])('writes extensions that this and another implementation read, in %s form', (_, max, minLength, maxLength) => {
    const element = fc.tuple(fc.integer({ min: 1, max }), fc.uint8Array({ minLength, maxLength }));
    const elements = fc.uniqueArray(element, { selector: ([id]) => id, maxLength: 14 });
    fc.assert(
      fc.property(elements, fc.nat(8), (written, offset) => {
        const out = Buffer.alloc(4000, 0xff);
        writeRtpHeader(out, offset, FIELDS);
        writer.begin(out, offset);
        for (const [id, data] of written) writer.writeBytes(id, data);
        const packet = out.subarray(offset, writer.end());
        expect(rtpHeaderLength(packet)).toBe(packet.length);
        for (const [id, data] of written) expect(find(packet, id)).toBe(Buffer.from(data).toString('hex'));
        const { header } = RtpPacket.deSerialize(packet);
        expect(header.extensions.map(({ id, payload }) => [id, Buffer.from(payload)])).toEqual(
          written.map(([id, data]) => [id, Buffer.from(data)]),
        );
      }),
    );
  });
});
