import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { DependencyReader } from '../src/codecs/dependency-descriptor.ts';
import { emptyPayloadDescriptor, type PayloadDescriptor } from '../src/codecs/payload-descriptor.ts';
import { payloadReader } from '../src/codecs/payload-format.ts';
import { paddingLengthOf, payloadTypeOf, rtpHeaderLength, ssrcOf } from '../src/rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../src/rtp/header-extensions.ts';
import { seededBytes } from '../src/testing/seeded-random.ts';

const DEPENDENCY_DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

/** A frame as the browser that encoded it described it. */
export interface EncodedFrame {
  readonly ssrc: number;
  readonly timestamp: number;
  readonly isKeyframe: boolean;
  readonly spatialId: number;
  readonly temporalId: number;
  readonly id: number;
  /** Ids of the frames that it refers to. */
  readonly dependencies: readonly number[];
}

export interface CapturedPacket {
  readonly packet: Buffer;
  readonly arrivedMs: number;
  readonly ssrc: number;
  readonly mimeType: string;
  readonly start: number;
  readonly end: number;
}

export interface VideoCapture {
  readonly rids: Readonly<Record<string, number>>;
  readonly frames: readonly EncodedFrame[];
  readonly packets: readonly CapturedPacket[];
  /** Header extension id of the dependency descriptor, 0 if it was not negotiated. */
  readonly descriptorId: number;
}

interface CaptureFile {
  readonly payloadTypes: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, number>>;
  readonly rids: Readonly<Record<string, number>>;
  readonly frames: readonly [number, number, 0 | 1, number, number, number, readonly number[]][];
  readonly packets: readonly [number, string][];
}

/** Another folder of captures, for example of all that there are, whole. */
export const captureFolder = process.env['VIDEO_CAPTURES'] ?? new URL('vectors/video/', import.meta.url).pathname;

/** Reads a file of `test/vectors/video`. */
export function readCapture(name: string): VideoCapture {
  const file = JSON.parse(gunzipSync(readFileSync(`${captureFolder}/${name}.json.gz`)).toString()) as CaptureFile;
  return {
    rids: file.rids,
    frames: file.frames.map(([ssrc, timestamp, key, spatialId, temporalId, id, dependencies]) => {
      return { ssrc, timestamp, isKeyframe: key === 1, spatialId, temporalId, id, dependencies };
    }),
    packets: file.packets.map(([micros, base64]) => {
      const packet = Buffer.from(base64, 'base64');
      const mimeType = file.payloadTypes[payloadTypeOf(packet)] ?? '';
      const start = rtpHeaderLength(packet);
      const end = packet.length - paddingLengthOf(packet);
      return { packet, arrivedMs: micros / 1000, ssrc: ssrcOf(packet), mimeType, start, end };
    }),
    descriptorId: file.extensions[DEPENDENCY_DESCRIPTOR] ?? 0,
  };
}

/** Reads the payload of a packet. */
export function readPayloadOf({ packet, mimeType, start, end }: CapturedPacket): PayloadDescriptor | undefined {
  const descriptor = emptyPayloadDescriptor();
  return payloadReader(mimeType)(packet, start, end, descriptor) ? descriptor : undefined;
}

/** Reads the dependency descriptor of a packet, undefined if it has none that can be read. */
export function readDependenciesOf(
  { packet }: CapturedPacket,
  id: number,
  reader: DependencyReader,
): PayloadDescriptor | undefined {
  const descriptor = emptyPayloadDescriptor();
  const at = findHeaderExtension(packet, id);
  return at >= 0 && reader.read(packet, at, at + headerExtensionLength(packet, at), descriptor)
    ? descriptor
    : undefined;
}

/** The same capture with other bytes in place of each payload, as after encryption end to end. */
export function withScrambledPayloads(capture: VideoCapture): VideoCapture {
  const packets = capture.packets.map((captured) => {
    const packet = Buffer.from(captured.packet);
    // The payload descriptor of VP8 is in front of what is encrypted.
    const start = captured.start + (readPayloadOf(captured)?.length ?? 0);
    packet.set(seededBytes(captured.arrivedMs)(captured.end - start), start);
    return { ...captured, packet };
  });
  return { ...capture, packets };
}

/** The same capture as it would be read where the dependency descriptor was not negotiated. */
export const withoutDescriptors = (capture: VideoCapture): VideoCapture => ({ ...capture, descriptorId: 0 });
