import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { encodeClientMessage, RtcMessageType } from '@rtcd/protocol';
import { connectWsClient } from '@rtcd/ws/client';
import { expect, it } from 'vitest';
import { connect, KEY, LogRecorder, registerClient, startService } from './support.ts';

const JOIN = { callID: 'call', userID: 'user', channelID: 'channel', av1Support: true, dcSignaling: false };

async function startWithTwo() {
  const logger = new LogRecorder();
  const { sfu, ...rtcd } = await startService({ logger });
  const attacker = await connect(rtcd, await registerClient(rtcd, 'attacker'));
  const innocent = await connect(rtcd, await registerClient(rtcd, 'innocent'));
  attacker.send({ type: 'join', data: { ...JOIN, sessionID: 'hostile' } });
  await sfu.until(() => sfu.sessionCount === 1);

  /** The innocent joins and leaves, and gets its `close`. */
  async function innocentIsServed(): Promise<void> {
    innocent.send({ type: 'join', data: { ...JOIN, sessionID: 'session' } });
    innocent.send({ type: 'leave', data: { sessionID: 'session' } });
    expect(await innocent.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
  }
  return { rtcd, sfu, logger, attacker, innocentIsServed };
}

const count = (logger: LogRecorder, text: string) => logger.lines.filter(({ message }) => message === text).length;

it('serves others while an installation floods it with reconnects, which resume a session once a second', async () => {
  const { sfu, logger, attacker, innocentIsServed } = await startWithTwo();
  const reconnect = encodeClientMessage({ type: 'reconnect', data: { sessionID: 'hostile' } });
  for (let i = 0; i < 40_000; i += 1) attacker.send(reconnect);
  await innocentIsServed();
  expect(count(logger, 'client message received')).toBeLessThan(40_000);
  expect(sfu.resumed.length).toBeLessThan(5);
});

it('serves others while an installation floods it with junk, which is read no faster than its budget allows', async () => {
  const { logger, attacker, innocentIsServed } = await startWithTwo();
  for (let i = 0; i < 60_000; i += 1) attacker.send(new Uint8Array([0xc1]));
  await innocentIsServed();
  const refused = logger.lines.findLast(({ message }) => message === 'client message refused')?.fields.refused;
  expect(refused).toBeLessThan(10_000);
});

it('refuses messages that only rtcd sends without reading them', async () => {
  const { logger, attacker } = await startWithTwo();
  // A map that claims to have more than there is.
  attacker.send(Buffer.concat([Buffer.from('\xa3vad', 'latin1'), Buffer.from('dfffffffff', 'hex')]));
  const { fields } = await logger.line(({ message }) => message === 'client message refused');
  expect(fields.reason).toBe('vad messages are sent by rtcd only');
});

it('closes a connection on which more waits than may, and tells why', async () => {
  const logger = new LogRecorder();
  const rtcd = await startService({ logger });
  await registerClient(rtcd, 'slow');
  const sockets: Socket[] = [];
  const agent = new Agent();
  agent.createConnection = ({ port }) => {
    sockets.push(connectTcp({ host: '127.0.0.1', port: Number(port) }));
    return sockets.at(-1)!;
  };
  const auth = { type: 'basic', clientID: 'slow', authKey: KEY } as const;
  const slow = connectWsClient({ url: `${rtcd.url.replace('http', 'ws')}/ws`, auth, agent });
  await once(slow, 'message');
  slow.send(encodeClientMessage({ type: 'join', data: { ...JOIN, sessionID: 'session' } }));
  await rtcd.sfu.until(() => rtcd.sfu.sessionCount === 1);

  for (const socket of sockets) socket.pause();
  const isLost = () => logger.lines.some(({ message }) => message === 'message to client lost');
  while (!isLost()) {
    rtcd.sfu.say({ groupID: 'slow', sessionID: 'session' }, RtcMessageType.SDP, new Uint8Array(1_000_000));
  }
  const closed = once(slow, 'close');
  for (const socket of sockets) socket.resume();
  expect(await closed).toEqual([{ code: 1013, reason: 'too many messages are waiting to be read' }]);
  await slow.close();
});
