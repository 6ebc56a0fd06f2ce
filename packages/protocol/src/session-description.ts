import { z } from 'zod';
import { decodeJson, encodeJson } from './json.ts';
import { MAX_SESSION_DESCRIPTION_BYTES } from './limits.ts';
import { parseShape } from './schema.ts';

/** RTCSessionDescriptionInit (WebRTC, section 4.6.2) without `pranswer` and `rollback`, which are never sent. */
export interface SessionDescription {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

const sessionDescriptionSchema = z.object({ type: z.enum(['offer', 'answer']), sdp: z.string().min(1) });

/** `data` of an rtc message of type SDP: JSON. */
export function encodeSessionDescription(description: SessionDescription): Uint8Array {
  return encodeJson({ type: description.type, sdp: description.sdp });
}

/** Reads the `data` of an rtc message of type SDP, at most 1 MiB. Throws a ProtocolError. */
export function decodeSessionDescription(data: Uint8Array): SessionDescription {
  return parseShape(sessionDescriptionSchema, decodeJson(data, MAX_SESSION_DESCRIPTION_BYTES), 'session description');
}
