import type { NetworkProbe, StunProbe } from '@rtcd/rtc';
import { formatEndpoint } from '../../endpoint.ts';
import type { Finding, Level } from '../finding.ts';

/** Judges what STUN servers answer: whether UDP gets out and back, whether strangers' packets get in, and under which port. */
export function checkReachability({ stun, addresses, bindError }: NetworkProbe): Finding[] {
  if (stun.length === 0) {
    return [
      finding(
        'note',
        'It was not checked whether users can reach the media port: no STUN server can be asked from the addresses listened on.',
        'Name one with --stun, such as your TURN server: stun:turn.example.com:3478.',
      ),
    ];
  }
  const servers = [...new Set(stun.map(({ server }) => server))];
  const findings = servers.flatMap((server) => judgeServer(server, stun, bindError !== undefined));
  return [...findings, ...changingPorts(stun), ...translatedPorts(stun, addresses)];
}

const finding = (level: Level, message: string, advice?: string): Finding => ({
  check: 'reachability',
  level,
  message,
  ...(advice !== undefined && { advice }),
});

function judgeServer(server: string, stun: readonly StunProbe[], isOtherPort: boolean): Finding[] {
  const probes = stun.filter((probe) => probe.server === server);
  const answered = probes.find(({ mapped }) => mapped);
  if (answered?.mapped === undefined) {
    const isAlone = stun.every(({ mapped }) => mapped === undefined);
    return [
      finding(
        isAlone ? 'error' : 'warning',
        `${server} does not answer to ${endpointsOf(probes)}: ${isAlone ? 'UDP is blocked, or the server is down' : 'the server is down, or blocked'}.`,
        isAlone
          ? 'Let UDP from and to the media port pass in the firewall of this machine and of its network, in both directions.'
          : 'Check the server, or remove it.',
      ),
    ];
  }
  const seen = `${server} sees ${formatEndpoint(answered.local)} as ${formatEndpoint(answered.mapped)}`;
  const closed = probes.find(({ isOpen }) => isOpen === false);
  if (closed && !isOtherPort) {
    return [
      finding(
        'error',
        `${seen}, but packets from addresses that this machine has not sent to do not arrive at ${formatEndpoint(closed.local)}.`,
        `Let UDP to port ${closed.local.port} pass from all addresses: in the firewall of this machine, in the security group, and in the NAT, which has to forward the port.`,
      ),
    ];
  }
  if (probes.some(({ isOpen }) => isOpen)) return [finding('ok', `${seen}, and packets from other addresses arrive.`)];
  return [finding('ok', `${seen}. It cannot tell whether packets from other addresses arrive.`)];
}

const endpointsOf = (probes: readonly StunProbe[]): string =>
  probes.map(({ local }) => formatEndpoint(local)).join(', ');

/** A NAT that maps a socket to another port for each destination shows users another port than it shows STUN servers (RFC 4787 section 4.1). */
function changingPorts(stun: readonly StunProbe[]): Finding[] {
  const locals = [...new Set(stun.map(({ local }) => local.address))];
  return locals.flatMap((local) => {
    const mapped = stun.flatMap((probe) => (probe.local.address === local && probe.mapped ? [probe.mapped] : []));
    const different = [...new Set(mapped.map(formatEndpoint))];
    if (different.length < 2) return [];
    return [
      finding(
        'error',
        `The NAT of ${local} uses another public port for each destination (${different.join(', ')}): the address that a STUN server sees is of no use.`,
        'Forward a fixed port to the media port in the NAT, and set rtc.ice_host_override and rtc.ice_host_port_override to where it is.',
      ),
    ];
  });
}

/** A port that a NAT made up is advertised as a candidate, but may change whenever the mapping expires. */
function translatedPorts(stun: readonly StunProbe[], addresses: NetworkProbe['addresses']): Finding[] {
  const translated = stun.find(
    ({ local, mapped }) =>
      mapped &&
      mapped.port !== local.port &&
      addresses.some(({ address, reason }) => address === local.address && reason === 'public_address'),
  );
  if (translated?.mapped === undefined) return [];
  return [
    finding(
      'warning',
      `The NAT maps port ${translated.local.port} to ${translated.mapped.port}, which lasts only as long as the mapping.`,
      'Forward a fixed port in the NAT, and set rtc.ice_host_override and rtc.ice_host_port_override to where it is.',
    ),
  ];
}
