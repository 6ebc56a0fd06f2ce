import { createHash, type Hash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SrtpProfile } from '@rtcd/packet-io';
import type { DtlsCertificate } from '../dtls/crypto/certificate.ts';
import { checkFingerprint, type Fingerprint } from '../dtls/crypto/fingerprint.ts';
import {
  deriveRecordKeys,
  exportSrtpKeys,
  extendedMasterSecret,
  finishedVerifyData,
  type Randoms,
} from '../dtls/crypto/key-schedule.ts';
import { SignatureScheme, signEcdsa } from '../dtls/crypto/signature.ts';
import { type DtlsCloseReason, type DtlsOwner, HANDSHAKE_LIMIT_MS } from '../dtls/dtls-owner.ts';
import { DEFAULT_MTU, type FlightPart, plainMessage, protectedMessage } from '../dtls/handshake/flight.ts';
import { MessageAssembler } from '../dtls/handshake/message-assembler.ts';
import { Outbound } from '../dtls/handshake/outbound.ts';
import { Retransmission } from '../dtls/handshake/retransmission.ts';
import { SERVER_FLIGHT_TYPES } from '../dtls/handshake/server-flight.ts';
import { writeCertificate, writeCertificateVerify } from '../dtls/messages/certificate-message.ts';
import {
  type ClientHello,
  parseHelloVerifyRequest,
  RANDOM_SIZE,
  writeClientHello,
} from '../dtls/messages/client-hello.ts';
import { findFinished } from '../dtls/messages/finished.ts';
import {
  type HandshakeFragment,
  HandshakeType,
  messageBody,
  parseHandshakeFragments,
  writeHandshakeMessage,
} from '../dtls/messages/handshake-message.ts';
import { writeClientKeyExchange } from '../dtls/messages/key-exchange.ts';
import { AlertDescription, alertMeaning } from '../dtls/record/alert.ts';
import { ContentType, type DtlsRecord, parseRecords } from '../dtls/record/record.ts';
import { CHANGE_CIPHER_SPEC, type DtlsStats, newDtlsStats, RecordLayer } from '../dtls/record/record-layer.ts';
import type { Random } from '../ports.ts';
import { BROWSER_OFFER, type DtlsOffer, newClientHello } from './dtls-offer.ts';
import { proveServer, type ServerProof } from './dtls-server-proof.ts';

export interface DtlsClientOptions {
  readonly certificate: DtlsCertificate;
  readonly remoteFingerprint: Fingerprint;
  readonly random?: Random;
  /** Bytes of UDP payload. */
  readonly mtu?: number;
  /** Fields that differ from a browser's offer. */
  readonly offer?: Partial<DtlsOffer>;
  /** Before the first repetition of a flight. */
  readonly firstTimeoutMs?: number;
  /**
   * Sees the body of each handshake message before it is hashed and sent, and returns what to hash and send instead;
   * undefined leaves the message out.
   */
  readonly tamper?: (type: HandshakeType, body: Buffer) => Buffer | undefined;
}

interface Negotiating {
  readonly phase: 'negotiating';
  readonly hello: ClientHello;
  readonly helloMessage: Buffer;
  /** message_seq of the ClientHello, which is also that of the server's answer to it. */
  readonly helloSeq: number;
  readonly flight: readonly FlightPart[];
  readonly retransmission: Retransmission;
  readonly assembler: MessageAssembler;
}

interface AwaitingFinished {
  readonly phase: 'awaiting_finished';
  readonly helloSeq: number;
  readonly randoms: Randoms;
  readonly srtpProfile: SrtpProfile;
  readonly master: KeyObject;
  /** Everything up to and with our Finished. */
  readonly transcript: Hash;
  readonly flight: readonly FlightPart[];
  readonly retransmission: Retransmission;
}

type ClientState = { readonly phase: 'idle' | 'connected' | 'closed' } | Negotiating | AwaitingFinished;

/** Browsers' first timeout. */
const FIRST_TIMEOUT_MS = 50;
const MAX_SERVER_MESSAGE_SIZE = 8192;

/** The client's side of DTLS 1.2 with DTLS-SRTP. It verifies the server. Tests bend what it says by `offer` and `tamper`. */
export class DtlsClient {
  readonly stats: Readonly<DtlsStats>;
  readonly #stats: DtlsStats = newDtlsStats();
  readonly #options: DtlsClientOptions;
  readonly #owner: DtlsOwner;
  readonly #records: RecordLayer;
  readonly #outbound: Outbound;
  #state: ClientState = { phase: 'idle' };
  #expiresMs = Number.POSITIVE_INFINITY;
  #refusal: DtlsCloseReason = 'timeout';

