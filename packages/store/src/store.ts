/**
 * A durable map from strings to strings (contract section 2). Promises reject with `StoreError`s only.
 * A write whose promise has resolved survives the death of the process and of the machine.
 * Keys are not empty and at most `MAX_KEY_BYTES` long, values at most `MAX_VALUE_BYTES`, both in UTF-8.
 */
export interface Store {
  /** Stores only if the key is absent, atomically: of several at once, exactly one succeeds. Else rejects with `conflict`. */
  put(key: string, value: string): Promise<void>;
  /** Stores whether the key is there or not. */
  set(key: string, value: string): Promise<void>;
  /** Rejects with `not_found` if the key is absent. */
  get(key: string): Promise<string>;
  /** A missing key is fine. */
  delete(key: string): Promise<void>;
  /** Ends what is under way, then lets go of the storage. Any use afterwards rejects with `closed`; closing again is fine. */
  close(): Promise<void>;
}
