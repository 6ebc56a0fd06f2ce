import { check } from '@rtcd/boundary';
import * as z from 'zod';
import { optionalID, requiredID } from './schema.ts';

/** Numbers of the rtc messages on the wire. */
export const RtcMessageType = {
  ICE: 1,
  SDP: 2,
  Mute: 3,
  Unmute: 4,
  ScreenOn: 5,
  ScreenOff: 6,
  VoiceOn: 7,
  VoiceOff: 8,
  VideoOn: 9,
  VideoOff: 10,
} as const;

export type RtcMessageType = (typeof RtcMessageType)[keyof typeof RtcMessageType];

/** Signaling of one session, in either direction. What `data` holds depends on `type`; it may be empty. */
export interface RtcMessage {
  readonly groupID: string;
  readonly userID: string;
  readonly sessionID: string;
  readonly callID: string;
  readonly type: RtcMessageType;
  readonly data: Uint8Array;
}

const payload = z
  .union([z.instanceof(Uint8Array), z.string().transform((text) => new TextEncoder().encode(text))])
  .nullish()
  .transform((data): Uint8Array => data ?? new Uint8Array());

/** The map on the wire; only `session_id` and `type` must be there. */
export const rtcMessageSchema = z
  .object({
    group_id: optionalID,
    user_id: optionalID,
    session_id: requiredID,
    call_id: optionalID,
    type: z.literal(Object.values(RtcMessageType)),
    data: payload,
  })
  .transform(
    (map): RtcMessage => ({
      groupID: map.group_id,
      userID: map.user_id,
      sessionID: map.session_id,
      callID: map.call_id,
      type: map.type,
      data: map.data,
    }),
  );

/** For encoding. The receiver knows the other ids of a session by its `sessionID`, so that they may be missing. */
export const rtcMessageCheck = check.object<RtcMessage>({
  groupID: check.optional(check.string),
  userID: check.optional(check.string),
  sessionID: check.nonEmptyString,
  callID: check.optional(check.string),
  type: check.oneOf(...Object.values(RtcMessageType)),
  data: check.bytes,
});

/** The map on the wire; `data` is left out if empty. */
export function rtcMessageToMap(message: RtcMessage): Record<string, unknown> {
  return {
    group_id: message.groupID,
    user_id: message.userID,
    session_id: message.sessionID,
    call_id: message.callID,
    type: message.type,
    ...(message.data.length > 0 ? { data: message.data } : {}),
  };
}
