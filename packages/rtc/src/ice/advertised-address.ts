import { isIP } from 'node:net';
import type { LocalAddress } from '@rtcd/packet-io';
import { RtcError } from '../errors.ts';

export interface HostOverrides {
  /** The contract's `ice_host_override`: an IP address or host name, or a comma-separated list of `external/internal` pairs. */
  readonly host: string;
  /** The contract's `ice_host_port_override`: a port, or a comma-separated list of `localIP/port` pairs. */
  readonly port: string;
}

/** The address and port under which peers reach one of our sockets. */
export interface AdvertisedAddress {
  readonly local: LocalAddress;
  /** An IP address: peers such as Firefox ignore candidates with names (RFC 8839 section 5.1). */
  readonly address: string;
  readonly port: number;
  /** True if the address comes from an override. */
  readonly isExternal: boolean;
}

/** Host names in an `ice_host_override`, to be resolved. Throws `RtcError` `invalid_option` naming the bad value. */
export function hostNamesIn(hostOverride: string): string[] {
  const hosts = hostOverride.includes('/')
    ? parseHostPairs(hostOverride).map(([external]) => external)
    : [hostOverride];
  const names = hosts.filter((host) => host !== '' && isIP(host) === 0);
  for (const name of names) {
    if (!HOST_NAME.test(name)) {
      throw new RtcError('invalid_option', `ice_host_override "${name}" is neither an IP address nor a host name`);
    }
  }
  return names;
}

/** Addresses to advertise to peers, each once: with an override, several of ours may be reached at one. */
export function uniqueAddresses(advertised: readonly AdvertisedAddress[]): AdvertisedAddress[] {
  const isSame = (one: AdvertisedAddress) => (other: AdvertisedAddress) =>
    one.address === other.address && one.port === other.port;
  return advertised.filter((one, index) => advertised.findIndex(isSame(one)) === index);
}

/**
 * The address under which peers reach each of ours (the contract's section 5, overrides). `addressesOf` has the addresses of host names; a name
 * without any has no effect. Throws `RtcError` `invalid_option` naming the bad value.
 */
export function advertisedAddresses(
  locals: readonly LocalAddress[],
  overrides: HostOverrides,
  addressesOf: (name: string) => readonly string[],
): AdvertisedAddress[] {
  const hostOf = parseHostOverride(overrides.host, locals);
  const externalPort = parsePortOverride(overrides.port, locals);
  const externalOf = (local: LocalAddress): string | undefined => {
    const host = hostOf(local) ?? '';
    // An address of the other family leads to no socket of this one.
    return (isIP(host) === 0 ? addressesOf(host) : [host]).find((address) => isIP(address) === local.family);
  };
  return locals.map((local) => {
    const external = externalOf(local);
    return {
      local,
      address: external ?? local.address,
      // Only where an external address stands in is there a port mapping to go with it.
      port: external === undefined ? local.port : (externalPort ?? local.port),
      isExternal: external !== undefined,
    };
  });
}

/** Labels of letters, digits and hyphens. The last one has a letter, or it would be an IPv4 address that is none. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*(?=[^.]*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?$/i;

function parseHostOverride(text: string, locals: readonly LocalAddress[]): (local: LocalAddress) => string | undefined {
  if (text === '') return () => undefined;
  if (text.includes('/')) {
    const pairs = parseHostPairs(text);
    const byInternal = new Map(pairs.map(([external, internal]) => [internal, external]));
    return (local) => byInternal.get(local.address);
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

function parseHostPairs(text: string): [external: string, internal: string][] {
  const pairs = parsePairs(text, 'ice_host_override');
  const wrong = pairs.find(([, internal]) => isIP(internal) === 0);
  if (wrong) throw new RtcError('invalid_option', `ice_host_override: "${wrong[1]}" is not a local IP address`);
  return pairs;
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
