import { isIP } from 'node:net';
import { textOf } from '@rtcd/boundary';
import type { OpenRelay, PacketIo } from '@rtcd/packet-io';
import type { LookupHost } from '../io/host-names.ts';
import { type ConnectToServer, type ServerConnection, UntrustedServerError } from '../io/server-connection.ts';
import { Wakeup } from '../io/wakeup.ts';
import type { Clock, Random } from '../ports.ts';
import { TurnClient } from '../turn/client.ts';
import { NO_TURN_STATS, type TurnAllocation, type TurnFailure, type TurnStats } from '../turn/client-owner.ts';
import type { TurnCredentials } from '../turn/credentials.ts';
import { StreamReader } from '../turn/stream-reader.ts';
import type { TurnUrl } from '../turn/turn-url.ts';

/** Dependencies of connections to TURN servers. */
export interface RelayPorts {
  readonly connect: ConnectToServer;
  readonly lookup: LookupHost;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RelayOwner {
  onAllocated(allocation: TurnAllocation): void;
  /** There is no allocation, or no more: the relay is closed. */
  onFailed(failure: TurnFailure): void;
}

/** An allocation on one TURN server, by one of its URLs, from the attempt to the end. */
export class Relay {
  readonly url: TurnUrl;
  readonly #ports: RelayPorts;
  readonly #owner: RelayOwner;
  #connection: ServerConnection | undefined;
  #client: TurnClient | undefined;
  #wakeup: Wakeup | undefined;
  #port: OpenRelay | undefined;
  #isClosed = false;

  constructor(url: TurnUrl, ports: RelayPorts, owner: RelayOwner) {
    this.url = url;
    this.#ports = ports;
    this.#owner = owner;
  }

  /** Messages dropped so far, and those that could not be sent. */
  get stats(): TurnStats {
    const stats = this.#client?.stats ?? NO_TURN_STATS;
    return { ...stats, notSent: stats.notSent + (this.#connection?.drops ?? 0) };
  }

  /** Connects, and asks for the allocation. The outcome goes to the owner. */
  async open(credentials: TurnCredentials): Promise<void> {
    try {
      const address = await this.#resolve();
      if (!this.#isClosed) await this.#connect(address, credentials);
    } catch (error) {
      const isUntrusted = error instanceof UntrustedServerError;
      this.#fail({ reason: textOf(error), ...(isUntrusted && { isUntrusted }) });
    }
  }

  /** From now on paths over the relay can be opened, and remotes can be permitted to send. */
  attach(io: Pick<PacketIo, 'openRelay'>, { relayed }: TurnAllocation): void {
    const { clock } = this.#ports;
    this.#port = io.openRelay({
      localAddress: { protocol: 'udp', ...relayed, family: isIP(relayed.address) === 6 ? 6 : 4 },
      send: (datagram, to) => {
        this.#client?.send(datagram, to, clock.nowMs());
        this.#wakeup?.arm();
      },
    });
  }

  /** Lets datagrams from an IP address through. */
  permit(address: string): void {
    this.#client?.permit(address, this.#ports.clock.nowMs());
    this.#wakeup?.arm();
  }

  /** Gives the allocation back. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wakeup?.cancel();
    this.#client?.close(this.#ports.clock.nowMs());
    this.#port?.close();
    this.#connection?.close();
  }

  async #resolve(): Promise<string> {
    const { host } = this.url;
    if (isIP(host) !== 0) return host;
    const [address] = await this.#ports.lookup(host);
    if (address === undefined) throw new Error(`no address of ${host}`);
    return address;
  }

  async #connect(address: string, credentials: TurnCredentials): Promise<void> {
    const { clock, random, connect } = this.#ports;
    const { transport, host, port } = this.url;
    const isReliable = transport !== 'udp';
    const reader = new StreamReader((message) => this.#receive(message));
    const connection = await connect(
      { transport, address, port, host },
      {
        onBytes: (bytes) => {
          if (!isReliable) this.#receive(bytes);
          else if (!reader.receive(bytes)) this.#fail({ reason: 'the server does not speak TURN' });
        },
        onEnd: (reason) => this.#fail({ reason }),
      },
    );
    if (this.#isClosed) return connection.close();
    this.#connection = connection;
    const client = new TurnClient(
      { credentials, isReliable, random },
      {
        transmit: (message) => connection.send(message),
        onAllocated: (allocation) => this.#owner.onAllocated(allocation),
        onFailed: (failure) => this.#fail(failure),
        onData: (data, from, fromPort) => this.#port?.receive(data, from, fromPort),
      },
    );
    this.#client = client;
    this.#wakeup = new Wakeup(
      clock,
      () => client.deadline(),
      (nowMs) => client.timeout(nowMs),
    );
    client.allocate(clock.nowMs());
    this.#wakeup.arm();
  }

  #receive(message: Buffer): void {
    if (this.#isClosed) return;
    this.#client?.receive(message, this.#ports.clock.nowMs());
    this.#wakeup?.arm();
  }

  #fail(failure: TurnFailure): void {
    if (this.#isClosed) return;
    this.close();
    this.#owner.onFailed(failure);
  }
}
