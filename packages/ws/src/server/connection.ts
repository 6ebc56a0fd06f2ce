import type { IncomingMessage } from 'node:http';
import { type Logger, TokenBucket, type Turns } from '@rtcd/boundary';
import type { RawData, WebSocket } from 'ws';
import { type CloseInfo, closeInfo, toBytes } from '../frames.ts';
import { SendQueue } from '../send-queue.ts';
import { Timer } from '../timer.ts';
import { Inbox } from './inbox.ts';
import { Liveness } from './liveness.ts';
import type { ServerSettings } from './options.ts';

/** One authenticated client connection, as the server's events hand it out. */
export interface WsConnection {
  /** 26 characters, made by the server. */
  readonly connID: string;
  /** Client that `authenticate` returned. */
  readonly clientID: string;
  readonly remoteAddress: string;
  /** Messages that wait to be written to this connection. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /**
   * Charges work that a message has caused, in microseconds of one CPU core, in addition to that of reading it. A sender whose budget is
   * overdrawn is not read from until it has refilled; nothing is lost.
   */
  charge(workUs: number): void;
  /** Writes what is queued, sends a close frame, and ends; bounded by the write and close timeouts. Resolves once it is closed. Idempotent. */
  close(code?: number, reason?: string): Promise<void>;
}

export interface ConnectionOwner {
  onMessage(bytes: Uint8Array): void;
  onClose(info: CloseInfo): void;
}

type ConnectionState =
  | { readonly phase: 'open' }
  /** Queued messages are still sent, then the close frame. */
  | { readonly phase: 'flushing'; readonly code: number; readonly reason: string }
  | { readonly phase: 'closing' };

export class Connection implements WsConnection {
  readonly connID: string;
  readonly clientID: string;
  readonly remoteAddress: string;
  readonly #socket: WebSocket;
  readonly #settings: ServerSettings;
  readonly #logger: Logger;
  readonly #queue: SendQueue;
  readonly #liveness: Liveness;
  readonly #inbox: Inbox;
  readonly #goodbye: Timer;
  readonly #closed = Promise.withResolvers<void>();
  #state: ConnectionState = { phase: 'open' };
  #dropReason: string | undefined;
  #textMessages = 0;

  constructor(
    socket: WebSocket,
    identity: { connID: string; clientID: string; request: IncomingMessage },
    settings: ServerSettings,
    shared: { turns: Turns; clientBudget: TokenBucket },
    owner: ConnectionOwner,
  ) {
    this.connID = identity.connID;
    this.clientID = identity.clientID;
    this.remoteAddress = identity.request.socket.remoteAddress ?? 'unknown';
    this.#socket = socket;
    this.#settings = settings;
    this.#logger = settings.logger.child({ connID: this.connID, clientID: this.clientID });
    this.#goodbye = new Timer(settings.clock, () => this.#drop('did not close in time'));
    this.#queue = new SendQueue({ ...settings.limits, writeTimeoutMs: settings.writeTimeoutMs }, settings.clock, {
      write: (bytes, written) => socket.send(bytes, { binary: true }, () => written()),
      onStalled: () => this.#drop(`no data accepted for ${settings.writeTimeoutMs} ms`),
      onDrained: () => this.#sayGoodbye(),
    });
    this.#liveness = new Liveness(settings, settings.clock, {
      ping: () => socket.ping(),
      onDead: () => this.#drop(`no pong for ${settings.pongTimeoutMs} ms`),
    });
    const budgets = [new TokenBucket(settings.limits.connectionWork, settings.clock.nowMs()), shared.clientBudget];
    this.#inbox = new Inbox(
      { turns: shared.turns, clock: settings.clock, budgets },
      {
        pause: () => {
          socket.pause();
          this.#liveness.suspend();
        },
        resume: () => {
          socket.resume();
          this.#liveness.resume();
        },
        deliver: (bytes) => owner.onMessage(bytes),
      },
    );
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('ping', (data) => this.#inbox.chargeFrame(data.length));
    socket.on('pong', (data) => {
      this.#inbox.chargeFrame(data.length);
      this.#liveness.pong();
    });
    socket.on('error', (error) => this.#onError(error));
    socket.once('close', (code, reason) => this.#onClose(closeInfo(code, reason), owner));
    this.#queue.start();
  }

  /** True while messages can be sent. */
  get isOpen(): boolean {
    return this.#state.phase === 'open' && this.#socket.readyState === this.#socket.OPEN;
  }

  get queuedMessages(): number {
    return this.#queue.messages;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  send(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  charge(workUs: number): void {
    this.#inbox.charge(workUs);
  }

  close(code = 1000, reason = ''): Promise<void> {
    if (this.#state.phase === 'open') {
      this.#state = { phase: 'flushing', code, reason };
      this.#goodbye.start(this.#settings.writeTimeoutMs);
      if (this.#queue.messages === 0) this.#sayGoodbye();
    }
    return this.#closed.promise;
  }

  /** Closes without delivering what still arrives. */
  shutDown(): void {
    this.#inbox.close();
    this.close(1001, 'the server is shutting down');
  }

  #sayGoodbye(): void {
    if (this.#state.phase !== 'flushing') return;
    const { code, reason } = this.#state;
    this.#state = { phase: 'closing' };
    this.#goodbye.start(this.#settings.closeTimeoutMs);
    this.#socket.close(code, reason);
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const bytes = toBytes(data);
    if (isBinary) {
      this.#inbox.push(bytes);
      return;
    }
    this.#inbox.chargeFrame(bytes.length);
    // One line per connection: a client must not be able to fill the log.
    this.#textMessages += 1;
    if (this.#textMessages === 1) this.#logger.warn({}, 'text message ignored: only binary messages are supported');
  }

  /** The client violated the protocol (`ws` has sent it a close frame), or the socket broke. */
  #onError(error: Error): void {
    this.#dropReason ??= error.message;
    this.#state = { phase: 'closing' };
    this.#goodbye.start(this.#settings.closeTimeoutMs);
  }

  #drop(reason: string): void {
    this.#dropReason ??= reason;
    this.#inbox.close();
    this.#socket.terminate();
  }

  #onClose(info: CloseInfo, owner: ConnectionOwner): void {
    this.#liveness.stop();
    this.#goodbye.stop();
    this.#queue.stop();
    this.#state = { phase: 'closing' };
    const closed = this.#dropReason === undefined ? info : { code: info.code, reason: this.#dropReason };
    this.#logger.info({ ...closed, textMessages: this.#textMessages }, 'websocket connection closed');
    this.#inbox.finish(() => {
      owner.onClose(closed);
      this.#closed.resolve();
    });
  }
}
