import type { MediaMap, SessionDescription } from '@rtcd/protocol';
import type { PublishedTrack } from '../call/published-track.ts';
import type { RemoteDescription } from '../sdp/description.ts';
import { SignallingLock } from './lock.ts';
import { parsePeerDescription } from './peer-description.ts';
import type { Section } from './section.ts';
import type { Sections } from './sections.ts';

const LOCK_WAIT_LIMIT_MS = 5_000;
/** For the acknowledgement of the media map and the answer together. */
const ANSWER_WAIT_LIMIT_MS = 10_000;
/** After so many offers in a row without an answer the peer gets no other until something new is wanted. */
const MAX_UNANSWERED_OFFERS = 3;

/** Nobody waits longer than this to hear who has just begun to speak. */
const MAX_PAUSE_MS = 2_000;

/**
 * How long after an offer the next one waits. It names every section, and in a call of n everybody gets one for everybody's
 * change: so that many who come one after the other cost no more than a share of a CPU, the pause grows with the square of n.
 * Nothing to speak of below 30 sections, 0.2 s at 100; the first change after a quiet time never waits.
 */
const pauseMs = (sections: number): number => Math.min(MAX_PAUSE_MS, Math.floor(sections ** 2 / 50));

/** What the negotiator needs done, and tells. */
export interface NegotiatorPort {
  /** The tracks that the peer should be sent now, all of them. */
  wanted(): readonly PublishedTrack[];
  /** Turns our sections into SDP text. */
  describe(type: 'offer' | 'answer'): SessionDescription;
  /** Sends the map that belongs to our next offer. The offer waits for `onDelivered`: a peer that gets it first drops what it cannot map. */
  sendMediaMap(map: MediaMap, onDelivered: () => void): void;
  sendOffer(offer: SessionDescription): void;
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
  | { readonly name: 'pausing' }
  | { readonly name: 'locking'; readonly sinceMs: number }
  /** The media map is under way, the offer not yet. */
  | { readonly name: 'mapping'; readonly sinceMs: number }
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
  #unansweredOffers = 0;
  /** When the next offer may be made. */
  #nextOfferMs = Number.NEGATIVE_INFINITY;
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

  /** What is wanted may have changed. */
  update(nowMs: number): void {
    this.#unansweredOffers = 0;
    this.#negotiate(nowMs);
  }

  /**
   * Answers the peer's offer through `reply`. Returns false if the offer collided with ours and is ignored: the peer, being polite,
   * rolls it back. Throws `RtcError` 'invalid_sdp'.
   */
  receiveOffer(description: SessionDescription, reply: (answer: SessionDescription) => void, nowMs: number): boolean {
    if (this.#phase.name === 'offered' || this.#phase.name === 'closed') return false;
    const offer = parsePeerDescription(description);
    this.#sections.applyOffer(offer);
    this.#port.onRemote(offer);
    reply(this.#port.describe('answer'));
    this.#port.onNegotiated();
    // An offer whose map is still under way is none yet.
    if (this.#phase.name === 'mapping') this.#finish(nowMs);
    else this.#negotiate(nowMs);
    return true;
  }

  /** Throws `RtcError` 'invalid_sdp'; the negotiation then ends as one without an answer. Returns false if none is awaited. */
  receiveAnswer(description: SessionDescription, nowMs: number): boolean {
    if (this.#phase.name !== 'offered') return false;
    try {
      const answer = parsePeerDescription(description);
      this.#sections.applyAnswer(answer);
      this.#unansweredOffers = 0;
      this.#outdated = false;
      this.#port.onRemote(answer);
      this.#port.onNegotiated();
      return true;
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
      case 'pausing':
        return this.#nextOfferMs;
      case 'locking':
        return Math.min(this.lock.deadline(), this.#phase.sinceMs + LOCK_WAIT_LIMIT_MS);
      case 'mapping':
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
    if (this.#phase.name === 'mapping') this.#fail('the media map was not acknowledged within 10 s', nowMs);
    else if (this.#phase.name === 'offered') this.#fail('no answer to our offer within 10 s', nowMs);
    else this.#negotiate(nowMs);
  }

  close(): void {
    this.#phase = { name: 'closed' };
  }

  #negotiate(nowMs: number): void {
    if (this.#phase.name === 'locking') return this.#retryLock(this.#phase.sinceMs, nowMs);
    if (this.#phase.name === 'pausing') this.#phase = IDLE;
    if (this.#phase.name !== 'idle' || !this.#mayOffer || this.#unansweredOffers >= MAX_UNANSWERED_OFFERS) return;
    if (nowMs < this.#nextOfferMs) this.#phase = { name: 'pausing' };
    else if (this.#outdated || this.#sections.differsFrom(this.#port.wanted())) this.#retryLock(nowMs, nowMs);
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
    this.#sections.send(this.#port.wanted());
    const { all } = this.#sections;
    this.#outdated = true;
    this.#nextOfferMs = nowMs + pauseMs(all.length);
    const mapping: Phase = { name: 'mapping', sinceMs: nowMs };
    this.#phase = mapping;
    this.#port.sendMediaMap(mediaMap(all), () => {
      if (this.#phase !== mapping) return;
      this.#phase = { name: 'offered', sinceMs: nowMs };
      this.#port.sendOffer(this.#port.describe('offer'));
    });
  }

  #fail(detail: string, nowMs: number): void {
    this.#unansweredOffers += 1;
    this.#port.onFailure('signaling', detail);
    this.#finish(nowMs);
  }

  #finish(nowMs: number): void {
    if (this.#phase.name === 'closed') return;
    this.#phase = IDLE;
    const heldMs = this.lock.release('sfu', nowMs);
    if (heldMs !== undefined) this.#port.onLockReleased(heldMs);
    this.#negotiate(nowMs);
  }
}

/** The contract's MediaMap: whose track flows on each mid on which we send. */
const mediaMap = (sections: readonly Section[]): MediaMap =>
  Object.fromEntries(
    sections.flatMap(({ mid, sending }) =>
      sending ? [[mid, { type: sending.track.type, senderID: sending.track.senderID }]] : [],
    ),
  );
