import { PacketIoError } from '../errors.ts';
import { formatEndpoint } from '../format-endpoint.ts';
import { composePacketIo } from '../io/compose-packet-io.ts';
import { Inbox } from '../io/inbox.ts';
import { RelayTable } from '../io/relay-table.ts';
import { createSocketCounters, type SocketCounters } from '../io/socket-counters.ts';
import type { LocalAddress, PacketIo, PacketIoOptions } from '../packet-io.ts';
import type { Path, PathId } from '../packet-path.ts';
import { createTypeScriptPlane } from '../plane/create-packet-plane.ts';
import { callbackSink } from '../plane/datagram-sink.ts';
import { PathTable } from '../plane/path-table.ts';
import { DEFAULT_MAX_SLOTS } from '../plane/slot-table.ts';
import { globalScheduler, type Scheduler } from './scheduler.ts';
import { seededRandom } from './seeded-random.ts';
import { type NetworkConditions, SimulatedLink } from './simulated-link.ts';

/** An address that datagrams come from or go to. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A datagram as seen on the wire. The bytes are a copy. */
export interface ObservedDatagram {
  readonly datagram: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly atMs: number;
}

/** Conditions to begin with (none: a perfect network), and the sources of chance and time. */
export interface SimulatedNetworkOptions extends Partial<NetworkConditions> {
  /** Default 1. */
  readonly seed?: number;
  /** Default: the global timers and `performance.now`, fake or real. */
  readonly scheduler?: Scheduler;
  /** Called with everything that is sent, also with what is lost after. */
  onTransmit?(observed: ObservedDatagram): void;
}

/** Datagrams since the network was made. A duplicated one is sent once and delivered twice. */
export interface SimulatedNetworkStats {
  readonly sent: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly delivered: number;
  /** Arrived at an address without a socket. */
  readonly unroutable: number;
}

/** As for real sockets, without what only a kernel has. */
export interface SimulatedEndpointOptions
  extends Pick<PacketIoOptions, 'addresses' | 'onPackets' | 'createPlane' | 'maxSlots'> {
  /** Reports that a held path has ended, as its connection broke. */
  onPathEnded?(path: PathId): void;
  /** Addresses of TCP. What goes from one to another arrives without loss; connections need not be made. */
  readonly tcpAddresses?: PacketIoOptions['addresses'];
}

/** A network in virtual time, whose endpoints have the interface of real sockets. */
export interface SimulatedNetwork {
  /** Binds an endpoint. Port 0 takes a free one; a bound address throws `PacketIoError` 'address_in_use'. */
  open(options: SimulatedEndpointOptions): PacketIo;
  /** Delivers a datagram from wherever it claims to come from, after the delay but without loss: what an attacker can do. */
  inject(datagram: Uint8Array, from: Endpoint, to: Endpoint): void;
  /** Ends the path that the endpoint at `at` has to `remote`, as when a TCP connection breaks. Does nothing if it holds none. */
  breakPath(at: Endpoint, remote: Endpoint): void;
  /** Changes what happens to datagrams sent from now on. */
  setConditions(conditions: Partial<NetworkConditions>): void;
  /** A copy of the totals of all endpoints. */
  stats(): SimulatedNetworkStats;
}

/** UDP and TCP have ports of their own. */
type Binding = Endpoint & Pick<LocalAddress, 'protocol'>;

const bindingOf = ({ protocol, ...endpoint }: Binding): string => `${protocol} ${formatEndpoint(endpoint)}`;

interface Bound {
  receive(datagram: Uint8Array, from: Endpoint): void;
  endPath(remote: Endpoint): void;
}

const FIRST_EPHEMERAL_PORT = 49_152;

/** Makes a network on which the same seed and the same calls give the same run. */
export function createSimulatedNetwork(options: SimulatedNetworkOptions = {}): SimulatedNetwork {
  return new Network(options);
}

class Network implements SimulatedNetwork {
  readonly #scheduler: Scheduler;
  readonly #link: SimulatedLink;
  readonly #onTransmit: SimulatedNetworkOptions['onTransmit'];
  readonly #bound = new Map<string, Bound>();
  #nextPort = FIRST_EPHEMERAL_PORT;
  #delivered = 0;
  #unroutable = 0;

