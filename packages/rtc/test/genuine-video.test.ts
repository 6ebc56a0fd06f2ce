import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DependencyReader } from '../src/codecs/dependency-descriptor.ts';
import type { PayloadDescriptor } from '../src/codecs/payload-descriptor.ts';
import { sequenceNumberOf, timestampOf } from '../src/rtp/header.ts';
import { findHeaderExtension } from '../src/rtp/header-extensions.ts';
import {
  type CapturedPacket,
  captureFolder,
  readCapture,
  readDependenciesOf,
  readPayloadOf,
  type VideoCapture,
} from './video-capture.ts';

const names = readdirSync(captureFolder).flatMap((file) => /^(.*)\.json\.gz$/.exec(file)?.[1] ?? []);

interface Read {
  readonly timestamp: number;
  readonly packet: CapturedPacket;
  readonly payload: PayloadDescriptor;
}

/** Reads the packets of one source with payload. Each must be well-formed. */
function readSource(
  { packets }: VideoCapture,
  ssrc: number,
  read: (packet: CapturedPacket) => PayloadDescriptor | undefined,
): Read[] {
  return packets
    .filter((packet) => packet.ssrc === ssrc && packet.end > packet.start)
    .map((packet) => {
      const payload = read(packet);
      if (!payload) throw new Error(`unreadable: ${packet.packet.toString('hex')}`);
      return { timestamp: timestampOf(packet.packet), packet, payload };
    });
}

function hasDescriptors(name: string): boolean {
  const { packets, descriptorId } = readCapture(name);
  return packets.some(({ packet }) => findHeaderExtension(packet, descriptorId) >= 0);
}

const sourcesOf = (capture: VideoCapture): number[] => [...new Set(capture.packets.map(({ ssrc }) => ssrc))];

/** Timestamps of the key frames that the encoder made, as far as their first packets are in the capture. */
function encodedKeyframes({ frames }: VideoCapture, ssrc: number, packets: readonly Read[]): number[] {
  const sent = new Set(packets.map(({ timestamp }) => timestamp));
  return frames
    .filter((frame) => frame.ssrc === ssrc && frame.isKeyframe && sent.has(frame.timestamp))
    .map(({ timestamp }) => timestamp);
}

const keyframesIn = (packets: readonly Read[]): number[] => [
  ...new Set(packets.filter(({ payload }) => payload.startsKeyframe).map(({ timestamp }) => timestamp)),
];

/** Layers as `timestamp spatial temporal`, of each frame. */
function layersIn(packets: readonly Read[]): string[] {
  return [
    ...new Set(packets.map(({ timestamp, payload }) => `${timestamp} ${payload.spatialId} ${payload.temporalId}`)),
  ];
}

function encodedLayers({ frames }: VideoCapture, ssrc: number, packets: readonly Read[]): string[] {
  const sent = new Set(packets.map(({ timestamp, payload }) => `${timestamp} ${payload.spatialId}`));
  return frames
    .filter((frame) => frame.ssrc === ssrc && sent.has(`${frame.timestamp} ${frame.spatialId}`))
    .map(({ timestamp, spatialId, temporalId }) => `${timestamp} ${spatialId} ${temporalId}`);
}

describe('genuine video', () => {
  it.each(names.filter((name) => !name.includes('opus')))('%s: key frames are those of the encoder', (name) => {
    const capture = readCapture(name);
    for (const ssrc of sourcesOf(capture)) {
      const packets = readSource(capture, ssrc, readPayloadOf);
      expect(keyframesIn(packets)).toEqual(encodedKeyframes(capture, ssrc, packets));
      expect(keyframesIn(packets).length).toBeGreaterThan(0);
      // One packet begins a key frame, however often it is sent. In H.264, parameter sets may come in packets of their own.
      if (packets.some(({ packet }) => packet.mimeType.endsWith('H264'))) continue;
      const starts = packets.filter(({ payload }) => payload.startsKeyframe);
      expect(new Set(starts.map(({ packet }) => sequenceNumberOf(packet.packet))).size).toBe(
        keyframesIn(packets).length,
      );
    }
  });

  it.each(names.filter((name) => /rtcd-vp8.*(l1t3|simulcast)|firefox-vp8-simulcast|vp9/.test(name)))(
    '%s: layers are those of the encoder, by the payload',
    (name) => {
      const capture = readCapture(name);
      for (const ssrc of sourcesOf(capture)) {
        const packets = readSource(capture, ssrc, readPayloadOf);
        expect(layersIn(packets)).toEqual(encodedLayers(capture, ssrc, packets));
      }
    },
  );

  it.each(names.filter(hasDescriptors))(
    '%s: key frames and layers are those of the encoder, by the dependency descriptor',
    (name) => {
      const capture = readCapture(name);
      for (const ssrc of sourcesOf(capture)) {
        const reader = new DependencyReader();
        const packets = readSource(capture, ssrc, (packet) => readDependenciesOf(packet, capture.descriptorId, reader));
        expect(keyframesIn(packets)).toEqual(encodedKeyframes(capture, ssrc, packets));
        expect(layersIn(packets)).toEqual(encodedLayers(capture, ssrc, packets));
      }
    },
  );

  it.each(names.filter((name) => name.includes('opus')))('%s: a decoder can begin with each packet', (name) => {
    const capture = readCapture(name);
    for (const ssrc of sourcesOf(capture)) {
      const packets = readSource(capture, ssrc, readPayloadOf);
      expect(packets.every(({ payload }) => payload.startsKeyframe && payload.length === 0)).toBe(true);
    }
  });
});
