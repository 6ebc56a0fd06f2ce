import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { TokenBucket } from '@rtcd/boundary';
import type { BindAddress, OnPackets, TlsIdentity } from '../packet-io.ts';
import type { KnownPath, Path, PathId } from '../packet-path.ts';
import type { PathListener, PathTable } from '../plane/path-table.ts';
import { Strangers } from '../tcp/strangers.ts';
import { bindTcpServer } from './bind-tcp-server.ts';
import { ConnectionTable } from './connection-table.ts';
import { FrameBatch } from './frame-batch.ts';
import { FrameBuffer } from './frame-buffer.ts';
import { ServerCertificate } from './server-certificate.ts';
import type { SocketCounters } from './socket-counters.ts';
import { STRANGER_LIMIT_MS, TcpConnection, type TcpConnectionParts } from './tcp-connection.ts';
import type { Carrier } from './udp-sink.ts';

/** Upper bound on the bytes that wait for slow readers, all together. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** TLS handshakes, each of which takes a signature on the thread that forwards media: about a millisecond with an RSA key. */
const HANDSHAKES = { capacity: 200, perSecond: 100 };

export interface TcpTransportOptions {
  readonly paths: PathTable;
  readonly counters: SocketCounters;
  readonly onPackets: OnPackets;
  readonly onPathEnded: (path: PathId) => void;
  readonly onError: (error: Error) => void;
  /** Makes connections TLS that begin with a ClientHello. Without it, they are closed. */
  readonly tls: (() => TlsIdentity) | undefined;
}

/**
 * All TCP connections of a `PacketIo`, each of which is a path: those that peers make, as long as their path is held, and those that `connect` makes. The other side of
 * a path may go away at any time.
 */
export class TcpTransport implements Carrier, PathListener {
  readonly #options: TcpTransportOptions;
  /** By their index among the local addresses. */
  readonly #servers = new Map<number, Server>();
  readonly #connections = new ConnectionTable();
  /** Those that have ended and are being closed, too. */
  readonly #open = new Set<TcpConnection>();
  readonly #strangers = new Strangers();
  readonly #parts: TcpConnectionParts;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** Throws `PacketIoError` `invalid_option` for a certificate that cannot be used. */
  constructor(options: TcpTransportOptions) {
    const { paths, counters, onPackets, tls } = options;
    this.#options = options;
    const certificate = tls && new ServerCertificate(tls);
    const handshakes = new TokenBucket(HANDSHAKES, performance.now());
    this.#parts = {
      paths,
      batch: new FrameBatch(counters, onPackets),
      buffer: new FrameBuffer(),
      budget: { maxBytes: MAX_QUEUED_BYTES, usedBytes: 0 },
      counters,
      secureContext: () => (handshakes.take(1, performance.now()) ? certificate?.context : undefined),
    };
    paths.listener = this;
  }

  /** Number of servers. */
  get size(): number {
    return this.#servers.size;
  }

  /** Listens on an address, as the local address of this index. Rejects with a `PacketIoError` that names address and port. */
  async listen(local: number, address: BindAddress): Promise<AddressInfo> {
    const server = await bindTcpServer(address, (socket) => this.#accept(local, socket));
    server.on('error', this.#options.onError);
    this.#servers.set(local, server);
    return server.address() as AddressInfo;
  }

  /** Connects a held path, unless it has a connection. Does nothing for a local address that is not of TCP, or once closed. */
  connect(id: PathId, path: Path): void {
    const server = this.#servers.get(path.local);
    if (server === undefined || this.#isClosed || this.#connections.find(path) !== undefined) return;
    const { address: localAddress } = server.address() as AddressInfo;
    const socket = connect({ host: path.address, port: path.port, localAddress, noDelay: true });
    this.#add(socket, path).hold(id);
  }

  /** Sends a datagram on its connection. False if there is none. */
  carry(datagram: Uint8Array, path: Path): boolean {
    const connection = this.#connections.find(path);
    connection?.send(datagram);
    return connection !== undefined;
  }

  onHeld(id: PathId, path: KnownPath): void {
    const connection = this.#connections.find(path);
    if (connection === undefined || connection.path !== undefined) return;
    this.#strangers.leave(path.address);
    connection.hold(id);
  }

  onReleased(_id: PathId, path: KnownPath): void {
    this.#connections.find(path)?.end();
  }

  /** Stops listening and ends all connections. Resolves once they are closed; calling it again gives the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    const servers = Array.from(this.#servers.values(), closeServer);
    for (const connection of this.#connections.all()) connection.end();
    await Promise.all([...servers, ...Array.from(this.#open, ({ closed }) => closed)]);
  }

  #accept(local: number, socket: Socket): void {
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined) return void socket.destroy(); // gone already
    if (!this.#strangers.admit(address)) {
      this.#options.counters.connectionDrops++;
      return void socket.resetAndDestroy();
    }
    this.#add(socket, { local, address, port });
  }

  #add(socket: Socket, path: Path): TcpConnection {
    const connection = new TcpConnection(socket, path, this.#parts, () => this.#ended(connection));
    this.#open.add(connection);
    connection.closed.then(() => this.#open.delete(connection));
    this.#connections.add(connection);
    this.#options.counters.connections++;
    return connection;
  }

  #ended(connection: TcpConnection): void {
    const { paths, counters, onPathEnded } = this.#options;
    this.#connections.delete(connection);
    counters.connections--;
    if (connection.path === undefined) this.#strangerEnded(connection);
    else if (!this.#isClosed && paths.endPath(connection.path)) onPathEnded(connection.path);
  }

  /** Keeps the place of a stranger for all of its time, so that a network which connects again and again gets no more of them. */
  #strangerEnded({ remote: { address }, sinceMs }: TcpConnection): void {
    const restMs = STRANGER_LIMIT_MS - (performance.now() - sinceMs);
    setTimeout(() => this.#strangers.leave(address), Math.max(0, restMs)).unref();
  }
}

/** Resolves once a server has stopped to listen, and all its connections are closed. */
const closeServer = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
