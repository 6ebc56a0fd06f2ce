import type { PeerInit } from './cookie.ts';
import { Handshake } from './handshake.ts';
import type { SctpSettings } from './options.ts';
import type { PeerLink } from './peer-link.ts';
import type { RetransmissionTimeout } from './rto.ts';
import type { SctpCloseReason, SctpPhase } from './types.ts';
import { CauseCode, encodeAbort, encodeError, readCauseCodes } from './wire/cause.ts';
import { type Chunk, ChunkType, encodeEmptyChunk, FLAG_TAG_REFLECTED } from './wire/chunk.ts';
import { encodeShutdown, readShutdown } from './wire/shutdown.ts';

// RFC 9260 section 16 (Max.Init.Retransmits): half a minute with our timeouts. Shutting down gets as many.
const MAX_RETRANSMISSIONS = 8;

type State =
  | { readonly phase: 'new' | 'cookie_wait' | 'closed' }
  | { readonly phase: 'cookie_echoed'; readonly link: PeerLink; readonly cookieEcho: Buffer }
  | {
      readonly phase: 'established' | 'shutdown_pending' | 'shutdown_sent' | 'shutdown_received' | 'shutdown_ack_sent';
      readonly link: PeerLink;
    };

export interface LifecycleOwner {
  /** Sends a chunk at once, in a packet of its own. */
  sendAlone(tag: number, chunk: Buffer): void;
  /** Sends a chunk with the next packet to the peer. */
  sendChunk(chunk: Buffer): void;
  openLink(peer: PeerInit, localInitialTsn: number): PeerLink;
  onEstablished(): void;
  onClosed(reason: SctpCloseReason, nowMs: number): void;
}

/** The states of an association from INIT to SHUTDOWN COMPLETE (RFC 9260 sections 4, 5 and 9), without its data. */
export class Lifecycle {
  readonly #handshake: Handshake;
  readonly #rto: RetransmissionTimeout;
  readonly #owner: LifecycleOwner;
  #state: State = { phase: 'new' };
  // T1-init, T1-cookie or T2-shutdown, whichever the phase has.
  #deadlineMs = Number.POSITIVE_INFINITY;
  #timeouts = 0;

  constructor(settings: SctpSettings, rto: RetransmissionTimeout, owner: LifecycleOwner) {
    this.#handshake = new Handshake(settings);
    this.#rto = rto;
    this.#owner = owner;
  }

  get phase(): SctpPhase {
    return this.#state.phase;
  }

  get localTag(): number {
    return this.#handshake.localTag;
  }

  /** Once the peer has introduced itself, until the end. */
  get link(): PeerLink | undefined {
    return 'link' in this.#state ? this.#state.link : undefined;
  }

  /** The link, if chunks other than those of the handshake may pass. */
  get openLink(): PeerLink | undefined {
    return this.#state.phase === 'cookie_echoed' ? undefined : this.link;
  }

