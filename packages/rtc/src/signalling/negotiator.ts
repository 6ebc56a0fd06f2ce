import type { MediaMap, SessionDescription } from '@rtcd/protocol';
import { RtcError } from '../errors.ts';
import type { PublishedTrack } from '../media/published-track.ts';
import type { RemoteDescription } from '../sdp/description.ts';
import { parseDescription } from '../sdp/parse.ts';
import { SignallingLock } from './lock.ts';
import type { Section, Sections } from './sections.ts';

const LOCK_WAIT_LIMIT_MS = 5_000;
const ANSWER_WAIT_LIMIT_MS = 10_000;
/** After so many offers in a row without an answer the peer gets no other until something new is wanted. */
const MAX_UNANSWERED_OFFERS = 3;

/** What the negotiator needs done, and tells. */
export interface NegotiatorPort {
  /** Turns our sections into SDP text. */
  describe(type: 'offer' | 'answer'): SessionDescription;
  sendOffer(offer: SessionDescription, map: MediaMap): void;
  /** A description of the peer is about to be answered, or completes our offer: its transport parameters count from here. */
  onRemote(remote: RemoteDescription): void;
  /** Both sides agree again: the sections say what flows now. */
  onNegotiated(): void;
  onFailure(failure: 'signaling' | 'signaling_lock_timeout', detail: string): void;
  onLockGrabbed(waitedMs: number): void;
  onLockReleased(heldMs: number): void;
}

type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'locking'; readonly sinceMs: number }
  | { readonly name: 'offered'; readonly sinceMs: number }
  | { readonly name: 'closed' };

const IDLE: Phase = { name: 'idle' };

/**
 * The offer/answer exchange of one session (RFC 9429), from the side that is always impolite. The peer's offers are answered at
 * once; what we want to send is compared with what is negotiated, and the whole difference goes into one offer at a time.
 */
export class Negotiator {
  readonly lock = new SignallingLock();
  readonly #sections: Sections;
  readonly #port: NegotiatorPort;
  #phase: Phase = IDLE;
  #mayOffer = false;
  #wanted: readonly PublishedTrack[] = [];
  #unansweredOffers = 0;
  /** The peer has not answered to what the sections say. */
  #outdated = false;

  constructor(sections: Sections, port: NegotiatorPort) {
    this.#sections = sections;
    this.#port = port;
  }

  /** The data channel is open: from now on we may offer. */
  allowOffers(nowMs: number): void {
    this.#mayOffer = true;
    this.#negotiate(nowMs);
  }

  /** Says which tracks the peer should be sent, all of them, each time. */
  want(tracks: readonly PublishedTrack[], nowMs: number): void {
    this.#wanted = tracks;
    this.#unansweredOffers = 0;
    this.#negotiate(nowMs);
  }

