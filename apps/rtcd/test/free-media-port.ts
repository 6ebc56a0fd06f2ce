import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** The range that the configuration allows ends here; the system also hands out ports above. */
const MAX_MEDIA_PORT = 49_151;

/** A UDP port on the loopback address, free a moment ago, that a configuration may name. */
export async function freeMediaPort(): Promise<number> {
  for (;;) {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    await once(socket, 'close');
    if (port <= MAX_MEDIA_PORT) return port;
  }
}
