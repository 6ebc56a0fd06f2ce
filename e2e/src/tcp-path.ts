import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/** A network between a page and a server, which breaks on request: its connections end without a word, and no new ones come about. */
export class TcpPath {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server, serverPort: number) {
    this.#server = server;
    server.on('connection', (near) => {
      if (this.#isCut) return void near.resetAndDestroy();
      const far = connect(serverPort, HOST);
      this.#couple(near, far);
      this.#couple(far, near);
    });
  }

  /** Leads to a port of this machine. */
  static async open(serverPort: number): Promise<TcpPath> {
    const server = createServer();
    const path = new TcpPath(server, serverPort);
    server.listen(0, HOST);
    await once(server, 'listening');
    return path;
  }

  /** Port at which the server is reached through this path. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  restore(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #couple(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
