import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rtpPacket, testKeys } from '../../test/packets.ts';
import { eachPacket } from '../each-packet.ts';
import type { BufferSizes, PacketIo, PacketIoOptions } from '../packet-io.ts';
import type { Path } from '../packet-path.ts';
import { DESCRIPTOR_WORDS } from '../packet-plane.ts';
import { openPacketIo } from './open-packet-io.ts';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

const opened: PacketIo[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((io) => io.close()));
});

interface Received {
  datagram: Uint8Array;
  path: Path;
}

async function open(options: Partial<PacketIoOptions> = {}) {
  const received: Received[] = [];
  const onPackets = eachPacket((datagram, path) => received.push({ datagram, path: io.pathOf(path)! }));
  const io: PacketIo = await openPacketIo({ addresses: [LOOPBACK], onPackets, ...options });
  opened.push(io);
  return { io, received, path: { local: 0, ...io.localAddresses[0]! } };
}

describe('an open packet io', () => {
  it('sends a fan-out in one turn, every datagram with its own bytes', async () => {
    const there = await open();
    const here = await open();
    const keys = testKeys('AEAD_AES_128_GCM');
    const slot = here.io.openSlot(here.io.openPath(there.path), keys);
    const packets = Array.from({ length: 200 }, (_, i) => rtpPacket(i));
    const arena = Buffer.concat(packets);
    const descriptors = Uint32Array.from(packets.flatMap((_, i) => [slot, 0, i * 52, 12, 0, i * 52 + 12, 40]));
    here.io.send(arena, descriptors, descriptors.length / DESCRIPTOR_WORDS);

    await vi.waitFor(() => expect(there.received).toHaveLength(packets.length));
    const receiver = there.io.createReceiver(keys);
    for (const [i, { datagram }] of there.received.entries()) {
      expect(receiver.unprotectRtp(datagram)).toBe(52);
      expect(Uint8Array.from(datagram.subarray(0, 52))).toEqual(packets[i]);
    }
    expect(here.io.stats()).toMatchObject({ rtpSent: 200, datagramsSent: 200, sendErrors: 0 });
    expect(there.io.stats()).toMatchObject({ datagramsReceived: 200, bytesReceived: 200 * 68, rtpReceived: 200 });
  });

  it('reports the source of a datagram, so that it can be answered', async () => {
    const there = await open();
    const here = await open({ addresses: [LOOPBACK, LOOPBACK] });
    const from = here.io.localAddresses[1]!;
    here.io.transmit(Uint8Array.of(1, 2, 3), here.io.openPath({ ...there.path, local: 1 }));
    await vi.waitFor(() => expect(there.received).toHaveLength(1));
    expect(there.received[0]!.path).toEqual({ local: 0, address: from.address, port: from.port });

    there.io.transmit(Uint8Array.of(4), there.io.openPath(there.received[0]!.path));
    await vi.waitFor(() => expect(here.received).toHaveLength(1));
    expect(here.received[0]!.path.local).toBe(1);
    expect([...here.received[0]!.datagram]).toEqual([4]);
  });

  it('continues after an error that the port is unreachable', async () => {
    const onError = vi.fn();
    const there = await open();
    const here = await open({ onError });
    const gone = await open();
    await gone.io.close();
    for (let i = 0; i < 10; i++) here.io.transmit(Uint8Array.of(i), here.io.openPath(gone.path));
    here.io.transmit(Uint8Array.of(42), here.io.openPath(there.path));
    await vi.waitFor(() => expect(there.received).toHaveLength(1));
    there.io.transmit(Uint8Array.of(43), there.io.openPath(here.path));
    await vi.waitFor(() => expect(here.received).toHaveLength(1));
  });

  it('counts what the operating system refuses', async () => {
    const { io } = await open();
    io.transmit(new Uint8Array(70_000), io.openPath({ local: 0, address: '127.0.0.1', port: 9 }));
    io.transmit(Uint8Array.of(1), io.openPath({ local: 0, address: '::1', port: 9 }));
    const ended = io.openPath({ local: 0, address: '127.0.0.1', port: 10 });
    io.releasePath(ended);
    io.transmit(Uint8Array.of(1), ended);
    await vi.waitFor(() => expect(io.stats().sendErrors).toBe(3));
  });

  it('drops and counts sends after closing, and closes once', async () => {
    const { io, path } = await open();
    const slot = io.openSlot(io.openPath(path), testKeys('AEAD_AES_128_GCM'));
    const closing = io.close();
    expect(io.close()).toBe(closing);
    await closing;
    io.transmit(Uint8Array.of(1), io.openPath(path));
    io.sendRtcp(slot, new Uint8Array(8));
    expect(io.stats().sendErrors).toBe(2);
  });

  it('has bound nothing if its plane cannot be made', async () => {
    const { io } = await open({ addresses: [], tcp: { addresses: [LOOPBACK] } });
    const { port } = io.localAddresses[0]!;
    await io.close();
    const both = { addresses: [{ ...LOOPBACK, port }], tcp: { addresses: [{ ...LOOPBACK, port }] } };
    const createPlane = () => {
      throw new Error('no plane');
    };
    await expect(open({ ...both, createPlane })).rejects.toThrow('no plane');
    const again = await open(both);
    expect(again.io.localAddresses.map((local) => local.port)).toEqual([port, port]);
  });

  it.skipIf(!hasIpv6)('speaks IPv6 beside IPv4, on the same port', async () => {
    const v4 = await open();
    const { port } = v4.io.localAddresses[0]!;
    const there = await open({ addresses: [{ address: '::1', port }] });
    const here = await open({ addresses: [LOOPBACK, { address: '::1', port: 0 }] });
    expect(here.io.localAddresses.map(({ family }) => family)).toEqual([4, 6]);
    here.io.transmit(Uint8Array.of(6), here.io.openPath({ local: 1, address: '::1', port }));
    await vi.waitFor(() => expect(there.received).toHaveLength(1));
    expect(there.received[0]!.path).toMatchObject({ address: '::1', port: here.io.localAddresses[1]!.port });
  });
});

