//! AES_CM_128_HMAC_SHA1_80 of RFC 3711.
//!
//!     SRTP    header | ciphertext | tag
//!     SRTCP   first 8 bytes | ciphertext | index word | tag

use aes::cipher::{BlockEncrypt, KeyInit};
use aes::{Aes128Enc, Block};
use ring::hmac;

use crate::key_derivation::{SessionKeys, MAX_SALT_BYTES};
use crate::limits::{AES_BLOCK_BYTES, MAX_PACKET_BYTES, RTCP_HEADER_BYTES, SRTCP_ENCRYPTED_FLAG, SRTCP_INDEX_BYTES};
use crate::packet_format::{read_u32, rtcp_ssrc, rtp_sequence_number, rtp_ssrc, write_u32};
use crate::packet_iv::packet_iv;

/// HMAC-SHA1 truncated to 80 bits.
pub const TAG_BYTES: usize = 10;

/// The SSRC stands at 2^64 in the 128-bit IV.
const IV_SSRC_OFFSET: usize = 4;

const MAX_BLOCKS: usize = MAX_PACKET_BYTES / AES_BLOCK_BYTES;

pub struct AesCm {
    rtp: CipherAndMac,
    rtcp: CipherAndMac,
}

impl AesCm {
    pub fn new(rtp: &SessionKeys, rtcp: &SessionKeys) -> Self {
        Self {
            rtp: CipherAndMac::new(rtp),
            rtcp: CipherAndMac::new(rtcp),
        }
    }

    /// Encrypts the text of `packet`, which ends where the tag begins, and writes the tag.
    pub fn protect_rtp(&self, packet: &mut [u8], header_length: usize, rollover_counter: u32) {
        let end = packet.len() - TAG_BYTES;
        let (ssrc, index) = rtp_ids(packet, rollover_counter);
        self.rtp.apply_keystream(ssrc, index, &mut packet[header_length..end]);
        let (body, tag) = packet.split_at_mut(end);
        tag.copy_from_slice(&self.rtp.tag(body, &rollover_counter.to_be_bytes()));
    }

    pub fn unprotect_rtp(&self, packet: &mut [u8], header_length: usize, rollover_counter: u32) -> Option<usize> {
        let end = packet.len() - TAG_BYTES;
        let (body, tag) = packet.split_at_mut(end);
        if !is_equal_in_constant_time(tag, &self.rtp.tag(body, &rollover_counter.to_be_bytes())) {
            return None;
        }
        let (ssrc, index) = rtp_ids(body, rollover_counter);
        self.rtp.apply_keystream(ssrc, index, &mut body[header_length..]);
        Some(end)
    }

    pub fn protect_rtcp(&self, packet: &mut [u8], index: u32) {
        let tag_offset = packet.len() - TAG_BYTES;
        let end = tag_offset - SRTCP_INDEX_BYTES;
        self.rtcp
            .apply_keystream(rtcp_ssrc(packet), index.into(), &mut packet[RTCP_HEADER_BYTES..end]);
        write_u32(packet, end, SRTCP_ENCRYPTED_FLAG | index);
        let (body, tag) = packet.split_at_mut(tag_offset);
        tag.copy_from_slice(&self.rtcp.tag(body, &[]));
    }

    pub fn unprotect_rtcp(&self, packet: &mut [u8]) -> Option<usize> {
        let tag_offset = packet.len() - TAG_BYTES;
        let (body, tag) = packet.split_at_mut(tag_offset);
        if !is_equal_in_constant_time(tag, &self.rtcp.tag(body, &[])) {
            return None;
        }
        let end = tag_offset - SRTCP_INDEX_BYTES;
        let index = read_u32(body, end) & !SRTCP_ENCRYPTED_FLAG;
        self.rtcp
            .apply_keystream(rtcp_ssrc(body), index.into(), &mut body[RTCP_HEADER_BYTES..end]);
        Some(end)
    }
}

fn rtp_ids(packet: &[u8], rollover_counter: u32) -> (u32, u64) {
    (
        rtp_ssrc(packet),
        u64::from(rollover_counter) << 16 | u64::from(rtp_sequence_number(packet)),
    )
}

/// Tells nothing by time of how much is equal.
fn is_equal_in_constant_time(tag: &[u8], expected: &[u8; TAG_BYTES]) -> bool {
    tag.len() == TAG_BYTES
        && tag
            .iter()
            .zip(expected)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

struct CipherAndMac {
    cipher: Aes128Enc,
    mac: hmac::Key,
    salt: [u8; MAX_SALT_BYTES],
}

impl CipherAndMac {
    fn new(keys: &SessionKeys) -> Self {
        Self {
            cipher: Aes128Enc::new(&keys.cipher_key.into()),
            mac: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &keys.auth_key),
            salt: keys.salt,
        }
    }

    /// Encrypts or decrypts at most MAX_PACKET_BYTES: counter mode from 0, with the counter in the last two bytes of each block.
    fn apply_keystream(&self, ssrc: u32, index: u64, text: &mut [u8]) {
        let mut first = Block::default();
        first[..MAX_SALT_BYTES].copy_from_slice(&packet_iv(&self.salt, IV_SSRC_OFFSET, ssrc, index));
        let mut blocks = [Block::default(); MAX_BLOCKS];
        let blocks = &mut blocks[..text.len().div_ceil(AES_BLOCK_BYTES)];
        for (counter, block) in (0u16..).zip(blocks.iter_mut()) {
            *block = first;
            block[MAX_SALT_BYTES..].copy_from_slice(&counter.to_be_bytes());
        }
        self.cipher.encrypt_blocks(blocks);
        for (part, keystream) in text.chunks_mut(AES_BLOCK_BYTES).zip(blocks.iter()) {
            for (byte, mask) in part.iter_mut().zip(keystream) {
                *byte ^= mask;
            }
        }
    }

    /// RTP's tag also covers the rollover counter, which is not sent (RFC 3711 section 4.2).
    fn tag(&self, body: &[u8], suffix: &[u8]) -> [u8; TAG_BYTES] {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(body);
        context.update(suffix);
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&context.sign().as_ref()[..TAG_BYTES]);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    #[test]
    fn encrypts_with_the_keystream_of_rfc_3711_appendix_b_2() {
        let mut keys = SessionKeys::default();
        keys.cipher_key
            .copy_from_slice(&hex("2B7E151628AED2A6ABF7158809CF4F3C"));
        keys.salt.copy_from_slice(&hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
        let keystream =
            hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0");
        let mut packet = vec![0; 12 + keystream.len() + TAG_BYTES];
        AesCm::new(&keys, &keys).protect_rtp(&mut packet, 12, 0);
        assert_eq!(packet[12..12 + keystream.len()], keystream);
    }
}
