import type { Logger } from '@rtcd/boundary';
import { type Level, type LoggerOptions, multistream, pino, stdSerializers } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLevel } from '../config/kinds.ts';
import type { Config } from '../config/settings.ts';
import { boundError, boundFields, boundText } from './bounds.ts';
import { consoleDestination, type LogDestination } from './destination.ts';
import { Repeats } from './repeats.ts';
import { openRotatingFile } from './rotating-file.ts';

/** A logger and the targets behind it. */
export interface Logging {
  readonly logger: Logger;
  /** Writes all pending lines now. */
  flush(): void;
  /** Reopens the log file, for tools that move the old one away. */
  reopen(): void;
  /** Writes buffered lines and closes the targets. Idempotent. */
  close(): Promise<void>;
}

const MAX_FILE_BYTES = 100 * 1024 * 1024;
const KEPT_FILES = 10;

const PINO_LEVELS: Readonly<Record<LogLevel, Level>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  PANIC: 'fatal',
};

/** Fields that are never logged on purpose. If one is passed by mistake, its value is redacted. */
const SECRETS = ['authKey', 'authorization', 'bearerToken', 'credential', 'admin_secret_key', 'static_auth_secret'];

const OPTIONS: LoggerOptions = {
  level: 'trace',
  base: null,
  timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
  formatters: { level: (label) => ({ level: label }) },
  serializers: { err: (error: Error) => boundError(stdSerializers.err(error)) },
  redact: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
};

/** Opens the log file and makes the logger of the service. Rejects with `LoggingError` if the file cannot be written. */
export async function openLogging(config: Config['logger']): Promise<Logging> {
  const destinations: LogDestination[] = [];
  let closing: Promise<void> | undefined;
  const streams: Array<{ level: Level; stream: { write(line: string): void } }> = [];

  function add(destination: LogDestination, level: LogLevel, format: (line: string) => string): void {
    destinations.push(destination);
    streams.push({ level: PINO_LEVELS[level], stream: { write: (line) => destination.write(format(line)) } });
  }

  if (config.enable_console) {
    add(consoleDestination(), config.console_level, config.console_json ? asJson : asText(config.enable_color));
  }
  if (config.enable_file) {
    const file = openRotatingFile({
      path: config.file_location,
      maxBytes: MAX_FILE_BYTES,
      keep: KEPT_FILES,
      onError: reportOnce(config.file_location),
    });
    add(file, config.file_level, config.file_json ? asJson : asText(false));
  }

  return {
    logger: bounded(pino(OPTIONS, multistream(streams)), new Repeats()),
    flush() {
      for (const destination of destinations) destination.flush();
    },
    reopen() {
      for (const destination of destinations) destination.reopen();
    },
    close() {
      closing ??= Promise.all(destinations.map((destination) => destination.close())).then(() => {});
      return closing;
    },
  };
}

/** A stranger chooses the length of what is refused, and how often. */
function bounded(logger: Logger, repeats: Repeats): Logger {
  return {
    debug: (fields, message) => logger.debug(boundFields(fields), boundText(message)),
    info: (fields, message) => logger.info(boundFields(fields), boundText(message)),
    error: (fields, message) => logger.error(boundFields(fields), boundText(message)),
    warn(fields, message) {
      const stranger = 'remoteAddress' in fields && typeof fields.remoteAddress === 'string' && fields.remoteAddress;
      const suppressed = stranger ? repeats.admit(message, stranger, performance.now()) : 0;
      if (suppressed === undefined) return;
      logger.warn(boundFields({ ...fields, ...(suppressed > 0 && { suppressed }) }), boundText(message));
    },
    child: (fields) => bounded(logger.child(boundFields(fields)), repeats),
  };
}

const asJson = (line: string) => line;

/** One line per event for people; an error keeps its stack within the line. */
function asText(colorize: boolean): (line: string) => string {
  return prettyFactory({
    colorize,
    timestampKey: 'timestamp',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l o',
    singleLine: true,
    errorLikeObjectKeys: [],
  });
}

/** Reports a full disk once, on standard error. */
function reportOnce(path: string): (error: Error) => void {
  let isReported = false;
  return (error) => {
    if (!isReported) {
      isReported = true;
      process.stderr.write(`rtcd: cannot write the log file ${path}: ${error.message}\n`);
    }
  };
}
