import type { DtlsCertificate } from './certificate.ts';
import { writeCertificate, writeCertificateRequest } from './certificate-message.ts';
import { HandshakeType, writeHandshakeMessage } from './handshake-message.ts';
import { signedKeyExchange, writeServerKeyExchange } from './key-exchange.ts';
import type { Randoms } from './key-schedule.ts';
import type { KeyShare } from './key-share.ts';
import { type Agreement, CIPHER_SUITE } from './negotiation.ts';
import { DTLS_1_2 } from './record.ts';
import { writeServerHello } from './server-hello.ts';
import { PEER_SIGNATURE_SCHEMES, SignatureScheme, signEcdsa } from './signature.ts';

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
  return bodies.map((body, index) => writeHandshakeMessage(SERVER_FLIGHT_TYPES[index], params.firstSeq + index, body));
}
