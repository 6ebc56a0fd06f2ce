import { expect, it } from 'vitest';
import { startOriginalRtcd } from './original-rtcd.ts';
import { CREDENTIALS, newClient, next } from './test-bench.ts';

it('registers on demand at the original, whose refusal is an empty 200', async () => {
  const rtcd = await startOriginalRtcd();
  const client = newClient({ url: rtcd.url, registerOnDemand: true });
  await client.connect();
  expect(rtcd.requests).toEqual(['GET /ws', 'POST /register', 'GET /ws']);
  expect([...rtcd.clients]).toEqual([[CREDENTIALS.clientID, CREDENTIALS.authKey]]);
  expect(client.phase).toBe('connected');
});

it('reports wrong credentials if it may not register', async () => {
  const rtcd = await startOriginalRtcd();
  const client = newClient({ url: rtcd.url });
  await expect(client.connect()).rejects.toMatchObject({ code: 'unauthorized', status: 200 });
  expect(rtcd.requests).toEqual(['GET /ws']);
});

it('reports them too if another key is registered under its id', async () => {
  const rtcd = await startOriginalRtcd();
  rtcd.clients.set(CREDENTIALS.clientID, 'another key');
  const client = newClient({ url: rtcd.url, registerOnDemand: true });
  await expect(client.connect()).rejects.toMatchObject({ code: 'unauthorized', status: 200 });
});

it('registers again after the original was restarted with an empty store', async () => {
  const rtcd = await startOriginalRtcd();
  const client = newClient({ url: rtcd.url, registerOnDemand: true, reconnectIntervalMs: 1 });
  await client.connect();
  rtcd.clients.clear();
  const connected = next(client, 'connected');
  rtcd.closeConnections();
  expect(await connected).toEqual([{ connID: client.connID, reconnected: true }]);
  expect(rtcd.clients.size).toBe(1);
});

it('reports the empty answer to /system of a machine without idle time as an error', async () => {
  const rtcd = await startOriginalRtcd();
  await expect(newClient({ url: rtcd.url }).getSystemInfo()).rejects.toMatchObject({
    code: 'request_failed',
    message: expect.stringMatching(/^decoding http response failed: /),
  });
});

it('reads a /version with the fields of an older release only', async () => {
  const rtcd = await startOriginalRtcd();
  expect(await newClient({ url: rtcd.url }).getVersionInfo()).toMatchObject({ buildVersion: 'v1.2.0', goArch: '' });
});
