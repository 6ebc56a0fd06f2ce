import type { LocalAddress } from '@rtcd/packet-io';
import type { TransportAddress } from '../stun/address.ts';
import type { StunAnswer } from './stun-client.ts';

/** A local address under which a STUN server sees us as another one. */
export interface PublicAddress extends TransportAddress {
  readonly local: LocalAddress;
}

/** First answer for each local address, if it is another address than its own. */
export function publicAddressesIn(answers: readonly StunAnswer[]): PublicAddress[] {
  const found = answers.flatMap(({ local, mapped }) => (mapped === undefined ? [] : [{ local, ...mapped }]));
  const isFirst = (one: PublicAddress, index: number) => found.findIndex(({ local }) => local === one.local) === index;
  const isOther = ({ local, address, port }: PublicAddress) => address !== local.address || port !== local.port;
  return found.filter((one, index) => isFirst(one, index) && isOther(one));
}

/**
 * Public addresses of our TCP sockets: those of the UDP sockets beside them, where a NAT keeps the ports. It then translates all of an address, as a cloud does for its
 * instances.
 */
export function tcpAddressesBeside(
  publicAddresses: readonly PublicAddress[],
  locals: readonly LocalAddress[],
): PublicAddress[] {
  return publicAddresses
    .filter(({ local, port }) => port === local.port)
    .flatMap(({ local: { address: base }, address }) =>
      locals
        .filter((local) => local.protocol === 'tcp' && local.address === base)
        .map((local) => ({ local, address, port: local.port })),
    );
}
