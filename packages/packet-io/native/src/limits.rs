//! Bounds and fields of packets. They are those of `packages/packet-io/src/srtp`.

/// The largest packet that is protected or unprotected: all scratch memory has a fixed size.
pub const MAX_PACKET_BYTES: usize = 2048;

pub const AES_BLOCK_BYTES: usize = 16;

/// The fixed RTP header (RFC 3550 section 5.1), and the part of an RTCP packet that SRTCP leaves readable (RFC 3711 section 3.4).
pub const RTP_HEADER_BYTES: usize = 12;
pub const RTCP_HEADER_BYTES: usize = 8;

/// The word behind an SRTCP packet: a bit that marks it as encrypted, and a 31-bit index (RFC 3711 section 3.4).
pub const SRTCP_INDEX_BYTES: usize = 4;
pub const SRTCP_ENCRYPTED_FLAG: u32 = 0x8000_0000;
pub const MAX_SRTCP_INDEX: u32 = 0x7fff_ffff;
