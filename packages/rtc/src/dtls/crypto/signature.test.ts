import { createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDtlsCertificate } from './certificate.ts';
import { derBitString, derInteger, derObjectIdentifier, derSequence, derTime } from './der.ts';
import { SignatureScheme, signEcdsa, verifySignature } from './signature.ts';

const data = Buffer.from('the handshake so far');
const { ecdsaSecp256r1Sha256, rsaPkcs1Sha256 } = SignatureScheme;

/** A certificate of any key; nobody looks at its own signature. */
function certificateOf(publicKey: KeyObject): Buffer {
  const algorithm = derSequence(derObjectIdentifier('1.2.840.113549.1.1.11'));
  const validity = derSequence(derTime(0), derTime(Date.UTC(2040, 0)));
  const nobody = derSequence();
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const toBeSigned = derSequence(derInteger(Buffer.of(1)), algorithm, nobody, validity, nobody, key);
  return derSequence(toBeSigned, algorithm, derBitString(Buffer.alloc(256)));
}

describe('verifySignature', () => {
  it('accepts ECDSA on P-256 only from the holder of the key', () => {
    const [mine, other] = [createDtlsCertificate(), createDtlsCertificate()];
    const signature = signEcdsa(mine.privateKey, data);
    expect(verifySignature(mine.der, ecdsaSecp256r1Sha256, data, signature)).toBe(true);
    expect(verifySignature(other.der, ecdsaSecp256r1Sha256, data, signature)).toBe(false);
    expect(verifySignature(mine.der, ecdsaSecp256r1Sha256, Buffer.from('else'), signature)).toBe(false);
    for (let size = 0; size < signature.length; size++) {
      expect(verifySignature(mine.der, ecdsaSecp256r1Sha256, data, signature.subarray(0, size))).toBe(false);
    }
  });

  it.each([
    [2048, true],
    [1024, false],
  ])('of RSA with %i bits: %s', (modulusLength, taken) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
    const signature = createSign('sha256').update(data).sign(privateKey);
    expect(verifySignature(certificateOf(publicKey), rsaPkcs1Sha256, data, signature)).toBe(taken);
  });

  it('refuses a scheme that does not match the key, or is unsupported', () => {
    const { der, privateKey } = createDtlsCertificate();
    const signature = signEcdsa(privateKey, data);
    for (const scheme of [rsaPkcs1Sha256, 0x0203, 0x0503, 0x0807, 0, 0xffff]) {
      expect(verifySignature(der, scheme, data, signature)).toBe(false);
    }
  });

  it.each([
    ['ed25519', generateKeyPairSync('ed25519')],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ])('refuses a key on %s', (_, { publicKey, privateKey }) => {
    const signature = sign(publicKey.asymmetricKeyType === 'ec' ? 'sha256' : null, data, privateKey);
    expect(verifySignature(certificateOf(publicKey), ecdsaSecp256r1Sha256, data, signature)).toBe(false);
  });

  it('refuses what is not a certificate', () => {
    const { der, privateKey } = createDtlsCertificate();
    const signature = signEcdsa(privateKey, data);
    expect(verifySignature(Buffer.alloc(0), ecdsaSecp256r1Sha256, data, signature)).toBe(false);
    expect(verifySignature(der.subarray(0, 100), ecdsaSecp256r1Sha256, data, signature)).toBe(false);
  });
});
