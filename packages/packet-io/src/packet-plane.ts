import type { PacketPaths, Path, PathId } from './packet-path.ts';
import type { SrtpKeys } from './srtp/profile.ts';

/**
 * Words of one descriptor given to `send`: slot, rollover counter, header offset, header length, prefix length, payload offset, payload
 * length. The prefix is the beginning of the payload where receivers get different ones: it is directly behind the header.
 */
export const DESCRIPTOR_WORDS = 7;

/** Reasons for which a receiver dropped a packet. Negative, so that one number distinguishes a plain packet's length from a drop. */
export const SrtpDrop = {
  /** Too short, not version 2, or lengths that contradict each other. */
  malformed: -1,
  /** The tag does not match the keys. */
  unauthentic: -2,
  /** Seen before, or older than the replay window. */
  replayed: -3,
  /** A packet of a new synchronization source, when the receiver tracks as many as it may. */
  tooManySsrcs: -4,
} as const;

export type SrtpDrop = (typeof SrtpDrop)[keyof typeof SrtpDrop];

/** Removes the protection of what one peer sends. Holds the replay state of each of the peer's synchronization sources. */
export interface SrtpReceiver {
  /** Authenticates and decrypts in place. Returns the plain packet's length in bytes, or an `SrtpDrop`. */
  unprotectRtp(packet: Uint8Array): number;
  /** Rollover counter of the packet that `unprotectRtp` returned last: with its sequence number, the index that no other packet of its source has. */
  readonly rolloverCounter: number;
  /** The same for a compound RTCP packet. */
  unprotectRtcp(packet: Uint8Array): number;
}

/** Bounds on the replay state that a peer can make a receiver keep (RFC 3711 section 3.3.2). */
export interface SrtpReceiverLimits {
  /** Synchronization sources one receiver tracks, RTP and RTCP apart. Default 256. */
  readonly maxSsrcs?: number;
}

/** Running totals since the plane was made; only `slots` goes down. */
export interface PacketPlaneStats {
  readonly slots: number;
  readonly rtpSent: number;
  readonly rtpSentBytes: number;
  readonly rtcpSent: number;
  readonly rtcpSentBytes: number;
  /** Sends to a slot that is closed by now. */
  readonly slotClosedDrops: number;
  /** Sends to a slot whose path has ended. */
  readonly pathEndedDrops: number;
  /** Outgoing packets above MAX_PACKET_BYTES once protected, and RTCP without a whole header. */
  readonly unsendableDrops: number;
  /** RTCP for a slot whose keys have protected the 2^31 packets that RFC 3711 allows. */
  readonly keyExhaustedDrops: number;
  /** RTP whose index is 1,024 or more behind the newest of its stream: its numbering has restarted, or it is too late for any receiver. */
  readonly reusedIndexDrops: number;
  readonly rtpReceived: number;
  readonly rtcpReceived: number;
  readonly malformedDrops: number;
  readonly unauthenticDrops: number;
  readonly replayedDrops: number;
  readonly tooManySsrcsDrops: number;
}

/** Destinations and bulk cryptography. Knows paths, keys and bytes, and nothing of calls. */
export interface PacketPlane {
  /**
   * Makes a destination, which holds its path, and returns its number. Throws `PacketIoError` `too_many_slots`, `invalid_keys` or
   * `unknown_path`.
   */
  openSlot(path: PathId, keys: SrtpKeys): number;
  /** Points a slot at another path; keys and counters stay. Throws `PacketIoError` `unknown_slot` or `unknown_path`. */
  moveSlot(slot: number, path: PathId): void;
  /** Forgets a destination and its keys. Closing a closed slot does nothing. */
  closeSlot(slot: number): void;
  /**
   * Protects and sends `count` RTP packets. Descriptors are `DESCRIPTOR_WORDS` words each, with offsets into `arena`; headers are
   * already rewritten for their destination, and under one slot's keys no two packets with the same SSRC, rollover counter and
   * sequence number may differ (their keystreams would be the same). A packet whose index is 1,024 or more behind the newest of its stream is dropped and
   * counted; within these, the caller alone sees to it. A descriptor that points outside of the arena is the caller's bug: it throws
   * `PacketIoError` 'invalid_descriptor' and nothing of the call is sent. A closed slot drops its packet and counts.
   * `arena` is borrowed until return, and read only.
   */
  send(arena: Uint8Array, descriptors: Uint32Array, count: number): void;
  /** Protects and sends one compound RTCP packet, borrowed until return. The slot keeps the SRTCP index. */
  sendRtcp(slot: number, compound: Uint8Array): void;
  /** Makes the receiving side for one peer's keys. Throws `PacketIoError` `invalid_keys` or `invalid_option`. */
  createReceiver(keys: SrtpKeys, limits?: SrtpReceiverLimits): SrtpReceiver;
  /** A copy of the totals. */
  stats(): PacketPlaneStats;
  /** The sockets of a plane that sends on them by itself, past its sink. */
  readonly sockets?: PlaneSockets;
}

/** The UDP sockets that a plane sends on by itself. */
export interface PlaneSockets {
  /** Sends on a duplicate of this file descriptor from now on, for slots whose path has this `local`. */
  add(local: number, descriptor: number): void;
  /** A copy of the totals of what was sent on the duplicates. */
  totals(): DatagramTotals;
  /** Sends what waits, and closes the duplicates. Later packets for them are counted errors. */
  close(): void;
}

/** Running totals of datagrams, as in `PacketIoStats`. */
export interface DatagramTotals {
  readonly datagramsSent: number;
  readonly bytesSent: number;
  readonly sendErrors: number;
  readonly queueFullDrops: number;
}

/** Takes finished datagrams away. The plane writes each into `buffer` as it is at that moment, then calls `send`. */
export interface DatagramSink {
  /** At least MAX_PACKET_BYTES. A sink that could not let go of its bytes puts a fresh one here. */
  readonly buffer: Uint8Array;
  /** Sends the first `length` bytes of `buffer`. Must not throw. */
  send(length: number, path: Path): void;
}

/** Implementations of the packet plane. */
export type PlaneKind = 'typescript' | 'native';

/** The surroundings of a plane: sockets, paths, and bounds. */
export interface PlaneParts {
  readonly sink: DatagramSink;
  readonly paths: PacketPaths;
  /** Destinations open at a time, at most. */
  readonly maxSlots: number;
}

/** Makes the plane of a `PacketIo`. */
export type CreatePlane = (parts: PlaneParts) => PacketPlane;

/** Destination and limits of a plane without sockets. */
export interface PacketPlaneOptions {
  /** Sends one datagram, borrowed until return. Must not throw. */
  transmit(datagram: Uint8Array, path: Path): void;
  /** Destinations open at a time. Default 65,536. */
  readonly maxSlots?: number;
}
