import { createSocket as createUdpSocket, type Socket } from 'node:dgram';
import { check, validate } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';
import type { LocalAddress, PacketIo, PacketIoOptions } from '../packet-io.ts';
import { PathTable } from '../plane/path-table.ts';
import { bindUdpSocket } from './bind-udp-socket.ts';
import { composePacketIo } from './compose-packet-io.ts';
import { Inbox } from './inbox.ts';
import { RelayTable } from './relay-table.ts';
import { createSocketCounters } from './socket-counters.ts';
import { UdpSink } from './udp-sink.ts';

const addressesCheck = check.arrayOf(
  check.object<PacketIoOptions['addresses'][number]>({
    address: check.string,
    port: check.port,
    optional: check.optional(check.boolean),
  }),
);
const optionsCheck = check.object<PacketIoOptions>({
  addresses: check.anything,
  onPackets: check.func,
  onLeftOut: check.optional(check.func),
  onPathEnded: check.optional(check.func),
  onError: check.optional(check.func),
  maxSlots: check.optional(check.integer(1)),
  createPlane: check.optional(check.func),
  receiveBufferBytes: check.optional(check.integer(1)),
  sendBufferBytes: check.optional(check.integer(1)),
  createSocket: check.optional(check.func),
});

/** Room for a burst of some thousand packets while the process is busy elsewhere. */
const DEFAULT_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Binds one UDP socket per address and puts a packet plane on them. Rejects with `PacketIoError` 'address_in_use',
 * 'address_not_available', 'permission_denied', 'invalid_address', 'invalid_option' or 'listen_failed', and then has bound none.
 */
export async function openPacketIo(options: PacketIoOptions): Promise<PacketIo> {
  validate('options', options, optionsCheck, (message) => new PacketIoError('invalid_option', message));
  validate('addresses', options.addresses, addressesCheck, (message) => new PacketIoError('invalid_address', message));
  const sockets = await bindAll(options);
  const counters = createSocketCounters();
  const paths = new PathTable();
  const inbox = new Inbox(paths, counters, options.onPackets, () => performance.now());
  const relays = new RelayTable(paths, inbox, options.onPathEnded);
  const sink = new UdpSink(sockets, counters, relays);
  for (const [local, socket] of sockets.entries()) {
    socket.on('error', (error) => options.onError?.(error));
    socket.on('message', (datagram, { address, port }) => inbox.receive(datagram, local, address, port));
  }
  return composePacketIo(
    {
      localAddresses: sockets.map(localAddress),
      counters,
      paths,
      relays,
      sink,
      transmit: (datagram, path) => sink.transmit(datagram, path),
      close: () => {
        sink.close();
        return closeAll(sockets);
      },
    },
    options,
  );
}

async function bindAll(options: PacketIoOptions): Promise<Socket[]> {
  const { addresses, receiveBufferBytes = DEFAULT_BUFFER_BYTES, sendBufferBytes = DEFAULT_BUFFER_BYTES } = options;
  const { createSocket = createUdpSocket } = options;
  if (addresses.length === 0) throw new PacketIoError('invalid_address', 'no address to listen on');
  const sockets: Socket[] = [];
  try {
    for (const [index, { address, port, optional = false }] of addresses.entries()) {
      const isLastChance = sockets.length === 0 && index === addresses.length - 1;
      try {
        sockets.push(await bindUdpSocket({ address, port, receiveBufferBytes, sendBufferBytes, createSocket }));
      } catch (error) {
        if (!optional || isLastChance || !isNotAvailable(error)) throw error;
        options.onLeftOut?.(error);
      }
    }
  } catch (error) {
    await closeAll(sockets);
    throw error;
  }
  return sockets;
}

const isNotAvailable = (error: unknown): error is PacketIoError =>
  error instanceof PacketIoError && error.code === 'address_not_available';

function localAddress(socket: Socket): LocalAddress {
  const { address, port, family } = socket.address();
  return { address, port, family: family === 'IPv6' ? 6 : 4 };
}

async function closeAll(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
}
