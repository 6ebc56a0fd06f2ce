import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';

const BINARY = 0x82;
const MASKED = 0x80;

/** Options of a connection. */
export interface RawWebSocketOptions {
  readonly url: string;
  readonly clientID: string;
  readonly authKey: string;
  /** A loopback address to connect from. */
  readonly localAddress: string;
}

/** A WebSocket of which the caller writes the bytes, so that one write can hold thousands of frames. Resolves with its TCP socket. */
export async function openRawWebSocket(options: RawWebSocketOptions): Promise<Socket> {
  const upgrade = request(new URL('/ws', options.url), {
    localAddress: options.localAddress,
    agent: false,
    headers: {
      Authorization: `Basic ${Buffer.from(`${options.clientID}:${options.authKey}`).toString('base64')}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version': '13',
    },
  });
  upgrade.end();
  const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, Socket];
  // The service may cut the connection at any time: that is one of its defenses.
  socket.on('error', () => {});
  return socket;
}

/** One binary frame of a client. Its mask is zero, which leaves the payload readable. */
export function frame(payload: Uint8Array): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([BINARY, MASKED | length])
      : length < 0x1_0000
        ? Buffer.from([BINARY, MASKED | 126, length >>> 8, length & 0xff])
        : Buffer.concat([Buffer.from([BINARY, MASKED | 127, 0, 0, 0, 0]), uint32(length)]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
