import { describe, expect, it } from 'vitest';
import { checkConfig, type WsClientAuth, type WsClientConfig } from './config.ts';

const AUTH: WsClientAuth = { type: 'basic', clientID: 'alice', authKey: 'key:with:colons' };
const check = (config: Partial<WsClientConfig>) => checkConfig({ url: 'ws://localhost/ws', auth: AUTH, ...config });

describe('refuses, in the words of the contract', () => {
  const unknownAuth = { type: 'digest' } as unknown as WsClientAuth;
  it.each<[Partial<WsClientConfig>, string]>([
    [{ url: '' }, 'invalid URL value: should not be empty'],
    [{ url: 'http://localhost' }, 'invalid URL value: should start with "ws://" or "wss://"'],
    [{ url: 'WS://localhost' }, 'invalid URL value: should start with "ws://" or "wss://"'],
    [{ connID: 'short' }, 'invalid ConnID value: should be 26 characters long'],
    [{ auth: unknownAuth }, 'invalid AuthType value'],
    [{ auth: undefined as unknown as WsClientAuth }, 'invalid AuthType value'],
    [{ url: '', connID: 'short', auth: unknownAuth }, 'invalid URL value: should not be empty'],
    [{ connID: 'short', auth: unknownAuth }, 'invalid ConnID value: should be 26 characters long'],
  ])('%j', (config, message) => {
    expect(() => check(config)).toThrow(expect.objectContaining({ code: 'invalid_option', message }));
  });
});

it.each<[Partial<WsClientConfig>]>([
  [{ url: 'ws://' }],
  [{ url: 'ws://host:99999' }],
  [{ url: 'ws://host/#fragment' }],
  [{ auth: { type: 'bearer', token: '' } }],
  [{ auth: { type: 'bearer', token: 'a\r\nX-Injected: 1' } }],
])('refuses what could only fail later: %j', (config) => {
  expect(() => check(config)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
});

it('writes the Authorization header of either kind', () => {
  expect(check({}).headers.Authorization).toBe(`Basic ${btoa('alice:key:with:colons')}`);
  expect(check({ auth: { type: 'bearer', token: 'abc-_123' } }).headers.Authorization).toBe('Bearer abc-_123');
});

it('keeps a given connection ID and makes one otherwise', () => {
  expect(check({ connID: 'x'.repeat(26) }).connID).toBe('x'.repeat(26));
  expect(check({}).connID).toMatch(/^[a-z0-9]{26}$/);
  expect(check({ connID: '' }).connID).toHaveLength(26);
});
