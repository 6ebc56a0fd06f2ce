import { RiseLimit } from './rise-limit.ts';
import { type ChoiceContext, PAUSED, steadyBps, type VideoChoice, type VideoRates } from './video-choice.ts';

/** One video of a receiver, as the bandwidth is divided. */
export interface VideoDemand {
  /** Importance: a lower tier is served first, and has all that it can use before the next one has anything. */
  readonly tier: number;
  readonly rates: VideoRates;
  /** Index of the encoding that flows, `PAUSED` if none does. */
  readonly flowing: number;
  readonly choice: VideoChoice;
}

/** Bandwidth that there is for all videos of a receiver. */
export interface VideoBudget {
  readonly availableBps: number;
  /** The receiver has reported how packets arrive. Before, the bandwidth is a guess, and no video is paused for it. */
  readonly isMeasured: boolean;
  /** Probes show that the way has widened, even if all videos are paused. */
  readonly isProbed: boolean;
}

/** The most important tier, whose changes are limited by nothing but its own back-off. */
const FIRST_TIER = 0;

/**
 * Divides what the way to one receiver carries among its videos, which are in the order of their importance. Within a tier, each video has
 * its smallest encoding before one has more. What does not fit is paused. If all are, the most important one is tried from time to time, unless
 * probes show when the way has widened.
 */
export class Allocator {
  readonly #rises = new RiseLimit();

  /** Chooses for all videos. */
  allocate(videos: readonly VideoDemand[], { availableBps, isMeasured, isProbed }: VideoBudget, nowMs: number): void {
    const isAllPaused = videos.every(({ choice }) => choice.level === PAUSED);
    const first = videos.find(({ rates }) => rates.some((layers) => layers.length > 0));
    let leftBps = availableBps;
    // A video that gives way to a more important one says nothing about the path.
    let isDisplacing = false;
    let mayReturn = false;
    let displaceableBps = videos.reduce((sum, video) => sum + sentBps(video), 0);
    for (const tier of Map.groupBy(videos, (video) => video.tier).values()) {
      const reserves = reserve(tier, leftBps);
      for (const reserveBps of reserves) leftBps -= reserveBps;
      for (const video of tier) displaceableBps -= sentBps(video);
      for (const [index, video] of tier.entries()) {
        const { choice, rates, flowing } = video;
        const roomBps = leftBps + reserves[index]!;
        const context: ChoiceContext = {
          tier: video.tier,
          flowing,
          mayPause: isMeasured,
          isTried: !isMeasured || (isAllPaused && !isProbed && video === first),
          isHeld: video === first,
          mayRise: video.tier === FIRST_TIER || this.#rises.mayRise(nowMs),
          mayPromote: this.#rises.mayPromote(nowMs),
          displaceableBps,
          isDisplaced: isDisplacing,
          mayReturn,
        };
        const change = choice.choose(rates, roomBps, context, nowMs);
        if (change === 'rise') this.#rises.rose(nowMs);
        if (change === 'promotion') this.#rises.promoted(nowMs);
        if (change === 'rise' || change === 'return') mayReturn = true;
        if (mayReturn || change === 'promotion') isDisplacing = true;
        if (change === 'fall' && video.tier !== FIRST_TIER && !isDisplacing) this.#rises.fell(nowMs);
        leftBps = roomBps - sentBps(video);
      }
    }
  }
}

/** Returns the rate of what is sent of a video, as it counts while it is sent. */
function sentBps({ choice, rates }: VideoDemand): number {
  const rate = choice.rateOf(rates);
  return rate ? steadyBps(rate) : 0;
}

/** Returns the rate that is kept for the smallest encoding of each video of a tier, 0 for one that does not fit. */
function reserve(tier: readonly VideoDemand[], availableBps: number): readonly number[] {
  let leftBps = availableBps;
  return tier.map(({ rates, choice }) => {
    const reserveBps = choice.smallestBps(rates);
    if (leftBps <= reserveBps) return 0;
    leftBps -= reserveBps;
    return reserveBps;
  });
}
