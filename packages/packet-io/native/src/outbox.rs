//! Datagrams that leave through one socket with one system call.

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;

use crate::limits::MAX_PACKET_BYTES;
use crate::socket_address::SocketAddress;

/// Datagrams that wait at most. `UdpSink` in TypeScript has the same bound.
pub const MAX_DATAGRAMS: usize = 512;

/// Running totals.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct DatagramCounters {
    pub sent: u64,
    pub sent_bytes: u64,
    /// Refused by the kernel, or without a socket.
    pub errors: u64,
    /// Dropped because the outbox was full, and the kernel's buffer too.
    pub queue_full: u64,
}

struct Datagram {
    offset: usize,
    length: usize,
    to: SocketAddress,
}

pub struct Outbox {
    socket: OwnedFd,
    /// Always MAX_DATAGRAMS * MAX_PACKET_BYTES. The kernel gives memory to pages that are written: few, as most packets are small.
    bytes: Vec<u8>,
    used: usize,
    datagrams: Vec<Datagram>,
    parts: Vec<libc::iovec>,
    messages: Vec<libc::mmsghdr>,
}

impl Outbox {
    /// Sends through a duplicate of a socket, which is the outbox's own.
    pub fn new(socket: BorrowedFd<'_>) -> io::Result<Self> {
        let socket = socket.try_clone_to_owned()?;
        forbid_reuse(&socket)?;
        Ok(Self {
            socket,
            bytes: vec![0; MAX_DATAGRAMS * MAX_PACKET_BYTES],
            used: 0,
            datagrams: Vec::with_capacity(MAX_DATAGRAMS),
            parts: Vec::with_capacity(MAX_DATAGRAMS),
            messages: Vec::with_capacity(MAX_DATAGRAMS),
        })
    }

    /// Room for a datagram of at most MAX_PACKET_BYTES, to be written and then pushed. None if the outbox is full and could not be emptied.
    pub fn room(&mut self, length: usize, counters: &mut DatagramCounters) -> Option<&mut [u8]> {
        if self.datagrams.len() == MAX_DATAGRAMS || self.used + length > self.bytes.len() {
            self.flush(counters);
        }
        if self.datagrams.len() == MAX_DATAGRAMS {
            counters.queue_full += 1;
            return None;
        }
        self.bytes.get_mut(self.used..self.used + length)
    }

    /// Queues the datagram that was written to the room of this length.
    pub fn push(&mut self, length: usize, to: SocketAddress) {
        debug_assert!(self.datagrams.len() < MAX_DATAGRAMS && self.used + length <= self.bytes.len());
        self.datagrams.push(Datagram {
            offset: self.used,
            length,
            to,
        });
        self.used += length;
    }

    /// Gives the kernel all that it takes. Returns how many datagrams remain because its buffer is full.
    pub fn flush(&mut self, counters: &mut DatagramCounters) -> usize {
        let mut done = 0;
        if !self.datagrams.is_empty() {
            self.describe();
        }
        while done < self.datagrams.len() {
            match self.send_from(done) {
                Ok(sent) => {
                    counters.sent += sent as u64;
                    counters.sent_bytes += self.datagrams[done..done + sent]
                        .iter()
                        .map(|d| d.length as u64)
                        .sum::<u64>();
                    done += sent;
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::WouldBlock => break,
                    _ => {
                        counters.errors += 1;
                        done += 1;
                    }
                },
            }
        }
        self.forget(done);
        self.datagrams.len()
    }

    /// Fills `parts` and `messages`, whose pointers are good until `bytes`, `datagrams` or `parts` change.
    fn describe(&mut self) {
        self.parts.clear();
        self.messages.clear();
        let bytes = self.bytes.as_mut_ptr();
        for &Datagram { offset, length, .. } in &self.datagrams {
            debug_assert!(offset + length <= self.bytes.len());
            // SAFETY: `push` keeps offset + length within `bytes`, so the result points into it or to its end.
            let iov_base = unsafe { bytes.add(offset) }.cast();
            self.parts.push(libc::iovec {
                iov_base,
                iov_len: length,
            });
        }
        for (Datagram { to, .. }, part) in self.datagrams.iter_mut().zip(&mut self.parts) {
            // SAFETY: a `msghdr` of zeros is one without address, parts and control data.
            let mut message: libc::mmsghdr = unsafe { zeroed() };
            message.msg_hdr.msg_name = to.bytes().as_ptr().cast_mut().cast();
            message.msg_hdr.msg_namelen = to.bytes().len() as libc::socklen_t;
            message.msg_hdr.msg_iov = ptr::from_mut(part);
            message.msg_hdr.msg_iovlen = 1;
            self.messages.push(message);
        }
    }

