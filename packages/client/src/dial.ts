import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent } from 'node:https';
import { type LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import type { Timers } from '@rtcd/boundary';

/** Makes the TCP connection to a host; TLS, if the URL asks for it, is spoken on top with the URL's host as server name. */
export type Dial = (host: string, port: number) => Duplex;

/** Ways to make connections, for both HTTP and WebSocket. An `agent` overrides the rest. */
export interface DialOptions {
  /** Makes the connections, TLS included. */
  readonly agent?: HttpAgent;
  /** Makes the TCP connections, e.g. to pin one address of a host among several. */
  readonly dial?: Dial;
  /** Resolves the URL's host instead of `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /** Authorities to trust instead of the system's, PEM. */
  readonly ca?: AgentOptions['ca'];
  /** Time limit for connecting, TCP and TLS together. Default 5 s. */
  readonly connectTimeoutMs?: number;
}

/** An agent's settings, and how long a connection may take. */
interface Connecting extends Pick<DialOptions, 'dial'> {
  readonly clock: Timers;
  readonly timeoutMs: number;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

/** The agent for all connections of one client. It keeps none alive: requests are rare, and an idle one may die unseen. */
export function createAgent(isSecure: boolean, options: DialOptions, clock: Timers): HttpAgent {
  const { agent, dial, lookup, ca, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  if (agent !== undefined) return agent;
  const connecting = { clock, timeoutMs: connectTimeoutMs, ...(dial && { dial }) };
  const common = { keepAlive: false, ...(lookup && { lookup }) };
  return isSecure
    ? new DialingHttpsAgent({ ...common, ...(ca && { ca }) }, connecting)
    : new DialingHttpAgent(common, connecting);
}

class DialingHttpAgent extends HttpAgent {
  readonly #connecting: Connecting;

  constructor(options: AgentOptions, connecting: Connecting) {
    super(options);
    this.#connecting = connecting;
  }

  override createConnection(options: ClientRequestArgs): Duplex {
    const { dial } = this.#connecting;
    const socket = dial === undefined ? super.createConnection(options) : dial(...target(options));
    return limitConnecting(socket!, 'connect', this.#connecting);
  }
}

class DialingHttpsAgent extends HttpsAgent {
  readonly #connecting: Connecting;

  constructor(options: AgentOptions, connecting: Connecting) {
    super(options);
    this.#connecting = connecting;
  }

  override createConnection(options: ClientRequestArgs): Duplex {
    const { dial } = this.#connecting;
    const socket =
      dial === undefined
        ? super.createConnection(options)
        : tlsConnect({ ...(options as ConnectionOptions), socket: dial(...target(options)) });
    return limitConnecting(socket!, 'secureConnect', this.#connecting);
  }
}

/** Destroys a socket that is not ready in time. A stream of a custom dial that is connected already has nothing to wait for. */
function limitConnecting(socket: Duplex, ready: 'connect' | 'secureConnect', { clock, timeoutMs }: Connecting): Duplex {
  if (ready === 'connect' && !(socket instanceof Socket && socket.connecting)) return socket;
  const timer = clock.setTimer(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
  const stop = () => clock.clearTimer(timer);
  return socket.once(ready, stop).once('close', stop);
}

function target(options: ClientRequestArgs): [host: string, port: number] {
  return [options.hostname ?? options.host ?? 'localhost', Number(options.port)];
}
