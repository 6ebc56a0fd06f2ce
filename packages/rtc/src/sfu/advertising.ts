import { textOf } from '@rtcd/boundary';
import type { LocalAddress } from '@rtcd/packet-io';
import {
  type AdvertisedAddress,
  advertisedAddresses,
  type HostOverrides,
  hostNamesIn,
  isLoopback,
  uniqueAddresses,
} from '../ice/advertised-address.ts';
import { type Candidate, hostCandidate, serverReflexiveCandidate } from '../ice/candidate.ts';
import { type PublicAddress, publicAddressesIn, tcpAddressesBeside } from '../ice/public-addresses.ts';
import { StunClient, type StunClientOptions } from '../ice/stun-client.ts';
import { HostNames, type LookupHost } from '../io/host-names.ts';
import type { InterfaceAddress } from '../io/listen-addresses.ts';
import type { Clock, Logger, Random } from '../ports.ts';
import { AddressLog } from './address-log.ts';
import { type AddressEntry, addressTable } from './address-table.ts';
import { resolveStunServers } from './stun-servers.ts';

/**
 * Time between two looks at the machine's addresses. STUN servers are asked as often: the answer may change while the machine's own addresses do not,
 * and the requests keep the mapping of a NAT from expiring, which it may do after 30 s (RFC 4787 section 4.3).
 */
const LOOK_INTERVAL_MS = 25_000;

/** Sources of the addresses to advertise. */
export interface AdvertisingOptions {
  readonly overrides: HostOverrides;
  /** URLs of servers that are asked for our public addresses, unless there is a host override. */
  readonly stunServers: readonly string[];
  /** Lists the addresses of this machine. Undefined if the sockets are not those of this machine. */
  readonly interfaceAddresses: (() => readonly InterfaceAddress[]) | undefined;
  readonly lookup: LookupHost;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Knows under which addresses peers reach our sockets: now, and after the addresses of this machine or its NAT have changed. */
export class Advertising {
  readonly #options: AdvertisingOptions;
  readonly #hostNames: HostNames;
  readonly #log: AddressLog;
  #locals: readonly LocalAddress[] = [];
  #machine: readonly InterfaceAddress[] = [];
  #stun: StunClient | undefined;
  #publicAddresses: readonly PublicAddress[] = [];
  #timer: unknown;
  #isClosed = false;

  private constructor(options: AdvertisingOptions) {
    this.#options = options;
    this.#hostNames = new HostNames(options);
    this.#log = new AddressLog(options.logger);
  }

  /** Resolves host names in the overrides. Rejects with `RtcError` `invalid_option` if one cannot be a host name. */
  static async prepare(options: AdvertisingOptions): Promise<Advertising> {
    const advertising = new Advertising(options);
    await advertising.#hostNames.lookUp(hostNamesIn(options.overrides.host));
    return advertising;
  }

  /**
   * Finds out how peers reach these sockets. STUN servers have 5 s for that. Answers have to be passed to `receive`. Rejects with `RtcError`
   * `invalid_option` if the sockets cannot be advertised as configured.
   */
  async start(io: StunClientOptions['io']): Promise<void> {
    this.#locals = io.localAddresses;
    // Throws for overrides that cannot be meant.
    this.#advertised();
    const { stunServers, overrides } = this.#options;
    if (stunServers.length > 0 && overrides.host === '') this.#stun = new StunClient({ ...this.#options, io });
    await this.#look();
    this.#warnOfUselessOverride();
  }

  /** Takes a STUN message that belongs to no session. Returns whether it answers a question of ours. */
  receive(datagram: Buffer): boolean {
    return this.#stun?.receive(datagram) ?? false;
  }

