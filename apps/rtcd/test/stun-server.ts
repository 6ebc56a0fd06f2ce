import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HEADER_SIZE = 20;
const MAGIC_COOKIE = 0x2112a442;
const CHANGE_REQUEST = 0x0003;
const XOR_MAPPED_ADDRESS = 0x0020;
const OTHER_ADDRESS = 0x802c;

export interface StunServer {
  readonly url: string;
  close(): void;
}

/**
 * A STUN server on IPv4 with one address, or with two, the second of which answers a CHANGE-REQUEST (RFC 5780 section 4). Without `sees`, it answers with the
 * true source of a request.
 */
export async function startStunServer(
  addresses: readonly string[] = ['127.0.0.1'],
  port = 0,
  sees?: { readonly address: string; readonly port: number },
): Promise<StunServer> {
  const sockets = await Promise.all(addresses.map((address) => bind(address, port)));
  const [first, second] = sockets;
  first!.on('message', (request: Buffer, from: RemoteInfo) => {
    const isForSecond = request.length > HEADER_SIZE && request.readUInt16BE(HEADER_SIZE) === CHANGE_REQUEST;
    const answer = writeAnswer(request, sees ?? from, second?.address());
    (isForSecond ? second : first)?.send(answer, from.port, from.address);
  });
  const { address, port: boundPort } = first!.address();
  return { url: `stun:${address}:${boundPort}`, close: () => sockets.forEach((socket) => void socket.close()) };
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, address);
  await once(socket, 'listening');
  return socket;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

function writeAnswer(request: Buffer, mapped: Endpoint, other: Endpoint | undefined): Buffer {
  const attributes = [addressAttribute(XOR_MAPPED_ADDRESS, mapped, MAGIC_COOKIE)];
  if (other) attributes.push(addressAttribute(OTHER_ADDRESS, other, 0));
  const body = Buffer.concat(attributes);
  const header = Buffer.from(request.subarray(0, HEADER_SIZE));
  header.writeUInt16BE(0x0101, 0);
  header.writeUInt16BE(body.length, 2);
  return Buffer.concat([header, body]);
}

function addressAttribute(type: number, { address, port }: Endpoint, mask: number): Buffer {
  const attribute = Buffer.alloc(12);
  attribute.writeUInt16BE(type, 0);
  attribute.writeUInt16BE(8, 2);
  attribute.writeUInt16BE(0x0001, 4);
  attribute.writeUInt16BE(port ^ (mask >>> 16), 6);
  const bits = Buffer.from(address.split('.').map(Number)).readUInt32BE(0);
  attribute.writeUInt32BE((bits ^ mask) >>> 0, 8);
  return attribute;
}