  /** Reports whether DATA may still come: not from a peer that has sent SHUTDOWN (section 9.2). */
  get receivesData(): boolean {
    const { phase } = this.#state;
    return phase === 'established' || phase === 'shutdown_pending' || phase === 'shutdown_sent';
  }

  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  connect(nowMs: number): void {
    if (this.#state.phase === 'new') this.#enter({ phase: 'cookie_wait' }, nowMs);
  }

  close(nowMs: number): void {
    const state = this.#state;
    if (state.phase === 'established') this.#enter({ phase: 'shutdown_pending', link: state.link }, nowMs);
    else if (!state.phase.startsWith('shutdown')) this.abort('aborted', nowMs);
  }

  abort(reason: SctpCloseReason, nowMs: number, cause: number = CauseCode.UserInitiatedAbort): void {
    if (this.link !== undefined) this.#owner.sendAlone(this.link.remoteTag, encodeAbort(cause));
    this.#finish(reason, nowMs);
  }

  timeout(nowMs: number): void {
    if (this.#deadlineMs > nowMs) return;
    this.#timeouts += 1;
    if (this.#timeouts > MAX_RETRANSMISSIONS) {
      this.abort(this.openLink === undefined ? 'handshake_failed' : 'peer_unresponsive', nowMs);
      return;
    }
    this.#rto.backOff();
    this.#sendPhaseChunk(nowMs);
  }

  /** Continues to shut down when there is nothing left to send. */
  advance(nowMs: number): void {
    const state = this.#state;
    if (state.phase === 'shutdown_pending' && state.link.isDrained) {
      this.#enter({ phase: 'shutdown_sent', link: state.link }, nowMs);
    } else if (state.phase === 'shutdown_received' && state.link.isDrained) {
      this.#enter({ phase: 'shutdown_ack_sent', link: state.link }, nowMs);
    }
  }

  /** Section 9.2: data that comes after our SHUTDOWN is answered with another, next to the SACK. */
  onDataPacket(nowMs: number): void {
    if (this.#state.phase === 'shutdown_sent') this.#sendPhaseChunk(nowMs);
  }

  /** Takes a chunk that is about the association and not about data. False if it has no place here. */
  onChunk({ type, value }: Chunk, nowMs: number): boolean {
    switch (type) {
      case ChunkType.Init:
        return this.#onInit(value, nowMs);
      case ChunkType.InitAck:
        return this.#onInitAck(value, nowMs);
      case ChunkType.CookieEcho:
        return this.#onCookieEcho(value, nowMs);
      case ChunkType.CookieAck:
        return this.#state.phase === 'cookie_echoed' && this.#establish(this.#state.link, nowMs);
      case ChunkType.Error:
        return this.#onError(value, nowMs);
      case ChunkType.Abort:
        return this.#finish('peer_aborted', nowMs);
      case ChunkType.Shutdown:
        return this.#onShutdown(value, nowMs);
      case ChunkType.ShutdownAck:
        return this.#onShutdownAck(nowMs);
      case ChunkType.ShutdownComplete:
        return this.#state.phase === 'shutdown_ack_sent' && this.#finish('shutdown', nowMs);
      default:
        return false;
    }
  }

  // An INIT in an association that is up would be a restart (section 5.2.2), which no peer does within one DTLS connection: refused.
  #onInit(value: Buffer, nowMs: number): boolean {
    const { phase } = this.#state;
    if (phase !== 'new' && phase !== 'cookie_wait' && phase !== 'cookie_echoed') return false;
    const answer = this.#handshake.answerInit(value, nowMs);
    if (answer === undefined) return false;
    this.#owner.sendAlone(answer.peerTag, answer.chunk);
    return true;
  }

  #onInitAck(value: Buffer, nowMs: number): boolean {
    const answer = this.#state.phase === 'cookie_wait' ? this.#handshake.answerInitAck(value) : undefined;
    if (answer === undefined) return false;
    const link = this.#owner.openLink(answer.peer, this.#handshake.initialTsn);
    this.#enter({ phase: 'cookie_echoed', link, cookieEcho: answer.chunk }, nowMs);
    if (answer.unrecognized.length > 0) this.#owner.sendChunk(encodeError(answer.unrecognized));
    return true;
  }

  // Section 5.2.4: both sides may have begun, so that we may know the peer already, or under another tag.
  #onCookieEcho(value: Buffer, nowMs: number): boolean {
    const state = this.#state;
    const peer = this.#handshake.openCookie(value, nowMs);
    if (peer === undefined) return false;
    const known = this.link?.remoteTag === peer.initiateTag ? this.link : undefined;
    switch (state.phase) {
      case 'new':
      case 'cookie_wait':
      case 'cookie_echoed':
        this.#owner.sendChunk(encodeEmptyChunk(ChunkType.CookieAck));
        return this.#establish(known ?? this.#owner.openLink(peer, this.#handshake.initialTsn), nowMs);
      case 'established':
      case 'shutdown_pending':
      case 'shutdown_sent':
      case 'shutdown_received':
      case 'shutdown_ack_sent':
        // Our COOKIE ACK was lost.
        if (known !== undefined) this.#owner.sendChunk(encodeEmptyChunk(ChunkType.CookieAck));
        return known !== undefined;
      case 'closed':
        return false;
      default:
        return state satisfies never;
    }
  }

