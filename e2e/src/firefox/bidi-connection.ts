import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';

type Message =
  | { readonly type: 'success'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: string; readonly message: string }
  | { readonly type: 'event'; readonly method: string; readonly params: never };

interface Pending {
  readonly method: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The events that the tests need, by their names in WebDriver BiDi. */
interface BidiEvents {
  'script.message': [{ readonly channel: string; readonly data: { readonly value: string } }];
  'log.entryAdded': [{ readonly level: string; readonly text: string | null }];
}

/** Commands and events of WebDriver BiDi (W3C), a JSON object per WebSocket message. */
export class BidiConnection extends EventEmitter<BidiEvents> {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(JSON.parse(String(data)) as Message));
    socket.on('close', () => this.#failAll('the browser is gone'));
  }

  /** Connects to a browser that calls itself `host`, the host and port of the URL by default. It refuses requests to another one. */
  static async open(url: string, host = new URL(url).host): Promise<BidiConnection> {
    const socket = new WebSocket(url, { perMessageDeflate: false, headers: { host } });
    await once(socket, 'open');
    return new BidiConnection(socket);
  }

  /** Resolves with the result of a command, whose type the caller knows. */
  send<T>(method: string, params: object): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = ++this.#lastId;
    this.#pending.set(id, { method, resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return promise as Promise<T>;
  }

  #receive(message: Message): void {
    if (message.type === 'event') {
      this.emit(message.method as keyof BidiEvents, message.params);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'success') pending?.resolve(message.result);
    else pending?.reject(new Error(`${pending.method}: ${message.error}: ${message.message}`));
  }

  #failAll(reason: string): void {
    for (const { method, reject } of this.#pending.values()) reject(new Error(`${method}: ${reason}`));
    this.#pending.clear();
  }
}
