import { check } from '@rtcd/boundary';
import * as z from 'zod';
import { checkArgument } from './errors.ts';
import { decodeJson, encodeJson } from './json.ts';
import { MAX_SESSION_DESCRIPTION_BYTES } from './limits.ts';
import { parseShape } from './schema.ts';

/** RTCSessionDescriptionInit (WebRTC, section 4.6.2) without `pranswer` and `rollback`, which are never sent. */
export interface SessionDescription {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

const sessionDescriptionSchema = z.object({ type: z.enum(['offer', 'answer']), sdp: z.string().min(1) });

const sessionDescriptionCheck = check.object<SessionDescription>({
  type: check.oneOf('offer', 'answer'),
  sdp: check.nonEmptyString,
});

/** `data` of an rtc message of type SDP: JSON. Throws `ProtocolError`. */
export function encodeSessionDescription(description: SessionDescription): Uint8Array {
  checkArgument('description', description, sessionDescriptionCheck);
  return encodeJson({ type: description.type, sdp: description.sdp });
}

/** Reads the `data` of an rtc message of type SDP, at most 1 MiB. Throws `ProtocolError`. */
export function decodeSessionDescription(data: Uint8Array): SessionDescription {
  return parseShape(sessionDescriptionSchema, decodeJson(data, MAX_SESSION_DESCRIPTION_BYTES), 'session description');
}
