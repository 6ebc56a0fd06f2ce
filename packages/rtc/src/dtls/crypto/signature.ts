import { type KeyObject, sign, verify, X509Certificate } from 'node:crypto';

/** SignatureAndHashAlgorithm as one number (RFC 5246 section 7.4.1.4.1), named as in RFC 8446 section 4.2.3. */
export const SignatureScheme = { ecdsaSecp256r1Sha256: 0x0403, rsaPkcs1Sha256: 0x0401 } as const;

/** Signature schemes that a peer may use: browsers ECDSA, others also RSA. */
export const PEER_SIGNATURE_SCHEMES: readonly number[] = [
  SignatureScheme.ecdsaSecp256r1Sha256,
  SignatureScheme.rsaPkcs1Sha256,
];

const MIN_RSA_BITS = 2048;
/** Verifying gets slower with the size, and the peer chooses it. */
const MAX_RSA_BITS = 4096;

/** ECDSA P-256 with SHA-256: all that our own certificates do. */
export function signEcdsa(privateKey: KeyObject, data: Uint8Array): Buffer {
  return sign('sha256', data, privateKey);
}

/** Reports whether the holder of the certificate's key has signed the data, with a scheme that we take. */
export function verifySignature(
  certificate: Uint8Array,
  scheme: number,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const publicKey = publicKeyOf(certificate);
  return publicKey !== undefined && fits(publicKey, scheme) && verify('sha256', data, publicKey, signature);
}

function publicKeyOf(certificate: Uint8Array): KeyObject | undefined {
  try {
    return new X509Certificate(certificate).publicKey;
  } catch {
    return undefined;
  }
}

function fits(key: KeyObject, scheme: number): boolean {
  const details = key.asymmetricKeyDetails;
  switch (scheme) {
    case SignatureScheme.ecdsaSecp256r1Sha256:
      return key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1';
    case SignatureScheme.rsaPkcs1Sha256: {
      const bits = details?.modulusLength ?? 0;
      return key.asymmetricKeyType === 'rsa' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
    }
    default:
      return false;
  }
}
