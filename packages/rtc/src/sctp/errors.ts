/**
 * Errors of a caller of the SCTP core:
 * - `queue_full`: the send queue holds as much as it may; try again when the peer has acknowledged some of it.
 * - `too_large`: larger than the peer announced to take (`a=max-message-size`).
 * - `closed`: the association or the channel is closed or closing.
 * - `invalid_stream`: no such stream was negotiated.
 * - `too_many_channels`: no more channels may be open at a time.
 * - `invalid_option`: an option or argument out of range.
 */
export type SctpErrorCode =
  | 'queue_full'
  | 'too_large'
  | 'closed'
  | 'invalid_stream'
  | 'too_many_channels'
  | 'invalid_option';

/** Thrown for a caller's mistake only: whatever a peer sends is dropped and counted, or ends the association. */
export class SctpError extends Error {
  override readonly name = 'SctpError';
  readonly code: SctpErrorCode;

  constructor(code: SctpErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
