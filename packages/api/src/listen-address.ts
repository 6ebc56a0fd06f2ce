import { ApiError } from './errors.ts';

/** An address to listen on, as `parseListenAddress` reads it. */
export interface ListenAddress {
  /** Left out: all interfaces, IPv6 and IPv4. */
  readonly host?: string;
  readonly port: number;
}

const LISTEN_ADDRESS = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/;

/** Reads `host:port`, `[IPv6]:port` or `:port`; port 0 takes any free one. Throws `invalid_address`. */
export function parseListenAddress(text: string): ListenAddress {
  const groups = LISTEN_ADDRESS.exec(text)?.groups;
  const port = Number(groups?.port);
  if (groups === undefined || port > 65_535) {
    throw new ApiError(
      'invalid_address',
      `${JSON.stringify(text)} is not an address to listen on: use host:port, [IPv6 address]:port or :port`,
    );
  }
  const host = groups.ipv6 ?? groups.host;
  return host ? { host, port } : { port };
}

/** `host:port` as it is written in URLs. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
