import type { Socket, SocketOptions } from 'node:dgram';
import { isIP } from 'node:net';
import type { NativeAddon } from '../native/native-addon.ts';
import type { BufferSizes } from '../packet-io.ts';
import { bindError, invalidAddress } from './bind-error.ts';
import { bindNativeUdpSocket } from './bind-native-udp-socket.ts';

export interface UdpBindOptions {
  readonly address: string;
  readonly port: number;
  readonly receiveBufferBytes: number;
  readonly sendBufferBytes: number;
  readonly createSocket: (options: SocketOptions) => Socket;
  /** Binds the socket, for a plane that needs its descriptor. */
  readonly addon?: NativeAddon | undefined;
}

/** A bound socket, and its descriptor if native code bound it. */
export interface BoundUdpSocket {
  readonly socket: Socket;
  readonly descriptor?: number | undefined;
}

/**
 * Binds a socket to one IPv4 or IPv6 address, for itself alone. Rejects with a `PacketIoError` that names address and port.
 *
 * Its `lookup` calls back at once with what it was given, since addresses are never names here: with the default one, `send`
 * leaves for a later turn of the event loop, when a reused buffer already holds the next datagram.
 */
export async function bindUdpSocket(options: UdpBindOptions): Promise<BoundUdpSocket> {
  const family = isIP(options.address);
  if (family === 0) throw invalidAddress(options.address);
  const socket = options.createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    lookup: (host, _options, callback) => callback(null, host, family),
  });
  let descriptor: number | undefined;
  try {
    descriptor = await bind(socket, options);
  } catch (cause) {
    socket.close();
    throw bindError('UDP', options, cause);
  }
  askFor(options.receiveBufferBytes, (sizeBytes) => socket.setRecvBufferSize(sizeBytes));
  askFor(options.sendBufferBytes, (sizeBytes) => socket.setSendBufferSize(sizeBytes));
  return { socket, descriptor };
}

/** Returns the descriptor if native code bound the socket: from then on it is the socket's to close. */
function bind(socket: Socket, { address, port, addon }: UdpBindOptions): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    const fd = addon && bindNativeUdpSocket(addon, { address, port });
    socket.bind({ ...(fd === undefined ? { address, port } : { fd }), exclusive: true }, () => {
      socket.off('error', reject);
      resolve(fd);
    });
  });
}

/** Sizes of the kernel's buffers of a bound socket, as `setsockopt` counts: Linux reports twice that, for its own bookkeeping (socket(7)). */
export function bufferSizesOf(socket: Socket): BufferSizes {
  const share = process.platform === 'linux' ? 2 : 1;
  return { receiveBytes: socket.getRecvBufferSize() / share, sendBytes: socket.getSendBufferSize() / share };
}

/** Linux grants what its limit allows; other systems refuse what is above it, so that half of that is asked for, and so on. */
function askFor(sizeBytes: number, setBufferSize: (sizeBytes: number) => void): void {
  for (let askedBytes = sizeBytes; askedBytes >= MIN_ASKED_BYTES; askedBytes = Math.floor(askedBytes / 2)) {
    try {
      setBufferSize(askedBytes);
      return;
    } catch {
      // The operating system's limits on buffers are no reason not to start.
    }
  }
}

/** Every system grants as much without being asked. */
const MIN_ASKED_BYTES = 64 * 1024;
