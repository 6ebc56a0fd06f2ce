import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Options of a coturn for tests. All have a default. */
export interface CoturnOptions {
  /** Address that it listens on, and that it relays from. Default 127.0.0.1. */
  readonly address?: string;
  /** An IPv6 address that it has as well. Default none. */
  readonly ipv6Address?: string;
  /** Default: a free one, for UDP and TCP. */
  readonly port?: number;
  /** Ports that it relays from, the first and the last. Default: 49152 to 65535. */
  readonly relayPorts?: readonly [number, number];
  /** Program and arguments that start it elsewhere, such as `['ip', 'netns', 'exec', name]`. Default none. */
  readonly prefix?: readonly string[];
  readonly secret?: string;
  /** Files in PEM. With them, it takes TLS, too, on a port of its own. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** A TURN server in a process of its own. */
export interface Coturn {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  readonly log: readonly string[];
  /** A `turn:` URL of it, or for TLS a `turns:` URL, by another name if one is given. */
  url(transport?: 'udp' | 'tcp' | 'tls', host?: string): string;
  /** Ends the process, and resolves when it has. */
  close(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/** Returns whether coturn is installed. If it is not, throws an error if `REQUIRE_COTURN` is set, and else prints that its tests are skipped. */
export function hasCoturn(): boolean {
  if (spawnSync('turnserver', ['--version']).error === undefined) return true;
  const reason = 'coturn is not installed (apt-get install coturn)';
  if (process.env.REQUIRE_COTURN !== undefined) throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return false;
}

/** Starts coturn with time-limited credentials (`use-auth-secret`). Resolves once it takes requests. */
export async function startCoturn(options: CoturnOptions = {}): Promise<Coturn> {
  const { address = '127.0.0.1', prefix = [], secret = 'north', relayPorts = [49_152, 65_535] } = options;
  const addresses = [address, ...(options.ipv6Address === undefined ? [] : [options.ipv6Address])];
  const port = options.port ?? (await freePort());
  const tlsPort = options.tls ? await freePort() : 0;
  const [program = 'turnserver', ...args] = [
    ...prefix,
    ...['turnserver', '-n', '--no-cli', '--no-dtls', '--pidfile=', '--log-file=stdout', '--simple-log', '--verbose'],
    ...(options.tls
      ? [`--tls-listening-port=${tlsPort}`, `--cert=${options.tls.certFile}`, `--pkey=${options.tls.keyFile}`]
      : ['--no-tls']),
    ...addresses.flatMap((each) => [`--listening-ip=${each}`, `--relay-ip=${each}`]),
    `--listening-port=${port}`,
    ...[`--min-port=${relayPorts[0]}`, `--max-port=${relayPorts[1]}`, '--allow-loopback-peers'],
    ...[
      '--use-auth-secret',
      `--static-auth-secret=${secret}`,
      '--realm=rtcd.test',
      '--fingerprint',
      '--relay-threads=1',
    ],
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log: string[] = [];
  const exited = once(child, 'exit');
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log.push(text);
      if (isListening(log.join(''), options.tls ? [port, tlsPort] : [port])) resolve();
    });
  }
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await exited;
  };
  const failed = async (reason: string): Promise<never> => {
    await close();
    throw new Error(`coturn ${reason}. Its log:\n${log.join('')}`);
  };
  const timer = Promise.withResolvers<void>();
  const timeout = setTimeout(timer.resolve, START_LIMIT_MS);
  await Promise.race([
    listening,
    exited.then(() => failed('ended')),
    timer.promise.then(() => failed('did not start')),
  ]);
  clearTimeout(timeout);
  return {
    address,
    port,
    secret,
    log,
    url: (transport = 'udp', host = address) =>
      transport === 'tls' ? `turns:${host}:${tlsPort}` : `turn:${host}:${port}?transport=${transport}`,
    close,
  };
}

/** A listener for TCP on a port that also takes TLS is logged as one of TLS. */
function isListening(log: string, tcpPorts: readonly number[]): boolean {
  const listeners = tcpPorts.map((port) => new RegExp(`TCP listener opened on\\b.*:${port}\\b`));
  return [/UDP listener opened on/, ...listeners].every((listener) => listener.test(log));
}

/** A port that nothing uses, over UDP and over TCP. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const socket = createSocket('udp4');
    const outcome = once(socket, 'listening').then(
      () => true,
      () => false,
    );
    socket.bind(port, '127.0.0.1');
    const isFree = await outcome;
    socket.close();
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
}
