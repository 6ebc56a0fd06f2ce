import { expect, it } from 'vitest';
import { createTurnCredentials } from './credentials.ts';

it('expire so many minutes after the given time, in seconds, and are signed as openssl does', () => {
  // printf %s 1700086400:abc | openssl dgst -sha1 -hmac north -binary | base64
  const made = createTurnCredentials({
    secret: 'north',
    user: 'abc',
    unixMs: 1_700_000_000_000,
    expirationMinutes: 1440,
  });
  expect(made).toEqual({ username: '1700086400:abc', credential: 'rdRes6D4AdS5DA7lyYxp56skEtQ=' });
});

it('last for a day from now by default', () => {
  const before = Math.floor(Date.now() / 1000);
  const [expiry] = createTurnCredentials({ secret: 's', user: 'u' }).username.split(':');
  expect(Number(expiry) - 86_400).toBeGreaterThanOrEqual(before);
  expect(Number(expiry) - 86_400).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
});

it.each([
  ['an empty secret', { secret: '' }],
  ['an empty user', { user: '' }],
  ['a user of two lines', { user: 'a\nb' }],
  ['a user that no server takes', { user: 'x'.repeat(257) }],
  ['no time at all', { expirationMinutes: 0 }],
  ['a week', { expirationMinutes: 10_080 }],
  ['half a minute', { expirationMinutes: 0.5 }],
  ['seconds for milliseconds', { unixMs: 1.5 }],
  ['a secret that is no text', { secret: 1 as unknown as string }],
])('are refused for %s, without telling the secret', (_name, wrong) => {
  const make = () => createTurnCredentials({ secret: 'very secret', user: 'u', ...wrong });
  expect(make).toThrow(expect.objectContaining({ name: 'RtcError', code: 'invalid_option' }));
  expect(make).not.toThrow(/very secret/);
});
