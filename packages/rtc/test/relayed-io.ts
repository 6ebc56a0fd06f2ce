import { randomBytes } from 'node:crypto';
import { openPacketIo, type PacketIo, type PacketIoOptions } from '@rtcd/packet-io';
import { systemClock } from '../src/index.ts';
import { connectToServer } from '../src/io/server-connection.ts';
import { Relay } from '../src/transport/relay.ts';
import type { TurnAllocation } from '../src/turn/client-owner.ts';
import type { TurnCredentials } from '../src/turn/credentials.ts';
import { parseTurnUrl } from '../src/turn/turn-url.ts';

/** Options of a participant's relay. */
export interface RelayedIoOptions extends Pick<PacketIoOptions, 'onPackets'> {
  /** A `turn:` URL with an IP address. */
  readonly url: string;
  readonly credentials: TurnCredentials;
}

/** Opens what a participant has that reaches nothing but a TURN server: all that it sends goes over an allocation there, its only local address. */
export async function openRelayedIo({ url, credentials, onPackets }: RelayedIoOptions): Promise<PacketIo> {
  const { promise, resolve, reject } = Promise.withResolvers<TurnAllocation>();
  const ports = { connect: connectToServer, lookup: async () => [], clock: systemClock, random: randomBytes };
  const relay = new Relay(parseTurnUrl(url)!, ports, {
    onAllocated: resolve,
    onFailed: ({ reason }) => reject(new Error(reason)),
  });
  void relay.open(credentials);
  const allocation = await promise;
  const io = await openPacketIo({ onPackets, addresses: [{ address: '127.0.0.1', port: 0 }] });
  let local = -1;
  const remember = (port: ReturnType<PacketIo['openRelay']>) => {
    local = port.local;
    return port;
  };
  relay.attach({ openRelay: (packetRelay) => remember(io.openRelay(packetRelay)) }, allocation);
  const { relayed } = allocation;
  return {
    ...io,
    localAddresses: [{ protocol: 'udp', ...relayed, family: relayed.address.includes(':') ? 6 : 4 }],
    openPath: (path) => {
      relay.permit(path.address);
      return io.openPath({ ...path, local });
    },
    close: async () => {
      relay.close();
      await io.close();
    },
  };
}
