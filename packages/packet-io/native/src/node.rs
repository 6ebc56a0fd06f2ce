//! Bindings to Node. Every call is made on the JavaScript thread that made the plane, and calls no JavaScript back. Slices of typed arrays are
//! borrowed until return. A panic becomes an error in JavaScript: without `catch_unwind`, it would end the process.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{BorrowedFd, IntoRawFd};

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::key_derivation::{MasterKeys, Profile};
use crate::limits::MAX_PACKET_BYTES;
use crate::plane::{Plane, Protected};
use crate::receiver::Receiver;
use crate::slot_table::Route;
use crate::socket_address::SocketAddress;
use crate::udp_socket;

/// Returned by `send` for descriptors outside of the arena.
const INVALID_DESCRIPTOR: i32 = -1;

fn refused(message: impl ToString) -> Error {
    Error::new(Status::InvalidArg, message.to_string())
}

fn master_keys(is_gcm: bool, key: &[u8], salt: &[u8]) -> Result<MasterKeys> {
    let profile = if is_gcm { Profile::AesGcm } else { Profile::AesCm };
    MasterKeys::new(profile, key, salt)
        .ok_or_else(|| refused("master key or salt of another length than the profile's"))
}

/// A route through socket number `socket`, or through a carrier if that is negative.
fn route(socket: i32, address: &str, port: u32) -> Result<Route> {
    let Ok(socket) = usize::try_from(socket) else {
        return Ok(Route::Carrier);
    };
    let ip: IpAddr = address.parse().map_err(refused)?;
    let port = u16::try_from(port).map_err(refused)?;
    Ok(Route::Socket {
        socket,
        address: SocketAddress::new(SocketAddr::new(ip, port)),
    })
}

/// `INTERFACE_VERSION` of `native-addon.ts`.
#[napi(catch_unwind)]
pub fn interface_version() -> u32 {
    1
}

/// Binds a UDP socket and returns its descriptor, which is the caller's to close; or an error number below zero.
#[napi(catch_unwind)]
pub fn bind_udp(address: String, port: u32) -> Result<i32> {
    let ip: IpAddr = address.parse().map_err(refused)?;
    let port = u16::try_from(port).map_err(refused)?;
    match udp_socket::bind_udp(SocketAddr::new(ip, port)) {
        Ok(socket) => Ok(socket.into_raw_fd()),
        Err(error) => Ok(-error.raw_os_error().unwrap_or(libc::EINVAL)),
    }
}

#[napi]
pub struct NativePlane {
    plane: Plane,
}

