import type { IceState } from '../ice/agent.ts';
import type { MediaWay } from '../ice/media-way.ts';
import type { SessionJournal } from '../inspect/session-journal.ts';
import { type Awaited, connection, connectionAfter, firstCheck, firstOffer, transportAgain } from './lifetime.ts';

export interface ConnectionProgressOwner {
  /** Obstacle that keeps the peer from being connected, as far as it is known. */
  obstacle(): string;
  /** The way that media goes. */
  way(): MediaWay | undefined;
  /** The session cannot continue. */
  onFailed(reason: string): void;
}

/** Decides whether a session lives: how far its peer has got with connecting, and how long it may take for the next step. */
export class ConnectionProgress {
  readonly #journal: SessionJournal;
  readonly #owner: ConnectionProgressOwner;
  /** Time when the session joined, or its peer returned with another connection. */
  #sinceMs: number;
  /** Undefined while the peer is connected. */
  #awaited: Awaited | undefined;

  constructor(journal: SessionJournal, owner: ConnectionProgressOwner, nowMs: number) {
    this.#journal = journal;
    this.#owner = owner;
    this.#sinceMs = nowMs;
    this.#awaited = firstOffer(nowMs);
  }

  deadline(): number {
    return this.#awaited?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  timeout(nowMs: number): void {
    if (this.#awaited === undefined || nowMs < this.#awaited.deadlineMs) return;
    const { event, failure, error } = this.#awaited;
    if (event === 'check' || event === 'connection') {
      this.#journal.logger.warn({ obstacle: this.#owner.obstacle() }, 'connection failed');
    }
    if (error) this.#journal.countError(error);
    this.#owner.onFailed(failure);
  }

  /** The peer has so much longer for its next step. */
  excuse(excusedMs: number): void {
    if (this.#awaited) this.#awaited = { ...this.#awaited, deadlineMs: this.#awaited.deadlineMs + excusedMs };
  }

  /** A description of the peer counts. */
  onRemoteDescription(nowMs: number): void {
    this.#journal.events.reach('offer', nowMs);
    if (this.#awaited?.event === 'offer') this.#awaited = firstCheck(nowMs);
  }

  /** A peer whose first offer is refused makes no other: it would wait forever for an answer. */
  onRefusedDescription(reason: string): void {
    if (this.#awaited?.event === 'offer') this.#owner.onFailed(`first offer refused: ${reason}`);
  }

  onIceState(state: IceState, nowMs: number): void {
    const { events, logger, metrics } = this.#journal;
    logger.debug({ state }, 'ice state');
    if (state === 'connected') {
      events.reach('ice', nowMs);
      if (this.#awaited?.event === 'check') this.#awaited = connectionAfter(this.#awaited);
    }
    if (state !== 'closed') this.#journal.record('ice state', nowMs, state);
    if (state === 'disconnected') metrics.connectionState('disconnected');
    if (state !== 'failed') return;
    metrics.connectionState('failed');
    this.#journal.countError('ice');
    this.#owner.onFailed('no ICE consent from the peer for 30 s');
  }

  onConnected(nowMs: number): void {
    const { events, logger, metrics, groupID } = this.#journal;
    this.#awaited = undefined;
    events.reach('dtls', nowMs);
    this.#journal.record('keys changed', nowMs);
    metrics.connectionState('connected');
    metrics.connectionTime(groupID, (nowMs - this.#sinceMs) / 1000);
    logger.info({ way: this.#owner.way() }, 'session connected');
  }

  onChannelOpen(nowMs: number): void {
    const { events, metrics, groupID } = this.#journal;
    events.reach('channel', nowMs);
    this.#journal.record('channel opened', nowMs);
    metrics.dataChannelOpenTime(groupID, (nowMs - this.#sinceMs) / 1000);
  }

  /** The peer returns with another connection: it has as long for that as for its first one. */
  onReplaced(nowMs: number): void {
    this.#awaited = connection(nowMs);
    this.#sinceMs = nowMs;
    this.#journal.events.forgetConnection();
    this.#journal.record('connection replaced', nowMs);
    this.#journal.logger.info({}, 'connection replaced');
  }

  /**
   * The peer said goodbye. libwebrtc does, too, when the section is stopped that carries the bundle, before or after the offer that stops it: then
   * the peer may return on another transport. Returns whether the session waits for that.
   */
  onGoodbye(reason: string, mayMoveTransport: boolean, nowMs: number): boolean {
    this.#journal.record('goodbye received', nowMs, reason);
    if (mayMoveTransport) this.#awaited = transportAgain(nowMs, reason);
    else this.#owner.onFailed(reason);
    return mayMoveTransport;
  }
}
