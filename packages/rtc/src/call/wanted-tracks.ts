import type { PublishedTrack } from './published-track.ts';

/** What decides which tracks a session is sent. */
export interface Receiver {
  readonly sessionID: string;
}

/** All tracks of a call that one of its sessions should be sent. The only place where that is decided. */
export const wantedTracks = (published: Iterable<PublishedTrack>, receiver: Receiver): PublishedTrack[] =>
  [...published].filter((track) => track.senderID !== receiver.sessionID);
