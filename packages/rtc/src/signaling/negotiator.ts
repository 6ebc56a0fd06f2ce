import type { MediaMap, SessionDescription } from '@rtcd/protocol';
import type { PublishedTrack } from '../call/published-track.ts';
import type { Origin, RemoteDescription } from '../sdp/description.ts';
import { type LockHolder, SignalingLock } from './lock.ts';
import type { Section } from './section.ts';
import type { Sections } from './sections.ts';

const LOCK_WAIT_LIMIT_MS = 5_000;
/** For the acknowledgement of the media map and the answer together. */
const ANSWER_WAIT_LIMIT_MS = 10_000;
/** After so many offers in a row without an answer the next one waits, unless the peer is heard of. */
const MAX_UNANSWERED_OFFERS = 3;
const RETRY_PAUSE_MS = 10_000;
/** An offer that was out for so long when the peer's own one came is likely to be lost: what still is on its way comes sooner. */
const COLLISION_LIMIT_MS = 2_000;
/** So long after its answer the peer's own offer comes at the latest, if it had given one up. */
const PEERS_OFFER_LIMIT_MS = 5_000;
/** Between an answer that contradicts what was agreed, and the offer that asks again: bounds what such answers cost. */
const DOUBT_PAUSE_MS = 1_000;

/**
 * A description that comes late is a few versions behind (RFC 9429 section 5.2.1 counts by one). webrtc-rs takes a random number each
 * time, so that one far behind says nothing.
 */
const MAX_VERSIONS_BEHIND = 1_000n;

/** Nobody waits longer than this to hear who has just begun to speak. */
const MAX_PAUSE_MS = 2_000;

/**
 * How long after an offer the next one waits. It names every section, and in a call of n everybody gets one for everybody's
 * change: so that many who come one after the other cost no more than a share of a CPU, the pause grows with the square of n.
 * Nothing to speak of below 30 sections, 0.2 s at 100; the first change after a quiet time never waits.
 */
const pauseMs = (sections: number): number => Math.min(MAX_PAUSE_MS, Math.floor(sections ** 2 / 50));

/** The route of a description: the client's WebSocket, or the data channel. */
export type SignalingWay = 'client' | 'channel';

/** The negotiator's owner: does what it needs done, and hears what happened. */
export interface NegotiatorPort {
  /** The tracks that the peer should be sent now, all of them. */
  wanted(): readonly PublishedTrack[];
  /** Reads a description of the peer. Throws `RtcError` 'invalid_sdp'. */
  read(description: SessionDescription): RemoteDescription;
  /** Turns our sections into SDP text. */
  describe(type: 'offer' | 'answer'): SessionDescription;
  /** Sends the map that belongs to our next offer. The offer waits for `onDelivered`: a peer that gets it first drops what it cannot map. */
  sendMediaMap(map: MediaMap, onDelivered: () => void): void;
  sendOffer(offer: SessionDescription): void;
  /** Returns whether an offer is from a peer that our own pending one no longer reaches: it lost the data channel, or starts over. */
  isOutOfReach(offer: RemoteDescription, way: SignalingWay): boolean;
  /** Returns whether a description names the known transport. */
  isSameTransport(remote: RemoteDescription): boolean;
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
  | { readonly name: 'pausing'; readonly untilMs: number }
  | { readonly name: 'locking'; readonly sinceMs: number }
  /** The media map is under way, the offer not yet. */
  | { readonly name: 'mapping'; readonly sinceMs: number }
  | { readonly name: 'offered'; readonly sinceMs: number }
  | { readonly name: 'closed' };

const IDLE: Phase = { name: 'idle' };

/**
 * The offer/answer exchange of one session (RFC 9429), from the side that is always impolite. The peer's offers are answered at
 * once; what we want to send is compared with what is negotiated, and the whole difference goes into one offer at a time.
 *
 * Descriptions get lost, late and doubled, and an answer does not say which offer it belongs to. So an offer of ours, once out, stays
 * out until an answer fits it or the peer's own offer shows that it was taken; it is repeated, not withdrawn. See docs/signaling.md.
 */
export class Negotiator {
  readonly lock = new SignalingLock();
  readonly #sections: Sections;
  readonly #port: NegotiatorPort;
  #phase: Phase = IDLE;
  #mayOffer = false;
  /** The peer may have an offer of ours, now or soon, that it has not answered. */
  #isOut = false;
  /** The sections have to be offered even if nothing else is wanted. */
  #outdated = false;
  /** Something contradicted the exchange under way: it has to be made once more. */
  #isDoubtful = false;
  /** The exchange under way is the repetition of a doubtful one. */
  #isSecondLook = false;
  /** Offers in a row without an answer, since the peer was last heard of. */
  #unansweredOffers = 0;
  /**
   * Sections are not closed before. While the peer may have an offer that we never got, its new track may be on one of ours, and is lost to
   * it if we close that.
   */
  #keepSectionsUntilMs = Number.NEGATIVE_INFINITY;
  /** Number of answers up to and including the one to our last offer. Too high once an answer was lost. */
  #awaitedAnswers = 0;
  /** The peer answers a section that we rejected like any other, as aiortc and libdatachannel do. */
  #overlooksRejections = false;
  /** Of the peer's last description that counted. */
  #remoteOrigin: Origin | undefined;
  /** The peer gives each description another version. libdatachannel never does. */
  #countsVersions = false;
  /** When the next offer may be made, and when after too many without an answer. */
  #nextOfferMs = Number.NEGATIVE_INFINITY;
  #retryMs = Number.NEGATIVE_INFINITY;
  /** Sends the answer to the peer's last offer again. Only before the data channel is open: later an offer of ours does more. */
  #answerAgain: (() => void) | undefined;

