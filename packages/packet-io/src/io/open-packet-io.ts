import { createSocket as createUdpSocket, type Socket as UdpSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { check, validate } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';
import type { NativeAddon } from '../native/native-addon.ts';
import type { BindAddress, BufferSizes, LocalAddress, PacketIo, PacketIoOptions, TcpOptions } from '../packet-io.ts';
import type { PacketPlane } from '../packet-plane.ts';
import { type ChosenPlane, choosePlane, defaultPlane, PLANE_KINDS } from '../plane/choose-plane.ts';
import { PathTable } from '../plane/path-table.ts';
import { DEFAULT_MAX_SLOTS } from '../plane/slot-table.ts';
import { bindAll } from './bind-all.ts';
import { type BoundUdpSocket, bindUdpSocket, bufferSizesOf } from './bind-udp-socket.ts';
import { composePacketIo } from './compose-packet-io.ts';
import { Inbox } from './inbox.ts';
import { RelayTable } from './relay-table.ts';
import { createSocketCounters } from './socket-counters.ts';
import { TcpTransport } from './tcp-transport.ts';
import { UdpSink } from './udp-sink.ts';

const addressesCheck = check.arrayOf(
  check.object<PacketIoOptions['addresses'][number]>({
    address: check.string,
    port: check.port,
    optional: check.optional(check.boolean),
  }),
);
const tcpCheck = check.object<TcpOptions>({
  addresses: check.anything,
  tls: check.optional(check.func),
});
const optionsCheck = check.object<PacketIoOptions>({
  addresses: check.anything,
  tcp: check.optional(tcpCheck),
  onPackets: check.func,
  onLeftOut: check.optional(check.func),
  onSmallBuffers: check.optional(check.func),
  onPathEnded: check.optional(check.func),
  onError: check.optional(check.func),
  maxSlots: check.optional(check.integer(1)),
  plane: check.optional(check.oneOf(...PLANE_KINDS)),
  createPlane: check.optional(check.func),
  receiveBufferBytes: check.optional(check.integer(1)),
  sendBufferBytes: check.optional(check.integer(1)),
  createSocket: check.optional(check.func),
});

/**
 * Room for the packets of a tenth of a second at 100,000 per second, or of longer at less, while the process is busy elsewhere. The kernel
 * charges small packets with their overhead, about a kilobyte each.
 */
const DEFAULT_BUFFER_BYTES = 16 * 1024 * 1024;

/**
 * Binds one UDP socket per address, and a TCP server per address of `tcp`, and puts a packet plane on them. Rejects with `PacketIoError` 'address_in_use',
 * 'address_not_available', 'permission_denied', 'invalid_address', 'invalid_option', 'native_plane_unavailable' or 'listen_failed', and then has bound none.
 */
export async function openPacketIo(options: PacketIoOptions): Promise<PacketIo> {
  checkOptions(options);
  const { createPlane, addon } = planeOf(options);
  const onLeftOut = (error: PacketIoError) => options.onLeftOut?.(error);
  const counters = createSocketCounters();
  const paths = new PathTable();
  const tcp = new TcpTransport({
    paths,
    counters,
    onPackets: options.onPackets,
    onPathEnded: (path) => options.onPathEnded?.(path),
    onError: (error) => options.onError?.(error),
    tls: options.tcp?.tls,
  });
  const bound = await bindUdp(options, addon, onLeftOut);
  const sockets = bound.map(({ socket }) => socket);
  const closeSockets = async () => {
    await Promise.all([...sockets.map(closeUdp), tcp.close()]);
  };
  let plane: PacketPlane | undefined;
  try {
    const listening = await bindTcp(options, tcp, sockets.length, onLeftOut);
    reportSmallBuffers(sockets.map(bufferSizesOf), options);
    const inbox = new Inbox(paths, counters, options.onPackets, () => performance.now());
    const relays = new RelayTable(paths, inbox, options.onPathEnded);
    const sink = new UdpSink(sockets, counters, [tcp, relays]);
    const localAddresses = [
      ...sockets.map((socket) => localAddress('udp', socket.address())),
      ...listening.map((address) => localAddress('tcp', address)),
    ];
    plane = createPlane({ sink, paths, maxSlots: options.maxSlots ?? DEFAULT_MAX_SLOTS });
    const io = composePacketIo(plane, {
      localAddresses,
      counters,
      paths,
      relays,
      transmit: (datagram, path) => sink.transmit(datagram, path),
      connect: (id, path) => tcp.connect(id, path),
      close: () => {
        sink.close();
        return closeSockets();
      },
    });
    for (const [local, { socket, descriptor }] of bound.entries()) {
      if (descriptor !== undefined) plane.sockets?.add(local, descriptor);
      socket.on('error', (error) => options.onError?.(error));
      socket.on('message', (datagram, { address, port }) => inbox.receive(datagram, local, address, port));
    }
    return io;
  } catch (error) {
    plane?.sockets?.close();
    await closeSockets();
    throw error;
  }
}

function planeOf({ plane, createPlane }: PacketIoOptions): ChosenPlane {
  return createPlane ? { createPlane } : choosePlane(plane ?? defaultPlane().plane);
}

function reportSmallBuffers(granted: readonly BufferSizes[], options: PacketIoOptions): void {
  const { receiveBufferBytes = DEFAULT_BUFFER_BYTES, sendBufferBytes = DEFAULT_BUFFER_BYTES } = options;
  const receiveBytes = Math.min(...granted.map((sizes) => sizes.receiveBytes));
  const sendBytes = Math.min(...granted.map((sizes) => sizes.sendBytes));
  if (receiveBytes < receiveBufferBytes || sendBytes < sendBufferBytes) {
    options.onSmallBuffers?.({ receiveBytes, sendBytes });
  }
}

function checkOptions(options: PacketIoOptions): void {
  validate('options', options, optionsCheck, (message) => new PacketIoError('invalid_option', message));
  const { addresses, tcp } = options;
  for (const [name, list] of [
    ['addresses', addresses],
    ['tcp.addresses', tcp?.addresses ?? []],
  ] as const) {
    validate(name, list, addressesCheck, (message) => new PacketIoError('invalid_address', message));
  }
  if (addresses.length === 0 && !tcp?.addresses.length) {
    throw new PacketIoError('invalid_address', 'no address to listen on');
  }
}

function bindUdp(
  options: PacketIoOptions,
  addon: NativeAddon | undefined,
  onLeftOut: (error: PacketIoError) => void,
): Promise<BoundUdpSocket[]> {
  const { addresses, receiveBufferBytes = DEFAULT_BUFFER_BYTES, sendBufferBytes = DEFAULT_BUFFER_BYTES } = options;
  const { createSocket = createUdpSocket } = options;
  const bind = ({ address, port }: BindAddress) =>
    bindUdpSocket({ address, port, receiveBufferBytes, sendBufferBytes, createSocket, addon });
  return bindAll(addresses, { bind, close: ({ socket }) => closeUdp(socket) }, onLeftOut);
}

/** TCP behind UDP, so that its local addresses have the next indexes. */
function bindTcp(
  { tcp: { addresses } = { addresses: [] } }: PacketIoOptions,
  tcp: TcpTransport,
  udpSockets: number,
  onLeftOut: (error: PacketIoError) => void,
): Promise<AddressInfo[]> {
  const bind = (address: BindAddress) => tcp.listen(udpSockets + tcp.size, address);
  return bindAll(addresses, { bind, close: () => tcp.close() }, onLeftOut);
}

const closeUdp = (socket: UdpSocket): Promise<void> => new Promise((resolve) => socket.close(resolve));

function localAddress(protocol: LocalAddress['protocol'], { address, port, family }: AddressInfo): LocalAddress {
  return { protocol, address, port, family: family === 'IPv6' ? 6 : 4 };
}
