import videosJson from './videos.json' with { type: 'json' };

/** Pictures of one width, by which they are recognized: frames of VP8 at 10 per second, the first of which is a key frame. */
export interface Video {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly string[];
  /** Browsers send noise, which fills many packets, and may make it smaller. */
  readonly isNoise?: boolean;
}

/** Made by make-videos.ts. Each participant of a call has one of its own. */
export const videos: readonly Video[] = videosJson;
