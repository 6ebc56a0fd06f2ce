/** States of an association (RFC 9260 section 4); `new` is CLOSED before anything happened. */
export type SctpPhase =
  | 'new'
  | 'cookie_wait'
  | 'cookie_echoed'
  | 'established'
  | 'shutdown_pending'
  | 'shutdown_sent'
  | 'shutdown_received'
  | 'shutdown_ack_sent'
  | 'closed';

/**
 * Reasons for which an association ended:
 * - `shutdown`: both sides agreed to.
 * - `aborted`: from here, at once.
 * - `peer_aborted`: by the peer, at once.
 * - `handshake_failed`: the peer did not answer, or refused our cookie.
 * - `peer_unresponsive`: it no longer acknowledges what we send.
 * - `protocol_violation`, `out_of_resource`: the peer broke the rules, or sent what would fill our memory.
 */
export type SctpCloseReason =
  | 'shutdown'
  | 'aborted'
  | 'peer_aborted'
  | 'handshake_failed'
  | 'peer_unresponsive'
  | 'protocol_violation'
  | 'out_of_resource';

/** Owner of an association. All calls are made from within a call to the association. */
export interface SctpAssociationOwner {
  /** Sends one packet as one DTLS record. The memory is the owner's to keep. */
  transmit(packet: Uint8Array): void;
  onConnected(): void;
  /** `data` is borrowed until return. */
  onMessage(streamId: number, ppid: number, data: Uint8Array, nowMs: number): void;
  /** The peer has reset these streams of its own; all of them if none is named. */
  onStreamsReset(streamIds: readonly number[], nowMs: number): void;
  /** Comes once; nothing comes after it. */
  onClosed(reason: SctpCloseReason, nowMs: number): void;
}

export interface SctpSendOptions {
  /** May overtake, and be overtaken by, other messages of its stream. */
  readonly unordered?: boolean;
  /** Called once the peer has acknowledged the whole message, which it is asked to do without delay; never if the association ends before. */
  readonly onAcknowledged?: (nowMs: number) => void;
}
