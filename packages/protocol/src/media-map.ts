import { check } from '@rtcd/boundary';
import * as z from 'zod';
import { checkArgument } from './errors.ts';
import { requiredID } from './schema.ts';

/** Content of a track that rtcd sends. */
export type TrackType = 'voice' | 'screen' | 'screen-audio' | 'video';

const TRACK_TYPES = ['voice', 'screen', 'screen-audio', 'video'] as const satisfies readonly TrackType[];

/** Track that rtcd sends under one mid, and the session it comes from. */
export interface MediaMapEntry {
  readonly type: TrackType;
  /** Session id of the sender. */
  readonly senderID: string;
}

/** For every mid on which rtcd sends. */
export type MediaMap = Readonly<Record<string, MediaMapEntry>>;

export const mediaMapSchema = z.record(
  z.string().max(256),
  z
    .object({ type: z.enum(TRACK_TYPES), sender_id: requiredID })
    .transform(({ type, sender_id }): MediaMapEntry => ({ type, senderID: sender_id })),
);

const mediaMapCheck = check.recordOf(
  check.object<MediaMapEntry>({ type: check.oneOf(...TRACK_TYPES), senderID: check.nonEmptyString }),
);

/** The map of maps on the wire. Throws `ProtocolError`. */
export function mediaMapToMap(map: MediaMap): Record<string, unknown> {
  checkArgument('map', map, mediaMapCheck);
  return Object.fromEntries(
    Object.entries(map).map(([mid, { type, senderID }]) => [mid, { type, sender_id: senderID }]),
  );
}
