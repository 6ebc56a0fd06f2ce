import type { ReceivedFrame } from '@rtcd/rtc/peer';
import { vp8PictureSize, WebmWriter } from '../webm/webm-writer.ts';
import type { OutputFile } from './output-file.ts';

/** A screen or camera as WebM. Its timestamps count from the beginning of the recording. */
export class VideoFile {
  readonly #file: OutputFile;
  readonly #writer = new WebmWriter();
  #hasBegun = false;

  constructor(file: OutputFile) {
    this.#file = file;
  }

  /** Adds a frame at its place. Returns false for one before the first key frame, which is left out. */
  add({ payload, isKeyframe }: ReceivedFrame, atMs: number): boolean {
    if (!this.#hasBegun) {
      const size = isKeyframe ? vp8PictureSize(payload) : undefined;
      if (size === undefined) return false;
      this.#file.append(this.#writer.begin('V_VP8', size));
      this.#hasBegun = true;
    }
    this.#file.append(this.#writer.write(payload, atMs, isKeyframe));
    return true;
  }

  end(durationMs: number): void {
    if (this.#hasBegun) this.#file.writeAt(this.#writer.durationOffset, this.#writer.duration(durationMs));
  }
}
