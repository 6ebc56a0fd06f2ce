import { hash } from 'node:crypto';
import { RtcError } from '../../errors.ts';

/** `a=fingerprint` of an SDP (RFC 8122 section 5): "sha-256" and the like, then hex bytes with colons between. */
export interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

/** By their names in SDP. SHA-1 and MD5 are left out: an attacker who finds a collision can impersonate a peer. */
const DIGESTS: Readonly<Record<string, { readonly name: string; readonly sizeBytes: number }>> = {
  'sha-256': { name: 'sha256', sizeBytes: 32 },
  'sha-384': { name: 'sha384', sizeBytes: 48 },
  'sha-512': { name: 'sha512', sizeBytes: 64 },
};

const HEX_BYTES = /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i;

export const isSameFingerprint = (a: Fingerprint, b: Fingerprint): boolean =>
  a.algorithm === b.algorithm && a.value === b.value;

/** Reports whether a certificate can be held against this fingerprint. */
export function isSupportedFingerprint({ algorithm, value }: Fingerprint): boolean {
  const digest = digestOf(algorithm);
  return digest !== undefined && HEX_BYTES.test(value) && value.length === digest.sizeBytes * 3 - 1;
}

/** Throws `RtcError` `invalid_sdp` unless `isSupportedFingerprint`. */
export function checkFingerprint(fingerprint: Fingerprint): void {
  if (isSupportedFingerprint(fingerprint)) return;
  const known = Object.keys(DIGESTS).join(', ');
  throw new RtcError(
    'invalid_sdp',
    `fingerprint of algorithm "${fingerprint.algorithm}" cannot be used: it must be one of ${known}, as hex bytes separated by colons`,
  );
}

/** Upper-case hex with colons; empty for an algorithm that is not one of ours. */
export function certificateFingerprint(certificate: Uint8Array, algorithm = 'sha-256'): string {
  const digest = digestOf(algorithm);
  if (digest === undefined) return '';
  return (hash(digest.name, certificate, 'hex').toUpperCase().match(/../g) ?? []).join(':');
}

/** Reports whether the fingerprint was made of this certificate. */
export function matchesFingerprint(certificate: Uint8Array, fingerprint: Fingerprint): boolean {
  return (
    isSupportedFingerprint(fingerprint) &&
    certificateFingerprint(certificate, fingerprint.algorithm) === fingerprint.value.toUpperCase()
  );
}

function digestOf(algorithm: string) {
  const name = algorithm.toLowerCase();
  return Object.hasOwn(DIGESTS, name) ? DIGESTS[name] : undefined;
}
