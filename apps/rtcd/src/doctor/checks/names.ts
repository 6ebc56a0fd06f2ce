import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { textOf } from '@rtcd/boundary';
import type { Config } from '../../config/settings.ts';
import type { Finding } from '../finding.ts';
import { scopeOf } from '../ip-scope.ts';

const ANSWER_LIMIT_MS = 5_000;
const OVERRIDE = 'rtc.ice_host_override';

/** Resolves a host name. Rejects if it has no address. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** A host name in the configuration. */
interface ConfiguredName {
  readonly name: string;
  /** Setting or option that contains it. */
  readonly setting: string;
}

/** Resolves all host names in the configuration, and judges their addresses. */
export async function checkNames(
  rtc: Config['rtc'],
  stunServers: readonly string[],
  resolve: ResolveName = systemResolve,
): Promise<Finding[]> {
  const names = namesIn(rtc, stunServers);
  return (await Promise.all(names.map((name) => checkName(name, resolve)))).flat();
}

async function checkName({ name, setting }: ConfiguredName, resolve: ResolveName): Promise<Finding[]> {
  const isOverride = setting === OVERRIDE;
  try {
    const addresses = await resolve(name);
    const isUseless = (address: string) => ['loopback', 'unusable'].includes(scopeOf(address));
    if (isOverride && addresses.every(isUseless)) {
      return [
        {
          check: 'names',
          level: 'error',
          message: `${name} in ${setting} resolves to ${addresses.join(', ')}, at which users cannot reach this machine.`,
          advice: 'Correct its DNS record, or the line in /etc/hosts, or use an IP address.',
        },
      ];
    }
    return [{ check: 'names', level: 'ok', message: `${name} in ${setting} resolves to ${addresses.join(', ')}.` }];
  } catch (error) {
    return [
      {
        check: 'names',
        level: isOverride ? 'error' : 'warning',
        message: `${name} in ${setting} is not resolved: ${textOf(error)}.`,
        advice: isOverride
          ? 'Correct the name or its DNS record, or use an IP address. Until it is resolved, local addresses are advertised.'
          : 'Correct the name or its DNS record, or remove the server.',
      },
    ];
  }
}

/** All host names in the settings, each once per setting. Addresses are none. */
function namesIn(rtc: Config['rtc'], stunServers: readonly string[]): ConfiguredName[] {
  const overrides = rtc.ice_host_override.split(',').map((pair) => pair.trim().split('/')[0] ?? '');
  const urls = rtc.ice_servers.flatMap((server) => server.urls);
  const found = [
    ...overrides.map((name) => ({ name, setting: OVERRIDE })),
    ...urls.map((url) => ({ name: hostOf(url), setting: 'rtc.ice_servers' })),
    ...stunServers.map((url) => ({ name: hostOf(url), setting: '--stun' })),
  ].filter(({ name }) => name !== '' && isIP(name) === 0);
  return [...new Map(found.map((one) => [`${one.setting} ${one.name}`, one])).values()];
}

/** Host of a STUN or TURN URL (RFC 7064, RFC 7065), empty for an IPv6 address. */
const hostOf = (url: string): string => /^\w+:([^:?[\]]*)/.exec(url)?.[1] ?? '';

async function systemResolve(name: string): Promise<readonly string[]> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_LIMIT_MS / 1_000} s`)), ANSWER_LIMIT_MS);
  try {
    const found = await Promise.race([lookup(name, { all: true }), limit]);
    return found.map(({ address }) => address);
  } finally {
    clearTimeout(timer);
  }
}