  constructor(options: DtlsClientOptions, owner: DtlsOwner) {
    checkFingerprint(options.remoteFingerprint);
    this.stats = this.#stats;
    this.#options = options;
    this.#owner = owner;
    this.#records = new RecordLayer(this.#stats);
    this.#outbound = new Outbound(this.#records, owner, this.#stats, options.mtu ?? DEFAULT_MTU);
  }

  get phase(): ClientState['phase'] {
    return this.#state.phase;
  }

  /** Sends the first ClientHello. */
  start(nowMs: number): void {
    if (this.#state.phase !== 'idle') return;
    this.#expiresMs = nowMs + HANDSHAKE_LIMIT_MS;
    const random = (this.#options.random ?? randomBytes)(RANDOM_SIZE);
    this.#sayHello(newClientHello({ ...BROWSER_OFFER, ...this.#options.offer }, random), 0, nowMs);
  }

  /** Takes a datagram in. It is borrowed until return. */
  receive(datagram: Uint8Array, nowMs: number): void {
    for (const record of parseRecords(datagram)) {
      this.#stats.recordsReceived++;
      if (record.epoch === 0) this.#onPlainRecord(record, nowMs);
      else this.#onProtectedRecord(record, nowMs);
    }
  }

  deadline(): number {
    const state = this.#state;
    return 'retransmission' in state
      ? Math.min(this.#expiresMs, state.retransmission.deadline())
      : Number.POSITIVE_INFINITY;
  }

  timeout(nowMs: number): void {
    const state = this.#state;
    if (!('retransmission' in state)) return;
    if (nowMs >= this.#expiresMs) this.#end(this.#refusal, nowMs);
    else if (state.retransmission.onTimeout(nowMs)) this.#outbound.flightAgain(state.flight);
  }

  /** Sends application data in one record. Dropped and counted while not connected. */
  send(data: Uint8Array): void {
    if (this.#state.phase !== 'connected') this.#stats.sendsDropped++;
    else this.#outbound.data(data);
  }

  /** Sends any record under the connection's keys, or in plain, as no honest client would. */
  sendRecord(epoch: 0 | 1, contentType: ContentType, payload: Uint8Array): void {
    this.#owner.transmit(this.#records.write(epoch, contentType, payload));
  }

  close(): void {
    if (this.#state.phase === 'connected') this.#outbound.alert(1, AlertDescription.closeNotify);
    this.#state = { phase: 'closed' };
  }

  #sayHello(hello: ClientHello, helloSeq: number, nowMs: number): void {
    const helloMessage = this.#message(HandshakeType.clientHello, helloSeq, writeClientHello(hello));
    const flight = [plainMessage(helloMessage)];
    const retransmission = this.#newRetransmission(nowMs);
    const assembler = serverFlightAssembler(helloSeq);
    this.#state = { phase: 'negotiating', hello, helloMessage, helloSeq, flight, retransmission, assembler };
    this.#outbound.flight(flight);
  }

  #onPlainRecord(record: DtlsRecord, nowMs: number): void {
    if (record.contentType !== ContentType.handshake) return;
    for (const fragment of parseHandshakeFragments(record.payload)) {
      const state = this.#state;
      if (state.phase === 'negotiating') this.#onServerFragment(state, fragment, nowMs);
      else if (state.phase === 'awaiting_finished' && state.retransmission.onRequest(nowMs)) {
        this.#outbound.flightAgain(state.flight);
      }
    }
  }

  #onServerFragment(state: Negotiating, fragment: HandshakeFragment, nowMs: number): void {
    if (!state.assembler.add(fragment)) return;
    const request = state.assembler.get(state.helloSeq, HandshakeType.helloVerifyRequest);
    const cookie = request && parseHelloVerifyRequest(messageBody(request));
    if (cookie) {
      this.#sayHello({ ...state.hello, cookie }, state.helloSeq + 1, nowMs);
      return;
    }
    const messages = SERVER_FLIGHT_TYPES.flatMap(
      (type, index) => state.assembler.get(state.helloSeq + index, type) ?? [],
    );
    if (messages.length < SERVER_FLIGHT_TYPES.length) return;
    const proof = proveServer(messages, state.hello.random, this.#options.remoteFingerprint);
    if (typeof proof === 'string') {
      this.#stats.messagesRejected++;
      this.#refusal = proof;
      state.assembler.clear();
    } else {
      this.#answer(state, Buffer.concat([state.helloMessage, ...messages]), proof, nowMs);
    }
  }

  /** Flight 5. */
  #answer(state: Negotiating, opening: Buffer, proof: ServerProof, nowMs: number): void {
    const { der, privateKey } = this.#options.certificate;
    const messages: Buffer[] = [];
    const add = (type: HandshakeType, body: Buffer) => {
      const message = this.#message(type, state.helloSeq + 1 + messages.length, body);
      if (message.length > 0) messages.push(message);
    };
    add(HandshakeType.certificate, writeCertificate(der));
    add(HandshakeType.clientKeyExchange, writeClientKeyExchange(proof.keyShare.publicKey));
    const signed = Buffer.concat([opening, ...messages]);
    const master = extendedMasterSecret(proof.premasterSecret, createHash('sha256').update(signed).digest());
    const signature = signEcdsa(privateKey, signed);
    add(
      HandshakeType.certificateVerify,
      writeCertificateVerify({ signatureScheme: SignatureScheme.ecdsaSecp256r1Sha256, signature }),
    );
    const plain = messages.map(plainMessage);

    const transcript = createHash('sha256').update(Buffer.concat([opening, ...messages]));
    const verifyData = finishedVerifyData(master, 'client', transcript.copy().digest());
    const finished = this.#message(HandshakeType.finished, state.helloSeq + 1 + messages.length, verifyData);
    const keys = deriveRecordKeys(master, proof.randoms);
    this.#records.protect({ read: keys.server, write: keys.client });
    this.#state = {
      phase: 'awaiting_finished',
      helloSeq: state.helloSeq,
      randoms: proof.randoms,
      srtpProfile: proof.srtpProfile,
      master,
      transcript: transcript.update(finished),
      flight: [...plain, CHANGE_CIPHER_SPEC, protectedMessage(finished)],
      retransmission: this.#newRetransmission(nowMs),
    };
    this.#outbound.flight(this.#state.flight);
  }

  #onProtectedRecord(record: DtlsRecord, nowMs: number): void {
    const state = this.#state;
    if (state.phase !== 'awaiting_finished' && state.phase !== 'connected') return;
    const payload = this.#records.open(record);
    if (payload === undefined) return;
    if (record.contentType === ContentType.alert) this.#onAlert(payload, nowMs);
    else if (state.phase === 'awaiting_finished') this.#onFinished(state, record.contentType, payload, nowMs);
    else if (record.contentType === ContentType.applicationData) this.#owner.onData(payload, nowMs);
    else this.#stats.recordsIgnored++;
  }

  #onFinished(state: AwaitingFinished, contentType: number, payload: Buffer, nowMs: number): void {
    const finished = findFinished(payload, state.helloSeq + SERVER_FLIGHT_TYPES.length);
    if (contentType !== ContentType.handshake || finished === undefined) {
      this.#stats.recordsIgnored++;
      return;
    }
    const expected = finishedVerifyData(state.master, 'server', state.transcript.digest());
    if (!timingSafeEqual(finished.body, expected)) {
      this.#end('bad_finished', nowMs);
      return;
    }
    this.#state = { phase: 'connected' };
    const keys = exportSrtpKeys(state.master, state.randoms, state.srtpProfile);
    this.#owner.onConnected({ local: keys.client, remote: keys.server }, nowMs);
  }

