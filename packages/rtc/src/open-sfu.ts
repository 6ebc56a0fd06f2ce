import { check, validate } from '@rtcd/boundary';
import { type LocalAddress, openPacketIo, type PacketIo } from '@rtcd/packet-io';
import { createDtlsCertificate } from './dtls/crypto/certificate.ts';
import { RtcError } from './errors.ts';
import { type AdvertisedAddress, advertisedAddresses, hostNamesIn, isLoopback } from './ice/advertised-address.ts';
import { type Candidate, hostCandidate } from './ice/candidate.ts';
import { HostNames, type LookupHost, systemLookup } from './io/host-names.ts';
import { listenAddresses } from './io/listen-addresses.ts';
import { randomPool } from './io/random-pool.ts';
import { completeMetrics, metricsCheck } from './metrics.ts';
import { type Clock, type Logger, type Random, type RtcMetrics, silentLogger, systemClock } from './ports.ts';
import type { IoHandlers } from './sfu/engine.ts';
import { Sfu } from './sfu.ts';

/** Addresses of an SFU, what it announces to peers, and its ports. All of it has a default. */
export interface SfuOptions {
  /** Comma-separated IP addresses to listen on; by default, and for `0.0.0.0`, those of all active interfaces, loopback included. */
  readonly udpAddress?: string;
  /** Default 8443; 0 takes a free one. */
  readonly udpPort?: number;
  readonly enableIPv6?: boolean;
  /** The contract's `ice_host_override` and `ice_host_port_override`. */
  readonly hostOverride?: string;
  readonly hostPortOverride?: string;
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
}

/** The contract's `nack_buffer_size`. */
const NACK_BUFFER_SIZES = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

const optionsCheck = check.object<SfuOptions>({
  udpAddress: check.optional(check.string),
  udpPort: check.optional(check.port),
  enableIPv6: check.optional(check.boolean),
  hostOverride: check.optional(check.string),
  hostPortOverride: check.optional(check.string),
  nackBufferSize: check.optional(check.oneOf(...NACK_BUFFER_SIZES)),
  maxActiveVoices: check.optional(check.integer(0)),
  maxSessions: check.optional(check.integer(1)),
  logger: check.optional(check.logger),
  metrics: check.optional(metricsCheck),
  clock: check.optional(check.clock),
  random: check.optional(check.func),
  lookupHost: check.optional(check.func),
  openIo: check.optional(check.func),
});

const PORT_DEFAULT = 8443;
const MAX_SESSIONS_DEFAULT = 10_000;
const NACK_BUFFER_SIZE_DEFAULT = 256;

/**
 * Opens the sockets of an SFU and starts it. Rejects with `RtcError` 'invalid_option' for what cannot be meant, and with `PacketIoError`
 * 'address_in_use' and its like for what the machine refuses.
 */
export async function openSfu(options: SfuOptions = {}): Promise<Sfu> {
  validate('options', options, optionsCheck, (message) => new RtcError('invalid_option', message));
  const { udpPort = PORT_DEFAULT, udpAddress = '', enableIPv6 = false } = options;
  const { clock = systemClock, logger = silentLogger, hostOverride = '', hostPortOverride = '' } = options;
  const hostNames = new HostNames({ lookup: options.lookupHost ?? systemLookup(enableIPv6), clock, logger });
  const names = hostNamesIn(hostOverride);
  await hostNames.lookUp(names);
  const advertise = (locals: readonly LocalAddress[]) =>
    advertisedAddresses(locals, { host: hostOverride, port: hostPortOverride }, (name) => hostNames.addressesOf(name));
  const sfu = await Sfu.open(
    {
      certificate: createDtlsCertificate(),
      random: options.random ?? randomPool(),
      clock,
      logger,
      metrics: completeMetrics(options.metrics),
      nackBufferSize: options.nackBufferSize ?? NACK_BUFFER_SIZE_DEFAULT,
      maxActiveVoices: options.maxActiveVoices ?? 0,
      openIo:
        options.openIo ??
        (async (handlers) =>
          openPacketIo({
            ...handlers,
            addresses: listenAddresses({ addresses: udpAddress, port: udpPort, enableIPv6 }),
            onLeftOut: (error) => logger.warn({ reason: error.message }, 'address left out'),
          })),
      candidates: (locals) => rankCandidates(advertise(locals)),
      close: () => hostNames.close(),
    },
    options.maxSessions ?? MAX_SESSIONS_DEFAULT,
  );
  const isResolved = names.every((name) => hostNames.addressesOf(name).length > 0);
  if (hostOverride !== '' && isResolved && !advertise(sfu.localAddresses).some(({ isExternal }) => isExternal)) {
    const local = sfu.localAddresses.map(({ address }) => address);
    logger.warn({ hostOverride, local }, 'ice_host_override has no effect: it fits none of the local addresses');
  }
  return sfu;
}

/** Loopback last: it only serves peers on this very machine, and those reach the other addresses too. */
const rankCandidates = (advertised: readonly AdvertisedAddress[]): Candidate[] =>
  advertised
    .toSorted((a, b) => Number(isLoopback(a.address)) - Number(isLoopback(b.address)))
    .map(({ local, address, port }, rank) =>
      hostCandidate({ protocol: 'udp', address, port, base: local.address, basePort: local.port, rank }),
    );
