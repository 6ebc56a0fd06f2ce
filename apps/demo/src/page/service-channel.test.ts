import { decodeDataChannelMessage, encodeDataChannelMessage, type MediaMap } from '@rtcd/protocol';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { ServiceChannel } from './service-channel.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A service channel on a data channel that keeps what is sent, and what came out of it. */
function open() {
  const sent: Uint8Array[] = [];
  const roundTripsMs: number[] = [];
  const maps: MediaMap[] = [];
  const fake = {
    readyState: 'open',
    binaryType: 'blob',
    onopen: () => {},
    onmessage: (_event: { data: unknown }) => {},
    send: (bytes: Uint8Array): void => void sent.push(bytes),
    close: () => {},
  };
  const channel = new ServiceChannel(fake as unknown as RTCDataChannel, {
    onRoundTrip: (roundTripMs) => roundTripsMs.push(roundTripMs),
    onMediaMap: (map) => maps.push(map),
  });
  onTestFinished(() => channel.close());
  fake.onopen();
  const receive = (bytes: Uint8Array) => fake.onmessage({ data: Uint8Array.from(bytes).buffer });
  return { channel, fake, sent, receive, roundTripsMs, maps };
}

it('measures a round trip from ping to pong, one at a time', () => {
  const { channel, fake, sent, receive, roundTripsMs } = open();
  expect(fake.binaryType).toBe('arraybuffer');
  expect(sent.map((bytes) => decodeDataChannelMessage(bytes))).toEqual([{ type: 'ping' }]);
  vi.advanceTimersByTime(2030);
  expect(sent).toHaveLength(1);
  receive(encodeDataChannelMessage({ type: 'pong' }));
  expect(roundTripsMs).toEqual([2030]);
  receive(encodeDataChannelMessage({ type: 'pong' }));
  expect(roundTripsMs).toHaveLength(1);
  vi.advanceTimersByTime(2000);
  expect(sent).toHaveLength(2);
  channel.close();
  expect(vi.getTimerCount()).toBe(0);
});

it('passes on the media map', () => {
  const { receive, maps } = open();
  const map: MediaMap = { '2': { type: 'voice', senderID: 'ada' } };
  receive(encodeDataChannelMessage({ type: 'mediaMap', map }));
  expect(maps).toEqual([map]);
});

it('drops invalid messages, and continues', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const { fake, receive, roundTripsMs } = open();
  receive(Uint8Array.of(0xc1));
  fake.onmessage({ data: 'pong' });
  expect(roundTripsMs).toEqual([]);
  receive(encodeDataChannelMessage({ type: 'pong' }));
  expect(roundTripsMs).toHaveLength(1);
});

it('requests the lock until it is granted, and releases it', async () => {
  const { channel, sent, receive } = open();
  sent.length = 0;
  const locked = channel.lock();
  receive(encodeDataChannelMessage({ type: 'lock', granted: false }));
  await vi.advanceTimersByTimeAsync(50);
  receive(encodeDataChannelMessage({ type: 'lock', granted: true }));
  await locked;
  channel.unlock();
  expect(sent.map((bytes) => decodeDataChannelMessage(bytes))).toEqual([
    { type: 'lock' },
    { type: 'lock' },
    { type: 'unlock' },
  ]);
});

it('gives up requesting the lock after 5 s', async () => {
  const { channel, fake, receive } = open();
  fake.send = () => queueMicrotask(() => receive(encodeDataChannelMessage({ type: 'lock', granted: false })));
  const locked = expect(channel.lock()).rejects.toThrow('did not grant');
  await vi.advanceTimersByTimeAsync(6000);
  await locked;
});
