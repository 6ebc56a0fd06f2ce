import type { IncomingMessage } from 'node:http';
import { posix } from 'node:path';
import { textResponse } from './responses.ts';

type MessageHead = Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>;

/** The answer to a request that no route gets to see, or undefined for all others. */
export function answerBeforeRoutes(request: Request, incoming: MessageHead): Response | undefined {
  return refuseHost(incoming) ?? redirectToCleanPath(request.url);
}

/** Refuses what RFC 9112, section 3.2, requires to be refused. HTTP/1.0 has no Host, and load balancers still send that. */
function refuseHost({ httpVersion, rawHeaders }: MessageHead): Response | undefined {
  const count = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (count > 1) return textResponse('bad request: more than one Host header', 400);
  return count === 0 && httpVersion === '1.1' ? textResponse('bad request: no Host header', 400) : undefined;
}

/** Points clients whose base URL ends in a slash to the path without doubled ones, with the same method and body. */
function redirectToCleanPath(url: string): Response | undefined {
  const { pathname, search } = new URL(url);
  const cleanPath = posix.normalize(pathname);
  if (cleanPath === pathname) return undefined;
  return new Response(null, { status: 307, headers: { Location: cleanPath + search } });
}
