/** Error codes of the SFU: a problem with a call's arguments, with a peer's input, or with its time. */
export type RtcErrorCode =
  | 'invalid_config'
  | 'invalid_message'
  | 'invalid_sdp'
  | 'invalid_option'
  | 'session_exists'
  | 'unknown_session'
  | 'unknown_call'
  | 'too_many_sessions'
  | 'screen_taken'
  | 'too_many_messages'
  | 'too_many_captures'
  | 'listener_failed'
  | 'closed';

/** A mistake of a caller of the SFU, or a request in a peer's signaling that cannot be met. */
export class RtcError extends Error {
  readonly code: RtcErrorCode;

  constructor(code: RtcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RtcError';
    this.code = code;
  }
}
