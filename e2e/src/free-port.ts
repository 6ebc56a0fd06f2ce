import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Highest port that rtcd takes for media. */
const maxMediaPort = 49_151;

/** A TCP port of the loopback interface that was free a moment ago. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A port for media that was free a moment ago for UDP and TCP. The system gives ports from a range that goes beyond what rtcd takes. */
export async function freeMediaPort(): Promise<number> {
  for (;;) {
    const port = await freeTcpPort();
    if (port <= maxMediaPort && (await isFreeForUdp(port))) return port;
  }
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(port);
  try {
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
