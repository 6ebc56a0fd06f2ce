import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type ClientMessage,
  decodeClientMessage,
  encodeClientMessage,
  ProtocolError,
  type RtcMessage,
  RtcMessageType,
  type SessionConfig,
} from '@rtcd/protocol';
import { createWsServer, type WsServer } from '@rtcd/ws/server';
import { FakeClients, Refused } from './fake-clients.ts';
import { handleHttp } from './fake-http.ts';
import { FakeSessions } from './fake-sessions.ts';
import { type ReceivedMessage, ReceivedMessages } from './received-messages.ts';

/** Settings of `startFakeRtcd`. Each has a default. */
export interface FakeRtcdOptions {
  /** Auth key of each clientID that is registered from the start. */
  readonly clients?: Readonly<Record<string, string>>;
  /** Default true. */
  readonly allowSelfRegistration?: boolean;
  /** The auth key of the admin. Default: there is none. */
  readonly adminSecretKey?: string;
  /** Version that `/version` reports. Default `dev`, which passes every check for a minimum. */
  readonly buildVersion?: string;
  /** Speaks TLS with this certificate; PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Starts a fake rtcd on a free loopback port. */
export async function startFakeRtcd(options: FakeRtcdOptions = {}): Promise<FakeRtcd> {
  return new FakeRtcd(options, await listen(options.tls));
}

/** An rtcd without media, as its clients see it, and the strings a test pulls. */
export class FakeRtcd {
  /** `http://127.0.0.1:<free port>`, or https. */
  readonly url: string;
  readonly port: number;
  /** Load that `/system` reports; undefined makes it fail. */
  cpuLoad: number | undefined = 0.1;
  /** Answers 401 to every request. */
  refusesAuth = false;
  readonly #http: Server;
  readonly #ws: WsServer;
  readonly #clients: FakeClients;
  readonly #received = new ReceivedMessages();
  readonly #sessions = new FakeSessions((connID, message) => this.send(connID, message));
  readonly #webSockets = new Set<Duplex>();

  constructor(options: FakeRtcdOptions, http: Server) {
    this.port = (http.address() as AddressInfo).port;
    this.url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
    this.#clients = new FakeClients(options.clients ?? {}, options.adminSecretKey ?? '');
    this.#ws = createWsServer({ authenticate: async (request) => ({ clientID: this.#authenticate(request) }) });
    this.#ws.on('open', ({ connID, clientID }) => this.send(connID, { type: 'hello', data: { clientID, connID } }));
    this.#ws.on('message', ({ connID, clientID }, bytes) => this.#onMessage(clientID, connID, bytes));
    this.#http = http;
    http.on('request', this.#httpHandler(options));
    http.on('upgrade', (request, socket, head) => {
      this.#webSockets.add(socket);
      socket.once('close', () => this.#webSockets.delete(socket));
      this.#ws.handleUpgrade(request, socket, head);
    });
  }

  /** Auth key of each registered clientID; change it as you like. */
  get clients(): Map<string, string> {
    return this.#clients.keys;
  }

  /** The open connections, oldest first. */
  get connections(): readonly { readonly clientID: string; readonly connID: string }[] {
    return [...this.#ws.connections].map(({ clientID, connID }) => ({ clientID, connID }));
  }

  /** All sessions of all calls. */
  get sessions(): readonly SessionConfig[] {
    return this.#sessions.configs;
  }

  /** Every valid message so far. */
  get received(): readonly ReceivedMessage[] {
    return this.#received.all;
  }

  /** The first message that matches and was not returned before, now or when it comes. */
  nextMessage(matches: (received: ReceivedMessage) => boolean = () => true): Promise<ReceivedMessage> {
    return this.#received.next(matches);
  }

  /** Answers a join for a new call with `close`. */
  get isDraining(): boolean {
    return this.#sessions.isDraining;
  }

  /** Sessions that are there stay, and others may still join their calls. */
  set isDraining(isDraining: boolean) {
    this.#sessions.isDraining = isDraining;
  }

  /** Sends any message, or any bytes, on one connection. */
  send(connID: string, message: ClientMessage | Uint8Array): void {
    if (this.#ws.connection(connID) === undefined) return;
    this.#ws.send(connID, message instanceof Uint8Array ? message : encodeClientMessage(message));
  }

  /** Sends signaling to wherever the session's messages go. Throws if there is no such session. */
  sendRtc(message: RtcMessage): void {
    const connID = this.#sessions.connIDOf(message.sessionID);
    if (connID === undefined) throw new Error(`no session ${message.sessionID} has joined`);
    const isVad = message.type === RtcMessageType.VoiceOn || message.type === RtcMessageType.VoiceOff;
    this.send(connID, { type: isVad ? 'vad' : 'rtc', data: message });
  }

  /** Ends a session, which its client hears. */
  closeSession(sessionID: string): void {
    this.#sessions.close(sessionID);
  }

  /** Cuts every WebSocket without a word. */
  cutConnections(): void {
    for (const socket of this.#webSockets) socket.destroy();
  }

  /** Forgets registrations and sessions and cuts every WebSocket, as a restart with an empty store does. */
  restart(): void {
    this.#clients.keys.clear();
    this.#sessions.clear();
    this.cutConnections();
  }

  /** Cuts everything and frees the port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    this.cutConnections();
    await Promise.all([closed, this.#ws.close()]);
  }

  #authenticate(request: IncomingMessage): string {
    if (this.refusesAuth) throw new Refused(401, 'authentication failed');
    return this.#clients.authenticate(request.headers.authorization);
  }

  #onMessage(clientID: string, connID: string, bytes: Uint8Array): void {
    const message = decode(bytes);
    if (message === undefined) return;
    this.#sessions.handle(clientID, connID, message);
    this.#received.push({ clientID, connID, message });
  }

  #httpHandler({ allowSelfRegistration = true, buildVersion = 'dev' }: FakeRtcdOptions) {
    const routes = {
      clients: this.#clients,
      sessions: this.#sessions,
      version: versionOf(buildVersion),
      allowSelfRegistration,
      authenticate: (request: IncomingMessage) => this.#authenticate(request),
    };
    return (request: IncomingMessage, response: ServerResponse): void => {
      handleHttp({ ...routes, cpuLoad: this.cpuLoad }, request, response).catch((error) => response.destroy(error));
    };
  }
}

async function listen(tls: FakeRtcdOptions['tls']): Promise<Server> {
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function versionOf(buildVersion: string): Readonly<Record<string, string>> {
  const { version, platform, arch } = process;
  return { buildDate: '', buildVersion, buildHash: '', goVersion: version, goOS: platform, goArch: arch };
}

function decode(bytes: Uint8Array): ClientMessage | undefined {
  try {
    return decodeClientMessage(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
