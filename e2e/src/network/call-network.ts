import { basicAuthorization } from '@rtcd/auth';
import type { SessionEvent, SessionSnapshot, SessionSummary } from '@rtcd/rtc';
import { CLIENT_ID, RtcdCalls } from '../../interop/src/rtcd-calls.ts';
import { until } from '../until.ts';
import type { DelayOptions } from './delay.ts';
import type { Allowed, NatKind } from './firewall.ts';
import type { Host, Interface, Segment } from './host.ts';
import { type Network, openNetwork } from './network.ts';
import type { Router } from './router.ts';
import { type RtcdOnHost, startRtcdOn } from './rtcd-on-host.ts';

/** Addresses of rtcd: on the internet, and in an office. */
const RTCD_ADDRESS = { ipv4: '203.0.113.10', ipv6: '2001:db8::10', office: '192.168.50.10' } as const;
const RTCD_PORT = 8443;
/** The one that firewalls leave open. */
const RTCD_TCP_PORT = 443;
export const OFFICE_ADDRESS = '192.168.50.20';

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
  readonly #network: Network;
  readonly #internet: Segment;
  #places = 0;

  private constructor(parts: {
    readonly network: Network;
    readonly internet: Segment;
    readonly rtcd: RtcdOnHost;
    readonly calls: RtcdCalls;
    readonly desk: Host;
  }) {
    this.#network = parts.network;
    this.#internet = parts.internet;
    this.rtcd = parts.rtcd;
    this.calls = parts.calls;
    this.desk = parts.desk;
  }

  /** Opens the network and starts rtcd, with further environment variables. */
  static async open(environment: Readonly<Record<string, string>> = {}): Promise<CallNetwork> {
    const network = await openNetwork();
    try {
      return await CallNetwork.#build(network, environment);
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  static async #build(network: Network, environment: Readonly<Record<string, string>>): Promise<CallNetwork> {
    const [internet, office] = [await network.segment('internet'), await network.segment('office')];
    const server = await network.host('rtcd');
    await server.connect(internet, { addresses: [`${RTCD_ADDRESS.ipv4}/24`, `${RTCD_ADDRESS.ipv6}/64`] });
    await server.connect(office, { addresses: [`${RTCD_ADDRESS.office}/24`] });
    const rtcd = await startRtcdOn(server, {
      RTCD_RTC_ENABLEIPV6: 'true',
      RTCD_RTC_ICEPORTUDP: String(RTCD_PORT),
      RTCD_RTC_ICEPORTTCP: String(RTCD_TCP_PORT),
      ...environment,
    });
    const calls = await RtcdCalls.connect(rtcd);
    const desk = await network.host('desk');
    await desk.connect(office, { addresses: [`${OFFICE_ADDRESS}/24`] });
    return new CallNetwork({ network, internet, rtcd, calls, desk });
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
      ...(delay && { delay: { ...delay, to: { address: RTCD_ADDRESS.ipv4, port: RTCD_PORT } } }),
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
