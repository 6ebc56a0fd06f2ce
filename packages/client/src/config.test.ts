import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';

describe('parseConfig', () => {
  it.each([
    ['', 'failed to parse config: invalid URL value: should not be empty'],
    [undefined as unknown as string, 'failed to parse config: invalid URL value: should not be empty'],
    ['rtcd.example', 'failed to parse config: invalid url host: should not be empty'],
    ['/ws', 'failed to parse config: invalid url host: should not be empty'],
    ['http://', 'failed to parse config: invalid url host: should not be empty'],
    ['http:///path', 'failed to parse config: invalid url host: should not be empty'],
    ['http://:8045', 'failed to parse config: invalid url host: should not be empty'],
    ['http://user:key@', 'failed to parse config: invalid url host: should not be empty'],
    ['localhost:8045', 'failed to parse config: invalid url host: should not be empty'],
    ['ftp://', 'failed to parse config: invalid url host: should not be empty'],
    ['ftp://rtcd.example', 'failed to parse config: invalid url scheme: "ftp" is not valid'],
    ['ws://rtcd.example', 'failed to parse config: invalid url scheme: "ws" is not valid'],
    ['http://rtcd.example:port', 'failed to parse config: invalid URL value: not a URL'],
  ])('rejects %j', (url, message) => {
    expect(() => parseConfig({ url })).toThrow(expect.objectContaining({ code: 'invalid_option', message }));
  });

  it.each([0, -1, Number.NaN])('rejects a reconnect interval of %d', (reconnectIntervalMs) => {
    expect(() => parseConfig({ url: 'http://rtcd.example', reconnectIntervalMs })).toThrow(
      'failed to parse config: invalid ReconnectInterval value: should be positive',
    );
  });

  it.each([
    ['http://rtcd.example:8045', 'http://rtcd.example:8045', 'ws://rtcd.example:8045/ws'],
    ['HTTPS://rtcd.example', 'https://rtcd.example', 'wss://rtcd.example/ws'],
    ['http://rtcd.example/', 'http://rtcd.example', 'ws://rtcd.example/ws'],
    ['http://rtcd.example/base/?a=b#c', 'http://rtcd.example/base', 'ws://rtcd.example/ws'],
    ['http://[::1]:8045', 'http://[::1]:8045', 'ws://[::1]:8045/ws'],
    ['http://user:key@rtcd.example', 'http://rtcd.example', 'ws://rtcd.example/ws'],
  ])('of %s finds HTTP and WebSocket', (url, httpUrl, wsUrl) => {
    expect(parseConfig({ url })).toMatchObject({ httpUrl, wsUrl });
  });

  it('has the defaults of the contract', () => {
    expect(parseConfig({ url: 'http://rtcd.example' })).toMatchObject({
      clientID: '',
      authKey: '',
      reconnectIntervalMs: 2000,
      registerOnDemand: false,
    });
  });

  it('reads credentials from the URL unless they are given', () => {
    const url = 'http://client%20A:k%3Ay@rtcd.example';
    expect(parseConfig({ url })).toMatchObject({ clientID: 'client A', authKey: 'k:y' });
    expect(parseConfig({ url, clientID: 'B', authKey: 'C' })).toMatchObject({ clientID: 'B', authKey: 'C' });
  });
});
