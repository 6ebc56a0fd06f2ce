/** Reasons for a failed operation of this package; branch on them. */
export type WsErrorCode =
  /** An option is not usable; the message names it. */
  | 'invalid_option'
  /** The message to send is not a `Uint8Array`. */
  | 'invalid_message'
  /** The server answered the upgrade with 401, or with an empty 200 as the Go original does; `status` is set. */
  | 'unauthorized'
  /** The server answered the upgrade with another HTTP status; `status` is set. */
  | 'unexpected_response'
  /** The server could not be reached, or its answer to the upgrade was not a WebSocket's. */
  | 'connect_failed'
  /** An open connection broke, or the other end violated the protocol. */
  | 'connection_lost'
  /** The other end did not answer, or did not read, for longer than allowed. */
  | 'timeout'
  /** The send queue of this connection is full; the message was not taken. */
  | 'queue_full'
  /** The message is longer than the connection may carry; it was not taken. */
  | 'too_large'
  /** The server has no open connection of that ID. */
  | 'unknown_connection'
  /** A listener of an event threw, or its promise was rejected; `cause` is its error. */
  | 'listener_failed'
  /** The connection is closed or closing. */
  | 'closed'
  /** The `AbortSignal` of the connection fired. */
  | 'aborted';

/** The one error class of this package. */
export class WsError extends Error {
  override readonly name = 'WsError';
  readonly code: WsErrorCode;
  /** HTTP status with which the server refused the upgrade. */
  readonly status: number | undefined;

  constructor(code: WsErrorCode, message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.status = options.status;
  }
}
