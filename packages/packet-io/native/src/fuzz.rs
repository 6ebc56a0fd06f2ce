//! Random descriptors and random packets: `cargo test` tries some, and `FUZZ_SECONDS=600 cargo test --release fuzz` as many as it can.

use std::time::{Duration, Instant};

use crate::key_derivation::{MasterKeys, Profile};
use crate::limits::MAX_PACKET_BYTES;
use crate::plane::{Plane, Protected};
use crate::receiver::{Drop, Plain};
use crate::slot_table::Route;

const ROUNDS: u32 = if cfg!(miri) { 50 } else { 20_000 };

/// SplitMix64: each run is the same, unless FUZZ_SEED says otherwise.
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        Self(std::env::var("FUZZ_SEED").map_or(1, |seed| seed.parse().expect("FUZZ_SEED is a number")))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// Repeats a trial ROUNDS times, or for FUZZ_SECONDS.
fn repeat(mut trial: impl FnMut()) {
    let seconds = std::env::var("FUZZ_SECONDS").map(|seconds| seconds.parse().expect("FUZZ_SECONDS is a number"));
    let deadline = seconds
        .ok()
        .map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut round = 0;
    while deadline.map_or(round < ROUNDS, |deadline| Instant::now() < deadline) {
        trial();
        round += 1;
    }
}

fn keys(profile: Profile) -> MasterKeys {
    MasterKeys::new(profile, &[7; 16], &[9; 14][..profile.salt_bytes()]).unwrap()
}

/// A plane with a slot whose packets stay here.
fn plane(profile: Profile) -> (Plane, u32) {
    let mut plane = Plane::default();
    let slot = plane.open_slot(&keys(profile), Route::Carrier).unwrap();
    (plane, slot)
}

#[test]
fn descriptors_of_any_kind_are_refused_or_sent_whole() {
    let mut random = Random::seeded();
    for profile in [Profile::AesGcm, Profile::AesCm] {
        let (mut plane, mut slot) = plane(profile);
        let mut arena = random.bytes(3_000);
        let mut protected = 0;
        repeat(|| {
            // A slot remembers each of its streams, and here nearly every packet is one.
            if random.below(1_000) == 0 {
                plane.close_slot(slot);
                slot = plane.open_slot(&keys(profile), Route::Carrier).unwrap();
            }
            let mut words = [slot, 0, 0, 0, 0, 0, 0];
            for (word, limit) in words[1..].iter_mut().zip([9, 2_000, 60, 30, 2_000, 1_200]) {
                *word = random.below(limit) as u32;
            }
            if random.below(4) == 0 {
                words[random.below(7)] = random.next() as u32 | (random.next() as u32 & 1) << 31;
            }
            let at = random.below(arena.len());
            arena[at] = random.next() as u8;
            let count = if random.below(8) == 0 {
                random.next() as usize
            } else {
                1
            };
            let sent = plane.send(&arena, &words, count);
            assert!(count <= 1 || sent.is_err());
            if let Ok(Protected::ForCarrier(length)) = plane.protect_one(&arena, &words) {
                let text = words[3] as usize + words[4] as usize + words[6] as usize;
                assert!(length > text && length <= MAX_PACKET_BYTES);
                protected += 1;
            }
        });
        assert!(protected > 0);
    }
}

#[test]
fn received_bytes_of_any_kind_change_nothing_unless_authentic() {
    let mut random = Random::seeded();
    for profile in [Profile::AesGcm, Profile::AesCm] {
        let (mut plane, slot) = plane(profile);
        let mut receiver = plane.create_receiver(&keys(profile), 4);
        let mut sequence_number = 0u16;
        let mut rollover_counter = 0;
        repeat(|| {
            let rtp = {
                let length = 12 + random.below(400);
                let mut packet = random.bytes(length);
                packet[..2].copy_from_slice(&[0x80, 111]);
                packet[2..4].copy_from_slice(&sequence_number.to_be_bytes());
                packet[8..12].copy_from_slice(&[0, 0, 0, random.below(3) as u8]);
                packet
            };
            let words = [slot, rollover_counter, 0, 12, 0, 12, rtp.len() as u32 - 12];
            let length = match plane.protect_one(&rtp, &words) {
                Ok(Protected::ForCarrier(length)) => length,
                other => panic!("{other:?}"),
            };
            let authentic = plane.protected()[..length].to_vec();

            let mut changed = authentic.clone();
            for _ in 0..=random.below(3) {
                match random.below(4) {
                    0 => changed.truncate(random.below(changed.len() + 1)),
                    1 => {
                        let more = random.below(2_200);
                        changed.extend(random.bytes(more));
                    }
                    2 if !changed.is_empty() => changed[0] = random.next() as u8,
                    _ if !changed.is_empty() => {
                        let at = random.below(changed.len());
                        changed[at] ^= 1 << random.below(8);
                    }
                    _ => {}
                }
            }
            let before = changed.clone();
            if changed != authentic {
                assert!(receiver.unprotect_rtp(&mut changed).is_err());
            }
            assert!(receiver.unprotect_rtcp(&mut changed).is_err());
            assert_eq!(changed, before);

            // What is not authentic has changed no window either.
            let mut taken = authentic.clone();
            assert_eq!(
                receiver.unprotect_rtp(&mut taken),
                Ok(Plain {
                    length: rtp.len(),
                    rollover_counter
                })
            );
            assert_eq!(taken[..rtp.len()], rtp);
            assert_eq!(receiver.unprotect_rtp(&mut authentic.clone()), Err(Drop::Replayed));
            (sequence_number, rollover_counter) = match sequence_number.checked_add(1) {
                Some(next) => (next, rollover_counter),
                None => (0, rollover_counter + 1),
            };
        });
    }
}
