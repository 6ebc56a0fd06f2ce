import { encodeClientMessage } from '@rtcd/protocol';
import { sampleSessionConfig } from '@rtcd/protocol/testing';
import { connectWsClient } from '@rtcd/ws/client';
import { expect, it } from 'vitest';
import { CREDENTIALS, newClient, next, startRtcd } from './test-bench.ts';

const basic = (clientID: string, authKey: string) => ({
  Authorization: `Basic ${Buffer.from(`${clientID}:${authKey}`).toString('base64')}`,
});
const OWN = basic(CREDENTIALS.clientID, CREDENTIALS.authKey);

async function ask(url: string, init: RequestInit = {}): Promise<[status: number, type: string, body: string]> {
  const response = await fetch(url, init);
  return [response.status, response.headers.get('content-type') ?? '', await response.text()];
}

const post = (body: unknown, headers = {}) => ({
  method: 'POST',
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

it.each([
  ['/version', 'POST'],
  ['/system', 'POST'],
  ['/register', 'GET'],
  ['/unregister', 'GET'],
  ['/login', 'GET'],
  ['/calls/c/sessions', 'POST'],
  ['/elsewhere', 'GET'],
])('%s by %s is not found', async (path, method) => {
  const rtcd = await startRtcd();
  expect(await ask(`${rtcd.url}${path}`, { method })).toEqual([
    404,
    'text/plain; charset=utf-8',
    '404 page not found\n',
  ]);
});

it('reports its load, or fails to', async () => {
  const rtcd = await startRtcd();
  rtcd.cpuLoad = 0.75;
  expect(await ask(`${rtcd.url}/system`)).toEqual([200, 'application/json', '{"cpu_load":0.75}\n']);
  rtcd.cpuLoad = undefined;
  expect((await ask(`${rtcd.url}/system`))[0]).toBe(500);
});

it.each([
  ['/register', { clientID: 'b', authKey: 'b'.repeat(32) }, {}, 201, { clientID: 'b', code: '201' }],
  ['/register', 'nonsense', {}, 400, { error: 'invalid JSON', code: '400' }],
  ['/register', 'x'.repeat(70_000), {}, 400, { error: 'request body too large', code: '400' }],
  ['/unregister', { clientID: CREDENTIALS.clientID }, OWN, 200, { code: '200' }],
  ['/unregister', {}, OWN, 400, { error: 'client id should not be empty', code: '400' }],
  ['/unregister', {}, {}, 401, { error: 'authentication failed: invalid auth header', code: '401' }],
  ['/unregister', {}, basic('', 'x'), 401, { error: 'authentication failed: unauthorized', code: '401' }],
  ['/unregister', {}, basic('clientA', 'x'), 401, { error: 'authentication failed', code: '401' }],
  [
    '/unregister',
    {},
    { Authorization: 'Bearer x' },
    401,
    { error: 'authentication failed: token is invalid', code: '401' },
  ],
  [
    '/login',
    { clientID: 'b', authKey: 'x' },
    {},
    400,
    { error: 'login failed: authentication failed: error: not found', code: '400' },
  ],
  ['/login', { ...CREDENTIALS, authKey: 'x' }, {}, 400, { error: 'login failed: authentication failed', code: '400' }],
])('POST %s %j %j: %d', async (path, body, headers, status, answer) => {
  const rtcd = await startRtcd();
  const [gotStatus, type, text] = await ask(`${rtcd.url}${path}`, post(body, headers));
  expect([gotStatus, type, JSON.parse(text)]).toEqual([status, 'application/json', answer]);
});

it('unregisters no client where neither admin nor self-registration is enabled', async () => {
  const rtcd = await startRtcd({ allowSelfRegistration: false });
  const [status, , body] = await ask(`${rtcd.url}/unregister`, post({ clientID: CREDENTIALS.clientID }, OWN));
  expect([status, JSON.parse(body)]).toEqual([403, { error: 'unregister not enabled', code: '403' }]);
});

it('lets an admin see no calls', async () => {
  const rtcd = await startRtcd({ adminSecretKey: 'secret' });
  const headers = basic('', 'secret');
  expect(await ask(`${rtcd.url}/calls/c/sessions`, { headers })).toEqual([
    401,
    'text/plain; charset=utf-8',
    'unauthorized\n',
  ]);
});

it('has one live bearer token per client, good for HTTP and WebSocket', async () => {
  const rtcd = await startRtcd();
  const login = async () => JSON.parse((await ask(`${rtcd.url}/login`, post(CREDENTIALS)))[2]).bearerToken as string;
  const first = await login();
  const token = await login();
  expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
  const url = `${rtcd.url}/calls/c/sessions`;
  expect((await ask(url, { headers: { Authorization: `Bearer ${first}` } }))[0]).toBe(401);
  expect((await ask(url, { headers: { Authorization: `Bearer ${token}` } }))[0]).toBe(404);

  const ws = connectWsClient({ url: `${rtcd.url.replace('http', 'ws')}/ws`, auth: { type: 'bearer', token } });
  ws.send(encodeClientMessage({ type: 'reconnect', data: { sessionID: 's' } }));
  expect(await rtcd.nextMessage()).toMatchObject({ clientID: CREDENTIALS.clientID });
  await ws.close();
});

it('draining, closes joins that would begin a call, and continues running ones', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  await client.connect();
  const join = (callID: string, sessionID: string) => {
    const { userID, props } = sampleSessionConfig();
    client.join({ callID, userID, sessionID, ...props });
  };
  join('old', 's1');
  await rtcd.nextMessage();
  rtcd.isDraining = true;
  const closed = next(client, 'sessionClosed');
  join('old', 's2');
  join('new', 's3');
  expect(await closed).toEqual(['s3']);
  expect(rtcd.sessions.map(({ sessionID }) => sessionID)).toEqual(['s1', 's2']);
});

it('drops a join without a user, and junk', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  await client.connect();
  client.join({ callID: 'c', userID: '', sessionID: 's', channelID: '', av1Support: false, dcSignaling: false });
  await rtcd.nextMessage();
  expect(rtcd.sessions).toEqual([]);
  expect(() =>
    rtcd.sendRtc({ groupID: '', callID: '', userID: '', sessionID: 's', type: 3, data: new Uint8Array() }),
  ).toThrow('no session s has joined');
});
