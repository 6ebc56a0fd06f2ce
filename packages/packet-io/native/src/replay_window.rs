//! The packet indices seen from one source (RFC 3711 section 3.3.2).

/// Packets behind the newest one that may still arrive, as in the TypeScript plane.
pub const REPLAY_WINDOW_PACKETS: i64 = 1024;

/// One word more than the window fills: it starts in the middle of a word and ends in the middle of another.
const WINDOW_WORDS: i64 = REPLAY_WINDOW_PACKETS / 32 + 1;

/// The highest index, and a ring of bits for those just below it. A word of the ring is cleared when the window moves onto it.
pub struct ReplayWindow {
    highest: i64,
    bits: [u32; WINDOW_WORDS as usize],
}

impl ReplayWindow {
    /// Takes the first index as seen.
    pub fn new(first: i64) -> Self {
        let mut window = Self {
            highest: first,
            bits: [0; WINDOW_WORDS as usize],
        };
        window.mark(first);
        window
    }

    /// RFC 3711 section 3.3.1: of the indices that end in this sequence number, the one nearest to the highest seen. It is negative for
    /// one from before the first packet's cycle.
    pub fn estimate_index(&self, sequence_number: u16) -> i64 {
        let distance = sequence_number.wrapping_sub(self.highest as u16) as i16;
        self.highest + i64::from(distance)
    }

    /// Reports whether the index is new. Changes nothing: only an authentic packet may.
    pub fn admits(&self, index: i64) -> bool {
        if index > self.highest {
            return true;
        }
        index >= 0
            && self.is_among_newest(index, REPLAY_WINDOW_PACKETS)
            && self.bits[word_of(index)] & bit_of(index) == 0
    }

    /// Reports whether fewer than so many packets are newer.
    pub fn is_among_newest(&self, index: i64, packets: i64) -> bool {
        index > self.highest - packets
    }

    /// Records the index of an authentic packet that was admitted.
    pub fn accept(&mut self, index: i64) {
        if index > self.highest {
            let newest = index / 32;
            let oldest = (self.highest / 32 + 1).max(newest - WINDOW_WORDS + 1);
            for word in oldest..=newest {
                self.bits[(word % WINDOW_WORDS) as usize] = 0;
            }
            self.highest = index;
        }
        self.mark(index);
    }

    fn mark(&mut self, index: i64) {
        self.bits[word_of(index)] |= bit_of(index);
    }
}

/// Place of an index, which is not negative, in the ring.
fn word_of(index: i64) -> usize {
    (index / 32 % WINDOW_WORDS) as usize
}

fn bit_of(index: i64) -> u32 {
    1 << (index & 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn admits_each_index_of_the_window_once() {
        let mut window = ReplayWindow::new(5);
        let mut seen = HashSet::from([5]);
        let mut state = 1u32;
        for _ in 0..100_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let index = (window.highest + i64::from(state >> 16) % 1_200 - 1_100).max(0);
            let expected = index > window.highest || (index > window.highest - 1024 && !seen.contains(&index));
            assert_eq!(window.admits(index), expected, "{index} with {} seen", window.highest);
            if expected {
                window.accept(index);
                seen.insert(index);
            }
        }
    }

    #[test]
    fn estimates_the_index_nearest_to_the_highest() {
        assert_eq!(ReplayWindow::new(0xfff0).estimate_index(3), 0x1_0003);
        assert_eq!(ReplayWindow::new(0x1_0003).estimate_index(0xfff0), 0xfff0);
        assert_eq!(ReplayWindow::new(3).estimate_index(0xfff0), -16);
        assert!(!ReplayWindow::new(3).admits(-16));
    }
}
