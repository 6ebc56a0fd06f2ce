import { basicAuthorization } from '@rtcd/auth';
import type { SessionEvent, SessionSnapshot, SessionSummary } from '@rtcd/rtc';
import type { Coturn } from '../../../packages/rtc/test/coturn.ts';
import { CLIENT_ID, RtcdCalls } from '../../interop/src/rtcd-calls.ts';
import { until } from '../until.ts';
import { DESK, RTCD, RTCD_PORTS } from './addresses.ts';
import type { DelayOptions } from './delay.ts';
import type { Allowed, NatKind } from './firewall.ts';
import type { Host, Interface, Segment } from './host.ts';
import { TURN_SECRET, turnUrl } from './ice-servers.ts';
import { type Network, openNetwork } from './network.ts';
import type { Router } from './router.ts';
import { type RtcdOnHost, startRtcdOn } from './rtcd-on-host.ts';
import type { LoggedWay } from './seen-way.ts';
import { startTurnServer } from './start-turn-server.ts';

/** Address families of rtcd's host. */
export type Families = 'dual_stack' | 'only_ipv6';

export interface CallNetworkOptions {
  /** Default: both. */
  readonly families?: Families;
  /** A TURN server is on the internet, and rtcd has a relay there. Default false. */
  readonly hasTurn?: boolean;
  /** The TCP port of rtcd takes TLS as well. Default false. */
  readonly tls?: boolean;
}

export interface HomeOptions {
  readonly nat?: NatKind;
  readonly allowed?: Allowed;
  readonly lossPercent?: number;
  readonly mtu?: number;
  readonly delay?: Omit<DelayOptions, 'to'>;
}

/** A connection of a host to the internet. */
export interface Place {
  /** The address that the host has there. */
  readonly address: string;
  /** The address that others see. */
  readonly publicAddress: string;
  readonly plug: Interface;
  readonly router?: Router;
  /** Takes the host away from there. */
  leave(): Promise<void>;
}

/**
 * An rtcd with an interface on the internet (IPv4 and IPv6) and one in an office without internet, and the client that serves its
 * calls. Participants are in the office, who can reach rtcd only there, or on hosts that are added as needed and plugged in somewhere.
 */
export class CallNetwork {
  readonly calls: RtcdCalls;
  readonly rtcd: RtcdOnHost;
  /** Host in the office. */
  readonly desk: Host;
  /** Address of the desk. */
  readonly deskAddress: string;
  readonly #network: Network;
  readonly #internet: Segment;
  readonly #turn: Coturn | undefined;
  #places = 0;

  private constructor(parts: {
    readonly network: Network;
    readonly internet: Segment;
    readonly rtcd: RtcdOnHost;
    readonly calls: RtcdCalls;
    readonly desk: Host;
    readonly deskAddress: string;
    readonly turn: Coturn | undefined;
  }) {
    this.#network = parts.network;
    this.#internet = parts.internet;
    this.rtcd = parts.rtcd;
    this.calls = parts.calls;
    this.desk = parts.desk;
    this.deskAddress = parts.deskAddress;
    this.#turn = parts.turn;
  }

