import type { Logging } from '../logging/logger.ts';
import { processMetrics } from '../metrics/process-metrics.ts';

/** Handling of the errors that no code has handled. */
export interface UnhandledErrors {
  /** From here on such an error is logged and counted, and the process continues. Until then it ends the process. */
  surviveThem(): void;
  stop(): void;
}

/** Bounds the memory for origins; beyond it all others share one count. */
const MAX_ORIGINS = 256;

/**
 * Takes over from Node, which ends the process. That would end every call because of an error that belongs to one request
 * or one peer; docs/operating.md has the reasons and what to do about such errors.
 */
export function watchUnhandledErrors({ logger, flush }: Logging): UnhandledErrors {
  const counts = new Map<string, number>();
  let isSurviving = false;

  // Node passes rejections here, too, if nothing listens for `unhandledRejection`.
  function onError(error: Error, nodeOrigin: NodeJS.UncaughtExceptionOrigin): void {
    const kind = nodeOrigin === 'unhandledRejection' ? 'rejection' : 'exception';
    processMetrics().unhandledError(kind);
    if (!isSurviving) {
      process.stderr.write(`rtcd: ${stackOf(error)}\n`);
      logger.error({ err: error }, `unhandled ${kind} during startup: process ended`);
      endWithLog();
    }
    const origin = originOf(error);
    const count = countOf(origin);
    // The 1st, 2nd, 4th, 8th ... of an origin: an error per packet must not fill the log.
    if ((count & (count - 1)) === 0) {
      logger.error({ err: error, origin, count }, `unhandled ${kind}: process continued`);
    }
  }

  /** A log file that is not open yet cannot be flushed. */
  function endWithLog(): never {
    try {
      flush();
    } finally {
      process.exit(1);
    }
  }

  function countOf(origin: string): number {
    const key = counts.has(origin) || counts.size < MAX_ORIGINS ? origin : '';
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  }

  process.on('uncaughtException', onError);
  return {
    surviveThem() {
      isSurviving = true;
    },
    stop: () => void process.off('uncaughtException', onError),
  };
}

/** Anything can be thrown. */
const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** The innermost frame of the stack; the text itself if there is none. */
const originOf = (error: unknown): string => /^ +at (.+)$/m.exec(stackOf(error))?.[1] ?? stackOf(error).slice(0, 200);
