import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RtcdClient } from '@rtcd/client';
import { AUTH_KEY } from '../auth-key.ts';
import { openRawWebSocket } from './raw-websocket.ts';

/** One row of the table. */
export interface Attack {
  readonly name: string;
  readonly description: string;
  /** Done before the measurement begins. Resolves with the attack itself, which runs until `signal` aborts, and resolves with what it did. */
  prepare(target: Target): Promise<(signal: AbortSignal) => Promise<string>>;
}

/** The service under attack, seen by attackers, whose addresses are not those of the innocents. */
export class Target {
  readonly url: string;
  #addresses = 0;

  constructor(url: string) {
    this.url = url;
  }

  get host(): { readonly host: string; readonly port: number } {
    const { hostname, port } = new URL(this.url);
    return { host: hostname, port: Number(port) };
  }

  /** A loopback address that no other connection uses. */
  newAddress(): string {
    this.#addresses += 1;
    return `127.66.${this.#addresses >>> 8}.${this.#addresses & 0xff || 255}`;
  }

  async register(clientID: string): Promise<void> {
    await new RtcdClient({ url: this.url, clientID, authKey: AUTH_KEY }).register();
  }

  async connect(clientID: string): Promise<RtcdClient> {
    const client = new RtcdClient({ url: this.url, clientID, authKey: AUTH_KEY, registerOnDemand: true });
    client.on('error', () => {});
    client.setMaxListeners(0);
    await client.connect();
    return client;
  }

  /** A WebSocket of a registered client, as a TCP socket. */
  openSocket(clientID: string, localAddress = '127.66.0.1'): Promise<Socket> {
    return openRawWebSocket({ url: this.url, clientID, authKey: AUTH_KEY, localAddress });
  }
}

/** Writes the bytes, waiting as the service makes the sender wait. Resolves early when the attack ends or the socket closes. */
export async function writeAll(socket: Socket, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  if (socket.destroyed || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      socket.off('close', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    socket.once('close', done);
    socket.write(bytes, done);
  });
}

/** Resolves after this time, or when the attack ends. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
