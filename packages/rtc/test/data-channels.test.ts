import { describe, expect, it } from 'vitest';
import { SctpError } from '../src/sctp/errors.ts';
import { createChannelsPair } from './sctp-pair.ts';

describe('data channels between two of ours', () => {
  it('carry messages both ways, in order and with their kind', () => {
    const pair = createChannelsPair();
    const channel = pair.openChannel();
    expect(channel.atServer).toMatchObject({ id: 0, label: 'calls-dc', protocol: '', ordered: true });
    const sent = ['text', new Uint8Array([1, 2, 3]), '', new Uint8Array(0), 'ünïcode ✓'];
    for (const data of sent) pair.client.send(channel.atClient, data, pair.time.nowMs);
    for (const data of sent) pair.server.send(channel.atServer, data, pair.time.nowMs);
    expect(pair.until(() => pair.atServer.messages.length + pair.atClient.messages.length === 10)).toBe(true);
    expect(pair.atServer.messages.map(({ data }) => data)).toEqual(sent);
    expect(pair.atClient.messages.map(({ data }) => data)).toEqual(sent);
    expect(pair.atClient.messages.every((message) => message.channel === channel.atClient)).toBe(true);
  });

  it('carry messages that were sent before the association was up', () => {
    const pair = createChannelsPair();
    const channel = pair.client.open('early', 0);
    pair.client.send(channel, 'first', 0);
    pair.client.connect(0);
    expect(pair.until(() => pair.atServer.messages.length === 1)).toBe(true);
    expect(pair.atServer.messages[0]?.data).toBe('first');
  });

  it('open when both sides begin', () => {
    const pair = createChannelsPair();
    const channel = pair.client.open('both', 0);
    pair.client.connect(0);
    pair.server.connect(0);
    expect(pair.until(() => pair.atClient.opened.includes(channel))).toBe(true);
    const other = pair.server.open('from the server', pair.time.nowMs);
    expect(pair.until(() => pair.atServer.opened.includes(other))).toBe(true);
    expect(other.id).toBe(1);
  });

  it('close for both when either closes, and the stream may be used again', () => {
    const pair = createChannelsPair();
    const first = pair.openChannel();
    pair.client.send(first.atClient, 'last words', pair.time.nowMs);
    pair.client.closeChannel(first.atClient, pair.time.nowMs);
    expect(() => pair.client.send(first.atClient, 'too late', pair.time.nowMs)).toThrow(SctpError);
    expect(pair.until(() => pair.atClient.channelsClosed.length === 1)).toBe(true);
    expect(pair.atServer.channelsClosed).toEqual([first.atServer]);
    expect(pair.atServer.messages.map(({ data }) => data)).toEqual(['last words']);

    const second = pair.openChannel('again');
    expect(second.atClient.id).toBe(first.atClient.id);
    pair.server.send(second.atServer, 'hello', pair.time.nowMs);
    pair.server.closeChannel(second.atServer, pair.time.nowMs);
    expect(pair.until(() => pair.atServer.channelsClosed.length === 2)).toBe(true);
    expect(pair.atClient.messages.map(({ data }) => data)).toEqual(['hello']);
  });

  it('end with the association, once all that was sent has arrived', () => {
    const pair = createChannelsPair();
    const channel = pair.openChannel();
    pair.client.send(channel.atClient, new Uint8Array(60_000), pair.time.nowMs);
    pair.client.close(pair.time.nowMs);
    pair.client.close(pair.time.nowMs);
    expect(() => pair.client.send(channel.atClient, 'too late', pair.time.nowMs)).toThrow(/closed|shutdown/);
    expect(pair.until(() => pair.atClient.closed.length === 1 && pair.atServer.closed.length === 1)).toBe(true);
    expect(pair.atServer.messages.map(({ data }) => data.length)).toEqual([60_000]);
    expect([...pair.atClient.closed, ...pair.atServer.closed]).toEqual(['shutdown', 'shutdown']);
    expect(pair.atServer.channelsClosed).toEqual([channel.atServer]);
    expect(pair.client.deadline()).toBe(Number.POSITIVE_INFINITY);
    expect(pair.server.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('stay open when the peer aborts and may begin again, and end otherwise', () => {
    for (const mayBeginAgain of [true, false]) {
      const pair = createChannelsPair({ mayBeginAgain });
      const { atServer } = pair.openChannel();
      pair.client.abort(pair.time.nowMs);
      pair.time.runFor(1_000);
      expect(pair.atServer.closed).toEqual(mayBeginAgain ? [] : ['peer_aborted']);
      expect(pair.atServer.channelsClosed).toEqual(mayBeginAgain ? [] : [atServer]);
    }
  });

  it('put many small messages into few packets, a number that grows with theirs', () => {
    const packetsFor = (count: number) => {
      const pair = createChannelsPair();
      const channel = pair.openChannel();
      const before = pair.client.stats.packetsSent;
      for (let index = 0; index < count; index += 1)
        pair.client.send(channel.atClient, `message ${index}`, pair.time.nowMs);
      expect(pair.until(() => pair.atServer.messages.length === count)).toBe(true);
      return pair.client.stats.packetsSent - before;
    };
    // The first window leaves message by message: each is sent at once.
    const [one, four] = [packetsFor(1000), packetsFor(4000)];
    expect(one).toBeLessThan(300);
    expect(four).toBeLessThan(4 * one);
  });

  it('answer in the packet that acknowledges, and acknowledge by itself after a short while', () => {
    const pair = createChannelsPair();
    const channel = pair.openChannel();
    pair.time.runFor(1000);
    const before = pair.server.stats.packetsSent;
    pair.client.send(channel.atClient, 'ping', pair.time.nowMs);
    pair.until(() => pair.atServer.messages.length === 1);
    pair.server.send(channel.atServer, 'pong', pair.time.nowMs);
    pair.time.runFor(1000);
    expect(pair.server.stats.packetsSent).toBe(before + 1);
    pair.client.send(channel.atClient, 'no answer', pair.time.nowMs);
    pair.time.runFor(109);
    expect(pair.server.stats.packetsSent).toBe(before + 1);
    pair.time.runFor(2);
    expect(pair.server.stats.packetsSent).toBe(before + 2);
    pair.time.runFor(20);
    expect(pair.client.stats).toMatchObject({ sendBufferedBytes: 0, chunksRetransmitted: 0 });
    expect(pair.client.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('keep the order of an ordered channel only: an unordered one is not held up by a loss', () => {
    const pair = createChannelsPair();
    const channel = pair.client.open('unordered', 0, { ordered: false });
    pair.client.connect(0);
    pair.until(() => pair.atClient.opened.length === 1);
    pair.link.setConditions({ lossRate: 1 });
    pair.client.send(channel, 'lost at first', pair.time.nowMs);
    pair.link.setConditions({ lossRate: 0 });
    pair.client.send(channel, 'second', pair.time.nowMs);
    pair.until(() => pair.atServer.messages.length === 2);
    expect(pair.atServer.messages.map(({ data }) => data)).toEqual(['second', 'lost at first']);
    expect(pair.atServer.opened[0]?.ordered).toBe(false);
  });

  it('report to a sender that asks that its message has arrived, without the delay of a SACK', () => {
    const pair = createChannelsPair();
    const channel = pair.openChannel();
    pair.time.runFor(1_000);
    const sentMs = pair.time.nowMs;
    const acknowledged: [message: number, messagesThere: number, afterMs: number][] = [];
    const note = (message: number) => () =>
      acknowledged.push([message, pair.atClient.messages.length, pair.time.nowMs - sentMs]);
    pair.server.send(channel.atServer, new Uint8Array(3_000), sentMs, note(0));
    pair.time.runFor(1_000);
    pair.server.send(channel.atServer, 'a', sentMs);
    pair.server.send(channel.atServer, 'b', pair.time.nowMs, note(2));
    pair.server.send(channel.atServer, 'c', pair.time.nowMs);
    pair.time.runFor(1_000);
    // One round trip of 20 ms each, and no word of the messages whose senders did not ask.
    expect(acknowledged).toEqual([
      [0, 1, 20],
      [2, 4, 1_020],
    ]);
  });

  it('report it only when the whole message has arrived, however often parts of it are lost', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const pair = createChannelsPair({ link: { lossRate: 0.3, reorderRate: 0.3, duplicateRate: 0.3, seed } });
      const channel = pair.openChannel();
      let acknowledged = 0;
      for (let message = 1; message <= 5; message++) {
        pair.server.send(channel.atServer, new Uint8Array(5_000), pair.time.nowMs, () => {
          acknowledged += 1;
          expect(pair.atClient.messages.length).toBeGreaterThanOrEqual(message);
        });
      }
      expect(pair.until(() => acknowledged === 5)).toBe(true);
      pair.time.runFor(10_000);
      expect(acknowledged).toBe(5);
    }
  });

  it('never report it when the association ends first', () => {
    const pair = createChannelsPair();
    const channel = pair.openChannel();
    let acknowledged = 0;
    pair.link.setConditions({ lossRate: 1 });
    pair.server.send(channel.atServer, 'lost', pair.time.nowMs, () => {
      acknowledged += 1;
    });
    expect(pair.until(() => pair.atServer.closed.length === 1)).toBe(true);
    pair.link.setConditions({ lossRate: 0 });
    pair.time.runFor(60_000);
    expect(acknowledged).toBe(0);
  });
});
