import type { DtlsCertificate } from '../crypto/certificate.ts';
import type { Randoms } from '../crypto/key-schedule.ts';
import { generateKeyShare, MAX_PUBLIC_KEY_SIZE } from '../crypto/key-share.ts';
import { HandshakeType } from '../messages/handshake-message.ts';
import { plainMessage } from './flight.ts';
import type { HelloGate } from './hello-gate.ts';
import { MessageAssembler } from './message-assembler.ts';
import type { Agreement } from './negotiation.ts';
import { Retransmission } from './retransmission.ts';
import { writeServerFlight } from './server-flight.ts';
import { CLIENT_SEQ, type Negotiating } from './server-state.ts';

/** Self-signed ones have 300 bytes, or 1300 with an RSA key of 4096 bits. */
const MAX_CERTIFICATE_MESSAGE_SIZE = 4096;
/** An RSA signature of 4096 bits, and what goes before it. */
const MAX_CERTIFICATE_VERIFY_SIZE = 516;
export interface NegotiationParams {
  readonly gate: HelloGate;
  readonly agreement: Agreement;
  readonly randoms: Randoms;
  readonly certificate: DtlsCertificate;
  /** The whole ClientHello message. */
  readonly hello: Buffer;
  readonly helloSeq: number;
  readonly nowMs: number;
}

/** Makes flight 4, to be sent now, and gets ready for flight 5. */
export function beginNegotiation(params: NegotiationParams): Negotiating {
  const { gate, agreement, randoms, certificate, hello, helloSeq, nowMs } = params;
  const keyShare = generateKeyShare(agreement.group);
  const messages = writeServerFlight({ agreement, randoms, keyShare, certificate, firstSeq: helloSeq });
  return {
    phase: 'negotiating',
    gate,
    helloSeq,
    randoms,
    srtpProfile: agreement.srtpProfile,
    keyShare,
    opening: Buffer.concat([hello, ...messages]),
    flight: messages.map(plainMessage),
    retransmission: new Retransmission(nowMs),
    assembler: clientFlightAssembler(helloSeq),
    early: undefined,
  };
}

function clientFlightAssembler(helloSeq: number): MessageAssembler {
  return new MessageAssembler([
    {
      messageSeq: helloSeq + CLIENT_SEQ.certificate,
      type: HandshakeType.certificate,
      maxLength: MAX_CERTIFICATE_MESSAGE_SIZE,
    },
    {
      messageSeq: helloSeq + CLIENT_SEQ.clientKeyExchange,
      type: HandshakeType.clientKeyExchange,
      maxLength: MAX_PUBLIC_KEY_SIZE + 1,
    },
    {
      messageSeq: helloSeq + CLIENT_SEQ.certificateVerify,
      type: HandshakeType.certificateVerify,
      maxLength: MAX_CERTIFICATE_VERIFY_SIZE,
    },
  ]);
}
