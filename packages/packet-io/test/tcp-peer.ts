import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { onTestFinished } from 'vitest';
import { FrameParser, frameOf } from '../src/tcp/frame-parser.ts';

/** First byte of what the tests take for an authentic check. */
export const CHECK = Buffer.of(0, 1);

/** The other end of a TCP connection, at the level of its bytes. */
export class TcpPeer {
  readonly socket: Socket;
  readonly received: Buffer[] = [];
  readonly closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    const parser = new FrameParser(0xffff);
    socket.on('data', (chunk: Buffer) => {
      parser.parse(chunk, (arena, offset, length) =>
        this.received.push(Buffer.from(arena.subarray(offset, offset + length))),
      );
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    onTestFinished(() => void socket.destroy());
  }

  static async connect(port: number): Promise<TcpPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const peer = new TcpPeer(socket);
    // A connection that is refused may be reset before it is there.
    await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), peer.closed]);
    return peer;
  }

  static async connectTls(port: number): Promise<TcpPeer> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const peer = new TcpPeer(socket);
    await once(socket, 'secureConnect');
    return peer;
  }

  /** Sends datagrams in one segment, as far as TCP keeps it together. */
  send(...datagrams: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(datagrams.map(frameOf)));
  }
}
