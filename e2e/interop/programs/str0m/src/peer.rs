use crate::emit;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::net::UdpSocket;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::ChannelId;
use str0m::format::Codec;
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};

type Fallible<T = ()> = Result<T, Box<dyn Error>>;

const FRAME_TIME: Duration = Duration::from_millis(20);
const FRAME_TICKS: u64 = 960;
/// The loop looks for commands at least this often.
const POLL_TIME: Duration = Duration::from_millis(5);
const MAX_DATAGRAM_BYTES: usize = 2_000;

/// A track that the peer sends.
struct Publication {
    mid: Mid,
    frames: Vec<Vec<u8>>,
    started: Instant,
    /// Frames whose time has come so far.
    count: u64,
    muted: bool,
}

struct Peer {
    name: String,
    rtc: Rtc,
    socket: UdpSocket,
    channel: Option<ChannelId>,
    pending: Option<SdpPendingOffer>,
    published: HashMap<String, Publication>,
}

/// Runs a peer until it is closed or the program ends.
pub fn run(name: &str, commands: Receiver<Value>) {
    if let Err(error) = start(name).and_then(|mut peer| peer.run(&commands)) {
        emit(name, "error", json!({ "message": error.to_string() }));
    }
}

fn start(name: &str) -> Fallible<Peer> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let mut rtc = Rtc::new(Instant::now());
    rtc.add_local_candidate(Candidate::host(socket.local_addr()?, "udp")?);
    let name = name.to_string();
    Ok(Peer {
        name,
        rtc,
        socket,
        channel: None,
        pending: None,
        published: HashMap::new(),
    })
}

impl Peer {
    fn run(&mut self, commands: &Receiver<Value>) -> Fallible {
        loop {
            match commands.try_recv() {
                Ok(command) if command["do"] == "close" => return self.close(),
                Ok(command) => self.command(&command)?,
                Err(TryRecvError::Disconnected) => return Ok(()),
                Err(TryRecvError::Empty) => {
                    self.send_frames()?;
                    let wake = self.poll()?;
                    self.receive(wake)?;
                }
            }
        }
    }

    fn emit(&self, name: &str, fields: Value) {
        emit(&self.name, name, fields);
    }

    fn command(&mut self, command: &Value) -> Fallible {
        let track = command["track"].as_str().unwrap_or_default();
        match command["do"].as_str().unwrap_or_default() {
            "start" => {
                let mut changes = self.rtc.sdp_api();
                self.channel = Some(changes.add_channel("calls-dc".into()));
                let change = changes.apply();
                self.offer(change)
            }
            "signal" => self.signal(command),
            "candidate" => {
                let line = command["candidate"]["candidate"]
                    .as_str()
                    .unwrap_or_default();
                self.rtc
                    .add_remote_candidate(Candidate::from_sdp_string(line)?);
                Ok(())
            }
            "dc" => {
                let data = BASE64.decode(command["data"].as_str().unwrap_or_default())?;
                let channel = self.channel.and_then(|id| self.rtc.channel(id));
                channel
                    .ok_or("the channel is not open")?
                    .write(true, &data)?;
                Ok(())
            }
            "publish" => self.publish(track, command),
            "unpublish" => {
                let publication = self.published.remove(track).ok_or("not published")?;
                let mut changes = self.rtc.sdp_api();
                changes.stop_media(publication.mid);
                let change = changes.apply();
                self.offer(change)
            }
            todo @ ("mute" | "unmute") => {
                self.published.get_mut(track).ok_or("not published")?.muted = todo == "mute";
                Ok(())
            }
            "restartIce" => {
                let mut changes = self.rtc.sdp_api();
                changes.ice_restart(true);
                let change = changes.apply();
                self.offer(change)
            }
            unknown => Err(format!("unknown command {unknown}").into()),
        }
    }

    fn signal(&mut self, command: &Value) -> Fallible {
        let sdp = command["sdp"].as_str().unwrap_or_default();
        if command["type"] == "answer" {
            let pending = self.pending.take().ok_or("an answer without an offer")?;
            return Ok(self
                .rtc
                .sdp_api()
                .accept_answer(pending, SdpAnswer::from_sdp_string(sdp)?)?);
        }
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(SdpOffer::from_sdp_string(sdp)?)?;
        self.emit(
            "signal",
            json!({ "type": "answer", "sdp": answer.to_sdp_string() }),
        );
        Ok(())
    }

    fn offer(&mut self, change: Option<(SdpOffer, SdpPendingOffer)>) -> Fallible {
        let (offer, pending) = change.ok_or("nothing to negotiate")?;
        self.pending = Some(pending);
        self.emit(
            "signal",
            json!({ "type": "offer", "sdp": offer.to_sdp_string() }),
        );
        Ok(())
    }

