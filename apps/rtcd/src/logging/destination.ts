import sonicBoom from 'sonic-boom';

const { SonicBoom } = sonicBoom;

/** Log lines that wait for a slow reader are dropped beyond this; memory is for calls. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

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

/** Standard output. A reader that goes away is no reason to stop. */
export function consoleDestination(): LogDestination {
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
