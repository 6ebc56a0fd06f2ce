import { request as httpRequest } from 'node:http';
import { createConnection } from 'node:net';
import { endianness } from 'node:os';
import { text } from 'node:stream/consumers';
import { basicAuthorization } from '@rtcd/auth';
import { defaultPlane } from '@rtcd/packet-io';
import { createMemoryStore } from '@rtcd/store';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { goPlatform } from '../src/version.ts';
import { ADMIN_KEY, type Answer, ask, connect, KEY, registerClient, startService } from './support.ts';

// Walks section 1 of the contract over real sockets. Each test is named for the line it checks.

const WITH_ADMIN = { api: { security: { enable_admin: true, admin_secret_key: ADMIN_KEY } } };
const CLOSED = { api: { security: { allow_self_registration: false } } };
const CLOSED_WITH_ADMIN = { api: { security: { ...WITH_ADMIN.api.security, allow_self_registration: false } } };

const asAdmin = basicAuthorization('', ADMIN_KEY);
const NOT_FOUND: Answer = { status: 404, type: 'text/plain; charset=utf-8', body: '404 page not found\n' };

/** An audit-style answer: the JSON of a flat string map, `code` being the status as a string, a newline at its end. */
function audited(status: number, fields: Record<string, string>): Answer {
  const body = { ...fields, code: String(status) };
  return { status, type: 'application/json', body: `${JSON.stringify(sorted(body))}\n` };
}

const sorted = (fields: Record<string, string>) => Object.fromEntries(Object.entries(fields).sort());

describe('wrong methods: "other method: 404", text "404 page not found"', () => {
  it.each([
    ['POST', '/version'],
    ['PUT', '/system'],
    ['GET', '/register'],
    ['GET', '/unregister'],
    ['GET', '/login'],
    ['DELETE', '/login'],
    ['HEAD', '/register'],
    ['POST', '/calls/c/sessions'],
    ['GET', '/unknown'],
  ])('%s %s', async (method, path) => {
    const { url } = await startService();
    expect(await ask(url + path, { method })).toEqual({ ...NOT_FOUND, ...(method === 'HEAD' && { body: '' }) });
  });
});

describe('the routes as a whole', () => {
  it('"HTTP/1.0 without Host is served", as HAProxy checks health', async () => {
    const { url } = await startService();
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /healthz HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nok\n$/s);
  });

  it('"A path with doubled slashes is redirected (307) to the clean one"', async () => {
    const { url } = await startService();
    const response = await fetch(`${url}//version?a`, { redirect: 'manual' });
    expect([response.status, response.headers.get('Location')]).toEqual([307, '/version?a']);
    expect(await ask(`${url}//register`, { body: { clientID: 'a', authKey: KEY } })).toMatchObject({ status: 201 });
  });

  it('"a value null is as if the key were absent; a byte order mark in front is taken off"', async () => {
    const { url } = await startService();
    const body = `\u{feff}{"clientID":null,"authKey":"${KEY}"}`;
    expect(await ask(`${url}/register`, { body })).toEqual(
      audited(400, { error: 'registration failed: error: empty key' }),
    );
  });

  it('"HEAD works wherever GET does; /metrics answers any method"', async () => {
    const { url } = await startService();
    expect(await ask(`${url}/version`, { method: 'HEAD' })).toEqual({
      status: 200,
      type: 'application/json',
      body: '',
    });
    expect(await ask(`${url}/metrics`, { method: 'DELETE' })).toMatchObject({ status: 200 });
  });
});

describe('/version', () => {
  it('GET, no auth, 200 {"buildDate","buildVersion","buildHash","goVersion","goOS","goArch"}', async () => {
    const { url } = await startService();
    const { status, type, body } = await ask(`${url}/version`);
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    expect(body.endsWith('}\n')).toBe(true);
    const version = JSON.parse(body);
    const { packetPlane, ...ofContract } = version;
    expect(Object.keys(ofContract)).toEqual(['buildDate', 'buildVersion', 'buildHash', 'goVersion', 'goOS', 'goArch']);
    expect(packetPlane).toBe(defaultPlane().plane);
    for (const value of Object.values(version)) expect(value).toBeTypeOf('string');
  });

  it('"ours carry the runtime\'s own version and platform in them"', async () => {
    const { url } = await startService();
    const version = JSON.parse((await ask(`${url}/version`)).body);
    expect(version.goVersion).toContain(process.version);
    expect(version).toMatchObject(goPlatform(process.platform, process.arch, endianness()));
  });

  it('"buildVersion "", "master" or dev* makes clients skip their minimum-version check": a run from source is dev', async () => {
    const { url } = await startService();
    expect(JSON.parse((await ask(`${url}/version`)).body).buildVersion).toMatch(/^dev/);
  });
});

