/** pino's shape: fields first, then the message. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: object): Logger;
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

export type ConnectionStateType = 'connected' | 'disconnected' | 'failed' | 'closed';
export type RtcErrorType = 'signaling' | 'signaling_lock_timeout' | 'ice' | 'track' | 'rtp';
export type TrackDirection = 'in' | 'out';

/** What the SFU counts. Everything in seconds or plain ratios, as Prometheus wants it. */
export interface RtcMetrics {
  sessionOpened(groupID: string): void;
  sessionClosed(groupID: string): void;
  connectionState(type: ConnectionStateType): void;
  error(groupID: string, type: RtcErrorType): void;
  trackAdded(groupID: string, direction: TrackDirection, mimeType: string): void;
  trackRemoved(groupID: string, direction: TrackDirection, mimeType: string): void;
  connectionTime(groupID: string, seconds: number): void;
  dataChannelOpenTime(groupID: string, seconds: number): void;
  signalingLockGrabTime(groupID: string, seconds: number): void;
  signalingLockLockedTime(groupID: string, seconds: number): void;
  clientLossRate(groupID: string, ratio: number): void;
  clientRtt(groupID: string, seconds: number): void;
  clientJitter(groupID: string, seconds: number): void;
  /** Bound once per track, called once per incoming packet with the time its whole fan-out took. */
  trackWriteTime(groupID: string, trackType: string): (seconds: number) => void;
}

const nothing = () => {};

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

/** Time and one-shot timers; tests bring their own. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. */
  nowMs(): number;
  /** Milliseconds since 1970, for the NTP timestamps of RTCP. */
  unixMs(): number;
  setTimer(callback: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
}

/** Cryptographically strong bytes; tests bring a seeded source. */
export type Random = (sizeBytes: number) => Uint8Array;
