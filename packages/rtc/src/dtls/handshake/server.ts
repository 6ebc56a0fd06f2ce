import { randomBytes } from 'node:crypto';
import { RtcError } from '../../errors.ts';
import type { Random } from '../../ports.ts';
import type { DtlsCertificate } from '../crypto/certificate.ts';
import { checkFingerprint, type Fingerprint } from '../crypto/fingerprint.ts';
import { deriveRecordKeys } from '../crypto/key-schedule.ts';
import { type DtlsCloseReason, type DtlsOwner, HANDSHAKE_LIMIT_MS } from '../dtls-owner.ts';
import { RANDOM_SIZE } from '../messages/client-hello.ts';
import { findFinished } from '../messages/finished.ts';
import { type HandshakeFragment, HandshakeType, parseHandshakeFragments } from '../messages/handshake-message.ts';
import { AlertDescription, alertMeaning } from '../record/alert.ts';
import { ContentType, type DtlsRecord, MAX_PLAINTEXT_SIZE, parseRecords } from '../record/record.ts';
import { type DtlsStats, newDtlsStats, RecordLayer } from '../record/record-layer.ts';
import { type ClientProof, judgeClientFlight } from './client-proof.ts';
import { DEFAULT_MTU } from './flight.ts';
import { type AdmittedHello, HelloGate } from './hello-gate.ts';
import { negotiate } from './negotiation.ts';
import { Outbound } from './outbound.ts';
import { Retransmission } from './retransmission.ts';
import { finishHandshake } from './server-finish.ts';
import { beginNegotiation } from './server-negotiation.ts';
import {
  type AwaitingFinished,
  bufferedBytes,
  CLIENT_SEQ,
  type Connected,
  type DtlsServerPhase,
  type Negotiating,
  type ServerState,
} from './server-state.ts';

export interface DtlsServerOptions {
  readonly certificate: DtlsCertificate;
  /** From the peer's SDP. */
  readonly remoteFingerprint: Fingerprint;
  readonly random?: Random;
  /** Bytes of UDP payload. */
  readonly mtu?: number;
  /** Counters to continue, those of an earlier connection; by default new ones. */
  readonly stats?: DtlsStats;
}

export type { DtlsCertificate, DtlsCloseReason };

/** A Finished record: header, explicit nonce, message, tag. No other record comes before its time. */
const FINISHED_RECORD_SIZE = 13 + 8 + 24 + 16;

/**
 * The server's side of one DTLS 1.2 association with DTLS-SRTP (RFC 6347, RFC 5764). Synchronous and without I/O: datagrams
 * and time come in through its methods, what it wants done goes out through its owner. No input makes it throw.
 */
export class DtlsServer {
  /** Counts of input that was dropped. */
  readonly stats: Readonly<DtlsStats>;
  readonly #stats: DtlsStats;
  readonly #options: DtlsServerOptions;
  readonly #owner: DtlsOwner;
  readonly #random: Random;
  readonly #records: RecordLayer;
  readonly #outbound: Outbound;
  #state: ServerState;
  #expiresMs = Number.POSITIVE_INFINITY;
  #refusal: DtlsCloseReason = 'timeout';

  /** Throws `RtcError` `invalid_sdp` for a fingerprint that no certificate can be held against. */
  constructor(options: DtlsServerOptions, owner: DtlsOwner) {
    checkFingerprint(options.remoteFingerprint);
    this.#stats = options.stats ?? newDtlsStats();
    this.stats = this.#stats;
    this.#options = options;
    this.#owner = owner;
    this.#random = options.random ?? randomBytes;
    this.#records = new RecordLayer(this.#stats);
    this.#outbound = new Outbound(this.#records, owner, this.#stats, options.mtu ?? DEFAULT_MTU);
    this.#state = { phase: 'listening', gate: new HelloGate(this.#random) };
  }

  get phase(): DtlsServerPhase {
    return this.#state.phase;
  }

  /** The last problem of the handshake; 'timeout' if there was none. */
  get refusal(): DtlsCloseReason {
    return this.#refusal;
  }