describe('/system', () => {
  it('GET, no auth, 200 {"cpu_load": number}', async () => {
    const { url } = await startService();
    const { status, type, body } = await ask(`${url}/system`);
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    const { cpu_load, ...rest } = JSON.parse(body);
    expect(rest).toEqual({});
    expect(cpu_load).toBeGreaterThan(0);
    expect(cpu_load).toBeLessThanOrEqual(100);
  });
});

describe('/metrics', () => {
  it('GET, no auth, 200 Prometheus text', async () => {
    const { url } = await startService();
    const { status, type, body } = await ask(`${url}/metrics`);
    expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(body).toContain('# TYPE rtcd_process_cpu_seconds_total counter\n');
  });
});

describe('/register', () => {
  const body = { clientID: 'client', authKey: KEY };

  it('POST {"clientID","authKey"}, no auth if self-registration is allowed: 201 {"clientID","code":"201"}', async () => {
    const { url } = await startService();
    expect(await ask(`${url}/register`, { body })).toEqual(audited(201, { clientID: 'client' }));
  });

  it('without self-registration, authentication comes first: 401', async () => {
    const { url } = await startService({ config: CLOSED_WITH_ADMIN });
    const error = 'authentication failed: invalid auth header';
    expect(await ask(`${url}/register`, { body: 'not JSON' })).toEqual(audited(401, { error }));
    expect(await ask(`${url}/register`, { body, authorization: asAdmin })).toMatchObject({ status: 201 });
  });

  it.each([
    ['"body not JSON", 400', 'not JSON', 'invalid request body: should be JSON'],
    [
      '"key not long enough" (< 32 bytes)',
      { clientID: 'c', authKey: 'k'.repeat(31) },
      'registration failed: key not long enough',
    ],
    [
      '"key not long enough": of 31 bytes',
      { clientID: 'c', authKey: `é${'k'.repeat(29)}` },
      'registration failed: key not long enough',
    ],
    [
      '"checked first": a short key before an empty clientID',
      { authKey: 'short' },
      'registration failed: key not long enough',
    ],
    ['"error: empty key" (empty clientID)', { clientID: '', authKey: KEY }, 'registration failed: error: empty key'],
  ])('%s', async (_, invalid, error) => {
    const { url } = await startService();
    expect(await ask(`${url}/register`, { body: invalid })).toEqual(audited(400, { error }));
  });

  it('"registration failed: already registered", 400', async () => {
    const { url } = await startService();
    await ask(`${url}/register`, { body });
    expect(await ask(`${url}/register`, { body })).toEqual(
      audited(400, { error: 'registration failed: already registered' }),
    );
  });

  it.each(['k'.repeat(32), 'é'.repeat(16)])('a key of 32 bytes is long enough: %s', async (authKey) => {
    const { url } = await startService();
    expect(await ask(`${url}/register`, { body: { ...body, authKey } })).toMatchObject({ status: 201 });
  });

  it('"Keys are stored as bcrypt hashes, default cost 10"', async () => {
    const store = createMemoryStore();
    const { url } = await startService({ openStore: async () => store, auth: {} });
    await ask(`${url}/register`, { body });
    expect(await store.get('client')).toMatch(/^\$2a\$10\$/);
  });
});

