/** JSON with the newline at its end that clients get from every JSON route. */
export function jsonResponse(value: unknown, status = 200): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: { 'Content-Type': 'application/json' } });
}

/** Headers of plain text; browsers must not guess another type. */
export const TEXT_HEADERS = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** One line of plain text. */
export function textResponse(line: string, status = 200): Response {
  return new Response(`${line}\n`, { status, headers: TEXT_HEADERS });
}

export const NOT_FOUND_TEXT = '404 page not found';

/** For unknown routes and for known ones with a wrong method alike. */
export function notFoundResponse(): Response {
  return textResponse(NOT_FOUND_TEXT, 404);
}
