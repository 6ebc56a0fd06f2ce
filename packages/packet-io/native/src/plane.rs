//! Destinations, keys and sockets. Knows nothing of calls: JavaScript decides what goes where.

use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;

use crate::descriptors::{checked_descriptors, Descriptor, InvalidDescriptor};
use crate::key_derivation::MasterKeys;
use crate::limits::{MAX_PACKET_BYTES, MAX_SRTCP_INDEX, RTCP_HEADER_BYTES};
use crate::outbox::{DatagramCounters, Outbox};
use crate::outgoing_streams::OutgoingStreams;
use crate::packet_format::{rtp_sequence_number, rtp_ssrc};
use crate::receiver::{ReceiveCounters, Receiver};
use crate::slot_table::{Route, Slot, SlotTable};
use crate::transform::Transform;

/// Running totals of what was sent, or was not.
#[derive(Default)]
pub struct SendCounters {
    pub rtp_sent: u64,
    pub rtp_sent_bytes: u64,
    pub rtcp_sent: u64,
    pub rtcp_sent_bytes: u64,
    pub slot_closed_drops: u64,
    pub unsendable_drops: u64,
    pub key_exhausted_drops: u64,
    pub reused_index_drops: u64,
}

/// Outcome of protecting a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protected {
    /// Queued for one of the sockets.
    Queued,
    /// Dropped and counted.
    Dropped,
    /// Written to the plane's scratch memory, for a carrier to send.
    ForCarrier(usize),
}

#[derive(Default)]
pub struct Plane {
    slots: SlotTable,
    outboxes: Vec<Outbox>,
    scratch: Scratch,
    pub counters: SendCounters,
    pub datagrams: DatagramCounters,
    pub received: Rc<ReceiveCounters>,
}

struct Scratch([u8; MAX_PACKET_BYTES]);

impl Default for Scratch {
    fn default() -> Self {
        Self([0; MAX_PACKET_BYTES])
    }
}

impl Plane {
    /// Adds a duplicate of a socket, and returns the number by which routes refer to it.
    pub fn add_socket(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        self.outboxes.push(Outbox::new(socket)?);
        Ok(self.outboxes.len() - 1)
    }

    /// Sends what waits, and closes the plane's duplicates of its sockets. What is sent from now on is a counted error.
    pub fn close(&mut self) {
        self.flush();
        self.outboxes.clear();
    }

    /// Returns the slot's number, or None if there are too many.
    pub fn open_slot(&mut self, keys: &MasterKeys, route: Route) -> Option<u32> {
        let transform = Transform::new(keys);
        self.slots.open(Slot {
            transform,
            route,
            streams: OutgoingStreams::default(),
            rtcp_index: 0,
        })
    }

