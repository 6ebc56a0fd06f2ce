import { ToneDecoder } from './tone-decoder.ts';
import { voiceAt } from './voices.ts';

/** One packet is a frame of 20 ms. */
const FRAME_MS = 20;
/** One report of a decoded tone stands for this much sound. */
const TONE_MS = 100;

/** Counts how long a peer has heard each voice on each of its sections. */
export class Hearing {
  /** By mid, then by the voice's frequency; 0 is what was no voice. */
  readonly #heardMs = new Map<string, Map<number, number>>();
  readonly #decoders = new Map<string, Promise<ToneDecoder>>();

  /** Takes an RTP payload that came on a section. */
  async receivePayload(mid: string, payload: Uint8Array): Promise<void> {
    const creating = this.#decoders.get(mid) ?? ToneDecoder.create();
    this.#decoders.set(mid, creating);
    this.#add(mid, (await creating).decode(payload), FRAME_MS);
  }

  /** Takes the report of a tone in decoded audio. */
  receiveTone(mid: string, hz: number): void {
    this.#add(mid, hz, TONE_MS);
  }

  /** Milliseconds of a voice on one section. */
  voiceMs(mid: string, hz: number): number {
    return this.#heardMs.get(mid)?.get(hz) ?? 0;
  }

  /** Milliseconds of a voice on all sections but one. */
  elsewhereMs(mid: string, hz: number): number {
    return [...this.#heardMs.keys()].reduce((sum, other) => (other === mid ? sum : sum + this.voiceMs(other, hz)), 0);
  }

  /** Milliseconds of anything on one section. */
  anythingMs(mid: string): number {
    return [...(this.#heardMs.get(mid)?.values() ?? [])].reduce((sum, ms) => sum + ms, 0);
  }

  /** Everything heard so far, for the message of a failed test. */
  toJSON(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#heardMs].map(([mid, byHz]) => [mid, Object.fromEntries(byHz)]));
  }

  close(): void {
    for (const decoder of this.#decoders.values()) void decoder.then((created) => created.close());
    this.#decoders.clear();
  }

  #add(mid: string, toneHz: number | undefined, ms: number): void {
    const hz = toneHz === undefined ? 0 : (voiceAt(toneHz)?.hz ?? 0);
    const byHz = this.#heardMs.get(mid) ?? new Map<number, number>();
    byHz.set(hz, (byHz.get(hz) ?? 0) + ms);
    this.#heardMs.set(mid, byHz);
  }
}
