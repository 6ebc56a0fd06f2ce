import { describe, expect, it } from 'vitest';
import { encodeAck, encodeOpen, MAX_NAME_BYTES, readDcep } from './dcep.ts';

const OPEN = { label: 'calls-dc', protocol: 'p', ordered: true };

describe('DCEP', () => {
  it('reads what it writes', () => {
    expect(readDcep(encodeAck())).toEqual({ type: 'ack' });
    for (const ordered of [true, false]) {
      expect(readDcep(encodeOpen({ ...OPEN, ordered })!)).toEqual({ type: 'open', ...OPEN, ordered });
    }
    expect(readDcep(encodeOpen({ label: 'größer', protocol: '', ordered: true })!)).toMatchObject({ label: 'größer' });
  });

  it('is laid out as in RFC 8832 section 5.1', () => {
    const bytes = encodeOpen({ ...OPEN, ordered: false })!;
    expect(bytes.toString('hex')).toBe(`03800000${'00000000'}${'00080001'}${Buffer.from('calls-dcp').toString('hex')}`);
  });

  it('accepts channels of limited reliability, and none of unknown type', () => {
    const bytes = encodeOpen(OPEN)!;
    for (const type of [0x00, 0x01, 0x02, 0x80, 0x81, 0x82]) {
      bytes[1] = type;
      expect(readDcep(bytes)).toMatchObject({ ordered: type < 0x80 });
    }
    for (const type of [0x03, 0x7f, 0x83, 0xff]) {
      bytes[1] = type;
      expect(readDcep(bytes)).toBeUndefined();
    }
  });

  it('is refused at every other length, and when unknown', () => {
    const bytes = encodeOpen(OPEN)!;
    for (let length = 0; length < bytes.length; length += 1)
      expect(readDcep(bytes.subarray(0, length))).toBeUndefined();
    expect(readDcep(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
    expect(readDcep(Buffer.from([0x02, 0x00]))).toBeUndefined();
    expect(readDcep(Buffer.from([0x01]))).toBeUndefined();
  });

  it('bounds label and protocol', () => {
    const longest = 'x'.repeat(MAX_NAME_BYTES);
    expect(readDcep(encodeOpen({ label: longest, protocol: longest, ordered: true })!)).toMatchObject({
      label: longest,
    });
    expect(encodeOpen({ label: `${longest}x`, protocol: '', ordered: true })).toBeUndefined();
    const tooLong = Buffer.concat([encodeOpen({ label: longest, protocol: '', ordered: true })!, Buffer.from('x')]);
    tooLong.writeUInt16BE(MAX_NAME_BYTES + 1, 8);
    expect(readDcep(tooLong)).toBeUndefined();
  });
});
