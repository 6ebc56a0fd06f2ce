import { Console } from 'node:console';
import { Writable } from 'node:stream';
import pino from 'pino';
import { expect, it } from 'vitest';
import winston from 'winston';
import { check, consoleLogger, type Logger, winstonLogger } from '../src/index.ts';

/** A stream, and the lines that were written to it. */
function recordLines(): { readonly stream: Writable; readonly lines: string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(...String(chunk).trimEnd().split('\n'));
      done();
    },
  });
  return { stream, lines };
}

/** One line at each level, and one from a child of a child. */
function logEverything(logger: Logger): void {
  expect(check.logger(logger)).toBeUndefined();
  logger.debug({ count: 1 }, 'a');
  logger.info({ count: 2 }, 'b');
  logger.warn({ count: 3 }, 'c');
  logger.error({ count: 4 }, 'd');
  logger.child({ sessionID: 's' }).child({ callID: 'c' }).info({ count: 5 }, 'e');
}

it('winston gets level, message, and fields', () => {
  const { stream, lines } = recordLines();
  logEverything(
    winstonLogger(winston.createLogger({ level: 'debug', transports: new winston.transports.Stream({ stream }) })),
  );
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'debug', message: 'a', count: 1 },
    { level: 'info', message: 'b', count: 2 },
    { level: 'warn', message: 'c', count: 3 },
    { level: 'error', message: 'd', count: 4 },
    { level: 'info', message: 'e', count: 5, sessionID: 's', callID: 'c' },
  ]);
});

it('a console gets the message, then the fields', () => {
  const { stream, lines } = recordLines();
  logEverything(consoleLogger(new Console(stream)));
  expect(lines).toEqual([
    'a { count: 1 }',
    'b { count: 2 }',
    'c { count: 3 }',
    'd { count: 4 }',
    "e { sessionID: 's', callID: 'c', count: 5 }",
  ]);
});

it('pino is a logger without an adapter', () => {
  const { stream, lines } = recordLines();
  logEverything(pino({ level: 'debug', base: null, timestamp: false }, stream));
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ level: 30, sessionID: 's', callID: 'c', count: 5, msg: 'e' });
});
