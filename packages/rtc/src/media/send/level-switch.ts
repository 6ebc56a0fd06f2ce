import type { PublishedLevel, SourceVideo } from '../../call/published-track.ts';

/**
 * Decides which packets of a video one receiver is sent: those of one encoding at a time, from a key frame on. The encoding that flows continues
 * until a key frame of the wanted one begins, so that a switch that never happens leaves the picture as it was.
 */
export class LevelSwitch {
  #current: PublishedLevel | undefined;
  #wanted: PublishedLevel | undefined;
  /** Number of the furthest packet of the wanted encoding, while another one flows or none. */
  #highestNumber = -1;

  /** The encoding that flows. */
  get current(): PublishedLevel | undefined {
    return this.#current;
  }

  /** The encoding that is to flow. */
  get wanted(): PublishedLevel | undefined {
    return this.#wanted;
  }

  /** The encoding that is to flow from its next key frame on; without one, nothing flows from now on. */
  want(level: PublishedLevel | undefined): void {
    if (level === this.#wanted) return;
    this.#wanted = level;
    this.#highestNumber = -1;
    if (level === undefined) this.#current = undefined;
    if (level !== this.#current) level?.requestKeyframe();
  }

  /** The receiver has nothing that later packets could build on: those of one encoding, or of all. */
  restart(level?: PublishedLevel): void {
    if (level === undefined || level === this.#wanted) this.#highestNumber = -1;
    if (level !== undefined && level !== this.#current) return;
    this.#current = undefined;
    this.#wanted?.requestKeyframe();
  }

  /** The receiver cannot decode what flows. */
  requestKeyframe(): void {
    (this.#current ?? this.#wanted)?.requestKeyframe();
  }

  /** Returns whether a packet is to be sent. With the first one of an encoding, `current` changes. */
  takes(number: number, { level, payload }: SourceVideo): boolean {
    if (level === this.#wanted && level !== this.#current) this.#tryToSwitch(number, level, payload.startsKeyframe);
    return level === this.#current;
  }

  /** A key frame whose beginning arrives after its rest cannot be had whole any more: what was not sent cannot be sent again. */
  #tryToSwitch(number: number, level: PublishedLevel, startsKeyframe: boolean): void {
    if (startsKeyframe && number > this.#highestNumber) this.#current = level;
    else if (startsKeyframe) level.requestKeyframe();
    if (number > this.#highestNumber) this.#highestNumber = number;
  }
}
