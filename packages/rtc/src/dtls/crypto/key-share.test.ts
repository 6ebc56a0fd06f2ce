import { ECDH } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateKeyShare, NamedGroup } from './key-share.ts';

describe.each(Object.entries(NamedGroup))('a key share on %s', (_, group) => {
  it('agrees with that of the other side on one secret', () => {
    const [one, other] = [generateKeyShare(group), generateKeyShare(group)];
    expect(one.publicKey).toHaveLength(group === NamedGroup.x25519 ? 32 : 65);
    expect(one.agree(other.publicKey)).toEqual(other.agree(one.publicKey));
    expect(one.agree(other.publicKey)).toHaveLength(32);
  });

  it('refuses what is not a usable public key', () => {
    const { agree, publicKey } = generateKeyShare(group);
    for (let size = 0; size < publicKey.length; size++) expect(agree(publicKey.subarray(0, size))).toBeUndefined();
    expect(agree(Buffer.concat([publicKey, Buffer.of(0)]))).toBeUndefined();
    expect(agree(Buffer.alloc(publicKey.length))).toBeUndefined();
  });
});

describe('a key share on P-256', () => {
  it('refuses a point that is not on the curve', () => {
    const share = generateKeyShare(NamedGroup.secp256r1);
    const point = Buffer.from(generateKeyShare(NamedGroup.secp256r1).publicKey);
    point[64]! ^= 1;
    expect(share.agree(point)).toBeUndefined();
  });

  it('refuses a compressed point, which RFC 8422 forbids', () => {
    const { publicKey } = generateKeyShare(NamedGroup.secp256r1);
    const compressed = ECDH.convertKey(publicKey, 'prime256v1', undefined, undefined, 'compressed');
    expect(generateKeyShare(NamedGroup.secp256r1).agree(Buffer.from(compressed))).toBeUndefined();
  });
});

describe('a key share on X25519', () => {
  it.each([
    ['0', Buffer.alloc(32)],
    ['1', Buffer.from(`01${'00'.repeat(31)}`, 'hex')],
    ['of order 8', Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex')],
  ])('refuses the point %s, whose secret is nobody’s', (_, point) => {
    expect(generateKeyShare(NamedGroup.x25519).agree(point)).toBeUndefined();
  });
});
