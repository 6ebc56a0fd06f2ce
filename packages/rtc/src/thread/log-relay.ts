import type { Logger } from '../ports.ts';
import { toPlainError } from './plain-error.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  readonly level: LogLevel;
  readonly fields: object;
  readonly message: string;
}

/** Lines of a thread since those before. */
export interface LogBatch {
  readonly lines: readonly LogLine[];
  /** Lines that were left out. */
  readonly dropped: number;
}

/** Lines between two reports. The other thread may be busy, and lines must not fill the memory meanwhile. */
const MAX_LINES = 1_000;

/** Collects log lines, for another thread to write. */
export class LogRecorder {
  #lines: LogLine[] = [];
  #dropped = 0;
  readonly #onLine: () => void;

  constructor(onLine: () => void) {
    this.#onLine = onLine;
  }

  /** Writes to this. */
  logger(bindings: object = {}): Logger {
    const at = (level: LogLevel) => (fields: object, message: string) =>
      this.#add({ level, fields: { ...bindings, ...cloneable(fields) }, message });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => this.logger({ ...bindings, ...cloneable(fields) }),
    };
  }

  take(): LogBatch {
    const batch = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#dropped = 0;
    return batch;
  }

  #add(line: LogLine): void {
    if (this.#lines.length >= MAX_LINES) this.#dropped++;
    else this.#lines.push(line);
    this.#onLine();
  }
}

/** Writes the lines of another thread. */
export function replayLog({ lines, dropped }: LogBatch, logger: Logger): void {
  for (const { level, fields, message } of lines) logger[level](fields, message);
  if (dropped > 0) logger.warn({ dropped }, 'log lines of the engine dropped');
}

/** Classes and codes of errors do not survive cloning. */
const cloneable = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? toPlainError(value) : value]),
  );
