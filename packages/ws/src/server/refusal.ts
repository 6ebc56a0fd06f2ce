import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** An upgrade that is refused: the response to the client instead. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

// 16 random bytes in base64 (RFC 6455 section 4.1).
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/**
 * Checks that a web page comes from this host. Pages of other hosts must not use the credentials that a browser may hold for
 * it (RFC 6455 section 10.2). Clients other than browsers send no Origin.
 */
const isOwnOrigin = ({ origin, host }: IncomingMessage['headers']): boolean =>
  origin === undefined || /^[a-z][a-z0-9+.-]*:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase() === host?.toLowerCase();

/** Looks at the form of the request (RFC 6455 section 4.2.1), so that authentication work is spent on real upgrades only. */
export function checkUpgradeRequest(request: IncomingMessage): Refusal | undefined {
  const { headers, method } = request;
  if (method !== 'GET') return new Refusal(405, 'a WebSocket upgrade is a GET request');
  if (headers.upgrade?.toLowerCase() !== 'websocket') return new Refusal(400, 'the Upgrade header must be websocket');
  if (headers['sec-websocket-version'] !== '13') return new Refusal(426, 'the WebSocket version must be 13');
  const key = headers['sec-websocket-key'];
  if (key === undefined || !KEY.test(key))
    return new Refusal(400, 'the Sec-WebSocket-Key header is missing or invalid');
  if (!isOwnOrigin(headers)) return new Refusal(403, 'the Origin header does not match the host');
  return undefined;
}

/** The refusal for a rejection of `authenticate`. Texts of unexpected errors stay inside. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    const { status } = error;
    // 503 is temporary: the client needs to know that it may try again.
    if ((status >= 400 && status < 500) || status === 503) return new Refusal(status, error.message, { cause: error });
    if (status >= 500 && status < 600) return new Refusal(status, STATUS_CODES[status] ?? '', { cause: error });
  }
  return new Refusal(500, 'internal server error', { cause: error });
}

/** Answers the upgrade with a plain HTTP response and ends the socket. */
export function writeRefusal(socket: Duplex, { status, message }: Refusal): void {
  const body = `${message}\n`;
  const extra = status === 426 ? ['Sec-WebSocket-Version: 13'] : status === 503 ? ['Retry-After: 1'] : [];
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...extra,
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
