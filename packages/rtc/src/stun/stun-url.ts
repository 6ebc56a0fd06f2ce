const STUN_URL = /^stun:(?:\[([\da-f:.]+)\]|([\w.-]{1,253}))(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = '3478';

/** Host and port of a `stun:` URL (RFC 7064), undefined for any other. */
export function parseStunUrl(url: string): { readonly host: string; readonly port: number } | undefined {
  const [, ipv6, name, port = DEFAULT_PORT] = STUN_URL.exec(url) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}