    /// Gives a slot another route. Does nothing if it is closed.
    pub fn move_slot(&mut self, slot: u32, route: Route) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.route = route;
        }
    }

    pub fn close_slot(&mut self, slot: u32) {
        self.slots.close(slot);
    }

    pub fn create_receiver(&self, keys: &MasterKeys, max_ssrcs: usize) -> Receiver {
        Receiver::new(keys, max_ssrcs, Rc::clone(&self.received))
    }

    /// Protects RTP packets and queues them for the sockets. Returns how many it skipped, as their routes are carriers.
    pub fn send(&mut self, arena: &[u8], words: &[u32], count: usize) -> Result<usize, InvalidDescriptor> {
        let mut skipped = 0;
        for descriptor in checked_descriptors(arena, words, count)? {
            match self.slots.get_mut(descriptor.slot()) {
                Some(Slot {
                    route: Route::Carrier, ..
                }) => skipped += 1,
                _ => {
                    self.protect_rtp(arena, descriptor);
                }
            }
        }
        Ok(skipped)
    }

    /// Protects the one RTP packet of `words`, whatever its route.
    pub fn protect_one(&mut self, arena: &[u8], words: &[u32]) -> Result<Protected, InvalidDescriptor> {
        let descriptor = checked_descriptors(arena, words, 1)?.next().ok_or(InvalidDescriptor)?;
        Ok(self.protect_rtp(arena, descriptor))
    }

    fn protect_rtp(&mut self, arena: &[u8], descriptor: Descriptor<'_>) -> Protected {
        let Some(slot) = self.slots.get_mut(descriptor.slot()) else {
            self.counters.slot_closed_drops += 1;
            return Protected::Dropped;
        };
        let (head, payload) = (descriptor.head(arena), descriptor.payload(arena));
        let length = head.len() + payload.len() + slot.transform.rtp_overhead();
        if length > MAX_PACKET_BYTES {
            self.counters.unsendable_drops += 1;
            return Protected::Dropped;
        }
        let rollover_counter = descriptor.rollover_counter();
        let index = i64::from(rollover_counter) << 16 | i64::from(rtp_sequence_number(head));
        let stream = slot.streams.of(rtp_ssrc(head));
        if !stream.reaches(index) {
            self.counters.reused_index_drops += 1;
            return Protected::Dropped;
        }
        let Self {
            outboxes,
            scratch,
            datagrams,
            counters,
            ..
        } = self;
        Destination {
            outboxes,
            scratch,
            datagrams,
        }
        .write(slot.route, length, |packet| {
            packet[..head.len()].copy_from_slice(head);
            packet[head.len()..head.len() + payload.len()].copy_from_slice(payload);
            slot.transform
                .protect_rtp(packet, descriptor.header_length(), rollover_counter);
            let is_sent = stream.record(index, packet);
            if is_sent {
                counters.rtp_sent += 1;
                counters.rtp_sent_bytes += length as u64;
            } else {
                counters.reused_index_drops += 1;
            }
            is_sent
        })
    }

    /// Protects one compound RTCP packet.
    pub fn send_rtcp(&mut self, slot: u32, compound: &[u8]) -> Protected {
        let Some(slot) = self.slots.get_mut(slot) else {
            self.counters.slot_closed_drops += 1;
            return Protected::Dropped;
        };
        let length = compound.len() + slot.transform.rtcp_overhead();
        if compound.len() < RTCP_HEADER_BYTES || length > MAX_PACKET_BYTES {
            self.counters.unsendable_drops += 1;
            return Protected::Dropped;
        }
        let index = slot.rtcp_index;
        if index > MAX_SRTCP_INDEX {
            self.counters.key_exhausted_drops += 1;
            return Protected::Dropped;
        }
        slot.rtcp_index += 1;
        self.counters.rtcp_sent += 1;
        self.counters.rtcp_sent_bytes += length as u64;
        let Self {
            outboxes,
            scratch,
            datagrams,
            ..
        } = self;
        Destination {
            outboxes,
            scratch,
            datagrams,
        }
        .write(slot.route, length, |packet| {
            packet[..compound.len()].copy_from_slice(compound);
            slot.transform.protect_rtcp(packet, index);
            true
        })
    }

    /// Gives the kernel what is queued. Returns how many datagrams remain because its buffers are full.
    pub fn flush(&mut self) -> usize {
        self.outboxes
            .iter_mut()
            .map(|outbox| outbox.flush(&mut self.datagrams))
            .sum()
    }

    /// The packet for a carrier that was protected last.
    pub fn protected(&self) -> &[u8; MAX_PACKET_BYTES] {
        &self.scratch.0
    }
}

/// Memory that a protected packet goes to.
struct Destination<'a> {
    outboxes: &'a mut [Outbox],
    scratch: &'a mut Scratch,
    datagrams: &'a mut DatagramCounters,
}