describe('/unregister', () => {
  it('"neither admin nor self-registration enabled: 403 unregister not enabled", before all else', async () => {
    const { url } = await startService({ config: CLOSED });
    expect(await ask(`${url}/unregister`, { body: 'not JSON' })).toEqual(
      audited(403, { error: 'unregister not enabled' }),
    );
  });

  it('POST {"clientID"}, auth required, 200 {"code":"200"}', async () => {
    const rtcd = await startService();
    const authorization = await registerClient(rtcd, 'client');
    const answer = await ask(`${rtcd.url}/unregister`, { body: { clientID: 'client' }, authorization });
    expect(answer).toEqual(audited(200, {}));
  });

  it('"Bad auth 401", before the body is read', async () => {
    const { url } = await startService();
    const authorization = basicAuthorization('client', KEY);
    expect(await ask(`${url}/unregister`, { body: 'not JSON', authorization })).toEqual(
      audited(401, { error: 'authentication failed' }),
    );
  });

  it.each([
    ['"Not JSON 400"', 'not JSON', 400, 'invalid request body: should be JSON'],
    ['"Empty clientID 400"', { clientID: '' }, 400, 'client id should not be empty'],
    ['"Empty clientID 400": left out', {}, 400, 'client id should not be empty'],
    ['"A non-admin naming another client: 403"', { clientID: 'other' }, 403, 'client id not valid'],
  ])('%s', async (_, body, status, error) => {
    const rtcd = await startService();
    const authorization = await registerClient(rtcd, 'client');
    expect(await ask(`${rtcd.url}/unregister`, { body, authorization })).toEqual(audited(status, { error }));
  });

  it('"Unknown client: 400 unregister failed: error: not found"', async () => {
    const { url } = await startService({ config: WITH_ADMIN });
    expect(await ask(`${url}/unregister`, { body: { clientID: 'nobody' }, authorization: asAdmin })).toEqual(
      audited(400, { error: 'unregister failed: error: not found' }),
    );
  });

  it('an admin may name any client', async () => {
    const rtcd = await startService({ config: WITH_ADMIN });
    const authorization = await registerClient(rtcd, 'client');
    const answer = await ask(`${rtcd.url}/unregister`, { body: { clientID: 'client' }, authorization: asAdmin });
    expect(answer).toEqual(audited(200, {}));
    expect(await ask(`${rtcd.url}/calls/c/sessions`, { authorization })).toMatchObject({ status: 401 });
  });

  it('"Success drops the client\'s bearer token too"', async () => {
    const rtcd = await startService();
    const authorization = await registerClient(rtcd, 'client');
    const login = await ask(`${rtcd.url}/login`, { body: { clientID: 'client', authKey: KEY } });
    const bearer = `Bearer ${JSON.parse(login.body).bearerToken}`;
    expect(await ask(`${rtcd.url}/calls/c/sessions`, { authorization: bearer })).toMatchObject({ status: 404 });
    await ask(`${rtcd.url}/unregister`, { body: { clientID: 'client' }, authorization });
    expect(await ask(`${rtcd.url}/calls/c/sessions`, { authorization: bearer })).toMatchObject({ status: 401 });
  });
});

describe('/login', () => {
  const login = (url: string, body: unknown) => ask(`${url}/login`, { body });

  it('POST {"clientID","authKey"}: 200 {"bearerToken","code":"200"}, "32 URL-safe characters"', async () => {
    const rtcd = await startService();
    await registerClient(rtcd, 'client');
    const answer = await login(rtcd.url, { clientID: 'client', authKey: KEY });
    const { bearerToken } = JSON.parse(answer.body);
    expect(bearerToken).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(answer).toEqual(audited(200, { bearerToken }));
  });

  it('"one live token per client"', async () => {
    const rtcd = await startService();
    await registerClient(rtcd, 'client');
    const tokens = [];
    for (let i = 0; i < 2; i++) {
      const { body } = await login(rtcd.url, { clientID: 'client', authKey: KEY });
      tokens.push(`Bearer ${JSON.parse(body).bearerToken}`);
    }
    const statuses = await Promise.all(
      tokens.map(async (authorization) => (await ask(`${rtcd.url}/calls/c/sessions`, { authorization })).status),
    );
    expect(statuses).toEqual([401, 404]);
  });

  it('"in memory only": a restart voids tokens, not registrations', async () => {
    const store = createMemoryStore();
    const first = await startService({ openStore: async () => ({ ...bound(store), close: async () => {} }) });
    const basic = await registerClient(first, 'client');
    const { body } = await login(first.url, { clientID: 'client', authKey: KEY });
    await first.close();
    const second = await startService({ openStore: async () => store });
    const bearer = `Bearer ${JSON.parse(body).bearerToken}`;
    expect(await ask(`${second.url}/calls/c/sessions`, { authorization: bearer })).toMatchObject({ status: 401 });
    expect(await ask(`${second.url}/calls/c/sessions`, { authorization: basic })).toMatchObject({ status: 404 });
  });

  it('failure, 400: "login failed: " + "authentication failed..."', async () => {
    const rtcd = await startService();
    await registerClient(rtcd, 'client');
    expect(await login(rtcd.url, { clientID: 'client', authKey: 'w'.repeat(32) })).toEqual(
      audited(400, { error: 'login failed: authentication failed' }),
    );
  });

  it('failure, 400: "unknown id: authentication failed: error: not found"', async () => {
    const { url } = await startService();
    expect(await login(url, { clientID: 'nobody', authKey: KEY })).toEqual(
      audited(400, { error: 'login failed: authentication failed: error: not found' }),
    );
  });

  it('failure, 400: not JSON', async () => {
    const { url } = await startService();
    expect(await login(url, '{')).toEqual(audited(400, { error: 'invalid request body: should be JSON' }));
  });
});

