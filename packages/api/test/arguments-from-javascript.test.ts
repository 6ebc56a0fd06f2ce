import { expect, it } from 'vitest';
import { type ApiOptions, startApi } from '../src/index.ts';
import { createTestHandlers } from '../src/testing/index.ts';

const handlers = createTestHandlers();
const { login, ...handlersWithoutLogin } = handlers;
const listenAddress = '127.0.0.1:0';

it.each<[string, unknown]>([
  ['options', undefined],
  ['listenAddress', { handlers }],
  ['handlers', { listenAddress }],
  ['handlers.login', { listenAddress, handlers: handlersWithoutLogin }],
  ['onUpgrade', { listenAddress, handlers, onUpgrade: {} }],
  ['tls.keyFile', { listenAddress, handlers, tls: { certFile: 'cert.pem' } }],
  ['admin', { listenAddress, handlers, admin: 'yes' }],
  ['selfRegistration', { listenAddress, handlers, selfRegistration: 1 }],
  ['timeouts.readMs', { listenAddress, handlers, timeouts: { readMs: -1 } }],
  ['maxBodyBytes', { listenAddress, handlers, maxBodyBytes: '64k' }],
  ['tlsReloadIntervalMs', { listenAddress, handlers, tlsReloadIntervalMs: 0 }],
  ['logger', { listenAddress, handlers, logger: console }],
])('startApi names %s if it is wrong', async (field, options) => {
  await expect(startApi(options as ApiOptions)).rejects.toMatchObject({
    name: 'ApiError',
    code: 'invalid_option',
    message: expect.stringContaining(`invalid ${field} value: should be `),
  });
});
