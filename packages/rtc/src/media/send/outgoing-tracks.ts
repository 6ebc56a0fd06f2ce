import type { TrackType } from '@rtcd/protocol';
import type { SentTrack } from '../../call/negotiated-media.ts';
import type { SpeakerOrder } from '../../call/speakers.ts';
import type { DropCounts } from '../../inspect/drops.ts';
import type { Random, RtcMetrics } from '../../ports.ts';
import { audioLevelId, dependencyDescriptorId, transportCcId } from '../../sdp/capabilities.ts';
import type { BandwidthEstimator } from '../bandwidth/bandwidth-estimator.ts';
import { Departures } from './departures.ts';
import type { FanOut } from './fan-out.ts';
import { OutgoingTrack, type OutgoingTrackObserver } from './outgoing-track.ts';
import type { Allocation, OutgoingVideo } from './outgoing-video.ts';
import type { PacketPacer } from './packet-pacer.ts';
import { VideoAllocation } from './video-allocation.ts';

export interface OutgoingTracksOptions {
  readonly groupID: string;
  readonly fanOut: FanOut;
  readonly random: Random;
  readonly metrics: RtcMetrics;
  readonly drops: DropCounts;
  /** Packets of a video that can be sent again. */
  readonly nackBufferSize: number;
  /** Members of the call by how lately they led the conversation. */
  readonly speakers: SpeakerOrder;
  /** `deadline` has come closer. */
  onDeadline(): void;
  /** Another decision on what of a video the peer is sent holds from now on. */
  onAllocated(track: OutgoingTrack, allocation: Allocation, nowMs: number): void;
}

/**
 * The tracks that one session is sent. A track lives as long as its SSRC stands in a section under the same keys, whether the peer
 * takes it at the moment or not: its packet numbers may never restart (RFC 3711 section 9.1, RFC 7714 section 8.1).
 */
export class OutgoingTracks {
  readonly #options: OutgoingTracksOptions;
  readonly #bySsrc = new Map<number, OutgoingTrack>();
  #videos: readonly OutgoingTrack[] = [];
  readonly #observers = new Map<TrackType, OutgoingTrackObserver>();
  #negotiated: readonly SentTrack[] = [];
  #slot: number | undefined;
  readonly #allocation: VideoAllocation;
  /** Made for the first video: its estimator and pacer take 12 KB, which a voice does not need. */
  #departures: Departures | undefined;

  constructor(options: OutgoingTracksOptions) {
    this.#options = options;
    this.#allocation = new VideoAllocation(options);
  }

  get sendsVideo(): boolean {
    return this.#videos.some(({ isFlowing }) => isFlowing);
  }

  get bySsrc(): ReadonlyMap<number, OutgoingTrack> {
    return this.#bySsrc;
  }

  /** To the peer and back, as it reported last about any track. */
  get roundTripMs(): number | undefined {
    for (const { statistics } of this.#bySsrc.values()) {
      if (statistics.roundTripMs !== undefined) return statistics.roundTripMs;
    }
    return undefined;
  }

  /** The transport has keys that were never used: all numbers start with them, and tracks negotiated before begin to flow. */
  connected(slot: number): void {
    this.#endAll();
    this.#slot = slot;
    this.#departures = undefined;
    this.sync(this.#negotiated);
  }

  /** Estimate of what the way to the peer carries. */
  get bandwidth(): BandwidthEstimator {
    return this.#sharedDepartures.bandwidth;
  }

  /** Packets of video that wait to be sent. */
  get pacer(): PacketPacer {
    return this.#sharedDepartures.pacer;
  }

  /** Divides the bandwidth among the videos again, and probes for more if some could use it. */
  allocate(nowMs: number): void {
    if (this.#videos.length === 0) return;
    const padded = this.#padded;
    const { bandwidth, pacer } = this.#sharedDepartures;
    this.#allocation.allocate(
      { availableBps: pacer.availableBps(nowMs), isMeasured: bandwidth.isMeasured, isProbed: padded !== undefined },
      nowMs,
    );
    if (padded) this.#sharedDepartures.probe(this.#allocation.wantedBps, nowMs);
  }

  /** Time when a packet is to leave. */
  deadline(): number {
    return this.#departures === undefined ? Number.POSITIVE_INFINITY : this.#departures.deadline();
  }

  timeout(nowMs: number): void {
    if (this.#departures === undefined) return;
    this.#departures.timeout(nowMs, () => this.#padded);
    this.allocate(nowMs);
  }

  /** Makes tracks begin, pause, resume and end as was negotiated, with the numbers that now hold. */
  sync(negotiated: readonly SentTrack[]): void {
    this.#negotiated = negotiated;
    if (this.#slot === undefined) return;
    const named = new Set(negotiated.map(({ ssrc }) => ssrc));
    for (const track of this.#bySsrc.values()) {
      if (named.has(track.ssrc)) continue;
      track.pause();
      this.#bySsrc.delete(track.ssrc);
    }
    for (const sent of negotiated) this.#syncTrack(sent, this.#slot);
    this.#syncVideos();
  }

  /** The keys end, and with them all numbers. */
  disconnected(): void {
    this.#endAll();
    this.#slot = undefined;
  }

  #syncTrack(sent: SentTrack, slot: number): void {
    const { ssrc, extensions, codecs } = sent;
    const known = this.#bySsrc.get(ssrc);
    if (codecs.length === 0) return known?.pause();
    const track = known ?? this.#create(sent, slot);
    track.adopt({
      codecs,
      audioLevelId: audioLevelId(extensions),
      transportCcId: transportCcId(extensions),
      dependencyDescriptorId: dependencyDescriptorId(extensions),
    });
    track.flow();
  }

  #create({ track: source, ssrc, rtxSsrc }: SentTrack, slot: number): OutgoingTrack {
    const { random, ...options } = this.#options;
    const track = new OutgoingTrack({
      source,
      slot,
      ssrc,
      random,
      observer: this.#observerOf(source.type),
      ...(rtxSsrc !== undefined && { video: { ...options, rtxSsrc, departures: this.#sharedDepartures } }),
    });
    this.#bySsrc.set(ssrc, track);
    return track;
  }

  /** One for all tracks of a type: a member of a call of 1,000 is sent a thousand voices. */
  #observerOf(type: TrackType): OutgoingTrackObserver {
    let observer = this.#observers.get(type);
    if (observer === undefined) {
      const { groupID, metrics } = this.#options;
      observer = {
        onFlow: (formerMimeType, mimeType) => {
          if (formerMimeType !== undefined) metrics.trackRemoved(groupID, 'out', formerMimeType);
          if (mimeType !== undefined) metrics.trackAdded(groupID, 'out', mimeType);
        },
        onReport: metrics.receiverReport(groupID, type),
        onKeyframeRequest: () => metrics.keyframeRequested(groupID, type),
      };
      this.#observers.set(type, observer);
    }
    return observer;
  }

  get #sharedDepartures(): Departures {
    this.#departures ??= new Departures(this.#options);
    return this.#departures;
  }

  /** A video in whose retransmission stream padding can be sent. */
  get #padded(): OutgoingVideo | undefined {
    return this.#videos.find(({ video, isFlowing }) => isFlowing && video?.canSendPadding)?.video;
  }

  #endAll(): void {
    for (const track of this.#bySsrc.values()) track.pause();
    this.#bySsrc.clear();
    this.#syncVideos();
  }

  #syncVideos(): void {
    this.#videos = Array.from(this.#bySsrc.values()).filter(({ video }) => video !== undefined);
    this.#allocation.sync(this.#videos);
  }
}
