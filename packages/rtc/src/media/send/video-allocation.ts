import type { SpeakerOrder } from '../../call/speakers.ts';
import { Allocator, type VideoBudget, type VideoDemand } from '../bandwidth/allocator.ts';
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

/** A video to the peer, with the importance that it was given last. */
interface RankedVideo {
  readonly track: OutgoingTrack;
  tier: Tier;
  /** Place of its sender among the speakers; NaN before the first time. */
  rank: number;
}

/** Feedback arrives several times in a round trip, and rates are measured over longer times. */
const INTERVAL_MS = 50;

/**
 * Divides the bandwidth of the way to one peer among the videos that it is sent. Sound has what it needs before: the estimate is measured of
 * video alone, and thus of what sound leaves.
 */
export class VideoAllocation {
  readonly #options: VideoAllocationOptions;
  readonly #allocator = new Allocator();
  /** The most important first, as of the last allocation. */
  #videos: RankedVideo[] = [];
  #allocatedMs = Number.NEGATIVE_INFINITY;
  #wantedBps = 0;

  constructor(options: VideoAllocationOptions) {
    this.#options = options;
  }

  /** Takes the videos to the peer. */
  sync(tracks: readonly OutgoingTrack[]): void {
    this.#videos = tracks.map((track) => ({ track, tier: 0, rank: Number.NaN }));
  }

  /** Rate that all videos could use together at their best; 0 if the bandwidth holds none back. */
  get wantedBps(): number {
    return this.#wantedBps;
  }

  /** Chooses for each video what it is sent from now on, unless that was done just now. */
  allocate(budget: VideoBudget, nowMs: number): void {
    if (this.#videos.length === 0 || nowMs - this.#allocatedMs < INTERVAL_MS) return;
    this.#allocatedMs = nowMs;
    this.#rank();
    const flowing = this.#videos.filter(({ track }) => track.isFlowing);
    const demands = flowing.map(({ track: { video, source }, tier }) => video!.demand(source.levels, tier, nowMs));
    this.#allocator.allocate(demands, budget, nowMs);
    this.#wantedBps = demands.some(({ choice }) => isHeldBack(choice)) ? bestBps(demands) : 0;
    for (let index = 0; index < flowing.length; index++) this.#follow(flowing[index]!.track, demands[index]!, nowMs);
  }

  #follow(track: OutgoingTrack, demand: VideoDemand, nowMs: number): void {
    const video = track.video!;
    if (video.follow(track.source.levels, demand)) this.#options.onAllocated(track, video.allocation, nowMs);
  }

  /** Sorts the videos again if the order of the speakers has changed. */
  #rank(): void {
    let isSorted = true;
    for (const video of this.#videos) {
      const rank = this.#options.speakers.rankOf(video.track.source.senderID);
      if (rank === video.rank) continue;
      isSorted = false;
      video.rank = rank;
      video.tier = tierOf(video.track, rank);
    }
    if (!isSorted) this.#videos.sort((one, other) => one.tier - other.tier || one.rank - other.rank);
  }
}

const isHeldBack = ({ reason }: VideoDemand['choice']): boolean => reason === 'bandwidth' || reason === 'paused';

const bestBps = (demands: readonly VideoDemand[]): number =>
  demands.reduce((sum, { rates }) => sum + (rates.findLast((layers) => layers.length > 0)?.at(-1)?.bitrateBps ?? 0), 0);

function tierOf({ source }: OutgoingTrack, rank: number): Tier {
  if (source.type === 'screen') return 0;
  return rank === 0 ? 1 : 2;
}
