import { EventEmitter } from 'node:events';
import { textOf } from '@rtcd/boundary';
import type { ClientMessage, JoinData, RtcMessage, SessionConfig, SystemInfo, VersionInfo } from '@rtcd/protocol';
import { checkCallOptions, checkID, checkMessage, checkText } from './arguments.ts';
import type { CallOptions, RtcdClientEvents, RtcdClientPhase } from './client-events.ts';
import { type ClientSettings, parseConfig, type RtcdClientConfig } from './config.ts';
import { Connection } from './connection.ts';
import { RtcdClientError } from './errors.ts';
import { HttpApi } from './http-api.ts';
import { connectOrRegister } from './register-on-demand.ts';
import { supportsVersion } from './version.ts';
import { aborted, reconnectWaitMs, wait } from './waiting.ts';

type State =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'connected'; readonly connection: Connection; readonly connID: string }
  | { readonly phase: 'reconnecting' }
  | { readonly phase: 'closed'; readonly done: Promise<void> };

/** A client of one rtcd: registration, one WebSocket that reconnects by itself, and requests over HTTP. */
export class RtcdClient extends EventEmitter<RtcdClientEvents> {
  readonly #settings: ClientSettings;
  readonly #api: HttpApi;
  /** Sessions that joined through this client and are not known to be over. */
  readonly #sessions = new Set<string>();
  /** Fires when the client closes: ends requests, attempts to connect and waits. */
  readonly #lifetime = new AbortController();
  #state: State = { phase: 'idle' };

  /** Throws `RtcdClientError` `invalid_option` with the contract's message (section 8). */
  constructor(config: RtcdClientConfig) {
    super();
    this.#settings = parseConfig(config);
    this.#api = new HttpApi(this.#settings);
    const { signal } = this.#settings;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** `reconnecting` also while it waits to try again. */
  get phase(): RtcdClientPhase {
    return this.#state.phase;
  }

  /** Id that rtcd gave the current connection. */
  get connID(): string | undefined {
    return this.#state.phase === 'connected' ? this.#state.connID : undefined;
  }

  /** Connects and waits for the hello; from then on it reconnects by itself. Rejects with a RtcdClientError, and may be called again. */
  async connect(options: CallOptions = {}): Promise<void> {
    const signal = this.#signalFor(options);
    if (this.#state.phase !== 'idle') {
      throw new RtcdClientError('already_connected', 'ws client is already initialized');
    }
    this.#state = { phase: 'connecting' };
    try {
      await this.#open(signal);
    } catch (error) {
      if (this.phase === 'connecting') this.#state = { phase: 'idle' };
      throw error;
    }
  }

  /** Queues a message. Throws `RtcdClientError` `not_connected`, `queue_full`, `too_large`, `invalid_message` or `closed`. */
  send(message: ClientMessage): void {
    checkMessage(message);
    this.#checkOpen();
    if (this.#state.phase !== 'connected') throw new RtcdClientError('not_connected', 'ws client is not initialized');
    this.#state.connection.send(message);
    if (message.type === 'join') this.#sessions.add(message.data.sessionID);
    if (message.type === 'leave') this.#sessions.delete(message.data.sessionID);
  }

  /** Adds a session to a call. Throws as `send` does. */
  join(data: JoinData): void {
    this.send({ type: 'join', data });
  }

  /** Ends a session; rtcd answers with `sessionClosed`. Throws as `send` does. */
  leave(sessionID: string): void {
    checkID('sessionID', sessionID);
    this.send({ type: 'leave', data: { sessionID } });
  }

  /** Claims a session that joined through another connection of this clientID: its messages come here. Throws as `send` does. */
  reconnect(sessionID: string): void {
    checkID('sessionID', sessionID);
    this.send({ type: 'reconnect', data: { sessionID } });
    this.#sessions.add(sessionID);
  }

  /** Passes on what a session's user sent. Throws as `send` does. */
  sendRtc(data: RtcMessage): void {
    this.send({ type: 'rtc', data });
  }

  /** Registers a client, by default this one. Rejects with a RtcdClientError. */
  async register(options: CallOptions & { readonly clientID?: string; readonly authKey?: string } = {}): Promise<void> {
    const signal = this.#signalFor(options);
    const { clientID = this.#settings.clientID, authKey = this.#settings.authKey } = options;
    checkText('clientID', clientID);
    checkText('authKey', authKey);
    await this.#api.register(clientID, authKey, signal);
  }

  /** Unregisters a client, by default this one. Rejects with a RtcdClientError. */
  async unregister(options: CallOptions & { readonly clientID?: string } = {}): Promise<void> {
    const signal = this.#signalFor(options);
    const { clientID = this.#settings.clientID } = options;
    checkText('clientID', clientID);
    await this.#api.unregister(clientID, signal);
  }

  /** Rejects with a RtcdClientError. */
  async getVersionInfo(options: CallOptions = {}): Promise<VersionInfo> {
    return this.#api.versionInfo(this.#signalFor(options));
  }

  /** Rejects with a RtcdClientError. */
  async getSystemInfo(options: CallOptions = {}): Promise<SystemInfo> {
    return this.#api.systemInfo(this.#signalFor(options));
  }

  /** All sessions of a call. Rejects with a RtcdClientError whose `status` is 404 if there is no such call. */
  async getSessions(callID: string, options: CallOptions = {}): Promise<readonly SessionConfig[]> {
    checkID('callID', callID);
    return this.#api.sessions(callID, this.#signalFor(options));
  }

  /** One session of a call. Rejects with a RtcdClientError whose `status` is 404 if there is none. */
  async getSession(callID: string, sessionID: string, options: CallOptions = {}): Promise<SessionConfig> {
    checkID('callID', callID);
    checkID('sessionID', sessionID);
    return this.#api.session(callID, sessionID, this.#signalFor(options));
  }

  /** Sends what is queued, then closes permanently. Sessions continue in rtcd. Idempotent. */
  close(): Promise<void> {
    return this.#close(undefined, 'flush');
  }

  #close(reason: RtcdClientError | undefined, manner: 'flush' | 'cut'): Promise<void> {
    const state = this.#state;
    if (state.phase === 'closed') return state.done;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#state = { phase: 'closed', done: promise };
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    this.#lifetime.abort(closedError(reason));
    if (state.phase === 'connected' && manner === 'cut') state.connection.cut();
    const connectionClosed = state.phase === 'connected' ? state.connection.close() : Promise.resolve();
    connectionClosed.then(() => {
      this.emit('closed', reason);
      resolve();
    });
    return promise;
  }

  readonly #onAbort = (): void => {
    const { signal } = this.#settings;
    if (signal !== undefined) this.#close(aborted(signal), 'cut');
  };

  #checkOpen(): void {
    if (this.#state.phase === 'closed') throw closedError(undefined);
  }

  #signalFor(options: CallOptions): AbortSignal {
    checkCallOptions(options);
    const { signal } = options;
    this.#checkOpen();
    return signal === undefined ? this.#lifetime.signal : AbortSignal.any([this.#lifetime.signal, signal]);
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { clientID, authKey, registerOnDemand } = this.#settings;
    await this.#checkVersion(signal);
    await connectOrRegister({
      connect: () => this.#newConnection().hello(signal),
      ...(registerOnDemand && { register: () => this.#api.register(clientID, authKey, signal) }),
    });
  }

  async #checkVersion(signal: AbortSignal): Promise<void> {
    const { minVersion } = this.#settings;
    if (minVersion === undefined) return;
    const { buildVersion } = await this.#api.versionInfo(signal);
    if (supportsVersion(buildVersion, minVersion)) return;
    throw new RtcdClientError(
      'unsupported_version',
      `rtcd version is ${buildVersion}: at least ${minVersion} is required`,
    );
  }

  #newConnection(): Connection {
    const connection: Connection = new Connection(this.#settings, {
      onHello: (connID) => this.#onHello(connection, connID),
      onMessage: (message) => this.#onMessage(message),
      onError: (error) => this.#report(error),
      onClose: (reason) => this.#onDisconnect(connection, reason),
    });
    return connection;
  }

