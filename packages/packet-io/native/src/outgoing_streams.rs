//! The indices that the streams of one slot have used, by SSRC: two packets that differ must never have one index under one key, for
//! their keystreams would be the same (RFC 3711 section 9.1).

use std::collections::HashMap;

use crate::replay_window::{ReplayWindow, REPLAY_WINDOW_PACKETS};

struct OutgoingStream {
    window: ReplayWindow,
    /// Ends of the tags of the packets in the window, by index: a packet that is sent again has the same one.
    tags: [u16; REPLAY_WINDOW_PACKETS as usize],
}

#[derive(Default)]
pub struct OutgoingStreams {
    streams: HashMap<u32, Box<OutgoingStream>>,
}

impl OutgoingStreams {
    /// Reports whether a packet of this index may be protected. One that is further behind than a repetition or a late packet can be means
    /// that the numbering has restarted under the same key.
    pub fn reaches(&self, ssrc: u32, index: u64) -> bool {
        self.streams
            .get(&ssrc)
            .is_none_or(|stream| stream.window.reaches(index as i64))
    }

    /// Records a packet that was protected. False if another packet has had its index: this one must not be sent.
    pub fn record(&mut self, ssrc: u32, index: u64, protected: &[u8]) -> bool {
        let index = index as i64;
        let [.., high, low] = *protected else { return false };
        let tag = u16::from_be_bytes([high, low]);
        let place = (index % REPLAY_WINDOW_PACKETS) as usize;
        let Some(stream) = self.streams.get_mut(&ssrc) else {
            let mut tags = [0; REPLAY_WINDOW_PACKETS as usize];
            tags[place] = tag;
            self.streams.insert(
                ssrc,
                Box::new(OutgoingStream {
                    window: ReplayWindow::new(index),
                    tags,
                }),
            );
            return true;
        };
        if !stream.window.admits(index) {
            return stream.window.reaches(index) && stream.tags[place] == tag;
        }
        stream.window.accept(index);
        stream.tags[place] = tag;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_for_one_packet_which_may_be_sent_again() {
        let mut streams = OutgoingStreams::default();
        for index in [0x1_0200, 0x1_0000, 0xfe01, 0x2_0000, 0x1_fc01] {
            assert!(streams.reaches(1, index));
            assert!(streams.record(1, index, &[index as u8, 1]));
            assert!(streams.record(1, index, &[index as u8, 1]));
            assert!(!streams.record(1, index, &[index as u8, 2]));
            assert!(streams.record(2, index, &[index as u8, 2]));
        }
        assert!(!streams.reaches(1, 0x1_fc00));
        assert!(!streams.record(1, 0x1_fc00, &[0, 1]));
        assert!(streams.record(1, 0x2_0001, &[0, 0]));
    }
}
