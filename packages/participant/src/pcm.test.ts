import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import type { ReceivedFrame } from '@rtcd/rtc/peer';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CallTrackEvents } from './call-track.ts';
import { readOpus } from './ogg/read-opus.ts';
import { type PcmChunk, pcm } from './pcm.ts';

class FakeTrack extends EventEmitter<CallTrackEvents> {
  hasEnded = false;
}

const frameOf = (payload: Uint8Array, timeMs: number, followsLoss = false): ReceivedFrame => ({
  payload,
  timeMs,
  followsLoss,
  timestamp: 0,
  isKeyframe: true,
});
const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);

async function decoded(frames: readonly ReceivedFrame[]): Promise<PcmChunk[]> {
  const track = new FakeTrack();
  const chunks = pcm(track);
  for (const frame of frames) track.emit('frame', frame);
  track.emit('ended');
  const all: PcmChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  expect(track.eventNames()).toEqual([]);
  return all;
}

describe('samples of a voice', () => {
  it('are what was said, 16,000 per second', async () => {
    const frames: ReceivedFrame[] = [];
    for await (const { packet } of readOpus(createReadStream(new URL('../examples/hello.ogg', import.meta.url)))) {
      frames.push(frameOf(packet, frames.length * 20));
    }
    const chunks = await decoded(frames);
    expect(chunks.map(({ samples, timeMs }) => [samples.length, timeMs])).toEqual(
      frames.map(({ timeMs }) => [320, timeMs]),
    );
    expect(chunks.map(({ followsGap }) => followsGap)).toEqual(frames.map((_, index) => index === 0));
    // A tone of 523 Hz for 0.35 s, then one of 784 Hz.
    const frequencyOf = (some: readonly PcmChunk[]) => {
      const samples = some.flatMap((chunk) => [...chunk.samples]);
      const crossings = samples.filter((sample, index) => sample > 0 !== (samples[index - 1] ?? sample) > 0).length;
      return (crossings * 16_000) / samples.length / 2;
    };
    expect(Math.abs(frequencyOf(chunks.slice(2, 16)) - 523)).toBeLessThan(15);
    expect(Math.abs(frequencyOf(chunks.slice(20, 30)) - 784)).toBeLessThan(15);
  });

  it('say where something is missing', async () => {
    const frames = [frameOf(SILENCE, 0), frameOf(SILENCE, 20), frameOf(SILENCE, 500), frameOf(SILENCE, 540, true)];
    expect((await decoded(frames)).map(({ followsGap }) => followsGap)).toEqual([true, false, true, true]);
  });

  it('are not disturbed by bytes that are no Opus, and nothing is printed about them', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    const byte = (seed: number, index: number) => (seed * 73 + index * 151 + ((seed * index) >> 3)) & 0xff;
    const garbage = Array.from({ length: 1_000 }, (_, seed) =>
      Uint8Array.from({ length: seed % 40 }, (_, index) => byte(seed, index)),
    );
    const chunks = await decoded([...garbage.map((bytes, i) => frameOf(bytes, i * 20)), frameOf(SILENCE, 90_000)]);
    expect(chunks.at(-1)).toMatchObject({ timeMs: 90_000, followsGap: true });
    expect(print).not.toHaveBeenCalled();
  });

  it('are dropped, the oldest first, if they are not read', async () => {
    const frames = Array.from({ length: 2_000 }, (_, index) => frameOf(SILENCE, index * 20));
    const chunks = await decoded(frames);
    expect(chunks.length).toBe(1_500);
    expect(chunks[0]).toMatchObject({ timeMs: 10_000, followsGap: true });
  });

  it('end with the track, also if that has ended before', async () => {
    const track = new FakeTrack();
    track.hasEnded = true;
    expect(await pcm(track).next()).toEqual({ done: true, value: undefined });
  });
});
