import type { StunAnswer } from '../ice/stun-client.ts';
import type { Logger } from '../ports.ts';
import type { TransportAddress } from '../stun/address.ts';
import { ADDRESS_REASONS, type AddressEntry } from './address-table.ts';

/** Writes the table of addresses to the log, one line for each, and later the lines that have changed. */
export class AddressLog {
  readonly #logger: Logger;
  #written = new Map<string, string>();
  /** Servers whose unknown name was reported, and those whose silence was, with the address that asked: until they answer. */
  readonly #silent = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(table: readonly AddressEntry[]): void {
    const written = new Map<string, string>();
    for (const entry of table) {
      const { address, socket, advertised, reason } = entry;
      const local = socket ? `${socket.protocol} ${atPort({ address, port: socket.port })}` : address;
      const to = advertised.map(atPort);
      const line = `${to} ${reason}`;
      written.set(local, line);
      if (this.#written.get(local) === line) continue;
      const fields = { interface: entry.interfaceName, local };
      const why = ADDRESS_REASONS[reason];
      if (to.length > 0) this.#logger.info({ ...fields, advertised: to, reason: why }, 'address advertised');
      // Each interface has a link-local address, and a host of containers has many interfaces.
      else this.#logger[reason === 'not_global' ? 'debug' : 'info']({ ...fields, reason: why }, 'address ignored');
    }
    for (const local of this.#written.keys()) {
      if (!written.has(local)) this.#logger.warn({ local }, 'address gone');
    }
    this.#written = written;
  }

  serversAsked(answers: readonly StunAnswer[]): void {
    for (const { local, server, mapped } of answers) {
      const key = `${server} ${local.address}`;
      if (mapped !== undefined) {
        this.#silent.delete(key);
        this.#silent.delete(server);
      }
      const isAnswered = answers.some((other) => other.local === local && other.mapped !== undefined);
      if (isAnswered || this.#silent.has(key)) continue;
      this.#silent.add(key);
      this.#logger.warn({ local: local.address, server }, 'no answer from the STUN server: local address advertised');
    }
  }

  serverUnresolved(server: string, reason: string): void {
    if (this.#silent.has(server)) return;
    this.#silent.add(server);
    this.#logger.warn({ server, reason }, 'STUN server not asked');
  }
}

const atPort = ({ address, port }: TransportAddress): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
