import { z } from 'zod';
import { requiredId } from './schema.ts';

/** What a track that rtcd sends carries. */
export type TrackType = 'voice' | 'screen' | 'screen-audio' | 'video';

/** What rtcd sends under one mid, and the session it comes from. */
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
    .object({ type: z.enum(['voice', 'screen', 'screen-audio', 'video']), sender_id: requiredId })
    .transform(({ type, sender_id }): MediaMapEntry => ({ type, senderID: sender_id })),
);

/** The map of maps on the wire. */
export function mediaMapToMap(map: MediaMap): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(map).map(([mid, { type, senderID }]) => [mid, { type, sender_id: senderID }]),
  );
}
