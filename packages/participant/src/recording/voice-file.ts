import type { ReceivedFrame } from '@rtcd/rtc/peer';
import { OpusWriter } from '../ogg/opus-writer.ts';
import { opusDurationMs } from '../opus/opus-packet.ts';
import type { OutputFile } from './output-file.ts';
import { VoiceTimeline } from './voice-timeline.ts';

/** A voice, from the beginning of the recording to its end, as Ogg Opus. */
export class VoiceFile {
  readonly #file: OutputFile;
  readonly #writer = new OpusWriter();
  readonly #timeline: VoiceTimeline;

  constructor(file: OutputFile) {
    this.#file = file;
    this.#timeline = new VoiceTimeline((packet, durationMs) => file.append(this.#writer.write(packet, durationMs)));
    file.append(this.#writer.begin());
  }

  /** Adds a frame at its place. Returns false for bytes that are no Opus, which are left out. */
  add({ payload, followsLoss }: ReceivedFrame, atMs: number): boolean {
    const durationMs = opusDurationMs(payload);
    if (durationMs === undefined) return false;
    this.#timeline.add({ packet: payload, durationMs, atMs, followsLoss });
    return true;
  }

  /** Fills with silence what no more frames will come for. */
  advance(untilMs: number): void {
    this.#timeline.fill(untilMs);
  }

  end(durationMs: number): void {
    this.#timeline.fill(durationMs);
    this.#file.append(this.#writer.end());
  }
}
