import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eachPacket, nativePlaneSupport, openPacketIo, type PacketIo } from '../src/index.ts';
import { rtcpPacket, rtpPacket, sendRtp, testKeys } from './packets.ts';

const LOOPBACK = '127.0.0.1';
const KEYS = testKeys('AEAD_AES_128_GCM');

/** A native plane that decrypts what it receives under one set of keys. */
async function open(port = 0): Promise<{ io: PacketIo; port: number; lengths: number[] }> {
  const lengths: number[] = [];
  const io: PacketIo = await openPacketIo({
    addresses: [{ address: LOOPBACK, port }],
    onPackets: eachPacket((packet) => void lengths.push(receiver.unprotectRtp(packet))),
    plane: 'native',
  });
  onTestFinished(() => io.close());
  const receiver = io.createReceiver(KEYS);
  return { io, port: io.localAddresses[0]!.port, lengths };
}

const slotTo = (io: PacketIo, port: number) => io.openSlot(io.openPath({ local: 0, address: LOOPBACK, port }), KEYS);

describe.skipIf(!nativePlaneSupport().isAvailable)('native planes of one process', () => {
  it('send each their own, and close on their own', async () => {
    const [first, second, there] = [await open(), await open(), await open()];
    sendRtp(first.io, slotTo(first.io, there.port), rtpPacket(1, 1));
    const slot = slotTo(second.io, there.port);
    await first.io.close();
    sendRtp(second.io, slot, rtpPacket(1, 2));
    await vi.waitFor(() => expect(there.lengths).toEqual([52, 52]));
    await open(first.port);
  });

  it('send before they close what was given to them in the same turn', async () => {
    const [here, there] = [await open(), await open()];
    const slot = slotTo(here.io, there.port);
    sendRtp(here.io, slot, rtpPacket(1));
    const closing = here.io.close();
    expect(here.io.stats()).toMatchObject({ rtpSent: 1, datagramsSent: 1, bytesSent: 68, sendErrors: 0 });
    here.io.sendRtcp(slot, rtcpPacket());
    expect(here.io.stats().sendErrors).toBe(1);
    await closing;
    await vi.waitFor(() => expect(there.lengths).toEqual([52]));
  });

  it('end with the thread that they are on, whose ports are free then', async () => {
    const there = await open();
    for (let round = 1; round <= 3; round++) {
      const worker = new Worker(new URL('./programs/plane-in-a-worker.ts', import.meta.url), {
        workerData: { port: there.port },
      });
      const [port] = (await once(worker, 'message')) as [number];
      await worker.terminate();
      await open(port);
    }
    await vi.waitFor(() => expect(there.lengths).toHaveLength(3));
    expect(there.lengths[0]).toBe(52);
  });
});
