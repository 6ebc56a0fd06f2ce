import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { basicAuthorization } from '@rtcd/auth';
import { createMemoryStore } from '@rtcd/store';
import { describe, expect, it } from 'vitest';
import { createService, defaultConfig, type OpenSfu } from '../src/index.ts';
import { FakeSfu } from './fake-sfu.ts';
import { ADMIN_KEY, ask, connect, LogRecorder, registerClient, startService } from './support.ts';

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../packages/api/test/fixtures/${name}`, import.meta.url));

describe('the service', () => {
  it('serves over TLS if configured', async () => {
    const tls = { enable: true, cert_file: fixture('first.crt'), cert_key: fixture('first.key') };
    const { url } = await startService({ config: { api: { http: { tls } } } });
    const ca = await readFile(fixture('first.crt'));
    const status = await new Promise((resolve, reject) => {
      request(`${url}/version`, { ca }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  it('is not ready while the thread of media is started again', async () => {
    const { url, sfu } = await startService();
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200 });
    sfu.isReady = false;
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 503, body: 'media engine not running\n' });
    expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200 });
    sfu.isReady = true;
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200 });
  });

  it('has debug routes for the admin only, and none without an admin', async () => {
    const authorization = basicAuthorization('', ADMIN_KEY);
    const security = { enable_admin: true, admin_secret_key: ADMIN_KEY };
    const withAdmin = await startService({ config: { api: { security } } });
    const client = await registerClient(withAdmin, 'client');
    const path = '/debug/event-loop-delay';
    expect(await ask(withAdmin.url + path, { authorization })).toMatchObject({ status: 200 });
    expect(await ask(withAdmin.url + path, { authorization: client })).toMatchObject({ status: 403 });
    expect(await ask(withAdmin.url + path)).toMatchObject({ status: 401 });
    const withoutAdmin = await startService();
    expect(await ask(withoutAdmin.url + path, { authorization })).toMatchObject({ status: 404 });
  });

  it("refuses a client's connections over the limit, and logs the reason", async () => {
    const logger = new LogRecorder();
    const config = { api: { limits: { connections_per_client: 1 } } };
    const rtcd = await startService({ config, logger });
    const authorization = await registerClient(rtcd, 'client');
    await connect(rtcd, authorization);
    const second = new WebSocket(`${rtcd.url.replace('http', 'ws')}/ws`, { headers: { Authorization: authorization } });
    await new Promise((resolve) => second.addEventListener('error', resolve));
    const { fields } = await logger.line(({ message }) => message === 'websocket upgrade refused');
    expect(fields).toMatchObject({
      status: 429,
      reason: expect.stringContaining('too many connections of this client'),
    });
    await connect(rtcd, await registerClient(rtcd, 'another client'));
  });

  it('answers 503, with the reason, when credentials cannot be checked in time', async () => {
    const throttle = { operationsPerSecond: 0.001, burst: 1, maxWaitMs: 1 } as const;
    const rtcd = await startService({ auth: { hashCost: 4, throttle } });
    const authorization = await registerClient(rtcd, 'client');
    expect(await ask(`${rtcd.url}/calls/c/sessions`, { authorization })).toMatchObject({
      status: 503,
      body: 'authentication failed: too many requests at once, try again later\n',
    });
  });

  it('logs its addresses, what it advertises, and the settings without effect', async () => {
    const logger = new LogRecorder();
    const urls = ['stun:stun.example.com:3478', 'stuns:stun.example.com:5349'];
    const config = { rtc: { ice_servers: urls.map((url) => ({ urls: [url] })) } };
    const { url } = await startService({ config, logger });
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'info rtcd started',
      'info listening for clients',
      'info client registration',
      'info listening for media',
      'info advertising to peers',
      'warn settings without effect',
      'info registration store opened',
    ]);
    expect(logger.lines[1]?.fields).toMatchObject({ url });
    expect(logger.lines[5]?.fields).toEqual({ settings: ['rtc.ice_servers: stuns:stun.example.com:5349'] });
  });

  it.each(['SFU', 'HTTP port'])('releases everything if the %s is unavailable', async (part) => {
    const store = createMemoryStore();
    const sfu = new FakeSfu();
    const closed: string[] = [];
    sfu.close = async () => void closed.push('sfu');
    const openSfu: OpenSfu = part === 'SFU' ? () => Promise.reject(new Error('no socket')) : sfu.create;
    const { api, ...rest } = defaultConfig();
    const config = { ...rest, api: { ...api, http: { ...api.http, listen_address: 'nonsense' } } };
    const service = createService(config, { logger: new LogRecorder(), openStore: async () => store, openSfu });
    await expect(service.start()).rejects.toThrow(part === 'SFU' ? 'no socket' : 'nonsense');
    await service.close();
    await expect(store.get('key')).rejects.toMatchObject({ code: 'closed' });
    expect(closed).toEqual(part === 'SFU' ? [] : ['sfu']);
  });
});
