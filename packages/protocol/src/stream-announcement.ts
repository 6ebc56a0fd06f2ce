import { check } from '@rtcd/boundary';
import * as z from 'zod';
import { checkArgument } from './errors.ts';
import { decodeJson, encodeJson } from './json.ts';
import { MAX_STREAM_ANNOUNCEMENT_BYTES } from './limits.ts';
import { parseShape, requiredID } from './schema.ts';

/** `data` of a ScreenOn message: the id of the MediaStream that carries the screen. */
export interface ScreenOnData {
  readonly screenStreamID: string;
}

/** `data` of a VideoOn message: the id of the MediaStream that carries the camera. */
export interface VideoOnData {
  readonly videoStreamID: string;
}

const screenOnSchema = z.object({ screenStreamID: requiredID });
const videoOnSchema = z.object({ videoStreamID: requiredID });

const screenOnCheck = check.object<ScreenOnData>({ screenStreamID: check.nonEmptyString });
const videoOnCheck = check.object<VideoOnData>({ videoStreamID: check.nonEmptyString });

/** Writes the `data` of a ScreenOn message. Throws `ProtocolError`. */
export function encodeScreenOn(data: ScreenOnData): Uint8Array {
  checkArgument('data', data, screenOnCheck);
  return encodeJson({ screenStreamID: data.screenStreamID });
}

/** Reads the `data` of a ScreenOn message. Throws `ProtocolError`. */
export function decodeScreenOn(data: Uint8Array): ScreenOnData {
  return parseShape(screenOnSchema, decodeJson(data, MAX_STREAM_ANNOUNCEMENT_BYTES), 'ScreenOn data');
}

/** Writes the `data` of a VideoOn message. Throws `ProtocolError`. */
export function encodeVideoOn(data: VideoOnData): Uint8Array {
  checkArgument('data', data, videoOnCheck);
  return encodeJson({ videoStreamID: data.videoStreamID });
}

/** Reads the `data` of a VideoOn message. Throws `ProtocolError`. */
export function decodeVideoOn(data: Uint8Array): VideoOnData {
  return parseShape(videoOnSchema, decodeJson(data, MAX_STREAM_ANNOUNCEMENT_BYTES), 'VideoOn data');
}
