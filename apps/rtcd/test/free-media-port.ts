import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const HOST = '127.0.0.1';

/** The range that the configuration allows ends here; the system also hands out ports above. */
const MAX_MEDIA_PORT = 49_151;

/** A port on the loopback address, free a moment ago for UDP and TCP, that a configuration may name. */
export async function freeMediaPort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const isFree = port <= MAX_MEDIA_PORT && (await isFreeForUdp(port));
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(port, HOST);
  try {
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
