import { eachPacket, type PacketIo, PacketIoError, type Path, type PathId } from '@rtcd/packet-io';
import {
  createSimulatedNetwork,
  type ObservedDatagram,
  type SimulatedNetworkOptions,
  seededRandom,
} from '@rtcd/packet-io/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rtpPacket, sendRtp, testKeys } from './packets.ts';

const HERE = { address: '10.0.0.1', port: 1000 };
const THERE = { address: '10.0.0.2', port: 2000 };
const TO_THERE: Path = { local: 0, ...THERE };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createPair(options: SimulatedNetworkOptions = {}) {
  const network = createSimulatedNetwork(options);
  const received: { value: number; path: Path | undefined }[] = [];
  const here = network.open({ addresses: [HERE], onPackets: () => {} });
  const there = network.open({
    addresses: [THERE],
    onPackets: eachPacket((packet, path) => received.push({ value: packet[0]!, path: there.pathOf(path) })),
  });
  return { network, here, there, received, values: () => received.map(({ value }) => value) };
}

function transmitNumbers(io: PacketIo, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const path = io.openPath(TO_THERE);
  for (const number of numbers) io.transmit(Uint8Array.of(number), path);
  return numbers;
}

describe('the simulated network', () => {
  it('delivers everything once and in order after its delay, by default', () => {
    const { here, received, values } = createPair({ delayMs: 40 });
    const numbers = transmitNumbers(here, 100);
    vi.advanceTimersByTime(39);
    expect(received).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(values()).toEqual(numbers);
    expect(received[0]!.path).toEqual({ local: 0, ...HERE });
  });

  it('loses, duplicates, and reorders at about the given rates, identically for the same seed', () => {
    const run = (seed: number) => {
      const { network, here, values } = createPair({
        seed,
        delayMs: 20,
        lossRate: 0.2,
        duplicateRate: 0.5,
        reorderRate: 0.3,
      });
      transmitNumbers(here, 2000);
      vi.runAllTimers();
      return { values: values(), stats: network.stats() };
    };
    const { values, stats } = run(1);
    expect(stats.lost / stats.sent).toBeCloseTo(0.2, 1);
    expect(stats.duplicated / (stats.sent - stats.lost)).toBeCloseTo(0.5, 1);
    expect(stats.reordered / stats.delivered).toBeCloseTo(0.3, 1);
    expect(stats.delivered).toBe(stats.sent - stats.lost + stats.duplicated);
    expect(values).not.toEqual(values.toSorted((a, b) => a - b));
    expect(run(1)).toEqual({ values, stats });
    expect(run(2).values).not.toEqual(values);
  });

  it('can be cut and repaired while in use', () => {
    const { network, here, values } = createPair();
    network.setConditions({ lossRate: 1 });
    here.transmit(Uint8Array.of(1), here.openPath(TO_THERE));
    network.setConditions({ lossRate: 0 });
    here.transmit(Uint8Array.of(2), here.openPath(TO_THERE));
    vi.runAllTimers();
    expect(values()).toEqual([2]);
  });

  it('delivers copies, so that receivers do not share memory', () => {
    const observed: ObservedDatagram[] = [];
    const { network, here } = createPair({ duplicateRate: 1, onTransmit: (seen) => observed.push(seen) });
    const arrived: number[] = [];
    const third = network.open({
      addresses: [{ address: '10.0.0.3', port: 0 }],
      onPackets: eachPacket((packet) => {
        arrived.push(packet[0]!);
        packet[0] = 99;
      }),
    });
    const datagram = Uint8Array.of(1);
    here.transmit(datagram, here.openPath({ local: 0, ...third.localAddresses[0]! }));
    datagram[0] = 2;
    vi.runAllTimers();
    expect(arrived).toEqual([1, 1]);
    expect(observed).toMatchObject([{ datagram: Uint8Array.of(1), from: HERE, to: { address: '10.0.0.3' } }]);
  });

  it('delivers forged sources', () => {
    const { network, received } = createPair({ lossRate: 1 });
    const forged = { address: '203.0.113.66', port: 666 };
    network.inject(Uint8Array.of(5), forged, THERE);
    vi.runAllTimers();
    expect(received).toEqual([{ value: 5, path: { local: 0, ...forged } }]);
  });

  it('carries protected packets as real sockets do', () => {
    const network = createSimulatedNetwork({ delayMs: 10 });
    const keys = testKeys('AES_CM_128_HMAC_SHA1_80');
    const lengths: number[] = [];
    const there = network.open({
      addresses: [THERE],
      onPackets: eachPacket((packet) => lengths.push(receiver.unprotectRtp(packet))),
    });
    const receiver = there.createReceiver(keys);
    const here = network.open({ addresses: [HERE], onPackets: () => {} });
    const slot = here.openSlot(here.openPath(TO_THERE), keys);
    for (let i = 0; i < 3; i++) sendRtp(here, slot, rtpPacket(i));
    vi.runAllTimers();
    expect(lengths).toEqual([52, 52, 52]);
    expect(here.stats()).toMatchObject({ rtpSent: 3, datagramsSent: 3, bytesSent: 3 * 62 });
    expect(there.stats()).toMatchObject({ rtpReceived: 3, datagramsReceived: 3 });
  });

  it('breaks a path: its holder is informed, and sends to it are dropped and counted', () => {
    const network = createSimulatedNetwork();
    const ended: PathId[] = [];
    const here = network.open({
      addresses: [HERE],
      onPackets: () => {},
      onPathEnded: (path) => ended.push(path),
    });
    network.breakPath(HERE, THERE);
    expect(ended).toEqual([]);
    const path = here.openPath(TO_THERE);
    const slot = here.openSlot(path, testKeys('AES_CM_128_HMAC_SHA1_80'));
    network.breakPath(HERE, THERE);
    expect(ended).toEqual([path]);
    sendRtp(here, slot, rtpPacket(1));
    here.sendRtcp(slot, new Uint8Array(8));
    here.transmit(Uint8Array.of(1), path);
    expect(here.stats()).toMatchObject({ pathEndedDrops: 2, sendErrors: 1, datagramsSent: 0 });

    here.moveSlot(slot, here.openPath(TO_THERE));
    sendRtp(here, slot, rtpPacket(1));
    expect(here.stats()).toMatchObject({ pathEndedDrops: 2, datagramsSent: 1 });
  });

  it('forgets an endpoint that closes, and refuses an address that is bound', async () => {
    const { network, here, there, received } = createPair();
    expect(() => network.open({ addresses: [THERE], onPackets: () => {} })).toThrow(PacketIoError);
    transmitNumbers(here, 1);
    await there.close();
    there.transmit(Uint8Array.of(1), there.openPath({ local: 0, ...HERE }));
    vi.runAllTimers();
    expect(received).toHaveLength(0);
    expect(network.stats().unroutable).toBe(1);
    expect(there.stats().sendErrors).toBe(1);
    network.open({ addresses: [THERE], onPackets: () => {} });
  });
});

describe('seeded random numbers', () => {
  it('are spread over 0 to 1, and repeat with their seed', () => {
    const random = seededRandom(42);
    const numbers = Array.from({ length: 10_000 }, random);
    const tenths = numbers.map((number) => Math.floor(number * 10));
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = tenths.filter((value) => value === tenth).length / numbers.length;
      expect(share).toBeCloseTo(0.1, 1);
    }
    expect(Array.from({ length: 10_000 }, seededRandom(42))).toEqual(numbers);
  });
});
