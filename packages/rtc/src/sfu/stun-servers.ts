import { isIP } from 'node:net';
import { textOf } from '@rtcd/boundary';
import { RtcError } from '../errors.ts';
import { parseStunUrl, type StunServer } from '../ice/public-addresses.ts';
import type { LookupHost } from '../io/host-names.ts';

/**
 * Finds the addresses of STUN servers, those in the URLs or those of the names there. A name without an address is reported, and its server left
 * out. Rejects with `RtcError` `invalid_option` for what is no `stun:` URL.
 */
export async function findStunServers(
  urls: readonly string[],
  lookup: LookupHost,
  onUnknown: (url: string, reason: string) => void,
): Promise<readonly StunServer[]> {
  const servers = await Promise.all(
    urls.map(async (url) => {
      const server = parseStunUrl(url);
      if (server === undefined) throw new RtcError('invalid_option', `${url} is not the URL of a STUN server`);
      const { host, port } = server;
      try {
        return [{ url, port, addresses: isIP(host) === 0 ? await lookup(host) : [host] }];
      } catch (error) {
        onUnknown(url, textOf(error));
        return [];
      }
    }),
  );
  return servers.flat();
}
