/** A configuration that rtcd does not start with; the message names each bad value and where it came from. */
export class ConfigError extends Error {
  readonly code: 'unreadable_file' | 'invalid_values';

  constructor(code: ConfigError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
    this.code = code;
  }
}
