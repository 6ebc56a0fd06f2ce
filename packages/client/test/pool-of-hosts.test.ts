import { connect } from 'node:net';
import { type HostChange, RtcdClientPool, type RtcdClientPoolConfig, type RtcdClientPoolEvents } from '@rtcd/client';
import type { FakeRtcd } from '@rtcd/client/testing';
import { type JoinData, newID, RtcMessageType } from '@rtcd/protocol';
import { createFakeClock } from '@rtcd/ws/testing';
import { expect, it, onTestFinished } from 'vitest';
import { CREDENTIALS, startRtcd } from './test-bench.ts';

/** Several fake hosts at made-up addresses behind `rtcd.test`, and a pool that finds them. */
class Cluster {
  readonly clock = createFakeClock();
  readonly rtcds = new Map<string, FakeRtcd>();
  readonly changes: string[] = [];
  /** Addresses that DNS returns. */
  dns: string[] = [];
  looks = 0;
  readonly pool: RtcdClientPool;

  constructor(config: Partial<RtcdClientPoolConfig> = {}) {
    this.pool = new RtcdClientPool({
      url: 'http://rtcd.test',
      ...CREDENTIALS,
      clock: this.clock,
      resolve: async () => {
        this.looks++;
        return this.dns;
      },
      dial: (address) => connect(this.rtcds.get(address)?.port ?? 1, '127.0.0.1'),
      ...config,
    });
    this.pool.on('host', ({ address, change }) => this.changes.push(`${address} ${change}`));
    onTestFinished(() => this.pool.close());
  }

  async addHost(address: string, cpuLoad: number | undefined): Promise<FakeRtcd> {
    const rtcd = await startRtcd();
    rtcd.cpuLoad = cpuLoad;
    this.rtcds.set(address, rtcd);
    this.dns.push(address);
    return rtcd;
  }

  /** Lets the next look at DNS happen, and its consequences, except for connects. */
  async look(): Promise<void> {
    const { looks } = this;
    while (this.looks === looks) {
      this.clock.advance(10_000);
      await turn();
    }
    await turn();
  }

  async until(address: string, change: HostChange): Promise<void> {
    while (!this.changes.includes(`${address} ${change}`)) await turn();
  }

  next<Name extends keyof RtcdClientPoolEvents>(name: Name): Promise<RtcdClientPoolEvents[Name]> {
    const { promise, resolve } = Promise.withResolvers<RtcdClientPoolEvents[Name]>();
    const listener = (...args: unknown[]) => resolve(args as RtcdClientPoolEvents[Name]);
    (this.pool as NodeJS.EventEmitter).once(name, listener);
    return promise;
  }
}

