import { check } from '@rtcd/boundary';
import * as z from 'zod';
import { checkArgument, ProtocolError } from './errors.ts';
import { MAX_DATA_CHANNEL_MESSAGE_VALUES, MAX_MEDIA_MAP_VALUES, MAX_SESSION_DESCRIPTION_BYTES } from './limits.ts';
import { type MediaMap, mediaMapSchema, mediaMapToMap } from './media-map.ts';
import { decodeFirstInteger, decodeValues, encodeValues } from './messagepack.ts';
import { parseShape } from './schema.ts';
import { decodeSessionDescription, encodeSessionDescription, type SessionDescription } from './session-description.ts';
import { deflate, inflate } from './zlib.ts';

/** A message on the data channel `calls-dc` between rtcd and a peer. */
export type DataChannelMessage =
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  | { readonly type: 'sdp'; readonly description: SessionDescription }
  /** Fraction lost from 0 to 1, or seconds. */
  | { readonly type: 'lossRate' | 'roundTripTime' | 'jitter'; readonly value: number }
  /** Without `granted` the peer's request, with it rtcd's response. */
  | { readonly type: 'lock'; readonly granted?: boolean }
  | { readonly type: 'unlock' }
  | { readonly type: 'mediaMap'; readonly map: MediaMap };

const NUMBERS = {
  ping: 1,
  pong: 2,
  sdp: 3,
  lossRate: 4,
  roundTripTime: 5,
  jitter: 6,
  lock: 7,
  unlock: 8,
  mediaMap: 9,
} as const satisfies Record<DataChannelMessage['type'], number>;

const TYPES = new Map<unknown, DataChannelMessage['type']>(
  (Object.keys(NUMBERS) as DataChannelMessage['type'][]).map((type) => [NUMBERS[type], type]),
);

const measurementSchema = z.number().min(0); // finite, too: zod's numbers are
const grantedSchema = z.boolean().nullish();
const compressedSchema = z.instanceof(Uint8Array);
const nothingSchema = z.null().optional();

const messageCheck = check.object<Pick<DataChannelMessage, 'type'>>({ type: check.oneOf(...Object.keys(NUMBERS)) });

/** One data channel message: the type's number, then its payload if it has one. Throws `ProtocolError`. */
export function encodeDataChannelMessage(message: DataChannelMessage): Uint8Array {
  checkArgument('message', message, messageCheck);
  const payload = payloadOf(message);
  return encodeValues(payload === undefined ? [NUMBERS[message.type]] : [NUMBERS[message.type], payload]);
}

/**
 * Reads the type of a message from untrusted bytes and nothing else, so that messages which the other side may not send need not be
 * decoded. Throws `ProtocolError` for an unknown type.
 */
export function dataChannelMessageType(bytes: Uint8Array): DataChannelMessage['type'] {
  const type = TYPES.get(decodeFirstInteger(bytes));
  if (type === undefined) throw new ProtocolError('invalid_message', 'unknown data channel message type');
  return type;
}

/** Options of `decodeDataChannelMessage`. */
export interface DecodeDataChannelMessageOptions {
  /** Called with the size of a description once it is inflated, before any of it is read: most of the work is done after that. */
  readonly onInflated?: (sizeBytes: number) => void;
}

/** Reads one data channel message from untrusted bytes. A nil payload counts as none. Throws `ProtocolError`. */
export function decodeDataChannelMessage(
  bytes: Uint8Array,
  { onInflated }: DecodeDataChannelMessageOptions = {},
): DataChannelMessage {
  const type = dataChannelMessageType(bytes);
  const maxNested = type === 'mediaMap' ? MAX_MEDIA_MAP_VALUES : MAX_DATA_CHANNEL_MESSAGE_VALUES;
  const [, payload] = decodeValues(bytes, { min: 1, max: 2, maxNested });
  const what = `${type} message`;
  switch (type) {
    case 'ping':
    case 'pong':
    case 'unlock':
      parseShape(nothingSchema, payload, what);
      return { type };
    case 'sdp': {
      const compressed = parseShape(compressedSchema, payload, what);
      const inflated = inflate(compressed, MAX_SESSION_DESCRIPTION_BYTES);
      onInflated?.(inflated.length);
      return { type, description: decodeSessionDescription(inflated) };
    }
    case 'lossRate':
    case 'roundTripTime':
    case 'jitter':
      return { type, value: parseShape(measurementSchema, payload, what) };
    case 'lock': {
      const granted = parseShape(grantedSchema, payload, what);
      return granted === undefined || granted === null ? { type } : { type, granted };
    }
    case 'mediaMap':
      return { type, map: parseShape(mediaMapSchema, payload, what) };
    default:
      return type satisfies never;
  }
}

function payloadOf(message: DataChannelMessage): unknown {
  switch (message.type) {
    case 'ping':
    case 'pong':
    case 'unlock':
      return undefined;
    case 'sdp':
      return deflate(encodeSessionDescription(message.description));
    case 'lossRate':
    case 'roundTripTime':
    case 'jitter':
      return parseShape(measurementSchema, message.value, `${message.type} message`);
    case 'lock':
      checkArgument('granted', message.granted, check.optional(check.boolean));
      return message.granted;
    case 'mediaMap':
      return mediaMapToMap(message.map);
    default:
      return message satisfies never;
  }
}