  /** Opens the network and starts rtcd. */
  static async open(options: CallNetworkOptions = {}): Promise<CallNetwork> {
    const network = await openNetwork();
    try {
      return await CallNetwork.#build(network, options);
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  static async #build(
    network: Network,
    { families = 'dual_stack', hasTurn = false, tls = false }: CallNetworkOptions,
  ): Promise<CallNetwork> {
    const [internet, office] = [await network.segment('internet'), await network.segment('office')];
    const turn = hasTurn ? await startTurnServer(await network.host('turn'), internet) : undefined;
    const server = await network.host('rtcd');
    await server.connect(internet, { addresses: ofFamilies(families, `${RTCD.ipv4}/24`, `${RTCD.ipv6}/64`) });
    await server.connect(office, { addresses: ofFamilies(families, `${RTCD.officeIpv4}/24`, `${RTCD.officeIpv6}/64`) });
    const rtcd = await startRtcdOn(server, {
      environment: {
        RTCD_RTC_ENABLEIPV6: 'true',
        RTCD_RTC_ICEPORTUDP: String(RTCD_PORTS.udp),
        RTCD_RTC_ICEPORTTCP: String(RTCD_PORTS.tcp),
        ...(turn && {
          RTCD_RTC_ICESERVERS: JSON.stringify([turnUrl('udp', families === 'only_ipv6' ? 'ipv6' : 'ipv4')]),
          RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: TURN_SECRET,
        }),
      },
      tls,
    });
    const calls = await RtcdCalls.connect(rtcd);
    const desk = await network.host('desk');
    await desk.connect(office, { addresses: ofFamilies(families, `${DESK.ipv4}/24`, `${DESK.ipv6}/64`) });
    const deskAddress = families === 'only_ipv6' ? DESK.ipv6 : DESK.ipv4;
    return new CallNetwork({ network, internet, rtcd, calls, desk, deskAddress, turn });
  }

  /** Adds a host that is not connected yet. */
  host(name: string): Promise<Host> {
    return this.#network.host(name);
  }

  /** Plugs a host into the internet, without a router. */
  async plugIn(host: Host, family: 'ipv4' | 'ipv6'): Promise<Place> {
    const number = this.#nextPlace();
    const address = family === 'ipv4' ? `203.0.113.${number}` : `2001:db8::${number}`;
    const plug = await host.connect(this.#internet, { addresses: [`${address}/${family === 'ipv4' ? 24 : 64}`] });
    return { address, publicAddress: address, plug, leave: () => plug.unplug() };
  }

  /** Plugs a host into a router of its own, which is on the internet's IPv4 side. */
  async plugIntoRouter(host: Host, options: HomeOptions = {}): Promise<Place> {
    const number = this.#nextPlace();
    const { mtu = 1_500, delay, ...others } = options;
    const inside = await this.#network.segment(`home${number}`);
    const [gateway, address, publicAddress] = [`10.0.${number}.1`, `10.0.${number}.2`, `203.0.113.${number}`];
    const router = await this.#network.router('router', {
      ...others,
      outside: this.#internet,
      outsideAddress: `${publicAddress}/24`,
      inside,
      insideAddress: `${gateway}/24`,
      insideHost: address,
      insideMtu: mtu,
      ...(delay && { delay: { ...delay, to: { address: RTCD.ipv4, port: RTCD_PORTS.udp } } }),
    });
    const plug = await host.connect(inside, { addresses: [`${address}/24`], gateway, mtu });
    const leave = async () => {
      await plug.unplug();
      router.close();
      await this.#network.remove(router.host);
    };
    return { address, publicAddress, plug, router, leave };
  }

  /** State of a session as rtcd sees it. */
  inspect(sessionID: string): Promise<SessionSnapshot> {
    return this.#ask<SessionSnapshot>(`/debug/sessions/${CLIENT_ID}/${sessionID}`);
  }

  /** The path of a session of any client as rtcd sees it: `udp 203.0.113.100:5000 via 203.0.113.10:8443`. */
  async pathOf(sessionID: string): Promise<string> {
    const sessions = await this.#ask<readonly SessionSummary[]>('/debug/sessions');
    return sessions.find((session) => session.sessionID === sessionID)?.path ?? 'none';
  }

  /** The last lines of the logs: with a failed test, the other half of the story. */
  get log(): string {
    return [...this.rtcd.log.slice(-50), ...(this.#turn?.log.slice(-50) ?? [])].join('');
  }

  /** Resolves with the line that rtcd logs when a session has ended. */
  async loggedEnd(sessionID: string): Promise<LoggedWay> {
    const isEnd = (line: string) => line.includes('"session closed"') && line.includes(sessionID);
    const line = await until(
      `the end of session ${sessionID} is logged`,
      async () => this.rtcd.log.findLast(isEnd),
      (found) => found !== undefined,
    );
    return JSON.parse(line!) as LoggedWay;
  }

  /** Resolves once something has happened to a session. */
  async untilEvent(sessionID: string, name: SessionEvent['event']): Promise<void> {
    await until(
      `${name} in session ${sessionID}`,
      async () => (await this.inspect(sessionID)).events.map(({ event }) => event),
      (events) => events.includes(name),
    );
  }

  async close(): Promise<void> {
    await this.calls.close();
    await this.#turn?.close();
    await this.#network.close();
  }

  async #ask<T>(path: string): Promise<T> {
    const authorization = basicAuthorization('', this.rtcd.adminSecret);
    const response = await fetch(`${this.rtcd.url}${path}`, { headers: { authorization } });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Last byte of an address. */
  #nextPlace(): number {
    return 100 + this.#places++;
  }
}

const ofFamilies = (families: Families, ipv4: string, ipv6: string): readonly string[] => [
  ...(families === 'only_ipv6' ? [] : [ipv4]),
  ipv6,
];
