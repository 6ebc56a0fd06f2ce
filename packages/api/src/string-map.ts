import { ApiError } from './errors.ts';

/** The part of a fetch `Request` that this needs. */
export interface BodySource {
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Reads a request body that has to be a flat JSON object of strings. Throws `invalid_request` or `too_large`. */
export async function readStringMap(source: BodySource, maxBytes: number): Promise<ReadonlyMap<string, string>> {
  const body = await readBody(source, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new ApiError('invalid_request', 'invalid request body: should be JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError('invalid_request', 'invalid request body: should be a JSON object');
  }
  // A member that is null is as if it were absent, as to Go's decoder.
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  const wrong = entries.find(([, member]) => typeof member !== 'string');
  if (wrong !== undefined) {
    throw new ApiError('invalid_request', `invalid request body: ${JSON.stringify(wrong[0])} should be a string`);
  }
  return new Map(entries);
}

/** Reads no more than the limit, whatever length was announced. */
async function readBody({ headers, body }: BodySource, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new ApiError('too_large', `request body too large: more than ${maxBytes} bytes`);
  if (Number(headers.get('Content-Length')) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