  /** Candidates for a session that starts now. A host name may have been resolved since the last one, or an address changed. */
  get candidates(): readonly Candidate[] {
    const advertised = this.#advertised();
    const hosts = PROTOCOLS.map((protocol) =>
      uniqueAddresses(advertised.filter(({ local }) => local.protocol === protocol)),
    );
    const candidates = [...hosts.flatMap(rankCandidates), ...this.#allPublicAddresses.map(reflexiveCandidate)];
    return candidates.toSorted((a, b) => b.priority - a.priority);
  }

  /** All addresses of this machine, with what is advertised for each and why. */
  get addresses(): AddressEntry[] {
    return addressTable(this.#machine, this.#advertised(), this.#allPublicAddresses);
  }

  /** Ends background work. */
  close(): void {
    this.#isClosed = true;
    this.#options.clock.clearTimer(this.#timer);
    this.#stun?.close();
    this.#hostNames.close();
  }

  /** Looks at what may have changed, now and again later. */
  async #look(): Promise<void> {
    this.#lookAtMachine();
    await this.#askStunServers();
    if (this.#isClosed) return;
    this.#log.write(this.addresses);
    if (this.#stun === undefined && this.#options.interfaceAddresses === undefined) return;
    this.#timer = this.#options.clock.setTimer(() => void this.#look(), LOOK_INTERVAL_MS);
  }

  /** Keeps the addresses of before if the system refuses to list them, as it does while the process has no file descriptor left. */
  #lookAtMachine(): void {
    try {
      this.#machine = this.#options.interfaceAddresses?.() ?? [];
    } catch (error) {
      this.#options.logger.warn({ reason: textOf(error) }, 'addresses of this machine not listed');
    }
  }

  async #askStunServers(): Promise<void> {
    if (this.#stun === undefined) return;
    const { stunServers, lookup, clock } = this.#options;
    const servers = await resolveStunServers(stunServers, {
      lookup,
      clock,
      onUnresolved: (url, reason) => this.#log.serverUnresolved(url, reason),
    });
    const answers = this.#isClosed || servers.length === 0 ? [] : await this.#stun.ask(servers);
    this.#log.serversAsked(answers);
    const found = publicAddressesIn(answers);
    const hasAnswer = (local: LocalAddress) => answers.some((one) => one.local === local && one.mapped !== undefined);
    // A server that is silent for once does not take an address away, unless it is the socket's own that is gone.
    const kept = this.#publicAddresses.filter(({ local }) => !hasAnswer(local) && this.#isPresent(local));
    this.#publicAddresses = [...found, ...kept];
  }

  /** Addresses for the sockets whose own address the machine still has. If it has none of them, it cannot be asked. */
  #advertised(): AdvertisedAddress[] {
    const present = this.#locals.filter((local) => this.#isPresent(local));
    const locals = present.length > 0 ? present : this.#locals;
    return PROTOCOLS.flatMap((protocol) =>
      advertisedAddresses(
        locals.filter((local) => local.protocol === protocol),
        this.#options.overrides,
        (name) => this.#hostNames.addressesOf(name),
      ),
    );
  }

  get #allPublicAddresses(): PublicAddress[] {
    return [...this.#publicAddresses, ...tcpAddressesBeside(this.#publicAddresses, this.#locals)];
  }

  #isPresent(local: LocalAddress): boolean {
    return this.#machine.length === 0 || this.#machine.some(({ address }) => address === local.address);
  }

  #warnOfUselessOverride(): void {
    const { overrides, logger } = this.#options;
    const isResolved = hostNamesIn(overrides.host).every((name) => this.#hostNames.addressesOf(name).length > 0);
    if (overrides.host === '' || !isResolved || this.#advertised().some(({ isExternal }) => isExternal)) return;
    logger.warn(
      { hostOverride: overrides.host, local: this.#locals.map(({ address }) => address) },
      'ice_host_override has no effect: it fits none of the local addresses',
    );
  }
}

/** The overrides hold for the sockets of each. */
const PROTOCOLS = ['udp', 'tcp'] as const;

/** Loopback last: it only serves peers on this very machine, and those reach the other addresses too. */
const rankCandidates = (advertised: readonly AdvertisedAddress[]): Candidate[] =>
  advertised
    .toSorted((a, b) => Number(isLoopback(a.address)) - Number(isLoopback(b.address)))
    .map(({ local, address, port }, rank) =>
      hostCandidate({ protocol: local.protocol, address, port, base: local.address, basePort: local.port, rank }),
    );

const reflexiveCandidate = ({ local, address, port }: PublicAddress, rank: number): Candidate =>
  serverReflexiveCandidate({
    protocol: local.protocol,
    address,
    port,
    base: local.address,
    basePort: local.port,
    rank,
  });
