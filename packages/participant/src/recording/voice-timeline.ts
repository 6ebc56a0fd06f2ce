import { OPUS_SILENCE_20_MS, OPUS_SILENCE_120_MS } from '../opus/opus-packet.ts';

/** A gap that may be the drift of the sender's clock, which adds up, and is filled in one piece. */
const MIN_GAP_MS = 40;
/** A gap in which a packet is missing. */
const MIN_GAP_AFTER_LOSS_MS = 10;
/** As much as a packet may be behind the end of the one before: drift in the other direction. */
const MAX_OVERLAP_MS = 60;

/** Frame of a voice at its place in a recording. */
export interface PlacedFrame {
  readonly packet: Uint8Array;
  readonly durationMs: number;
  /** Since the recording began. */
  readonly atMs: number;
  readonly followsLoss: boolean;
}

/**
 * Lays the packets of a voice end to end, as a file without timestamps needs it, so that each is where it was heard: silence fills what is
 * missing, and a packet is left out where there is no room for it.
 */
export class VoiceTimeline {
  readonly #write: (packet: Uint8Array, durationMs: number) => void;
  #endMs = 0;

  constructor(write: (packet: Uint8Array, durationMs: number) => void) {
    this.#write = write;
  }

  /** End of what was written. */
  get endMs(): number {
    return this.#endMs;
  }

  add({ packet, durationMs, atMs, followsLoss }: PlacedFrame): void {
    const gapMs = atMs - this.#endMs;
    if (gapMs < -MAX_OVERLAP_MS) return;
    if (gapMs >= (followsLoss ? MIN_GAP_AFTER_LOSS_MS : MIN_GAP_MS)) this.fill(atMs);
    this.#append(packet, durationMs);
  }

  /** Fills up with silence, to within 10 ms. */
  fill(untilMs: number): void {
    while (untilMs - this.#endMs >= 120) this.#append(OPUS_SILENCE_120_MS, 120);
    while (untilMs - this.#endMs >= 10) this.#append(OPUS_SILENCE_20_MS, 20);
  }

  #append(packet: Uint8Array, durationMs: number): void {
    this.#write(packet, durationMs);
    this.#endMs += durationMs;
  }
}
