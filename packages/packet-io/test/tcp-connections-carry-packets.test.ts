import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { eachPacket, openPacketIo, type PacketIo, type PacketIoOptions, type PathId } from '@rtcd/packet-io';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { frameOf } from '../src/tcp/frame-parser.ts';
import { CHECK, TcpPeer } from './tcp-peer.ts';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const IDENTITY = { cert: fixture('tls.crt'), key: fixture('tls.key') };
const TLS = () => IDENTITY;

const opened: PacketIo[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((io) => io.close()));
});

/** Opens a server that holds the path of each check, as an ICE agent would, and keeps what arrives. */
async function open(options: Partial<PacketIoOptions> = {}) {
  const received: Buffer[] = [];
  const held: PathId[] = [];
  const onPathEnded = vi.fn();
  const batches: number[] = [];
  const each = eachPacket((packet, path) => {
    received.push(Buffer.from(packet));
    if (packet[0] !== CHECK[0] || held.includes(path)) return;
    const id = io.holdPath(path);
    if (id !== undefined) held.push(id);
  });
  const onPackets: PacketIoOptions['onPackets'] = (arena, descriptors, count) => {
    batches.push(count);
    each(arena, descriptors, count);
  };
  const io: PacketIo = await openPacketIo({
    addresses: [],
    tcp: { addresses: [LOOPBACK] },
    onPackets,
    onPathEnded,
    ...options,
  });
  opened.push(io);
  const { port } = io.localAddresses.find(({ protocol }) => protocol === 'tcp')!;
  return { io, port, received, batches, held, onPathEnded };
}

/** Opens a server and a peer whose path it holds. */
async function connected(options: Partial<PacketIoOptions> = {}) {
  const server = await open(options);
  const peer = await TcpPeer.connect(server.port);
  peer.send(CHECK);
  await vi.waitFor(() => expect(server.held).toHaveLength(1));
  return { ...server, peer, path: server.held[0]! };
}

const rtp = (length = 1_000) => Buffer.alloc(length, 0x80);

describe('a TCP connection', () => {
  it('is a path on the local address of its server, behind those of UDP', async () => {
    const { io, path, peer } = await connected({ addresses: [LOOPBACK] });
    expect(io.localAddresses.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp']);
    const { localPort } = peer.socket;
    expect(io.pathOf(path)).toMatchObject({ local: 1, address: '127.0.0.1', port: localPort });
    expect(io.describePath(path)).toBe(`tcp 127.0.0.1:${localPort} via 127.0.0.1:${io.localAddresses[1]!.port}`);
  });

  it('is not made once the packet io is closed', async () => {
    const server = await open();
    const { io } = await open();
    await io.close();
    const path = io.openPath({ local: 0, address: '127.0.0.1', port: server.port });
    io.transmit(CHECK, path);
    expect(io.stats()).toMatchObject({ connections: 0, sendErrors: 1 });
  });

  it.each([1, 2, 3, 5])('takes frames in pieces of %i bytes', async (size) => {
    const { received, peer } = await connected();
    const datagrams = [CHECK, rtp(300), Buffer.alloc(60, 22)];
    const bytes = Buffer.concat(datagrams.map(frameOf));
    for (let at = 0; at < bytes.length; at += size) {
      await new Promise<void>((resolve) => peer.socket.write(bytes.subarray(at, at + size), () => resolve()));
    }
    await vi.waitFor(() => expect(received.slice(1)).toEqual(datagrams));
  });

  it('delivers frames that came in one piece as one batch', async () => {
    const { io, peer, received, batches } = await connected();
    peer.send(rtp(10), rtp(20), rtp(30));
    await vi.waitFor(() => expect(received).toHaveLength(4));
    expect(received.slice(1).map(({ length }) => length)).toEqual([10, 20, 30]);
    expect(io.stats()).toMatchObject({ datagramsReceived: 4, bytesReceived: 62, connections: 1 });
    expect(batches).toEqual([1, 3]);
  });

  it('survives a frame without content, and one of 65,535 bytes', async () => {
    const { io, received, peer } = await connected();
    peer.send(Buffer.alloc(0), Buffer.alloc(0xffff, 1), rtp());
    await vi.waitFor(() => expect(received).toHaveLength(2));
    expect(io.stats()).toMatchObject({ oversizedFrameDrops: 1, connections: 1 });
  });

  it('ends with the last hold of its path, after what was sent', async () => {
    const { io, path, peer, onPathEnded } = await connected();
    io.transmit(Buffer.from('goodbye'), path);
    io.releasePath(path);
    await peer.closed;
    expect(peer.received.map(String)).toEqual(['goodbye']);
    expect(io.stats().connections).toBe(0);
    expect(onPathEnded).not.toHaveBeenCalled();
  });

  it('ends its path when the peer closes it', async () => {
    const { io, path, peer, onPathEnded } = await connected();
    peer.socket.end();
    await vi.waitFor(() => expect(onPathEnded).toHaveBeenCalledWith(path));
    expect(io.pathOf(path)).toBeUndefined();
    io.transmit(CHECK, path);
    expect(io.stats()).toMatchObject({ sendErrors: 1, connections: 0 });
    await peer.closed;
  });

  it('that cannot be made ends its path', async () => {
    const { io, onPathEnded } = await open();
    const unused = createServer().listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(unused.listening).toBe(true));
    const { port } = unused.address() as { port: number };
    await new Promise((resolve) => unused.close(resolve));
    const path = io.openPath({ local: 0, address: '127.0.0.1', port });
    await vi.waitFor(() => expect(onPathEnded).toHaveBeenCalledWith(path));
  });

  it('is read more slowly if its peer sends more than any peer should, and others are not', async () => {
    const { io, received, held, peer, port } = await connected();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    peer.socket.write(Buffer.alloc(3 * 200_000, frameOf(Buffer.of(0x80))));
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(5_000));
    const other = await TcpPeer.connect(port);
    other.send(CHECK);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    expect(io.stats().datagramsReceived).toBeLessThan(5_000 + 2 * 65_536);
    vi.runAllTimers();
    vi.useRealTimers();
    await vi.waitFor(() => expect(io.stats().connections).toBe(2));
  });
});

