import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type * as os from 'node:os';
import { basicAuthorization } from '@rtcd/auth';
import { RtcdClientError } from '@rtcd/client';
import { describe, expect, it, vi } from 'vitest';
import { createFastSfu, FAST_CLOCK } from './fast-clock.ts';
import { connectClient, handled, joinHeadless, startWithMedia, talk, untilHears } from './headless-calls.ts';
import { scrape } from './prometheus.ts';
import { ADMIN_KEY, ask, LogRecorder, registerClient } from './support.ts';

// Things that the service this one replaces is known to get wrong: each test shows that here they are right.

const GROUP = { groupID: 'client' };

const JOIN = { callID: 'call', userID: 'user', channelID: '', av1Support: false, dcSignaling: false };

vi.mock('node:os', async (original) => {
  const real = await original<typeof os>();
  const withoutIdle = ({ times, ...cpu }: os.CpuInfo) => ({ ...cpu, times: { ...times, idle: 0 } });
  return { ...real, cpus: () => real.cpus().map(withoutIdle) };
});

describe('/system', () => {
  it('answers with a number on a machine that has no idle time', async () => {
    const rtcd = await startWithMedia();
    expect(await ask(`${rtcd.url}/system`)).toMatchObject({ status: 200, body: '{"cpu_load":100}\n' });
    const client = await connectClient(rtcd);
    expect(await client.getSystemInfo()).toEqual({ cpuLoad: 100 });
  });
});

describe('after reconnect', () => {
  it('sends close to the new connection, not to the old one', async () => {
    const rtcd = await startWithMedia();
    const before = await connectClient(rtcd);
    const peer = await joinHeadless(before, 'session');
    const after = await connectClient(rtcd);
    after.reconnect('session');
    await handled(after);

    const toldBefore: string[] = [];
    before.on('sessionClosed', (sessionID) => toldBefore.push(sessionID));
    const told = once(after, 'sessionClosed');
    await peer.close();
    expect(await told).toEqual(['session']);
    await handled(before);
    expect(toldBefore).not.toContain('session');
  });
});

describe('a slow WebSocket', () => {
  it('delays only itself, and keeps no more messages than its queue holds', async () => {
    const logger = new LogRecorder();
    const rtcd = await startWithMedia({ logger });
    const sockets: Socket[] = [];
    const dial = (host: string, port: number) => {
      sockets.push(connect({ host, port }));
      return sockets.at(-1)!;
    };
    const slow = await connectClient(rtcd, 'slow', { dial });
    const quick = await connectClient(rtcd, 'quick');
    const alice = await joinHeadless(quick, 'alice');
    const bob = await joinHeadless(quick, 'bob');
    await untilHears(bob, 'alice', quick);

    for (const socket of sockets) socket.pause();
    const isLost = () => logger.lines.some(({ message }) => message === 'message to client lost');
    for (let number = 0; !isLost(); number++) {
      // To a reconnect for a session that is no more the answer is close.
      while (canSend(() => slow.reconnect(`${number}`.padEnd(1000)))) {
        number++;
      }
      await handled(quick);
      await talk(alice, 'alice', bob, 1);
    }
    const { fields } = await logger.line(({ message }) => message === 'message to client lost');
    expect(fields).toMatchObject({ clientID: 'slow', reason: expect.stringContaining('the queue is full') });
    await handled(quick);
    for (const socket of sockets) socket.destroy();
  });
});

/** False when the sender's own queue is full, for now. */
function canSend(send: () => void): boolean {
  try {
    send();
    return true;
  } catch (error) {
    if (error instanceof RtcdClientError && error.code === 'queue_full') return false;
    throw error;
  }
}

describe('a signaling lock whose holder does not come back', () => {
  it('expires, and the track that waited for it is then sent', async () => {
    const rtcd = await startWithMedia({ openSfu: createFastSfu });
    const client = await connectClient(rtcd);
    const options = { clock: FAST_CLOCK, dcSignaling: true };
    const vanishing = await joinHeadless(client, 'vanishing', { ...options, voice: false });
    const granted = once(vanishing, 'lock');
    vanishing.requestLock();
    expect(await granted).toEqual([true]);

    const speaker = await joinHeadless(client, 'speaker', options);
    await untilHears(vanishing, 'speaker', client);
    // It has waited longer than the 5 s that count as an error.
    const metric = await scrape(rtcd);
    expect(metric('rtcd_rtc_errors_total', { ...GROUP, type: 'signaling_lock_timeout' })).toBeGreaterThan(0);
    await talk(speaker, 'speaker', vanishing, 3);
  });
});

