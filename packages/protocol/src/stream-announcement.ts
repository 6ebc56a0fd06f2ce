import { z } from 'zod';
import { decodeJson, encodeJson } from './json.ts';
import { MAX_STREAM_ANNOUNCEMENT_BYTES } from './limits.ts';
import { parseShape, requiredId } from './schema.ts';

/** `data` of a ScreenOn message: the id of the MediaStream that carries the screen. */
export interface ScreenOnData {
  readonly screenStreamID: string;
}

/** `data` of a VideoOn message: the id of the MediaStream that carries the camera. */
export interface VideoOnData {
  readonly videoStreamID: string;
}

const screenOnSchema = z.object({ screenStreamID: requiredId });
const videoOnSchema = z.object({ videoStreamID: requiredId });

/** Writes the `data` of a ScreenOn message. */
export function encodeScreenOn({ screenStreamID }: ScreenOnData): Uint8Array {
  return encodeJson({ screenStreamID });
}

/** Reads the `data` of a ScreenOn message. Throws a ProtocolError. */
export function decodeScreenOn(data: Uint8Array): ScreenOnData {
  return parseShape(screenOnSchema, decodeJson(data, MAX_STREAM_ANNOUNCEMENT_BYTES), 'ScreenOn data');
}

/** Writes the `data` of a VideoOn message. */
export function encodeVideoOn({ videoStreamID }: VideoOnData): Uint8Array {
  return encodeJson({ videoStreamID });
}

/** Reads the `data` of a VideoOn message. Throws a ProtocolError. */
export function decodeVideoOn(data: Uint8Array): VideoOnData {
  return parseShape(videoOnSchema, decodeJson(data, MAX_STREAM_ANNOUNCEMENT_BYTES), 'VideoOn data');
}
