import { createHash, type Hash, type KeyObject } from 'node:crypto';
import { parseCertificate, parseCertificateVerify } from './certificate-message.ts';
import { type Fingerprint, matchesFingerprint } from './fingerprint.ts';
import { messageBody } from './handshake-message.ts';
import { parseClientKeyExchange } from './key-exchange.ts';
import { extendedMasterSecret } from './key-schedule.ts';
import type { KeyShare } from './key-share.ts';
import { verifySignature } from './signature.ts';

/** Whole messages of flight 5, as they go into the transcript. */
export interface ClientFlight {
  readonly certificate: Buffer;
  readonly clientKeyExchange: Buffer;
  readonly certificateVerify: Buffer;
}

export interface ClientProof {
  readonly master: KeyObject;
  /** Has taken in everything up to and with CertificateVerify. */
  readonly transcript: Hash;
}

/** Whether a Certificate message has the certificate that the peer's SDP announced. */
export function isAnnouncedCertificate(message: Buffer, fingerprint: Fingerprint): boolean {
  const certificate = parseCertificate(messageBody(message));
  return certificate !== undefined && matchesFingerprint(certificate, fingerprint);
}

/**
 * Checks that the client holds the key of its certificate, which must have matched the fingerprint already, and comes to
 * the master secret. `opening` is the transcript up to ServerHelloDone. Undefined if any of the three messages is not
 * what the client has signed.
 */
export function proveClient(opening: Buffer, flight: ClientFlight, keyShare: KeyShare): ClientProof | undefined {
  const certificate = parseCertificate(messageBody(flight.certificate));
  const publicKey = parseClientKeyExchange(messageBody(flight.clientKeyExchange));
  const proof = parseCertificateVerify(messageBody(flight.certificateVerify));
  if (certificate === undefined || publicKey === undefined || proof === undefined) return undefined;

  // RFC 5246 section 7.4.8: all messages so far, not yet this one.
  const signed = Buffer.concat([opening, flight.certificate, flight.clientKeyExchange]);
  if (!verifySignature(certificate, proof.signatureScheme, signed, proof.signature)) return undefined;
  const premasterSecret = keyShare.agree(publicKey);
  if (premasterSecret === undefined) return undefined;

  const transcript = createHash('sha256').update(signed);
  const master = extendedMasterSecret(premasterSecret, transcript.copy().digest());
  return { master, transcript: transcript.update(flight.certificateVerify) };
}