    fn publish(&mut self, track: &str, command: &Value) -> Fallible {
        let frames = command["frames"].as_array().ok_or("no frames")?;
        let frames = frames
            .iter()
            .map(|frame| BASE64.decode(frame.as_str().unwrap_or_default()));
        let frames = frames.collect::<Result<Vec<_>, _>>()?;
        let stream_id = command["streamId"].as_str().map(String::from);
        let mut changes = self.rtc.sdp_api();
        let mid = changes.add_media(MediaKind::Audio, Direction::SendOnly, stream_id, None, None);
        let change = changes.apply();
        let publication = Publication {
            mid,
            frames,
            started: Instant::now(),
            count: 0,
            muted: false,
        };
        self.published.insert(track.into(), publication);
        self.offer(change)
    }

    /// Writes the frames whose time has come.
    fn send_frames(&mut self) -> Fallible {
        let now = Instant::now();
        for publication in self.published.values_mut() {
            while publication.started + FRAME_TIME * publication.count as u32 <= now {
                let count = publication.count;
                publication.count += 1;
                // Not yet negotiated, or not sending.
                let Some(writer) = self.rtc.writer(publication.mid) else {
                    continue;
                };
                let opus = writer
                    .payload_params()
                    .find(|params| params.spec().codec == Codec::Opus);
                let Some(pt) = opus
                    .map(|params| params.pt())
                    .filter(|_| !publication.muted)
                else {
                    continue;
                };
                let frame = &publication.frames[count as usize % publication.frames.len()];
                let time = MediaTime::new(count * FRAME_TICKS, Frequency::FORTY_EIGHT_KHZ);
                writer.write(pt, now, time, frame.as_slice())?;
                // One write per poll, as str0m asks for.
                break;
            }
        }
        Ok(())
    }

    /// Sends what is due and reports what happened. Returns the time at which str0m wants to be woken.
    fn poll(&mut self) -> Fallible<Instant> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => return Ok(at),
                Output::Transmit(datagram) => {
                    // A closed port of the far side is reported here; ICE notices by itself.
                    let _ = self
                        .socket
                        .send_to(&datagram.contents, datagram.destination);
                }
                Output::Event(event) => self.report(event),
            }
        }
    }

    fn report(&self, event: Event) {
        match event {
            Event::Connected => self.emit("state", json!({ "state": "connected" })),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.emit("state", json!({ "state": "disconnected" }));
            }
            Event::ChannelOpen(..) => self.emit("channel", json!({ "state": "open" })),
            Event::ChannelClose(_) => self.emit("channel", json!({ "state": "closed" })),
            Event::ChannelData(message) if message.binary => {
                self.emit("dc", json!({ "data": BASE64.encode(&message.data) }));
            }
            // The API does not show the remote side's IDs.
            Event::MediaAdded(added) => {
                self.emit(
                    "track",
                    json!({ "mid": added.mid.to_string(), "trackId": "", "streamId": "" }),
                );
            }
            Event::MediaChanged(changed)
                if self
                    .rtc
                    .media(changed.mid)
                    .is_none_or(|media| media.stopped()) =>
            {
                self.emit("ended", json!({ "mid": changed.mid.to_string() }));
            }
            Event::MediaData(frame) => {
                let payload = BASE64.encode(&frame.data);
                self.emit(
                    "heard",
                    json!({ "mid": frame.mid.to_string(), "payload": payload }),
                );
            }
            _ => {}
        }
    }

    /// Waits for a datagram until `wake`, and passes it or the time on.
    fn receive(&mut self, wake: Instant) -> Fallible {
        let wait = wake
            .saturating_duration_since(Instant::now())
            .clamp(Duration::from_millis(1), POLL_TIME);
        self.socket.set_read_timeout(Some(wait))?;
        let mut datagram = [0; MAX_DATAGRAM_BYTES];
        let destination = self.socket.local_addr()?;
        if let Ok((length, source)) = self.socket.recv_from(&mut datagram)
            && let Ok(contents) = datagram[..length].try_into()
        {
            let received = Receive {
                proto: Protocol::Udp,
                source,
                destination,
                contents,
            };
            self.rtc
                .handle_input(Input::Receive(Instant::now(), received))?;
        }
        Ok(self.rtc.handle_input(Input::Timeout(Instant::now()))?)
    }

    fn close(&mut self) -> Fallible {
        self.rtc.close()?;
        while let Output::Transmit(datagram) = self.rtc.poll_output()? {
            let _ = self
                .socket
                .send_to(&datagram.contents, datagram.destination);
        }
        Ok(())
    }
}
