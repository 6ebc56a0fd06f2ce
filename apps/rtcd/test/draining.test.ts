import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask, connect, LogRecorder, registerClient, startService, type TestSocket } from './support.ts';

const join = (socket: TestSocket, callID: string, sessionID: string) =>
  socket.send({
    type: 'join',
    data: { callID, sessionID, userID: 'user', channelID: '', av1Support: false, dcSignaling: false },
  });

async function startWithCall() {
  const logger = new LogRecorder();
  const rtcd = await startService({ logger });
  const socket = await connect(rtcd, await registerClient(rtcd, 'client'));
  join(socket, 'running', 'first');
  await rtcd.sfu.until(() => rtcd.sfu.sessionCount === 1);
  let hasDrained = false;
  const drained = rtcd.drain().then(() => {
    hasDrained = true;
  });
  return { rtcd, sfu: rtcd.sfu, socket, drained, hasDrained: () => hasDrained };
}

describe('draining', () => {
  it('refuses new calls with close, while running ones continue and can be joined', async () => {
    const { sfu, socket } = await startWithCall();
    join(socket, 'new', 'second');
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'second' } });
    join(socket, 'running', 'third');
    await sfu.until(() => sfu.sessionCount === 2);
    expect(sfu.sessions('client', 'running')).toHaveLength(2);
    expect(sfu.sessions('client', 'new')).toBeUndefined();
  });

  it('shows in /readyz (503), /healthz (200), and an impossible load', async () => {
    const { rtcd } = await startWithCall();
    expect(await ask(`${rtcd.url}/readyz`)).toMatchObject({ status: 503, body: 'draining\n' });
    expect(await ask(`${rtcd.url}/healthz`)).toMatchObject({ status: 200 });
    const { cpu_load } = JSON.parse((await ask(`${rtcd.url}/system`)).body);
    expect(cpu_load).toBeGreaterThan(100);
    expect(Number.isFinite(cpu_load)).toBe(true);
  });

  it('lets a client return to its session over a new connection', async () => {
    const { rtcd, socket } = await startWithCall();
    await socket.close();
    const second = await connect(
      rtcd,
      `Basic ${Buffer.from('client:a key of the client: 32 characters').toString('base64')}`,
    );
    second.send({ type: 'reconnect', data: { sessionID: 'first' } });
    second.send({ type: 'leave', data: { sessionID: 'first' } });
    expect(await second.next()).toEqual({ type: 'close', data: { sessionID: 'first' } });
  });

  it('ends with the last session', async () => {
    const { sfu, socket, drained, hasDrained } = await startWithCall();
    join(socket, 'running', 'second');
    await sfu.until(() => sfu.sessionCount === 2);
    socket.send({ type: 'leave', data: { sessionID: 'first' } });
    await sfu.until(() => sfu.sessionCount === 1);
    expect(hasDrained()).toBe(false);
    socket.send({ type: 'leave', data: { sessionID: 'second' } });
    await drained;
    expect(sfu.sessionCount).toBe(0);
  });

  it('ends at once without sessions', async () => {
    const rtcd = await startService();
    await rtcd.drain();
  });

  it('ends after the drain timeout', async () => {
    const rtcd = await startService({ config: { rtc: { drain_timeout_minutes: 5 } } });
    const socket = await connect(rtcd, await registerClient(rtcd, 'client'));
    join(socket, 'call', 'session');
    await rtcd.sfu.until(() => rtcd.sfu.sessionCount === 1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const drained = rtcd.drain();
    vi.advanceTimersByTime(5 * 60_000);
    await drained;
    expect(rtcd.sfu.sessionCount).toBe(1);
  });
});

describe('closing', () => {
  it('sends clients close for their sessions, then ends their connections', async () => {
    const { rtcd, socket, drained } = await startWithCall();
    const closed = once(socket.socket, 'close');
    await rtcd.close();
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'first' } });
    const [{ code }] = (await closed) as [CloseEvent];
    expect(code).toBe(1001);
    await drained;
    await expect(ask(`${rtcd.url}/healthz`)).rejects.toThrow();
  });
});
