import { isIP } from 'node:net';
import { textOf } from '@rtcd/boundary';
import { RtcError } from '../errors.ts';
import type { StunServer } from '../ice/stun-client.ts';
import type { LookupHost } from '../io/host-names.ts';
import type { Clock } from '../ports.ts';
import { parseStunUrl } from '../stun/stun-url.ts';

/** Longest time that a name may take: the resolver of the system waits for longer if its servers do not answer. */
const LOOKUP_LIMIT_MS = 2_000;

interface ResolvePorts {
  readonly lookup: LookupHost;
  readonly clock: Clock;
  onUnresolved(url: string, reason: string): void;
}

/**
 * Finds the addresses of STUN servers. One without addresses is reported, and does not keep the SFU from starting.
 * Throws `RtcError` `invalid_option` if a URL is not that of a STUN server.
 */
export async function resolveStunServers(urls: readonly string[], ports: ResolvePorts): Promise<readonly StunServer[]> {
  const servers = urls.map((url) => {
    const server = parseStunUrl(url);
    if (server === undefined) throw new RtcError('invalid_option', `${url} is not the URL of a STUN server`);
    return { url, ...server };
  });
  const found = await Promise.all(
    servers.map(async ({ url, host, port }) => {
      try {
        return [{ url, port, addresses: isIP(host) === 0 ? await lookUp(host, ports) : [host] }];
      } catch (error) {
        ports.onUnresolved(url, textOf(error));
        return [];
      }
    }),
  );
  return found.flat();
}

/** Rejects if there is no answer within the limit. */
async function lookUp(host: string, { lookup, clock }: ResolvePorts): Promise<readonly string[]> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimer(
    () => reject(new Error(`${host} was not resolved within ${LOOKUP_LIMIT_MS} ms`)),
    LOOKUP_LIMIT_MS,
  );
  try {
    return await Promise.race([lookup(host), limit]);
  } finally {
    clock.clearTimer(timer);
  }
}
