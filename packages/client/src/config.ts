import type { Agent } from 'node:http';
import { type Check, check, type Logger, silentLogger, systemClock, type Timers, validate } from '@rtcd/boundary';
import { createAgent, type DialOptions } from './dial.ts';
import { RtcdClientError } from './errors.ts';

/** Options of a client of one rtcd. */
export interface RtcdClientConfig extends DialOptions {
  /** URL of rtcd, `http://` or `https://`. The WebSocket is at `/ws` of the same host. Credentials in the URL are defaults. */
  readonly url: string;
  readonly clientID?: string;
  /** At least 32 bytes for rtcd to register it. */
  readonly authKey?: string;
  /** By how much the wait before reconnecting grows with each attempt, up to 30 s. Default 2000. */
  readonly reconnectIntervalMs?: number;
  /** Asked before each attempt (from 1) to reconnect; what throws or rejects stops that, and closes the client. */
  readonly onReconnect?: (attempt: number) => void | Promise<void>;
  /** Registers clientID and authKey when rtcd does not know them, if it allows self-registration. Default false. */
  readonly registerOnDemand?: boolean;
  /** Connects to no release older than this, as `v1.2.3`. Default: to any. */
  readonly minVersion?: string;
  /** After reconnecting, claims the sessions that joined through this client (`reconnect`). Default true. */
  readonly resumeSessions?: boolean;
  /** Closes the client at once, queued messages included. */
  readonly signal?: AbortSignal;
  /** Time for one HTTP request. Default 30 s: under load rtcd lets a client wait 10 s for its authentication. */
  readonly requestTimeoutMs?: number;
  readonly logger?: Logger;
  readonly clock?: Timers;
}

/** The config, checked and complete. */
export interface ClientSettings {
  /** Without a slash at the end. */
  readonly httpUrl: string;
  readonly wsUrl: string;
  readonly clientID: string;
  readonly authKey: string;
  readonly reconnectIntervalMs: number;
  readonly onReconnect: (attempt: number) => void | Promise<void>;
  readonly registerOnDemand: boolean;
  readonly minVersion: string | undefined;
  readonly resumeSessions: boolean;
  readonly requestTimeoutMs: number;
  readonly agent: Agent;
  readonly signal: AbortSignal | undefined;
  readonly logger: Logger;
  readonly clock: Timers;
}

/** The URL and the interval have the contract's own messages. */
export const CONFIG_FIELDS = {
  url: check.anything,
  clientID: check.optional(check.string),
  authKey: check.optional(check.string),
  reconnectIntervalMs: check.anything,
  onReconnect: check.optional(check.func),
  registerOnDemand: check.optional(check.boolean),
  minVersion: check.optional(check.string),
  resumeSessions: check.optional(check.boolean),
  signal: check.optional(check.abortSignal),
  requestTimeoutMs: check.optional(check.positiveNumber),
  logger: check.optional(check.logger),
  clock: check.optional(check.timers),
  agent: check.optional(check.object<object>({})),
  dial: check.optional(check.func),
  lookup: check.optional(check.func),
  ca: check.anything,
  connectTimeoutMs: check.optional(check.positiveNumber),
} as const satisfies { readonly [K in keyof RtcdClientConfig]-?: Check };

const configCheck = check.object<RtcdClientConfig>(CONFIG_FIELDS);

/** Fills in the defaults. Throws `RtcdClientError` `invalid_option` with the contract's message (section 8). */
export function parseConfig(config: RtcdClientConfig): ClientSettings {
  validate('config', config, configCheck, invalid);
  const url = parseUrl(config.url);
  const reconnectIntervalMs = config.reconnectIntervalMs ?? 2000;
  if (!Number.isFinite(reconnectIntervalMs) || reconnectIntervalMs <= 0) {
    throw invalid('invalid ReconnectInterval value: should be positive');
  }
  const isSecure = url.protocol === 'https:';
  return {
    httpUrl: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    wsUrl: `${isSecure ? 'wss' : 'ws'}://${url.host}/ws`,
    clientID: config.clientID ?? decodeURIComponent(url.username),
    authKey: config.authKey ?? decodeURIComponent(url.password),
    reconnectIntervalMs,
    onReconnect: config.onReconnect ?? (() => {}),
    registerOnDemand: config.registerOnDemand ?? false,
    minVersion: config.minVersion,
    resumeSessions: config.resumeSessions ?? true,
    requestTimeoutMs: config.requestTimeoutMs ?? 30_000,
    agent: createAgent(isSecure, config, config.clock ?? systemClock),
    signal: config.signal,
    logger: config.logger ?? silentLogger,
    clock: config.clock ?? systemClock,
  };
}

/** Host before scheme: of `ftp://` it is the host that is missing. */
export function parseUrl(text: unknown): URL {
  // JavaScript passes undefined, for example of an environment variable that is not set.
  if (!text) throw invalid('invalid URL value: should not be empty');
  if (typeof text !== 'string') throw invalid('invalid URL value: should be a string');
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(text);
  const host = parts?.[2]?.replace(/^.*@/, '') ?? '';
  if (parts === null || host === '' || host.startsWith(':')) throw invalid('invalid url host: should not be empty');
  const scheme = parts[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https') throw invalid(`invalid url scheme: "${scheme}" is not valid`);
  const url = URL.parse(text);
  if (url === null) throw invalid('invalid URL value: not a URL');
  return url;
}

export function invalid(message: string): RtcdClientError {
  return new RtcdClientError('invalid_option', `failed to parse config: ${message}`);
}