  /**
   * Answers the peer's offer through `reply`. Returns false if the offer collided with ours and is ignored: the peer, being polite,
   * rolls it back. Throws `RtcError` 'invalid_sdp'.
   */
  receiveOffer(description: SessionDescription, reply: (answer: SessionDescription) => void, nowMs: number): boolean {
    if (this.#phase.name === 'offered' || this.#phase.name === 'closed') return false;
    const offer = parseDescription(description);
    this.#sections.applyOffer(offer);
    this.#port.onRemote(offer);
    reply(this.#port.describe('answer'));
    this.#port.onNegotiated();
    this.#negotiate(nowMs);
    return true;
  }

  /** Throws `RtcError` 'invalid_sdp'; the negotiation then ends as one without an answer. An answer to nothing is ignored. */
  receiveAnswer(description: SessionDescription, nowMs: number): void {
    if (this.#phase.name !== 'offered') return;
    try {
      const answer = parseDescription(description);
      this.#sections.applyAnswer(answer);
      this.#unansweredOffers = 0;
      this.#outdated = false;
      this.#port.onRemote(answer);
      this.#port.onNegotiated();
    } catch (error) {
      this.#unansweredOffers += 1;
      throw error;
    } finally {
      this.#finish(nowMs);
    }
  }

  /** The peer asks for the lock. The answer is for it. */
  takeLock(nowMs: number): boolean {
    return this.lock.take('peer', nowMs);
  }

  releaseLock(nowMs: number): void {
    const heldMs = this.lock.release('peer', nowMs);
    if (heldMs !== undefined) this.#port.onLockReleased(heldMs);
    this.#negotiate(nowMs);
  }

  deadline(): number {
    switch (this.#phase.name) {
      case 'locking':
        return Math.min(this.lock.deadline(), this.#phase.sinceMs + LOCK_WAIT_LIMIT_MS);
      case 'offered':
        return this.#phase.sinceMs + ANSWER_WAIT_LIMIT_MS;
      case 'idle':
      case 'closed':
        return Number.POSITIVE_INFINITY;
      default:
        return this.#phase satisfies never;
    }
  }

  timeout(nowMs: number): void {
    if (nowMs < this.deadline()) return;
    if (this.#phase.name === 'offered') {
      this.#unansweredOffers += 1;
      this.#port.onFailure('signaling', 'no answer to our offer within 10 s');
      this.#finish(nowMs);
    } else if (this.#phase.name === 'locking') {
      this.#retryLock(this.#phase.sinceMs, nowMs);
    }
  }

  close(): void {
    this.#phase = { name: 'closed' };
  }

  #negotiate(nowMs: number): void {
    if (this.#phase.name === 'locking') return this.#retryLock(this.#phase.sinceMs, nowMs);
    if (this.#phase.name !== 'idle' || !this.#mayOffer || this.#unansweredOffers >= MAX_UNANSWERED_OFFERS) return;
    const { added, removed } = this.#difference();
    if (added.length + removed.length === 0 && !this.#outdated) return;
    this.#retryLock(nowMs, nowMs);
  }

  /** The lock of a peer that went away runs out, so waiting longer than the limit is counted, and goes on. */
  #retryLock(sinceMs: number, nowMs: number): void {
    if (this.lock.take('sfu', nowMs)) {
      this.#port.onLockGrabbed(nowMs - sinceMs);
      this.#offer(nowMs);
    } else if (nowMs - sinceMs >= LOCK_WAIT_LIMIT_MS) {
      this.#port.onFailure('signaling_lock_timeout', 'the peer held the signalling lock for 5 s; trying again');
      this.#phase = { name: 'locking', sinceMs: nowMs };
    } else {
      this.#phase = { name: 'locking', sinceMs };
    }
  }

  #offer(nowMs: number): void {
    const { added, removed } = this.#difference();
    for (const track of removed) this.#sections.remove(track);
    for (const track of added) this.#sections.add(track);
    this.#outdated = true;
    this.#phase = { name: 'offered', sinceMs: nowMs };
    this.#port.sendOffer(this.#port.describe('offer'), mediaMap(this.#sections.all));
  }

  #finish(nowMs: number): void {
    if (this.#phase.name === 'closed') return;
    this.#phase = IDLE;
    const heldMs = this.lock.release('sfu', nowMs);
    if (heldMs !== undefined) this.#port.onLockReleased(heldMs);
    this.#negotiate(nowMs);
  }

  #difference(): { added: PublishedTrack[]; removed: PublishedTrack[] } {
    const present = new Set(this.#sections.all.flatMap(({ sending }) => (sending ? [sending.track] : [])));
    const wanted = new Set(this.#wanted);
    return { added: [...wanted.difference(present)], removed: [...present.difference(wanted)] };
  }
}

/** The contract's MediaMap: whose track flows on each mid on which we send. */
const mediaMap = (sections: readonly Section[]): MediaMap =>
  Object.fromEntries(
    sections.flatMap(({ mid, sending }) =>
      sending ? [[mid, { type: sending.track.type, senderID: sending.track.senderID }]] : [],
    ),
  );

/** Whether an error is the peer's description being wrong, not our code. */
export const isPeerFault = (error: unknown): error is RtcError =>
  error instanceof RtcError && error.code === 'invalid_sdp';