describe('a peer that does not read', () => {
  it('costs whole frames of its own media, is still read, and gets what matters afterwards', async () => {
    const { io, path, peer, port, received, held } = await connected();
    peer.socket.pause();
    for (let sent = 0; sent < 20_000; sent++) io.transmit(rtp(), path);
    expect(io.stats().queueFullDrops).toBeGreaterThan(1_000);
    io.transmit(Buffer.from('\u0016DTLS'), path);

    peer.send(CHECK);
    await vi.waitFor(() => expect(received).toHaveLength(2));
    const other = await TcpPeer.connect(port);
    other.send(CHECK);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    io.transmit(rtp(), held[1]!);
    await vi.waitFor(() => expect(other.received).toHaveLength(1));

    peer.socket.resume();
    await vi.waitFor(() => expect(peer.received.some((datagram) => datagram[0] === 22)).toBe(true));
    await vi.waitFor(() => {
      const { datagramsSent } = io.stats();
      expect(peer.received.length + other.received.length).toBe(datagramsSent);
    });
    expect(peer.received.every(({ length }) => length === 1_000 || length === 5)).toBe(true);
  });
});

describe('a stranger', () => {
  it('has 5 s to have its path held', async () => {
    const { io, port, held } = await open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const [silent, slow, known] = [
      await TcpPeer.connect(port),
      await TcpPeer.connect(port),
      await TcpPeer.connect(port),
    ];
    slow.socket.write(Buffer.of(0));
    known.send(CHECK);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    await vi.waitFor(() => expect(io.stats().connections).toBe(3));
    vi.advanceTimersByTime(5_000);
    await Promise.all([silent.closed, slow.closed]);
    expect(io.stats()).toMatchObject({ connections: 1, strangerDrops: 2 });
    io.transmit(rtp(), held[0]!);
    await vi.waitFor(() => expect(known.received).toHaveLength(1));
  });

  it.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a ClientHello without a certificate of ours', Buffer.from('160301020001', 'hex')],
    ['a frame of 65,535 bytes', frameOf(Buffer.alloc(0xffff))],
    ['more frames than a check needs', Buffer.concat(Array.from({ length: 9 }, () => frameOf(rtp(20))))],
  ])('is closed at once for %s', async (_, bytes) => {
    const { io, port } = await open();
    const peer = await TcpPeer.connect(port);
    peer.socket.write(bytes);
    await peer.closed;
    expect(io.stats()).toMatchObject({ connections: 0, strangerDrops: 1 });
  });

  it('is one of at most 200 from a network, among whom peers do not count', async () => {
    const { io, port, held, peer } = await connected();
    for (let count = 0; count < 200; count++) await TcpPeer.connect(port);
    await vi.waitFor(() => expect(io.stats().connections).toBe(201));
    const tooMany = await TcpPeer.connect(port);
    await tooMany.closed;
    expect(io.stats()).toMatchObject({ connections: 201, connectionDrops: 1, strangerDrops: 0 });
    io.transmit(rtp(), held[0]!);
    await vi.waitFor(() => expect(peer.received).toHaveLength(1));
  });
});

