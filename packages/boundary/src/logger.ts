/** A destination for log lines, in the shape of pino: fields first, then the message. */
export interface Logger {
  /** Writes a line for developers. */
  debug(fields: object, message: string): void;
  /** Writes a line about the normal course of events. */
  info(fields: object, message: string): void;
  /** Writes a line about what went wrong and was handled. */
  warn(fields: object, message: string): void;
  /** Writes a line about a condition that an operator should check. */
  error(fields: object, message: string): void;
  /** Returns a logger that adds these fields to every line. */
  child(fields: object): Logger;
}

/** The default logger: discards every line. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

type Level = 'debug' | 'info' | 'warn' | 'error';

/** The part of `console` that `consoleLogger` writes to. */
export type ConsoleLike = Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields: object) => void>;

/** Logs to a console, by default the global one: the message, then its fields. */
export function consoleLogger(target: ConsoleLike = console): Logger {
  return messageFirst((level, message, fields) => target[level](message, fields));
}

/** The part of a winston logger that `winstonLogger` writes to. */
export interface WinstonLike {
  /** Writes a line at a level. */
  log(level: string, message: string, fields: object): unknown;
}

/** Logs to a winston logger. Its levels have to include `debug`, `info`, `warn` and `error`, as npm's, its default, do. */
export function winstonLogger(target: WinstonLike): Logger {
  return messageFirst((level, message, fields) => target.log(level, message, fields));
}

type WriteLine = (level: Level, message: string, fields: object) => void;

function messageFirst(write: WriteLine, bindings: object = {}): Logger {
  const at = (level: Level) => (fields: object, message: string) => write(level, message, { ...bindings, ...fields });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => messageFirst(write, { ...bindings, ...fields }),
  };
}
