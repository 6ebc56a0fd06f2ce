import type { SessionDescription } from '@rtcd/protocol';
import type { RemoteDescription } from '../sdp/description.ts';
import { type LockHolder, SignalingLock } from './lock.ts';
import type { NegotiatorOwner, SignalingWay } from './negotiator-owner.ts';
import { OfferPace } from './offer-pace.ts';
import { OfferReasons } from './offer-reasons.ts';
import { RemoteVersions } from './remote-versions.ts';
import { mediaMap } from './section.ts';
import type { Sections } from './sections.ts';
import { UnansweredOffers } from './unanswered-offers.ts';

const LOCK_WAIT_LIMIT_MS = 5_000;
/** For the acknowledgement of the media map and the answer together. */
const ANSWER_WAIT_LIMIT_MS = 10_000;
/** An offer that was out for so long when the peer's own one came is likely to be lost: what still is on its way comes sooner. */
const COLLISION_LIMIT_MS = 2_000;

type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'pausing'; readonly untilMs: number }
  | { readonly name: 'locking'; readonly sinceMs: number }
  /** The media map is under way, the offer not yet. */
  | { readonly name: 'mapping'; readonly sinceMs: number }
  | { readonly name: 'offered'; readonly sinceMs: number }
  | { readonly name: 'closed' };

const IDLE: Phase = { name: 'idle' };

/** Until the data channel is open we only answer, and an answer that may be lost can be sent again. Later an offer of ours does more. */
type Stage = { readonly mayOffer: false; readonly answerAgain?: (nowMs: number) => void } | { readonly mayOffer: true };

/**
 * The offer/answer exchange of one session (RFC 9429), from the side that is always impolite. The peer's offers are answered at
 * once; what we want to send is compared with what is negotiated, and the whole difference goes into one offer at a time.
 *
 * Descriptions get lost, late and doubled, and an answer does not identify its offer. So an offer of ours, once out, stays
 * out until an answer fits it or the peer's own offer shows that it was taken; it is repeated, not withdrawn. See docs/signaling.md.
 */
export class Negotiator {
  readonly lock = new SignalingLock();
  readonly #sections: Sections;
  readonly #owner: NegotiatorOwner;
  readonly #offers: UnansweredOffers;
  readonly #versions = new RemoteVersions();
  readonly #reasons = new OfferReasons();
  readonly #pace = new OfferPace();
  #phase: Phase = IDLE;
  #stage: Stage = { mayOffer: false };

  constructor(sections: Sections, owner: NegotiatorOwner) {
    this.#sections = sections;
    this.#owner = owner;
    this.#offers = new UnansweredOffers(sections);
  }

  /** The data channel is open: from now on we may offer. */
  allowOffers(nowMs: number): void {
    this.#stage = { mayOffer: true };
    this.#negotiate(nowMs);
  }

  /**
   * To be called when the peer is heard of, and when the wanted tracks may have changed. An offer that waits because too many were not
   * answered goes out now.
   */
  hear(nowMs: number): void {
    this.#pace.heard();
    this.#negotiate(nowMs);
  }

