import { isIP } from 'node:net';
import type { LocalAddress } from '@rtcd/packet-io';
import { RtcError } from '../errors.ts';

export interface HostOverrides {
  /** The contract's `ice_host_override`: an IP address or host name, or a comma-separated list of `external/internal` pairs. */
  readonly host: string;
  /** The contract's `ice_host_port_override`: a port, or a comma-separated list of `localIP/port` pairs. */
  readonly port: string;
}

/** Under which address and port peers reach one of our sockets. */
export interface AdvertisedAddress {
  readonly local: LocalAddress;
  /** An IP address, or a host name that peers resolve. */
  readonly address: string;
  readonly port: number;
}

/** What to tell peers (the contract's section 5, overrides). Throws `RtcError` 'invalid_option' naming the bad value. */
export function advertisedAddresses(locals: readonly LocalAddress[], overrides: HostOverrides): AdvertisedAddress[] {
  const externalOf = parseHostOverride(overrides.host, locals);
  const externalPort = parsePortOverride(overrides.port, locals);
  return locals.map((local) => {
    const external = externalOf(local);
    return {
      local,
      address: external ?? local.address,
      // Only where an external address stands in is there a port mapping to go with it.
      port: external === undefined ? local.port : (externalPort ?? local.port),
    };
  });
}

function parseHostOverride(text: string, locals: readonly LocalAddress[]): (local: LocalAddress) => string | undefined {
  if (text === '') return () => undefined;
  if (text.includes('/')) {
    const pairs = parsePairs(text, 'ice_host_override');
    const byInternal = new Map(pairs.map(([external, internal]) => [internal, external]));
    return (local) => byInternal.get(local.address);
  }
  if (isIP(text) === 0 && !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text)) {
    throw new RtcError('invalid_option', `ice_host_override "${text}" is neither an IP address nor a host name`);
  }
  return (local) => (locals.length > 1 && isLoopback(local.address) ? undefined : text);
}

function parsePortOverride(text: string, locals: readonly LocalAddress[]): number | undefined {
  if (text === '') return undefined;
  if (!text.includes('/')) return parsePort(text);
  const pairs = parsePairs(text, 'ice_host_port_override');
  const ports = new Map<string, number>();
  for (const [address, port] of pairs) {
    if (ports.has(address)) throw new RtcError('invalid_option', `ice_host_port_override names ${address} twice`);
    ports.set(address, parsePort(port));
  }
  const [match] = pairs.filter(([address]) => locals.some((local) => local.address === address));
  return match && ports.get(match[0]);
}

const parsePairs = (text: string, option: string): [string, string][] =>
  text.split(',').map((pair) => {
    const [left, right, ...more] = pair.trim().split('/');
    if (!left || !right || more.length > 0) {
      throw new RtcError('invalid_option', `${option}: "${pair.trim()}" is not a pair with one slash`);
    }
    return [left, right];
  });

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new RtcError('invalid_option', `ice_host_port_override: "${text}" is not a port`);
  }
  return port;
}

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');
