import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFakeClock } from '@rtcd/ws/testing';
import { expect, it, onTestFinished } from 'vitest';
import { CREDENTIALS, newClient, startRtcd } from './test-bench.ts';

/** An HTTP server that answers as told; its URL. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('an admin registers and unregisters others with the secret alone', async () => {
  const rtcd = await startRtcd({ allowSelfRegistration: false, adminSecretKey: 'secret' });
  const admin = newClient({ url: rtcd.url, clientID: '', authKey: 'secret' });
  await admin.register({ clientID: 'clientB', authKey: 'b'.repeat(32) });
  expect(rtcd.clients.has('clientB')).toBe(true);
  await admin.unregister({ clientID: 'clientB' });
  await expect(admin.unregister({ clientID: 'clientB' })).rejects.toMatchObject({
    code: 'request_failed',
    status: 400,
    message: 'request failed: unregister failed: error: not found',
  });
  const stranger = newClient({ url: rtcd.url, clientID: '', authKey: 'guess' });
  await expect(stranger.register({ clientID: 'clientC', authKey: 'c'.repeat(32) })).rejects.toMatchObject({
    code: 'unauthorized',
    message: 'request failed: authentication failed: unauthorized',
  });
});

it('returns the version', async () => {
  const rtcd = await startRtcd({ buildVersion: 'v1.2.3' });
  const { buildVersion, goVersion } = await newClient({ url: rtcd.url }).getVersionInfo();
  expect(buildVersion).toBe('v1.2.3');
  expect(goVersion).toBe(process.version);
});

it('sends credentials where they are needed and nowhere else', async () => {
  const seen: Record<string, string | undefined> = {};
  const url = await serve((request, response) => {
    seen[`${request.method} ${request.url}`] = request.headers.authorization;
    response
      .writeHead(request.url === '/register' ? 201 : 200)
      .end(request.url?.startsWith('/calls') ? '[]' : '{"cpu_load":1}');
  });
  const client = newClient({ url });
  await client.register();
  await client.getVersionInfo();
  await client.getSystemInfo();
  await client.getSessions('a call/with ?');
  const basic = `Basic ${Buffer.from(`${CREDENTIALS.clientID}:${CREDENTIALS.authKey}`).toString('base64')}`;
  expect(seen).toEqual({
    'POST /register': basic,
    'GET /version': undefined,
    'GET /system': undefined,
    'GET /calls/a%20call%2Fwith%20%3F/sessions': basic,
  });
});

it.each([
  ['the error of a JSON answer', 400, '{"error":"no luck","code":"400"}', 'request failed: no luck'],
  [
    'plain text',
    404,
    'failed to get session configs: call not found\n',
    'request failed: failed to get session configs: call not found',
  ],
  ['the status if there is nothing', 500, '', 'request failed with status 500 Internal Server Error'],
  ['the status if JSON says nothing', 503, '{"error":7}', 'request failed with status 503 Service Unavailable'],
  ['the status if it has no name', 599, 'null', 'request failed with status 599'],
  ['the beginning of a long text', 502, 'x'.repeat(5000), `request failed: ${'x'.repeat(300)}`],
  ['a wrong success', 204, '', 'request failed with status 204 No Content'],
])('surfaces %s', async (_, status, body, message) => {
  const url = await serve((_request, response) => response.writeHead(status).end(body));
  await expect(newClient({ url }).getSystemInfo()).rejects.toMatchObject({ code: 'request_failed', status, message });
});

it.each([
  ['no JSON', 'nonsense'],
  ['another shape', '{"cpu_load":"high"}'],
  ['null', 'null'],
])('rejects an answer that is %s', async (_, body) => {
  const url = await serve((_request, response) => response.end(body));
  await expect(newClient({ url }).getSystemInfo()).rejects.toMatchObject({
    code: 'request_failed',
    message: expect.stringMatching(/^decoding http response failed: /),
  });
});

it('does not read an endless answer', async () => {
  const url = await serve((_request, response) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write);
    write();
  });
  await expect(newClient({ url }).getVersionInfo()).rejects.toMatchObject({
    code: 'request_failed',
    message: expect.stringContaining('longer than 4194304 bytes'),
  });
});

it.each([
  ['head', () => {}],
  ['body', (response: Parameters<RequestListener>[1]) => response.write('{')],
] as const)('gives up on a server whose %s does not come', async (_, begin) => {
  const clock = createFakeClock();
  const arrived = Promise.withResolvers<void>();
  const url = await serve((_request, response) => {
    begin(response);
    arrived.resolve();
  });
  const asking = newClient({ url, clock }).getSystemInfo();
  asking.catch(() => {});
  await arrived.promise;
  clock.advance(30_000);
  await expect(asking).rejects.toMatchObject({
    code: 'request_failed',
    message: 'http request failed: no response within 30000 ms',
  });
  expect(clock.pendingTimers).toBe(0);
});

it('closing ends requests under way', async () => {
  const arrived = Promise.withResolvers<void>();
  const url = await serve(() => arrived.resolve());
  const client = newClient({ url });
  const asking = client.getSystemInfo();
  asking.catch(() => {});
  await arrived.promise;
  await client.close();
  await expect(asking).rejects.toMatchObject({ code: 'closed' });
});
