import type { EventEmitter } from 'node:events';
import type { ReceivedFrame } from '@rtcd/rtc/peer';
import type { CallTrack, CallTrackEvents } from './call-track.ts';

/** Half a minute of a voice. */
const MAX_FRAMES = 1_500;

/** A track whose frames are queued. */
export type QueuedTrack = Pick<EventEmitter<CallTrackEvents>, 'on' | 'off'> & Pick<CallTrack, 'hasEnded'>;

/** Frames of a track for a reader that takes them one by one. If it is too slow, the oldest are dropped. */
export class FrameQueue {
  readonly #track: QueuedTrack;
  #frames: ReceivedFrame[] = [];
  #hasDropped = false;
  #hasEnded: boolean;
  #wake: (() => void) | undefined;

  constructor(track: QueuedTrack) {
    this.#track = track;
    this.#hasEnded = track.hasEnded;
    track.on('frame', this.#onFrame);
    track.on('ended', this.#onEnded);
  }

  /** Resolves with the next frame, and with undefined at the end. */
  async next(): Promise<ReceivedFrame | undefined> {
    while (this.#frames.length === 0 && !this.#hasEnded) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const frame = this.#frames.shift();
    if (frame === undefined || !this.#hasDropped) return frame;
    this.#hasDropped = false;
    return { ...frame, followsLoss: true };
  }

  /** Takes no more frames. */
  close(): void {
    this.#track.off('frame', this.#onFrame);
    this.#track.off('ended', this.#onEnded);
    this.#frames = [];
    this.#onEnded();
  }

  readonly #onFrame = (frame: ReceivedFrame): void => {
    this.#frames.push(frame);
    if (this.#frames.length > MAX_FRAMES) {
      this.#frames.shift();
      this.#hasDropped = true;
    }
    this.#wake?.();
  };

  readonly #onEnded = (): void => {
    this.#hasEnded = true;
    this.#wake?.();
  };
}
