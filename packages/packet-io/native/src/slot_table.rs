//! Destinations by number. A number is a place in the table, and above that how often the place was used before: a stale number finds
//! nothing rather than the place's next owner.

use crate::outgoing_streams::OutgoingStreams;
use crate::socket_address::SocketAddress;
use crate::transform::Transform;

const PLACE_BITS: u32 = 20;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// 30 bits in all, which V8 keeps as a small integer.
const GENERATION_MASK: u32 = 0x3ff;

pub const MAX_SLOTS: usize = PLACE_MASK as usize + 1;

/// Way from here to a slot's remote.
#[derive(Clone, Copy)]
pub enum Route {
    /// Through one of the plane's sockets.
    Socket { socket: usize, address: SocketAddress },
    /// Through something that only JavaScript knows: a TCP connection, a relay, or a socket of its own.
    Carrier,
}

pub struct Slot {
    pub transform: Transform,
    pub route: Route,
    pub streams: OutgoingStreams,
    /// Index of the next SRTCP packet: counts from 0 per key (RFC 3711 section 3.4).
    pub rtcp_index: u32,
}

#[derive(Default)]
struct Place {
    generation: u32,
    slot: Option<Slot>,
}

#[derive(Default)]
pub struct SlotTable {
    places: Vec<Place>,
    free: Vec<u32>,
}

impl SlotTable {
    /// Returns the slot's number, or None if there are MAX_SLOTS.
    pub fn open(&mut self, slot: Slot) -> Option<u32> {
        let place = match self.free.pop() {
            Some(place) => place,
            None if self.places.len() == MAX_SLOTS => return None,
            None => {
                self.places.push(Place::default());
                (self.places.len() - 1) as u32
            }
        };
        let entry = &mut self.places[place as usize];
        entry.slot = Some(slot);
        Some(entry.generation << PLACE_BITS | place)
    }

    pub fn get_mut(&mut self, id: u32) -> Option<&mut Slot> {
        let entry = self.places.get_mut((id & PLACE_MASK) as usize)?;
        if entry.generation != id >> PLACE_BITS {
            return None;
        }
        entry.slot.as_mut()
    }

    /// Forgets a slot and its keys. Does nothing if it is closed.
    pub fn close(&mut self, id: u32) {
        if self.get_mut(id).is_none() {
            return;
        }
        let place = id & PLACE_MASK;
        let entry = &mut self.places[place as usize];
        entry.slot = None;
        entry.generation = (entry.generation + 1) & GENERATION_MASK;
        self.free.push(place);
    }
}
