import type { SessionDescription } from '@rtcd/protocol';

/** Messages to the process of a headless participant. */
export type ToParticipant =
  /** Joins from a local address, by UDP or else by TCP: it is too simple to prefer one of two. */
  | { readonly type: 'join'; readonly address: string; readonly isUdpBlocked: boolean }
  | { readonly type: 'description'; readonly description: SessionDescription }
  /** Continues from another local address. */
  | { readonly type: 'move'; readonly address: string }
  | { readonly type: 'restart_ice' }
  /** Asks for `heard` once so many more packets of a sender have arrived. */
  | { readonly type: 'listen'; readonly senderID: string; readonly packets: number }
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
  /** The data channel is open. */
  | { readonly type: 'open' }
  | { readonly type: 'heard'; readonly heard: Heard }
  | { readonly type: 'closed'; readonly reason: string };
