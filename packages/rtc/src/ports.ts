export { type Clock, type Logger, silentLogger, systemClock } from '@rtcd/boundary';

/** As counted by `conn_states_total`: ICE and DTLS taken together. */
export type ConnectionStateType = 'connected' | 'disconnected' | 'failed' | 'closed';
/** As counted by `errors_total`. */
export type RtcErrorType = 'signaling' | 'signaling_lock_timeout' | 'ice' | 'track' | 'rtp';
/** `in`: from its sender to us; `out`: from us to one receiver. */
export type TrackDirection = 'in' | 'out';

/** Metrics of the SFU. Everything in seconds or plain ratios, as in Prometheus. */
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
  /**
   * Bound once per track that is sent, called with each report of its receiver: the ratio of packets lost lately, and the time to the receiver
   * and back if the report contains it.
   */
  receiverReport(groupID: string, trackType: string): (lossRatio: number, roundTripSeconds: number | undefined) => void;
  /** A receiver of a video asked for a key frame, since it cannot decode what it has. */
  keyframeRequested(groupID: string, trackType: string): void;
  /** It was decided what of a video one receiver is sent, or the reason for it has changed. `level` is l, m, h, or none. */
  videoDecided(groupID: string, trackType: string, level: string, reason: string): void;
  /** Estimate of what the way to one receiver of video carries, about once a second. */
  bandwidthEstimate(groupID: string, bitsPerSecond: number): void;
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
  receiverReport: () => nothing,
  keyframeRequested: nothing,
  videoDecided: nothing,
  bandwidthEstimate: nothing,
};

/** Cryptographically strong bytes; tests bring a seeded source. */
export type Random = (sizeBytes: number) => Uint8Array;
