import type { PublishedLevel, SourceVideo } from '../../call/published-track.ts';

/**
 * Decides which packets of a video one receiver is sent: those of one encoding at a time, from a key frame on. The encoding that flows goes on
 * until a key frame of the wanted one begins, so that a switch that never comes about leaves the picture as it was.
 */
export class LevelSwitch {
  #current: PublishedLevel | undefined;
  #wanted: PublishedLevel | undefined;

  /** The encoding that flows. */
  get current(): PublishedLevel | undefined {
    return this.#current;
  }

  /** The encoding that is to flow. */
  get wanted(): PublishedLevel | undefined {
    return this.#wanted;
  }

  want(level: PublishedLevel | undefined): void {
    if (level === this.#wanted) return;
    this.#wanted = level;
    if (level !== this.#current) level?.requestKeyframe();
  }

  /** The receiver has nothing that later packets of the encoding that flows could build on. */
  restart(): void {
    this.#current = undefined;
    this.#wanted?.requestKeyframe();
  }

  /** The receiver cannot decode what flows. */
  requestKeyframe(): void {
    (this.#current ?? this.#wanted)?.requestKeyframe();
  }

  /** Returns whether a packet is to be sent. With the first one of an encoding, `current` changes. */
  takes({ level, payload }: SourceVideo): boolean {
    if (level === this.#wanted && payload.startsKeyframe) this.#current = level;
    return level === this.#current;
  }
}