describe('a relay', () => {
  const localAddress = { protocol: 'udp', address: '203.0.113.1', port: 50_000, family: 4 } as const;
  const remote = { address: '198.51.100.7', port: 5000 };

  async function openRelay() {
    const ended: number[] = [];
    const here = await open({ onPathEnded: (path) => void ended.push(path) });
    const sent: { datagram: number[]; to: Path }[] = [];
    const send = (datagram: Uint8Array, { local, address, port }: Path) =>
      void sent.push({ datagram: [...datagram], to: { local, address, port } });
    const port = here.io.openRelay({ localAddress, send });
    return { ...here, ended, sent, port };
  }

  it('takes what is sent on its paths, protected or not', async () => {
    const { io, sent, port } = await openRelay();
    const path = io.openPath({ local: port.local, ...remote });
    io.transmit(Uint8Array.of(1, 2), path);
    const slot = io.openSlot(path, testKeys('AEAD_AES_128_GCM'));
    const packet = rtpPacket(1);
    io.send(packet, Uint32Array.of(slot, 0, 0, 12, 0, 12, packet.length - 12), 1);
    expect(sent[0]).toEqual({ datagram: [1, 2], to: { local: port.local, ...remote } });
    expect(sent[1]!.datagram).toHaveLength(packet.length + 16);
    expect(io.stats().sendErrors).toBe(0);
  });

  it('delivers as a socket does, from a path that can be held', async () => {
    const { io, received, port } = await openRelay();
    const path = io.openPath({ local: port.local, ...remote });
    port.receive(Uint8Array.of(3), remote.address, remote.port);
    expect(received).toEqual([{ datagram: Uint8Array.of(3), path: io.pathOf(path) }]);
    expect(io.describePath(path)).toBe('udp 198.51.100.7:5000 via relay 203.0.113.1:50000');
    expect(io.localAddressOf(path)).toEqual(localAddress);
  });

  it('ends its paths when it closes, and no others', async () => {
    const { io, ended, sent, received, port } = await openRelay();
    const other = io.openPath({ local: 0, address: '127.0.0.1', port: 9 });
    const path = io.openPath({ local: port.local, ...remote });
    port.close();
    port.close();
    expect(ended).toEqual([path]);
    expect(io.pathOf(other)).toBeDefined();
    io.transmit(Uint8Array.of(1), path);
    port.receive(Uint8Array.of(3), remote.address, remote.port);
    expect([sent, received]).toEqual([[], []]);
    expect(io.stats().sendErrors).toBe(1);
  });

  it('has a number of its own', async () => {
    const { io, port } = await openRelay();
    const second = io.openRelay({ localAddress, send() {} });
    expect(second.local).not.toBe(port.local);
    expect(io.localAddresses[port.local]).toBeUndefined();
  });
});

