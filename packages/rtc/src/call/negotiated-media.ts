import type { Codec, HeaderExtension } from '../sdp/description.ts';
import type { PublishedTrack } from './published-track.ts';

/** The media that both sides have agreed on, as the sections say it: the plain data between signaling and media. */
export interface NegotiatedMedia {
  readonly receiving: readonly ReceivedTrack[];
  readonly sending: readonly SentTrack[];
}

/** A track that the peer announces to send on a section. */
export interface ReceivedTrack {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  /** By a source or a MediaStream. A section of the peer's that only says that it sends may never do so. */
  readonly isAnnounced: boolean;
  readonly streamId: string;
  /** Empty where the peer announces none. */
  readonly ssrcs: readonly number[];
  readonly codec: Codec;
  readonly extensions: readonly HeaderExtension[];
}

/** A track that is sent to the peer on a section. */
export interface SentTrack {
  readonly track: PublishedTrack;
  readonly ssrc: number;
  readonly extensions: readonly HeaderExtension[];
  /** Under which the peer takes it; missing while it does not. */
  readonly payloadType?: number;
}