  /** Bytes buffered for incomplete messages. */
  get bufferedBytes(): number {
    return bufferedBytes(this.#state);
  }

  /** Takes a datagram in. It is borrowed until return. */
  receive(datagram: Uint8Array, nowMs: number): void {
    let parsedBytes = 0;
    for (const record of parseRecords(datagram)) {
      parsedBytes += record.header.length + record.payload.length;
      this.#stats.recordsReceived++;
      if (record.epoch === 0) this.#onPlainRecord(record, nowMs);
      else this.#onProtectedRecord(record, nowMs);
    }
    if (parsedBytes < datagram.length) this.#stats.recordsMalformed++;
  }

  /** Time when `timeout` is to be called, in ms; Infinity if not at all. */
  deadline(): number {
    const state = this.#state;
    switch (state.phase) {
      case 'listening':
        return this.#expiresMs;
      case 'negotiating':
      case 'awaiting_finished':
        return Math.min(this.#expiresMs, state.retransmission.deadline());
      case 'connected':
      case 'closed':
        return Number.POSITIVE_INFINITY;
      default:
        return state satisfies never;
    }
  }

  /** The client has so much longer to finish the handshake. */
  excuse(excusedMs: number): void {
    this.#expiresMs += excusedMs;
  }

  /** To be called when `deadline` has come; sooner does nothing. */
  timeout(nowMs: number): void {
    const state = this.#state;
    if (state.phase === 'connected' || state.phase === 'closed') return;
    if (nowMs >= this.#expiresMs) {
      this.#outbound.alert(0, AlertDescription.handshakeFailure);
      this.#end(this.#refusal, nowMs);
    } else if (state.phase !== 'listening' && state.retransmission.onTimeout(nowMs)) {
      this.#outbound.flightAgain(state.flight);
    }
  }

  /**
   * Sends application data, at most 16 KiB, in one record in one datagram; throws RtcError 'invalid_message' for more.
   * While not connected it is dropped and counted, as a lossy link would.
   */
  send(data: Uint8Array): void {
    if (data.length > MAX_PLAINTEXT_SIZE) {
      throw new RtcError(
        'invalid_message',
        `${data.length} bytes do not fit into a DTLS record of ${MAX_PLAINTEXT_SIZE}`,
      );
    }
    if (this.#state.phase !== 'connected') this.#stats.sendsDropped++;
    else this.#outbound.data(data);
  }

  /** Sends close_notify if the peer is known. More calls do nothing, and `onClosed` is not called any more. */
  close(): void {
    if (this.#state.phase === 'connected') this.#sayGoodbye();
    this.#state = { phase: 'closed' };
  }

  /** Only the handshake's own messages count in plain text: alerts, data and ChangeCipherSpec can be forged. */
  #onPlainRecord(record: DtlsRecord, nowMs: number): void {
    if (record.contentType !== ContentType.handshake) {
      if (!this.#expectsChangeCipherSpec(record)) this.#stats.recordsIgnored++;
      return;
    }
    const fragments = parseHandshakeFragments(record.payload);
    if (fragments.length === 0) this.#stats.messagesRejected++;
    for (const fragment of fragments) {
      const state = this.#state;
      switch (state.phase) {
        case 'listening':
          this.#onHelloFragment(state.gate, fragment, record.sequence, nowMs);
          break;
        case 'negotiating':
          if (fragment.type === HandshakeType.clientHello) {
            this.#onHelloAgain(state, fragment, record.sequence, nowMs);
          } else {
            this.#onFlightFragment(state, fragment, nowMs);
          }
          break;
        case 'awaiting_finished':
        case 'connected':
        case 'closed':
          this.#stats.recordsIgnored++;
          break;
        default:
          state satisfies never;
      }
    }
  }

  /** It comes with every handshake, and contains nothing that the epoch of the next record does not show (RFC 6347 section 4.1). */
  #expectsChangeCipherSpec({ contentType }: DtlsRecord): boolean {
    const { phase } = this.#state;
    const isUnderWay = phase === 'negotiating' || phase === 'awaiting_finished';
    return isUnderWay && contentType === ContentType.changeCipherSpec;
  }

  #onHelloFragment(gate: HelloGate, fragment: HandshakeFragment, recordSequence: number, nowMs: number): void {
    const outcome = gate.add(fragment, recordSequence);
    switch (outcome.kind) {
      case 'nothing':
        if (outcome.isDropped) this.#stats.messagesRejected++;
        break;
      case 'malformed':
        this.#stats.messagesRejected++;
        break;
      case 'cookie_needed':
        this.#expiresMs = Math.min(this.#expiresMs, nowMs + HANDSHAKE_LIMIT_MS);
        this.#owner.transmit(outcome.request);
        break;
      case 'admitted':
        this.#expiresMs = Math.min(this.#expiresMs, nowMs + HANDSHAKE_LIMIT_MS);
        // RFC 6347 section 4.2.1: records continue from the client's number.
        this.#records.plainSequence = Math.max(this.#records.plainSequence, recordSequence);
        this.#negotiate(gate, outcome, fragment.messageSeq, nowMs);
        break;
      default:
        outcome satisfies never;
    }
  }

  #negotiate(gate: HelloGate, { hello, message }: AdmittedHello, helloSeq: number, nowMs: number): void {
    const agreement = negotiate(hello);
    if (agreement === undefined) {
      this.#refuse('no_common_parameters');
      this.#outbound.alert(0, AlertDescription.handshakeFailure);
      return;
    }
    const randoms = { client: Buffer.from(hello.random), server: this.#random(RANDOM_SIZE) };
    const { certificate } = this.#options;
    const state = beginNegotiation({ gate, agreement, randoms, certificate, hello: message, helloSeq, nowMs });
    this.#state = state;
    this.#outbound.flight(state.flight);
  }

  /** The same hello asks for our flight again, one of a higher number follows a HelloVerifyRequest, be it ours or forged. */
  #onHelloAgain(state: Negotiating, fragment: HandshakeFragment, recordSequence: number, nowMs: number): void {
    if (fragment.messageSeq > state.helloSeq) {
      this.#onHelloFragment(state.gate, fragment, recordSequence, nowMs);
    } else if (fragment.messageSeq === state.helloSeq && fragment.fragmentOffset === 0) {
      if (state.retransmission.onRequest(nowMs)) this.#outbound.flightAgain(state.flight);
    }
  }

  #onFlightFragment(state: Negotiating, fragment: HandshakeFragment, nowMs: number): void {
    if (!state.assembler.isExpected(fragment)) this.#stats.messagesRejected++;
    if (!state.assembler.add(fragment)) return;
    const outcome = judgeClientFlight(state, this.#options.remoteFingerprint);
    switch (outcome.kind) {
      case 'incomplete':
        break;
      case 'refused':
        this.#refuse(outcome.reason);
        break;
      case 'proven':
        this.#awaitFinished(state, outcome.proof, nowMs);
        break;
      default:
        outcome satisfies never;
    }
  }

  #awaitFinished(state: Negotiating, proof: ClientProof, nowMs: number): void {
    const { helloSeq, randoms, srtpProfile, flight, retransmission, early } = state;
    const keys = deriveRecordKeys(proof.master, randoms);
    this.#records.protect({ read: keys.client, write: keys.server });
    this.#state = { phase: 'awaiting_finished', helloSeq, randoms, srtpProfile, flight, retransmission, ...proof };
    if (early !== undefined) for (const record of parseRecords(early)) this.#onProtectedRecord(record, nowMs);
  }

