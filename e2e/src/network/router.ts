import { type DelayOptions, delayDatagrams, type UdpRelay } from './delay.ts';
import { type Allowed, FROM_OUTSIDE, firewallRules, INSIDE, type NatKind, OUTSIDE } from './firewall.ts';
import type { Host, Interface, Segment } from './host.ts';
import { systemCommand } from './system-command.ts';

export interface RouterOptions {
  readonly outside: Segment;
  /** IPv4, with the length of the prefix. */
  readonly outsideAddress: string;
  readonly inside: Segment;
  /** IPv4, with the length of the prefix. */
  readonly insideAddress: string;
  /** IPv4 address of the host inside. */
  readonly insideHost: string;
  readonly nat?: NatKind;
  readonly allowed?: Allowed;
  readonly lossPercent?: number;
  readonly insideMtu?: number;
  readonly delay?: DelayOptions;
}

/** A router with NAT and a firewall between two segments. */
export class Router {
  readonly host: Host;
  readonly #outside: Interface;
  readonly #relay: UdpRelay | undefined;

  private constructor(host: Host, outside: Interface, relay: UdpRelay | undefined) {
    this.host = host;
    this.#outside = outside;
    this.#relay = relay;
  }

  /** Makes a router of a host that is not connected yet. */
  static async start(host: Host, options: RouterOptions): Promise<Router> {
    const {
      insideHost,
      nat = 'port_restricted',
      allowed = 'everything',
      lossPercent = 0,
      insideMtu = 1_500,
      delay,
    } = options;
    const outside = await host.connect(options.outside, { name: OUTSIDE, addresses: [options.outsideAddress] });
    await host.connect(options.inside, { name: INSIDE, addresses: [options.insideAddress], mtu: insideMtu });
    await host.run('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
    const relay = delay && (await delayDatagrams(host, delay));
    const rules = firewallRules({ nat, insideHost, allowed, lossPercent, relay });
    await systemCommand(host.commandLine('nft', '-f', '-'), rules);
    return new Router(host, outside, relay);
  }

  /** Forgets all mappings, as a router that restarts: a flow that continues gets another port if ports are random. */
  async restart(): Promise<void> {
    await this.#outside.down();
    await this.#outside.up();
  }

  /** Number of UDP datagrams that have arrived from outside. */
  async arrivedFromOutside(): Promise<number> {
    const counter = await this.host.run('nft', 'list', 'counter', 'inet', 'filter', FROM_OUTSIDE);
    return Number(/packets (\d+)/.exec(counter)?.[1]);
  }

  close(): void {
    this.#relay?.process.disconnect();
  }
}
