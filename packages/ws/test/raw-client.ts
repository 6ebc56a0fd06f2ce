import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A frame as an attacker would build it (RFC 6455 section 5.2); by default a correct masked binary one. */
export function frame(
  payload: Uint8Array,
  {
    fin = true,
    rsv = 0,
    opcode = 2,
    masked = true,
    claimedLength = payload.length,
  }: { fin?: boolean; rsv?: number; opcode?: number; masked?: boolean; claimedLength?: number } = {},
): Buffer {
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = (masked ? 0x80 : 0) | 127;
  header.writeBigUInt64BE(BigInt(claimedLength), 2);
  const short = Buffer.from([first, (masked ? 0x80 : 0) | Math.min(claimedLength, 125)]);
  // An all-zero mask leaves the payload as it is.
  return Buffer.concat([claimedLength > 125 ? header : short, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

export const upgradeRequest = (clientID: string, extra = ''): string =>
  [
    'GET /ws HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Authorization: Basic ${Buffer.from(`${clientID}:key`).toString('base64')}`,
    `${extra}\r\n`,
  ].join('\r\n');

/** A TCP connection that ends with the test. */
export async function rawConnect(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

/** A TCP connection that went through the upgrade, reads nothing from then on and answers nothing. */
export async function rawUpgrade(port: number, clientID: string, localAddress?: string): Promise<Socket> {
  const socket = await rawConnect(port, localAddress);
  socket.write(upgradeRequest(clientID));
  await once(socket, 'readable');
  socket.read();
  return socket;
}

/** Sends an HTTP request by hand and reads the whole answer. */
export async function rawAnswer(port: number, request: string): Promise<string> {
  const socket = await rawConnect(port);
  socket.write(request);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}
