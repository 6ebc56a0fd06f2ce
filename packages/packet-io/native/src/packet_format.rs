//! Fields of RTP and RTCP headers. Callers have checked that the fixed header is there.

use crate::limits::RTP_HEADER_BYTES;

const SEQUENCE_OFFSET: usize = 2;
const RTP_SSRC_OFFSET: usize = 8;
const RTCP_SSRC_OFFSET: usize = 4;

pub fn read_u16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

pub fn read_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

pub fn write_u32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

pub fn rtp_sequence_number(packet: &[u8]) -> u16 {
    read_u16(packet, SEQUENCE_OFFSET)
}

pub fn rtp_ssrc(packet: &[u8]) -> u32 {
    read_u32(packet, RTP_SSRC_OFFSET)
}

pub fn rtcp_ssrc(packet: &[u8]) -> u32 {
    read_u32(packet, RTCP_SSRC_OFFSET)
}

pub fn has_version_2(packet: &[u8]) -> bool {
    packet[0] >> 6 == 2
}

/// Length of the header of an RTP packet that ends at `end`, which is at most the length of `packet`. None if it is no RTP, or ends
/// sooner.
pub fn rtp_header_length(packet: &[u8], end: usize) -> Option<usize> {
    if end < RTP_HEADER_BYTES || !has_version_2(packet) {
        return None;
    }
    let mut length = RTP_HEADER_BYTES + 4 * usize::from(packet[0] & 0x0f);
    if packet[0] & 0x10 != 0 {
        if length + 4 > end {
            return None;
        }
        length += 4 + 4 * usize::from(read_u16(packet, length + 2));
    }
    (length <= end).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(first: u8, extension_words: u16) -> Vec<u8> {
        let mut packet = vec![0; 64];
        packet[0] = first;
        packet[14..16].copy_from_slice(&extension_words.to_be_bytes());
        packet
    }

    #[test]
    fn a_header_ends_behind_its_sources_and_its_extension() {
        assert_eq!(rtp_header_length(&header(0x80, 0), 64), Some(12));
        assert_eq!(rtp_header_length(&header(0x82, 0), 64), Some(20));
        assert_eq!(rtp_header_length(&header(0x90, 3), 64), Some(28));
    }

    #[test]
    fn a_header_that_is_longer_than_its_packet_is_none() {
        assert_eq!(rtp_header_length(&header(0x80, 0), 11), None);
        assert_eq!(rtp_header_length(&header(0x8f, 0), 64), None);
        assert_eq!(rtp_header_length(&header(0x90, 0xffff), 64), None);
        assert_eq!(rtp_header_length(&header(0x90, 0), 15), None);
        assert_eq!(rtp_header_length(&header(0x40, 0), 64), None);
        assert_eq!(rtp_header_length(&[], 0), None);
    }
}
