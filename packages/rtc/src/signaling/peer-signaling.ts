import type { SessionDescription } from '@rtcd/protocol';
import type { NegotiatedMedia } from '../call/negotiated-media.ts';
import type { PublishedTrack } from '../call/published-track.ts';
import { type Fingerprint, isSameFingerprint } from '../dtls/crypto/fingerprint.ts';
import type { Candidate } from '../ice/candidate.ts';
import { type IceCredentials, newIceCredentials } from '../ice/credentials.ts';
import type { Random } from '../ports.ts';
import { ssrcSequence } from '../rtp/ssrc-sequence.ts';
import { PayloadMap } from '../sdp/capabilities.ts';
import type { RemoteDescription, RemoteParameters } from '../sdp/description.ts';
import { KnownSections } from '../sdp/known-sections.ts';
import { writeDescription } from '../sdp/write.ts';
import { Negotiator } from './negotiator.ts';
import type { NegotiatorOwner, SignalingWay } from './negotiator-owner.ts';
import { parsePeerDescription } from './peer-description.ts';
import { negotiatedMedia, type Section } from './section.ts';
import { Sections } from './sections.ts';

/** The peer's transport changes with the offer or with the answer that stops its section. */
const TRANSPORT_MOVES_WITHIN_MS = 5_000;

export interface PeerSignalingOptions {
  readonly fingerprint: Fingerprint;
  readonly candidates: readonly Candidate[];
  readonly random: Random;
  /** Largest data channel message that we take, in bytes. */
  readonly maxMessageSizeBytes: number;
  /** The route of our offers. */
  readonly offersBy: SignalingWay;
}

export interface PeerSignalingOwner
  extends Pick<
    NegotiatorOwner,
    'wanted' | 'sendMediaMap' | 'sendOffer' | 'onFailure' | 'onLockGrabbed' | 'onLockReleased'
  > {
  /** Applies the transport parameters of a description from now on. */
  onRemote(remote: RemoteParameters, nowMs: number): void;
  /** The peer restarts ICE (RFC 8445 section 9). */
  onIceRestart(local: IceCredentials, remote: IceCredentials, nowMs: number): void;
  /** The peer took an offer of ours for an ICE restart, and its own credentials are others now. */
  onRemoteIce(remote: IceCredentials): void;
  onNegotiated(media: NegotiatedMedia, nowMs: number): void;
}

/** One session's side of SDP: writes its descriptions and applies those of the peer. */
export class PeerSignaling {
  readonly #options: PeerSignalingOptions;
  readonly #owner: PeerSignalingOwner;
  readonly #sdpSessionId: string;
  /** One for all descriptions: signaling may restart before the keys do. */
  readonly #nextSsrc: () => number;
  readonly #knownSections = new KnownSections();
  #descriptions = 0;
  #localIce: IceCredentials;
  /** From the peer's last description that counted. */
  #remote: RemoteParameters | undefined;
  #carrierStoppedMs = Number.NEGATIVE_INFINITY;
  #sections: Sections;
  #negotiator: Negotiator;

  constructor(options: PeerSignalingOptions, owner: PeerSignalingOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#localIce = newIceCredentials(options.random);
    this.#sdpSessionId = sdpSessionId(options.random);
    this.#nextSsrc = ssrcSequence(options.random);
    this.#sections = this.#createSections();
    this.#negotiator = this.#createNegotiator(this.#sections);
  }

  /** In the order of the descriptions. */
  get sections(): readonly Section[] {
    return this.#sections.all;
  }

  /** Returns false for a track whose codec the peer refused. */
  canDecode(track: PublishedTrack): boolean {
    return this.#sections.canDecode(track);
  }

  /** The offer/answer exchange. Another one once the peer restarts. */
  get negotiator(): Negotiator {
    return this.#negotiator;
  }

  get localIce(): IceCredentials {
    return this.#localIce;
  }

  /** The transport is that of a media section, which the peer can stop while the others continue, or was until a moment ago. */
  mayMoveTransport(nowMs: number): boolean {
    return this.#sections.isCarriedByMedia || nowMs < this.#carrierStoppedMs + TRANSPORT_MOVES_WITHIN_MS;
  }

