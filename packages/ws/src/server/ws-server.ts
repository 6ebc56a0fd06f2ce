import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { notifyListeners, Turns, textOf } from '@rtcd/boundary';
import { newID } from '@rtcd/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { WsError } from '../errors.ts';
import type { CloseInfo } from '../frames.ts';
import { Admission } from './admission.ts';
import { Clients } from './clients.ts';
import { Connection, type WsConnection } from './connection.ts';
import { checkOptions, type ServerSettings, type WsServerOptions, withDefaults } from './options.ts';
import { Refusal, refusalOf, writeRefusal } from './refusal.ts';

/** Events of a `WsServer`. */
export interface WsServerEvents {
  /** A client is authenticated and connected. */
  open: [connection: WsConnection];
  /** A binary message arrived; the bytes belong to the listener. */
  message: [connection: WsConnection, bytes: Uint8Array];
  /** The connection is gone; comes exactly once for each `open`. */
  close: [connection: WsConnection, info: CloseInfo];
  /**
   * A listener of one of these events threw, or its promise was rejected: `listener_failed`, with its error as the cause. Only `open` has a consequence: the connection is
   * closed with 1011. Without a listener for it, the error becomes a warning of the process.
   */
  listenerError: [error: WsError, connection: WsConnection];
}

/** The server side of `/ws` (contract section 3): knows connections and opaque messages, nothing of what they mean. */
export interface WsServer extends EventEmitter<WsServerEvents> {
  /** For the `upgrade` event of a `node:http` or `node:https` server. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Queues one binary message and takes the bytes over: the caller must not change them afterwards. Throws `WsError`
   * `unknown_connection`, `queue_full`, `too_large` or `invalid_message`.
   */
  send(connID: string, bytes: Uint8Array): void;
  /** The open connections. */
  readonly connections: Iterable<WsConnection>;
  readonly connectionCount: number;
  /** The open connection of that ID. */
  connection(connID: string): WsConnection | undefined;
  /** Closes all connections with code 1001 and refuses new ones; bounded by the write and close timeouts. */
  close(): Promise<void>;
}

/** Makes a server that has no port of its own: route upgrades to `handleUpgrade`. Throws `WsError` `invalid_option`. */
export function createWsServer(options: WsServerOptions): WsServer {
  checkOptions(options);
  return new Server(withDefaults(options));
}

const goingAway = () => new Refusal(503, 'the server is shutting down');

class Server extends EventEmitter<WsServerEvents> implements WsServer {
  readonly #settings: ServerSettings;
  readonly #admission: Admission;
  readonly #upgrader: WebSocketServer;
  readonly #connections = new Map<string, Connection>();
  readonly #turns = new Turns();
  readonly #clients: Clients;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(settings: ServerSettings) {
    super();
    this.#settings = settings;
    this.#clients = new Clients(settings.limits.clientWork, settings.clock);
    this.#admission = new Admission(settings, () => this.#connections.size);
    this.#upgrader = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // The frames of one read are not handled in one turn.
      allowSynchronousEvents: false,
      maxPayload: settings.limits.maxMessageBytes,
      // The contract has none; the default would take the first that the client offers.
      handleProtocols: () => false,
    });
    this.#upgrader.on('wsClientError', (error, socket, request) =>
      this.#refuse(request, socket, new Refusal(400, error.message, { cause: error })),
    );
  }

  get connections(): Iterable<WsConnection> {
    return this.#connections.values();
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  connection(connID: string): WsConnection | undefined {
    const connection = this.#connections.get(connID);
    // Messages of a closed one may still be delivered.
    return connection?.isOpen ? connection : undefined;
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onError = () => socket.destroy();
    socket.on('error', onError);
    if (this.#closing !== undefined) {
      this.#refuse(request, socket, goingAway());
      return;
    }
    this.#admission
      .admit(request)
      .then((clientID) => {
        const refusal = this.#checkRoom(clientID);
        if (refusal !== undefined) throw refusal;
        socket.off('error', onError);
        this.#upgrader.handleUpgrade(request, socket, head, (upgraded) => this.#open(upgraded, clientID, request));
      })
      .catch((error: unknown) => this.#refuse(request, socket, refusalOf(error)));
  }

  send(connID: string, bytes: Uint8Array): void {
    const connection = this.#connections.get(connID);
    if (!connection?.isOpen) {
      throw new WsError('unknown_connection', `cannot send: no open connection has the ID ${JSON.stringify(connID)}`);
    }
    const { maxQueueBytesPerClient } = this.#settings.limits;
    const queuedBytes = this.#clients.queuedBytesOf(connection.clientID);
    if (queuedBytes + bytes.length > maxQueueBytesPerClient) {
      throw new WsError('queue_full', `cannot send: the queues of this client are full (${queuedBytes} bytes)`);
    }
    connection.send(bytes);
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers();
      for (const connection of this.#connections.values()) connection.shutDown();
      if (this.#connections.size === 0) this.#closing.resolve();
    }
    return this.#closing.promise;
  }

  /** Asked in the same turn in which the connection opens, so that simultaneous upgrades cannot pass together. */
  #checkRoom(clientID: string): Refusal | undefined {
    if (this.#closing !== undefined) return goingAway();
    const { maxConnectionsPerClient } = this.#settings.limits;
    if (this.#clients.countOf(clientID) < maxConnectionsPerClient) return undefined;
    return new Refusal(429, `too many connections of this client (at most ${maxConnectionsPerClient})`);
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    const { status, message, cause } = refusal;
    const fields = { remoteAddress: request.socket.remoteAddress, status };
    if (status === 500) this.#settings.logger.error({ ...fields, err: cause }, 'websocket upgrade failed');
    else this.#settings.logger.warn({ ...fields, reason: message }, 'websocket upgrade refused');
    writeRefusal(socket, refusal);
  }

  #open(socket: WebSocket, clientID: string, request: IncomingMessage): void {
    const connection: Connection = new Connection(
      socket,
      { connID: newID(), clientID, request },
      this.#settings,
      { turns: this.#turns, clientBudget: this.#clients.budgetOf(clientID) },
      {
        onMessage: (bytes) => this.#notify('message', connection, bytes),
        onClose: (info) => this.#onClose(connection, info),
      },
    );
    this.#connections.set(connection.connID, connection);
    this.#clients.add(connection);
    this.#notify('open', connection);
  }

  #onClose(connection: Connection, info: CloseInfo): void {
    this.#connections.delete(connection.connID);
    this.#clients.remove(connection);
    this.#notify('close', connection, info);
    if (this.#connections.size === 0) this.#closing?.resolve();
  }

  #notify<Name extends 'open' | 'message' | 'close'>(event: Name, ...args: WsServerEvents[Name]): void {
    notifyListeners(this, event, args, (cause) => this.#onListenerError(event, args[0], cause));
  }

  #onListenerError(event: string, connection: WsConnection, cause: unknown): void {
    const { logger } = this.#settings;
    const { connID, clientID } = connection;
    const error = new WsError('listener_failed', `a listener of "${event}" failed: ${textOf(cause)}`, { cause });
    logger.error({ connID, clientID, err: error }, 'listener failed');
    // Its owner may not know the connection: the client has to connect again.
    if (event === 'open') connection.close(1011, 'internal error');
    if (this.listenerCount('listenerError') === 0) process.emitWarning(error);
    notifyListeners(this, 'listenerError', [error, connection], (err) => logger.error({ err }, 'listener failed'));
  }
}
