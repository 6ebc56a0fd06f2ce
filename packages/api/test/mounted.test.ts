import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createApiApp } from '../src/index.ts';
import { createTestHandlers } from '../src/testing/index.ts';
import { createLogRecorder } from './test-server.ts';

it.each(['mount-in-hono', 'mount-in-express'])(
  'examples/%s.ts serves the API beside pages of its own',
  async (name) => {
    const { server } = (await import(`../examples/${name}.ts`)) as { readonly server: Server };
    if (!server.listening) await once(server, 'listening');
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;

    expect(await (await fetch(url)).text()).toBe('my own page');
    expect((await fetch(`${url}/rtcd/version`)).status).toBe(200);
    const body = JSON.stringify({ clientID: 'c', authKey: 'k'.repeat(32) });
    const login = await fetch(`${url}/rtcd/login`, { method: 'POST', body });
    expect([login.status, await login.json()]).toEqual([200, { code: '200', bearerToken: expect.any(String) }]);
    const unknown = await fetch(`${url}/rtcd/nonsense`);
    expect([unknown.status, await unknown.text()]).toEqual([404, '404 page not found\n']);
    server.close();
  },
);

it('answers without a server, and logs requests without an address', async () => {
  const logger = createLogRecorder();
  const api = createApiApp({ handlers: createTestHandlers(), logger });
  const response = await api.fetch(new Request('http://rtcd/login', { method: 'POST', body: '{}' }));
  expect(response.headers.get('Content-Type')).toBe('application/json');
  expect(logger.lines).toHaveLength(1);
});

it('names the invalid option', () => {
  expect(() => createApiApp({} as never)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('invalid handlers value') }),
  );
});
