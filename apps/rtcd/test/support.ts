import { EventEmitter, once } from 'node:events';
import { basicAuthorization } from '@rtcd/auth';
import { type ClientMessage, decodeClientMessage, encodeClientMessage } from '@rtcd/protocol';
import { expect, onTestFinished } from 'vitest';
import type { Logger } from '../src/index.ts';
import { startRtcd, type TestRtcd, type TestRtcdOptions } from '../src/testing/index.ts';
import { FakeSfu } from './fake-sfu.ts';

export const KEY = 'a key of the client: 32 characters';
export const ADMIN_KEY = 'the admin secret';

/** The whole service with a scripted SFU, closed at the end of the test. */
export async function startService(options: TestRtcdOptions = {}): Promise<TestRtcd & { readonly sfu: FakeSfu }> {
  const sfu = new FakeSfu();
  const rtcd = await startRtcd({ openSfu: sfu.create, ...options });
  onTestFinished(() => rtcd.close());
  return { ...rtcd, sfu };
}

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

export interface Request {
  readonly method?: string;
  readonly authorization?: string | undefined;
  readonly body?: unknown;
}

/** One HTTP request, and all of its answer. Bodies that are no strings are sent as JSON. */
export async function ask(url: string, { method, authorization, body }: Request = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: authorization === undefined ? {} : { Authorization: authorization },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, type: response.headers.get('Content-Type'), body: await response.text() };
}

/** Registers a client and returns the header that it authenticates with. */
export async function registerClient({ url }: { readonly url: string }, clientID: string): Promise<string> {
  const { status } = await ask(`${url}/register`, { body: { clientID, authKey: KEY } });
  expect(status).toBe(201);
  return basicAuthorization(clientID, KEY);
}

/** A client's WebSocket, down to the bytes. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly received: Uint8Array[] = [];
  readonly #events = new EventEmitter();
  #read = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      this.received.push(new Uint8Array(data as ArrayBuffer));
      this.#events.emit('message');
    });
  }

  send(message: ClientMessage | Uint8Array): void {
    this.socket.send(message instanceof Uint8Array ? message : encodeClientMessage(message));
  }

  /** The next message, decoded. */
  async next(): Promise<ClientMessage> {
    return decodeClientMessage(await this.nextBytes());
  }

  async nextBytes(): Promise<Uint8Array> {
    while (this.received.length <= this.#read) {
      await once(this.#events, 'message');
    }
    return this.received[this.#read++]!;
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

/** Connects a client and takes its `hello`. */
export async function connect(
  rtcd: { readonly url: string },
  authorization: string,
): Promise<TestSocket & { readonly connID: string }> {
  const socket = new WebSocket(`${rtcd.url.replace('http', 'ws')}/ws`, { headers: { Authorization: authorization } });
  const test = new TestSocket(socket);
  onTestFinished(() => socket.close());
  const hello = await test.next();
  expect(hello.type).toBe('hello');
  return Object.assign(test, { connID: hello.type === 'hello' ? hello.data.connID : '' });
}

export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps its lines. */
export class LogRecorder implements Logger {
  readonly lines: LogLine[] = [];
  readonly #lines = new EventEmitter();

  debug = (fields: object, message: string) => this.#add('debug', fields, message);
  info = (fields: object, message: string) => this.#add('info', fields, message);
  warn = (fields: object, message: string) => this.#add('warn', fields, message);
  error = (fields: object, message: string) => this.#add('error', fields, message);
  child = () => this;

  /** The first line that fits, when it comes. */
  async line(fits: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find(fits);
      if (found !== undefined) return found;
      await once(this.#lines, 'line');
    }
  }

  #add(level: string, fields: object, message: string): void {
    this.lines.push({ level, fields: { ...fields }, message });
    this.#lines.emit('line');
  }
}
