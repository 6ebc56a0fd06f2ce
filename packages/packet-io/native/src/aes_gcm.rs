//! AEAD_AES_128_GCM of RFC 7714.
//!
//!     SRTP    header (associated data) | ciphertext | tag
//!     SRTCP   first 8 bytes (associated data) | ciphertext | tag | index word (associated data)

use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey, AES_128_GCM};

use crate::key_derivation::SessionKeys;
use crate::limits::{RTCP_HEADER_BYTES, SRTCP_ENCRYPTED_FLAG, SRTCP_INDEX_BYTES};
use crate::packet_format::{read_u32, rtcp_ssrc, rtp_sequence_number, rtp_ssrc, write_u32};
use crate::packet_iv::packet_iv;

pub const TAG_BYTES: usize = 16;
const IV_BYTES: usize = 12;

/// The SSRC follows two bytes of zeros in a 96-bit IV.
const IV_SSRC_OFFSET: usize = 2;

pub struct AesGcm {
    rtp: AeadKey,
    rtcp: AeadKey,
}

impl AesGcm {
    pub fn new(rtp: &SessionKeys, rtcp: &SessionKeys) -> Self {
        Self {
            rtp: AeadKey::new(rtp),
            rtcp: AeadKey::new(rtcp),
        }
    }

    /// Encrypts the text of `packet`, which ends where the tag begins, and writes the tag.
    pub fn protect_rtp(&self, packet: &mut [u8], header_length: usize, rollover_counter: u32) {
        let nonce = self.rtp.rtp_nonce(packet, rollover_counter);
        let end = packet.len() - TAG_BYTES;
        let (header, rest) = packet.split_at_mut(header_length);
        let (text, tag) = rest.split_at_mut(end - header_length);
        self.rtp.seal(nonce, header, text, tag);
    }

    pub fn unprotect_rtp(&self, packet: &mut [u8], header_length: usize, rollover_counter: u32) -> Option<usize> {
        let nonce = self.rtp.rtp_nonce(packet, rollover_counter);
        let (header, sealed) = packet.split_at_mut(header_length);
        Some(header_length + self.rtp.open(nonce, header, sealed)?)
    }

    pub fn protect_rtcp(&self, packet: &mut [u8], index: u32) {
        let index_offset = packet.len() - SRTCP_INDEX_BYTES;
        write_u32(packet, index_offset, SRTCP_ENCRYPTED_FLAG | index);
        let aad = rtcp_aad(packet, index_offset);
        let nonce = self.rtcp.nonce(rtcp_ssrc(packet), index.into());
        let (text, tag) =
            packet[RTCP_HEADER_BYTES..index_offset].split_at_mut(index_offset - RTCP_HEADER_BYTES - TAG_BYTES);
        self.rtcp.seal(nonce, &aad, text, tag);
    }

    pub fn unprotect_rtcp(&self, packet: &mut [u8]) -> Option<usize> {
        let index_offset = packet.len() - SRTCP_INDEX_BYTES;
        let index = read_u32(packet, index_offset) & !SRTCP_ENCRYPTED_FLAG;
        let aad = rtcp_aad(packet, index_offset);
        let nonce = self.rtcp.nonce(rtcp_ssrc(packet), index.into());
        let length = self
            .rtcp
            .open(nonce, &aad, &mut packet[RTCP_HEADER_BYTES..index_offset])?;
        Some(RTCP_HEADER_BYTES + length)
    }
}

/// The first 8 bytes and the index word, which in the packet stand apart (RFC 7714 section 9.2).
fn rtcp_aad(packet: &[u8], index_offset: usize) -> [u8; RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES] {
    let mut aad = [0; RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES];
    aad[..RTCP_HEADER_BYTES].copy_from_slice(&packet[..RTCP_HEADER_BYTES]);
    aad[RTCP_HEADER_BYTES..].copy_from_slice(&packet[index_offset..index_offset + SRTCP_INDEX_BYTES]);
    aad
}

struct AeadKey {
    key: LessSafeKey,
    salt: [u8; IV_BYTES],
}

impl AeadKey {
    fn new(keys: &SessionKeys) -> Self {
        let key = UnboundKey::new(&AES_128_GCM, &keys.cipher_key).expect("a key of 16 bytes");
        let mut salt = [0; IV_BYTES];
        salt.copy_from_slice(&keys.salt[..IV_BYTES]);
        Self {
            key: LessSafeKey::new(key),
            salt,
        }
    }

    fn rtp_nonce(&self, packet: &[u8], rollover_counter: u32) -> Nonce {
        self.nonce(
            rtp_ssrc(packet),
            u64::from(rollover_counter) << 16 | u64::from(rtp_sequence_number(packet)),
        )
    }

    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        Nonce::assume_unique_for_key(packet_iv(&self.salt, IV_SSRC_OFFSET, ssrc, index))
    }

    fn seal(&self, nonce: Nonce, aad: &[u8], text: &mut [u8], tag: &mut [u8]) {
        let sealed = self.key.seal_in_place_separate_tag(nonce, Aad::from(aad), text);
        tag.copy_from_slice(sealed.expect("a text of one packet").as_ref());
    }

    /// Returns the length of the text. What is in `sealed` after a failure is not specified.
    fn open(&self, nonce: Nonce, aad: &[u8], sealed: &mut [u8]) -> Option<usize> {
        self.key
            .open_in_place(nonce, Aad::from(aad), sealed)
            .ok()
            .map(|text| text.len())
    }
}
