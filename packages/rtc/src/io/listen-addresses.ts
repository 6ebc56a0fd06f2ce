import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { RtcError } from '../errors.ts';

export interface ListenOptions {
  /** Comma-separated IP addresses; empty, or an unspecified address among them, means those of all active interfaces. */
  readonly addresses: string;
  readonly port: number;
  readonly enableIPv6: boolean;
}

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
  /** Found rather than asked for: an address that cannot be bound, such as a tentative one of IPv6, is left out. */
  readonly optional: boolean;
}

/** Addresses to bind (the contract's section 5). Throws `RtcError` `invalid_option` for what is no address. */
export function listenAddresses(
  { addresses, port, enableIPv6 }: ListenOptions,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): ListenAddress[] {
  const named = addresses
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  for (const address of named) {
    if (isIP(address) === 0) throw new RtcError('invalid_option', `ICE address "${address}" is not an IP address`);
  }
  // A socket on an unspecified address would do, but peers need addresses (RFC 8445 section 5.1.1.1).
  const optional = named.length === 0 || named.some(isUnspecified);
  const all = optional ? interfaceAddresses(interfaces, enableIPv6) : named;
  return [...new Set(all)].map((address) => ({ address, port, optional }));
}

const interfaceAddresses = (interfaces: ReturnType<typeof networkInterfaces>, enableIPv6: boolean): string[] =>
  Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, address }) => family === 'IPv4' || (enableIPv6 && isGlobalUnicast(address)))
    .map(({ address }) => address);

/** All spellings of `0.0.0.0` and `::`. */
const isUnspecified = (address: string): boolean => /^[0:.]+$/.test(address);

/** RFC 4291 section 2.4: not loopback, link-local, multicast or unspecified. Unique local addresses (RFC 4193) count as global. */
const isGlobalUnicast = (address: string): boolean => !/^(::1?$|fe[89ab]|ff)/i.test(address);
