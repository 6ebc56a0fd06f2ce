import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { openPacketIo } from '@rtcd/packet-io';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSfu, openSfuThread, type Sfu, type SfuOptions, type SfuThread } from '../src/index.ts';
import { joinCall, type OpenParticipantIo, type Participant } from '../src/testing/index.ts';
import { TcpTunnel, type TcpTunnelOptions } from './tcp-tunnel.ts';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const PATIENT = { timeout: 15_000, interval: 5 };
/** Two threads start, each of which loads the sources. */
const STARTS_THREADS = { timeout: 30_000 };
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const overTcp: OpenParticipantIo = (handlers) =>
  openPacketIo({ ...handlers, addresses: [], tcp: { addresses: [LOOPBACK] } });

const participants: Participant[] = [];
afterEach(async () => {
  await Promise.all(participants.splice(0).map((participant) => participant.close()));
});

async function open(options: SfuOptions = {}): Promise<Sfu> {
  const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0, ...options });
  onTestFinished(() => sfu.close());
  return sfu;
}

/** An SFU that is reached through a tunnel. */
async function openBehind(tunnelOptions: TcpTunnelOptions, options: SfuOptions = {}) {
  const tunnel = await TcpTunnel.open(tunnelOptions);
  onTestFinished(() => tunnel.close());
  const sfu = await open({ hostOverride: '127.0.0.1', hostPortOverride: String(tunnel.port), ...options });
  tunnel.serverPort = tcpPortOf(sfu);
  return { sfu, tunnel };
}

const tcpPortOf = (sfu: Sfu | SfuThread): number => sfu.localAddresses.find(({ protocol }) => protocol === 'tcp')!.port;

/** Connects to the SFU's own port, whatever it advertises. */
const pastTheTunnel =
  (sfu: Sfu): OpenParticipantIo =>
  async (handlers) => {
    const io = await overTcp(handlers);
    return { ...io, openPath: (path) => io.openPath({ ...path, port: tcpPortOf(sfu) }) };
  };

async function join(sfu: Sfu | SfuThread, sessionID: string, openIo = overTcp): Promise<Participant> {
  const participant = await joinCall(sfu, { sessionID, openIo });
  participants.push(participant);
  return participant;
}

/** Speaks until the listener has heard so many more packets. */
async function talk(speaker: Participant, speakerID: string, listener: Participant, packets = 20): Promise<void> {
  await listener.hears(speakerID);
  const before = listener.received(speakerID)?.packets ?? 0;
  await vi.waitUntil(() => {
    speaker.sendVoice();
    return (listener.received(speakerID)?.packets ?? 0) >= before + packets;
  }, PATIENT);
  expect(listener.received(speakerID)).toMatchObject({ corrupt: 0 });
}

describe('a call over TCP', () => {
  it('works on real sockets', async () => {
    const sfu = await open();
    const [alice, bob] = [await join(sfu, 'alice'), await join(sfu, 'bob')];
    await talk(alice, 'alice', bob);
    await talk(bob, 'bob', alice);
    expect(sfu.summaries().map(({ path }) => path?.slice(0, 4))).toEqual(['tcp ', 'tcp ']);
  });

  it('works on the thread of media', STARTS_THREADS, async () => {
    const sfu = await openSfuThread({ udpAddress: '127.0.0.1', udpPort: 0 });
    onTestFinished(() => sfu.close());
    const [alice, bob] = [await join(sfu, 'alice'), await join(sfu, 'bob')];
    await talk(alice, 'alice', bob);
    await talk(bob, 'bob', alice);
    const taken = openSfuThread({ udpAddress: '127.0.0.1', udpPort: 0, tcpPort: tcpPortOf(sfu) });
    await expect(taken).rejects.toMatchObject({
      code: 'address_in_use',
      message: `cannot listen on TCP 127.0.0.1:${tcpPortOf(sfu)}: another process uses it`,
    });
  });

  it.each([1, 2, 3, 5])('works through a network that delivers pieces of %i bytes', async (pieceBytes) => {
    const { sfu, tunnel } = await openBehind({ pieceBytes });
    const [alice, bob] = [await join(sfu, 'alice'), await join(sfu, 'bob')];
    await talk(alice, 'alice', bob);
    await talk(bob, 'bob', alice);
    expect(tunnel.connections).toBe(2);
  });

  it('works in TLS', async () => {
    const tcpTls = { certFile: fixture('first.crt'), keyFile: fixture('first.key') };
    const { sfu, tunnel } = await openBehind({ tls: true }, { tcpTls });
    const [alice, bob] = [await join(sfu, 'alice'), await join(sfu, 'bob')];
    await talk(alice, 'alice', bob);
    await talk(bob, 'bob', alice);
    expect(tunnel.connections).toBe(2);
  });

  it('goes on while one of its peers does not read, and with it afterwards', async () => {
    const { sfu, tunnel } = await openBehind({});
    const slow = await join(sfu, 'slow');
    const [direct, other] = [
      await join(sfu, 'direct', pastTheTunnel(sfu)),
      await join(sfu, 'other', pastTheTunnel(sfu)),
    ];
    await slow.hears('direct');
    tunnel.stall();
    await talk(direct, 'direct', other, 50);
    await talk(slow, 'slow', other, 50);
    expect(sfu.sessionCount).toBe(3);
    tunnel.resume();
    await talk(direct, 'direct', slow);
  });

  it('breaks when its connection does, and its session does not end at once', async () => {
    const { sfu, tunnel } = await openBehind({});
    await join(sfu, 'alice');
    expect(sfu.inspect('group', 'alice').ice.state).toBe('connected');
    tunnel.cut();
    await vi.waitUntil(() => sfu.inspect('group', 'alice').ice.state === 'disconnected', PATIENT);
    expect(sfu.sessionCount).toBe(1);
  });

  it.each([
    ['', false],
    [', with an ICE restart', true],
  ])('continues on a new connection after its own broke%s', async (_, restarts) => {
    const { sfu, tunnel } = await openBehind({});
    const [alice, bob] = [await join(sfu, 'alice'), await join(sfu, 'bob', pastTheTunnel(sfu))];
    await talk(alice, 'alice', bob);
    const before = sfu.inspect('group', 'alice').path;
    tunnel.cut();
    await vi.waitUntil(() => sfu.inspect('group', 'alice').ice.state === 'disconnected', PATIENT);
    await alice.moveTo(overTcp);
    if (restarts) alice.restartIce(true);
    await talk(alice, 'alice', bob);
    await talk(bob, 'bob', alice);
    expect(sfu.inspect('group', 'alice').path).toMatch(/^tcp /);
    expect(sfu.inspect('group', 'alice').path).not.toBe(before);
    expect(tunnel.connections).toBe(2);
  });
});

it('counts connections that are none of a peer', async () => {
  const sfu = await open();
  const alice = await join(sfu, 'alice');
  const closed = Array.from({ length: 100 }, () => {
    const socket = connect({ port: tcpPortOf(sfu), host: '127.0.0.1' }).on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    return new Promise((resolve) => socket.once('close', resolve));
  });
  await Promise.all(closed);
  expect(sfu.stats().drops.tcp_no_session).toBe(100);
  await talk(alice, 'alice', await join(sfu, 'bob'));
});

it('is not opened with TLS files that cannot be read', async () => {
  const tcpTls = { certFile: fixture('first.crt'), keyFile: '/nowhere.key' };
  await expect(open({ tcpTls })).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining('cannot read the TLS file /nowhere.key'),
  });
});
