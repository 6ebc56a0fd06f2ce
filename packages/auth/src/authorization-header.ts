import { Buffer } from 'node:buffer';

/** Credentials in an `Authorization` header, before they are verified. */
export type Credentials =
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'basic'; readonly clientID: string; readonly authKey: string };

const BEARER_PREFIX = 'Bearer ';
const BASIC_PREFIX = 'basic ';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads an `Authorization` header (RFC 7617, RFC 6750). `Bearer ` counts only spelled so, as clients write it. */
export function parseAuthorization(header: string | undefined): Credentials | undefined {
  if (typeof header !== 'string') return undefined;
  if (header.startsWith(BEARER_PREFIX)) return { scheme: 'bearer', token: header.slice(BEARER_PREFIX.length) };
  if (header.slice(0, BASIC_PREFIX.length).toLowerCase() !== BASIC_PREFIX) return undefined;
  const encoded = header.slice(BASIC_PREFIX.length);
  if (!BASE64.test(encoded)) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return undefined;
  return { scheme: 'basic', clientID: pair.slice(0, colon), authKey: pair.slice(colon + 1) };
}

/** The header that a client with these credentials sends. */
export function basicAuthorization(clientID: string, authKey: string): string {
  return `Basic ${Buffer.from(`${clientID}:${authKey}`).toString('base64')}`;
}
