import { openPacketIo, type PacketIo } from '@rtcd/packet-io';
import { createDtlsCertificate } from '../dtls/crypto/certificate.ts';
import { systemLookup } from '../io/host-names.ts';
import {
  IGNORED_INTERFACES_DEFAULT,
  interfaceAddresses,
  type ListenOptions,
  listenAddresses,
} from '../io/listen-addresses.ts';
import { randomPool } from '../io/random-pool.ts';
import { connectToServer } from '../io/server-connection.ts';
import { TlsCertificate } from '../io/tls-files.ts';
import { completeMetrics } from '../metrics.ts';
import { type Clock, type Logger, silentLogger, systemClock } from '../ports.ts';
import { Relays } from '../transport/relays.ts';
import type { TurnSecret } from '../transport/turn-server.ts';
import { EXPIRATION_MINUTES_DEFAULT } from '../turn/credentials.ts';
import { Advertising, type AdvertisingOptions } from './advertising.ts';
import { Engine, type IoHandlers } from './engine.ts';
import type { EngineEvent } from './messages.ts';
import type { SfuOptions } from './sfu-options.ts';

const PORT_DEFAULT = 8443;
const NACK_BUFFER_SIZE_DEFAULT = 256;

/** Opens the sockets of an SFU. Rejects with `PacketIoError` if that fails, and with `RtcError` if it cannot advertise them. */
export async function openEngine(options: SfuOptions, onEvent: (event: EngineEvent) => void): Promise<Engine> {
  const advertisingOptions = advertisingOptionsOf(options);
  const { random, clock, logger } = advertisingOptions;
  const advertising = await Advertising.prepare(advertisingOptions);
  return Engine.open(
    {
      certificate: createDtlsCertificate(),
      random,
      clock,
      logger,
      metrics: completeMetrics(options.metrics),
      nackBufferSize: options.nackBufferSize ?? NACK_BUFFER_SIZE_DEFAULT,
      maxActiveVoices: options.maxActiveVoices ?? 0,
      openIo: options.openIo ?? ((handlers) => openSockets(options, handlers, clock, logger)),
      advertising,
      createRelays: (io) =>
        new Relays({
          servers: options.turnServers ?? [],
          secret: turnSecret(options),
          io,
          connect: options.connectToServer ?? connectToServer,
          lookup: options.lookupHost ?? systemLookup(options.enableIPv6 ?? false),
          random,
          clock,
          logger,
        }),
    },
    onEvent,
  );
}

const turnSecret = ({ turnSecret: secret = '', turnExpirationMinutes }: SfuOptions): TurnSecret | undefined =>
  secret === '' ? undefined : { secret, expirationMinutes: turnExpirationMinutes ?? EXPIRATION_MINUTES_DEFAULT };

/** Settings for the UDP sockets, with their defaults. */
export const listenOptionsOf = (options: SfuOptions): ListenOptions => ({
  addresses: options.udpAddress ?? '',
  port: options.udpPort ?? PORT_DEFAULT,
  enableIPv6: options.enableIPv6 ?? false,
  ignoredInterfaces: options.ignoredInterfaces ?? IGNORED_INTERFACES_DEFAULT,
});

/** Settings for the TCP sockets, with their defaults. */
export function tcpListenOptionsOf(options: SfuOptions): ListenOptions {
  const udp = listenOptionsOf(options);
  return { ...udp, addresses: options.tcpAddress ?? udp.addresses, port: options.tcpPort ?? udp.port };
}

/** Settings for what is advertised, with their defaults. */
export function advertisingOptionsOf(options: SfuOptions): AdvertisingOptions {
  const listen = listenOptionsOf(options);
  return {
    overrides: { host: options.hostOverride ?? '', port: options.hostPortOverride ?? '' },
    stunServers: options.stunServers ?? [],
    interfaceAddresses: options.openIo ? undefined : () => interfaceAddresses(listen),
    lookup: options.lookupHost ?? systemLookup(listen.enableIPv6),
    random: options.random ?? randomPool(),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  };
}

async function openSockets(options: SfuOptions, handlers: IoHandlers, clock: Clock, logger: Logger): Promise<PacketIo> {
  const tls = options.tcpTls && (await TlsCertificate.open(options.tcpTls, clock, logger));
  try {
    const io = await openPacketIo({
      ...handlers,
      addresses: listenAddresses(listenOptionsOf(options)),
      tcp: { addresses: listenAddresses(tcpListenOptionsOf(options)), ...(tls && { tls: () => tls.identity }) },
      onLeftOut: (error) => logger.warn({ reason: error.message }, 'address left out'),
      onSmallBuffers: (granted) =>
        logger.warn(
          { ...granted, remedy: 'sysctl --write net.core.rmem_max=16777216 net.core.wmem_max=16777216' },
          'socket buffers smaller than 16 MiB: packets of bursts may be lost',
        ),
    });
    const close = () => {
      tls?.close();
      return io.close();
    };
    return { ...io, close };
  } catch (error) {
    tls?.close();
    throw error;
  }
}
