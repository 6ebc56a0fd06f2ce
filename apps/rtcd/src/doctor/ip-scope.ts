import { BlockList, isIP } from 'node:net';

/** Reach of an IP address: everyone, a private network, this machine, or no one. */
export type IpScope = 'global' | 'private' | 'loopback' | 'unusable';

/** Addresses of private networks (RFC 1918, RFC 6598 for carriers' NATs, RFC 4193) and of links (RFC 3927, RFC 4291). */
const PRIVATE = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['fc00::', 7],
  ['fe80::', 10],
] as const;
const LOOPBACK = [
  ['127.0.0.0', 8],
  ['::1', 128],
] as const;
/** Unspecified, multicast, and reserved. */
const UNUSABLE = [
  ['0.0.0.0', 8],
  ['224.0.0.0', 3],
  ['::', 128],
  ['ff00::', 8],
] as const;

/** Returns the reach of an address. */
export function scopeOf(address: string): IpScope {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (LISTS.unusable.check(address, family)) return 'unusable';
  if (LISTS.loopback.check(address, family)) return 'loopback';
  return LISTS.private.check(address, family) ? 'private' : 'global';
}

const LISTS = { private: listOf(PRIVATE), loopback: listOf(LOOPBACK), unusable: listOf(UNUSABLE) };

function listOf(subnets: ReadonlyArray<readonly [network: string, prefixBits: number]>): BlockList {
  const list = new BlockList();
  for (const [network, prefixBits] of subnets)
    list.addSubnet(network, prefixBits, isIP(network) === 6 ? 'ipv6' : 'ipv4');
  return list;
}
