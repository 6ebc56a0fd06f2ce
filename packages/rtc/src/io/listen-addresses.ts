import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { RtcError } from '../errors.ts';

export interface ListenOptions {
  /** Comma-separated IP addresses; empty means those of all active interfaces. */
  readonly addresses: string;
  readonly port: number;
  readonly enableIPv6: boolean;
}

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** Which addresses to bind (the contract's section 5). Throws `RtcError` 'invalid_option' for what is no address. */
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
  const all = named.length > 0 ? named : interfaceAddresses(interfaces, enableIPv6);
  return [...new Set(all)].map((address) => ({ address, port }));
}

const interfaceAddresses = (interfaces: ReturnType<typeof networkInterfaces>, enableIPv6: boolean): string[] =>
  Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, address }) => family === 'IPv4' || (enableIPv6 && isGlobalUnicast(address)))
    .map(({ address }) => address);

/** RFC 4291 section 2.4: not loopback, link-local, multicast or unspecified. Unique local addresses (RFC 4193) count as global. */
const isGlobalUnicast = (address: string): boolean => !/^(::1?$|fe[89ab]|ff)/i.test(address);
