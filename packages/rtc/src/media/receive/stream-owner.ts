import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { DropCounts, DropReason } from '../../inspect/drops.ts';
import type { Codec } from '../../sdp/description.ts';
import type { IncomingTrack } from './incoming-track.ts';

/** The m-section that sources send on, as they see it. */
export interface StreamOwner {
  readonly received: ReceivedTrack;
  /** The one of the section's codecs in which it is sent at the moment. */
  readonly codec: Codec;
  readonly drops: DropCounts;
  /** The track that its packets go to. */
  readonly track: IncomingTrack | undefined;
  /** A packet can be forwarded. Decides again which stream feeds which track. */
  started(nowMs: number): void;
  /** The sender changes to another of the section's codecs. Returns false if it does so too often: then the packet is to be dropped. */
  changeCodec(codec: Codec, nowMs: number): boolean;
  /** The sender is to be asked for something. */
  deadlineChanged(): void;
  dropMalformed(reason: DropReason): void;
}
