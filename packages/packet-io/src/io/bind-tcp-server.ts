import { createServer, isIP, type Server, type Socket } from 'node:net';
import type { BindAddress } from '../packet-io.ts';
import { bindError, invalidAddress } from './bind-error.ts';

/** Connections that wait to be accepted. All of them are accepted in one turn, between which media waits. */
const BACKLOG = 128;

/** Listens on one IPv4 or IPv6 address, for itself alone. Rejects with a `PacketIoError` that names address and port. */
export async function bindTcpServer(
  { address, port }: BindAddress,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  const family = isIP(address);
  if (family === 0) throw invalidAddress(address);
  const server = createServer({ noDelay: true }, onConnection);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host: address, port, exclusive: true, ipv6Only: family === 6, backlog: BACKLOG }, resolve);
  try {
    await promise;
  } catch (cause) {
    throw bindError('TCP', { address, port }, cause);
  }
  server.off('error', reject);
  return server;
}
