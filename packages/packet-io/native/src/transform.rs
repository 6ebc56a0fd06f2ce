//! A cryptographic transform in the sense of RFC 3711 section 3.2.1: what one profile's session keys do to packets. It trusts the
//! lengths that it is given; callers have checked them. No two packets with one SSRC and index may differ.

use crate::aes_cm::{self, AesCm};
use crate::aes_gcm::{self, AesGcm};
use crate::key_derivation::{MasterKeys, Profile};
use crate::limits::SRTCP_INDEX_BYTES;

pub enum Transform {
    AesGcm(Box<AesGcm>),
    AesCm(Box<AesCm>),
}

impl Transform {
    pub fn new(keys: &MasterKeys) -> Self {
        let (rtp, rtcp) = (keys.rtp(), keys.rtcp());
        match keys.profile {
            Profile::AesGcm => Transform::AesGcm(Box::new(AesGcm::new(&rtp, &rtcp))),
            Profile::AesCm => Transform::AesCm(Box::new(AesCm::new(&rtp, &rtcp))),
        }
    }

    /// Bytes that protection adds to an RTP packet.
    pub fn rtp_overhead(&self) -> usize {
        match self {
            Transform::AesGcm(_) => aes_gcm::TAG_BYTES,
            Transform::AesCm(_) => aes_cm::TAG_BYTES,
        }
    }

    /// Bytes that protection adds to an RTCP packet.
    pub fn rtcp_overhead(&self) -> usize {
        self.rtp_overhead() + SRTCP_INDEX_BYTES
    }

    /// Offset of the SRTCP index word, counted from the packet's end.
    pub fn rtcp_index_from_end(&self) -> usize {
        match self {
            Transform::AesGcm(_) => SRTCP_INDEX_BYTES,
            Transform::AesCm(_) => SRTCP_INDEX_BYTES + aes_cm::TAG_BYTES,
        }
    }

    /// Protects in place. The last `rtp_overhead` bytes of `packet` are room for what is added.
    pub fn protect_rtp(&self, packet: &mut [u8], header_length: usize, rollover_counter: u32) {
        match self {
            Transform::AesGcm(gcm) => gcm.protect_rtp(packet, header_length, rollover_counter),
            Transform::AesCm(cm) => cm.protect_rtp(packet, header_length, rollover_counter),
        }
    }

    /// Protects in place. The last `rtcp_overhead` bytes of `packet` are room for what is added.
    pub fn protect_rtcp(&self, packet: &mut [u8], index: u32) {
        match self {
            Transform::AesGcm(gcm) => gcm.protect_rtcp(packet, index),
            Transform::AesCm(cm) => cm.protect_rtcp(packet, index),
        }
    }

    /// Authenticates and decrypts in place. Returns the plain packet's length; after None, the bytes are not specified.
    pub fn unprotect_rtp(&self, packet: &mut [u8], header_length: usize, rollover_counter: u32) -> Option<usize> {
        match self {
            Transform::AesGcm(gcm) => gcm.unprotect_rtp(packet, header_length, rollover_counter),
            Transform::AesCm(cm) => cm.unprotect_rtp(packet, header_length, rollover_counter),
        }
    }

    pub fn unprotect_rtcp(&self, packet: &mut [u8]) -> Option<usize> {
        match self {
            Transform::AesGcm(gcm) => gcm.unprotect_rtcp(packet),
            Transform::AesCm(cm) => cm.unprotect_rtcp(packet),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;
    use crate::key_derivation::SessionKeys;

    /// RFC 7714 sections 16.1 and 17.1: session keys are given, not derived.
    fn rfc_7714() -> AesGcm {
        let mut keys = SessionKeys::default();
        keys.cipher_key
            .copy_from_slice(&hex("000102030405060708090a0b0c0d0e0f"));
        keys.salt[..12].copy_from_slice(&hex("517569642070726f2071756f"));
        AesGcm::new(&keys, &keys)
    }

    #[test]
    fn protects_the_rtp_packet_of_rfc_7714_section_16_1() {
        let plain = hex(
            "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472
             6573",
        );
        let protected = hex(
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf
             8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        );
        let mut packet = plain.clone();
        packet.resize(plain.len() + 16, 0);
        rfc_7714().protect_rtp(&mut packet, 12, 0);
        assert_eq!(packet, protected);
        assert_eq!(rfc_7714().unprotect_rtp(&mut packet, 12, 0), Some(plain.len()));
        assert_eq!(packet[..plain.len()], plain);
        packet[20] ^= 1;
        assert_eq!(rfc_7714().unprotect_rtp(&mut packet, 12, 0), None);
    }

    #[test]
    fn protects_the_rtcp_packet_of_rfc_7714_section_17_1() {
        let plain = hex(
            "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef
             deadbeef",
        );
        let protected = hex(
            "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded
             0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4",
        );
        let mut packet = plain.clone();
        packet.resize(plain.len() + 20, 0);
        rfc_7714().protect_rtcp(&mut packet, 0x5d4);
        assert_eq!(packet, protected);
        assert_eq!(rfc_7714().unprotect_rtcp(&mut packet), Some(plain.len()));
        assert_eq!(packet[..plain.len()], plain);
    }
}
