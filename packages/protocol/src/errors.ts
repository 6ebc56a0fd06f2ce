/** What was wrong: `invalid_message` and `too_large` come from bytes on the wire, `invalid_config` from a session config. */
export type ProtocolErrorCode = 'invalid_message' | 'invalid_config' | 'too_large';

/** The one error of this package. Its message never repeats what came from the network. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProtocolError';
    this.code = code;
  }
}
