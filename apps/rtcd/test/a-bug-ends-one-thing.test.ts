import { RtcError } from '@rtcd/rtc';
import { createFakeClock } from '@rtcd/ws/testing';
import { expect, it } from 'vitest';
import { scrape } from './prometheus.ts';
import { connect, LogRecorder, registerClient, startService } from './support.ts';

it('a connection that hits a bug when it opens is closed and counted, and others continue', async () => {
  const logger = new LogRecorder();
  const { info } = logger;
  logger.info = (fields, message) => {
    info(fields, message);
    if (message === 'client connected' && 'clientID' in fields && fields.clientID === 'unlucky') throw new Error('bug');
  };
  const rtcd = await startService({ logger });
  const lucky = await connect(rtcd, await registerClient(rtcd, 'lucky'));
  const unhandled = async () => (await scrape(rtcd))('rtcd_process_unhandled_errors_total', { kind: 'exception' });
  const before = await unhandled();

  const authorization = await registerClient(rtcd, 'unlucky');
  const socket = new WebSocket(`${rtcd.url.replace('http', 'ws')}/ws`, { headers: { Authorization: authorization } });
  const code = await new Promise((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));
  expect(code).toBe(1011);
  expect((await logger.line(({ message }) => message === 'listener failed')).fields).toMatchObject({
    clientID: 'unlucky',
    err: { code: 'listener_failed', cause: { message: 'bug' } },
  });
  expect(await unhandled()).toBe(before + 1);

  lucky.send({ type: 'reconnect', data: { sessionID: 'none' } });
  expect(await lucky.next()).toEqual({ type: 'close', data: { sessionID: 'none' } });
});

it('a reconnect that the SFU refuses later is logged with its reason', async () => {
  const [logger, clock] = [new LogRecorder(), createFakeClock()];
  const rtcd = await startService({ logger, clock });
  const authorization = await registerClient(rtcd, 'client');
  // Hash work is limited in time, which does not pass by itself.
  clock.advance(1);
  const socket = await connect(rtcd, authorization);
  const ids = { callID: 'call', userID: 'user', sessionID: 'session' };
  socket.send({ type: 'join', data: { ...ids, channelID: '', av1Support: false, dcSignaling: false } });
  for (let again = 0; again < 2; again++) socket.send({ type: 'reconnect', data: { sessionID: 'session' } });
  await rtcd.sfu.until(() => rtcd.sfu.resumed.length === 1);
  await logger.line(({ message, fields }) => message === 'client message received' && fields.type === 'reconnect');
  rtcd.sfu.resume = () => {
    throw new RtcError('too_many_messages', 'too many messages of the group wait');
  };
  clock.advance(1_000);
  expect((await logger.line(({ message }) => message === 'client message refused')).fields).toMatchObject({
    sessionID: 'session',
    reason: 'too many messages of the group wait',
  });
});
