import { getEventListeners } from 'node:events';
import { RtcdClient } from '@rtcd/client';
import { type ClientMessage, encodeClientMessage, MAX_MESSAGE_BYTES, RtcMessageType } from '@rtcd/protocol';
import { sampleMessages, sampleSessionConfig } from '@rtcd/protocol/testing';
import { createFakeClock, startScriptedServer } from '@rtcd/ws/testing';
import { expect, it, onTestFinished } from 'vitest';
import { CREDENTIALS, newClient, next, startRtcd } from './test-bench.ts';

const session = sampleSessionConfig({ groupID: CREDENTIALS.clientID });
const messages = sampleMessages(session).client;
const joinMessage = messages.find(({ type }) => type === 'join')!;

it('sends every kind of message', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  await client.connect();
  const toRtcd = messages.filter(({ type }) => type !== 'hello' && type !== 'close' && type !== 'vad');
  for (const message of toRtcd) client.send(message);
  for (const message of toRtcd) {
    expect(await rtcd.nextMessage()).toEqual({ clientID: CREDENTIALS.clientID, connID: client.connID, message });
  }
});

it('emits messages from rtcd, as message and by kind', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  const all: ClientMessage[] = [];
  client.on('message', (message) => all.push(message));
  await client.connect();
  client.send(joinMessage);
  await rtcd.nextMessage();
  const { groupID, callID, userID, sessionID } = session;
  const rtc = { groupID, callID, userID, sessionID, type: RtcMessageType.SDP, data: Uint8Array.of(1, 2) };
  const vad = { ...rtc, type: RtcMessageType.VoiceOn, data: new Uint8Array() };
  const [gotRtc, gotVad, gotClosed] = [next(client, 'rtc'), next(client, 'vad'), next(client, 'sessionClosed')];
  rtcd.sendRtc(rtc);
  rtcd.sendRtc(vad);
  rtcd.closeSession(sessionID);
  expect(await gotRtc).toEqual([rtc]);
  expect(await gotVad).toEqual([vad]);
  expect(await gotClosed).toEqual([sessionID]);
  expect(all.map(({ type }) => type)).toEqual(['hello', 'rtc', 'vad', 'close']);
});

it('reports junk as an error, and continues', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  await client.connect();
  const [error, closed] = [next(client, 'error'), next(client, 'sessionClosed')];
  rtcd.send(client.connID!, Uint8Array.of(0xc1));
  rtcd.send(client.connID!, encodeClientMessage({ type: 'close', data: { sessionID: 's' } }));
  expect((await error)[0]).toMatchObject({
    code: 'invalid_message',
    message: expect.stringMatching(/^failed to unpack message: /),
  });
  await closed;
});

it('does not throw errors without a listener', async () => {
  const logged: string[] = [];
  const logger = {
    debug() {},
    info() {},
    warn() {},
    error: (_: object, text: string) => logged.push(text),
    child: () => logger,
  };
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url, logger });
  await client.connect();
  const closed = next(client, 'sessionClosed');
  rtcd.send(client.connID!, Uint8Array.of(0xc1));
  rtcd.send(client.connID!, { type: 'close', data: { sessionID: 's' } });
  await closed;
  expect(logged).toEqual(['rtcd client error']);
});

it('connects once at a time', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  const twice = { code: 'already_connected', message: 'ws client is already initialized' };
  const connecting = client.connect();
  await expect(client.connect()).rejects.toMatchObject(twice);
  await connecting;
  await expect(client.connect()).rejects.toMatchObject(twice);
  rtcd.cutConnections();
  await next(client, 'disconnected');
  await expect(client.connect()).rejects.toMatchObject(twice);
});

it('can connect again after a failure', async () => {
  const rtcd = await startRtcd();
  rtcd.refusesAuth = true;
  const client = newClient({ url: rtcd.url });
  await expect(client.connect()).rejects.toMatchObject({ code: 'unauthorized' });
  rtcd.refusesAuth = false;
  await client.connect();
  expect(client.phase).toBe('connected');
});

it('accepts no messages without a connection', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  const refused = expect.objectContaining({ code: 'not_connected', message: 'ws client is not initialized' });
  expect(() => client.send(joinMessage)).toThrow(refused);
  await client.connect();
  rtcd.cutConnections();
  await next(client, 'disconnected');
  expect(() => client.send(joinMessage)).toThrow(refused);
});

