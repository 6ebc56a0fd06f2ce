import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_LAYERS } from '../../codecs/layers.ts';
import { Allocator, type VideoDemand } from './allocator.ts';
import { PAUSED, VideoChoice } from './video-choice.ts';

const SCREEN_BPS = [200_000, 2_000_000];
const CAMERA_BPS = [150_000, 600_000];

let allocator: Allocator;
beforeEach(() => {
  allocator = new Allocator();
});

interface Video extends VideoDemand {
  readonly name: string;
}

const video = (name: string, tier: number, ratesBps: readonly number[]): Video => ({
  name,
  tier,
  rates: ratesBps.map((bps) => (bps > 0 ? [{ layers: ALL_LAYERS, bitrateBps: bps, averageBps: bps }] : [])),
  flowing: PAUSED,
  choice: new VideoChoice(),
});

/** A screen, the camera of the speaker, and four others. */
const meeting = (cameraBps: readonly number[] = CAMERA_BPS): Video[] => [
  video('screen', 0, SCREEN_BPS),
  video('speaker', 1, cameraBps),
  ...['a', 'b', 'c', 'd'].map((name) => video(name, 2, cameraBps)),
];

/** Allocates twice a second, and returns the encodings in the order of the videos: - is a pause. */
function levelsAfter(videos: readonly Video[], availableBps: number, durationMs: number, startMs = 0): string {
  for (let nowMs = startMs; nowMs <= startMs + durationMs; nowMs += 500) {
    const demands = videos.map((demand) => ({ ...demand, flowing: demand.choice.level }));
    allocator.allocate(demands, { availableBps, isMeasured: true, isProbed: false }, nowMs);
  }
  return videos.map(({ choice }) => (choice.level === PAUSED ? '-' : choice.level)).join('');
}

describe('the bandwidth of a receiver with a screen and five cameras', () => {
  it.each([
    [100_000, '------', 'carries nothing'],
    [150_000, '-0----', 'carries a camera, but not the screen'],
    [190_000, '0-----', 'carries the screen'],
    [300_000, '0-----', 'carries the screen'],
    [340_000, '00----', 'carries the camera of the speaker too'],
    [500_000, '000---', 'carries one more'],
    [1_000_000, '010---', 'carries a better one of the speaker'],
    [1_450_000, '010000', 'carries all cameras, and a better one of the speaker'],
    [2_000_000, '1-----', 'carries the better screen'],
    [2_400_000, '100---', 'carries the better screen, and two cameras'],
    [6_000_000, '111111', 'carries all'],
  ])('of %i bit/s is divided as %s: it %s', (availableBps, levels) => {
    const meetingAtEnd = levelsAfter(meeting(), availableBps, 12_000);
    expect(meetingAtEnd).toBe(levels);
  });

  it('does not change while it is the same', () => {
    for (const availableBps of [250_000, 300_000, 1_000_000, 3_000_000]) {
      allocator = new Allocator();
      const videos = meeting();
      const settled = levelsAfter(videos, availableBps, 20_000);
      for (let minute = 1; minute <= 5; minute++)
        expect(levelsAfter(videos, availableBps, 60_000, minute * 60_000)).toBe(settled);
    }
  });

  it('goes to the screen alone at once when it falls, and to the cameras again when it rises', () => {
    const videos = meeting([150_000]);
    levelsAfter(videos, 6_000_000, 12_000);
    expect(levelsAfter(videos, 250_000, 0, 12_500)).toBe('0-----');
    expect(levelsAfter(videos, 6_000_000, 5_000, 13_000)).toBe('0-----');
    expect(levelsAfter(videos, 6_000_000, 30_000, 18_500)).toBe('100000');
  });

  it('goes to the cameras while the screen is silent', () => {
    const videos = [video('screen', 0, [0, 0]), ...meeting([150_000]).slice(1)];
    expect(levelsAfter(videos, 400_000, 12_000)).toBe('000---');
    expect(videos[0]!.choice.reason).toBe('source_silent');
  });
});

describe('the smallest encoding of the screen', () => {
  it('is the last to go, and makes room for a camera that fits after two seconds', () => {
    const videos = meeting([150_000]);
    levelsAfter(videos, 1_000_000, 12_000);
    expect(levelsAfter(videos, 170_000, 1_000, 12_500)).toBe('0-----');
    levelsAfter(videos, 170_000, 60_000, 14_500);
    expect(levelsAfter(videos, 170_000, 0, 75_000)).toBe('-0----');
  });
});

describe('a better encoding of the screen that does not last', () => {
  it('gives the cameras back what they had, as far as it fits', () => {
    const videos = meeting([150_000]);
    levelsAfter(videos, 1_000_000, 12_000);
    expect(levelsAfter(videos, 1_900_000, 0, 12_500)).toBe('1-----');
    expect(levelsAfter(videos, 700_000, 0, 14_000)).toBe('0000--');
    expect(levelsAfter(videos, 1_000_000, 500, 14_500)).toBe('000000');
  });
});

describe('two cameras whose members take turns', () => {
  it('have the bandwidth in turn, but not more than every three seconds', () => {
    const [, one, other] = meeting() as [Video, Video, Video];
    const levels = (speaker: Video, nowMs: number) => {
      const listener = speaker === one ? other : one;
      levelsAfter(
        [
          { ...speaker, tier: 1 },
          { ...listener, tier: 2 },
        ],
        900_000,
        0,
        nowMs,
      );
      return `${one.choice.level}${other.choice.level}`;
    };
    for (let nowMs = 0; nowMs <= 20_000; nowMs += 500) levels(one, nowMs);
    expect(levels(one, 20_500)).toBe('10');
    expect(levels(other, 21_000)).toBe('01');
    expect(levels(one, 22_000)).toBe('01');
    expect(levels(one, 24_000)).toBe('10');
  });
});

describe('without a report of the receiver', () => {
  it('pauses nothing, because the bandwidth is a guess', () => {
    const videos = meeting();
    allocator.allocate(videos, { availableBps: 100_000, isMeasured: false, isProbed: false }, 0);
    expect(videos.map(({ choice }) => choice.level)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('a receiver whose path carries nothing', () => {
  it('is tested with the most important video from time to time', () => {
    const videos = meeting();
    const seen = new Set<string>();
    for (let second = 0; second < 60; second++) seen.add(levelsAfter(videos, 50_000, 500, second * 1_000));
    expect([...seen]).toEqual(['------', '0-----']);
  });
});
