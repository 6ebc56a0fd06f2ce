import { createHash, type Hash, type KeyObject } from 'node:crypto';
import { type Fingerprint, matchesFingerprint } from '../crypto/fingerprint.ts';
import { extendedMasterSecret } from '../crypto/key-schedule.ts';
import { verifySignature } from '../crypto/signature.ts';
import { parseCertificate, parseCertificateVerify } from '../messages/certificate-message.ts';
import { HandshakeType, messageBody } from '../messages/handshake-message.ts';
import { parseClientKeyExchange } from '../messages/key-exchange.ts';
import { CLIENT_SEQ, type Negotiating } from './server-state.ts';

export interface ClientProof {
  readonly master: KeyObject;
  /** Has taken in everything up to and with CertificateVerify. */
  readonly transcript: Hash;
}

/** Proof of its identity that the client has given so far. */
export type ProofOutcome =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly reason: 'fingerprint_mismatch' | 'bad_signature' }
  | { readonly kind: 'proven'; readonly proof: ClientProof };

/**
 * Looks at what has come of flight 5: whether the certificate is the announced one, and whether its holder has signed this
 * handshake. What is wrong is thrown away and ends nothing, since any host could have sent it: the client sends all of it
 * again, until the time is up.
 */
export function judgeClientFlight(state: Negotiating, fingerprint: Fingerprint): ProofOutcome {
  const { assembler, helloSeq } = state;
  const certificate = assembler.get(helloSeq + CLIENT_SEQ.certificate, HandshakeType.certificate);
  if (certificate !== undefined && !isAnnounced(certificate, fingerprint)) {
    assembler.discard(helloSeq + CLIENT_SEQ.certificate, HandshakeType.certificate);
    return { kind: 'refused', reason: 'fingerprint_mismatch' };
  }
  const clientKeyExchange = assembler.get(helloSeq + CLIENT_SEQ.clientKeyExchange, HandshakeType.clientKeyExchange);
  const certificateVerify = assembler.get(helloSeq + CLIENT_SEQ.certificateVerify, HandshakeType.certificateVerify);
  if (!certificate || !clientKeyExchange || !certificateVerify) return { kind: 'incomplete' };

  const proof = prove(state, { certificate, clientKeyExchange, certificateVerify });
  if (proof) return { kind: 'proven', proof };
  // One of the three is not the client's, and it is unknown which one.
  assembler.clear();
  return { kind: 'refused', reason: 'bad_signature' };
}

function isAnnounced(message: Buffer, fingerprint: Fingerprint): boolean {
  const certificate = parseCertificate(messageBody(message));
  return certificate !== undefined && matchesFingerprint(certificate, fingerprint);
}

/** Whole messages, as they go into the transcript. */
interface ClientFlight {
  readonly certificate: Buffer;
  readonly clientKeyExchange: Buffer;
  readonly certificateVerify: Buffer;
}

function prove({ opening, keyShare }: Negotiating, flight: ClientFlight): ClientProof | undefined {
  const certificate = parseCertificate(messageBody(flight.certificate));
  const publicKey = parseClientKeyExchange(messageBody(flight.clientKeyExchange));
  const verification = parseCertificateVerify(messageBody(flight.certificateVerify));
  if (certificate === undefined || publicKey === undefined || verification === undefined) return undefined;

  // RFC 5246 section 7.4.8: all messages so far, not yet this one.
  const signed = Buffer.concat([opening, flight.certificate, flight.clientKeyExchange]);
  if (!verifySignature(certificate, verification.signatureScheme, signed, verification.signature)) return undefined;
  const premasterSecret = keyShare.agree(publicKey);
  if (premasterSecret === undefined) return undefined;

  const transcript = createHash('sha256').update(signed);
  const master = extendedMasterSecret(premasterSecret, transcript.copy().digest());
  return { master, transcript: transcript.update(flight.certificateVerify) };
}