  constructor({ seed = 1, scheduler = globalScheduler, onTransmit, ...conditions }: SimulatedNetworkOptions) {
    this.#scheduler = scheduler;
    this.#onTransmit = onTransmit;
    this.#link = new SimulatedLink(scheduler, seededRandom(seed), conditions);
  }

  open(options: SimulatedEndpointOptions): PacketIo {
    const counters = createSocketCounters();
    const paths = new PathTable();
    const inbox = new Inbox(paths, counters, options.onPackets, () => this.#scheduler.now());
    const asked = [
      ...options.addresses.map((address) => ({ ...address, protocol: 'udp' as const })),
      ...(options.tcpAddresses ?? []).map((address) => ({ ...address, protocol: 'tcp' as const })),
    ];
    const localAddresses = asked.map((address, local) =>
      this.#bind(address, {
        receive: (datagram, { address, port }) => inbox.receive(datagram, local, address, port),
        endPath: ({ address, port }) => {
          const id = paths.arrive(local, address, port);
          if (paths.endPath(id)) options.onPathEnded?.(id);
        },
      }),
    );
    const relays = new RelayTable(paths, inbox, options.onPathEnded);
    let isOpen = true;
    const transmit = (datagram: Uint8Array, path: Path): void => {
      if (relays.carry(datagram, path)) return;
      const from = isOpen ? localAddresses[path.local] : undefined;
      this.#send(datagram, from, path, counters);
    };
    const close = async (): Promise<void> => {
      isOpen = false;
      for (const here of localAddresses) this.#bound.delete(bindingOf(here));
    };
    const { createPlane = createTypeScriptPlane, maxSlots = DEFAULT_MAX_SLOTS } = options;
    const plane = createPlane({ sink: callbackSink(transmit), paths, maxSlots });
    return composePacketIo(plane, { localAddresses, counters, paths, relays, transmit, close });
  }

  inject(datagram: Uint8Array, from: Endpoint, to: Endpoint): void {
    const copy = datagram.slice();
    this.#link.carrySafely(() => this.#arrive(copy, from, { ...to, protocol: 'udp' }));
  }

  breakPath(at: Endpoint, remote: Endpoint): void {
    for (const protocol of ['udp', 'tcp'] as const) this.#bound.get(bindingOf({ ...at, protocol }))?.endPath(remote);
  }

  setConditions(conditions: Partial<NetworkConditions>): void {
    this.#link.setConditions(conditions);
  }

  stats(): SimulatedNetworkStats {
    return { ...this.#link.counters, delivered: this.#delivered, unroutable: this.#unroutable };
  }

  #bind({ protocol, address, port }: Binding, bound: Bound): LocalAddress {
    const here = {
      protocol,
      address,
      port: port === 0 ? this.#nextPort++ : port,
      family: address.includes(':') ? 6 : 4,
    } as const;
    const key = bindingOf(here);
    if (this.#bound.has(key)) throw new PacketIoError('address_in_use', `${key} is already bound`);
    this.#bound.set(key, bound);
    return here;
  }

  #send(datagram: Uint8Array, from: LocalAddress | undefined, { address, port }: Path, counters: SocketCounters): void {
    if (from === undefined) {
      counters.sendErrors++;
      return;
    }
    counters.datagramsSent++;
    counters.bytesSent += datagram.length;
    const copy = datagram.slice();
    const to = { protocol: from.protocol, address, port };
    this.#onTransmit?.({ datagram: copy.slice(), from, to, atMs: this.#scheduler.now() });
    const deliver = () => this.#arrive(copy.slice(), from, to);
    if (from.protocol === 'udp') return this.#link.carry(deliver);
    this.#link.counters.sent++;
    this.#link.carrySafely(deliver);
  }

  #arrive(datagram: Uint8Array, from: Endpoint, to: Binding): void {
    const bound = this.#bound.get(bindingOf(to));
    if (bound === undefined) {
      this.#unroutable++;
      return;
    }
    this.#delivered++;
    bound.receive(datagram, from);
  }
}
