//! Session keys from the keying material of a handshake: RFC 3711 section 4.3 with a key derivation rate of 0.

use aes::cipher::{BlockEncrypt, KeyInit};
use aes::{Aes128Enc, Block};

use crate::limits::AES_BLOCK_BYTES;

/// SRTP protection profiles: AEAD_AES_128_GCM of RFC 7714, and AES_CM_128_HMAC_SHA1_80 of RFC 3711.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    AesGcm,
    AesCm,
}

impl Profile {
    pub fn salt_bytes(self) -> usize {
        match self {
            Profile::AesGcm => 12,
            Profile::AesCm => 14,
        }
    }
}

pub const KEY_BYTES: usize = 16;
/// Space for the salt of either profile. A 96-bit salt is used as if followed by 16 zero bits (RFC 7714 section 11).
pub const MAX_SALT_BYTES: usize = 14;
pub const AUTH_KEY_BYTES: usize = 20;

/// Keying material for one direction, of which the lengths have been checked.
pub struct MasterKeys {
    pub profile: Profile,
    key: [u8; KEY_BYTES],
    salt: [u8; MAX_SALT_BYTES],
}

impl MasterKeys {
    /// None if the key or the salt does not have the length of the profile.
    pub fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Option<Self> {
        if salt.len() != profile.salt_bytes() {
            return None;
        }
        let mut padded = [0; MAX_SALT_BYTES];
        padded[..salt.len()].copy_from_slice(salt);
        Some(Self {
            profile,
            key: key.try_into().ok()?,
            salt: padded,
        })
    }

    pub fn rtp(&self) -> SessionKeys {
        self.derive([0, 1, 2])
    }

    pub fn rtcp(&self) -> SessionKeys {
        self.derive([3, 4, 5])
    }

    /// Labels of RFC 3711 section 4.3.2: of the cipher key, the authentication key, and the salt.
    fn derive(&self, [cipher, auth, salt]: [u8; 3]) -> SessionKeys {
        let master = Aes128Enc::new(&self.key.into());
        let mut keys = SessionKeys::default();
        derive_key(&master, &self.salt, cipher, &mut keys.cipher_key);
        derive_key(&master, &self.salt, auth, &mut keys.auth_key);
        derive_key(&master, &self.salt, salt, &mut keys.salt);
        keys
    }
}

/// Session keys for the packets of one protocol in one direction. GCM uses the first 12 bytes of the salt, and no authentication key.
#[derive(Default)]
pub struct SessionKeys {
    pub cipher_key: [u8; KEY_BYTES],
    pub auth_key: [u8; AUTH_KEY_BYTES],
    pub salt: [u8; MAX_SALT_BYTES],
}

/// Byte of the 112-bit salt that the label falls on: it stands above a 48-bit packet index (RFC 3711 section 4.3.1).
const LABEL_OFFSET: usize = 7;

/// The AES-CM pseudo-random function of RFC 3711 section 4.3.3.
fn derive_key(master: &Aes128Enc, master_salt: &[u8; MAX_SALT_BYTES], label: u8, out: &mut [u8]) {
    for (counter, part) in (0..).zip(out.chunks_mut(AES_BLOCK_BYTES)) {
        let mut block = Block::default();
        block[..MAX_SALT_BYTES].copy_from_slice(master_salt);
        block[LABEL_OFFSET] ^= label;
        block[AES_BLOCK_BYTES - 1] = counter;
        master.encrypt_block(&mut block);
        part.copy_from_slice(&block[..part.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    #[test]
    fn derives_the_keys_of_rfc_3711_appendix_b_3() {
        let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
        let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
        let keys = MasterKeys::new(Profile::AesCm, &key, &salt).unwrap().rtp();
        assert_eq!(keys.cipher_key[..], hex("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(keys.salt[..], hex("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(keys.auth_key[..], hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
    }

    #[test]
    fn refuses_keys_of_another_length() {
        assert!(MasterKeys::new(Profile::AesGcm, &[0; 16], &[0; 12]).is_some());
        assert!(MasterKeys::new(Profile::AesGcm, &[0; 16], &[0; 14]).is_none());
        assert!(MasterKeys::new(Profile::AesCm, &[0; 15], &[0; 14]).is_none());
    }
}
