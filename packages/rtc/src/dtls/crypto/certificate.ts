import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  derBitString,
  derExplicit,
  derInteger,
  derObjectIdentifier,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from './der.ts';
import { certificateFingerprint } from './fingerprint.ts';
import { signEcdsa } from './signature.ts';

/** A certificate and its key. In WebRTC it is trusted by its fingerprint alone, which travels in the SDP (RFC 8827 section 6.5). */
export interface DtlsCertificate {
  /** X.509, DER. */
  readonly der: Uint8Array;
  /** ECDSA on P-256. */
  readonly privateKey: KeyObject;
  /** SHA-256 over `der`, upper-case hex with colons, as in `a=fingerprint:sha-256`. */
  readonly fingerprint: string;
}

/** Contents of a new certificate. */
export interface DtlsCertificateOptions {
  /** Common name of subject and issuer. */
  readonly commonName?: string;
  /** Milliseconds since 1970. The certificate is valid from a day before, for clocks that are off, to a year after. */
  readonly nowMs?: number;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const VERSION_3 = Buffer.of(2);
const SERIAL_SIZE = 16;
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 365;

/** A new key on P-256 with a self-signed certificate (RFC 5280 section 4.1). */
export function createDtlsCertificate(options: DtlsCertificateOptions = {}): DtlsCertificate {
  const { commonName = 'rtcd', nowMs = Date.now() } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = derSequence(derObjectIdentifier(ECDSA_WITH_SHA256));
  const name = derSequence(derSet(derSequence(derObjectIdentifier(COMMON_NAME), derUtf8String(commonName))));
  const toBeSigned = derSequence(
    derExplicit(0, derInteger(VERSION_3)),
    derInteger(randomBytes(SERIAL_SIZE)),
    algorithm,
    name,
    derSequence(derTime(nowMs - DAY_MS), derTime(nowMs + VALID_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const der = derSequence(toBeSigned, algorithm, derBitString(signEcdsa(privateKey, toBeSigned)));
  return { der, privateKey, fingerprint: certificateFingerprint(der) };
}
