export { type Clock, type Logger, silentLogger, systemClock } from '@rtcd/boundary';

/** As counted by `conn_states_total`: ICE and DTLS taken together. */
export type ConnectionStateType = 'connected' | 'disconnected' | 'failed' | 'closed';
/** As counted by `errors_total`. */
export type RtcErrorType = 'signaling' | 'signaling_lock_timeout' | 'ice' | 'track' | 'rtp';
/** `in`: from its sender to us; `out`: from us to one receiver. */
export type TrackDirection = 'in' | 'out';

/** Metrics of the SFU. Everything in seconds or plain ratios, as Prometheus wants it. */
export interface RtcMetrics {
  /** A session joined; `sessionClosed` follows exactly once. */
  sessionOpened(groupID: string): void;
  /** A session is gone, for whatever reason. */
  sessionClosed(groupID: string): void;
  /** A connection entered a state. */
  connectionState(type: ConnectionStateType): void;
  /** Something went wrong for one session. */
  error(groupID: string, type: RtcErrorType): void;
  /** Packets of one more track may flow; `trackRemoved` follows exactly once. */
  trackAdded(groupID: string, direction: TrackDirection, mimeType: string): void;
  /** The track has ended, or its session has. */
  trackRemoved(groupID: string, direction: TrackDirection, mimeType: string): void;
  /** From the join to verified keys. */
  connectionTime(groupID: string, seconds: number): void;
  /** From the join to the open data channel. */
  dataChannelOpenTime(groupID: string, seconds: number): void;
  /** Time that an offer of ours waited for the signaling lock. */
  signalingLockGrabTime(groupID: string, seconds: number): void;
  /** Time for which the lock was held, by either side. */
  signalingLockLockedTime(groupID: string, seconds: number): void;
  /** As the peer measured, 0 to 1. */
  clientLossRate(groupID: string, ratio: number): void;
  /** As the peer measured. */
  clientRtt(groupID: string, seconds: number): void;
  /** As the peer measured. */
  clientJitter(groupID: string, seconds: number): void;
  /** Bound once per track, called once per incoming packet with the time its whole fan-out took. */
  trackWriteTime(groupID: string, trackType: string): (seconds: number) => void;
}

const nothing = () => {};

/** The default metrics: count nothing. */
export const silentMetrics: RtcMetrics = {
  sessionOpened: nothing,
  sessionClosed: nothing,
  connectionState: nothing,
  error: nothing,
  trackAdded: nothing,
  trackRemoved: nothing,
  connectionTime: nothing,
  dataChannelOpenTime: nothing,
  signalingLockGrabTime: nothing,
  signalingLockLockedTime: nothing,
  clientLossRate: nothing,
  clientRtt: nothing,
  clientJitter: nothing,
  trackWriteTime: () => nothing,
};

/** Cryptographically strong bytes; tests bring a seeded source. */
export type Random = (sizeBytes: number) => Uint8Array;
