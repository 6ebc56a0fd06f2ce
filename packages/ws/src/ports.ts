/** Where log lines go: pino's shape, fields first, then the message. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: object): Logger;
}

/** The default: says nothing. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

/** One-shot timers; tests bring their own (`createFakeClock` of `@rtcd/ws/testing`). */
export interface Clock {
  /** Calls back once, `delayMs` from now; returns what `clearTimer` takes. */
  setTimer(callback: () => void, delayMs: number): unknown;
  /** A timer that has fired, or was cleared before, is fine. */
  clearTimer(timer: unknown): void;
}

/** The default: the timers of Node. */
export const systemClock: Clock = {
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
