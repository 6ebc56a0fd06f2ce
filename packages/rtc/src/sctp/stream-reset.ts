import type { RetransmissionTimeout } from './rto.ts';
import { tsnAdd, tsnAfter } from './tsn.ts';
import {
  encodeOutgoingReset,
  encodeReConfigResponse,
  type OutgoingResetRequest,
  type ReConfigParameter,
  type ReConfigResponse,
  ReConfigResult,
} from './wire/re-config.ts';

// So that a request fits a small packet.
const MAX_STREAMS_PER_REQUEST = 128;

export interface StreamResetOwner {
  sendChunk(chunk: Buffer): void;
  /** Our last assigned TSN. */
  lastAssignedTsn(): number;
  /** All TSNs of the peer up to this one have arrived. */
  cumulativeTsn(): number;
  /** Reports whether nothing pushed before the reset is still waiting for its TSN. */
  isDrained(streamId: number): boolean;
  /** The peer has begun these streams of its own (all if none is named) over. */
  onIncomingReset(streamIds: readonly number[], nowMs: number): void;
  /** The peer has agreed that we begin these over, or refused. */
  onOutgoingReset(streamIds: readonly number[], performed: boolean): void;
}

interface PendingRequest {
  readonly requestSeq: number;
  readonly streamIds: readonly number[];
  readonly chunk: Buffer;
}

/** Outgoing stream resets in both directions (RFC 6525): how data channels are closed (RFC 8831 section 6.7). */
export class StreamReset {
  readonly #owner: StreamResetOwner;
  readonly #rto: RetransmissionTimeout;
  readonly #wanted = new Set<number>();
  #nextRequestSeq: number;
  #request: PendingRequest | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;
  // The peer's side: the number of its next request, what the last one got, and one that waits for data still under way.
  #expectedSeq: number;
  #lastResult: number = ReConfigResult.BadSequenceNumber;
  #deferred: OutgoingResetRequest | undefined;

  /** Both sides count requests from their initial TSN (section 4.1). */
  constructor(localInitialTsn: number, peerInitialTsn: number, rto: RetransmissionTimeout, owner: StreamResetOwner) {
    this.#nextRequestSeq = localInitialTsn;
    this.#expectedSeq = peerInitialTsn;
    this.#rto = rto;
    this.#owner = owner;
  }

  /** Time to send the request again. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Wants these outgoing streams reset as soon as what was sent on them before has left. */
  want(streamIds: readonly number[]): void {
    for (const streamId of streamIds) this.#wanted.add(streamId);
  }

  /** Makes a request if one is wanted and possible: one is under way at a time (section 5.1.1). */
  poll(nowMs: number): void {
    if (this.#request !== undefined || this.#wanted.size === 0) return;
    const drained = [...this.#wanted].filter((streamId) => this.#owner.isDrained(streamId));
    const streamIds = drained.slice(0, MAX_STREAMS_PER_REQUEST);
    if (streamIds.length === 0) return;
    for (const streamId of streamIds) this.#wanted.delete(streamId);
    const requestSeq = this.#nextRequestSeq;
    this.#nextRequestSeq = tsnAdd(requestSeq, 1);
    const lastAssignedTsn = this.#owner.lastAssignedTsn();
    const responseSeq = tsnAdd(this.#expectedSeq, -1);
    const chunk = encodeOutgoingReset({ requestSeq, responseSeq, lastAssignedTsn, streamIds });
    this.#request = { requestSeq, streamIds, chunk };
    this.#send(nowMs);
  }

  /** The peer did not respond in time. */
  onTimeout(nowMs: number): void {
    this.#rto.backOff();
    this.#send(nowMs);
  }

  receive(parameters: readonly ReConfigParameter[], nowMs: number): void {
    for (const parameter of parameters) {
      if (parameter.kind === 'response') this.#onResponse(parameter, nowMs);
      else this.#onRequest(parameter.requestSeq, parameter.kind === 'outgoing_reset' ? parameter : undefined, nowMs);
    }
  }

  /** More data has arrived: a reset that waited for it may be possible now (section 5.2.2). */
  onCumulativeAdvanced(nowMs: number): void {
    const request = this.#deferred;
    if (request === undefined || this.#isEarly(request)) return;
    this.#respond(request.requestSeq, this.#perform(request, nowMs));
  }

  #onRequest(requestSeq: number, reset: OutgoingResetRequest | undefined, nowMs: number): void {
    const isRepeated = requestSeq === tsnAdd(this.#expectedSeq, -1);
    if (requestSeq !== this.#expectedSeq && !isRepeated) {
      this.#owner.sendChunk(encodeReConfigResponse(requestSeq, ReConfigResult.BadSequenceNumber));
      return;
    }
    if (isRepeated && this.#lastResult !== ReConfigResult.InProgress) {
      this.#respond(requestSeq, this.#lastResult);
      return;
    }
    // After 'in progress', a peer repeats its request with the same number or with the next one; both are right.
    this.#expectedSeq = tsnAdd(requestSeq, 1);
    // Requests that would make us reset our streams, or give the peer more of them, are of no use to data channels.
    if (reset === undefined) this.#respond(requestSeq, ReConfigResult.Denied);
    else if (this.#isEarly(reset)) {
      this.#deferred = reset;
      this.#respond(requestSeq, ReConfigResult.InProgress);
    } else this.#respond(requestSeq, this.#perform(reset, nowMs));
  }

  #isEarly(request: OutgoingResetRequest): boolean {
    return tsnAfter(request.lastAssignedTsn, this.#owner.cumulativeTsn());
  }

  #perform(request: OutgoingResetRequest, nowMs: number): number {
    this.#deferred = undefined;
    this.#owner.onIncomingReset(request.streamIds, nowMs);
    return ReConfigResult.Performed;
  }

  #respond(requestSeq: number, result: number): void {
    this.#lastResult = result;
    this.#owner.sendChunk(encodeReConfigResponse(requestSeq, result));
  }

  #onResponse({ responseSeq, result }: ReConfigResponse, nowMs: number): void {
    const request = this.#request;
    if (request === undefined || responseSeq !== request.requestSeq) return;
    if (result === ReConfigResult.InProgress) {
      this.#deadlineMs = nowMs + this.#rto.timeoutMs;
      return;
    }
    this.#request = undefined;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    const performed = result === ReConfigResult.Performed || result === ReConfigResult.NothingToDo;
    this.#owner.onOutgoingReset(request.streamIds, performed);
  }

  #send(nowMs: number): void {
    if (this.#request === undefined) return;
    this.#deadlineMs = nowMs + this.#rto.timeoutMs;
    this.#owner.sendChunk(this.#request.chunk);
  }
}