describe('opening', () => {
  it('reports which address and port are in use, and leaves none bound', async () => {
    const first = await open();
    const { port } = first.io.localAddresses[0]!;
    const free = await open();
    const freed = free.io.localAddresses[0]!;
    await free.io.close();

    const addresses = [freed, { address: '127.0.0.1', port }];
    await expect(open({ addresses })).rejects.toMatchObject({
      code: 'address_in_use',
      message: `cannot listen on UDP 127.0.0.1:${port}: another process uses it`,
    });
    await open({ addresses: [freed] });
  });

  it.each([
    ['an address of another machine', '192.0.2.1', 'address_not_available'],
    ['a name', 'localhost', 'invalid_address'],
  ])('refuses %s', async (_, address, code) => {
    await expect(open({ addresses: [{ address, port: 0 }] })).rejects.toMatchObject({ code });
  });

  it('skips an optional address that this machine does not have, and reports it', async () => {
    const onLeftOut = vi.fn();
    const missing = { address: '192.0.2.1', port: 0, optional: true };
    const { io } = await open({ addresses: [missing, { ...LOOPBACK, optional: true }, missing], onLeftOut });
    expect(io.localAddresses.map(({ address }) => address)).toEqual(['127.0.0.1']);
    expect(onLeftOut.mock.calls.map(([{ code, message }]) => [code, message])).toEqual([
      ['address_not_available', 'cannot listen on UDP 192.0.2.1:0: it is not an address of this machine'],
      ['address_not_available', 'cannot listen on UDP 192.0.2.1:0: it is not an address of this machine'],
    ]);
  });

  it('does not open without any address, optional or not', async () => {
    const missing = { address: '192.0.2.1', port: 0, optional: true };
    await expect(open({ addresses: [missing, missing] })).rejects.toMatchObject({ code: 'address_not_available' });
  });

  it('does not skip an optional address that another process uses', async () => {
    const { path } = await open();
    const addresses = [LOOPBACK, { address: '127.0.0.1', port: path.port, optional: true }];
    await expect(open({ addresses })).rejects.toMatchObject({ code: 'address_in_use' });
  });

  it('refuses to listen nowhere', async () => {
    await expect(open({ addresses: [] })).rejects.toMatchObject({ code: 'invalid_address' });
  });

  it('does not fail for a buffer size that the operating system does not grant', async () => {
    await open({ receiveBufferBytes: 2 ** 30, sendBufferBytes: 2 ** 40 });
  });

  it('reports buffers that are smaller than requested, once for all sockets', async () => {
    const reports: BufferSizes[] = [];
    const onSmallBuffers = (granted: BufferSizes) => void reports.push(granted);
    const addresses = [LOOPBACK, LOOPBACK];
    await open({ addresses, receiveBufferBytes: 65_536, sendBufferBytes: 65_536, onSmallBuffers });
    expect(reports).toEqual([]);
    await open({ addresses, receiveBufferBytes: 2 ** 31 - 1, sendBufferBytes: 65_536, onSmallBuffers });
    expect(reports).toEqual([{ receiveBytes: expect.any(Number), sendBytes: 65_536 }]);
    expect(reports[0]!.receiveBytes).toBeGreaterThanOrEqual(65_536);
    expect(reports[0]!.receiveBytes).toBeLessThan(2 ** 31 - 1);
  });
});
