/** Reasons for a failed operation of this package; branch on them. */
export type ParticipantErrorCode =
  /** An option or argument is not usable; the message names it. */
  | 'invalid_option'
  /** The SFU did not answer in time: while joining, or to an offer. */
  | 'timeout'
  /** The SFU did not give the signaling lock in time. */
  | 'lock_timeout'
  /** The connection was lost, or the SFU ended the session. */
  | 'connection_lost'
  /** The audio or the file cannot be read. */
  | 'malformed'
  /** A file could not be written; `cause` is the error of the file system. */
  | 'write_failed'
  /** An `AbortSignal` fired; `cause` is its reason. */
  | 'aborted'
  /** The call was left. */
  | 'closed';

/** The one error class of this package. */
export class ParticipantError extends Error {
  readonly code: ParticipantErrorCode;

  constructor(code: ParticipantErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ParticipantError';
    this.code = code;
  }
}
