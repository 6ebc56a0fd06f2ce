/** A command line that cannot be parsed. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** A configuration that rtcd does not start with; the message names each bad value and its source. */
export class ConfigError extends Error {
  readonly code: 'unreadable_file' | 'invalid_option';

  constructor(code: ConfigError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
    this.code = code;
  }
}

/** A log target that cannot be written to. */
export class LoggingError extends Error {
  readonly code = 'unwritable_file';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoggingError';
  }
}

export type ControlErrorCode = 'unknown_session' | 'too_many_sessions' | 'draining' | 'unexpected_message';

/** A refused message of a client. The refusal is logged; the connection and all calls continue. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
  }
}
