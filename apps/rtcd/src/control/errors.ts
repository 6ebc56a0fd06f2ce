export type ControlErrorCode =
  | 'unknown_session'
  | 'session_exists'
  | 'too_many_sessions'
  | 'draining'
  | 'unexpected_message';

/** Why a message of a client is refused. It goes to the log; the connection and everybody's calls go on. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
  }
}
