import type { TrackType } from '@rtcd/protocol';
import type { OutgoingTrack } from './outgoing-track.ts';

/** What the rest of a call knows of a track that one of its sessions sends. */
export interface PublishedTrack {
  /** As announced in SDP: `<type>_<sessionID of the sender>_<8 random characters>`. */
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly type: TrackType;
  /** The sessionID of the sender. */
  readonly senderID: string;
  /** For example `audio/opus`. */
  readonly mimeType: string;
  readonly clockRate: number;
  /** From now on its packets go to `receiver` too. */
  attach(receiver: OutgoingTrack): void;
  detach(receiver: OutgoingTrack): void;
}
