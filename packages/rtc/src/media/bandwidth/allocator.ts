import { neededBps, PAUSED, steadyBps, type VideoChoice, type VideoRates } from './video-choice.ts';

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
}

/**
 * Divides what the way to one receiver carries among its videos, which are in the order of their importance. Within a tier, each video has
 * its smallest encoding before one has more. What does not fit is paused. If all are, the most important one is tried from time to time, since
 * nothing else would show that the way has widened.
 */
export function allocate(
  videos: readonly VideoDemand[],
  { availableBps, isMeasured }: VideoBudget,
  nowMs: number,
): void {
  const isAllPaused = videos.every(({ choice }) => choice.level === PAUSED);
  const first = videos.find(({ rates }) => smallestOf(rates) !== undefined);
  let leftBps = availableBps;
  for (const tier of Map.groupBy(videos, (video) => video.tier).values()) {
    const reserves = reserve(tier, leftBps);
    for (const reserveBps of reserves) leftBps -= reserveBps;
    for (const [index, video] of tier.entries()) {
      const { choice, rates, flowing } = video;
      const roomBps = leftBps + reserves[index]!;
      const isTried = !isMeasured || (isAllPaused && video === first);
      choice.choose(rates, roomBps, { tier: video.tier, flowing, mayPause: isMeasured, isTried }, nowMs);
      const rate = choice.rateOf(rates);
      leftBps = roomBps - (rate ? steadyBps(rate) : 0);
    }
  }
}

/** Returns the rate that is kept for the smallest encoding of each video of a tier, 0 for one that does not fit. */
function reserve(tier: readonly VideoDemand[], availableBps: number): readonly number[] {
  let leftBps = availableBps;
  return tier.map(({ rates, choice }) => {
    const smallest = smallestOf(rates);
    const reserveBps = smallest ? neededBps(smallest, choice.level === PAUSED) : 0;
    if (leftBps <= reserveBps) return 0;
    leftBps -= reserveBps;
    return reserveBps;
  });
}

const smallestOf = (rates: VideoRates) => rates.find((layers) => layers.length > 0)?.[0];
