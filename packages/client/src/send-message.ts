import { type ClientMessage, encodeClientMessage, ProtocolError } from '@rtcd/protocol';
import { type WsClient, WsError } from '@rtcd/ws/client';
import { RtcdClientError } from './errors.ts';

/** Queues a message on a connection. Throws a RtcdClientError `too_large`, `invalid_message`, `queue_full` or `not_connected`. */
export function sendMessage(ws: WsClient, message: ClientMessage): void {
  try {
    ws.send(encodeClientMessage(message));
  } catch (cause) {
    throw sendError(cause);
  }
}

function sendError(cause: unknown): unknown {
  if (cause instanceof ProtocolError) {
    const code = cause.code === 'too_large' ? 'too_large' : 'invalid_message';
    return new RtcdClientError(code, `failed to pack message: ${cause.message}`, { cause });
  }
  if (cause instanceof WsError) {
    const code = cause.code === 'queue_full' || cause.code === 'too_large' ? cause.code : 'not_connected';
    return new RtcdClientError(code, `failed to send message: ${cause.message}`, { cause });
  }
  return cause;
}
