import type { Path } from '../packet-path.ts';
import type { DatagramSink } from '../packet-plane.ts';
import { DatagramBuffer } from '../plane/datagram-sink.ts';
import type { SocketCounters } from './socket-counters.ts';

/** The part of a `dgram.Socket` that the sink needs. */
export interface UdpSender {
  send(datagram: Uint8Array, port: number, address: string, callback: (error: Error | null) => void): void;
  getSendQueueCount(): number;
}

/**
 * Datagrams that wait in one socket when the kernel's buffer is full. Media that waits longer than this is late; and each may
 * hold a whole buffer.
 */
export const MAX_QUEUED_DATAGRAMS = 512;

/** Takes datagrams whose path does not begin at a UDP socket of ours. */
export interface Carrier {
  /** Sends a datagram, borrowed until return. False if the path is none of this carrier. */
  carry(datagram: Uint8Array, path: Path): boolean;
}

/**
 * Sends from one reused buffer. A socket normally passes a datagram to the kernel before `send` returns; only when the kernel's
 * buffer is full it queues the datagram, and with it our memory. So whenever its queue is not empty after a send, the buffer is
 * left to it and a fresh one taken.
 */
export class UdpSink implements DatagramSink {
  #sockets: readonly UdpSender[];
  #datagram = new DatagramBuffer();
  readonly #counters: SocketCounters;
  readonly #carriers: readonly Carrier[];
  readonly #onSent: (error: Error | null) => void;

  /** Takes the sockets by `Path.local`, and the carriers of paths that have none. */
  constructor(sockets: readonly UdpSender[], counters: SocketCounters, carriers: readonly Carrier[] = []) {
    this.#sockets = sockets;
    this.#counters = counters;
    this.#carriers = carriers;
    this.#onSent = (error) => {
      if (error !== null) counters.sendErrors++;
    };
  }

  get buffer(): Uint8Array {
    return this.#datagram.bytes;
  }

  send(length: number, path: Path): void {
    this.#pass(this.#datagram.view(length), path);
  }

  /** Sends a datagram that its owner continues to use. */
  transmit(datagram: Uint8Array, path: Path): void {
    if (datagram.length > this.buffer.length) {
      this.#pass(datagram.slice(), path);
      return;
    }
    this.buffer.set(datagram);
    this.send(datagram.length, path);
  }

  /** From now on every datagram is a counted error. */
  close(): void {
    this.#sockets = [];
  }

  #pass(datagram: Uint8Array, path: Path): void {
    const socket = this.#sockets[path.local];
    if (socket === undefined && this.#carry(datagram, path)) return;
    if (socket === undefined || !(path.port >= 1 && path.port <= 0xffff)) {
      this.#counters.sendErrors++;
      return;
    }
    if (socket.getSendQueueCount() >= MAX_QUEUED_DATAGRAMS) {
      this.#counters.queueFullDrops++;
      return;
    }
    socket.send(datagram, path.port, path.address, this.#onSent);
    this.#counters.datagramsSent++;
    this.#counters.bytesSent += datagram.length;
    if (socket.getSendQueueCount() > 0) this.#datagram = new DatagramBuffer();
  }

  #carry(datagram: Uint8Array, path: Path): boolean {
    for (const carrier of this.#carriers) if (carrier.carry(datagram, path)) return true;
    return false;
  }
}
