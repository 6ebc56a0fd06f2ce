import type { SessionDescription } from '@rtcd/protocol';
import type { Place } from './call-network.ts';
import type { Access } from './callers.ts';

/** Joins from a local address. */
export interface JoinMessage extends Pick<Place, 'address' | 'publicAddress'>, Access {
  readonly type: 'join';
}

/** Messages to the process of a headless participant. */
export type ToParticipant =
  | JoinMessage
  | { readonly type: 'description'; readonly description: SessionDescription }
  /** Continues from another local address. */
  | { readonly type: 'move'; readonly address: string }
  | { readonly type: 'restart_ice' }
  /** Asks for `heard` once so many more packets of a sender have arrived. */
  | { readonly type: 'listen'; readonly senderID: string; readonly packets: number }
  /** Shows a camera. */
  | { readonly type: 'show'; readonly streamId: string }
  /** Asks for `seen` once so many frames of a sender's camera were shown. */
  | { readonly type: 'watch'; readonly senderID: string; readonly frames: number }
  | { readonly type: 'leave' };

/** Packets of one sender since the question before. */
export interface Heard {
  readonly senderID: string;
  /** Sequence numbers that were skipped, in the whole call. */
  readonly gaps: number;
  readonly longestSilenceMs: number;
}

/** Messages from it. */
export type FromParticipant =
  | { readonly type: 'ready' }
  | { readonly type: 'description'; readonly description: SessionDescription }
  | { readonly type: 'candidate'; readonly candidate: string }
  /** The data channel is open. */
  | { readonly type: 'open' }
  | { readonly type: 'heard'; readonly heard: Heard }
  | { readonly type: 'seen'; readonly senderID: string }
  | { readonly type: 'closed'; readonly reason: string };
