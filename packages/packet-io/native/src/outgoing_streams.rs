//! The indices that the streams of one slot have used, by SSRC: two packets that differ must never have one index under one key, for
//! their keystreams would be the same (RFC 3711 section 9.1).

use std::collections::HashMap;

use crate::replay_window::{ReplayWindow, REPLAY_WINDOW_PACKETS};

/// Packets of a stream that are compared with one that has the same index. An SFU repeats packets a few round trips later.
const COMPARED_PACKETS: i64 = 128;

/// New streams of a slot after which the packets of all are forgotten: ended streams take no more than a few bytes.
const REMEMBERED_STREAMS: usize = 1024;

#[derive(Default)]
pub struct OutgoingStream {
    highest: i64,
    recent: Option<Box<RecentPackets>>,
}

struct RecentPackets {
    window: ReplayWindow,
    /// Ends of the tags of the newest packets, by index: a packet that is sent again has the same one.
    tags: [u16; COMPARED_PACKETS as usize],
}

impl OutgoingStream {
    /// Reports whether a packet of this index may be protected. One that is further behind than a repetition or a late packet can be means
    /// that the numbering has restarted under the same key.
    pub fn reaches(&self, index: i64) -> bool {
        index > self.highest - REPLAY_WINDOW_PACKETS
    }

    /// Records a packet that was protected. False if another one of the newest packets has had its index: this one must not be sent.
    pub fn record(&mut self, index: i64, protected: &[u8]) -> bool {
        let [.., high, low] = *protected else { return false };
        let tag = u16::from_be_bytes([high, low]);
        let place = (index % COMPARED_PACKETS) as usize;
        self.highest = self.highest.max(index);
        let Some(RecentPackets { window, tags }) = self.recent.as_deref_mut() else {
            let tags = [tag; COMPARED_PACKETS as usize];
            self.recent = Some(Box::new(RecentPackets {
                window: ReplayWindow::new(index),
                tags,
            }));
            return true;
        };
        let is_new = window.admits(index);
        if is_new {
            window.accept(index);
        }
        if !window.is_among_newest(index, COMPARED_PACKETS) {
            return true;
        }
        if is_new {
            tags[place] = tag;
        }
        tags[place] == tag
    }
}

#[derive(Default)]
pub struct OutgoingStreams {
    streams: HashMap<u32, OutgoingStream>,
}

impl OutgoingStreams {
    /// Finds a stream, or begins it.
    pub fn of(&mut self, ssrc: u32) -> &mut OutgoingStream {
        if self.streams.len() % REMEMBERED_STREAMS == REMEMBERED_STREAMS - 1 && !self.streams.contains_key(&ssrc) {
            for stream in self.streams.values_mut() {
                stream.recent = None;
            }
        }
        self.streams.entry(ssrc).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_for_one_packet_which_may_be_sent_again() {
        let mut streams = OutgoingStreams::default();
        for index in [0x1_0200, 0x1_0190, 0x1_01ff, 0x2_0000, 0x1_ff81] {
            let stream = streams.of(1);
            assert!(stream.reaches(index));
            assert!(stream.record(index, &[index as u8, 1]));
            assert!(stream.record(index, &[index as u8, 1]));
            assert!(!stream.record(index, &[index as u8, 2]));
            assert!(streams.of(2).record(index, &[index as u8, 2]));
        }
        assert!(streams.of(1).reaches(0x1_fc01));
        assert!(!streams.of(1).reaches(0x1_fc00));
    }

    #[test]
    fn a_packet_that_comes_late_does_not_stand_in_for_a_newer_one() {
        let mut streams = OutgoingStreams::default();
        let stream = streams.of(1);
        assert!(stream.record(1_000, &[0, 1]));
        assert!(stream.record(1_000 - COMPARED_PACKETS, &[0, 2]));
        assert!(stream.record(1_000, &[0, 1]));
        assert!(!stream.record(1_000, &[0, 2]));
    }

    #[test]
    fn ended_streams_keep_their_highest_index_alone() {
        let mut streams = OutgoingStreams::default();
        for ssrc in 0..10 * REMEMBERED_STREAMS as u32 {
            assert!(streams.of(ssrc).record(5_000, &[0, 1]));
        }
        assert!(
            streams
                .streams
                .values()
                .filter(|stream| stream.recent.is_some())
                .count()
                <= REMEMBERED_STREAMS
        );
        assert!(!streams.of(0).reaches(5_000 - REPLAY_WINDOW_PACKETS));
        assert!(streams.of(0).record(5_001, &[0, 1]));
    }
}
