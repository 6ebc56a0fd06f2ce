import { textOf } from '@rtcd/boundary';
import { type ClientMessage, decodeClientMessage, encodeClientMessage, ProtocolError } from '@rtcd/protocol';
import { connectWsClient, type WsClient, WsError } from '@rtcd/ws/client';
import type { ClientSettings } from './config.ts';
import { RtcdClientError } from './errors.ts';
import { aborted } from './waiting.ts';

/** Time for the hello after the upgrade. */
const HELLO_TIMEOUT_MS = 10_000;

/** Callbacks of a connection to its owner. */
export interface ConnectionOwner {
  /** rtcd sent its hello: the connection is open. */
  onHello(connID: string): void;
  onMessage(message: ClientMessage): void;
  /** An invalid message arrived; the connection stays open. */
  onError(error: RtcdClientError): void;
  /** It was open, and is no longer. */
  onClose(reason: RtcdClientError): void;
}

/** One WebSocket connection, usable from rtcd's hello on. */
export class Connection {
  readonly #owner: ConnectionOwner;
  readonly #clock: ClientSettings['clock'];
  readonly #cut = new AbortController();
  readonly #ws: WsClient;
  readonly #hello = Promise.withResolvers<void>();
  #helloTimer: unknown;
  #isOpen = false;
  #failure: Error | undefined;

  constructor(settings: ClientSettings, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#clock = settings.clock;
    const { clientID, authKey, agent, logger } = settings;
    const auth = { type: 'basic', clientID, authKey } as const;
    this.#ws = connectWsClient({ url: settings.wsUrl, auth, agent, signal: this.#cut.signal, logger });
    this.#ws.once('open', () => {
      this.#helloTimer = this.#clock.setTimer(() => this.#onNoHello(), HELLO_TIMEOUT_MS);
    });
    this.#ws.on('message', (bytes) => this.#onMessage(bytes));
    this.#ws.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#ws.once('close', ({ code, reason }) => this.#onClose(code, reason));
  }

  /** Resolves when the owner has heard `onHello`. Rejects with a RtcdClientError; if the signal fires, the connection is cut. */
  async hello(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.cut();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) this.cut();
    try {
      await this.#hello.promise;
    } catch (error) {
      throw signal.aborted ? aborted(signal) : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Queues a message. Throws `RtcdClientError`. */
  send(message: ClientMessage): void {
    sendMessage(this.#ws, message);
  }

  /** Sends what is queued first. The owner hears `onClose` before it resolves. */
  close(): Promise<void> {
    return this.#ws.close();
  }

  /** Ends it at once. */
  cut(): void {
    this.#cut.abort();
  }

  #onMessage(bytes: Uint8Array): void {
    let message: ClientMessage;
    try {
      message = decodeClientMessage(bytes);
    } catch (cause) {
      const error = new RtcdClientError('invalid_message', `failed to unpack message: ${textOf(cause)}`, { cause });
      this.#owner.onError(error);
      return;
    }
    if (message.type === 'hello' && !this.#isOpen) {
      this.#isOpen = true;
      this.#clock.clearTimer(this.#helloTimer);
      this.#owner.onHello(message.data.connID);
      this.#hello.resolve();
    }
    this.#owner.onMessage(message);
  }

  #onNoHello(): void {
    this.#failure = new Error(`no hello within ${HELLO_TIMEOUT_MS} ms`);
    this.cut();
  }

  #onClose(code: number, reason: string): void {
    this.#clock.clearTimer(this.#helloTimer);
    const cause = this.#failure ?? new Error(`closed by rtcd: ${code} ${reason}`.trimEnd());
    if (!this.#isOpen) this.#hello.reject(connectError(cause));
    else this.#owner.onClose(new RtcdClientError('connection_lost', `disconnected: ${cause.message}`, { cause }));
  }
}

function connectError(cause: Error): RtcdClientError {
  const { code, status } = cause instanceof WsError ? cause : {};
  return new RtcdClientError(
    code === 'unauthorized' ? 'unauthorized' : 'connect_failed',
    `failed to connect: ${cause.message}`,
    { cause, ...(status !== undefined && { status }) },
  );
}

/** Queues a message on a connection. Throws `RtcdClientError` `too_large`, `invalid_message`, `queue_full` or `not_connected`. */
function sendMessage(ws: WsClient, message: ClientMessage): void {
  try {
    ws.send(encodeClientMessage(message));
  } catch (cause) {
    throw sendError(cause);
  }
}

function sendError(cause: unknown): unknown {
  if (cause instanceof ProtocolError) {
    const code = cause.code === 'too_large' ? 'too_large' : 'invalid_message';
    return new RtcdClientError(code, `failed to pack message: ${cause.message}`, { cause });
  }
  if (cause instanceof WsError) {
    const code = cause.code === 'queue_full' || cause.code === 'too_large' ? cause.code : 'not_connected';
    return new RtcdClientError(code, `failed to send message: ${cause.message}`, { cause });
  }
  return cause;
}
