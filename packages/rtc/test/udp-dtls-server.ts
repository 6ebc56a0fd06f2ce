import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import type { DtlsCloseReason, DtlsSrtpKeys } from '../src/dtls/dtls-owner.ts';
import { DtlsServer, type DtlsServerOptions } from '../src/dtls/handshake/server.ts';

export interface UdpDtlsServer {
  readonly port: number;
  readonly server: DtlsServer;
  readonly connected: Promise<DtlsSrtpKeys>;
  readonly closed: Promise<DtlsCloseReason>;
  /** Resolves with the next application data. */
  nextData(): Promise<Buffer>;
  close(): Promise<void>;
}

/** A DtlsServer on a real socket on loopback, for the first client. */
export async function openUdpDtlsServer(options: DtlsServerOptions): Promise<UdpDtlsServer> {
  const socket = createSocket('udp4');
  const connected = Promise.withResolvers<DtlsSrtpKeys>();
  const closed = Promise.withResolvers<DtlsCloseReason>();
  const arrived: Buffer[] = [];
  const waiting: ((data: Buffer) => void)[] = [];
  let peer: RemoteInfo | undefined;
  let timer: NodeJS.Timeout | undefined;

  const server = new DtlsServer(options, {
    transmit: (datagram) => socket.send(datagram, peer?.port, peer?.address),
    onConnected: connected.resolve,
    onData(bytes) {
      const data = Buffer.from(bytes);
      const waiter = waiting.shift();
      if (waiter) waiter(data);
      else arrived.push(data);
    },
    onClosed: closed.resolve,
  });
  const schedule = () => {
    clearTimeout(timer);
    const deadline = server.deadline();
    if (deadline === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(
      () => {
        server.timeout(performance.now());
        schedule();
      },
      Math.max(0, deadline - performance.now()),
    );
  };
  socket.on('message', (datagram, remote) => {
    peer ??= remote;
    server.receive(datagram, performance.now());
    schedule();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');

  return {
    port: socket.address().port,
    server,
    connected: connected.promise,
    closed: closed.promise,
    nextData() {
      const data = arrived.shift();
      return data ? Promise.resolve(data) : new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      server.close();
      clearTimeout(timer);
      socket.close();
      await once(socket, 'close');
    },
  };
}
