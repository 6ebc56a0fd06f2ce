import { describe, expect, it } from 'vitest';
import { createVerifiedKeys } from './verified-keys.ts';

describe('verified keys', () => {
  it('recognizes a verified key, and no other', () => {
    const keys = createVerifiedKeys();
    expect(keys.has('client', 'key', 'hash')).toBe(false);
    keys.add('client', 'key', 'hash');
    expect(keys.has('client', 'key', 'hash')).toBe(true);
    expect(keys.has('client', 'other', 'hash')).toBe(false);
    expect(keys.has('other', 'key', 'hash')).toBe(false);
    expect(keys.has('client', '', 'hash')).toBe(false);
  });

  it('forgets a key when the client is registered again', () => {
    const keys = createVerifiedKeys();
    keys.add('client', 'key', 'hash');
    expect(keys.has('client', 'key', 'another hash')).toBe(false);
  });

  it('forgets the client that was seen longest ago', () => {
    const keys = createVerifiedKeys(2);
    keys.add('a', 'key', 'hash');
    keys.add('b', 'key', 'hash');
    expect(keys.has('a', 'key', 'hash')).toBe(true);
    keys.add('c', 'key', 'hash');
    expect(['a', 'b', 'c'].filter((client) => keys.has(client, 'key', 'hash'))).toEqual(['a', 'c']);
  });
});
