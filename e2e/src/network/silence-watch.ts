import type { Participant } from '../../interop/src/participant.ts';
import { until } from '../until.ts';

const LOOK_EVERY_MS = 20;

/** Watches for how long one participant does not hear another. */
export class SilenceWatch {
  readonly #listener: Participant;
  readonly #speaker: Participant;
  readonly #timer: NodeJS.Timeout;
  #heardMs = 0;
  #lastSoundMs = performance.now();
  #longestMs = 0;

  constructor(listener: Participant, speaker: Participant) {
    this.#listener = listener;
    this.#speaker = speaker;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Resolves once so much more was heard. */
  async untilHeard(ms: number, limitMs: number): Promise<void> {
    const before = this.#heardMs;
    await until(
      `${this.#listener.name} hears ${this.#speaker.name}`,
      async () => ({ heardMs: this.#heardMs - before, hearing: this.#listener.hearing, map: this.#listener.mediaMap }),
      ({ heardMs }) => heardMs >= ms,
      limitMs,
    );
  }

  /** Returns the longest silence since the last call. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const mid = this.#listener.midOf(this.#speaker);
    const heardMs = mid === undefined ? 0 : this.#listener.hearing.voiceMs(mid, this.#speaker.voice.hz);
    if (heardMs === this.#heardMs) return;
    const nowMs = performance.now();
    this.#heardMs = heardMs;
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastSoundMs);
    this.#lastSoundMs = nowMs;
  }
}
