/**
 * Drops by reason, the `reason` of `rtcd_rtc_drops_total`. Each drop counts under one of them, so that the sum of all is the number of drops.
 * Reasons up to `message_over_limit` are about what arrives, in the order in which it is checked. A class, so that an increment on the packet
 * path is one to a field at a known place.
 */
export class DropCounts {
  /** A datagram from UDP port 0, to which nothing can be sent back. */
  source_port_zero = 0;
  /** A TCP connection closed at once, as its network, or all together, have as many without a session as they may. */
  tcp_over_limit = 0;
  /** A TCP connection closed because no authentic check came on it in time, or what came is not framed. */
  tcp_no_session = 0;
  /** A frame on a TCP connection that is larger than any packet. */
  tcp_frame_too_large = 0;
  /** A datagram from an address that is no session's, or a connectivity check that names no session. */
  no_session = 0;
  /** The first byte is that of no protocol of ours (RFC 7983), or there is no second one. */
  unknown_protocol = 0;
  /** RTP or RTCP of a peer that sends more packets or bytes than any sender needs. */
  media_over_limit = 0;
  /** DTLS of a peer that sends more packets or bytes than it may. */
  dtls_over_limit = 0;
  /** STUN for a session that is sent more checks than it may get. */
  stun_over_limit = 0;
  /** Not a STUN message, by its form. */
  stun_malformed = 0;
  /** A STUN message other than a binding request, or an answer to none of ours. */
  stun_unexpected = 0;
  /** A connectivity check with another username than the session's: stale credentials, or none of ours. */
  stun_wrong_username = 0;
  /** A connectivity check that is not signed with the session's password. */
  stun_unauthentic = 0;
  /** An authentic connectivity check that came before, from another address. */
  stun_replayed = 0;
  /** An authentic connectivity check whose path cannot be held: it has ended, or too many are. */
  stun_no_path = 0;
  /** A message from a TURN server that is none, by its form. */
  turn_malformed = 0;
  /** A message from a TURN server that answers none of ours, or data of a peer without permission. */
  turn_unexpected = 0;
  /** An answer of a TURN server with a wrong signature. */
  turn_unauthentic = 0;
  /** DTLS of a session whose peer's certificate is not known yet. */
  dtls_before_offer = 0;
  /** Not a DTLS record, by its form. */
  dtls_malformed = 0;
  /** A DTLS record that fails authentication, or of an epoch without keys. */
  dtls_forged = 0;
  /** A DTLS record that arrived before, or is older than the replay window. */
  dtls_replayed = 0;
  /** A DTLS record out of place: plaintext after the handshake, or an authentic one that asks for what we do not do. */
  dtls_unexpected = 0;
  /** A handshake message that is malformed, out of place, or fails verification. */
  dtls_handshake_rejected = 0;
  /** SRTP or SRTCP before the handshake is done. Some is normal: media overtakes the last flight. */
  srtp_before_keys = 0;
  /** Not SRTP or SRTCP, by its form. */
  srtp_malformed = 0;
  /** SRTP or SRTCP that fails authentication. */
  srtp_unauthentic = 0;
  /** SRTP or SRTCP that arrived before, or is older than the replay window. */
  srtp_replayed = 0;
  /** SRTP or SRTCP of a new source of a peer that has as many as it may. */
  srtp_too_many_ssrcs = 0;
  /** An authentic RTP packet with a header that contradicts itself. */
  rtp_malformed = 0;
  /** RTP of a source that belongs to no negotiated section. */
  rtp_unknown_ssrc = 0;
  /** RTP of a payload type that the section does not have. */
  rtp_wrong_payload_type = 0;
  /** RTP of another of the section's codecs than the one that flows: the rest of the one before, or of one whose key frame is not there yet. */
  rtp_other_codec = 0;
  /** RTP of a stream beside the one that feeds its track: of several voices of a session, the last to begin is forwarded. */
  rtp_unused_stream = 0;
  /** RTP of a voice that the client has muted. */
  rtp_muted = 0;
  /** RTP of a voice that is not among the loudest of its call, where only those are forwarded. */
  rtp_inactive_voice = 0;
  /** A dependency descriptor that is cut short, or longer than 128 bytes: its packet is forwarded without it. */
  rtp_descriptor_left_out = 0;
  /** RTP that arrived too late to keep its place, counted once for each receiver that missed it for that, or too late to know whether it came before. */
  rtp_late = 0;
  /** RTP that arrived before. */
  rtp_repeated = 0;
  /** A compound RTCP packet that is malformed in part or whole. */
  rtcp_malformed = 0;
  /** A NACK for a packet that was never sent, or so long ago that it is not kept. */
  nack_not_kept = 0;
  /** A NACK for a packet of an encoding that the receiver is no longer sent. */
  nack_outdated = 0;
  /** A NACK for a packet that waits to leave, or was sent again less than a round trip ago. */
  nack_repeated = 0;
  /** A NACK of a receiver that asks for more packets again than it was sent. */
  nack_over_limit = 0;
  /** A packet to a receiver that has more packets waiting than may. Those of the same video that wait are dropped with it. */
  pacer_full = 0;
  /** A packet to a receiver that waited too long to leave. Those of the same video that wait are dropped with it. */
  pacer_expired = 0;
  /** A packet that waited when its video was paused, or continued in another encoding. */
  pacer_outdated = 0;
  /** A packet to a receiver whose payload was not kept as long as it waited. */
  pacer_not_kept = 0;
  /** SCTP before a description with a data channel section. */
  sctp_before_offer = 0;
  /** An SCTP packet that is malformed, or has a wrong checksum, port or verification tag. */
  sctp_malformed = 0;
  /** An SCTP chunk that is malformed, unknown, or out of place. */
  sctp_chunk_unexpected = 0;
  /** A data channel message for no open channel, of an unknown kind or of one that only we send, and a channel refused. */
  message_unexpected = 0;
  /** A data channel message of a peer that sends more than it may. */
  message_over_limit = 0;
  /** Data for a peer without a DTLS connection. */
  send_not_connected = 0;
  /** DTLS or data to an address where the peer has not proved to be, beyond three times what came from there. */
  send_unproven_path = 0;
  /** A packet for a destination that is closed. */
  send_slot_closed = 0;
  /** A packet for a destination whose path has ended. */
  send_path_ended = 0;
  /** A packet above the size that we send. */
  send_too_large = 0;
  /** RTCP under keys that are used up. */
  send_keys_exhausted = 0;
  /** RTP with an SRTP index far behind the newest of its stream: sent again too late, or under numbers that have restarted. */
  send_index_reused = 0;
  /** A datagram that the operating system refused, or that had no socket or no open path to go out on. */
  send_error = 0;
  /** A datagram or request that could not go to a TURN server: no allocation, too large, or too many wait. */
  send_relay = 0;
  /** A datagram that found the socket's queue full, or that of a TCP connection. */
  send_queue_full = 0;
  /** RTP or RTCP that waited too long for a peer that reads its TCP connection too slowly. */
  send_expired = 0;
}

/** Reasons for which a packet or message is dropped; `DropCounts` documents each. */
export type DropReason = keyof DropCounts;

/** All reasons. */
export const DROP_REASONS = Object.keys(new DropCounts()) as readonly DropReason[];

/** Drop reasons by the counters of a protocol. */
export type DropSources<Stats> = readonly (readonly [counter: keyof Stats, reason: DropReason])[];

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
  for (const [counter, reason] of sources) whole[reason] += stats[counter];
}

/** Those that there are, for people. */
export const nonZeroDrops = (counts: Readonly<DropCounts>): Partial<DropCounts> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