describe('Authentication, in order; "All of these are 401"', () => {
  // /unregister tells why authentication failed; it has to be reachable without an admin.
  const errorOf = async (url: string, authorization: string | undefined) => {
    const { status, body } = await ask(`${url}/unregister`, { body: { clientID: 'client' }, authorization });
    return { status, error: JSON.parse(body).error };
  };

  it.each([
    ['"token looked up": unknown', 'Bearer unknown', 'authentication failed: token is invalid'],
    ['"scheme case-sensitive as written"', 'bearer unknown', 'authentication failed: invalid auth header'],
    ['"No header"', undefined, 'authentication failed: invalid auth header'],
    ['"unreadable header"', 'Basic %%%', 'authentication failed: invalid auth header'],
    ['"Empty clientID otherwise"', basicAuthorization('', KEY), 'authentication failed: unauthorized'],
    ['"Bad pair": wrong key', basicAuthorization('client', 'w'.repeat(32)), 'authentication failed'],
    ['"Bad pair": unknown client', basicAuthorization('nobody', KEY), 'authentication failed'],
  ])('%s', async (_, authorization, error) => {
    const rtcd = await startService();
    await registerClient(rtcd, 'client');
    expect(await errorOf(rtcd.url, authorization)).toEqual({ status: 401, error });
  });

  it('"session is expired": by default after 1440 minutes', async () => {
    const rtcd = await startService();
    await registerClient(rtcd, 'client');
    const { body } = await ask(`${rtcd.url}/login`, { body: { clientID: 'client', authKey: KEY } });
    const bearer = `Bearer ${JSON.parse(body).bearerToken}`;
    const now = performance.now.bind(performance);
    const passMinutes = (minutes: number) =>
      vi.spyOn(performance, 'now').mockImplementation(() => now() + minutes * 60_000);
    onTestFinished(() => void vi.restoreAllMocks());
    passMinutes(1439);
    expect(await ask(`${rtcd.url}/calls/c/sessions`, { authorization: bearer })).toMatchObject({ status: 404 });
    passMinutes(1440);
    expect(await errorOf(rtcd.url, bearer)).toEqual({
      status: 401,
      error: 'authentication failed: session is expired',
    });
  });

  it('"If admin is enabled and authKey equals the admin secret: admin, empty clientID", whatever clientID it sends', async () => {
    const rtcd = await startService({ config: WITH_ADMIN });
    await registerClient(rtcd, 'client');
    const authorization = basicAuthorization('client', ADMIN_KEY);
    expect(await ask(`${rtcd.url}/calls/c/sessions`, { authorization })).toMatchObject({ status: 401 });
    expect(await errorOf(rtcd.url, authorization)).toMatchObject({ status: 200 });
  });

  it('the admin secret is nothing special where admin is not enabled', async () => {
    const config = { api: { security: { admin_secret_key: ADMIN_KEY } } };
    const { url } = await startService({ config });
    expect(await errorOf(url, asAdmin)).toEqual({ status: 401, error: 'authentication failed: unauthorized' });
  });
});

