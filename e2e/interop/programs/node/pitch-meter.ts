const WINDOW_S = 0.1;
/** Threshold as a part of full scale: more than comfort noise. */
const AUDIBLE = 0.02;

/** Finds the frequency of a pure tone by the times at which it rises through zero. */
export class PitchMeter {
  readonly #onHz: (hz: number) => void;
  #length = 0;
  #peak = 0;
  #rises = 0;
  #firstRise = 0;
  #lastRise = 0;
  #wasNegative = false;

  constructor(onHz: (hz: number) => void) {
    this.#onHz = onHz;
  }

  /** Takes signed 16-bit samples of one channel, and reports after each full window. */
  add(samples: Int16Array, sampleRateHz: number, channelCount = 1): void {
    for (let i = 0; i < samples.length; i += channelCount) {
      const value = samples[i]! / 0x8000;
      this.#peak = Math.max(this.#peak, Math.abs(value));
      if (this.#wasNegative && value >= 0) {
        if (this.#rises === 0) this.#firstRise = this.#length;
        this.#lastRise = this.#length;
        this.#rises += 1;
      }
      this.#wasNegative = value < 0;
      this.#length += 1;
    }
    if (this.#length >= WINDOW_S * sampleRateHz) this.#report(sampleRateHz);
  }

  #report(sampleRateHz: number): void {
    if (this.#peak > AUDIBLE && this.#rises > 1) {
      this.#onHz(Math.round(((this.#rises - 1) * sampleRateHz) / (this.#lastRise - this.#firstRise)));
    }
    this.#length = 0;
    this.#peak = 0;
    this.#rises = 0;
  }
}
