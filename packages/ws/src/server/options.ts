import type { IncomingMessage } from 'node:http';
import {
  check,
  type Logger,
  type MonotonicTimers,
  silentLogger,
  systemClock,
  type TokenRate,
  validate,
} from '@rtcd/boundary';
import { MAX_MESSAGE_BYTES } from '@rtcd/protocol';
import { WsError } from '../errors.ts';
import {
  CLOSE_TIMEOUT_MS,
  MAX_QUEUE_BYTES,
  MAX_QUEUE_BYTES_PER_CLIENT,
  MAX_QUEUE_MESSAGES,
  WRITE_TIMEOUT_MS,
} from '../limits.ts';

/** Limits of one server. A client that exceeds one is refused; others are not affected. */
export interface WsServerLimits {
  /** Longest message in either direction, bytes. Default 1 MiB. */
  readonly maxMessageBytes: number;
  /** Messages waiting on one connection. Default 5000. */
  readonly maxQueueMessages: number;
  /** Bytes waiting on one connection. Default 16 MiB. */
  readonly maxQueueBytes: number;
  /** Bytes waiting on all connections of one clientID. Default 32 MiB. */
  readonly maxQueueBytesPerClient: number;
  /**
   * Work that the messages of one connection may cause, in microseconds of one CPU core: `perSecond` in the long run, `capacity` at once. A connection
   * that has caused more is not read from for a while. Default 400,000 and 800,000.
   */
  readonly connectionWork: TokenRate;
  /** The same for all connections of one clientID. Default 500,000 and 1,000,000. */
  readonly clientWork: TokenRate;
  /** Connections in all, those being authenticated included. Default 10,000. */
  readonly maxConnections: number;
  /** Connections of one clientID. Default 256. */
  readonly maxConnectionsPerClient: number;
  /** Upgrades that wait for `authenticate` at once. Default 2000: a herd of clients coming back waits its turn. */
  readonly maxPendingUpgrades: number;
  /** Upgrades of one network address (of IPv6, of one network of 64 bits) that wait at once. Default 1000. */
  readonly maxPendingUpgradesPerSource: number;
}

/** Options of `createWsServer`. Only `authenticate` is required. */
export interface WsServerOptions {
  /**
   * Authenticates the sender of an upgrade, before it happens. A rejection with a numeric `status` from 400 to 599 becomes the
   * plain HTTP response, with the error's message as its text if the status is below 500 or 503; any other rejection becomes a 500.
   */
  authenticate(request: IncomingMessage): Promise<{ readonly clientID: string }>;
  readonly logger?: Logger;
  readonly clock?: MonotonicTimers;
  readonly limits?: Partial<WsServerLimits>;
  /** Time between pings. Default 10 s. */
  readonly pingIntervalMs?: number;
  /** A connection is dropped when no pong came for this long. Default 20 s. */
  readonly pongTimeoutMs?: number;
  /** A connection is dropped when it accepts no queued data for this long. Default 10 s. */
  readonly writeTimeoutMs?: number;
  /** Time for the other end to answer a close frame. Default 5 s. */
  readonly closeTimeoutMs?: number;
  /** Time for `authenticate`; after it the answer is 503. Default 15 s, as authentication itself may queue for 10 s. */
  readonly authTimeoutMs?: number;
}

const tokenRateCheck = check.object<TokenRate>({ capacity: check.positiveNumber, perSecond: check.positiveNumber });

const optionsCheck = check.object<WsServerOptions>({
  authenticate: check.func,
  logger: check.optional(check.logger),
  clock: check.optional(check.monotonicTimers),
  limits: check.optional(
    check.object<Partial<WsServerLimits>>({
      maxMessageBytes: check.optional(check.integer(1)),
      maxQueueMessages: check.optional(check.integer(1)),
      maxQueueBytes: check.optional(check.integer(1)),
      maxQueueBytesPerClient: check.optional(check.integer(1)),
      connectionWork: check.optional(tokenRateCheck),
      clientWork: check.optional(tokenRateCheck),
      maxConnections: check.optional(check.integer(1)),
      maxConnectionsPerClient: check.optional(check.integer(1)),
      maxPendingUpgrades: check.optional(check.integer(1)),
      maxPendingUpgradesPerSource: check.optional(check.integer(1)),
    }),
  ),
  pingIntervalMs: check.optional(check.positiveNumber),
  pongTimeoutMs: check.optional(check.positiveNumber),
  writeTimeoutMs: check.optional(check.positiveNumber),
  closeTimeoutMs: check.optional(check.positiveNumber),
  authTimeoutMs: check.optional(check.positiveNumber),
});

/** Throws `WsError` `invalid_option`. */
export const checkOptions = (options: WsServerOptions): void =>
  validate('options', options, optionsCheck, (message) => new WsError('invalid_option', message));

export type ServerSettings = Required<Omit<WsServerOptions, 'limits'>> & { readonly limits: WsServerLimits };

export const withDefaults = (options: WsServerOptions): ServerSettings => ({
  authenticate: (request) => options.authenticate(request),
  logger: options.logger ?? silentLogger,
  clock: options.clock ?? systemClock,
  pingIntervalMs: options.pingIntervalMs ?? 10_000,
  pongTimeoutMs: options.pongTimeoutMs ?? 20_000,
  writeTimeoutMs: options.writeTimeoutMs ?? WRITE_TIMEOUT_MS,
  closeTimeoutMs: options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS,
  authTimeoutMs: options.authTimeoutMs ?? 15_000,
  limits: {
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxQueueMessages: MAX_QUEUE_MESSAGES,
    maxQueueBytes: MAX_QUEUE_BYTES,
    maxQueueBytesPerClient: MAX_QUEUE_BYTES_PER_CLIENT,
    connectionWork: { capacity: 800_000, perSecond: 400_000 },
    clientWork: { capacity: 1_000_000, perSecond: 500_000 },
    maxConnections: 10_000,
    maxConnectionsPerClient: 256,
    maxPendingUpgrades: 2000,
    maxPendingUpgradesPerSource: 1000,
    ...options.limits,
  },
});
