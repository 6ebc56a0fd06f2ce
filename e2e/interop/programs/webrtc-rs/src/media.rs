use crate::emit;
use crate::peer::Fallible;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::MIME_TYPE_OPUS;
use rtc::rtp::{Header, Packet};
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use serde_json::{Value, json};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::AbortHandle;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::PeerConnection;
use webrtc::rtp_transceiver::RtpSender;

const FRAME_TIME: Duration = Duration::from_millis(20);
const FRAME_TICKS: u32 = 960;
/// The crate's own number for Opus, which its offers have.
const OPUS_PAYLOAD_TYPE: u8 = 111;

/// A track that the peer sends. Dropping it ends the sending.
pub struct Publication {
    pub sender: Arc<dyn RtpSender>,
    muted: Arc<AtomicBool>,
    sending: AbortHandle,
}

impl Publication {
    pub async fn start(
        connection: &Arc<dyn PeerConnection>,
        command: &Value,
    ) -> Fallible<Publication> {
        let frames = command["frames"].as_array().ok_or("no frames")?;
        let frames = frames
            .iter()
            .map(|frame| BASE64.decode(frame.as_str().unwrap_or_default()));
        let frames = frames
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .map(Bytes::from)
            .collect();
        let text = |field: &str| command[field].as_str().unwrap_or_default().to_string();
        let ssrc = RandomState::new().build_hasher().finish() as u32;
        let track = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
            text("streamId"),
            text("track"),
            text("track"),
            RtpCodecKind::Audio,
            vec![RTCRtpEncodingParameters {
                rtp_coding_parameters: RTCRtpCodingParameters {
                    ssrc: Some(ssrc),
                    ..Default::default()
                },
                codec: RTCRtpCodec {
                    mime_type: MIME_TYPE_OPUS.to_owned(),
                    clock_rate: 48_000,
                    channels: 2,
                    ..Default::default()
                },
                ..Default::default()
            }],
        )));
        let sender = connection.add_track(track.clone()).await?;
        let muted = Arc::new(AtomicBool::new(false));
        let sending = tokio::spawn(send(track, ssrc, frames, muted.clone())).abort_handle();
        Ok(Publication {
            sender,
            muted,
            sending,
        })
    }

    pub fn set_muted(&self, muted: bool) {
        self.muted.store(muted, Ordering::Relaxed);
    }
}

impl Drop for Publication {
    fn drop(&mut self) {
        self.sending.abort();
    }
}

/// Sends frames in real time.
async fn send(
    track: Arc<TrackLocalStaticRTP>,
    ssrc: u32,
    frames: Vec<Bytes>,
    muted: Arc<AtomicBool>,
) {
    let mut clock = tokio::time::interval(FRAME_TIME);
    let mut sequence_number = 0_u16;
    for count in 0_u32.. {
        clock.tick().await;
        if muted.load(Ordering::Relaxed) {
            continue;
        }
        let header = Header {
            version: 2,
            payload_type: OPUS_PAYLOAD_TYPE,
            sequence_number,
            timestamp: count.wrapping_mul(FRAME_TICKS),
            ssrc,
            ..Default::default()
        };
        let payload = frames[count as usize % frames.len()].clone();
        // Fails until the track is negotiated.
        if track.write_rtp(Packet { header, payload }).await.is_ok() {
            sequence_number = sequence_number.wrapping_add(1);
        }
    }
}

/// Reports a remote track and the payload of each of its packets.
pub async fn listen(
    name: String,
    connection: Arc<dyn PeerConnection>,
    track: Arc<dyn TrackRemote>,
) {
    let mid = mid_of(&connection, &track).await;
    let ids = json!({ "mid": mid, "trackId": track.track_id().await, "streamId": track.stream_id().await });
    emit(&name, "track", ids);
    while let Some(event) = track.poll().await {
        match event {
            TrackRemoteEvent::OnRtpPacket(packet) if !packet.payload.is_empty() => {
                emit(
                    &name,
                    "heard",
                    json!({ "mid": mid, "payload": BASE64.encode(&packet.payload) }),
                );
            }
            TrackRemoteEvent::OnEnded => break,
            _ => {}
        }
    }
    emit(&name, "ended", json!({ "mid": mid }));
}

async fn mid_of(
    connection: &Arc<dyn PeerConnection>,
    track: &Arc<dyn TrackRemote>,
) -> Option<String> {
    for transceiver in connection.get_transceivers().await {
        if let Ok(Some(receiver)) = transceiver.receiver().await
            && Arc::ptr_eq(receiver.track(), track)
        {
            return transceiver.mid().await.ok().flatten();
        }
    }
    None
}
