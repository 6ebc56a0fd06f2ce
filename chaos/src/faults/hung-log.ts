import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A log file that is a pipe, of which nothing is read until `close`. */
export class HungLog {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rtcd-chaos-'));
  readonly path = join(this.#folder, 'log');
  readonly #fd: number;

  constructor() {
    execFileSync('mkfifo', [this.path]);
    // Opened for writing, too, so that neither end waits for the other.
    this.#fd = openSync(this.path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** Reads on until `written` resolves, so that no write waits forever. */
  async drainUntil(written: Promise<unknown>): Promise<void> {
    let isWritten = false;
    const done = written.finally(() => {
      isWritten = true;
    });
    while (!isWritten) {
      this.#readAll();
      await wait(10);
    }
    await done;
    closeSync(this.#fd);
    rmSync(this.#folder, { recursive: true });
  }

  #readAll(): void {
    const buffer = new Uint8Array(65_536);
    try {
      while (readSync(this.#fd, buffer) > 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
