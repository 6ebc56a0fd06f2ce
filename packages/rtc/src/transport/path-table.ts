import type { Path } from '@rtcd/packet-io';

/** Finds what belongs to a remote address without making a key per packet. */
export class PathTable<T> {
  readonly #byAddress = new Map<string, Map<number, T>>();

  get({ local, address, port }: Path): T | undefined {
    return this.#byAddress.get(address)?.get(portKey(local, port));
  }

  set({ local, address, port }: Path, value: T): void {
    let ports = this.#byAddress.get(address);
    if (!ports) {
      ports = new Map();
      this.#byAddress.set(address, ports);
    }
    ports.set(portKey(local, port), value);
  }

  delete({ local, address, port }: Path): void {
    const ports = this.#byAddress.get(address);
    ports?.delete(portKey(local, port));
    if (ports?.size === 0) this.#byAddress.delete(address);
  }
}

const portKey = (local: number, port: number) => local * 65_536 + port;
