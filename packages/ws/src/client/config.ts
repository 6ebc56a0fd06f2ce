import type { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { check, type Logger, silentLogger, systemClock, type Timers, validate } from '@rtcd/boundary';
import { MAX_MESSAGE_BYTES, newID } from '@rtcd/protocol';
import { WsError } from '../errors.ts';
import { CLOSE_TIMEOUT_MS, MAX_QUEUE_BYTES, MAX_QUEUE_MESSAGES, WRITE_TIMEOUT_MS } from '../limits.ts';

/** Credentials for the upgrade request's Authorization header. */
export type WsClientAuth =
  | { readonly type: 'basic'; readonly clientID: string; readonly authKey: string }
  | { readonly type: 'bearer'; readonly token: string };

/** Options of `connectWsClient`. Only `url` and `auth` are required. */
export interface WsClientConfig {
  /** Starts with `ws://` or `wss://`. */
  readonly url: string;
  /** A name of 26 characters for this connection on this side, say in logs; made if left out. The server makes its own. */
  readonly connID?: string;
  readonly auth: WsClientAuth;
  /** Makes the TCP or TLS connection, e.g. to pin one address among several of a host. */
  readonly agent?: Agent;
  /** Authorities to trust instead of the system's, PEM. */
  readonly ca?: SecureContextOptions['ca'];
  /** Resolves the URL's host instead of `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /** Ends the connection at once, queued messages included. */
  readonly signal?: AbortSignal;
  /** Messages that may wait to be sent. Default 5000. */
  readonly maxQueue?: number;
  /** Bytes that may wait to be sent. Default 16 MiB. */
  readonly maxQueueBytes?: number;
  /** Longest message in either direction, bytes. Default 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Time for connection and upgrade. Default 15 s: under load the server lets a client wait 10 s for its authentication. */
  readonly connectTimeoutMs?: number;
  /** The server counts as dead when nothing came for this long. Default 25 s: it pings every 10 s. */
  readonly silenceTimeoutMs?: number;
  /** The connection is given up when the server accepts no queued data for this long. Default 10 s. */
  readonly writeTimeoutMs?: number;
  /** Time for the server to answer a close frame. Default 5 s. */
  readonly closeTimeoutMs?: number;
  readonly logger?: Logger;
  readonly clock?: Timers;
}

export interface ClientSettings {
  readonly url: string;
  readonly connID: string;
  readonly headers: { readonly Authorization: string };
  readonly dial: Pick<WsClientConfig, 'agent' | 'ca' | 'lookup'>;
  readonly signal: AbortSignal | undefined;
  readonly maxQueueMessages: number;
  readonly maxQueueBytes: number;
  readonly maxMessageBytes: number;
  readonly connectTimeoutMs: number;
  readonly silenceTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly logger: Logger;
  readonly clock: Timers;
}

const CONN_ID_LENGTH = 26;

const invalid = (message: string): WsError => new WsError('invalid_option', message);

const configCheck = check.object<WsClientConfig>({
  url: check.string,
  connID: check.optional(check.string),
  auth: check.anything,
  agent: check.optional(check.object<object>({})),
  ca: check.anything,
  lookup: check.optional(check.func),
  signal: check.optional(check.abortSignal),
  maxQueue: check.optional(check.integer(1)),
  maxQueueBytes: check.optional(check.integer(1)),
  maxMessageBytes: check.optional(check.integer(1)),
  connectTimeoutMs: check.optional(check.positiveNumber),
  silenceTimeoutMs: check.optional(check.positiveNumber),
  writeTimeoutMs: check.optional(check.positiveNumber),
  closeTimeoutMs: check.optional(check.positiveNumber),
  logger: check.optional(check.logger),
  clock: check.optional(check.timers),
});
const basicAuthCheck = check.object<Extract<WsClientAuth, { type: 'basic' }>>({
  type: check.anything,
  clientID: check.string,
  authKey: check.string,
});
const bearerAuthCheck = check.object<Extract<WsClientAuth, { type: 'bearer' }>>({
  type: check.anything,
  token: check.string,
});

function authorization(auth: WsClientAuth): string {
  switch (auth?.type) {
    case 'basic':
      validate('auth', auth, basicAuthCheck, invalid);
      return `Basic ${Buffer.from(`${auth.clientID}:${auth.authKey}`).toString('base64')}`;
    case 'bearer':
      validate('auth', auth, bearerAuthCheck, invalid);
      if (!/^[\x21-\x7e]+$/.test(auth.token)) throw invalid('invalid auth token: should be visible ASCII characters');
      return `Bearer ${auth.token}`;
    default:
      throw invalid('invalid AuthType value');
  }
}

function checkUrl(url: string): void {
  if (url === '') throw invalid('invalid URL value: should not be empty');
  if (!url.startsWith('ws://') && !url.startsWith('wss://')) {
    throw invalid('invalid URL value: should start with "ws://" or "wss://"');
  }
  if (!URL.canParse(url) || url.includes('#')) throw invalid('invalid URL value: not a URL of a WebSocket');
}

/** Checks in the contract's order (section 3) and with its messages, and fills in the defaults. */
export function checkConfig(config: WsClientConfig): ClientSettings {
  validate('config', config, configCheck, invalid);
  checkUrl(config.url);
  const connID = config.connID ?? '';
  if (connID !== '' && connID.length !== CONN_ID_LENGTH) {
    throw invalid('invalid ConnID value: should be 26 characters long');
  }
  const { agent, ca, lookup } = config;
  return {
    url: config.url,
    connID: connID === '' ? newID() : connID,
    headers: { Authorization: authorization(config.auth) },
    dial: { ...(agent && { agent }), ...(ca && { ca }), ...(lookup && { lookup }) },
    signal: config.signal,
    maxQueueMessages: config.maxQueue ?? MAX_QUEUE_MESSAGES,
    maxQueueBytes: config.maxQueueBytes ?? MAX_QUEUE_BYTES,
    maxMessageBytes: config.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    connectTimeoutMs: config.connectTimeoutMs ?? 15_000,
    silenceTimeoutMs: config.silenceTimeoutMs ?? 25_000,
    writeTimeoutMs: config.writeTimeoutMs ?? WRITE_TIMEOUT_MS,
    closeTimeoutMs: config.closeTimeoutMs ?? CLOSE_TIMEOUT_MS,
    logger: config.logger ?? silentLogger,
    clock: config.clock ?? systemClock,
  };
}