  /** The way to the peer was interrupted, and is there again. Whatever was sent meanwhile may be lost, in both directions. */
  resume(nowMs: number): void {
    if (!this.#stage.mayOffer) return this.#stage.answerAgain?.(nowMs);
    this.#doubtPeersOffer();
    if (this.#phase.name === 'offered') this.#sendOffer(nowMs, nowMs);
    this.hear(nowMs);
  }

  /**
   * Answers the peer's offer through `reply`. Returns false if the offer collided with ours and is ignored: the peer, being polite,
   * rolls it back. Throws `RtcError` `invalid_sdp`.
   */
  receiveOffer(
    offer: RemoteDescription,
    reply: (answer: SessionDescription, nowMs: number) => void,
    way: SignalingWay,
    nowMs: number,
  ): boolean {
    if (this.#phase.name === 'closed') return false;
    if (this.#versions.isOvertaken(offer)) return false;
    if (this.#offers.isOut && !this.#sections.isTakenBy(offer) && !this.#owner.isOutOfReach(offer, way)) {
      // If it overtook the peer's answer, that one alone would leave this offer unanswered forever: ours is repeated instead.
      this.#versions.remember(offer);
      if (this.#phase.name === 'offered' && nowMs - this.#phase.sinceMs >= COLLISION_LIMIT_MS) {
        this.#sendOffer(nowMs, nowMs);
      }
      this.hear(nowMs);
      return false;
    }
    this.#sections.applyOffer(offer);
    this.#versions.remember(offer);
    this.#offers.overruled();
    this.#pace.peersOfferTaken();
    this.#owner.onRemote(offer, nowMs);
    const answer = (atMs: number) => reply(this.#owner.describe('answer'), atMs);
    answer(nowMs);
    if (!this.#stage.mayOffer) this.#stage = { mayOffer: false, answerAgain: answer };
    this.#owner.onNegotiated(nowMs);
    if (this.#isNegotiating) this.#finish(nowMs);
    this.hear(nowMs);
    return true;
  }

  /** Returns false for an answer that completes nothing. Throws `RtcError` `invalid_sdp`. */
  receiveAnswer(answer: RemoteDescription, nowMs: number): boolean {
    if (this.#phase.name === 'closed') return false;
    if (this.#versions.isOvertaken(answer)) return false;
    const meaning = this.#offers.judge(answer, this.#versions.isCopy(answer));
    if (meaning !== 'match') {
      if (meaning === 'stray') this.#receiveStrayAnswer(answer, nowMs);
      else this.#receiveUnclearAnswer(answer, nowMs);
      return false;
    }
    this.#sections.applyAnswer(answer);
    this.#versions.remember(answer);
    this.#offers.answered();
    this.#pace.peersOfferExpected(nowMs);
    if (this.#sections.hasRefused) this.#reasons.doubt();
    // An offer whose map is still under way is none yet: the answer is to the one before.
    this.#reasons.answered(this.#phase.name === 'mapping');
    this.#owner.onRemote(answer, nowMs);
    this.#owner.onNegotiated(nowMs);
    this.#finish(nowMs);
    this.hear(nowMs);
    return true;
  }

  /** The peer asks for the lock. The answer is for it. */
  takeLock(nowMs: number): boolean {
    const isTaken = this.lock.take('peer', nowMs);
    if (!isTaken && this.#isNegotiating) this.#pace.peerRefused(nowMs);
    return isTaken;
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

  /** Our offer is out, or its media map. */
  get #isNegotiating(): boolean {
    return this.#phase.name === 'mapping' || this.#phase.name === 'offered';
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

  /** A copy of an answer that we have is ignored. Any other one means that the peer's state may differ from ours. */
  #receiveStrayAnswer(answer: RemoteDescription, nowMs: number): void {
    if (!this.#stage.mayOffer) return;
    if (this.#offers.isOut) this.#reasons.doubt();
    else if (!this.#sections.agreesWith(answer) || !this.#owner.isSameTransport(answer)) {
      this.#reasons.outdate();
      this.#pace.contradicted(nowMs);
    }
    this.hear(nowMs);
  }

  /** The peer overlooks our rejection, or this answers an older offer of ours: its answer to the same offer, made once more, shows which. */
  #receiveUnclearAnswer(answer: RemoteDescription, nowMs: number): void {
    this.#versions.remember(answer);
    if (this.#phase.name === 'offered') this.#sendOffer(nowMs, nowMs);
    this.hear(nowMs);
  }

  /** The peer took the lock and has not finished what it took it for: its offer or our answer may be lost. */
  #onLockExpired(nowMs: number): void {
    this.#release('peer', nowMs);
    if (this.#stage.mayOffer) this.#doubtPeersOffer();
    this.#negotiate(nowMs);
  }

  /** A peer that waits for our answer gives its offer up for ours, and makes it again. */
  #doubtPeersOffer(): void {
    this.#reasons.outdate();
    this.#pace.peersOfferMissing();
  }

  #release(holder: LockHolder, nowMs: number): void {
    const heldMs = this.lock.release(holder, nowMs);
    if (heldMs !== undefined) this.#owner.onLockReleased(heldMs);
  }

  #negotiate(nowMs: number): void {
    if (this.#phase.name === 'locking') return this.#retryLock(this.#phase.sinceMs, nowMs);
    if (this.#phase.name === 'pausing') this.#phase = IDLE;
    if (this.#phase.name !== 'idle' || !this.#stage.mayOffer) return;
    const dueMs = this.#dueMs(nowMs);
    if (nowMs >= dueMs) this.#retryLock(nowMs, nowMs);
    else if (dueMs < Number.POSITIVE_INFINITY) this.#phase = { name: 'pausing', untilMs: dueMs };
  }

  /** Time when the next offer is due; Infinity if there is nothing to offer. */
  #dueMs(nowMs: number): number {
    const wanted = this.#owner.wanted(nowMs);
    if (this.#reasons.isOutdated || this.#sections.differsFrom(wanted)) return this.#pace.nextOfferMs;
    return this.#sections.hasDisused ? this.#pace.nextClosingOfferMs : Number.POSITIVE_INFINITY;
  }

  /** The lock of a peer that went away runs out, so waiting longer than the limit is counted, and continues. */
  #retryLock(sinceMs: number, nowMs: number): void {
    if (this.lock.take('sfu', nowMs)) {
      this.#owner.onLockGrabbed(nowMs - sinceMs);
      this.#offer(nowMs);
    } else if (nowMs - sinceMs >= LOCK_WAIT_LIMIT_MS) {
      this.#owner.onFailure('signaling_lock_timeout', 'signaling lock held by the peer for 5 s; retrying', nowMs);
      this.#phase = { name: 'locking', sinceMs: nowMs };
    } else {
      this.#phase = { name: 'locking', sinceMs };
    }
  }

  #offer(nowMs: number): void {
    this.#sections.plan(this.#owner.wanted(nowMs), this.#pace.mayCloseSections(nowMs));
    const { all } = this.#sections;
    this.#reasons.outdate();
    this.#pace.offered(all.length, nowMs);
    const mapping: Phase = { name: 'mapping', sinceMs: nowMs };
    this.#phase = mapping;
    const onDelivered = (deliveredMs: number) => {
      if (this.#phase === mapping) this.#sendOffer(mapping.sinceMs, deliveredMs);
    };
    this.#owner.sendMediaMap(mediaMap(all), onDelivered, nowMs);
  }

  /** Offers the sections, for the first time or again. */
  #sendOffer(sinceMs: number, nowMs: number): void {
    this.#phase = { name: 'offered', sinceMs };
    this.#offers.sent();
    this.#owner.sendOffer(this.#owner.describe('offer'), nowMs);
  }

  #fail(detail: string, nowMs: number): void {
    this.#pace.failed(nowMs);
    this.#owner.onFailure('signaling', detail, nowMs);
    this.#finish(nowMs);
  }

  #finish(nowMs: number): void {
    if (this.#phase.name === 'closed') return;
    this.#phase = IDLE;
    this.#release('sfu', nowMs);
    this.#pace.finished(nowMs);
    this.#negotiate(nowMs);
  }
}