describe('TLS', () => {
  it('is taken on the same port as plain frames, and carries the same', async () => {
    const { io, port, received, held } = await open({ tcp: { addresses: [LOOPBACK], tls: TLS } });
    const [secure, plain] = [await TcpPeer.connectTls(port), await TcpPeer.connect(port)];
    secure.send(CHECK);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    plain.send(CHECK);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    const sizes: number[] = [];
    for (let size = 100; size < 1_100; size++) {
      sizes.push(size);
      for (const path of held) io.transmit(rtp(size), path);
      if (size % 100 > 0) continue;
      for (const { received } of [secure, plain]) {
        await vi.waitFor(() => expect(received.map(({ length }) => length)).toEqual(sizes));
      }
    }
    for (const peer of [secure, plain]) peer.send(rtp(77));
    await vi.waitFor(() => expect(received).toHaveLength(4));
    io.releasePath(held[0]!);
    await secure.closed;
  });

  it('begins with a ClientHello whose first byte comes alone, too', async () => {
    const { port, held } = await open({ tcp: { addresses: [LOOPBACK], tls: TLS } });
    const relay = createServer((near) => {
      const far = connect({ port, host: '127.0.0.1', noDelay: true });
      far.pipe(near);
      near.on('data', (chunk: Buffer) => {
        for (const byte of chunk) far.write(Buffer.of(byte));
      });
      for (const socket of [near, far]) socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(relay.listening).toBe(true));
    const peer = await TcpPeer.connectTls((relay.address() as { port: number }).port);
    peer.send(CHECK);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    peer.socket.destroy();
    relay.close();
  });

  it('that does not get to its end is closed in time', async () => {
    const { io, port } = await open({ tcp: { addresses: [LOOPBACK], tls: TLS } });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const [stalled, broken] = [await TcpPeer.connect(port), await TcpPeer.connect(port)];
    stalled.socket.write(Buffer.from('160301020001', 'hex'));
    broken.socket.write(Buffer.concat([Buffer.from('1603010005', 'hex'), Buffer.alloc(5)]));
    await broken.closed;
    vi.advanceTimersByTime(5_000);
    await stalled.closed;
    expect(io.stats().connections).toBe(0);
  });

  it('uses another certificate once there is one, if it can', async () => {
    let identity = IDENTITY;
    const { port } = await open({ tcp: { addresses: [LOOPBACK], tls: () => identity } });
    const nameOf = async () => {
      const { socket } = await TcpPeer.connectTls(port);
      return (socket as TLSSocket).getPeerCertificate().subject.CN;
    };
    const first = await nameOf();
    identity = { cert: fixture('other.crt'), key: fixture('other.key') };
    const second = await nameOf();
    expect(second).not.toBe(first);
    identity = { cert: 'none', key: 'none' };
    expect(await nameOf()).toBe(second);
  });

  it('is refused at the start with a certificate that is none', async () => {
    const tcp = { addresses: [LOOPBACK], tls: () => ({ ...IDENTITY, cert: 'none' }) };
    await expect(open({ tcp })).rejects.toMatchObject({ code: 'invalid_option' });
  });
});

describe('opening and closing', () => {
  it('reports which TCP address and port are in use, and leaves nothing bound', async () => {
    const { port } = await open();
    const udp = await openPacketIo({ addresses: [LOOPBACK], onPackets: () => {} });
    const freed = udp.localAddresses[0]!;
    await udp.close();
    const tcp = { addresses: [LOOPBACK, { ...LOOPBACK, port }] };
    await expect(open({ addresses: [freed], tcp })).rejects.toMatchObject({
      code: 'address_in_use',
      message: `cannot listen on TCP 127.0.0.1:${port}: another process uses it`,
    });
    await open({ addresses: [freed] });
  });

  it('leaves no handles, whatever the peers do', async () => {
    const handles = () => process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS)/.test(name)).length;
    const before = handles();
    const { io, peer, path, port } = await connected({ tcp: { addresses: [LOOPBACK], tls: TLS } });
    await TcpPeer.connect(port);
    const secure = await TcpPeer.connectTls(port);
    secure.send(CHECK);
    peer.socket.pause();
    for (let sent = 0; sent < 10_000; sent++) io.transmit(rtp(), path);
    const closing = io.close();
    expect(io.close()).toBe(closing);
    await closing;
    for (const { socket } of [peer, secure]) socket.destroy();
    await vi.waitFor(() => expect(handles()).toBeLessThanOrEqual(before));
  });
});