  constructor(sections: Sections, port: NegotiatorPort) {
    this.#sections = sections;
    this.#port = port;
  }

  /** The data channel is open: from now on we may offer. */
  allowOffers(nowMs: number): void {
    this.#mayOffer = true;
    this.#answerAgain = undefined;
    this.#negotiate(nowMs);
  }

  /** To be called when the wanted tracks may have changed. */
  update(nowMs: number): void {
    this.hear(nowMs);
  }

  /** The peer is there, or something changed for it: an offer that waits because too many were not answered goes out now. */
  hear(nowMs: number): void {
    this.#unansweredOffers = 0;
    this.#retryMs = Number.NEGATIVE_INFINITY;
    this.#negotiate(nowMs);
  }

  /** The way to the peer was interrupted, and is there again. Whatever was sent meanwhile may be lost, in both directions. */
  resume(nowMs: number): void {
    if (!this.#mayOffer) return this.#answerAgain?.();
    this.#doubtPeersOffer();
    if (this.#phase.name === 'offered') this.#sendOffer(nowMs);
    this.hear(nowMs);
  }

  /**
   * Answers the peer's offer through `reply`. Returns false if the offer collided with ours and is ignored: the peer, being polite,
   * rolls it back. Throws `RtcError` 'invalid_sdp'.
   */
  receiveOffer(
    description: SessionDescription,
    reply: (answer: SessionDescription) => void,
    way: SignalingWay,
    nowMs: number,
  ): boolean {
    if (this.#phase.name === 'closed') return false;
    const offer = this.#port.read(description);
    if (this.#isOvertaken(offer)) return false;
    if (this.#isOut && !this.#sections.isTakenBy(offer) && !this.#port.isOutOfReach(offer, way)) {
      // If it overtook the peer's answer, that one alone would leave this offer unanswered for good: ours is repeated instead.
      this.#remember(offer);
      if (this.#phase.name === 'offered' && nowMs - this.#phase.sinceMs >= COLLISION_LIMIT_MS) this.#sendOffer(nowMs);
      this.hear(nowMs);
      return false;
    }
    this.#sections.applyOffer(offer);
    this.#awaitedAnswers = 0;
    this.#remember(offer);
    this.#keepSectionsUntilMs = Number.NEGATIVE_INFINITY;
    this.#isOut = false;
    this.#port.onRemote(offer);
    const answer = () => reply(this.#port.describe('answer'));
    answer();
    if (!this.#mayOffer) this.#answerAgain = answer;
    this.#port.onNegotiated();
    if (this.#phase.name === 'mapping' || this.#phase.name === 'offered') this.#finish(nowMs);
    this.hear(nowMs);
    return true;
  }

  /** Returns false for an answer that completes nothing. Throws `RtcError` 'invalid_sdp'. */
  receiveAnswer(description: SessionDescription, nowMs: number): boolean {
    if (this.#phase.name === 'closed') return false;
    const answer = this.#port.read(description);
    if (this.#isOvertaken(answer)) return false;
    if (!this.#isAnswer(answer)) {
      this.#receiveStrayAnswer(answer, nowMs);
      return false;
    }
    this.#sections.applyAnswer(answer);
    this.#remember(answer);
    this.#keepSectionsUntilMs = Math.min(this.#keepSectionsUntilMs, nowMs + PEERS_OFFER_LIMIT_MS);
    this.#isDoubtful ||= this.#sections.hasRefused;
    this.#isOut = false;
    // An offer whose map is still under way is none yet: the answer is to the one before.
    this.#outdated = this.#phase.name === 'mapping' || (this.#isDoubtful && !this.#isSecondLook);
    this.#isSecondLook = this.#outdated;
    this.#isDoubtful = false;
    this.#port.onRemote(answer);
    this.#port.onNegotiated();
    this.#finish(nowMs);
    this.hear(nowMs);
    return true;
  }

  /** The peer asks for the lock. The answer is for it. */
  takeLock(nowMs: number): boolean {
    return this.lock.take('peer', nowMs);
  }

  releaseLock(nowMs: number): void {
    this.#release('peer', nowMs);
    this.hear(nowMs);
  }

  deadline(): number {
    return Math.min(this.lock.deadline(), this.#phaseDeadline());
  }

  timeout(nowMs: number): void {
    if (nowMs >= this.lock.deadline()) this.#onLockExpired(nowMs);
    if (nowMs < this.#phaseDeadline()) return;
    if (this.#phase.name === 'mapping') this.#fail('the media map was not acknowledged within 10 s', nowMs);
    else if (this.#phase.name === 'offered') this.#fail('no answer to our offer within 10 s', nowMs);
    else this.#negotiate(nowMs);
  }

  close(): void {
    this.#phase = { name: 'closed' };
  }

  #phaseDeadline(): number {
    switch (this.#phase.name) {
      case 'pausing':
        return this.#phase.untilMs;
      case 'locking':
        return this.#phase.sinceMs + LOCK_WAIT_LIMIT_MS;
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

  /** A later description of the same endpoint counts already: this one comes late, or a second time. */
  #isOvertaken({ origin }: RemoteDescription): boolean {
    const last = this.#remoteOrigin;
    if (origin === undefined || origin.sessionId !== last?.sessionId) return false;
    return origin.version < last.version && origin.version >= last.version - MAX_VERSIONS_BEHIND;
  }

  /**
   * Returns whether an answer is one to the pending offer. An answer that does not reject what we rejected may belong to an earlier offer,
   * unless no other answer is awaited.
   */
  #isAnswer(answer: RemoteDescription): boolean {
    const hasSections = this.#isOut && this.#sections.hasSections(answer);
    const isExact = hasSections && this.#sections.isAnswer(answer);
    if (!isExact && this.#isCopy(answer)) return false;
    this.#awaitedAnswers = Math.max(0, this.#awaitedAnswers - 1);
    if (!hasSections) return false;
    if (isExact && this.#sections.isClosing) this.#overlooksRejections = false;
    else if (!isExact && this.#awaitedAnswers === 0) this.#overlooksRejections = true;
    return isExact || this.#overlooksRejections;
  }

  /** Returns whether a description repeats the last one that counted. */
  #isCopy({ origin }: RemoteDescription): boolean {
    const last = this.#remoteOrigin;
    if (!this.#countsVersions || origin === undefined || last === undefined) return false;
    return origin.sessionId === last.sessionId && origin.version === last.version;
  }

  #remember({ origin }: RemoteDescription): void {
    const last = this.#remoteOrigin;
    this.#countsVersions ||= origin?.sessionId === last?.sessionId && origin?.version !== last?.version;
    this.#remoteOrigin = origin;
  }

  /** A copy of an answer that we have is nothing. Any other one means that the peer's state may not be what we think. */
  #receiveStrayAnswer(answer: RemoteDescription, nowMs: number): void {
    if (!this.#mayOffer) return;
    if (this.#isOut) this.#isDoubtful = true;
    else if (!this.#sections.agreesWith(answer) || !this.#port.isSameTransport(answer)) {
      this.#outdated = true;
      this.#nextOfferMs = Math.max(this.#nextOfferMs, nowMs + DOUBT_PAUSE_MS);
    }
    this.hear(nowMs);
  }

  /** The peer took the lock and has not come to the end of what for: its offer or our answer may be lost. */
  #onLockExpired(nowMs: number): void {
    this.#release('peer', nowMs);
    if (this.#mayOffer) this.#doubtPeersOffer();
    this.#negotiate(nowMs);
  }

  /** A peer that waits for our answer gives its offer up for ours, and makes it again. */
  #doubtPeersOffer(): void {
    this.#outdated = true;
    this.#keepSectionsUntilMs = Number.POSITIVE_INFINITY;
  }

  #release(holder: LockHolder, nowMs: number): void {
    const heldMs = this.lock.release(holder, nowMs);
    if (heldMs !== undefined) this.#port.onLockReleased(heldMs);
  }

  #negotiate(nowMs: number): void {
    if (this.#phase.name === 'locking') return this.#retryLock(this.#phase.sinceMs, nowMs);
    if (this.#phase.name === 'pausing') this.#phase = IDLE;
    if (this.#phase.name !== 'idle' || !this.#mayOffer) return;
    const dueMs = this.#dueMs();
    if (nowMs >= dueMs) this.#retryLock(nowMs, nowMs);
    else if (dueMs < Number.POSITIVE_INFINITY) this.#phase = { name: 'pausing', untilMs: dueMs };
  }

  /** When the next offer is due; Infinity if there is nothing to offer. */
  #dueMs(): number {
    const wanted = this.#port.wanted();
    const earliestMs = Math.max(this.#nextOfferMs, this.#retryMs);
    if (this.#outdated || this.#sections.differsFrom(wanted)) return earliestMs;
    return this.#sections.hasDisused ? Math.max(earliestMs, this.#keepSectionsUntilMs) : Number.POSITIVE_INFINITY;
  }

  /** The lock of a peer that went away runs out, so waiting longer than the limit is counted, and goes on. */
  #retryLock(sinceMs: number, nowMs: number): void {
    if (this.lock.take('sfu', nowMs)) {
      this.#port.onLockGrabbed(nowMs - sinceMs);
      this.#offer(nowMs);
    } else if (nowMs - sinceMs >= LOCK_WAIT_LIMIT_MS) {
      this.#port.onFailure('signaling_lock_timeout', 'signaling lock held by the peer for 5 s; retrying');
      this.#phase = { name: 'locking', sinceMs: nowMs };
    } else {
      this.#phase = { name: 'locking', sinceMs };
    }
  }

  #offer(nowMs: number): void {
    this.#sections.plan(this.#port.wanted(), nowMs >= this.#keepSectionsUntilMs);
    const { all } = this.#sections;
    this.#outdated = true;
    this.#nextOfferMs = nowMs + pauseMs(all.length);
    const mapping: Phase = { name: 'mapping', sinceMs: nowMs };
    this.#phase = mapping;
    this.#port.sendMediaMap(mediaMap(all), () => {
      if (this.#phase === mapping) this.#sendOffer(nowMs);
    });
  }

  /** Offers the sections, for the first time or again. */
  #sendOffer(nowMs: number): void {
    this.#phase = { name: 'offered', sinceMs: nowMs };
    this.#isOut = true;
    this.#awaitedAnswers += 1;
    this.#port.sendOffer(this.#port.describe('offer'));
  }

  #fail(detail: string, nowMs: number): void {
    this.#unansweredOffers += 1;
    if (this.#unansweredOffers >= MAX_UNANSWERED_OFFERS) this.#retryMs = nowMs + RETRY_PAUSE_MS;
    this.#port.onFailure('signaling', detail);
    this.#finish(nowMs);
  }

  #finish(nowMs: number): void {
    if (this.#phase.name === 'closed') return;
    this.#phase = IDLE;
    this.#release('sfu', nowMs);
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
