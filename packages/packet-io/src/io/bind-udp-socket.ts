import type { Socket, SocketOptions } from 'node:dgram';
import { isIP } from 'node:net';
import { bindError, invalidAddress } from './bind-error.ts';

export interface UdpBindOptions {
  readonly address: string;
  readonly port: number;
  readonly receiveBufferBytes: number;
  readonly sendBufferBytes: number;
  readonly createSocket: (options: SocketOptions) => Socket;
}

/**
 * Binds a socket to one IPv4 or IPv6 address, for itself alone. Rejects with a `PacketIoError` that names address and port.
 *
 * Its `lookup` calls back at once with what it was given, since addresses are never names here: with the default one, `send`
 * leaves for a later turn of the event loop, when a reused buffer already holds the next datagram.
 */
export async function bindUdpSocket(options: UdpBindOptions): Promise<Socket> {
  const family = isIP(options.address);
  if (family === 0) throw invalidAddress(options.address);
  const socket = options.createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    lookup: (host, _options, callback) => callback(null, host, family),
  });
  try {
    await bind(socket, options);
  } catch (cause) {
    socket.close();
    throw bindError('UDP', options, cause);
  }
  bestEffort(() => socket.setRecvBufferSize(options.receiveBufferBytes));
  bestEffort(() => socket.setSendBufferSize(options.sendBufferBytes));
  return socket;
}

function bind(socket: Socket, { address, port }: UdpBindOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/** The operating system's limits on buffers are no reason not to start. */
function bestEffort(setBufferSize: () => void): void {
  try {
    setBufferSize();
  } catch {
    // It keeps the size it has.
  }
}