  #onProtectedRecord(record: DtlsRecord, nowMs: number): void {
    const state = this.#state;
    switch (state.phase) {
      case 'negotiating':
        this.#keepEarlyFinished(state, record);
        break;
      case 'awaiting_finished':
      case 'connected': {
        const payload = this.#records.open(record);
        if (payload === undefined) break;
        if (record.contentType === ContentType.alert) this.#onAlert(payload, nowMs);
        else if (state.phase === 'connected') this.#onConnectedRecord(state, record.contentType, payload, nowMs);
        else if (record.contentType === ContentType.handshake) this.#onFinished(state, payload, nowMs);
        else this.#stats.recordsIgnored++;
        break;
      }
      case 'listening':
      case 'closed':
        this.#stats.recordsIgnored++;
        break;
      default:
        state satisfies never;
    }
  }

  #keepEarlyFinished(state: Negotiating, record: DtlsRecord): void {
    const size = record.header.length + record.payload.length;
    if (record.contentType !== ContentType.handshake || size !== FINISHED_RECORD_SIZE) this.#stats.recordsIgnored++;
    else state.early = Buffer.concat([record.header, record.payload]);
  }

  #onFinished(state: AwaitingFinished, payload: Buffer, nowMs: number): void {
    const outcome = finishHandshake(state, payload);
    switch (outcome.kind) {
      case 'not_finished':
        this.#stats.messagesRejected++;
        break;
      case 'wrong':
        this.#stats.messagesRejected++;
        this.#outbound.alert(1, AlertDescription.decryptError);
        this.#end('bad_finished', nowMs);
        break;
      case 'finished': {
        const lastFlight = { parts: outcome.flight, retransmission: new Retransmission(nowMs) };
        this.#state = { phase: 'connected', helloSeq: state.helloSeq, lastFlight };
        this.#outbound.flight(outcome.flight);
        this.#owner.onConnected(outcome.keys, nowMs);
        break;
      }
      default:
        outcome satisfies never;
    }
  }

  #onConnectedRecord(state: Connected, contentType: number, payload: Buffer, nowMs: number): void {
    if (contentType === ContentType.applicationData) {
      // It cannot have sent this before it had our Finished.
      state.lastFlight = undefined;
      this.#owner.onData(payload, nowMs);
      return;
    }
    // RFC 6347 section 4.2.4: a Finished once more means that ours was lost. Anything else would be a renegotiation.
    const repeated =
      contentType === ContentType.handshake && findFinished(payload, state.helloSeq + CLIENT_SEQ.finished);
    if (!repeated) this.#stats.recordsIgnored++;
    else if (state.lastFlight?.retransmission.onRequest(nowMs)) this.#outbound.flightAgain(state.lastFlight.parts);
  }

  #onAlert(payload: Buffer, nowMs: number): void {
    const meaning = alertMeaning(payload);
    if (meaning === undefined) {
      this.#stats.recordsIgnored++;
      return;
    }
    // RFC 5246 section 7.2.1: a goodbye is answered with one.
    if (meaning === 'close_notify') this.#sayGoodbye();
    this.#end(meaning, nowMs);
  }

  #sayGoodbye(): void {
    this.#outbound.alert(1, AlertDescription.closeNotify);
  }

  #refuse(reason: DtlsCloseReason): void {
    this.#stats.messagesRejected++;
    this.#refusal = reason;
  }

  #end(reason: DtlsCloseReason, nowMs: number): void {
    if (this.#state.phase === 'closed') return;
    this.#state = { phase: 'closed' };
    this.#owner.onClosed(reason, nowMs);
  }
}
