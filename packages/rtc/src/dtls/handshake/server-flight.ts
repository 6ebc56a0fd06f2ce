import type { DtlsCertificate } from '../crypto/certificate.ts';
import type { Randoms } from '../crypto/key-schedule.ts';
import type { KeyShare } from '../crypto/key-share.ts';
import { PEER_SIGNATURE_SCHEMES, SignatureScheme, signEcdsa } from '../crypto/signature.ts';
import { writeCertificate, writeCertificateRequest } from '../messages/certificate-message.ts';
import { HandshakeType, writeHandshakeMessage } from '../messages/handshake-message.ts';
import { signedKeyExchange, writeServerKeyExchange } from '../messages/key-exchange.ts';
import { writeServerHello } from '../messages/server-hello.ts';
import { DTLS_1_2 } from '../record/record.ts';
import { type Agreement, CIPHER_SUITE } from './negotiation.ts';

export interface ServerFlightParams {
  readonly agreement: Agreement;
  readonly randoms: Randoms;
  readonly keyShare: KeyShare;
  readonly certificate: DtlsCertificate;
  /** message_seq of the ServerHello. */
  readonly firstSeq: number;
}

/** Messages of flight 4 (RFC 6347 section 4.2.4), in their order. */
export const SERVER_FLIGHT_TYPES = [
  HandshakeType.serverHello,
  HandshakeType.certificate,
  HandshakeType.serverKeyExchange,
  HandshakeType.certificateRequest,
  HandshakeType.serverHelloDone,
] as const;

/** ServerHello to ServerHelloDone, as whole messages. */
export function writeServerFlight(params: ServerFlightParams): Buffer[] {
  const { agreement, randoms, keyShare, certificate } = params;
  const bodies = [
    writeServerHello({
      version: DTLS_1_2,
      random: Buffer.from(randoms.server),
      sessionId: Buffer.alloc(0),
      cipherSuite: CIPHER_SUITE,
      compressionMethod: 0,
      extensions: agreement.extensions,
    }),
    writeCertificate(certificate.der),
    writeServerKeyExchange({
      group: keyShare.group,
      publicKey: keyShare.publicKey,
      signatureScheme: SignatureScheme.ecdsaSecp256r1Sha256,
      signature: signEcdsa(certificate.privateKey, signedKeyExchange(randoms, keyShare)),
    }),
    writeCertificateRequest(PEER_SIGNATURE_SCHEMES),
    Buffer.alloc(0),
  ];
  return bodies.map((body, index) => writeHandshakeMessage(SERVER_FLIGHT_TYPES[index]!, params.firstSeq + index, body));
}