describe('a join that fails', () => {
  it('leaves no session behind in the metrics', async () => {
    const rtcd = await startWithMedia({ config: { api: { limits: { sessions_per_client: 1 } } } });
    const client = await connectClient(rtcd);
    client.join({ ...JOIN, sessionID: 'session' });
    client.join({ ...JOIN, sessionID: 'session' });
    client.join({ ...JOIN, sessionID: 'one too many' });
    await handled(client);
    expect((await scrape(rtcd))('rtcd_rtc_sessions_total', GROUP)).toBe(1);
    client.leave('session');
    client.join({ ...JOIN, sessionID: 'with a space' });
    client.join({ ...JOIN, sessionID: 'without-a-call', callID: '' });
    client.join({ ...JOIN, sessionID: '' });
    await handled(client);
    expect((await scrape(rtcd))('rtcd_rtc_sessions_total', GROUP)).toBe(0);
  });

  it('leaves none behind either when no offer arrives within 10 s', async () => {
    const rtcd = await startWithMedia({ openSfu: createFastSfu });
    const client = await connectClient(rtcd);
    client.join({ ...JOIN, sessionID: 'silent' });
    expect(await once(client, 'sessionClosed')).toEqual(['silent']);
    const metric = await scrape(rtcd);
    expect(metric('rtcd_rtc_sessions_total', GROUP)).toBe(0);
    expect(metric('rtcd_rtc_errors_total', { ...GROUP, type: 'signaling' })).toBe(1);
  });
});

describe('the media map', () => {
  it('names the speaker of a voice, not its receiver', async () => {
    const rtcd = await startWithMedia();
    const client = await connectClient(rtcd);
    const alice = await joinHeadless(client, 'alice');
    const bob = await joinHeadless(client, 'bob');
    await Promise.all([alice.hears('bob'), bob.hears('alice')]);
    expect(alice.senders).toEqual(['bob']);
    expect(bob.senders).toEqual(['alice']);
  });
});

describe('a service that drains', () => {
  it('accepts no new call, and lets people join and talk in running ones', async () => {
    const rtcd = await startWithMedia();
    const client = await connectClient(rtcd);
    const alice = await joinHeadless(client, 'alice', { callID: 'running' });
    const drained = rtcd.drain();

    const refused = once(client, 'sessionClosed');
    client.join({ ...JOIN, callID: 'new', sessionID: 'latecomer' });
    expect(await refused).toEqual(['latecomer']);
    await expect(client.getSessions('new')).rejects.toMatchObject({ status: 404 });

    const bob = await joinHeadless(client, 'bob', { callID: 'running' });
    await untilHears(bob, 'alice', client, 'running');
    await talk(alice, 'alice', bob, 3);
    client.leave('alice');
    client.leave('bob');
    await drained;
  });
});

describe('debug endpoints', () => {
  const routes = [
    '/debug/cpu-profile?seconds=1',
    '/debug/heap-snapshot',
    '/debug/event-loop-delay',
    '/debug/sessions',
    '/debug/sessions/client/session',
  ];

  it.each(routes)("refuses %s without the admin's secret", async (route) => {
    const security = { enable_admin: true, admin_secret_key: ADMIN_KEY };
    const rtcd = await startWithMedia({ config: { api: { security } } });
    const authorization = await registerClient(rtcd, 'client');
    const asOthers = [undefined, 'Bearer unknown', basicAuthorization('', 'a guess'), authorization];
    for (const header of asOthers) {
      expect([401, 403, 404]).toContain((await ask(rtcd.url + route, { authorization: header })).status);
    }
  });

  it.each(routes)('answers 404 to %s without an admin', async (route) => {
    const rtcd = await startWithMedia();
    const authorization = basicAuthorization('', ADMIN_KEY);
    expect(await ask(rtcd.url + route, { authorization })).toMatchObject({ status: 404 });
  });
});