  /**
   * Answers an offer through `reply`, unless it collides with one of ours. Returns false for a description that is ignored: such an offer, or an
   * unexpected answer. Throws `RtcError` `invalid_sdp`.
   */
  receive(
    description: SessionDescription,
    reply: (answer: SessionDescription, nowMs: number) => void,
    way: SignalingWay,
    nowMs: number,
  ): boolean {
    const { maxRemoteSections } = this.#sections;
    const remote = parsePeerDescription(description, this.#remote?.fingerprint, this.#knownSections, maxRemoteSections);
    if (this.#isFromAnotherPeer(remote)) this.#beginAnew();
    const wasCarriedByMedia = this.#sections.isCarriedByMedia;
    const isTaken =
      remote.type === 'offer'
        ? this.#negotiator.receiveOffer(remote, reply, way, nowMs)
        : this.#negotiator.receiveAnswer(remote, nowMs);
    if (wasCarriedByMedia && !this.#sections.isCarriedByMedia) this.#carrierStoppedMs = nowMs;
    return isTaken;
  }

  #createSections(): Sections {
    return new Sections(new PayloadMap(), this.#nextSsrc, this.#options.maxMessageSizeBytes);
  }

  #createNegotiator(sections: Sections): Negotiator {
    const { wanted, sendMediaMap, sendOffer, onFailure, onLockGrabbed, onLockReleased } = this.#owner;
    return new Negotiator(sections, {
      wanted,
      describe: (type) => this.#describe(type),
      isOutOfReach: (offer, way) => this.#isOutOfReach(offer, way),
      isSameTransport: ({ ice }) => this.#remote !== undefined && isSameIce(this.#remote.ice, ice),
      onRemote: (remote, nowMs) => this.#onRemote(remote, nowMs),
      onNegotiated: (nowMs) => {
        // Only now: an answer goes out over the association that the offer came by.
        if (this.#remote) this.#owner.onRemote(this.#remote, nowMs);
        this.#owner.onNegotiated(negotiatedMedia(sections.all), nowMs);
      },
      sendMediaMap,
      sendOffer,
      onFailure,
      onLockGrabbed,
      onLockReleased,
    });
  }

  /**
   * Reports whether an offer names another certificate than the one before: the peer's application was started again, for example, and has no record
   * of the earlier negotiation.
   */
  #isFromAnotherPeer({ type, fingerprint }: RemoteDescription): boolean {
    return this.#remote !== undefined && type === 'offer' && !isSameFingerprint(fingerprint, this.#remote.fingerprint);
  }

  #beginAnew(): void {
    this.#negotiator.close();
    this.#sections = this.#createSections();
    this.#negotiator = this.#createNegotiator(this.#sections);
  }

  #onRemote(remote: RemoteDescription, nowMs: number): void {
    const { ice, fingerprint, sctp, candidates } = remote;
    const before = this.#remote;
    if (before && !isSameIce(before.ice, ice)) {
      if (remote.type === 'answer') this.#owner.onRemoteIce(ice);
      else this.#restartIce(ice, nowMs);
    }
    this.#remote = { ice, fingerprint, sctp, candidates };
  }

  #restartIce(remote: IceCredentials, nowMs: number): void {
    this.#localIce = newIceCredentials(this.#options.random);
    this.#owner.onIceRestart(this.#localIce, remote, nowMs);
  }

  /** An offer of ours in a data channel whose path is gone comes much later, if at all. */
  #isOutOfReach({ ice }: RemoteDescription, way: SignalingWay): boolean {
    const isRestart = this.#remote !== undefined && !isSameIce(this.#remote.ice, ice);
    return isRestart && this.#options.offersBy === 'channel' && way === 'client';
  }

  #describe(type: 'offer' | 'answer'): SessionDescription {
    const { fingerprint, candidates } = this.#options;
    this.#descriptions += 1;
    const sdp = writeDescription({
      type,
      sessionId: this.#sdpSessionId,
      sessionVersion: this.#descriptions,
      ice: this.#localIce,
      fingerprint,
      candidates,
      ...this.#sections.describe(type),
    });
    return { type, sdp };
  }
}

/** RFC 8839 section 4.4.1.1.1: other credentials restart ICE. */
const isSameIce = (a: IceCredentials, b: IceCredentials): boolean => a.ufrag === b.ufrag && a.pwd === b.pwd;

/** RFC 9429 section 5.2.1: 64 bits with the highest one zero; one more is cut so that signed readers agree. */
const sdpSessionId = (random: Random): string => (Buffer.from(random(8)).readBigUInt64BE() >> 2n).toString();
