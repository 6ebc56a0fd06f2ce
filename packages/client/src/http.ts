import { request as httpRequest, type IncomingMessage, STATUS_CODES } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { textOf } from '@rtcd/boundary';
import type { ClientSettings } from './config.ts';
import { RtcdClientError } from './errors.ts';
import { aborted, withDeadline } from './waiting.ts';

/** The longest answer that is read: the sessions of a call of 10,000. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** Longest part of a plain text response that goes into an error message. */
const MAX_REASON_LENGTH = 300;

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sends the client's credentials. */
  readonly authenticated?: boolean;
  readonly expectedStatus?: number;
}

type Settings = Pick<ClientSettings, 'httpUrl' | 'clientID' | 'authKey' | 'agent' | 'clock' | 'requestTimeoutMs'>;

/** Sends one request and returns the JSON of the answer. Throws `RtcdClientError` with the server's own words. */
export async function requestJson(settings: Settings, request: Request, signal: AbortSignal): Promise<unknown> {
  const { status, text } = await withDeadline(settings.clock, settings.requestTimeoutMs, signal, (timed) =>
    send(settings, request, timed),
  ).catch((cause: unknown) => {
    if (signal.aborted) throw aborted(signal);
    throw new RtcdClientError('request_failed', `http request failed: ${textOf(cause)}`, { cause });
  });
  if (status !== (request.expectedStatus ?? 200)) throw refusal(status, text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RtcdClientError('request_failed', `decoding http response failed: ${textOf(cause)}`, { status, cause });
  }
}

async function send(settings: Settings, { method, path, body, authenticated }: Request, signal: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const request = settings.httpUrl.startsWith('https:') ? httpsRequest : httpRequest;
  request(`${settings.httpUrl}${path}`, {
    method,
    agent: settings.agent,
    signal,
    headers: {
      Accept: 'application/json',
      ...(payload !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(payload),
      }),
      ...(authenticated && { Authorization: basicAuth(settings) }),
    },
  })
    .once('response', resolve)
    .on('error', (error) => reject(signal.aborted ? signal.reason : error))
    .end(payload);
  const response = await promise;
  return { status: response.statusCode ?? 0, text: await readText(response, signal) };
}

async function readText(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_RESPONSE_BYTES) throw new Error(`the response is longer than ${MAX_RESPONSE_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function basicAuth({ clientID, authKey }: Settings): string {
  return `Basic ${Buffer.from(`${clientID}:${authKey}`).toString('base64')}`;
}

/** The server's own words: the `error` of a JSON answer, or its plain text. */
function refusal(status: number, text: string): RtcdClientError {
  const code = status === 401 ? 'unauthorized' : 'request_failed';
  const reason = errorOf(text) ?? text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_REASON_LENGTH);
  const message =
    reason === '' ? `request failed with status ${status} ${STATUS_CODES[status] ?? ''}` : `request failed: ${reason}`;
  return new RtcdClientError(code, message.trimEnd(), { status });
}

/** Empty if the JSON has none; undefined if it is no JSON. */
function errorOf(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const hasError = typeof body === 'object' && body !== null && 'error' in body;
    return hasError && typeof body.error === 'string' ? body.error : '';
  } catch {
    return undefined;
  }
}