  #onHello(connection: Connection, connID: string): void {
    const { phase } = this.#state;
    if (phase === 'closed') {
      connection.cut();
      return;
    }
    const reconnected = phase === 'reconnecting';
    this.#state = { phase: 'connected', connection, connID };
    if (reconnected && this.#settings.resumeSessions) this.#resumeSessions(connection);
    this.emit('connected', { connID, reconnected });
  }

  #resumeSessions(connection: Connection): void {
    for (const sessionID of this.#sessions) {
      try {
        connection.send({ type: 'reconnect', data: { sessionID } });
      } catch (error) {
        this.#report(error as RtcdClientError);
      }
    }
  }

  #onMessage(message: ClientMessage): void {
    this.emit('message', message);
    switch (message.type) {
      case 'rtc':
        this.emit('rtc', message.data);
        break;
      case 'vad':
        this.emit('vad', message.data);
        break;
      case 'close':
        this.#sessions.delete(message.data.sessionID);
        this.emit('sessionClosed', message.data.sessionID);
        break;
    }
  }

  #onDisconnect(connection: Connection, reason: RtcdClientError): void {
    if (this.#state.phase !== 'connected' || this.#state.connection !== connection) return;
    this.#state = { phase: 'reconnecting' };
    this.emit('disconnected', reason);
    this.#reconnectLoop().catch((error: RtcdClientError) => {
      if (this.#state.phase === 'closed') return;
      this.#report(error);
      this.#close(error, 'cut');
    });
  }

  /** Ends with a connection, or by throwing when the callback stops it or the client closes. */
  async #reconnectLoop(): Promise<void> {
    const { clock, reconnectIntervalMs, onReconnect } = this.#settings;
    const { signal } = this.#lifetime;
    for (let attempt = 1; ; attempt++) {
      await wait(clock, reconnectWaitMs(attempt, reconnectIntervalMs), signal);
      try {
        await onReconnect(attempt);
      } catch (cause) {
        throw new RtcdClientError('reconnect_stopped', `reconnect callback failed: ${textOf(cause)}`, { cause });
      }
      if (signal.aborted) throw aborted(signal);
      try {
        await this.#open(signal);
        return;
      } catch (cause) {
        if (signal.aborted) throw aborted(signal);
        this.#report(new RtcdClientError('connect_failed', `failed to re-connect: ${textOf(cause)}`, { cause }));
      }
    }
  }

  #report(error: RtcdClientError): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else this.#settings.logger.error({ err: error }, 'rtcd client error');
  }
}

function closedError(cause: RtcdClientError | undefined): RtcdClientError {
  return new RtcdClientError('closed', 'ws client is closed', cause === undefined ? {} : { cause });
}
