import { EventEmitter } from 'node:events';
import { type RawData, WebSocket } from 'ws';
import { WsError } from '../errors.ts';
import { type CloseInfo, closeInfo, deliver, toBytes } from '../frames.ts';
import { SendQueue } from '../send-queue.ts';
import { Timer } from '../timer.ts';
import { type ClientSettings, checkConfig, type WsClientConfig } from './config.ts';
import { SilenceWatch } from './silence-watch.ts';
import { readRefusal } from './upgrade-refused.ts';

/** Events of a `WsClient`. */
export interface WsClientEvents {
  open: [];
  /** A binary message arrived; the bytes belong to the listener. */
  message: [bytes: Uint8Array];
  /** An error, always a `WsError`; `close` follows. As with every emitter, an error without a listener is thrown. */
  error: [error: WsError];
  /** The connection is over; comes exactly once, and last. */
  close: [info: CloseInfo];
}

/** One connection to the `/ws` route of an rtcd (contract section 3). It does not reconnect: make another. */
export interface WsClient extends EventEmitter<WsClientEvents> {
  /** The name of this connection on this side (`config.connID`, or made). */
  readonly connID: string;
  /**
   * Queues one binary message, also before `open`, and takes the bytes over: the caller must not change them afterwards. Throws
   * `WsError` `queue_full`, `too_large` or `closed`.
   */
  send(bytes: Uint8Array): void;
  /** Sends what is queued, then a close frame; resolves when the connection is over, at the latest after the write and close timeouts. */
  close(): Promise<void>;
}

/** Connects to a server. Throws `WsError` `invalid_option` with the contract's message. */
export const connectWsClient = (config: WsClientConfig): WsClient => new Client(checkConfig(config));

type Phase =
  | 'connecting'
  | 'open'
  /** `close()` was called: what is queued still goes out. */
  | 'flushing'
  /** The close frame is sent, or the socket is being torn down. */
  | 'closing'
  | 'closed';

class Client extends EventEmitter<WsClientEvents> implements WsClient {
  readonly connID: string;
  readonly #settings: ClientSettings;
  readonly #socket: WebSocket;
  readonly #queue: SendQueue;
  readonly #connectDeadline: Timer;
  readonly #goodbye: Timer;
  readonly #silence: SilenceWatch;
  readonly #closed = Promise.withResolvers<void>();
  readonly #onAbort = () => this.#fail(new WsError('aborted', 'the connection was aborted'));
  #phase: Phase = 'connecting';
  #bytesRead = () => 0;
  #hasTextMessages = false;

  constructor(settings: ClientSettings) {
    super();
    this.#settings = settings;
    this.connID = settings.connID;
    const { clock, connectTimeoutMs, silenceTimeoutMs } = settings;
    this.#queue = new SendQueue(settings, clock, {
      write: (bytes, written) => this.#socket.send(bytes, { binary: true }, () => written()),
      onStalled: () => this.#fail(timeout(`the server accepted no data for ${settings.writeTimeoutMs} ms`)),
      onDrained: () => this.#sayGoodbye(),
    });
    this.#connectDeadline = new Timer(clock, () => this.#fail(timeout(`no connection within ${connectTimeoutMs} ms`)));
    this.#goodbye = new Timer(clock, () => this.#giveUpClosing());
    this.#silence = new SilenceWatch(
      silenceTimeoutMs,
      clock,
      () => this.#bytesRead(),
      () => this.#fail(timeout(`no data from the server for ${silenceTimeoutMs} ms`)),
    );
    this.#socket = this.#connect();
    this.#connectDeadline.start(connectTimeoutMs);
    settings.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (settings.signal?.aborted) process.nextTick(this.#onAbort);
  }

  send(bytes: Uint8Array): void {
    const isOpening = this.#phase === 'connecting';
    const isOpen = this.#phase === 'open' && this.#socket.readyState === WebSocket.OPEN;
    if (!isOpening && !isOpen) throw new WsError('closed', 'cannot send: the connection is closed');
    this.#queue.push(bytes);
  }

  close(): Promise<void> {
    if (this.#phase === 'connecting' && this.#queue.messages === 0) {
      this.#phase = 'closing';
      this.#socket.terminate();
    } else if (this.#phase === 'connecting' || this.#phase === 'open') {
      this.#phase = 'flushing';
      this.#goodbye.start(this.#settings.writeTimeoutMs);
      if (this.#queue.messages === 0) this.#sayGoodbye();
    }
    return this.#closed.promise;
  }

  #connect(): WebSocket {
    const { url, headers, dial, maxMessageBytes } = this.#settings;
    const socket = new WebSocket(url, {
      ...dial,
      headers,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
    });
    socket.once('upgrade', (response) => {
      this.#bytesRead = () => response.socket.bytesRead;
    });
    socket.once('open', () => this.#onOpen());
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.once('unexpected-response', (_request, response) => readRefusal(response, (error) => this.#fail(error)));
    socket.on('error', (error) => this.#onError(error));
    socket.once('close', (code, reason) => this.#onClose(closeInfo(code, reason)));
    return socket;
  }

  #onOpen(): void {
    this.#connectDeadline.stop();
    this.#silence.start();
    if (this.#phase === 'connecting') {
      this.#phase = 'open';
      this.emit('open');
    }
    this.#queue.start();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      deliver(() => this.emit('message', toBytes(data)));
    } else if (!this.#hasTextMessages) {
      this.#hasTextMessages = true;
      this.#settings.logger.warn({ connID: this.connID }, 'text message ignored: only binary messages are supported');
    }
  }

  #onError(cause: Error): void {
    const [code, what] =
      this.#phase === 'connecting'
        ? (['connect_failed', 'cannot connect'] as const)
        : (['connection_lost', 'connection lost'] as const);
    this.#fail(new WsError(code, `${what}: ${cause.message}`, { cause }));
  }

  #fail(error: WsError): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#phase = 'closing';
    this.#socket.terminate();
    this.emit('error', error);
  }

  #sayGoodbye(): void {
    if (this.#phase !== 'flushing') return;
    this.#phase = 'closing';
    this.#goodbye.start(this.#settings.closeTimeoutMs);
    this.#socket.close(1000);
  }

  #giveUpClosing(): void {
    if (this.#phase === 'flushing')
      this.#fail(timeout('queued messages could not be sent before the connection closed'));
    else this.#socket.terminate();
  }

  #onClose(info: CloseInfo): void {
    if (this.#phase === 'flushing')
      this.#fail(new WsError('connection_lost', 'connection closed before all queued messages were sent'));
    this.#phase = 'closed';
    this.#connectDeadline.stop();
    this.#goodbye.stop();
    this.#silence.stop();
    this.#queue.stop();
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    this.emit('close', info);
    this.#closed.resolve();
  }
}

const timeout = (message: string): WsError => new WsError('timeout', message);
