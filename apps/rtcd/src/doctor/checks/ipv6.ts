import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressEntry } from '@rtcd/rtc';
import type { Config } from '../../config/settings.ts';
import type { Finding, Level } from '../finding.ts';
import { scopeOf } from '../ip-scope.ts';

/** Address for documentation (RFC 3849): the default route leads there. A socket that is connected to it sends nothing. */
const ELSEWHERE = { address: '2001:db8::1', port: 9 };

/** Examines the use of IPv6: the setting, the addresses, and the way out. */
export async function checkIPv6(
  rtc: Pick<Config['rtc'], 'enable_ipv6'>,
  addresses: readonly AddressEntry[],
): Promise<Finding[]> {
  return judgeIPv6(rtc.enable_ipv6, addresses, await hasRoute());
}

/** Judges the IPv6 addresses of the table: those that are used, and those that could be. */
export function judgeIPv6(isEnabled: boolean, addresses: readonly AddressEntry[], hasRouteOut: boolean): Finding[] {
  const ipv6 = addresses.filter(({ address }) => address.includes(':') && scopeOf(address) !== 'loopback');
  const used = ipv6.filter(({ socket }) => socket !== undefined);
  const failed = ipv6.filter(({ reason }) => reason === 'not_bound').map(notBound);
  if (used.length > 0) return [...failed, ...judgeUsed(used, hasRouteOut)];
  const disabled = ipv6.filter(({ reason, address }) => reason === 'ipv6_disabled' && scopeOf(address) === 'global');
  if (disabled.length > 0) {
    return [
      finding(
        'note',
        `IPv6 is not used, although this machine has ${listOf(disabled)}: users without IPv4 need NAT64 or a TURN server.`,
        'Set rtc.enable_ipv6 = true.',
      ),
    ];
  }
  if (!isEnabled || failed.length > 0) return failed;
  return [
    finding(
      'warning',
      'rtc.enable_ipv6 is on, but no IPv6 address is advertised: this machine has none that is global.',
      'See ip -6 address and sysctl net.ipv6.conf.all.disable_ipv6; a container needs a network with IPv6. Or set rtc.enable_ipv6 = false.',
    ),
  ];
}

function judgeUsed(used: readonly AddressEntry[], hasRouteOut: boolean): Finding[] {
  const isPublic = used.some(({ advertised }) =>
    advertised.some(({ address }) => address.includes(':') && scopeOf(address) === 'global'),
  );
  if (!isPublic) {
    return [
      finding(
        'note',
        `The IPv6 addresses of this machine (${listOf(used)}) are private: only users in the same network reach them.`,
      ),
    ];
  }
  if (!hasRouteOut) {
    return [
      finding(
        'warning',
        `${listOf(used)} is advertised, but this machine has no IPv6 route to the internet: browsers try it in vain.`,
        'Add a default route (ip -6 route), or set rtc.enable_ipv6 = false.',
      ),
    ];
  }
  return [finding('ok', `IPv6 is used: ${listOf(used)}.`)];
}

/** An address is tentative while the kernel looks for a duplicate of it, and stays so if there is one (RFC 4862 section 5.4). */
const notBound = ({ address, interfaceName = '' }: AddressEntry): Finding =>
  finding(
    'warning',
    `The IPv6 address ${address} of ${interfaceName} cannot be used.`,
    'See ip -6 address: "tentative" passes after a second, "dadfailed" means that another machine has the same address.',
  );

/** Asks the kernel for a route, without a packet. */
async function hasRoute(): Promise<boolean> {
  const socket = createSocket('udp6');
  try {
    socket.connect(ELSEWHERE.port, ELSEWHERE.address);
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

const listOf = (entries: readonly AddressEntry[]): string =>
  [...new Set(entries.map(({ address }) => address))].join(', ');

const finding = (level: Level, message: string, advice?: string): Finding => ({
  check: 'ipv6',
  level,
  message,
  ...(advice !== undefined && { advice }),
});
