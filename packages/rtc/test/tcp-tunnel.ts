import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const HOST = '127.0.0.1';

export interface TcpTunnelOptions {
  /** Passes bytes on in pieces of this size. Default: as they come. */
  readonly pieceBytes?: number;
  /** Speaks TLS with the server. */
  readonly tls?: boolean;
}

/** A network between TCP peers and a server: cuts their bytes into pieces, wraps them in TLS, stops to deliver them, or breaks. */
export class TcpTunnel {
  readonly #options: TcpTunnelOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #farEnds = new Set<Socket>();
  /** Port that the tunnel leads to. */
  serverPort = 0;
  /** Connections made through it so far. */
  connections = 0;

  private constructor(options: TcpTunnelOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (near) => this.#connected(near));
  }

  static async open(options: TcpTunnelOptions = {}): Promise<TcpTunnel> {
    const tunnel = new TcpTunnel(options);
    tunnel.#server.listen(0, HOST);
    await once(tunnel.#server, 'listening');
    return tunnel;
  }

  /** Port at which peers enter. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Delivers nothing from the server any more: its connections fill up. */
  stall(): void {
    for (const far of this.#farEnds) far.pause();
  }

  resume(): void {
    for (const far of this.#farEnds) far.resume();
  }

  /** Resets all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connected(near: Socket): void {
    this.connections += 1;
    const to = { host: HOST, port: this.serverPort };
    const far = this.#options.tls
      ? connectTls({ ...to, rejectUnauthorized: false })
      : connect({ ...to, noDelay: true });
    this.#farEnds.add(far);
    this.#couple(near, far);
    this.#couple(far, near);
  }

  #couple(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      const size = this.#options.pieceBytes ?? chunk.length;
      for (let at = 0; at < chunk.length; at += size) to.write(chunk.subarray(at, at + size));
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      this.#farEnds.delete(from);
      to.destroy();
    });
  }
}
