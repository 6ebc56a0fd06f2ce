import type { IncomingMessage } from 'node:http';
import { WsError } from '../errors.ts';

/** Longest part that is read of the text of a refusal. */
const MAX_REASON_BYTES = 1024;

/** Tells refused credentials from other refusals. The Go original answers them with an empty 200 instead of a 401. */
const isUnauthorized = (status: number, text: string): boolean => status === 401 || (status === 200 && text === '');

function refused(status: number, reason: string): WsError {
  const text = reason.replace(/\p{Cc}+/gu, ' ').trim();
  const message = `the server refused the WebSocket upgrade with status ${status}${text === '' ? '' : `: ${text}`}`;
  return new WsError(isUnauthorized(status, text) ? 'unauthorized' : 'unexpected_response', message, { status });
}

/** Turns an HTTP answer to the upgrade into an error that carries its status and the beginning of its text. */
export function readRefusal(response: IncomingMessage, onError: (error: WsError) => void): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let isDone = false;
  const finish = () => {
    if (isDone) return;
    isDone = true;
    onError(refused(response.statusCode ?? 0, Buffer.concat(chunks).subarray(0, MAX_REASON_BYTES).toString('utf8')));
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= MAX_REASON_BYTES) finish();
  });
  response.once('end', finish);
  response.once('close', finish);
}
