import { check, validate } from '@rtcd/boundary';
import type { PacketIo } from '@rtcd/packet-io';
import { RtcError } from '../errors.ts';
import type { LookupHost } from '../io/host-names.ts';
import type { ConnectToServer } from '../io/server-connection.ts';
import type { TlsFiles } from '../io/tls-files.ts';
import { metricsCheck } from '../metrics.ts';
import type { Clock, Logger, Random, RtcMetrics } from '../ports.ts';
import type { TurnServer } from '../transport/turn-server.ts';
import { MAX_EXPIRATION_MINUTES } from '../turn/credentials.ts';
import type { IoHandlers } from './engine.ts';

/** Addresses of an SFU, what it announces to peers, and its ports. All of it has a default. */
export interface SfuOptions {
  /** Comma-separated IP addresses to listen on; by default, and for `0.0.0.0`, those of all active interfaces, loopback included. */
  readonly udpAddress?: string;
  /** Default 8443; 0 takes a free one. */
  readonly udpPort?: number;
  /** Addresses to listen on for ICE-TCP (RFC 6544), as in `udpAddress`. Default: those of `udpAddress`. */
  readonly tcpAddress?: string;
  /** Default: `udpPort`. */
  readonly tcpPort?: number;
  /** With a certificate, the TCP port takes TLS, too. */
  readonly tcpTls?: TlsFiles;
  readonly enableIPv6?: boolean;
  /**
   * Comma-separated names of interfaces to leave out when listening on all of them, in which `*` stands for anything. Default: those of containers and
   * virtual machines; `IGNORED_INTERFACES_DEFAULT` lists them. They are used nevertheless if there is nothing else but loopback.
   */
  readonly ignoredInterfaces?: string;
  /** The contract's `ice_host_override` and `ice_host_port_override`. */
  readonly hostOverride?: string;
  readonly hostPortOverride?: string;
  /** `stun:` URLs (RFC 7064) of servers that are asked for our public addresses, at the start and every 25 s, unless there is a `hostOverride`. The start waits up to 5 s. */
  readonly stunServers?: readonly string[];
  /**
   * TURN servers (RFC 8656) on which addresses of ours are allocated, for peers that reach no other one. Each gets one allocation, which all sessions
   * share. The start waits up to 5 s. Default none.
   */
  readonly turnServers?: readonly TurnServer[];
  /** Secret shared with those servers that have no credentials of their own; see `createTurnCredentials`. */
  readonly turnSecret?: string;
  /** Minutes until credentials made with the secret expire: more than 0, less than a week. Default 1440. */
  readonly turnExpirationMinutes?: number;
  /** Packets of each video that are kept to be sent again: a power of two, from 32 to 8192. Default 256. */
  readonly nackBufferSize?: number;
  /** Forwards only so many voices of a call, the loudest. Default 0: all. */
  readonly maxActiveVoices?: number;
  /** Sessions at a time, over all calls. Default 10,000. */
  readonly maxSessions?: number;
  readonly logger?: Logger;
  /** Only the methods that are of interest. */
  readonly metrics?: Partial<RtcMetrics>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Resolves a host name in `hostOverride`. Default: the system's resolver. */
  readonly lookupHost?: LookupHost;
  /** Stands in for real sockets, in tests. */
  readonly openIo?: (handlers: IoHandlers) => Promise<PacketIo>;
  /** Stands in for connections to TURN servers, in tests. */
  readonly connectToServer?: ConnectToServer;
}

/** The contract's `nack_buffer_size`. */
const NACK_BUFFER_SIZES = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

const optionsCheck = check.object<SfuOptions>({
  udpAddress: check.optional(check.string),
  udpPort: check.optional(check.port),
  tcpAddress: check.optional(check.string),
  tcpPort: check.optional(check.port),
  tcpTls: check.optional(check.object<TlsFiles>({ certFile: check.nonEmptyString, keyFile: check.nonEmptyString })),
  enableIPv6: check.optional(check.boolean),
  ignoredInterfaces: check.optional(check.string),
  hostOverride: check.optional(check.string),
  hostPortOverride: check.optional(check.string),
  stunServers: check.optional(check.arrayOf(check.string)),
  turnServers: check.optional(
    check.arrayOf(
      check.object<TurnServer>({
        urls: check.arrayOf(check.string),
        username: check.optional(check.string),
        credential: check.optional(check.string),
      }),
    ),
  ),
  turnSecret: check.optional(check.string),
  turnExpirationMinutes: check.optional(check.integer(1, MAX_EXPIRATION_MINUTES)),
  nackBufferSize: check.optional(check.oneOf(...NACK_BUFFER_SIZES)),
  maxActiveVoices: check.optional(check.integer(0)),
  maxSessions: check.optional(check.integer(1)),
  logger: check.optional(check.logger),
  metrics: check.optional(metricsCheck),
  clock: check.optional(check.clock),
  random: check.optional(check.func),
  lookupHost: check.optional(check.func),
  openIo: check.optional(check.func),
  connectToServer: check.optional(check.func),
});

/** Throws `RtcError` `invalid_option` for what cannot be meant. */
export function checkSfuOptions(options: SfuOptions): void {
  validate('options', options, optionsCheck, (message) => new RtcError('invalid_option', message));
}

export const MAX_SESSIONS_DEFAULT = 10_000;
