import { describe, expect, it } from 'vitest';
import { ApiError } from '../src/index.ts';
import { ADMIN_AUTHORIZATION, CLIENT_AUTHORIZATION } from '../src/testing/index.ts';
import { createLogRecorder, startServer } from './test-server.ts';

const NOT_FOUND = '404 page not found\n';
const asClient = { headers: { Authorization: CLIENT_AUTHORIZATION } };
const asAdmin = { headers: { Authorization: ADMIN_AUTHORIZATION } };

function post(fields: unknown, authorization?: string): RequestInit {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  return { method: 'POST', headers, body: typeof fields === 'string' ? fields : JSON.stringify(fields) };
}

describe('methods and paths', () => {
  it.each([
    ['POST', '/version'],
    ['HEAD', '/register'],
    ['DELETE', '/system'],
    ['GET', '/register'],
    ['PUT', '/unregister'],
    ['OPTIONS', '/login'],
    ['POST', '/calls/a/sessions'],
    ['GET', '/calls/a'],
    ['GET', '/version/'],
    ['GET', '/'],
    ['GET', '/debug/heap-snapshot'],
  ])('answers %s %s with 404', async (method, path) => {
    const { url } = await startServer();
    const response = await fetch(url + path, { method });
    expect(response.status).toBe(404);
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe(method === 'HEAD' ? '' : NOT_FOUND);
  });

  it.each(['/version', '/system', '/metrics', '/healthz', '/readyz'])('answers HEAD %s as GET', async (path) => {
    const { url } = await startServer();
    const [head, get] = await Promise.all([fetch(url + path, { method: 'HEAD' }), fetch(url + path)]);
    expect(head.status).toBe(200);
    expect(head.headers.get('Content-Type')).toBe(get.headers.get('Content-Type'));
    expect(await head.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('answers %s /metrics as GET', async (method) => {
    const { url } = await startServer();
    expect(await (await fetch(`${url}/metrics`, { method })).text()).toBe('up 1\n');
  });

  it.each([
    ['//version', '/version'],
    ['//calls///a//sessions//?a=//b', '/calls/a/sessions/?a=//b'],
    ['//example.com//', '/example.com/'],
  ])('redirects %s to the path without doubled slashes', async (path, location) => {
    const { url } = await startServer();
    const response = await fetch(url + path, { redirect: 'manual' });
    expect(response.status).toBe(307);
    expect(response.headers.get('Location')).toBe(location);
  });

  it('keeps method and body over such a redirect', async () => {
    const { url } = await startServer({}, { selfRegistration: true });
    const response = await fetch(`${url}//register`, post({ clientID: 'a', authKey: 'b' }));
    expect(await response.json()).toEqual({ clientID: 'a', code: '201' });
  });

  it('answers JSON with a newline at its end', async () => {
    const { url } = await startServer();
    const response = await fetch(`${url}/system?any=query`);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(await response.text()).toBe('{"cpu_load":0.5}\n');
  });

  it('reports at /readyz whether new calls are accepted, and at /healthz that it is alive', async () => {
    let reason: string | undefined;
    const { url } = await startServer({ unreadyReason: () => reason });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    reason = 'draining';
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('draining\n');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('/register', () => {
  it('requires authentication before it reads the body, unless clients may register themselves', async () => {
    const closed = await startServer();
    const refused = await fetch(`${closed.url}/register`, post('not JSON'));
    expect(refused.status).toBe(401);
    expect(await refused.text()).toBe('{"code":"401","error":"authentication failed"}\n');
    const open = await startServer({}, { selfRegistration: true });
    expect((await fetch(`${open.url}/register`, post('not JSON'))).status).toBe(400);
  });

  it('passes the credentials on and answers 201 with the client ID', async () => {
    const registered: unknown[] = [];
    const register = async (credentials: unknown) => void registered.push(credentials);
    const { url } = await startServer({ register }, { selfRegistration: true });
    const response = await fetch(`${url}/register`, post({ clientID: 'a', authKey: 'b', other: 'c' }));
    expect(response.status).toBe(201);
    expect(await response.text()).toBe('{"clientID":"a","code":"201"}\n');
    expect(registered).toEqual([{ clientID: 'a', authKey: 'b' }]);
  });
});

describe('/unregister', () => {
  it('is disabled without an admin and self-registration, before anything else is checked', async () => {
    const { url } = await startServer();
    const response = await fetch(`${url}/unregister`, post('not JSON'));
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ code: '403', error: 'unregister not enabled' });
  });

  it.each([
    ['bad credentials before the body', 'not JSON', 'Bearer wrong', 401, 'authentication failed'],
    ['a body that is no JSON', 'not JSON', CLIENT_AUTHORIZATION, 400, 'invalid request body: should be JSON'],
    ['an empty client ID', {}, CLIENT_AUTHORIZATION, 400, 'client id should not be empty'],
    ["another's client ID", { clientID: 'other' }, CLIENT_AUTHORIZATION, 403, 'client id not valid'],
  ])('refuses %s', async (_, body, authorization, status, error) => {
    const { url } = await startServer({}, { selfRegistration: true });
    const response = await fetch(`${url}/unregister`, post(body, authorization));
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ code: String(status), error });
  });

  it('lets clients name themselves, and an admin any client', async () => {
    const gone: string[] = [];
    const unregister = async (clientID: string) => void gone.push(clientID);
    const { url } = await startServer({ unregister }, { admin: true });
    const own = await fetch(`${url}/unregister`, post({ clientID: 'client' }, CLIENT_AUTHORIZATION));
    const other = await fetch(`${url}/unregister`, post({ clientID: 'other' }, ADMIN_AUTHORIZATION));
    expect(await own.text()).toBe('{"code":"200"}\n');
    expect(other.status).toBe(200);
    expect(gone).toEqual(['client', 'other']);
  });
});

describe('refusals', () => {
  it('answers with the message and status of what a handler throws', async () => {
    const login = () => Promise.reject(new ApiError('invalid_request', 'login failed: because'));
    const { url } = await startServer({ login });
    const response = await fetch(`${url}/login`, post({ clientID: 'a', authKey: 'b' }));
    expect(response.status).toBe(400);
    expect(await response.text()).toBe('{"code":"400","error":"login failed: because"}\n');
  });

  it('writes the message of an unexpected error only to the log', async () => {
    const logger = createLogRecorder();
    const fail = () => Promise.reject(new Error('disk on fire'));
    const { url } = await startServer({ login: fail, metrics: fail }, { logger });
    const login = await fetch(`${url}/login`, post({ clientID: 'a', authKey: 'b' }));
    expect(await login.json()).toEqual({ code: '500', error: 'internal error' });
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.status).toBe(500);
    expect(await metrics.text()).toBe('internal error\n');
    expect(logger.lines.map(({ level, fields }) => [level, (fields.err as Error).message])).toEqual([
      ['error', 'disk on fire'],
      ['error', 'disk on fire'],
    ]);
  });

  it('refuses a body over the limit, announced or not, without calling the handlers', async () => {
    const login = () => Promise.reject(new Error('should not be asked'));
    const { url } = await startServer({ login }, { maxBodyBytes: 100 });
    const body = JSON.stringify({ clientID: 'x'.repeat(200) });
    const announced = await fetch(`${url}/login`, { method: 'POST', body });
    expect(announced.status).toBe(413);
    expect(await announced.json()).toEqual({ code: '413', error: 'request body too large: more than 100 bytes' });
    const stream = new Blob([body]).stream();
    const streamed = await fetch(`${url}/login`, { method: 'POST', body: stream, duplex: 'half' });
    expect(streamed.status).toBe(413);
  });

  it('logs the client and address of a failed login, and no secret', async () => {
    const logger = createLogRecorder();
    const login = () => Promise.reject(new ApiError('invalid_request', 'login failed'));
    const { url } = await startServer({ login }, { logger });
    await fetch(`${url}/login`, post({ clientID: 'eve', authKey: 'a-secret-key' }, 'Bearer a-secret-token'));
    await fetch(`${url}/calls/a/sessions`, { headers: { Authorization: 'Bearer a-secret-token' } });
    expect(logger.lines).toEqual([
      {
        level: 'warn',
        message: 'request refused',
        fields: expect.objectContaining({
          action: 'login',
          clientID: 'eve',
          remoteAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
          error: 'login failed',
        }),
      },
      {
        level: 'warn',
        message: 'authentication failed',
        fields: expect.objectContaining({ remoteAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/) }),
      },
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain('secret');
  });
});

describe('/calls', () => {
  it('requests the sessions of the calling client', async () => {
    const { url } = await startServer({
      callSessions: (clientID, callID) => [{ clientID, callID }],
      callSession: (clientID, callID, sessionID) => ({ clientID, callID, sessionID }),
    });
    const list = await fetch(`${url}/calls/a%2Fb/sessions`, asClient);
    expect(await list.text()).toBe('[{"clientID":"client","callID":"a/b"}]\n');
    const one = await fetch(`${url}/calls/c/sessions/s`, asClient);
    expect(await one.text()).toBe('{"clientID":"client","callID":"c","sessionID":"s"}\n');
  });

  it('serves clients, but neither strangers nor an admin', async () => {
    const { url } = await startServer({}, { admin: true });
    for (const init of [{}, asAdmin]) {
      for (const path of ['/calls/c/sessions', '/calls/c/sessions/s']) {
        const response = await fetch(url + path, init);
        expect(response.status).toBe(401);
        expect(await response.text()).toBe('unauthorized\n');
      }
    }
  });

  it('reports what was not found', async () => {
    const callSession = () => {
      throw new ApiError('not_found', 'failed to get session config: call not found');
    };
    const { url } = await startServer({ callSession });
    const response = await fetch(`${url}/calls/c/sessions/s`, asClient);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('failed to get session config: call not found\n');
  });
});

describe('/ws without an upgrade', () => {
  it('is refused: 401 for strangers, 400 for clients', async () => {
    const { url } = await startServer();
    expect((await fetch(`${url}/ws`)).status).toBe(401);
    expect((await fetch(`${url}/ws`, asClient)).status).toBe(400);
  });
});
