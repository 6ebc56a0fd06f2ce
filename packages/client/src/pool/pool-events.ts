import type { RtcMessage } from '@rtcd/protocol';
import type { RtcdClientPhase } from '../client-events.ts';
import type { RtcdClientError } from '../errors.ts';

/** Events of a pool; `address` is always that of the host concerned. */
export interface RtcdClientPoolEvents {
  /** Signaling for one of this pool's sessions. */
  rtc: [message: RtcMessage, address: string];
  /** A participant started or stopped speaking. */
  vad: [message: RtcMessage, address: string];
  /** rtcd has closed a session. */
  sessionClosed: [info: { readonly sessionID: string; readonly callID: string; readonly address: string }];
  /** A host with calls is given up: the pool considers its calls lost. */
  callLost: [info: { readonly callID: string; readonly sessionIDs: readonly string[]; readonly address: string }];
  host: [info: { readonly address: string; readonly change: HostChange }];
  /** An error outside of any method call. Without a listener, it is logged, not thrown. */
  error: [error: RtcdClientError, address: string | undefined];
}

/** Changes of a host. */
export type HostChange = 'added' | 'connected' | 'disconnected' | 'flagged' | 'unflagged' | 'removed';

/** A host as seen from outside. */
export interface HostInfo {
  readonly address: string;
  readonly phase: RtcdClientPhase;
  /** No longer in DNS: keeps its calls, gets no new ones. */
  readonly flagged: boolean;
  /** Ids of the calls that are on it. */
  readonly calls: readonly string[];
}
