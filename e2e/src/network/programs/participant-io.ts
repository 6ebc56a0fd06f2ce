import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { openPacketIo, type PacketIo } from '@rtcd/packet-io';
import type { OpenParticipantIo } from '@rtcd/rtc/testing';
import { RTCD, RTCD_PORTS } from '../addresses.ts';
import { couple } from '../couple.ts';
import type { JoinMessage } from '../participant-messages.ts';

/** Sends from a UDP socket at a local address. */
export const socketAt =
  (address: string): OpenParticipantIo =>
  (handlers) =>
    openPacketIo({ ...handlers, addresses: [{ address, port: 0 }] });

const connectionsFrom =
  (address: string): OpenParticipantIo =>
  (handlers) =>
    openPacketIo({ ...handlers, addresses: [], tcp: { addresses: [{ address, port: 0 }] } });

/** Connects in TLS, as native applications can. All its paths lead to the same address of rtcd. */
const tlsFrom =
  (address: string): OpenParticipantIo =>
  async (handlers) => {
    const server = createServer({ noDelay: true }, (near) => {
      const socket = connect({ host: RTCD.ipv4, port: RTCD_PORTS.tcp, localAddress: address });
      couple(near, connectTls({ socket, rejectUnauthorized: false }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const io = await connectionsFrom('127.0.0.1')(handlers);
    const close = () => {
      server.close();
      return io.close();
    };
    const localAddresses: PacketIo['localAddresses'] = [{ protocol: 'tcp', address, port: 0, family: 4 }];
    return {
      ...io,
      localAddresses,
      openPath: ({ local }) => io.openPath({ local, address: '127.0.0.1', port }),
      close,
    };
  };

/** Opens what a participant joins with, and names addresses that rtcd could not know. */
export function joiningIo(message: JoinMessage, nameCandidate: (candidate: string) => void): OpenParticipantIo {
  const { address, publicAddress, headlessWay, iceServers } = message;
  switch (headlessWay) {
    case 'tcp':
      return connectionsFrom(address);
    case 'tls':
      return tlsFrom(address);
    case 'udp':
      return async (handlers) => {
        const io = await socketAt(address)(handlers);
        // STUN would have told it. The port may be another one, but TURN servers decide by the address.
        const { port } = io.localAddresses[0]!;
        if (iceServers.length > 0) nameCandidate(`candidate:1 1 udp 41885439 ${publicAddress} ${port} typ srflx`);
        return io;
      };
    default:
      return headlessWay satisfies never;
  }
}
