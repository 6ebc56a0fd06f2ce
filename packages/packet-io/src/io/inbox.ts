import { type OnPackets, RECEIVED_WORDS } from '../packet-io.ts';
import type { PathTable } from '../plane/path-table.ts';
import type { SocketCounters } from './socket-counters.ts';

/** The receiving side of sockets that deliver one datagram at a time: each is a batch of one, in the memory that it arrived in. */
export class Inbox {
  readonly #paths: PathTable;
  readonly #counters: SocketCounters;
  readonly #onPackets: OnPackets;
  readonly #nowMs: () => number;
  readonly #descriptor = new Uint32Array(RECEIVED_WORDS);

  constructor(paths: PathTable, counters: SocketCounters, onPackets: OnPackets, nowMs: () => number) {
    this.#paths = paths;
    this.#counters = counters;
    this.#onPackets = onPackets;
    this.#nowMs = nowMs;
  }

  receive(datagram: Uint8Array, local: number, address: string, port: number): void {
    this.#counters.datagramsReceived++;
    this.#counters.bytesReceived += datagram.length;
    if (port === 0) {
      this.#counters.unanswerableDrops++;
      return;
    }
    const descriptor = this.#descriptor;
    descriptor[0] = this.#paths.arrive(local, address, port);
    descriptor[1] = 0;
    descriptor[2] = datagram.length;
    descriptor[3] = this.#nowMs() * 1000;
    this.#onPackets(datagram, descriptor, 1);
  }
}
