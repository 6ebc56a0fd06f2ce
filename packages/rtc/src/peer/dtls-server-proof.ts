import type { SrtpProfile } from '@rtcd/packet-io';
import { type Fingerprint, matchesFingerprint } from '../dtls/crypto/fingerprint.ts';
import type { Randoms } from '../dtls/crypto/key-schedule.ts';
import { generateKeyShare, type KeyShare, NAMED_GROUP_PREFERENCE } from '../dtls/crypto/key-share.ts';
import { SignatureScheme, verifySignature } from '../dtls/crypto/signature.ts';
import { srtpProfile } from '../dtls/crypto/srtp-profile.ts';
import type { DtlsCloseReason } from '../dtls/dtls-owner.ts';
import { CIPHER_SUITE } from '../dtls/handshake/negotiation.ts';
import { parseCertificate, parseCertificateRequest } from '../dtls/messages/certificate-message.ts';
import { ExtensionType, parseUseSrtp } from '../dtls/messages/extensions.ts';
import { messageBody } from '../dtls/messages/handshake-message.ts';
import { parseServerKeyExchange, signedKeyExchange } from '../dtls/messages/key-exchange.ts';
import { parseServerHello } from '../dtls/messages/server-hello.ts';
import { DTLS_1_2 } from '../dtls/record/record.ts';

export interface ServerProof {
  readonly randoms: Randoms;
  readonly srtpProfile: SrtpProfile;
  readonly keyShare: KeyShare;
  readonly premasterSecret: Buffer;
}

/**
 * The client's view of flight 4, whose messages come in their order: whether the server is the announced one, holds its
 * certificate's key, and has chosen what can be used. Otherwise the reason why not.
 */
export function proveServer(
  messages: readonly Buffer[],
  clientRandom: Uint8Array,
  fingerprint: Fingerprint,
): ServerProof | DtlsCloseReason {
  const bodies = messages.map(messageBody);
  const hello = parseServerHello(bodies[0]!);
  const certificate = parseCertificate(bodies[1]!);
  const keyExchange = parseServerKeyExchange(bodies[2]!);
  const request = parseCertificateRequest(bodies[3]!);
  if (!hello || !certificate || !keyExchange || !request) return 'bad_signature';

  const [codePoint = -1] = parseUseSrtp(hello.extensions.get(ExtensionType.useSrtp));
  const profile = srtpProfile(codePoint);
  const group = NAMED_GROUP_PREFERENCE.find((candidate) => candidate === keyExchange.group);
  const acceptable =
    hello.version === DTLS_1_2 &&
    hello.cipherSuite === CIPHER_SUITE &&
    hello.extensions.has(ExtensionType.extendedMasterSecret) &&
    request.signatureSchemes.includes(SignatureScheme.ecdsaSecp256r1Sha256);
  if (!acceptable || profile === undefined || group === undefined) return 'no_common_parameters';
  if (!matchesFingerprint(certificate, fingerprint)) return 'fingerprint_mismatch';

  const randoms = { client: clientRandom, server: Buffer.from(hello.random) };
  const signed = signedKeyExchange(randoms, keyExchange);
  if (!verifySignature(certificate, keyExchange.signatureScheme, signed, keyExchange.signature)) return 'bad_signature';
  const keyShare = generateKeyShare(group);
  const premasterSecret = keyShare.agree(keyExchange.publicKey);
  return premasterSecret ? { randoms, srtpProfile: profile, keyShare, premasterSecret } : 'bad_signature';
}