it('refuses a message above 1 MiB and one too many, and stays connected', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  await client.connect();
  const rtc = (size: number) => ({ ...session, type: RtcMessageType.SDP, data: new Uint8Array(size) });
  expect(() => client.sendRtc(rtc(MAX_MESSAGE_BYTES))).toThrow(expect.objectContaining({ code: 'too_large' }));
  expect(() => {
    for (let sent = 0; sent < 6000; sent++) client.send(joinMessage);
  }).toThrow(expect.objectContaining({ code: 'queue_full' }));
  expect(client.phase).toBe('connected');
});

it('cannot be reopened after closing', async () => {
  const rtcd = await startRtcd();
  const client = new RtcdClient({ url: rtcd.url, ...CREDENTIALS });
  let closedEvents = 0;
  client.on('closed', () => closedEvents++);
  await client.connect();
  await Promise.all([client.close(), client.close()]);
  await client.close();
  expect(closedEvents).toBe(1);
  const closed = { code: 'closed', message: 'ws client is closed' };
  expect(() => client.send(joinMessage)).toThrow(expect.objectContaining(closed));
  await expect(client.connect()).rejects.toMatchObject(closed);
  await expect(client.register()).rejects.toMatchObject(closed);
  await expect(client.getVersionInfo()).rejects.toMatchObject(closed);
});

it('closing while connecting ends that', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  const connecting = client.connect();
  await client.close();
  await expect(connecting).rejects.toMatchObject({ code: 'closed', message: 'ws client is closed' });
});

it('a signal ends one attempt, but not the client', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  const reason = new Error('changed my mind');
  const controller = new AbortController();
  const connecting = client.connect({ signal: controller.signal });
  controller.abort(reason);
  await expect(connecting).rejects.toMatchObject({ code: 'aborted', cause: reason });
  await expect(client.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  await expect(client.getSystemInfo({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  await client.connect();
});

it('a signal of the config ends the client, connected or not', async () => {
  const rtcd = await startRtcd();
  const controller = new AbortController();
  const client = newClient({ url: rtcd.url, signal: controller.signal });
  await client.connect();
  const closed = next(client, 'closed');
  controller.abort();
  expect((await closed)[0]).toMatchObject({ code: 'aborted' });
  await expect(newClient({ url: rtcd.url, signal: controller.signal }).connect()).rejects.toMatchObject({
    code: 'closed',
  });
});

it('leaves nothing behind on a signal', async () => {
  const rtcd = await startRtcd();
  const { signal } = new AbortController();
  const client = newClient({ url: rtcd.url, signal });
  await client.connect({ signal });
  await client.getSystemInfo({ signal });
  await client.close();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('gives up on a server that sends no hello', async () => {
  const clock = createFakeClock();
  const server = await startScriptedServer();
  onTestFinished(() => server.close());
  const client = newClient({ url: server.url.replace('ws:', 'http:').replace('/ws', ''), clock });
  const connecting = client.connect();
  connecting.catch(() => {});
  const connection = await server.nextConnection();
  await connection.ping();
  clock.advance(10_000);
  await expect(connecting).rejects.toMatchObject({
    code: 'connect_failed',
    message: expect.stringContaining('no hello within 10000 ms'),
  });
});

it('reports that no rtcd is listening', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url });
  await rtcd.close();
  await expect(client.connect()).rejects.toMatchObject({ code: 'connect_failed' });
  await expect(client.getVersionInfo()).rejects.toMatchObject({
    code: 'request_failed',
    message: expect.stringMatching(/^http request failed: .*ECONNREFUSED/),
  });
});

it.each([
  ['v0.9.0', 'v1.0.0', false],
  ['v1.0.0', 'v1.0.0', true],
  ['dev', 'v1.0.0', true],
])('connects to %s if it must be at least %s: %j', async (buildVersion, minVersion, accepted) => {
  const rtcd = await startRtcd({ buildVersion });
  const connecting = newClient({ url: rtcd.url, minVersion }).connect();
  if (accepted) await connecting;
  else {
    await expect(connecting).rejects.toMatchObject({
      code: 'unsupported_version',
      message: 'rtcd version is v0.9.0: at least v1.0.0 is required',
    });
  }
});
