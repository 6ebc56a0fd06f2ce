import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { WsError } from '../errors.ts';
import { type CloseInfo, closeInfo, toBytes } from '../frames.ts';
import { Mailbox } from './mailbox.ts';

/** One client as the scripted server sees it: its messages so far, and the actions on it. */
export interface ScriptedConnection {
  /** The upgrade request: URL and headers, `authorization` included. */
  readonly request: IncomingMessage;
  /** Every binary message so far. */
  readonly received: readonly Uint8Array[];
  /** The binary message after the last one that was awaited. Rejects when the connection closes first. */
  nextMessage(): Promise<Uint8Array>;
  /** Close event of the connection. */
  readonly closed: Promise<CloseInfo>;
  /** Sends one binary message. */
  send(bytes: Uint8Array): void;
  /** A message that has no meaning in the protocol. */
  sendText(text: string): void;
  /** Resolves when the client's pong is there. */
  ping(): Promise<void>;
  /** Reads nothing any more, so that the client's queue fills. */
  pauseReading(): void;
  /** Takes up again what `pauseReading` left, nothing lost. */
  resumeReading(): void;
  /** Ends with a close frame. Resolves once the connection is closed. Idempotent. */
  close(code?: number, reason?: string): Promise<void>;
  /** Cuts the TCP connection without a word. */
  drop(): void;
}

export class RecordingConnection implements ScriptedConnection {
  readonly request: IncomingMessage;
  readonly received: Uint8Array[] = [];
  readonly closed: Promise<CloseInfo>;
  readonly #socket: WebSocket;
  readonly #messages = new Mailbox<Uint8Array>();

  constructor(socket: WebSocket, request: IncomingMessage, onMessage: (bytes: Uint8Array) => void) {
    this.request = request;
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<CloseInfo>();
    this.closed = promise;
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => {
      if (!isBinary) return;
      const bytes = toBytes(data);
      this.received.push(bytes);
      this.#messages.push(bytes);
      onMessage(bytes);
    });
    socket.once('close', (code, reason) => {
      this.#messages.close(new WsError('closed', 'the client has disconnected: no more messages will arrive'));
      resolve(closeInfo(code, reason));
    });
  }

  nextMessage(): Promise<Uint8Array> {
    return this.#messages.next();
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, { binary: true });
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  async ping(): Promise<void> {
    const pong = once(this.#socket, 'pong');
    this.#socket.ping();
    await pong;
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  async close(code = 1000, reason = ''): Promise<void> {
    this.#socket.close(code, reason);
    await this.closed;
  }

  drop(): void {
    this.#socket.terminate();
  }
}
