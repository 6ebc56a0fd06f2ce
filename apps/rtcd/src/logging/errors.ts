/** A log target that cannot be written to. */
export class LoggingError extends Error {
  readonly code = 'unwritable_file';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoggingError';
  }
}
