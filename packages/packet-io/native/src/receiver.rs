//! Section 3.3 of RFC 3711 for one peer, in its order: what costs nothing is checked first, then the tag, and only then does a packet
//! change any state.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::key_derivation::MasterKeys;
use crate::limits::{MAX_PACKET_BYTES, MAX_SRTCP_INDEX, RTCP_HEADER_BYTES};
use crate::packet_format::{has_version_2, read_u32, rtcp_ssrc, rtp_header_length, rtp_sequence_number, rtp_ssrc};
use crate::replay_window::ReplayWindow;
use crate::transform::Transform;

/// Reasons for which a packet is dropped, by their numbers in `SrtpDrop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drop {
    Malformed = -1,
    Unauthentic = -2,
    Replayed = -3,
    TooManySsrcs = -4,
}

/// A packet whose protection was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain {
    pub length: usize,
    pub rollover_counter: u32,
}

/// Totals that all receivers of a plane share.
#[derive(Default)]
pub struct ReceiveCounters {
    pub rtp_received: Cell<u64>,
    pub rtcp_received: Cell<u64>,
    pub malformed_drops: Cell<u64>,
    pub unauthentic_drops: Cell<u64>,
    pub replayed_drops: Cell<u64>,
    pub too_many_ssrcs_drops: Cell<u64>,
}

impl ReceiveCounters {
    fn count_drop(&self, drop: Drop) -> Drop {
        increment(match drop {
            Drop::Malformed => &self.malformed_drops,
            Drop::Unauthentic => &self.unauthentic_drops,
            Drop::Replayed => &self.replayed_drops,
            Drop::TooManySsrcs => &self.too_many_ssrcs_drops,
        });
        drop
    }
}

fn increment(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

pub struct Receiver {
    transform: Transform,
    rtp: Sources,
    rtcp: Sources,
    counters: Rc<ReceiveCounters>,
    /// Packets are decrypted here, and copied back if they are authentic: a packet that is not stays as it was.
    scratch: [u8; MAX_PACKET_BYTES],
}

impl Receiver {
    pub fn new(keys: &MasterKeys, max_ssrcs: usize, counters: Rc<ReceiveCounters>) -> Self {
        Self {
            transform: Transform::new(keys),
            rtp: Sources::new(max_ssrcs),
            rtcp: Sources::new(max_ssrcs),
            counters,
            scratch: [0; MAX_PACKET_BYTES],
        }
    }

    pub fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<Plain, Drop> {
        let plain = self.open_rtp(packet).map_err(|drop| self.counters.count_drop(drop))?;
        increment(&self.counters.rtp_received);
        Ok(plain)
    }

    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Drop> {
        let length = self.open_rtcp(packet).map_err(|drop| self.counters.count_drop(drop))?;
        increment(&self.counters.rtcp_received);
        Ok(length)
    }

    fn open_rtp(&mut self, packet: &mut [u8]) -> Result<Plain, Drop> {
        let end = packet
            .len()
            .checked_sub(self.transform.rtp_overhead())
            .ok_or(Drop::Malformed)?;
        let header_length = rtp_header_length(packet, end).ok_or(Drop::Malformed)?;
        let copy = self.scratch.get_mut(..packet.len()).ok_or(Drop::Malformed)?;
        let sequence_number = rtp_sequence_number(packet);
        let ssrc = rtp_ssrc(packet);
        let index = self.rtp.admit(ssrc, |window| match window {
            Some(window) => window.estimate_index(sequence_number),
            None => i64::from(sequence_number),
        })?;
        let rollover_counter = (index >> 16) as u32;
        copy.copy_from_slice(packet);
        let length = self
            .transform
            .unprotect_rtp(copy, header_length, rollover_counter)
            .ok_or(Drop::Unauthentic)?;
        packet[..length].copy_from_slice(&copy[..length]);
        self.rtp.accept(ssrc, index);
        Ok(Plain {
            length,
            rollover_counter,
        })
    }

    fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Drop> {
        if packet.len() < RTCP_HEADER_BYTES + self.transform.rtcp_overhead() || !has_version_2(packet) {
            return Err(Drop::Malformed);
        }
        let copy = self.scratch.get_mut(..packet.len()).ok_or(Drop::Malformed)?;
        let index_word = read_u32(packet, packet.len() - self.transform.rtcp_index_from_end());
        if index_word <= MAX_SRTCP_INDEX {
            return Err(Drop::Malformed);
        }
        let ssrc = rtcp_ssrc(packet);
        let index = self.rtcp.admit(ssrc, |_| i64::from(index_word & MAX_SRTCP_INDEX))?;
        copy.copy_from_slice(packet);
        let length = self.transform.unprotect_rtcp(copy).ok_or(Drop::Unauthentic)?;
        packet[..length].copy_from_slice(&copy[..length]);
        self.rtcp.accept(ssrc, index);
        Ok(length)
    }
}

/// Replay windows by SSRC. None is forgotten while the keys last, for its packets could be replayed.
struct Sources {
    max_ssrcs: usize,
    windows: HashMap<u32, Box<ReplayWindow>>,
}

impl Sources {
    fn new(max_ssrcs: usize) -> Self {
        Self {
            max_ssrcs,
            windows: HashMap::new(),
        }
    }

    /// Returns the index of a packet that may be new. Changes nothing.
    fn admit(&self, ssrc: u32, index_of: impl FnOnce(Option<&ReplayWindow>) -> i64) -> Result<i64, Drop> {
        let window = self.windows.get(&ssrc).map(Box::as_ref);
        if window.is_none() && self.windows.len() >= self.max_ssrcs {
            return Err(Drop::TooManySsrcs);
        }
        let index = index_of(window);
        match window {
            Some(window) if !window.admits(index) => Err(Drop::Replayed),
            _ => Ok(index),
        }
    }

    /// Records the index of an authentic packet that was admitted.
    fn accept(&mut self, ssrc: u32, index: i64) {
        match self.windows.get_mut(&ssrc) {
            Some(window) => window.accept(index),
            None => drop(self.windows.insert(ssrc, Box::new(ReplayWindow::new(index)))),
        }
    }
}
