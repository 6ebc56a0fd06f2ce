import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { eachPacket, openPacketIo } from '@rtcd/packet-io';

/** A server and the way to it. */
export interface ServerTarget {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** IP address. */
  readonly address: string;
  readonly port: number;
  /** Name that the certificate has to be for, with TLS. */
  readonly host: string;
}

/** Receives what arrives on a `ServerConnection`, and its end. */
export interface ServerHandlers {
  /** A datagram, or the next bytes of a stream. Borrowed until return. */
  onBytes(bytes: Buffer): void;
  /** The connection ended by itself. Not called after `close`. */
  onEnd(reason: string): void;
}

/** A connection to a server, made by us. */
export interface ServerConnection {
  /** Datagrams and messages that were not sent, as too much waits already, or as the operating system refused. */
  readonly drops: number;
  /** Sends a datagram, or a whole message of a stream. Borrowed until return. */
  send(bytes: Uint8Array): void;
  /** Ends the connection once everything was sent. */
  close(): void;
}

/** A server whose certificate was not accepted. */
export class UntrustedServerError extends Error {}

/** Connects to a server. Rejects if that fails, with `UntrustedServerError` because of its certificate. */
export type ConnectToServer = (target: ServerTarget, handlers: ServerHandlers) => Promise<ServerConnection>;

/** Media that waits for a slow server longer than this takes is late. */
const MAX_WAITING_BYTES = 256 * 1024;
const CONNECT_LIMIT_MS = 5_000;
/** A server that does not read its last messages does not keep the process alive. */
const CLOSE_LIMIT_MS = 1_000;

/** Connects over a socket of its own, from any local address: the kernel chooses the one that leads there. */
export const connectToServer: ConnectToServer = (target, handlers) =>
  target.transport === 'udp' ? connectUdp(target, handlers) : connectStream(target, handlers);

async function connectUdp({ address, port }: ServerTarget, handlers: ServerHandlers): Promise<ServerConnection> {
  let server = -1;
  const io = await openPacketIo({
    addresses: [{ address: isIP(address) === 4 ? '0.0.0.0' : '::', port: 0 }],
    onPackets: eachPacket((packet, path) => {
      // Anyone can send to the port.
      if (path === server) handlers.onBytes(Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength));
    }),
  });
  server = io.openPath({ local: 0, address, port });
  return {
    get drops() {
      const { queueFullDrops, sendErrors } = io.stats();
      return queueFullDrops + sendErrors;
    },
    send: (bytes) => io.transmit(bytes, server),
    close: () => void io.close(),
  };
}

async function connectStream(target: ServerTarget, handlers: ServerHandlers): Promise<ServerConnection> {
  const socket = await connected(target);
  socket.setNoDelay(true);
  let isClosed = false;
  let drops = 0;
  const end = (reason: string): void => {
    if (isClosed) return;
    isClosed = true;
    socket.destroy();
    handlers.onEnd(reason);
  };
  socket.on('data', (bytes: Buffer) => {
    if (!isClosed) handlers.onBytes(bytes);
  });
  socket.on('error', (error) => end(error.message));
  socket.on('close', () => end('closed by the server'));
  return {
    get drops() {
      return drops;
    },
    send: (bytes) => {
      if (isClosed || socket.writableLength + bytes.length > MAX_WAITING_BYTES) drops++;
      else socket.write(bytes.slice());
    },
    close: () => {
      isClosed = true;
      socket.destroySoon();
      // Not by the socket's own timer, which restarts with each byte that the server sends.
      setTimeout(() => socket.destroy(), CLOSE_LIMIT_MS).unref();
    },
  };
}

function connected({ transport, address, port, host }: ServerTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket =
      transport === 'tls'
        ? connectTls({ host: address, port, ...(isIP(host) === 0 && { servername: host }) })
        : connectTcp({ host: address, port });
    const fail = (error: Error): void => {
      clearTimeout(limit);
      socket.destroy();
      reject(isUntrusted(socket) ? new UntrustedServerError(`certificate not accepted: ${error.message}`) : error);
    };
    const limit = setTimeout(() => fail(new Error('no answer to the connection attempt')), CONNECT_LIMIT_MS);
    socket.once('error', fail);
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(limit);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

const isUntrusted = (socket: Socket): boolean => socket instanceof TLSSocket && Boolean(socket.authorizationError);
