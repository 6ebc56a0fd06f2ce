import type { Codec, HeaderExtension } from '../sdp/description.ts';
import type { PublishedTrack } from './published-track.ts';

/** The media that both sides have agreed on, as the sections describe it: the plain data between signaling and media. */
export interface NegotiatedMedia {
  readonly receiving: readonly ReceivedTrack[];
  readonly sending: readonly SentTrack[];
}

/** A track that the peer announces to send on a section. */
export interface ReceivedTrack {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  /** By a source or a MediaStream. A section of the peer's that only declares that it sends may never do so. */
  readonly isAnnounced: boolean;
  readonly streamId: string;
  /** The MediaStreamTrack's id. The two sections of a track that is sent as AV1 and as VP8 have the same. */
  readonly trackId: string;
  /**
   * The encodings that it sends at once, in the order in which they were offered; empty without simulcast. Where there are rids, they say which
   * packet is of which encoding, and an SSRC in the description has no meaning (RFC 8853 section 5.5).
   */
  readonly rids: readonly string[];
  /** Empty where the peer announces none; several without rids are those of a simulcast by SSRCs, in order. */
  readonly ssrcs: readonly number[];
  /** The retransmission stream of each of them that has one. */
  readonly rtxSsrcs: ReadonlyMap<number, number>;
  /** The one that the sender uses as long as it sticks to the order of the answer: the first of `codecs`. */
  readonly codec: Codec;
  /** All that were answered, with their feedback and the payload types of their retransmissions. */
  readonly codecs: readonly Codec[];
  readonly extensions: readonly HeaderExtension[];
}

/** A track that is sent to the peer on a section. */
export interface SentTrack {
  readonly track: PublishedTrack;
  readonly ssrc: number;
  /** Payload type of its retransmissions, if it is video. Used only where its codec has a payload type for them. */
  readonly rtxSsrc?: number;
  readonly extensions: readonly HeaderExtension[];
  /** In which the peer takes it, under the numbers that it takes: the track may change to any of them. Empty while the peer takes nothing. */
  readonly codecs: readonly Codec[];
}
