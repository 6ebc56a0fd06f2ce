//! Socket addresses as the kernel reads them.

use std::mem::size_of;
use std::net::{IpAddr, SocketAddr};

/// Bytes of the larger of the two forms.
const MAX_BYTES: usize = size_of::<libc::sockaddr_in6>();

/// The bytes of a `sockaddr_in` or a `sockaddr_in6`, aligned as they must be.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct SocketAddress {
    bytes: [u8; MAX_BYTES],
    length: u32,
}

impl SocketAddress {
    pub fn new(address: SocketAddr) -> Self {
        // The family is in the machine's byte order; port and address are in the network's (ip(7), ipv6(7)).
        let mut bytes = [0; MAX_BYTES];
        bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
        let (family, length) = match address.ip() {
            IpAddr::V4(ip) => {
                bytes[4..8].copy_from_slice(&ip.octets());
                (libc::AF_INET, size_of::<libc::sockaddr_in>())
            }
            IpAddr::V6(ip) => {
                bytes[8..24].copy_from_slice(&ip.octets());
                (libc::AF_INET6, size_of::<libc::sockaddr_in6>())
            }
        };
        bytes[..2].copy_from_slice(&(family as libc::sa_family_t).to_ne_bytes());
        Self {
            bytes,
            length: length as u32,
        }
    }

    /// The bytes that the kernel reads.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length as usize]
    }
}

const _: () = assert!(std::mem::align_of::<SocketAddress>() >= std::mem::align_of::<libc::sockaddr_in6>());