impl Destination<'_> {
    /// Writes a packet, and queues it unless `write` returns false.
    fn write(self, route: Route, length: usize, write: impl FnOnce(&mut [u8]) -> bool) -> Protected {
        let Route::Socket { socket, address } = route else {
            let is_sent = write(&mut self.scratch.0[..length]);
            return if is_sent {
                Protected::ForCarrier(length)
            } else {
                Protected::Dropped
            };
        };
        let Some(outbox) = self.outboxes.get_mut(socket) else {
            self.datagrams.errors += 1;
            return Protected::Dropped;
        };
        let Some(room) = outbox.room(length, self.datagrams) else {
            return Protected::Dropped;
        };
        if !write(room) {
            return Protected::Dropped;
        }
        outbox.push(length, address);
        Protected::Queued
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_derivation::Profile;
    use crate::receiver::{Drop, Plain};
    use crate::socket_address::SocketAddress;
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    fn keys(profile: Profile) -> MasterKeys {
        MasterKeys::new(profile, &[7; 16], &[9; 14][..profile.salt_bytes()]).unwrap()
    }

    fn rtp(sequence_number: u16, length: usize) -> Vec<u8> {
        let mut packet = vec![sequence_number as u8; length];
        packet[..12].copy_from_slice(&[0x80, 111, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
        packet[2..4].copy_from_slice(&sequence_number.to_be_bytes());
        packet
    }

    #[test]
    fn what_a_slot_sends_a_receiver_takes_once() {
        for profile in [Profile::AesGcm, Profile::AesCm] {
            let here = UdpSocket::bind("127.0.0.1:0").unwrap();
            let there = UdpSocket::bind("127.0.0.1:0").unwrap();
            let mut plane = Plane::default();
            plane.add_socket(here.as_fd()).unwrap();
            let address = SocketAddress::new(there.local_addr().unwrap());
            let slot = plane
                .open_slot(&keys(profile), Route::Socket { socket: 0, address })
                .unwrap();
            let mut receiver = plane.create_receiver(&keys(profile), 2);
            let mut buffer = [0; MAX_PACKET_BYTES];
            for length in [12, 13, 27, 28, 29, 500, 1500, MAX_PACKET_BYTES - 16] {
                let packet = rtp(length as u16, length);
                let descriptor = [slot, 0, 0, 12, 0, 12, length as u32 - 12];
                assert_eq!(plane.send(&packet, &descriptor, 1), Ok(0));
                assert_eq!(plane.flush(), 0);
                let received = there.recv(&mut buffer).unwrap();
                let mut forged = buffer[..received].to_vec();
                forged[received - 1] ^= 1;
                let before = forged.clone();
                assert_eq!(receiver.unprotect_rtp(&mut forged), Err(Drop::Unauthentic));
                assert_eq!(forged, before);
                let mut copy = buffer[..received].to_vec();
                assert_eq!(
                    receiver.unprotect_rtp(&mut copy),
                    Ok(Plain {
                        length,
                        rollover_counter: 0
                    })
                );
                assert_eq!(copy[..length], packet);
                assert_eq!(receiver.unprotect_rtp(&mut buffer[..received]), Err(Drop::Replayed));
            }
            let compound = [0x80, 201, 0, 1, 1, 2, 3, 4];
            assert_eq!(plane.send_rtcp(slot, &compound), Protected::Queued);
            plane.flush();
            let received = there.recv(&mut buffer).unwrap();
            assert_eq!(receiver.unprotect_rtcp(&mut buffer[..received].to_vec()), Ok(8));
            assert_eq!(receiver.unprotect_rtcp(&mut buffer[..received]), Err(Drop::Replayed));
        }
    }

    #[test]
    fn a_slot_keeps_its_srtcp_index_when_it_moves_and_drops_once_it_is_closed() {
        let mut plane = Plane::default();
        let slot = plane.open_slot(&keys(Profile::AesGcm), Route::Carrier).unwrap();
        let mut receiver = plane.create_receiver(&keys(Profile::AesGcm), 1);
        let compound = [0x80, 201, 0, 1, 1, 2, 3, 4];
        for _ in 0..2 {
            let Protected::ForCarrier(length) = plane.send_rtcp(slot, &compound) else {
                panic!("not protected")
            };
            assert_eq!(
                receiver.unprotect_rtcp(&mut plane.protected()[..length].to_vec()),
                Ok(8)
            );
            plane.move_slot(slot, Route::Carrier);
        }
        plane.close_slot(slot);
        assert_ne!(plane.open_slot(&keys(Profile::AesGcm), Route::Carrier), Some(slot));
        plane.move_slot(slot, Route::Carrier);
        plane.close_slot(slot);
        assert_eq!(plane.send_rtcp(slot, &compound), Protected::Dropped);
        assert_eq!(plane.send(&rtp(1, 52), &[slot, 0, 0, 12, 0, 12, 40], 1), Ok(0));
        assert_eq!(plane.counters.slot_closed_drops, 2);
    }

    #[test]
    fn after_closing_a_send_is_a_counted_error() {
        let here = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = SocketAddress::new(here.local_addr().unwrap());
        let mut plane = Plane::default();
        plane.add_socket(here.as_fd()).unwrap();
        let slot = plane
            .open_slot(&keys(Profile::AesGcm), Route::Socket { socket: 0, address })
            .unwrap();
        plane.close();
        assert_eq!(plane.send(&rtp(1, 52), &[slot, 0, 0, 12, 0, 12, 40], 1), Ok(0));
        assert_eq!(plane.datagrams.errors, 1);
    }
}
