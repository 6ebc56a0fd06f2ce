/** Reasons for a failed operation of a store; branch on them. */
export type StoreErrorCode =
  /** The key is absent. */
  | 'not_found'
  /** The key is the empty string. */
  | 'empty_key'
  /** `put` found the key taken. */
  | 'conflict'
  /** The key or the value is longer than a store holds. */
  | 'too_large'
  /** The key or the value is not well-formed Unicode and would be returned changed. */
  | 'malformed'
  /** An option is not usable; the message names it. */
  | 'invalid_option'
  /** The store is closed. */
  | 'closed'
  /** Another process has the storage open. */
  | 'in_use'
  /** The data on disk is not a store, is damaged, or has been lost. */
  | 'corrupt'
  /** The storage cannot be reached, read or written, or is not as durable as it has to be. */
  | 'unavailable';

/** The one error class of stores. Its messages are the contract's where the contract has one. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export const notFound = (): StoreError => new StoreError('not_found', 'error: not found');
export const conflict = (): StoreError => new StoreError('conflict', 'error: conflict');
export const closed = (): StoreError => new StoreError('closed', 'error: store is closed');
