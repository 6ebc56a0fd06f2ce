import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import sonicBoom from 'sonic-boom';

const { SonicBoom } = sonicBoom;

/** Log lines that wait for a slow reader are dropped beyond this; memory is for calls. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Time for a pipe's reader to take the last lines. */
const CLOSE_LIMIT_MS = 2_000;

const STDOUT = 1;

/** Destination of log lines, written asynchronously. */
export interface LogDestination {
  write(line: string): void;
  /** Writes all pending lines now, before the process ends. */
  flush(): void;
  /** Reopens the file if the current one was moved away. */
  reopen(): void;
  /** Writes all pending lines, then closes. */
  close(): Promise<void>;
}

export type Boom = InstanceType<typeof SonicBoom>;

/** Opens a file for appending, readable only by its owner, and creates its folder. */
export function openLogFile(path: string): Boom {
  return new SonicBoom({
    dest: path,
    append: true,
    mkdir: true,
    mode: 0o600,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
  });
}

/** Standard output. A reader that goes away, or hangs, is no reason to stop. */
export function consoleDestination(): LogDestination {
  const stdout = fstatSync(STDOUT);
  return stdout.isFIFO() || stdout.isSocket() ? pipeDestination(process.stdout) : descriptorDestination();
}

/**
 * Node does not wait for the reader of a pipe. A write to its descriptor would block one of the threads that also hash keys, and with it the end of the
 * process.
 */
function pipeDestination(pipe: Writable): LogDestination {
  let isBroken = false;
  let isCorked = false;
  const onError = () => {
    isBroken = true;
  };
  pipe.on('error', onError);

  function uncork(): void {
    if (isCorked) pipe.uncork();
    isCorked = false;
  }

  return {
    write(line) {
      if (isBroken || pipe.writableLength + line.length > MAX_WAITING_BYTES) return;
      if (!isCorked) {
        isCorked = true;
        pipe.cork();
        // Lines of one turn are one write.
        process.nextTick(uncork);
      }
      pipe.write(line);
    },
    flush: uncork,
    reopen() {},
    async close() {
      uncork();
      const { promise: written, resolve } = Promise.withResolvers<void>();
      const limit = setTimeout(resolve, CLOSE_LIMIT_MS);
      if (isBroken) resolve();
      else pipe.write('', () => resolve());
      await written;
      clearTimeout(limit);
      pipe.off('error', onError);
    },
  };
}

/** A terminal or a file. */
function descriptorDestination(): LogDestination {
  const boom = new SonicBoom({ fd: STDOUT, sync: false, maxLength: MAX_WAITING_BYTES });
  let isBroken = false;
  boom.on('error', () => {
    isBroken = true;
  });
  return {
    write(line) {
      if (!isBroken) boom.write(line);
    },
    flush() {
      if (!isBroken) boom.flushSync();
    },
    reopen() {},
    close: () => (isBroken ? Promise.resolve() : closeBoom(boom)),
  };
}

/** Ends the stream and waits until all is written. */
export function closeBoom(boom: Boom): Promise<void> {
  return new Promise((resolve) => {
    boom.once('close', () => resolve());
    boom.once('error', () => resolve());
    boom.end();
  });
}
