import type { LocalAddress, OpenRelay, PacketRelay } from '../packet-io.ts';
import type { Path, PathId } from '../packet-path.ts';
import type { PathTable } from '../plane/path-table.ts';
import type { Inbox } from './inbox.ts';
import type { Carrier } from './udp-sink.ts';

/** Number of the first relay as `Path.local`: far above the number of sockets. */
export const FIRST_RELAY = 4096;

/** Relays by the number that paths over them have as `local`. A number is not used twice. */
export class RelayTable implements Carrier {
  readonly #paths: PathTable;
  readonly #inbox: Inbox;
  readonly #onPathEnded: (path: PathId) => void;
  readonly #open = new Map<number, PacketRelay>();
  #next = FIRST_RELAY;

  constructor(paths: PathTable, inbox: Inbox, onPathEnded: (path: PathId) => void = () => {}) {
    this.#paths = paths;
    this.#inbox = inbox;
    this.#onPathEnded = onPathEnded;
  }

  add(relay: PacketRelay): OpenRelay {
    const local = this.#next++;
    this.#open.set(local, relay);
    return {
      local,
      receive: (datagram, address, port) => {
        if (this.#open.has(local)) this.#inbox.receive(datagram, local, address, port);
      },
      close: () => {
        if (!this.#open.delete(local)) return;
        for (const path of this.#paths.endPathsFrom(local)) this.#onPathEnded(path);
      },
    };
  }

  /** Address of a relay that is open. */
  localAddress(local: number): LocalAddress | undefined {
    return this.#open.get(local)?.localAddress;
  }

  /** Sends a datagram over the path's relay, if it leads over one. Returns false if there is no such relay. */
  carry(datagram: Uint8Array, path: Path): boolean {
    const relay = this.#open.get(path.local);
    relay?.send(datagram, path);
    return relay !== undefined;
  }

  /** From now on nothing leaves through a relay. */
  close(): void {
    this.#open.clear();
  }
}
