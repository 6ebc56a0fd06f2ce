//! The descriptors given to `send`. They come from JavaScript, and all of them are checked before any packet of a call is sent.

use crate::limits::RTP_HEADER_BYTES;

/// Words of one descriptor: slot, rollover counter, header offset, header length, prefix length, payload offset, payload length.
pub const DESCRIPTOR_WORDS: usize = 7;

#[derive(Clone, Copy)]
pub struct Descriptor<'a> {
    words: &'a [u32; DESCRIPTOR_WORDS],
}

/// A descriptor that points outside of the arena, or a count that is larger than the descriptors.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidDescriptor;

impl<'a> Descriptor<'a> {
    pub fn slot(self) -> u32 {
        self.words[0]
    }

    pub fn rollover_counter(self) -> u32 {
        self.words[1]
    }

    pub fn header_length(self) -> usize {
        self.words[3] as usize
    }

    /// Header and prefix, which are next to each other.
    pub fn head(self, arena: &'a [u8]) -> &'a [u8] {
        part(
            arena,
            self.words[2],
            u64::from(self.words[3]) + u64::from(self.words[4]),
        )
        .unwrap_or_default()
    }

    pub fn payload(self, arena: &'a [u8]) -> &'a [u8] {
        part(arena, self.words[5], self.words[6].into()).unwrap_or_default()
    }

    fn is_valid(self, arena: &[u8]) -> bool {
        let [_, _, header_offset, header_length, prefix_length, payload_offset, payload_length] = *self.words;
        header_length as usize >= RTP_HEADER_BYTES
            && part(
                arena,
                header_offset,
                u64::from(header_length) + u64::from(prefix_length),
            )
            .is_some()
            && part(arena, payload_offset, payload_length.into()).is_some()
    }
}

/// None if the part is not whole. In 64 bits, sums of the words cannot overflow.
fn part(arena: &[u8], offset: u32, length: u64) -> Option<&[u8]> {
    let start = u64::from(offset);
    arena.get(usize::try_from(start).ok()?..usize::try_from(start + length).ok()?)
}

/// All descriptors of a call, checked.
pub fn checked_descriptors<'a>(
    arena: &'a [u8],
    words: &'a [u32],
    count: usize,
) -> Result<impl Iterator<Item = Descriptor<'a>>, InvalidDescriptor> {
    let used = count
        .checked_mul(DESCRIPTOR_WORDS)
        .and_then(|length| words.get(..length))
        .ok_or(InvalidDescriptor)?;
    let descriptors = used.chunks_exact(DESCRIPTOR_WORDS).filter_map(|words| {
        Some(Descriptor {
            words: words.try_into().ok()?,
        })
    });
    if descriptors.clone().all(|descriptor| descriptor.is_valid(arena)) {
        Ok(descriptors)
    } else {
        Err(InvalidDescriptor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(words: [u32; 7], count: usize) -> bool {
        checked_descriptors(&[0; 52], &words, count).is_err()
    }

    #[test]
    fn takes_what_is_within_the_arena_and_nothing_else() {
        assert!(!is_refused([0, 0, 0, 12, 0, 12, 40], 1));
        assert!(!is_refused([0, 0, 40, 12, 0, 52, 0], 1));
        assert!(!is_refused([9; 7], 0));
        assert!(is_refused([0, 0, 0, 12, 0, 12, 40], 2));
        assert!(is_refused([0, 0, 0, 12, 0, 12, 40], usize::MAX));
        assert!(is_refused([0, 0, 41, 12, 0, 0, 10], 1));
        assert!(is_refused([0, 0, 0, 12, 41, 0, 10], 1));
        assert!(is_refused([0, 0, 0, 12, u32::MAX, 0, 10], 1));
        assert!(is_refused([0, 0, 0, 12, 0, 13, 40], 1));
        assert!(is_refused([0, 0, u32::MAX, 12, 0, 0xffff_fff0, 0x20], 1));
        assert!(is_refused([0, 0, 0, 11, 0, 12, 10], 1));
    }
}
