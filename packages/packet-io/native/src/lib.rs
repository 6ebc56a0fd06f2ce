//! The packet plane of `@rtcd/packet-io` in native code. The interface, and the reasons for it, are in `docs/packet-io.md`.

mod aes_cm;
mod aes_gcm;
mod descriptors;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hex;
mod key_derivation;
mod limits;
#[cfg(feature = "node")]
mod node;
mod outbox;
mod outgoing_streams;
mod packet_format;
mod packet_iv;
mod plane;
mod receiver;
mod replay_window;
mod slot_table;
mod socket_address;
mod transform;
#[cfg(feature = "node")]
mod udp_socket;
