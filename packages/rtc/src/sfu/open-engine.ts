import { isIP } from 'node:net';
import { textOf } from '@rtcd/boundary';
import { type LocalAddress, openPacketIo } from '@rtcd/packet-io';
import { createDtlsCertificate } from '../dtls/crypto/certificate.ts';
import { RtcError } from '../errors.ts';
import { type AdvertisedAddress, advertisedAddresses, hostNamesIn, isLoopback } from '../ice/advertised-address.ts';
import { type Candidate, hostCandidate, serverReflexiveCandidate } from '../ice/candidate.ts';
import { type PublicAddress, PublicAddresses, parseStunUrl, type StunServer } from '../ice/public-addresses.ts';
import { HostNames, type LookupHost, systemLookup } from '../io/host-names.ts';
import { listenAddresses } from '../io/listen-addresses.ts';
import { randomPool } from '../io/random-pool.ts';
import { completeMetrics } from '../metrics.ts';
import { type Logger, silentLogger, systemClock } from '../ports.ts';
import { Engine } from './engine.ts';
import type { EngineEvent } from './messages.ts';
import type { SfuOptions } from './sfu-options.ts';

const PORT_DEFAULT = 8443;
const NACK_BUFFER_SIZE_DEFAULT = 256;

/** Opens the sockets of an SFU. Rejects with `PacketIoError` if that fails, and with `RtcError` if it cannot advertise them. */
export async function openEngine(options: SfuOptions, onEvent: (event: EngineEvent) => void): Promise<Engine> {
  const { udpPort = PORT_DEFAULT, udpAddress = '', enableIPv6 = false } = options;
  const { clock = systemClock, logger = silentLogger, hostOverride = '', hostPortOverride = '' } = options;
  const hostNames = new HostNames({ lookup: options.lookupHost ?? systemLookup(enableIPv6), clock, logger });
  const names = hostNamesIn(hostOverride);
  await hostNames.lookUp(names);
  const advertise = (locals: readonly LocalAddress[]) =>
    advertisedAddresses(locals, { host: hostOverride, port: hostPortOverride }, (name) => hostNames.addressesOf(name));
  const stunServers = hostOverride === '' ? (options.stunServers ?? []) : [];
  let publicAddresses: readonly PublicAddress[] = [];
  const engine = await Engine.open(
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
      async findPublicAddresses(io, receiveBy) {
        const servers = await resolveStunServers(stunServers, options.lookupHost ?? systemLookup(enableIPv6), logger);
        if (servers.length === 0) return;
        const random = options.random ?? randomPool();
        const found = new PublicAddresses({ io, servers, random, clock, logger });
        receiveBy((datagram) => found.receive(datagram));
        publicAddresses = await found.find();
      },
      candidates: (locals) => [...rankCandidates(advertise(locals)), ...publicAddresses.map(reflexiveCandidate)],
      close: () => hostNames.close(),
    },
    onEvent,
  );
  const isResolved = names.every((name) => hostNames.addressesOf(name).length > 0);
  if (hostOverride !== '' && isResolved && !advertise(engine.localAddresses).some(({ isExternal }) => isExternal)) {
    const local = engine.localAddresses.map(({ address }) => address);
    logger.warn({ hostOverride, local }, 'ice_host_override has no effect: it fits none of the local addresses');
  }
  return engine;
}

/** Loopback last: it only serves peers on this very machine, and those reach the other addresses too. */
const rankCandidates = (advertised: readonly AdvertisedAddress[]): Candidate[] =>
  advertised
    .toSorted((a, b) => Number(isLoopback(a.address)) - Number(isLoopback(b.address)))
    .map(({ local, address, port }, rank) =>
      hostCandidate({ protocol: 'udp', address, port, base: local.address, basePort: local.port, rank }),
    );

const reflexiveCandidate = ({ local, address, port }: PublicAddress, rank: number): Candidate =>
  serverReflexiveCandidate({ protocol: 'udp', address, port, base: local.address, basePort: local.port, rank });

/** Finds the addresses of STUN servers. One that cannot be asked is reported, and does not keep the SFU from starting. */
async function resolveStunServers(
  urls: readonly string[],
  lookup: LookupHost,
  logger: Logger,
): Promise<readonly StunServer[]> {
  const servers = await Promise.all(
    urls.map(async (url) => {
      const server = parseStunUrl(url);
      if (server === undefined) throw new RtcError('invalid_option', `${url} is not the URL of a STUN server`);
      const { host, port } = server;
      try {
        return [{ url, port, addresses: isIP(host) === 0 ? await lookup(host) : [host] }];
      } catch (error) {
        logger.warn({ server: url, reason: textOf(error) }, 'STUN server not asked');
        return [];
      }
    }),
  );
  return servers.flat();
}
