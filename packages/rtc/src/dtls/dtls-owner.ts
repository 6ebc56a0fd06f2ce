import type { SrtpKeys } from '@rtcd/packet-io';

/** From the first ClientHello to the last Finished. */
export const HANDSHAKE_LIMIT_MS = 30_000;

/** Reasons for which a connection ended, or never began, without `close()`. */
export type DtlsCloseReason =
  /** The peer said goodbye. */
  | 'close_notify'
  /** The peer gave up, and proved that it is the peer. */
  | 'fatal_alert'
  /** The handshake took longer than 30 s. */
  | 'timeout'
  /** It took so long, and each certificate that came was another than the SDP announced. */
  | 'fingerprint_mismatch'
  /** Timed out before the holder of the certificate's key connected. */
  | 'bad_signature'
  /** It took so long, and the peers have no cipher suite, group or SRTP profile in common. */
  | 'no_common_parameters'
  /** The peer has another view of the handshake. */
  | 'bad_finished';

/** Master keys for the media (RFC 5764 section 4.2): `local` protects what we send. */
export interface DtlsSrtpKeys {
  readonly local: SrtpKeys;
  readonly remote: SrtpKeys;
}

/** Owner of a DTLS connection. Called from within its methods, never later. */
export interface DtlsOwner {
  /** The datagram is owned by the callee. */
  transmit(datagram: Uint8Array): void;
  /** Once: the peer has proven to be the one that the SDP announced. */
  onConnected(keys: DtlsSrtpKeys, nowMs: number): void;
  /** Application data of one record, owned by the callee. Never before `onConnected`. */
  onData(bytes: Uint8Array, nowMs: number): void;
  /** Once, at the end, unless that came by `close()`. */
  onClosed(reason: DtlsCloseReason, nowMs: number): void;
}
