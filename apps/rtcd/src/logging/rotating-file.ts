import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { LoggingError } from '../errors.ts';
import { closeBoom, type LogDestination, openLogFile } from './destination.ts';

export interface RotatingFileOptions {
  readonly path: string;
  /** A file of this size is rotated. */
  readonly maxBytes: number;
  /** Number of rotated files to keep; older ones are deleted. */
  readonly keep: number;
  onError(error: Error): void;
}

/**
 * A log file that is renamed to `<name>-<time><extension>` when it is full, and started over. Throws `LoggingError` if it
 * cannot be written to.
 */
export function openRotatingFile({ path, maxBytes, keep, onError }: RotatingFileOptions): LogDestination {
  let sizeBytes = openOnce(path);
  const boom = openLogFile(path);
  boom.on('error', onError);
  boom.on('write', (written: number) => {
    sizeBytes += written;
    if (sizeBytes >= maxBytes) rotate();
  });

  function rotate(): void {
    sizeBytes = 0;
    try {
      renameSync(path, asidePath(path, new Date()));
      removeOldest(path, keep);
    } catch (error) {
      onError(error as Error);
    }
    boom.reopen();
  }

  return {
    write: (line) => void boom.write(line),
    flush: () => boom.flushSync(),
    reopen() {
      try {
        sizeBytes = openOnce(path);
        boom.reopen();
      } catch (error) {
        onError(error as Error);
      }
    },
    close: () => closeBoom(boom),
  };
}

/** Tries the file before anything is logged to it, so that a start fails with a reason. Returns its size. */
function openOnce(path: string): number {
  try {
    const folder = dirname(path);
    if (!existsSync(folder)) mkdirSync(folder);
    closeSync(openSync(path, 'a', 0o600));
    return statSync(path).size;
  } catch (cause) {
    const { message } = cause as Error;
    throw new LoggingError(
      `cannot write the log file ${path}: ${message}. Set logger.file_location to a file that can be written, or logger.enable_file to false`,
      { cause },
    );
  }
}

function asidePath(path: string, now: Date): string {
  const extension = extname(path);
  const time = now.toISOString().replaceAll(':', '-');
  return join(dirname(path), `${basename(path, extension)}-${time}${extension}`);
}

function removeOldest(path: string, keep: number): void {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const aside = readdirSync(dirname(path))
    .filter(
      (name) =>
        name.startsWith(prefix) &&
        /^\d{4}-\d\d-\d\dT[\d-]+\.\d{3}Z$/.test(basename(name.slice(prefix.length), extension)),
    )
    .sort();
  for (const name of aside.slice(0, Math.max(0, aside.length - keep))) rmSync(join(dirname(path), name));
}
