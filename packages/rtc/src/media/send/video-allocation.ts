import type { SpeakerOrder } from '../../call/speakers.ts';
import { Allocator, type VideoDemand } from '../bandwidth/allocator.ts';
import type { BandwidthEstimator } from '../bandwidth/bandwidth-estimator.ts';
import type { OutgoingTrack } from './outgoing-track.ts';
import type { Allocation } from './outgoing-video.ts';

export interface VideoAllocationOptions {
  /** Members of the call by how lately they led the conversation. */
  readonly speakers: SpeakerOrder;
  /** Another decision on what of a video the peer is sent holds from now on. */
  onAllocated(track: OutgoingTrack, allocation: Allocation, nowMs: number): void;
}

/** Importance of a video: the screen, the camera of the speaker, and the other cameras. */
type Tier = 0 | 1 | 2;

/** Feedback arrives several times in a round trip, and rates are measured over longer times. */
const INTERVAL_MS = 50;

/**
 * Divides the bandwidth of the way to one peer among the videos that it is sent. Sound has what it needs before: the estimate is measured of
 * video alone, and thus of what sound leaves.
 */
export class VideoAllocation {
  readonly #options: VideoAllocationOptions;
  readonly #allocator = new Allocator();
  #videos: readonly OutgoingTrack[] = [];
  #allocatedMs = Number.NEGATIVE_INFINITY;
  #wantedBps = 0;

  constructor(options: VideoAllocationOptions) {
    this.#options = options;
  }

  /** Takes the tracks to the peer. */
  sync(tracks: readonly OutgoingTrack[]): void {
    this.#videos = tracks.filter(({ video }) => video !== undefined);
  }

  /** Rate that all videos could use together at their best; 0 if the bandwidth holds none back. */
  get wantedBps(): number {
    return this.#wantedBps;
  }

  /** Chooses for each video what it is sent from now on, unless that was done just now. */
  allocate({ bps, isMeasured }: BandwidthEstimator, isProbed: boolean, nowMs: number): void {
    if (this.#videos.length === 0 || nowMs - this.#allocatedMs < INTERVAL_MS) return;
    this.#allocatedMs = nowMs;
    const tracks = this.#byImportance();
    const demands = tracks.map(({ track: { video, source }, tier }) => video!.demand(source.levels, tier, nowMs));
    this.#allocator.allocate(demands, { availableBps: bps, isMeasured, isProbed }, nowMs);
    this.#wantedBps = demands.some(({ choice }) => isHeldBack(choice)) ? bestBps(demands) : 0;
    for (const [index, { track }] of tracks.entries()) this.#follow(track, demands[index]!, nowMs);
  }

  #follow(track: OutgoingTrack, demand: VideoDemand, nowMs: number): void {
    const video = track.video!;
    if (video.follow(track.source.levels, demand)) this.#options.onAllocated(track, video.allocation, nowMs);
  }

  /** Tracks that flow, the most important first. */
  #byImportance(): readonly { readonly track: OutgoingTrack; readonly tier: Tier; readonly rank: number }[] {
    const { speakers } = this.#options;
    return this.#videos
      .filter(({ isFlowing }) => isFlowing)
      .map((track) => {
        const rank = speakers.rankOf(track.source.senderID);
        return { track, rank, tier: tierOf(track, rank) };
      })
      .sort((one, other) => one.tier - other.tier || one.rank - other.rank);
  }
}

const isHeldBack = ({ reason }: VideoDemand['choice']): boolean => reason === 'bandwidth' || reason === 'paused';

const bestBps = (demands: readonly VideoDemand[]): number =>
  demands.reduce((sum, { rates }) => sum + (rates.findLast((layers) => layers.length > 0)?.at(-1)?.bitrateBps ?? 0), 0);

function tierOf({ source }: OutgoingTrack, rank: number): Tier {
  if (source.type === 'screen') return 0;
  return rank === 0 ? 1 : 2;
}
