import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { DropCounts, DropReason } from '../../inspect/drops.ts';
import type { IncomingTrack } from './incoming-track.ts';

/** The m-section that sources send on, as they see it. */
export interface StreamOwner {
  readonly received: ReceivedTrack;
  readonly drops: DropCounts;
  /** The track that its packets go to. */
  readonly track: IncomingTrack | undefined;
  /** A packet can be forwarded. Decides anew which stream feeds which track. */
  started(nowMs: number): void;
  /** The sender is to be asked for something. */
  deadlineChanged(): void;
  dropMalformed(reason: DropReason): void;
}
