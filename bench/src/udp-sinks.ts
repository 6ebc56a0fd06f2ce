import { createSocket, type Socket } from 'node:dgram';

/** Sockets on the loopback interface that take datagrams and forget them. */
export interface UdpSinks {
  readonly ports: readonly number[];
  /** Lets the event loop turn until what was sent has been read, so that the next sample finds empty buffers. */
  drain(): Promise<void>;
  close(): void;
}

export async function openUdpSinks(count: number): Promise<UdpSinks> {
  let received = 0;
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    socket.on('message', () => received++);
    sockets.push(socket);
  }
  return {
    ports: sockets.map((socket) => socket.address().port),
    async drain() {
      let before: number;
      do {
        before = received;
        await new Promise((resolve) => setTimeout(resolve, 1));
      } while (received !== before);
    },
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}
