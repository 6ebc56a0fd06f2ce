import { describe, expect, it } from 'vitest';
import type { SimulatedLinkOptions } from '../src/testing/simulated-link.ts';
import { type ChannelsPair, createChannelsPair } from './sctp-pair.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

const CONDITIONS: Record<string, Partial<SimulatedLinkOptions>> = {
  'a fifth of the packets lost each way': { lossRate: 0.2 },
  'half of the packets doubled': { duplicateRate: 0.5, reorderDelayMs: 50 },
  'three tenths of the packets held back': { reorderRate: 0.3, reorderDelayMs: 50 },
  'all three at once': { lossRate: 0.2, duplicateRate: 0.5, reorderRate: 0.3, reorderDelayMs: 50 },
};

/** Bytes that differ from place to place and from message to message. */
function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) + seed * 7) & 0xff);
}

function dataAt(report: ChannelsPair['atServer']): (Uint8Array | string)[] {
  return report.messages.map(({ data }) => data);
}

describe.each(Object.entries(CONDITIONS))('with %s', (_name, link) => {
  it('everything arrives once and in order, both ways, and the channel closes', () => {
    for (const seed of SEEDS) {
      const pair = createChannelsPair({ link: { ...link, seed } });
      const channel = pair.openChannel();
      const sent = Array.from({ length: 30 }, (_, index) => pattern(1 + ((index * 397) % 4000), index));
      for (const data of sent) {
        pair.client.send(channel.atClient, data, pair.time.nowMs);
        pair.server.send(channel.atServer, data, pair.time.nowMs);
        pair.time.runFor(5);
      }
      const arrived = () => pair.atServer.messages.length >= 30 && pair.atClient.messages.length >= 30;
      expect(pair.until(arrived), `seed ${seed}`).toBe(true);
      expect(dataAt(pair.atServer)).toEqual(sent);
      expect(dataAt(pair.atClient)).toEqual(sent);

      pair.client.closeChannel(channel.atClient, pair.time.nowMs);
      expect(
        pair.until(() => pair.atClient.channelsClosed.length === 1),
        `seed ${seed}`,
      ).toBe(true);
      expect(pair.atServer.channelsClosed).toEqual([channel.atServer]);

      pair.server.close(pair.time.nowMs);
      const closed = () => pair.atClient.closed.length === 1 && pair.atServer.closed.length === 1;
      expect(pair.until(closed), `seed ${seed}`).toBe(true);
      expect([...pair.atClient.closed, ...pair.atServer.closed]).toEqual(['shutdown', 'shutdown']);
      expect(pair.atServer.messages).toHaveLength(30);
      expect(pair.atClient.messages).toHaveLength(30);
    }
  });

  it('messages of 64 KiB arrive whole', () => {
    for (const seed of SEEDS.slice(0, 5)) {
      const pair = createChannelsPair({ link: { ...link, seed } });
      const channel = pair.openChannel();
      const sent = [pattern(65_536, 1), pattern(65_536, 2), pattern(65_535, 3)];
      for (const data of sent) pair.server.send(channel.atServer, data, pair.time.nowMs);
      expect(
        pair.until(() => pair.atClient.messages.length >= 3),
        `seed ${seed}`,
      ).toBe(true);
      for (const [index, data] of dataAt(pair.atClient).entries()) {
        expect(Buffer.from(sent[index]!).equals(data as Uint8Array)).toBe(true);
      }
      expect(pair.client.stats.receiveBufferedBytes).toBe(0);
    }
  });

  it('a burst of a thousand small messages arrives in order', () => {
    for (const seed of SEEDS.slice(0, 3)) {
      const pair = createChannelsPair({ link: { ...link, seed } });
      const channel = pair.openChannel();
      const sent = Array.from({ length: 1000 }, (_, index) => `message ${index}`);
      for (const data of sent) pair.client.send(channel.atClient, data, pair.time.nowMs);
      expect(
        pair.until(() => pair.atServer.messages.length >= 1000),
        `seed ${seed}`,
      ).toBe(true);
      expect(dataAt(pair.atServer)).toEqual(sent);
      pair.until(() => pair.client.stats.sendBufferedBytes === 0);
      expect(pair.client.stats.sendBufferedBytes).toBe(0);
    }
  });
});

describe('with TSNs that wrap', () => {
  it('everything arrives once and in order', () => {
    const random = (size: number) => new Uint8Array(size).fill(0xff);
    const pair = createChannelsPair({
      link: { lossRate: 0.2, duplicateRate: 0.2, reorderRate: 0.3 },
      client: { random },
      server: { random },
    });
    const channel = pair.openChannel();
    const sent = Array.from({ length: 100 }, (_, index) => pattern(1 + index * 37, index));
    for (const data of sent) {
      pair.client.send(channel.atClient, data, pair.time.nowMs);
      pair.server.send(channel.atServer, data, pair.time.nowMs);
    }
    expect(pair.until(() => pair.atServer.messages.length + pair.atClient.messages.length >= 200)).toBe(true);
    expect(dataAt(pair.atServer)).toEqual(sent);
    expect(dataAt(pair.atClient)).toEqual(sent);
    pair.client.closeChannel(channel.atClient, pair.time.nowMs);
    expect(pair.until(() => pair.atClient.channelsClosed.length === 1)).toBe(true);
  });
});
