import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';

/** Makes the TCP connection to a host; TLS, if the URL asks for it, is spoken on top with the URL's host as server name. */
export type Dial = (host: string, port: number) => Duplex;

/** How connections are made, for HTTP and WebSocket alike. An `agent` overrides the rest. */
export interface DialOptions {
  /** Makes the connections, TLS included. */
  readonly agent?: HttpAgent;
  /** Makes the TCP connections, e.g. to pin one address of a host among several. */
  readonly dial?: Dial;
  /** Resolves the URL's host instead of `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /** Authorities to trust instead of the system's, PEM. */
  readonly ca?: AgentOptions['ca'];
}

/** The agent for all connections of one client. It keeps none alive: requests are rare, and an idle one may die unseen. */
export function createAgent(isSecure: boolean, { agent, dial, lookup, ca }: DialOptions): HttpAgent {
  if (agent !== undefined) return agent;
  const common = { keepAlive: false, ...(lookup && { lookup }) };
  if (isSecure) {
    const options = { ...common, ...(ca && { ca }) };
    return dial === undefined ? new HttpsAgent(options) : new DialingHttpsAgent(options, dial);
  }
  return dial === undefined ? new HttpAgent(common) : new DialingHttpAgent(common, dial);
}

class DialingHttpAgent extends HttpAgent {
  readonly #dial: Dial;

  constructor(options: AgentOptions, dial: Dial) {
    super(options);
    this.#dial = dial;
  }

  override createConnection(options: ClientRequestArgs): Duplex {
    return this.#dial(...target(options));
  }
}

class DialingHttpsAgent extends HttpsAgent {
  readonly #dial: Dial;

  constructor(options: AgentOptions, dial: Dial) {
    super(options);
    this.#dial = dial;
  }

  override createConnection(options: ClientRequestArgs): Duplex {
    return tlsConnect({ ...(options as ConnectionOptions), socket: this.#dial(...target(options)) });
  }
}

function target(options: ClientRequestArgs): [host: string, port: number] {
  return [options.hostname ?? options.host ?? 'localhost', Number(options.port)];
}
