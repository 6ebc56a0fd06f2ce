//! Sockets that are bound here and received from in Node, which shows no descriptor of a socket that it makes itself.

use std::io;
use std::mem::size_of;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

use crate::socket_address::SocketAddress;

/// Binds a UDP socket to an address, for itself alone, and one of IPv6 to IPv6 alone.
pub fn bind_udp(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() {
        libc::AF_INET
    } else {
        libc::AF_INET6
    };
    // SAFETY: the call takes no pointers.
    let fd = unsafe { libc::socket(family, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor, and nothing else knows it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    if address.is_ipv6() {
        let on: libc::c_int = 1;
        // SAFETY: the value is an int that lives until the call returns, and the length is its own.
        let result = unsafe {
            let length = size_of::<libc::c_int>() as libc::socklen_t;
            libc::setsockopt(
                fd,
                libc::IPPROTO_IPV6,
                libc::IPV6_V6ONLY,
                ptr::from_ref(&on).cast(),
                length,
            )
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    let address = SocketAddress::new(address);
    let bytes = address.bytes();
    // SAFETY: `bytes` are a socket address of its family, aligned as such, and live until the call returns; the length is theirs.
    let result = unsafe {
        libc::bind(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len() as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(socket)
    } else {
        Err(io::Error::last_os_error())
    }
}
