import type { LocalAddress } from '@rtcd/packet-io';
import { type AdvertisedAddress, isLoopback } from '../ice/advertised-address.ts';
import type { CandidateProtocol } from '../ice/candidate.ts';
import type { PublicAddress } from '../ice/public-addresses.ts';
import type { IgnoreReason, InterfaceAddress } from '../io/listen-addresses.ts';
import type { TransportAddress } from '../stun/address.ts';

/** Reason for which an address of this machine is advertised as it is, as another one, or not at all. */
export type AddressReason =
  | 'own_address'
  | 'loopback'
  | 'host_override'
  | 'public_address'
  | 'not_bound'
  | IgnoreReason;

/** One address of this machine, and the addresses that are advertised for it. */
export interface AddressEntry {
  /** Undefined if the machine has no such address any more. */
  readonly interfaceName?: string;
  readonly address: string;
  /** The socket on it, if there is one. */
  readonly socket?: { readonly protocol: CandidateProtocol; readonly port: number };
  /** Empty if the address is ignored. */
  readonly advertised: readonly TransportAddress[];
  readonly reason: AddressReason;
}

/** Explanations for the log and for reports. */
export const ADDRESS_REASONS: Readonly<Record<AddressReason, string>> = {
  own_address: 'address of this machine',
  loopback: 'loopback, for peers on this machine',
  host_override: 'replaced by ice_host_override',
  public_address: 'address of this machine, and the one that a STUN server sees',
  not_bound: 'no socket could be bound to it',
  ignored_interface: 'the interface is in ice_ignored_interfaces',
  not_listed: 'not in the list of addresses to listen on',
  ipv6_disabled: 'enable_ipv6 is off',
  not_global: 'IPv6 address that is not global',
};

/** Table of all addresses of this machine and all sockets: the advertised ones first. */
export function addressTable(
  machine: readonly InterfaceAddress[],
  advertised: readonly AdvertisedAddress[],
  publicAddresses: readonly PublicAddress[],
): AddressEntry[] {
  const nameOf = (address: string) => machine.find((one) => one.address === address)?.interfaceName;
  const withSocket = advertised.map(({ local, address, port, isExternal }): AddressEntry => {
    const own = { address, port };
    const seen = publicAddresses.filter((one) => isSame(one.local, local));
    const interfaceName = nameOf(local.address);
    return {
      ...(interfaceName !== undefined && { interfaceName }),
      address: local.address,
      socket: { protocol: local.protocol, port: local.port },
      advertised: [own, ...seen.map((one) => ({ address: one.address, port: one.port }))],
      reason: socketReason(local, isExternal, seen.length > 0),
    };
  });
  const isBound = (address: string) => advertised.some(({ local }) => local.address === address);
  const others = machine.filter(({ address }) => !isBound(address));
  return [...withSocket, ...others.map(withoutSocket)];
}

function socketReason({ address }: LocalAddress, isExternal: boolean, isSeen: boolean): AddressReason {
  if (isExternal) return 'host_override';
  if (isSeen) return 'public_address';
  return isLoopback(address) ? 'loopback' : 'own_address';
}

const withoutSocket = ({ interfaceName, address, ignored }: InterfaceAddress): AddressEntry => ({
  interfaceName,
  address,
  advertised: [],
  reason: ignored ?? 'not_bound',
});

const isSame = (one: LocalAddress, other: LocalAddress): boolean =>
  one.protocol === other.protocol && one.address === other.address && one.port === other.port;
