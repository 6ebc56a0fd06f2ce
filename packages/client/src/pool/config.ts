import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { check, validate } from '@rtcd/boundary';
import { CONFIG_FIELDS, invalid, parseUrl, type RtcdClientConfig } from '../config.ts';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Options of a pool: those of a client, except for what concerns one connection or one address. */
export interface RtcdClientPoolConfig
  extends Omit<RtcdClientConfig, 'agent' | 'dial' | 'lookup' | 'onReconnect' | 'signal'> {
  /** Default: the IPv4 addresses that the system knows. An IP in the URL is its own address. */
  readonly resolve?: Resolve;
  /** Time between two DNS queries. Default 10 s. */
  readonly resolveIntervalMs?: number;
  /** Time limit for a host to report its load when a call is placed. Default 2 s. */
  readonly loadTimeoutMs?: number;
  /** After this many attempts to reach a host that is no longer in DNS its calls count as lost. Default 8. */
  readonly maxReconnectAttempts?: number;
  /** Makes the TCP connection to one of the addresses. Default: the URL's port there. */
  readonly dial?: (address: string, port: number) => Duplex;
  /** Asked before each attempt (from 1) to reach a host again; what throws or rejects drops the host and its calls. */
  readonly onReconnect?: (attempt: number, address: string) => void | Promise<void>;
  /** In [0, 1); decides when no host reports its load. Default `Math.random`. */
  readonly random?: () => number;
}

const { agent, ...sharedFields } = CONFIG_FIELDS;

const configCheck = check.object<RtcdClientPoolConfig>({
  ...sharedFields,
  resolve: check.optional(check.func),
  resolveIntervalMs: check.optional(check.positiveNumber),
  loadTimeoutMs: check.optional(check.positiveNumber),
  maxReconnectAttempts: check.optional(check.integer(0)),
  random: check.optional(check.func),
});

/** Throws `RtcdClientError` `invalid_option`. */
export function checkPoolConfig(config: RtcdClientPoolConfig): void {
  validate('config', config, configCheck, invalid);
}

/** The host name in the URL and how to find its addresses. Throws `RtcdClientError` `invalid_option`. */
export function addressesOf(config: RtcdClientPoolConfig): () => Promise<readonly string[]> {
  const hostname = parseUrl(config.url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(hostname) !== 0) return async () => [hostname];
  const resolve = config.resolve ?? resolveIPv4;
  return () => resolve(hostname);
}

/** A dual-stack host must not count as two. */
async function resolveIPv4(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, family: 4 });
  return found.map(({ address }) => address);
}

/** Config of the client of one address. */
export function clientConfigFor(
  address: string,
  config: RtcdClientPoolConfig,
  onReconnect: (attempt: number) => void | Promise<void>,
): RtcdClientConfig {
  const dial = config.dial ?? ((host, port) => connect({ host, port }));
  return {
    ...config,
    logger: config.logger?.child({ rtcdHost: address }),
    dial: (_host, port) => dial(address, port),
    onReconnect,
  };
}
