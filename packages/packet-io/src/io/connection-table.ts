import type { Path } from '../packet-path.ts';
import type { TcpConnection } from './tcp-connection.ts';

/** Connections by remote address, then by local address and port: so that looking up makes no key. */
export class ConnectionTable {
  readonly #byAddress = new Map<string, Map<number, TcpConnection>>();

  find({ local, address, port }: Path): TcpConnection | undefined {
    return this.#byAddress.get(address)?.get(portKey(local, port));
  }

  add(connection: TcpConnection): void {
    const { local, address, port } = connection.remote;
    let ports = this.#byAddress.get(address);
    if (ports === undefined) {
      ports = new Map();
      this.#byAddress.set(address, ports);
    }
    ports.set(portKey(local, port), connection);
  }

  delete(connection: TcpConnection): void {
    const { local, address, port } = connection.remote;
    const ports = this.#byAddress.get(address);
    if (ports?.get(portKey(local, port)) === connection) ports.delete(portKey(local, port));
    if (ports?.size === 0) this.#byAddress.delete(address);
  }

  all(): TcpConnection[] {
    return Array.from(this.#byAddress.values(), (ports) => [...ports.values()]).flat();
  }
}

const portKey = (local: number, port: number) => local * 65_536 + port;
