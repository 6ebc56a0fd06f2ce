import { connect, createServer, type Server } from 'node:net';
import { couple } from '../couple.ts';
import type { DoorMessage } from '../door.ts';

/** Accepts connections on a socket of another network, and leads them to a port of this one. */
function leadIn(port: number, server: Server): void {
  server.on('connection', (near) => couple(near, connect(port, '127.0.0.1')));
  process.send?.('open');
}

/** Listens in this network, and hands the socket over. */
function handOut(port: number): void {
  const server = createServer().listen(port, '127.0.0.1', () => process.send?.('open', server));
}

process.once('message', ({ leads, port }: DoorMessage, server: Server) => {
  if (leads === 'in') leadIn(port, server);
  else handOut(port);
});
process.once('disconnect', () => process.exit());
