import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeTurnServer } from '../../test/fake-turn-server.ts';
import type { ServerTarget } from '../io/server-connection.ts';
import { silentLogger, systemClock } from '../ports.ts';
import { Relays } from './relays.ts';
import { chooseTurnServers, type TurnServer } from './turn-server.ts';

const OWN = { username: 'u', credential: 'p' };

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

type Behavior = 'answers' | 'silent' | 'refused' | 'wrong_credentials';

/** Relays through servers that behave as told, by the target's transport. */
function open(servers: readonly TurnServer[], behave: (target: ServerTarget, attempt: number) => Behavior) {
  const targets: string[] = [];
  const logged: string[] = [];
  const log = (_fields: object, message: string) => void logged.push(message);
  const closed = vi.fn();
  const relays = new Relays({
    servers,
    secret: undefined,
    io: { openRelay: (relay) => ({ local: 4096, receive: () => void relay, close: closed }) },
    lookup: async () => ['192.0.2.9'],
    clock: { ...systemClock, nowMs: () => Date.now() },
    random: randomBytes,
    logger: { ...silentLogger, warn: log, info: log },
    connect: async (target, handlers) => {
      const attempt = targets.push(`${target.transport} ${target.address}:${target.port}`);
      const behavior = behave(target, attempt);
      if (behavior === 'refused') throw new Error('connection refused');
      const credential = behavior === 'wrong_credentials' ? 'other' : OWN.credential;
      const server = new FakeTurnServer(
        { ...OWN, credential },
        { toClient: (message) => handlers.onBytes(message), toPeer() {}, nowMs: () => Date.now() },
      );
      server.isSilent = behavior === 'silent';
      return { drops: 0, send: (bytes) => server.fromClient(Buffer.from(bytes)), close() {} };
    },
  });
  onTestFinished(() => relays.close());
  return { relays, targets, logged, closed };
}

const THREE_WAYS = [{ urls: ['turn:a:3478', 'turn:a:3478?transport=tcp', 'turns:a:443'], ...OWN }];

describe('relays', () => {
  it('are allocated over UDP, and the other ways are left alone', async () => {
    const { relays, targets, logged } = open(THREE_WAYS, () => 'answers');
    await relays.open();
    expect(targets).toEqual(['udp 192.0.2.9:3478']);
    expect(relays.allocations).toHaveLength(1);
    expect(logged).toEqual(['relay allocated']);
  });

  it('are allocated over TCP if UDP gets no answer, then over TLS', async () => {
    const { relays, targets } = open(THREE_WAYS, ({ transport }) =>
      transport === 'tls' ? 'answers' : transport === 'udp' ? 'silent' : 'refused',
    );
    const opened = relays.open();
    await vi.advanceTimersByTimeAsync(4_000);
    await opened;
    expect(targets).toEqual(['udp 192.0.2.9:3478', 'tcp 192.0.2.9:3478', 'tls 192.0.2.9:443']);
    expect(relays.allocations).toHaveLength(1);
  });

  it('delay the start by 5 s at most', async () => {
    const { relays } = open(THREE_WAYS, () => 'silent');
    const opened = vi.fn();
    void relays.open().then(opened);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(opened).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(opened).toHaveBeenCalled();
  });

  it('are tried again with growing waits, and found then', async () => {
    const { relays, targets } = open([{ urls: ['turn:a'], ...OWN }], (_target, attempt) =>
      attempt < 4 ? 'refused' : 'answers',
    );
    await relays.open();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(targets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(targets).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(relays.allocations).toHaveLength(1);
  });

  it('end the start at once if the credentials are wrong', async () => {
    const { relays, logged } = open([{ urls: ['turn:a'], ...OWN }], () => 'wrong_credentials');
    await relays.open();
    expect(logged).toEqual(['relay not allocated']);
    expect(relays.allocations).toEqual([]);
    expect(relays.stats.refused).toBe(1);
  });

  it('are not tried again once closed', async () => {
    const { relays, targets } = open([{ urls: ['turn:a'], ...OWN }], () => 'refused');
    await relays.open();
    relays.close();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(targets).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the choice of servers', () => {
  const secret = { secret: 's', expirationMinutes: 60 };

  it('makes time-limited credentials for servers without their own', () => {
    const { choices } = chooseTurnServers([{ urls: ['turn:a'] }, { urls: ['turn:b'], ...OWN }], secret);
    expect(choices[0]!.credentials(1_700_000_000_000).username).toBe('1700003600:rtcd');
    expect(choices[1]!.credentials(0)).toEqual(OWN);
  });

  it('takes URLs of one host for one server', () => {
    const { choices } = chooseTurnServers([{ urls: ['turn:a'] }, { urls: ['turn:a?transport=tcp'] }], secret);
    expect(choices.map(({ urls }) => urls.map(({ transport }) => transport))).toEqual([['udp', 'tcp']]);
  });

  it('leaves out what it cannot use, with the reason', () => {
    const servers = [{ urls: ['turn:a'] }, { urls: ['turns:b?transport=udp'], ...OWN }];
    const { choices, leftOut } = chooseTurnServers(servers, undefined);
    expect(choices).toEqual([]);
    expect(leftOut).toEqual([
      { url: 'turn:a', reason: 'it has no credentials, and there is no secret' },
      { url: 'turns:b?transport=udp', reason: 'it is no URL of a TURN server over UDP, TCP, or TLS' },
    ]);
  });

  it('uses four servers at most', () => {
    const servers = Array.from({ length: 10 }, (_, index) => ({ urls: [`turn:host-${index}`] }));
    const { choices, leftOut } = chooseTurnServers(servers, secret);
    expect([choices.length, leftOut.length]).toEqual([4, 6]);
  });
});
