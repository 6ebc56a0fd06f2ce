import { OpusDecoder } from 'opus-decoder';

/** Root mean square below which a frame counts as silence; the voices have 0.27. */
const AUDIBLE_RMS = 0.05;

/** Finds the tone in the Opus packets of one track. */
export class ToneDecoder {
  readonly #decoder: OpusDecoder;

  private constructor(decoder: OpusDecoder) {
    this.#decoder = decoder;
  }

  static async create(): Promise<ToneDecoder> {
    const decoder = new OpusDecoder({ channels: 1 });
    await decoder.ready;
    return new ToneDecoder(decoder);
  }

  /** Returns the frequency of the tone in this packet, or nothing if it is silent. */
  decode(packet: Uint8Array): number | undefined {
    const { channelData, samplesDecoded, sampleRate } = this.#decoder.decodeFrame(packet);
    const samples = channelData[0];
    if (samples === undefined || samplesDecoded === 0) return undefined;
    let energy = 0;
    let crossings = 0;
    for (let i = 0; i < samplesDecoded; i++) {
      const sample = samples[i]!;
      energy += sample * sample;
      if (i > 0 && sample >= 0 !== samples[i - 1]! >= 0) crossings++;
    }
    if (Math.sqrt(energy / samplesDecoded) < AUDIBLE_RMS) return undefined;
    return (crossings * sampleRate) / (2 * samplesDecoded);
  }

  close(): void {
    this.#decoder.free();
  }
}