#[napi]
impl NativePlane {
    #[napi(constructor)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self {
            plane: Plane::default(),
        }
    }

    /// Adds a duplicate of a socket, and returns its number.
    #[napi(catch_unwind)]
    pub fn add_socket(&mut self, fd: i32) -> Result<u32> {
        if fd < 0 {
            return Err(refused("a negative descriptor"));
        }
        // SAFETY: the descriptor is not -1. The kernel refuses one that is not open, and one that is open stays so until the call
        // returns: the socket behind it belongs to the thread that called.
        let socket = unsafe { BorrowedFd::borrow_raw(fd) };
        self.plane
            .add_socket(socket)
            .map(|number| number as u32)
            .map_err(refused)
    }

    /// Returns the slot's number, or -1 if there are too many.
    #[napi(catch_unwind)]
    pub fn open_slot(
        &mut self,
        is_gcm: bool,
        key: &[u8],
        salt: &[u8],
        socket: i32,
        address: String,
        port: u32,
    ) -> Result<i32> {
        let keys = master_keys(is_gcm, key, salt)?;
        let slot = self.plane.open_slot(&keys, route(socket, &address, port)?);
        Ok(slot.map_or(-1, |slot| slot as i32))
    }

    #[napi(catch_unwind)]
    pub fn move_slot(&mut self, slot: u32, socket: i32, address: String, port: u32) -> Result<()> {
        self.plane.move_slot(slot, route(socket, &address, port)?);
        Ok(())
    }

    #[napi(catch_unwind)]
    pub fn close_slot(&mut self, slot: u32) {
        self.plane.close_slot(slot);
    }

    /// Queues packets for the sockets. Returns how many were skipped, as they are for carriers; -1 if a descriptor is invalid.
    #[napi(catch_unwind)]
    pub fn send(&mut self, arena: &[u8], descriptors: &[u32], count: u32) -> i32 {
        self.plane
            .send(arena, descriptors, count as usize)
            .map_or(INVALID_DESCRIPTOR, |skipped| skipped as i32)
    }

    /// Protects the first packet of `descriptors`. Returns its length if it is for a carrier, and otherwise 0.
    #[napi(catch_unwind)]
    pub fn protect_rtp(&mut self, arena: &[u8], descriptors: &[u32]) -> i32 {
        self.plane
            .protect_one(arena, descriptors)
            .map_or(INVALID_DESCRIPTOR, length_for_carrier)
    }

    /// Protects a compound packet. Returns its length if it is for a carrier, and otherwise 0.
    #[napi(catch_unwind)]
    pub fn send_rtcp(&mut self, slot: u32, compound: &[u8]) -> i32 {
        length_for_carrier(self.plane.send_rtcp(slot, compound))
    }

    /// Copies the packet for a carrier that was protected last.
    #[napi(catch_unwind)]
    pub fn take_protected(&self, mut out: Uint8ArraySlice<'_>) -> Result<()> {
        // SAFETY: the array is borrowed until the call returns, which runs no JavaScript, and no other slice of it exists.
        let room = unsafe { out.as_mut() }
            .get_mut(..MAX_PACKET_BYTES)
            .ok_or_else(|| refused("less than MAX_PACKET_BYTES"))?;
        room.copy_from_slice(self.plane.protected());
        Ok(())
    }

    /// Gives the kernel what is queued. Returns how many datagrams remain because its buffers are full.
    #[napi(catch_unwind)]
    pub fn flush(&mut self) -> u32 {
        self.plane.flush() as u32
    }

    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.plane.close();
    }

    #[napi(catch_unwind)]
    pub fn create_receiver(&self, is_gcm: bool, key: &[u8], salt: &[u8], max_ssrcs: u32) -> Result<NativeReceiver> {
        let keys = master_keys(is_gcm, key, salt)?;
        Ok(NativeReceiver {
            receiver: self.plane.create_receiver(&keys, max_ssrcs as usize),
        })
    }

    /// Totals, in the order of `PLANE_COUNTERS` and `DATAGRAM_COUNTERS` in `native-addon.ts`.
    #[napi(catch_unwind)]
    pub fn counters(&self) -> Vec<f64> {
        let Plane {
            counters,
            received,
            datagrams,
            ..
        } = &self.plane;
        [
            counters.rtp_sent,
            counters.rtp_sent_bytes,
            counters.rtcp_sent,
            counters.rtcp_sent_bytes,
            counters.slot_closed_drops,
            counters.unsendable_drops,
            counters.key_exhausted_drops,
            counters.reused_index_drops,
            received.rtp_received.get(),
            received.rtcp_received.get(),
            received.malformed_drops.get(),
            received.unauthentic_drops.get(),
            received.replayed_drops.get(),
            received.too_many_ssrcs_drops.get(),
            datagrams.sent,
            datagrams.sent_bytes,
            datagrams.errors,
            datagrams.queue_full,
        ]
        .map(|count| count as f64)
        .into()
    }
}

fn length_for_carrier(protected: Protected) -> i32 {
    match protected {
        Protected::ForCarrier(length) => length as i32,
        Protected::Queued | Protected::Dropped => 0,
    }
}

#[napi]
pub struct NativeReceiver {
    receiver: Receiver,
}

#[napi]
impl NativeReceiver {
    /// Decrypts in place. Returns the rollover counter times 2 * MAX_PACKET_BYTES, plus the length; or an `SrtpDrop`.
    #[napi(catch_unwind)]
    pub fn unprotect_rtp(&mut self, mut packet: Uint8ArraySlice<'_>) -> f64 {
        // SAFETY: as in `take_protected`.
        match self.receiver.unprotect_rtp(unsafe { packet.as_mut() }) {
            Ok(plain) => f64::from(plain.rollover_counter) * (2 * MAX_PACKET_BYTES) as f64 + plain.length as f64,
            Err(drop) => f64::from(drop as i32),
        }
    }

    /// Decrypts in place. Returns the length, or an `SrtpDrop`.
    #[napi(catch_unwind)]
    pub fn unprotect_rtcp(&mut self, mut packet: Uint8ArraySlice<'_>) -> i32 {
        // SAFETY: as in `take_protected`.
        match self.receiver.unprotect_rtcp(unsafe { packet.as_mut() }) {
            Ok(length) => length as i32,
            Err(drop) => drop as i32,
        }
    }
}
