import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that may wait for the disk: some minutes of a screen. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A file to which bytes are appended in order, without waiting. The first failure ends it, and `close` reports that. */
export class OutputFile {
  readonly path: string;
  #handle: FileHandle | undefined;
  #last = Promise.resolve();
  #sizeBytes = 0;
  #waitingBytes = 0;
  #failure: unknown;

  /** The first bytes create the file. One that is there already is not touched: that is a failure. */
  constructor(path: string) {
    this.path = path;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.writeAt(this.#sizeBytes, bytes);
    this.#sizeBytes += bytes.length;
  }

  /** Writes over bytes that were appended before. */
  writeAt(offset: number, bytes: Uint8Array): void {
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#failure ??= new Error(`${this.path}: the disk is slower than the media`);
    }
    if (this.#failure !== undefined) return;
    this.#waitingBytes += bytes.length;
    this.#last = this.#last.then(() =>
      this.#attempt(async () => {
        this.#handle ??= await open(this.path, 'wx');
        await this.#handle.write(bytes, 0, bytes.length, offset);
        this.#waitingBytes -= bytes.length;
      }),
    );
  }

  /** Resolves with the failure, if there was one, when everything is written. */
  async close(): Promise<unknown> {
    await this.#last;
    await this.#attempt(async () => this.#handle?.close(), true);
    return this.#failure;
  }

  async #attempt(action: () => Promise<void>, always = false): Promise<void> {
    if (this.#failure !== undefined && !always) return;
    try {
      await action();
    } catch (error) {
      this.#failure ??= error;
    }
  }
}
