import type { ClientMessage, RtcMessage } from '@rtcd/protocol';
import type { RtcdClientError } from './errors.ts';

/** Events of a client. */
export interface RtcdClientEvents {
  /** rtcd has sent its hello. `reconnected` if there was a connection before. */
  connected: [info: { readonly connID: string; readonly reconnected: boolean }];
  /** The connection was lost; reconnecting begins. */
  disconnected: [reason: RtcdClientError];
  /** Every message, the ones below included, before them. */
  message: [message: ClientMessage];
  /** Signaling for one of this client's sessions. Its `data` is not reused. */
  rtc: [message: RtcMessage];
  /** A participant started or stopped speaking. */
  vad: [message: RtcMessage];
  /** rtcd has closed a session. */
  sessionClosed: [sessionID: string];
  /** An error outside of any method call. Without a listener, it is logged, not thrown. */
  error: [error: RtcdClientError];
  /** The client is closed permanently, by itself if there is a reason. Emitted once, last. */
  closed: [reason: RtcdClientError | undefined];
}

/** For one call of a method. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** `reconnecting` also while it waits to try again. */
export type RtcdClientPhase = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';
