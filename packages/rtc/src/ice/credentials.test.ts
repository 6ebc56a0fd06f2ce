import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { newIceCredentials } from './credentials.ts';

it('makes credentials of ice-chars, long enough for RFC 8445 section 5.3', () => {
  const { ufrag, pwd } = newIceCredentials(randomBytes);
  expect(ufrag).toMatch(/^[0-9A-Za-z+/]{4,256}$/);
  expect(pwd).toMatch(/^[0-9A-Za-z+/]{22,256}$/);
});

it('is a function of its randomness, with each ice-char as likely as any other', () => {
  const every = new Set<string>();
  let next = 0;
  for (let round = 0; round < 64; round++) {
    const { ufrag, pwd } = newIceCredentials((size) => Uint8Array.from({ length: size }, () => next++ & 0xff));
    for (const char of ufrag + pwd) every.add(char);
  }
  expect(every.size).toBe(64);
  expect(newIceCredentials((size) => new Uint8Array(size))).toEqual({ ufrag: 'A'.repeat(12), pwd: 'A'.repeat(24) });
});
