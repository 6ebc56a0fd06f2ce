import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { RtcError } from '../errors.ts';

/** Names of interfaces that lead to containers and virtual machines on the same host, and to no user. `*` stands for anything. */
export const IGNORED_INTERFACES_DEFAULT =
  'docker*, br-*, veth*, cni*, podman*, nerdctl*, virbr*, vmnet*, vboxnet*, lxcbr*, lxdbr*, flannel*, cali*, vxlan.calico*, tunl*, ' +
  'cilium*, weave*, kube-*, nodelocaldns*';

export interface ListenOptions {
  /** Comma-separated IP addresses; empty, or an unspecified address among them, means those of all active interfaces. */
  readonly addresses: string;
  readonly port: number;
  readonly enableIPv6: boolean;
  /** Comma-separated names of interfaces that are left out unless their addresses are named, in which `*` stands for anything. */
  readonly ignoredInterfaces: string;
}

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
  /** Found rather than asked for: an address that cannot be bound, such as a tentative one of IPv6, is left out. */
  readonly optional: boolean;
}

/** Reason for not listening on an address of this machine. */
export type IgnoreReason = 'ignored_interface' | 'not_listed' | 'ipv6_disabled' | 'not_global';

/** An address of this machine, and the reason for not listening on it, if there is one. */
export interface InterfaceAddress {
  readonly interfaceName: string;
  readonly address: string;
  readonly ignored?: IgnoreReason;
}

type Interfaces = ReturnType<typeof networkInterfaces>;

/** Addresses to bind (the contract's section 5). Throws `RtcError` `invalid_option` for what is no address. */
export function listenAddresses(options: ListenOptions, interfaces: Interfaces = networkInterfaces()): ListenAddress[] {
  const named = namedAddresses(options.addresses);
  // A socket on an unspecified address would do, but peers need addresses (RFC 8445 section 5.1.1.1).
  const optional = meansAll(named);
  const all = optional ? listable(interfaceAddresses(options, interfaces)) : named;
  return [...new Set(all)].map((address) => ({ address, port: options.port, optional }));
}

/** All addresses of this machine, and which of them `listenAddresses` leaves out. */
export function interfaceAddresses(
  options: Omit<ListenOptions, 'port'>,
  interfaces: Interfaces = networkInterfaces(),
): InterfaceAddress[] {
  const named = namedAddresses(options.addresses);
  const reasonFor = meansAll(named)
    ? reasonAmongAll(options, interfaces)
    : (_: string, address: string) => (named.includes(address) ? undefined : 'not_listed');
  return Object.entries(interfaces).flatMap(([interfaceName, addresses = []]) =>
    addresses.map(({ address }): InterfaceAddress => {
      const ignored = reasonFor(interfaceName, address);
      return { interfaceName, address, ...(ignored !== undefined && { ignored }) };
    }),
  );
}

/** Ignored interfaces are better than none: they count if there is nothing else but loopback. */
function reasonAmongAll({ enableIPv6, ignoredInterfaces }: Omit<ListenOptions, 'port'>, interfaces: Interfaces) {
  const isIgnored = interfaceMatcher(ignoredInterfaces);
  const isUsable = (address: string) => addressReason(address, enableIPv6) === undefined;
  const hasOther = Object.entries(interfaces).some(
    ([name, addresses = []]) =>
      !isIgnored(name) && addresses.some(({ address, internal }) => !internal && isUsable(address)),
  );
  return (name: string, address: string): IgnoreReason | undefined =>
    addressReason(address, enableIPv6) ?? (hasOther && isIgnored(name) ? 'ignored_interface' : undefined);
}

function addressReason(address: string, enableIPv6: boolean): IgnoreReason | undefined {
  if (isIP(address) === 4) return undefined;
  if (!isGlobalUnicast(address)) return 'not_global';
  return enableIPv6 ? undefined : 'ipv6_disabled';
}

function namedAddresses(list: string): string[] {
  const named = split(list);
  for (const address of named) {
    if (isIP(address) === 0) throw new RtcError('invalid_option', `ICE address "${address}" is not an IP address`);
  }
  return named;
}

const meansAll = (named: readonly string[]): boolean => named.length === 0 || named.some(isUnspecified);

const listable = (addresses: readonly InterfaceAddress[]): string[] =>
  addresses.filter(({ ignored }) => ignored === undefined).map(({ address }) => address);

/** Matches the names of interfaces against a comma-separated list of patterns. Everything in a pattern but `*` stands for itself. */
export function interfaceMatcher(patterns: string): (name: string) => boolean {
  const alternatives = split(patterns).map((pattern) => pattern.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*'));
  if (alternatives.length === 0) return () => false;
  const matcher = new RegExp(`^(?:${alternatives.join('|')})$`);
  return (name) => matcher.test(name);
}

const split = (list: string): string[] =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** All spellings of `0.0.0.0` and `::`. */
const isUnspecified = (address: string): boolean => /^[0:.]+$/.test(address);

/** RFC 4291 section 2.4: not loopback, link-local, multicast or unspecified. Unique local addresses (RFC 4193) count as global. */
const isGlobalUnicast = (address: string): boolean => !/^(::1?$|fe[89ab]|ff)/i.test(address);