  #onAlert(payload: Buffer, nowMs: number): void {
    const meaning = alertMeaning(payload);
    if (meaning !== undefined) this.#end(meaning, nowMs);
  }

  /** Empty if the message is to be left out. */
  #message(type: HandshakeType, messageSeq: number, body: Buffer): Buffer {
    const { tamper } = this.#options;
    const sent = tamper ? tamper(type, body) : body;
    if (sent === undefined) return Buffer.alloc(0);
    return writeHandshakeMessage(type, messageSeq, sent);
  }

  #newRetransmission(nowMs: number): Retransmission {
    return new Retransmission(nowMs, this.#options.firstTimeoutMs ?? FIRST_TIMEOUT_MS);
  }

  #end(reason: DtlsCloseReason, nowMs: number): void {
    this.#state = { phase: 'closed' };
    this.#owner.onClosed(reason, nowMs);
  }
}

/** Either a request for a cookie, or flight 4. */
function serverFlightAssembler(firstSeq: number): MessageAssembler {
  const types: readonly (readonly [HandshakeType, number])[] = [
    [HandshakeType.helloVerifyRequest, 0],
    ...SERVER_FLIGHT_TYPES.map((type, index) => [type, index] as const),
  ];
  return new MessageAssembler(
    types.map(([type, index]) => ({ type, messageSeq: firstSeq + index, maxLength: MAX_SERVER_MESSAGE_SIZE })),
  );
}