    /// Sends from the datagram `first` on. Returns how many the kernel took: at least one.
    fn send_from(&mut self, first: usize) -> io::Result<usize> {
        let messages = &mut self.messages[first..];
        let count = messages.len() as libc::c_uint;
        // SAFETY: `messages` are `count` headers. Since `describe`, neither `bytes`, `datagrams` nor `parts` has changed, so that each
        // header's pointers lead to as many bytes as it says; the kernel reads these, and writes to the headers alone.
        let sent = unsafe {
            libc::sendmmsg(
                self.socket.as_raw_fd(),
                messages.as_mut_ptr(),
                count,
                libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
            )
        };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }

    /// Removes the first datagrams, and moves the bytes of the others to the front.
    fn forget(&mut self, done: usize) {
        if done == self.datagrams.len() {
            self.datagrams.clear();
            self.used = 0;
            return;
        }
        let start = self.datagrams[done].offset;
        self.datagrams.drain(..done);
        self.bytes.copy_within(start..self.used, 0);
        self.used -= start;
        for datagram in &mut self.datagrams {
            datagram.offset -= start;
        }
    }
}

/// Node allows others to bind the address of a socket that it is given, which is ours alone.
fn forbid_reuse(socket: &OwnedFd) -> io::Result<()> {
    let off: libc::c_int = 0;
    // SAFETY: the value is an int that lives until the call returns, and the length is its own.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_REUSEADDR,
            ptr::from_ref(&off).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    fn queue(outbox: &mut Outbox, bytes: &[u8], to: SocketAddress, counters: &mut DatagramCounters) {
        if let Some(room) = outbox.room(bytes.len(), counters) {
            room.copy_from_slice(bytes);
            outbox.push(bytes.len(), to);
        }
    }

    fn pair(address: &str) -> (Outbox, UdpSocket, SocketAddress) {
        let here = UdpSocket::bind((address, 0)).unwrap();
        let there = UdpSocket::bind((address, 0)).unwrap();
        let to = SocketAddress::new(there.local_addr().unwrap());
        (Outbox::new(here.as_fd()).unwrap(), there, to)
    }

    #[test]
    fn all_datagrams_arrive_whole_and_in_order() {
        for address in ["127.0.0.1", "::1"] {
            let (mut outbox, there, to) = pair(address);
            let mut counters = DatagramCounters::default();
            for length in 1..=100 {
                queue(&mut outbox, &vec![length; length as usize], to, &mut counters);
            }
            assert_eq!(outbox.flush(&mut counters), 0);
            let mut buffer = [0; MAX_PACKET_BYTES];
            for length in 1..=100 {
                assert_eq!(there.recv(&mut buffer).unwrap(), length as usize);
                assert!(buffer[..length as usize].iter().all(|&byte| byte == length));
            }
            assert_eq!(
                counters,
                DatagramCounters {
                    sent: 100,
                    sent_bytes: 5050,
                    errors: 0,
                    queue_full: 0
                }
            );
        }
    }

    #[test]
    fn a_datagram_that_cannot_be_sent_holds_up_no_other() {
        let (mut outbox, there, to) = pair("127.0.0.1");
        let mut counters = DatagramCounters::default();
        let wrong_family = SocketAddress::new("[::1]:9".parse().unwrap());
        for to in [wrong_family, to, wrong_family, wrong_family, to] {
            queue(&mut outbox, &[7], to, &mut counters);
        }
        assert_eq!(outbox.flush(&mut counters), 0);
        assert_eq!((counters.sent, counters.errors), (2, 3));
        let mut buffer = [0; 2];
        assert_eq!(there.recv(&mut buffer).unwrap() + there.recv(&mut buffer).unwrap(), 2);
    }

    #[test]
    fn a_full_outbox_empties_itself() {
        let (mut outbox, there, to) = pair("127.0.0.1");
        let mut counters = DatagramCounters::default();
        for _ in 0..=MAX_DATAGRAMS {
            queue(&mut outbox, &[0; MAX_PACKET_BYTES], to, &mut counters);
        }
        assert_eq!((counters.sent, outbox.datagrams.len()), (MAX_DATAGRAMS as u64, 1));
        drop(there);
    }

    #[test]
    fn the_rest_moves_to_the_front_and_keeps_its_bytes() {
        let (mut outbox, there, to) = pair("127.0.0.1");
        let mut counters = DatagramCounters::default();
        for length in 1..=5 {
            queue(&mut outbox, &vec![length; length as usize], to, &mut counters);
        }
        outbox.forget(3);
        assert_eq!(outbox.used, 9);
        queue(&mut outbox, &[6; 6], to, &mut counters);
        assert_eq!(outbox.flush(&mut counters), 0);
        let mut buffer = [0; 16];
        for length in 4..=6 {
            assert_eq!(there.recv(&mut buffer).unwrap(), length as usize);
            assert!(buffer[..length as usize].iter().all(|&byte| byte == length));
        }
    }
}
