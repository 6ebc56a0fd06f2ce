import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { couple } from './couple.ts';
import type { Host } from './host.ts';

export interface DoorMessage {
  readonly leads: 'in' | 'out';
  /** Loopback port of the host. */
  readonly port: number;
}

/** A way between this machine and a host that does not use the network: processes hand sockets to each other whatever their namespaces. */
export interface Door {
  /** Loopback port at which it begins. */
  readonly port: number;
  close(): void;
}

const PROGRAM = new URL('programs/door.ts', import.meta.url);

/** Leads from a free loopback port of this machine to one of a host. */
export async function openDoorIn(host: Host, port: number): Promise<Door> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const process = host.fork(PROGRAM);
  process.send({ leads: 'in', port } satisfies DoorMessage, server);
  await once(process, 'message');
  const { port: here } = server.address() as AddressInfo;
  // The host's process accepts the connections.
  server.close();
  return { port: here, close: () => process.disconnect() };
}

/** Leads from a loopback port of a host to one of this machine. */
export async function openDoorOut(host: Host, port: number, here: number): Promise<Door> {
  const process = host.fork(PROGRAM);
  process.send({ leads: 'out', port } satisfies DoorMessage);
  const [, server] = (await once(process, 'message')) as [string, Server];
  process.disconnect();
  server.on('connection', (near) => couple(near, connect(here, '127.0.0.1')));
  return { port, close: () => void server.close() };
}