describe('/calls', () => {
  const session = { callID: 'call', userID: 'user', sessionID: 'session', channelID: 'channel', dcSignaling: true };
  const json =
    '{"GroupID":"client","CallID":"call","UserID":"user","SessionID":"session",' +
    '"Props":{"channelID":"channel","av1Support":false,"dcSignaling":true}}';

  async function startWithSession() {
    const rtcd = await startService({ config: WITH_ADMIN });
    const authorization = await registerClient(rtcd, 'client');
    const socket = await connect(rtcd, authorization);
    socket.send({ type: 'join', data: { ...session, av1Support: false } });
    await rtcd.sfu.until(() => rtcd.sfu.sessionCount === 1);
    return { ...rtcd, authorization };
  }

  it('/calls/{callID}/sessions: GET, auth required, 200 array of session configs', async () => {
    const { url, authorization } = await startWithSession();
    expect(await ask(`${url}/calls/call/sessions`, { authorization })).toEqual({
      status: 200,
      type: 'application/json',
      body: `[${json}]\n`,
    });
  });

  it('/calls/{callID}/sessions/{sessionID}: GET, auth required, 200 one session config', async () => {
    const { url, authorization } = await startWithSession();
    expect(await ask(`${url}/calls/call/sessions/session`, { authorization })).toEqual({
      status: 200,
      type: 'application/json',
      body: `${json}\n`,
    });
  });

  it('"401 text unauthorized"; "an admin (empty clientID) gets 401 on the /calls routes"', async () => {
    const { url } = await startWithSession();
    for (const authorization of [undefined, 'Bearer wrong', basicAuthorization('nobody', KEY), asAdmin]) {
      for (const path of ['/calls/call/sessions', '/calls/call/sessions/session']) {
        expect(await ask(url + path, { authorization })).toMatchObject({ status: 401, body: 'unauthorized\n' });
      }
    }
  });

  it('"404 text failed to get session configs: call not found / group not found"', async () => {
    const rtcd = await startWithSession();
    const other = await registerClient(rtcd, 'other');
    const { url, authorization } = rtcd;
    expect(await ask(`${url}/calls/nothing/sessions`, { authorization })).toEqual({
      ...NOT_FOUND,
      body: 'failed to get session configs: call not found\n',
    });
    expect(await ask(`${url}/calls/call/sessions`, { authorization: other })).toEqual({
      ...NOT_FOUND,
      body: 'failed to get session configs: group not found\n',
    });
  });

  it('"no sessions found"', async () => {
    const { url, sfu, authorization } = await startWithSession();
    sfu.sessions = () => [];
    expect(await ask(`${url}/calls/call/sessions`, { authorization })).toMatchObject({
      status: 404,
      body: 'failed to get session configs: no sessions found\n',
    });
  });

  it('"404 text failed to get session config: ..."', async () => {
    const rtcd = await startWithSession();
    const other = await registerClient(rtcd, 'other');
    const { url, authorization } = rtcd;
    const of = async (path: string, header: string) => (await ask(url + path, { authorization: header })).body;
    const prefix = 'failed to get session config:';
    expect(await of('/calls/call/sessions/nobody', authorization)).toBe(`${prefix} session not found\n`);
    expect(await of('/calls/nothing/sessions/session', authorization)).toBe(`${prefix} call not found\n`);
    expect(await of('/calls/call/sessions/session', other)).toBe(`${prefix} group not found\n`);
  });
});

describe('/ws', () => {
  /** The status that an upgrade is answered with. */
  const upgrade = (url: string, authorization?: string, more: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
        ...(authorization !== undefined && { Authorization: authorization }),
        ...more,
      };
      httpRequest(`${url}/ws`, { headers })
        .on('upgrade', (response, socket) => {
          socket.destroy();
          expect(response.headers).not.toHaveProperty('sec-websocket-protocol');
          resolve(response.statusCode);
        })
        .on('response', (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on('error', reject)
        .end();
    });

  it('"The handshake\'s Origin, if there is one, must be the Host\'s own: else 403. No subprotocol is answered."', async () => {
    const rtcd = await startService();
    const basic = await registerClient(rtcd, 'client');
    const own = { Origin: rtcd.url, 'Sec-WebSocket-Protocol': 'a, b' };
    expect(await upgrade(rtcd.url, basic, own)).toBe(101);
    expect(await upgrade(rtcd.url, basic, { Origin: 'https://example.com' })).toBe(403);
  });

  it('GET upgrade, auth required: 101 for basic and bearer', async () => {
    const rtcd = await startService();
    const basic = await registerClient(rtcd, 'client');
    const { body } = await ask(`${rtcd.url}/login`, { body: { clientID: 'client', authKey: KEY } });
    expect(await upgrade(rtcd.url, basic)).toBe(101);
    expect(await upgrade(rtcd.url, `Bearer ${JSON.parse(body).bearerToken}`)).toBe(101);
  });

  it('401', async () => {
    const { url } = await startService();
    expect(await upgrade(url)).toBe(401);
    expect(await upgrade(url, basicAuthorization('nobody', KEY))).toBe(401);
    expect(await ask(`${url}/ws`)).toMatchObject({ status: 401 });
  });
});

function bound(store: ReturnType<typeof createMemoryStore>) {
  return {
    get: (key: string) => store.get(key),
    put: (key: string, value: string) => store.put(key, value),
    delete: (key: string) => store.delete(key),
  };
}
