import { check, validate } from '@rtcd/boundary';
import { StoreError } from './errors.ts';

/** Longest key, in bytes of UTF-8: what LMDB takes with pages of 4 KiB. Every store has this limit, so that they can replace each other. */
export const MAX_KEY_BYTES = 1978;

/** Longest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 1024 * 1024;

function checkText(what: 'key' | 'value', text: string, maxBytes: number): void {
  validate(what, text, check.string, (message) => new StoreError('malformed', message));
  if (!text.isWellFormed()) throw new StoreError('malformed', `error: ${what} is not well-formed Unicode`);
  if (Buffer.byteLength(text) > maxBytes) {
    throw new StoreError('too_large', `error: ${what} too long (at most ${maxBytes} bytes)`);
  }
}

/** For implementations of `Store`: throws what every operation must reject with. */
export function checkKey(key: string): void {
  if (key === '') throw new StoreError('empty_key', 'error: empty key');
  checkText('key', key, MAX_KEY_BYTES);
}

/** For implementations of `Store`: throws what `put` and `set` must reject with. */
export const checkValue = (value: string): void => checkText('value', value, MAX_VALUE_BYTES);
