/** An error that keeps the demo from starting, or ends it. The message is meant to be read by the person who started it. */
export type DemoErrorCode =
  | 'invalid_option'
  | 'address_in_use'
  | 'listen_failed'
  | 'bad_credentials_file'
  | 'rtcd_failed'
  | 'rtcd_unreachable';

export class DemoError extends Error {
  readonly code: DemoErrorCode;

  constructor(code: DemoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DemoError';
    this.code = code;
  }
}