/** One turn of the event loop: sockets get theirs. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const joinData = (callID: string, sessionID = newID()): JoinData => ({
  callID,
  userID: newID(),
  sessionID,
  channelID: newID(),
  av1Support: false,
  dcSignaling: true,
});

const rtcMessage = ({ callID, userID, sessionID }: JoinData) => ({
  groupID: CREDENTIALS.clientID,
  callID,
  userID,
  sessionID,
  type: RtcMessageType.SDP,
  data: Uint8Array.of(1),
});

it('connects to every address of the name', async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.addHost('10.0.0.1', 0.5), await cluster.addHost('10.0.0.2', 0.5)];
  await cluster.pool.start();
  expect([a.connections.length, b.connections.length]).toEqual([1, 1]);
  expect(cluster.pool.hosts).toEqual([
    { address: '10.0.0.1', phase: 'connected', flagged: false, calls: [] },
    { address: '10.0.0.2', phase: 'connected', flagged: false, calls: [] },
  ]);
});

it('places a new call on the least loaded host, where it stays', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.5);
  const b = await cluster.addHost('10.0.0.2', 0.2);
  await cluster.pool.start();
  expect(await cluster.pool.placeCall('call')).toBe('10.0.0.2');
  b.cpuLoad = 0.9;
  expect(await cluster.pool.join(joinData('call'))).toBe('10.0.0.2');
  expect(await cluster.pool.join(joinData('other'))).toBe('10.0.0.1');
  await Promise.all([a.nextMessage(), b.nextMessage()]);
  expect(b.sessions.map(({ callID }) => callID)).toEqual(['call']);
  expect(a.sessions.map(({ callID }) => callID)).toEqual(['other']);
});

it('places a call on one host even if many join at once', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', undefined);
  const b = await cluster.addHost('10.0.0.2', undefined);
  await cluster.pool.start();
  const addresses = await Promise.all(Array.from({ length: 20 }, () => cluster.pool.join(joinData('call'))));
  expect(new Set(addresses).size).toBe(1);
  const host = addresses[0] === '10.0.0.1' ? a : b;
  for (let joined = 0; joined < 20; joined++) await host.nextMessage();
  expect(await cluster.pool.getSessions('call')).toHaveLength(20);
});

it.each([
  [0, '10.0.0.1'],
  [0.99, '10.0.0.2'],
])('picks a random host if none reports its load (%d: %s)', async (random, expected) => {
  const cluster = new Cluster({ random: () => random });
  await cluster.addHost('10.0.0.1', undefined);
  await cluster.addHost('10.0.0.2', undefined);
  await cluster.pool.start();
  expect(await cluster.pool.placeCall('call')).toBe(expected);
});

it('relays signaling to and from the host of the call', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.5);
  const b = await cluster.addHost('10.0.0.2', 0.2);
  await cluster.pool.start();
  const session = joinData('call');
  await cluster.pool.join(session);
  cluster.pool.sendRtc(rtcMessage(session));
  await b.nextMessage(({ message }) => message.type === 'rtc');
  expect(a.received).toEqual([]);

  const [rtc, vad, closed] = [cluster.next('rtc'), cluster.next('vad'), cluster.next('sessionClosed')];
  b.sendRtc(rtcMessage(session));
  b.sendRtc({ ...rtcMessage(session), type: RtcMessageType.VoiceOn });
  b.closeSession(session.sessionID);
  expect(await rtc).toEqual([rtcMessage(session), '10.0.0.2']);
  expect((await vad)[0].type).toBe(RtcMessageType.VoiceOn);
  expect(await closed).toEqual([{ sessionID: session.sessionID, callID: 'call', address: '10.0.0.2' }]);
  expect(cluster.pool.hosts.flatMap(({ calls }) => calls)).toEqual([]);
});

it("ignores a host's messages about another host's session", async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.5);
  await cluster.addHost('10.0.0.2', 0.2);
  await cluster.pool.start();
  const session = joinData('call');
  await cluster.pool.join(session);
  const rtc = cluster.next('rtc');
  const connID = a.connections[0]!.connID;
  a.send(connID, { type: 'close', data: { sessionID: session.sessionID } });
  a.send(connID, { type: 'rtc', data: rtcMessage(session) });
  await rtc;
  expect(cluster.pool.hosts[1]?.calls).toEqual(['call']);
});

it('queries DNS every 10 s and connects to new hosts', async () => {
  const cluster = new Cluster();
  await cluster.addHost('10.0.0.1', 0.5);
  await cluster.pool.start();
  const added = await cluster.addHost('10.0.0.2', 0.1);
  cluster.clock.advance(9999);
  await turn();
  expect(cluster.looks).toBe(1);
  cluster.clock.advance(1);
  await cluster.until('10.0.0.2', 'connected');
  expect(added.connections).toHaveLength(1);
  expect(await cluster.pool.placeCall('call')).toBe('10.0.0.2');
});

it('flags a host that has left DNS: it keeps its call, gets no other, and is removed with its last session', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.1);
  await cluster.addHost('10.0.0.2', 0.9);
  await cluster.pool.start();
  const [one, two] = [joinData('call'), joinData('call')];
  await cluster.pool.join(one);
  cluster.dns = ['10.0.0.2'];
  await cluster.look();
  expect(cluster.pool.hosts[0]).toMatchObject({ address: '10.0.0.1', flagged: true, phase: 'connected' });
  expect(await cluster.pool.placeCall('other')).toBe('10.0.0.2');
  expect(await cluster.pool.join(two)).toBe('10.0.0.1');

  cluster.pool.leave(one.sessionID);
  expect(cluster.pool.hosts).toHaveLength(2);
  cluster.pool.leave(two.sessionID);
  expect(cluster.pool.hosts.map(({ address }) => address)).toEqual(['10.0.0.2']);
  for (const { sessionID } of [one, two]) {
    await a.nextMessage(({ message }) => message.type === 'leave' && message.data.sessionID === sessionID);
  }
  while (a.connections.length > 0) await turn();
  expect(cluster.changes.filter((change) => change.startsWith('10.0.0.1'))).toEqual([
    '10.0.0.1 added',
    '10.0.0.1 connected',
    '10.0.0.1 flagged',
    '10.0.0.1 removed',
  ]);
});

it('does not place a call on a host that leaves DNS while its load is queried', async () => {
  const cluster = new Cluster({ loadTimeoutMs: 1_000_000 });
  await cluster.addHost('10.0.0.1', 0.1);
  await cluster.addHost('10.0.0.2', 0.9);
  await cluster.pool.start();
  expect(await cluster.pool.placeCall('call 1')).toBe('10.0.0.1');
  const placing = cluster.pool.placeCall('call 2');
  cluster.dns = ['10.0.0.2'];
  cluster.clock.advance(10_000);
  expect(await placing).toBe('10.0.0.2');
});

it('a host that does not report its load in time counts as one without a load', async () => {
  const cluster = new Cluster();
  await cluster.addHost('10.0.0.1', 0.1);
  await cluster.pool.start();
  const error = cluster.next('error');
  const placing = cluster.pool.placeCall('call');
  cluster.clock.advance(2000);
  expect(await placing).toBe('10.0.0.1');
  expect((await error)[0].message).toBe('aborted: no response within 2000 ms');
});

it('a flagged host is removed when rtcd closes the last session, and when the call is ended', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.1);
  const b = await cluster.addHost('10.0.0.2', 0.2);
  await cluster.addHost('10.0.0.3', 0.9);
  await cluster.pool.start();
  const [one, two] = [joinData('call 1'), joinData('call 2')];
  await cluster.pool.join(one);
  a.cpuLoad = 0.3;
  await cluster.pool.join(two);
  await Promise.all([a.nextMessage(), b.nextMessage()]);
  cluster.dns = ['10.0.0.3'];
  await cluster.look();
  a.closeSession(one.sessionID);
  await cluster.until('10.0.0.1', 'removed');
  cluster.pool.endCall('call 2');
  cluster.pool.endCall('call 2');
  await b.nextMessage(({ message }) => message.type === 'leave');
  expect(cluster.pool.hosts.map(({ address }) => address)).toEqual(['10.0.0.3']);
});

it('a host that returns to DNS gets calls again', async () => {
  const cluster = new Cluster();
  await cluster.addHost('10.0.0.1', 0.1);
  await cluster.addHost('10.0.0.2', 0.9);
  await cluster.pool.start();
  await cluster.pool.placeCall('call');
  cluster.dns = ['10.0.0.2'];
  await cluster.look();
  cluster.dns = ['10.0.0.2', '10.0.0.1'];
  await cluster.look();
  expect(await cluster.pool.placeCall('other')).toBe('10.0.0.1');
  expect(cluster.changes.slice(-2)).toEqual(['10.0.0.1 flagged', '10.0.0.1 unflagged']);
});

it('changes nothing while DNS does not answer, or has no addresses', async () => {
  let answer: () => Promise<string[]> = async () => ['10.0.0.1'];
  const cluster = new Cluster({ resolve: () => answer().finally(() => cluster.looks++) });
  await cluster.addHost('10.0.0.1', 0.1);
  await cluster.pool.start();
  for (const failing of [async () => [], () => Promise.reject(new Error('SERVFAIL'))]) {
    answer = failing;
    const error = cluster.next('error');
    await cluster.look();
    expect(await error).toEqual([expect.objectContaining({ code: 'resolve_failed' }), undefined]);
  }
  expect(cluster.pool.hosts).toMatchObject([{ address: '10.0.0.1', phase: 'connected', flagged: false }]);
});

it('skips a host that is not connected, and uses it again later', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.1);
  await cluster.addHost('10.0.0.2', 0.9);
  await cluster.pool.start();
  a.cutConnections();
  await cluster.until('10.0.0.1', 'disconnected');
  expect(await cluster.pool.placeCall('call 1')).toBe('10.0.0.2');
  cluster.changes.length = 0;
  cluster.clock.advance(2000);
  await cluster.until('10.0.0.1', 'connected');
  expect(await cluster.pool.placeCall('call 2')).toBe('10.0.0.1');
});

it('starts without a host that is down, and connects to it later', async () => {
  const cluster = new Cluster();
  await cluster.addHost('10.0.0.1', 0.5);
  cluster.dns.push('10.0.0.2');
  const error = cluster.next('error');
  await cluster.pool.start();
  expect(await error).toEqual([expect.objectContaining({ code: 'connect_failed' }), '10.0.0.2']);
  await cluster.addHost('10.0.0.2', 0.1);
  await cluster.look();
  await cluster.until('10.0.0.2', 'connected');
});

it('a flagged host that is unreachable is given up after 8 attempts, and its calls are lost', async () => {
  const cluster = new Cluster({ reconnectIntervalMs: 1 });
  cluster.pool.on('error', () => {});
  const a = await cluster.addHost('10.0.0.1', 0.1);
  await cluster.addHost('10.0.0.2', 0.9);
  await cluster.pool.start();
  const session = joinData('call');
  await cluster.pool.join(session);
  cluster.dns = ['10.0.0.2'];
  await cluster.look();
  const lost = cluster.next('callLost');
  await a.close();
  await cluster.until('10.0.0.1', 'disconnected');
  while (!cluster.changes.includes('10.0.0.1 removed')) {
    cluster.clock.advance(1);
    await turn();
  }
  expect(await lost).toEqual([{ callID: 'call', sessionIDs: [session.sessionID], address: '10.0.0.1' }]);
  expect(() => cluster.pool.sendRtc(rtcMessage(session))).toThrow(expect.objectContaining({ code: 'unknown_call' }));
});

it('an unflagged host is not given up, however long it is away', async () => {
  const attempts: string[] = [];
  const cluster = new Cluster({
    reconnectIntervalMs: 1,
    onReconnect: (attempt, address) => {
      attempts.push(`${address} ${attempt}`);
    },
  });
  cluster.pool.on('error', () => {});
  const a = await cluster.addHost('10.0.0.1', 0.1);
  await cluster.pool.start();
  await cluster.pool.placeCall('call');
  a.refusesAuth = true;
  a.cutConnections();
  while (attempts.length < 10) {
    cluster.clock.advance(1);
    await turn();
  }
  expect(attempts.at(-1)).toBe('10.0.0.1 10');
  cluster.changes.length = 0;
  a.refusesAuth = false;
  while (!cluster.changes.includes('10.0.0.1 connected')) {
    cluster.clock.advance(1);
    await turn();
  }
  expect(cluster.pool.hosts).toMatchObject([{ phase: 'connected', calls: ['call'] }]);
});

it("follows another node's placement of a call, even to a host that has left DNS", async () => {
  const cluster = new Cluster();
  await cluster.addHost('10.0.0.1', 0.1);
  const elsewhere = await cluster.addHost('10.0.0.2', 0.9);
  cluster.dns = ['10.0.0.1'];
  await cluster.pool.start();
  expect(await cluster.pool.placeCall('call', { address: '10.0.0.2' })).toBe('10.0.0.2');
  expect(await cluster.pool.join(joinData('call'))).toBe('10.0.0.2');
  await elsewhere.nextMessage();
  await cluster.look();
  expect(cluster.pool.hosts[1]).toMatchObject({ address: '10.0.0.2', flagged: true, calls: ['call'] });
});

it('does not start without a host', async () => {
  const cluster = new Cluster();
  await expect(cluster.pool.start()).rejects.toMatchObject({
    code: 'no_host',
    message: 'no host available: failed to resolve URL: no addresses',
  });
  const down = new Cluster();
  down.dns = ['10.0.0.1', '10.0.0.2'];
  await expect(down.pool.start()).rejects.toMatchObject({ code: 'no_host', cause: { errors: { length: 2 } } });
  await expect(down.pool.placeCall('call')).rejects.toMatchObject({ code: 'closed' });
});

it('refuses calls without a host, and unknown calls and sessions', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.1);
  await cluster.pool.start();
  await expect(cluster.pool.start()).rejects.toMatchObject({ code: 'already_connected' });
  const unknown = expect.objectContaining({ code: 'unknown_call' });
  expect(() => cluster.pool.leave('s')).toThrow(unknown);
  expect(() => cluster.pool.sendRtc(rtcMessage(joinData('call')))).toThrow(unknown);
  await expect(cluster.pool.getSessions('call')).rejects.toMatchObject({ code: 'unknown_call' });
  a.cutConnections();
  await cluster.until('10.0.0.1', 'disconnected');
  await expect(cluster.pool.join(joinData('call'))).rejects.toMatchObject({
    code: 'no_host',
    message: 'no host available',
  });
});

it('closes every client, and is closed', async () => {
  const cluster = new Cluster();
  const a = await cluster.addHost('10.0.0.1', 0.1);
  await cluster.pool.start();
  await cluster.pool.close();
  await cluster.pool.close();
  expect(cluster.pool.hosts).toEqual([]);
  while (a.connections.length > 0) await turn();
  await expect(cluster.pool.join(joinData('call'))).rejects.toMatchObject({ code: 'closed' });
  expect(cluster.clock.pendingTimers).toBe(0);
});

it('an IP in the URL is its own address', async () => {
  const rtcd = await startRtcd();
  const pool = new RtcdClientPool({ url: rtcd.url, ...CREDENTIALS });
  onTestFinished(() => pool.close());
  await pool.start();
  expect(pool.hosts.map(({ address }) => address)).toEqual(['127.0.0.1']);
  expect(await pool.placeCall('call')).toBe('127.0.0.1');
});
