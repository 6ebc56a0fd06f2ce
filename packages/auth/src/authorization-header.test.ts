import { describe, expect, it } from 'vitest';
import { basicAuthorization, parseAuthorization } from './authorization-header.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('Authorization header', () => {
  it('reads back what it writes, a colon in the key included', () => {
    const header = basicAuthorization('client', 'a:key:with:colons');
    expect(parseAuthorization(header)).toEqual({ scheme: 'basic', clientID: 'client', authKey: 'a:key:with:colons' });
  });

  it('reads the Basic scheme in any case, and Bearer only as written', () => {
    expect(parseAuthorization(`bAsIc ${base64('c:k')}`)).toMatchObject({ scheme: 'basic' });
    expect(parseAuthorization('Bearer token')).toEqual({ scheme: 'bearer', token: 'token' });
    expect(parseAuthorization('bearer token')).toBeUndefined();
    expect(parseAuthorization('BEARER token')).toBeUndefined();
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another scheme', 'Digest abc'],
    ['a scheme alone', 'Basic'],
    ['no colon', `Basic ${base64('client')}`],
    ['an empty pair', 'Basic '],
    ['characters outside the alphabet', 'Basic !!!!'],
    ['base64url', `Basic ${Buffer.from('\u{3fff}\u{3fff}:k').toString('base64url')}`],
    ['missing padding', `Basic ${base64('c:key').replaceAll('=', '')}`],
    ['white space inside', `Basic ${base64('client:key').slice(0, 4)} ${base64('client:key').slice(4)}`],
  ])('refuses %s', (_, header) => {
    expect(parseAuthorization(header)).toBeUndefined();
  });
});
