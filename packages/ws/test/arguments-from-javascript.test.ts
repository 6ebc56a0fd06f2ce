import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connectWsClient, createWsServer, type WsClientConfig, type WsServerOptions } from '../src/index.ts';

const refused = (field: string, code = 'invalid_option') =>
  expect.objectContaining({
    name: 'WsError',
    code,
    message: expect.stringContaining(`invalid ${field} value: should be `),
  });

const authenticate = async () => ({ clientID: 'c' });

it.each<[string, unknown]>([
  ['options', undefined],
  ['authenticate', {}],
  ['logger', { authenticate, logger: console }],
  ['clock.setTimer', { authenticate, clock: {} }],
  ['limits', { authenticate, limits: 5 }],
  ['limits.maxConnections', { authenticate, limits: { maxConnections: -1 } }],
  ['limits.maxMessageBytes', { authenticate, limits: { maxMessageBytes: '1 MiB' } }],
  ['pingIntervalMs', { authenticate, pingIntervalMs: 0 }],
  ['authTimeoutMs', { authenticate, authTimeoutMs: Number.NaN }],
])('createWsServer names %s if it is wrong', (field, options) => {
  expect(() => createWsServer(options as WsServerOptions)).toThrow(refused(field));
});

describe('connectWsClient', () => {
  const url = 'ws://127.0.0.1:1/ws';
  const auth = { type: 'basic', clientID: 'c', authKey: 'k' } as const;

  it.each<[string, unknown]>([
    ['config', undefined],
    ['url', { auth }],
    ['connID', { url, auth, connID: 5 }],
    ['clientID', { url, auth: { type: 'basic' } }],
    ['authKey', { url, auth: { type: 'basic', clientID: 'c', authKey: 5 } }],
    ['token', { url, auth: { type: 'bearer' } }],
    ['maxQueue', { url, auth, maxQueue: -1 }],
    ['connectTimeoutMs', { url, auth, connectTimeoutMs: '5 s' }],
    ['signal', { url, auth, signal: true }],
    ['lookup', { url, auth, lookup: {} }],
    ['logger', { url, auth, logger: {} }],
  ])('names %s if it is wrong', (field, config) => {
    expect(() => connectWsClient(config as WsClientConfig)).toThrow(refused(field));
  });

  it('sends bytes only', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = connectWsClient({ url: `ws://127.0.0.1:${port}/ws`, auth });
    for (const message of [undefined, 'text', { length: 1 }, [1]]) {
      expect(() => client.send(message as Uint8Array)).toThrow(refused('message', 'invalid_message'));
    }
    client.on('error', () => {});
    await client.close();
    server.close();
  });
});
