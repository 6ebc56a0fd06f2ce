import type { StreamClass } from './track-type.ts';

/** Announced streams whose media may still be under way. A stream that is there remembers its class itself. */
const MAX_ANNOUNCED = 16;

/** The MediaStreams that a session announced as its screen or its camera, by ScreenOn and VideoOn. */
export class Announcements {
  readonly #classes = new Map<string, StreamClass>();

  /** The first announcement of a stream counts. */
  add(streamId: string, streamClass: StreamClass): void {
    const known = this.#classes.get(streamId) ?? streamClass;
    this.#classes.delete(streamId);
    this.#classes.set(streamId, known);
    const [oldest] = this.#classes.keys();
    if (this.#classes.size > MAX_ANNOUNCED && oldest !== undefined) this.#classes.delete(oldest);
  }

  classOf(streamId: string): StreamClass | undefined {
    return this.#classes.get(streamId);
  }
}