  #onError(value: Buffer, nowMs: number): boolean {
    const refused = this.#state.phase === 'cookie_echoed' && readCauseCodes(value).includes(CauseCode.StaleCookie);
    return refused && this.#finish('handshake_failed', nowMs);
  }

  #onShutdown(value: Buffer, nowMs: number): boolean {
    const state = this.#state;
    const cumulativeTsn = readShutdown(value);
    if (cumulativeTsn === undefined) return false;
    switch (state.phase) {
      case 'established':
      case 'shutdown_pending':
        this.#enter({ phase: 'shutdown_received', link: state.link }, nowMs);
        state.link.onCumulativeAck(cumulativeTsn, nowMs);
        return true;
      case 'shutdown_received':
        state.link.onCumulativeAck(cumulativeTsn, nowMs);
        return true;
      case 'shutdown_sent':
        this.#enter({ phase: 'shutdown_ack_sent', link: state.link }, nowMs);
        return true;
      case 'shutdown_ack_sent':
        this.#sendPhaseChunk(nowMs);
        return true;
      case 'new':
      case 'cookie_wait':
      case 'cookie_echoed':
      case 'closed':
        return false;
      default:
        return state satisfies never;
    }
  }

  #onShutdownAck(nowMs: number): boolean {
    const state = this.#state;
    if (state.phase === 'shutdown_sent' || state.phase === 'shutdown_ack_sent') {
      this.#owner.sendAlone(state.link.remoteTag, encodeEmptyChunk(ChunkType.ShutdownComplete));
      return this.#finish('shutdown', nowMs);
    }
    // Our SHUTDOWN COMPLETE was lost (section 8.4 rule 5).
    if (state.phase !== 'closed') return false;
    this.#owner.sendAlone(this.localTag, encodeEmptyChunk(ChunkType.ShutdownComplete, FLAG_TAG_REFLECTED));
    return true;
  }

  #establish(link: PeerLink, nowMs: number): true {
    this.#rto.progressed();
    this.#enter({ phase: 'established', link }, nowMs);
    this.#owner.onEstablished();
    return true;
  }

  #finish(reason: SctpCloseReason, nowMs: number): boolean {
    if (this.#state.phase === 'closed') return false;
    this.#state = { phase: 'closed' };
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#owner.onClosed(reason, nowMs);
    return true;
  }

  #enter(state: State, nowMs: number): void {
    this.#state = state;
    this.#timeouts = 0;
    this.#sendPhaseChunk(nowMs);
  }

  // Sends what this phase waits for an answer to, if anything.
  #sendPhaseChunk(nowMs: number): void {
    const state = this.#state;
    this.#deadlineMs = nowMs + this.#rto.timeoutMs;
    switch (state.phase) {
      case 'cookie_wait':
        this.#owner.sendAlone(0, this.#handshake.initChunk());
        break;
      case 'cookie_echoed':
        this.#owner.sendChunk(state.cookieEcho);
        break;
      case 'shutdown_sent':
        this.#owner.sendChunk(encodeShutdown(state.link.cumulativeTsn));
        break;
      case 'shutdown_ack_sent':
        this.#owner.sendChunk(encodeEmptyChunk(ChunkType.ShutdownAck));
        break;
      case 'new':
      case 'established':
      case 'shutdown_pending':
      case 'shutdown_received':
      case 'closed':
        this.#deadlineMs = Number.POSITIVE_INFINITY;
        break;
      default:
        state satisfies never;
    }
  }
}
