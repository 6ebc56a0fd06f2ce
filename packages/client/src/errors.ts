/** Reasons for a failed operation of this package; branch on them. */
export type RtcdClientErrorCode =
  /** An option or argument is not usable; the message names it. */
  | 'invalid_option'
  /** The HTTP request failed, or was answered with an error; `status` is set if it was answered. */
  | 'request_failed'
  /** rtcd does not know the credentials (401, or at the Go original an empty 200 in place of a WebSocket). */
  | 'unauthorized'
  /** The WebSocket could not be opened, or no hello came. */
  | 'connect_failed'
  /** rtcd is older than `minVersion`. */
  | 'unsupported_version'
  /** `connect` while there is a connection, or one is being made. */
  | 'already_connected'
  /** There is no connection now: not yet, or not again yet. The message was not taken. */
  | 'not_connected'
  /** The connection was lost. */
  | 'connection_lost'
  /** The reconnect callback failed. */
  | 'reconnect_stopped'
  /** The send queue is full; the message was not taken. */
  | 'queue_full'
  /** A message is longer than a connection may carry; it was not taken. */
  | 'too_large'
  /** A received message, or one to be sent, is not valid in the protocol. */
  | 'invalid_message'
  /** The client is closed. */
  | 'closed'
  /** An `AbortSignal` fired; `cause` is its reason. */
  | 'aborted'
  /** The name of the rtcd hosts could not be resolved. */
  | 'resolve_failed'
  /** No host can take a new call. */
  | 'no_host'
  /** The pool does not know the call or the session. */
  | 'unknown_call';

/** The one error class of this package. */
export class RtcdClientError extends Error {
  readonly code: RtcdClientErrorCode;
  /** HTTP status with which rtcd answered. */
  readonly status: number | undefined;

  constructor(
    code: RtcdClientErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly status?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'RtcdClientError';
    this.code = code;
    this.status = options.status;
  }
}
