/** A way to reach a server: UDP, TCP, or TLS over TCP. */
export type ServerTransport = 'udp' | 'tcp' | 'tls';

/** Parts of a `turn:` or `turns:` URL (RFC 7065). */
export interface TurnUrl {
  readonly url: string;
  readonly transport: ServerTransport;
  /** IP address or name. */
  readonly host: string;
  readonly port: number;
}

const TURN_URL =
  /^(turns?):(?:\[([\da-f:.]+)\]|([a-z\d](?:[\w.-]{0,251}\w)?))(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i;

const DEFAULT_PORT = 3478;
const DEFAULT_TLS_PORT = 5349;

/** Parses a URL, or returns undefined for any other text. TURN over DTLS (`turns:` with `transport=udp`) is not supported. */
export function parseTurnUrl(url: string): TurnUrl | undefined {
  const [, scheme, ipv6, name, portText, transportText] = TURN_URL.exec(url) ?? [];
  const host = ipv6 ?? name;
  if (scheme === undefined || host === undefined) return undefined;
  const isSecure = scheme.toLowerCase() === 'turns';
  const transport = transportText?.toLowerCase() ?? (isSecure ? 'tcp' : 'udp');
  if (isSecure && transport === 'udp') return undefined;
  const port = portText === undefined ? (isSecure ? DEFAULT_TLS_PORT : DEFAULT_PORT) : Number(portText);
  if (port < 1 || port > 0xffff) return undefined;
  return { url, transport: isSecure ? 'tls' : (transport as 'udp' | 'tcp'), host, port };
}
