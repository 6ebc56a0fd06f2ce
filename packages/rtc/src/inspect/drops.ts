/**
 * Why a packet or message is dropped: the `reason` of `rtcd_rtc_drops_total`. Each drop counts under one of them, so that the sum of all is the
 * number of drops. Reasons from `no_session` to `message_unexpected` are about what arrives, in the order in which it is checked.
 */
export const DROP_REASONS = [
  /** A datagram from UDP port 0, to which nothing can be sent back. */
  'source_port_zero',
  /** A datagram from an address that is no session's, or a connectivity check that names no session. */
  'no_session',
  /** The first byte is that of no protocol of ours (RFC 7983), or there is no second one. */
  'unknown_protocol',
  /** Not a STUN message, by its form. */
  'stun_malformed',
  /** A STUN message other than a binding request. */
  'stun_unexpected',
  /** A connectivity check with another username than the session's: stale credentials, or none of ours. */
  'stun_wrong_username',
  /** A connectivity check that is not signed with the session's password. */
  'stun_unauthentic',
  /** An authentic connectivity check whose path cannot be held: it has ended, or too many are. */
  'stun_no_path',
  /** DTLS of a session whose peer's certificate is not known yet. */
  'dtls_before_offer',
  /** Not a DTLS record, by its form. */
  'dtls_malformed',
  /** A DTLS record that fails authentication, or of an epoch without keys. */
  'dtls_forged',
  /** A DTLS record that arrived before, or is older than the replay window. */
  'dtls_replayed',
  /** A DTLS record out of place: plaintext after the handshake, or an authentic one that asks for what we do not do. */
  'dtls_unexpected',
  /** A handshake message that is malformed, out of place, or fails verification. */
  'dtls_handshake_rejected',
  /** SRTP or SRTCP before the handshake is done. Some is normal: media overtakes the last flight. */
  'srtp_before_keys',
  /** Not SRTP or SRTCP, by its form. */
  'srtp_malformed',
  /** SRTP or SRTCP that fails authentication. */
  'srtp_unauthentic',
  /** SRTP or SRTCP that arrived before, or is older than the replay window. */
  'srtp_replayed',
  /** SRTP or SRTCP of a new source of a peer that has as many as it may. */
  'srtp_too_many_ssrcs',
  /** An authentic RTP packet with a header that contradicts itself. */
  'rtp_malformed',
  /** RTP of a source that belongs to no negotiated section. */
  'rtp_unknown_ssrc',
  /** RTP of another payload type than the section's. */
  'rtp_wrong_payload_type',
  /** RTP of a stream beside the one that feeds its track: of several voices of a session, the last to begin is forwarded. */
  'rtp_unused_stream',
  /** RTP of a voice that the client has muted. */
  'rtp_muted',
  /** RTP that arrived too late to keep its place, counted once for each receiver that missed it for that. */
  'rtp_late',
  /** A compound RTCP packet that is malformed in part or whole. */
  'rtcp_malformed',
  /** SCTP before a description with a data channel section. */
  'sctp_before_offer',
  /** An SCTP packet that is malformed, or has a wrong checksum, port or verification tag. */
  'sctp_malformed',
  /** An SCTP chunk that is malformed, unknown, or out of place. */
  'sctp_chunk_unexpected',
  /** A data channel message for no open channel or of an unknown kind, and a channel refused. */
  'message_unexpected',
  /** A data channel message of a peer that sends more than it may. */
  'message_over_limit',
  /** Data for a peer without a DTLS connection. */
  'send_not_connected',
  /** A packet for a destination that is closed. */
  'send_slot_closed',
  /** A packet for a destination whose path has ended. */
  'send_path_ended',
  /** A packet above the size that we send. */
  'send_too_large',
  /** RTCP under keys that are used up. */
  'send_keys_exhausted',
  /** A datagram that the operating system refused, or that had no socket or no open path to go out on. */
  'send_error',
  /** A datagram that found the socket's queue full. */
  'send_queue_full',
] as const;

/** Why a packet or message is dropped; `DROP_REASONS` has what each means. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Drops by reason, as they are counted: on the packet path, one more is an increment. */
export type DropCounts = Record<DropReason, number>;

/** Which counters of a protocol count drops, and under which reason. */
export type DropSources<Stats> = { readonly [Counter in keyof Stats]?: DropReason };

/** Counts to begin with. */
export const noDrops = (): DropCounts => Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as DropCounts;

/** Adds one part's counts to those of the whole. */
export function addDrops(whole: DropCounts, part: Readonly<DropCounts>): void {
  for (const reason of DROP_REASONS) whole[reason] += part[reason];
}

/** Adds the drops among a protocol's counters. */
export function addDropsOf<Stats extends { readonly [Counter in keyof Stats]: number }>(
  whole: DropCounts,
  stats: Stats,
  sources: DropSources<Stats>,
): void {
  for (const counter of Object.keys(sources) as (keyof Stats)[]) {
    const reason = sources[counter];
    if (reason !== undefined) whole[reason] += stats[counter];
  }
}

/** Those that there are, for people. */
export const nonZeroDrops = (counts: Readonly<DropCounts>): Partial<DropCounts> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
