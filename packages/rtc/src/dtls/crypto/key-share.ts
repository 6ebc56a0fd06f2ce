import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';

/** RFC 8422 section 5.1.1 */
export const NamedGroup = { secp256r1: 23, x25519: 29 } as const;
export type NamedGroup = (typeof NamedGroup)[keyof typeof NamedGroup];

/** In the order in which the server prefers them. */
export const NAMED_GROUP_PREFERENCE: readonly NamedGroup[] = [NamedGroup.x25519, NamedGroup.secp256r1];

/** Bytes of the longest public key: an uncompressed P-256 point. */
export const MAX_PUBLIC_KEY_SIZE = 65;
const X25519_KEY_SIZE = 32;

/** An ephemeral key pair, used for one handshake. */
export interface KeyShare {
  readonly group: NamedGroup;
  readonly publicKey: Buffer;
  /** The premaster secret, undefined if the peer's key is not a usable point. */
  agree(peerPublicKey: Uint8Array): Buffer | undefined;
}

export function generateKeyShare(group: NamedGroup): KeyShare {
  switch (group) {
    case NamedGroup.x25519:
      return generateX25519();
    case NamedGroup.secp256r1:
      return generateP256();
    default:
      return group satisfies never;
  }
}

/** RFC 7748, with the check for the all-zero output that RFC 8422 section 5.11 asks for made by node:crypto. */
function generateX25519(): KeyShare {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return {
    group: NamedGroup.x25519,
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    agree(peerPublicKey) {
      if (peerPublicKey.length !== X25519_KEY_SIZE) return undefined;
      const x = Buffer.from(peerPublicKey).toString('base64url');
      try {
        const peer = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
        return diffieHellman({ privateKey, publicKey: peer });
      } catch {
        return undefined;
      }
    },
  };
}

/** Uncompressed points only (RFC 8422 section 5.1.2). node:crypto refuses those that are not on the curve. */
function generateP256(): KeyShare {
  const ecdh = createECDH('prime256v1');
  return {
    group: NamedGroup.secp256r1,
    publicKey: ecdh.generateKeys(),
    agree(peerPublicKey) {
      if (peerPublicKey.length !== MAX_PUBLIC_KEY_SIZE) return undefined;
      try {
        return ecdh.computeSecret(peerPublicKey);
      } catch {
        return undefined;
      }
    },
  };
}
