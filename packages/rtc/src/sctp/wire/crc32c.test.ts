import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

// RFC 3720 appendix B.4, and the check value of the usual catalogues of CRCs.
const VECTORS: [string, Uint8Array, number][] = [
  ['nothing', new Uint8Array(0), 0],
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes ascending', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['32 bytes descending', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ['an iSCSI read command', iscsiReadCommand(), 0xd9963a56],
  ['"123456789"', Buffer.from('123456789'), 0xe3069283],
];

function iscsiReadCommand(): Uint8Array {
  return Buffer.from(
    '01c00000' +
      '00000000' +
      '00000000' +
      '00000000' +
      '14000000' +
      '00000400' +
      '00000014' +
      '00000018' +
      '28000000' +
      '00000000' +
      '02000000' +
      '00000000',
    'hex',
  );
}

describe('crc32c', () => {
  it.each(VECTORS)('of %s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('may be computed in pieces, wherever they are cut', () => {
    const bytes = Uint8Array.from({ length: 41 }, (_, index) => index * 29);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
    }
  });
});
