import { type OnPackets, RECEIVED_WORDS } from '../packet-io.ts';
import type { PathId } from '../packet-path.ts';
import type { SocketCounters } from './socket-counters.ts';

/** More than most reads bring. */
const MAX_BATCH = 64;

/** Gathers frames that arrived in one piece of memory into one call of `onPackets`. */
export class FrameBatch {
  readonly #counters: SocketCounters;
  readonly #onPackets: OnPackets;
  readonly #descriptors = new Uint32Array(MAX_BATCH * RECEIVED_WORDS);
  #arena: Uint8Array = new Uint8Array(0);
  #count = 0;

  constructor(counters: SocketCounters, onPackets: OnPackets) {
    this.#counters = counters;
    this.#onPackets = onPackets;
  }

  /** Adds a frame. Those before it are delivered first if they are in other memory, or too many. */
  add(path: PathId, arena: Uint8Array, offset: number, length: number): void {
    if (this.#count === MAX_BATCH || (this.#count > 0 && arena !== this.#arena)) this.flush();
    this.#counters.datagramsReceived++;
    this.#counters.bytesReceived += length;
    const at = this.#count * RECEIVED_WORDS;
    this.#descriptors[at] = path;
    this.#descriptors[at + 1] = offset;
    this.#descriptors[at + 2] = length;
    this.#descriptors[at + 3] = performance.now() * 1000;
    this.#arena = arena;
    this.#count++;
  }

  /** Delivers what there is. */
  flush(): void {
    const count = this.#count;
    this.#count = 0;
    if (count > 0) this.#onPackets(this.#arena, this.#descriptors, count);
  }
}
