import { describe, expect, it } from 'vitest';
import { formatAddress, parseListenAddress } from './listen-address.ts';

describe('listen address', () => {
  it.each([
    [':8045', { port: 8045 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65535 }],
    ['[::1]:80', { host: '::1', port: 80 }],
  ])('reads %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each(['', '8045', ':', ':http', 'host:', '::1:80', '[::1]', ':65536', ':-1', ':123456', 'a:b:1', '[]:1'])(
    'refuses %j',
    (text) => {
      expect(() => parseListenAddress(text)).toThrow(expect.objectContaining({ code: 'invalid_address' }));
    },
  );

  it('writes IPv6 addresses as URLs require', () => {
    expect(formatAddress('::1', 80)).toBe('[::1]:80');
    expect(formatAddress('127.0.0.1', 80)).toBe('127.0.0.1:80');
  });
});
