import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../src/index.ts';
import { ADMIN_AUTHORIZATION, CLIENT_AUTHORIZATION } from '../src/testing/index.ts';
import { startServer } from './test-server.ts';

const asAdmin = { headers: { Authorization: ADMIN_AUTHORIZATION } };
const ROUTES = [
  '/debug/cpu-profile?seconds=0.01',
  '/debug/heap-snapshot',
  '/debug/event-loop-delay',
  '/debug/sessions',
  '/debug/sessions/group/session',
  '/debug/sessions/group/session/capture?seconds=0.01',
  '/debug/calls',
  '/debug/calls/group/call',
];

describe('debug routes', () => {
  it.each(ROUTES)('%s is for the admin only', async (path) => {
    const { url } = await startServer({}, { admin: true });
    expect((await fetch(url + path)).status).toBe(401);
    expect((await fetch(url + path, { headers: { Authorization: CLIENT_AUTHORIZATION } })).status).toBe(403);
    const response = await fetch(url + path, asAdmin);
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  it.each(ROUTES)('answers 404 to %s without an admin', async (path) => {
    const { url } = await startServer();
    expect((await fetch(url + path, asAdmin)).status).toBe(404);
  });

  it('records a CPU profile that DevTools can read, one at a time', async () => {
    const { url } = await startServer({}, { admin: true });
    const responses = await Promise.all([
      fetch(`${url}/debug/cpu-profile?seconds=0.2`, asAdmin),
      fetch(`${url}/debug/cpu-profile?seconds=0.2`, asAdmin),
    ]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
    const done = responses.find(({ status }) => status === 200)!;
    expect(await done.json()).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
    expect((await fetch(`${url}/debug/cpu-profile?seconds=0.01`, asAdmin)).status).toBe(200);
  });

  it.each(['0', '-1', '61', 'x', ''])('refuses a profile of %j seconds', async (seconds) => {
    const { url } = await startServer({}, { admin: true });
    expect((await fetch(`${url}/debug/cpu-profile?seconds=${seconds}`, asAdmin)).status).toBe(400);
  });

  it('streams a heap snapshot', async () => {
    const { url } = await startServer({}, { admin: true });
    const response = await fetch(`${url}/debug/heap-snapshot`, asAdmin);
    expect(response.headers.get('Content-Disposition')).toBe('attachment; filename="rtcd-main.heapsnapshot"');
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value).slice(0, 12)).toBe('{"snapshot":');
    await reader.cancel();
  });

  it('asks the thread that the request names', async () => {
    const media = {
      recordCpuProfile: async (durationMs: number) => ({ durationMs }),
      takeHeapSnapshot: async () => Readable.from([Buffer.from('{"of":"media"}')]),
      readEventLoopDelay: async () => ({ minMs: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 7, samples: 1 }),
    };
    const { url } = await startServer({}, { admin: true, debugThreads: { media } });
    const get = (path: string) => fetch(`${url}/debug/${path}`, asAdmin);
    expect(await (await get('cpu-profile?seconds=2&thread=media')).json()).toEqual({ durationMs: 2_000 });
    expect(await (await get('heap-snapshot?thread=media')).json()).toEqual({ of: 'media' });
    expect(await (await get('event-loop-delay?thread=media')).json()).toMatchObject({ maxMs: 7 });
    expect((await get('event-loop-delay?thread=main')).status).toBe(200);
    const unknown = await get('heap-snapshot?thread=no');
    expect([unknown.status, await unknown.text()]).toEqual([400, 'thread should be one of main, media\n']);
  });

  it('lists sessions, and shows one with any characters in its names', async () => {
    const { url } = await startServer(
      {
        debugSessions: () => [{ sessionID: 'a' }],
        debugSession: (groupID, sessionID) => ({ groupID, sessionID }),
      },
      { admin: true },
    );
    expect(await (await fetch(`${url}/debug/sessions`, asAdmin)).json()).toEqual([{ sessionID: 'a' }]);
    const path = `/debug/sessions/${encodeURIComponent('a group/ä')}/${encodeURIComponent('s?%:1')}`;
    expect(await (await fetch(url + path, asAdmin)).json()).toEqual({ groupID: 'a group/ä', sessionID: 's?%:1' });
  });

  it('lists calls, and shows one with any characters in its names', async () => {
    const { url } = await startServer(
      { debugCalls: () => [{ callID: 'a' }], debugCall: (groupID, callID) => ({ groupID, callID }) },
      { admin: true },
    );
    expect(await (await fetch(`${url}/debug/calls`, asAdmin)).json()).toEqual([{ callID: 'a' }]);
    const path = `/debug/calls/${encodeURIComponent('a group/ä')}/${encodeURIComponent('c?%:1')}`;
    expect(await (await fetch(url + path, asAdmin)).json()).toEqual({ groupID: 'a group/ä', callID: 'c?%:1' });
  });

  it('answers 404 for an unknown session', async () => {
    const debugSession = () => {
      throw new ApiError('not_found', 'session nobody not found');
    };
    const { url } = await startServer({ debugSession }, { admin: true });
    const response = await fetch(`${url}/debug/sessions/group/nobody`, asAdmin);
    expect([response.status, await response.text()]).toEqual([404, 'session nobody not found\n']);
  });

  it('returns the capture of a session as a file, for the requested time', async () => {
    const captureSession = async (groupID: string, sessionID: string, durationMs: number) =>
      Buffer.from(`${groupID} ${sessionID} ${durationMs}`);
    const { url } = await startServer({ captureSession }, { admin: true });
    const response = await fetch(`${url}/debug/sessions/group/session/capture?seconds=2.5`, asAdmin);
    expect(response.headers.get('Content-Disposition')).toBe('attachment; filename="session.pcapng"');
    expect(await response.text()).toBe('group session 2500');
  });

  it.each(['0', '61', 'x'])('refuses a capture of %j seconds', async (seconds) => {
    const { url } = await startServer({}, { admin: true });
    const response = await fetch(`${url}/debug/sessions/group/session/capture?seconds=${seconds}`, asAdmin);
    expect(response.status).toBe(400);
  });

  it('reads the delay of the event loop', async () => {
    const { url } = await startServer({}, { admin: true });
    const response = await fetch(`${url}/debug/event-loop-delay`, asAdmin);
    const delay = (await response.json()) as Record<string, number>;
    expect(Object.keys(delay)).toEqual(['minMs', 'meanMs', 'p50Ms', 'p99Ms', 'maxMs', 'samples']);
    for (const value of Object.values(delay)) expect(Number.isFinite(value)).toBe(true);
  });
});
