import { type Check, validate } from '@rtcd/boundary';

/** Reason for an error: `invalid_message` and `too_large` come from bytes on the wire, `invalid_config` from a session config. */
export type ProtocolErrorCode = 'invalid_message' | 'invalid_config' | 'too_large';

/** The one error of this package. Its message never quotes input from the network. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProtocolError';
    this.code = code;
  }
}

/** For encoders and decoders: throws `invalid_message` if the caller passed something of another type. */
export function checkArgument(name: string, value: unknown, check: Check): void {
  validate(name, value, check, (message) => new ProtocolError('invalid_message', message));
}
