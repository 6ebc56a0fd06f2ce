use crate::emit;
use crate::media::{Publication, listen};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::BytesMut;
use rcgen::CertificateParams;
use rtc::crypto::{SignatureScheme, default_provider};
use rtc::peer_connection::configuration::RTCOfferOptions;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::UnboundedReceiver;
use webrtc::data_channel::{DataChannel, DataChannelEvent};
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCCertificate,
    RTCConfigurationBuilder, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    RTCSessionDescription, Registry, register_default_interceptors,
};

pub type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// PKCS #8 in base64: the crate imports RSA keys and makes none.
const RSA_KEY_VARIABLE: &str = "RTCD_INTEROP_RSA_KEY";

struct Peer {
    name: String,
    connection: Arc<dyn PeerConnection>,
    channel: Arc<dyn DataChannel>,
    published: HashMap<String, Publication>,
}

struct Handler {
    name: String,
    connection: OnceLock<Arc<dyn PeerConnection>>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if let Ok(candidate) = event.candidate.to_json() {
            emit(&self.name, "candidate", json!({ "candidate": candidate }));
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        emit(&self.name, "state", json!({ "state": state.to_string() }));
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        if let Some(connection) = self.connection.get() {
            tokio::spawn(listen(self.name.clone(), connection.clone(), track));
        }
    }
}

/// Runs a peer until it is closed or the program ends.
pub async fn run(name: String, mut commands: UnboundedReceiver<Value>) {
    let mut peer: Option<Peer> = None;
    while let Some(command) = commands.recv().await {
        let result = match &mut peer {
            None => start(&name, &command)
                .await
                .map(|started| peer = Some(started)),
            Some(peer) => peer.command(&command).await,
        };
        if let Err(error) = result {
            emit(
                &name,
                "error",
                json!({ "message": format!("{}: {error}", command["do"]) }),
            );
        }
    }
}

async fn start(name: &str, command: &Value) -> Fallible<Peer> {
    let handler = Arc::new(Handler {
        name: name.into(),
        connection: OnceLock::new(),
    });
    let mut codecs = MediaEngine::default();
    codecs.register_default_codecs()?;
    let interceptors = register_default_interceptors(Registry::new(), &mut codecs)?;
    let configuration = RTCConfigurationBuilder::new()
        .with_certificates(vec![certificate(command["certificate"] == "rsa")?])
        .build();
    let connection: Arc<dyn PeerConnection> = Arc::new(
        PeerConnectionBuilder::new()
            .with_configuration(configuration)
            .with_media_engine(codecs)
            .with_interceptor_registry(interceptors)
            .with_handler(handler.clone())
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await?,
    );
    let _ = handler.connection.set(connection.clone());
    let channel = connection.create_data_channel("calls-dc", None).await?;
    tokio::spawn(receive(name.to_string(), channel.clone()));
    let peer = Peer {
        name: name.into(),
        connection,
        channel,
        published: HashMap::new(),
    };
    peer.offer(None).await?;
    Ok(peer)
}

fn certificate(is_rsa: bool) -> Fallible<RTCCertificate> {
    let provider = default_provider()?;
    let crypto = provider.crypto();
    let parameters = CertificateParams::default();
    if !is_rsa {
        return Ok(RTCCertificate::generate(
            crypto,
            SignatureScheme::EcdsaP256Sha256,
            parameters,
        )?);
    }
    let scheme = SignatureScheme::RsaPkcs1Sha256;
    let key =
        crypto.import_signing_key(scheme, &BASE64.decode(std::env::var(RSA_KEY_VARIABLE)?)?)?;
    Ok(RTCCertificate::generate_from_signing_key(
        parameters, scheme, key,
    )?)
}

/// Reports what happens on the data channel.
async fn receive(name: String, channel: Arc<dyn DataChannel>) {
    while let Some(event) = channel.poll().await {
        match event {
            DataChannelEvent::OnOpen => emit(&name, "channel", json!({ "state": "open" })),
            DataChannelEvent::OnClose => emit(&name, "channel", json!({ "state": "closed" })),
            DataChannelEvent::OnMessage(message) if !message.is_string => {
                emit(&name, "dc", json!({ "data": BASE64.encode(&message.data) }));
            }
            _ => {}
        }
    }
}

impl Peer {
    async fn command(&mut self, command: &Value) -> Fallible {
        let track = command["track"].as_str().unwrap_or_default();
        match command["do"].as_str().unwrap_or_default() {
            "signal" => self.signal(command).await,
            "candidate" => {
                let candidate = serde_json::from_value(command["candidate"].clone())?;
                Ok(self.connection.add_ice_candidate(candidate).await?)
            }
            "dc" => {
                let data = BASE64.decode(command["data"].as_str().unwrap_or_default())?;
                Ok(self.channel.send(BytesMut::from(data.as_slice())).await?)
            }
            "publish" => {
                let publication = Publication::start(&self.connection, command).await?;
                self.published.insert(track.into(), publication);
                self.offer(None).await
            }
            "unpublish" => {
                let publication = self.published.remove(track).ok_or("not published")?;
                self.connection.remove_track(&publication.sender).await?;
                self.offer(None).await
            }
            todo @ ("mute" | "unmute") => {
                self.published
                    .get(track)
                    .ok_or("not published")?
                    .set_muted(todo == "mute");
                Ok(())
            }
            "restartIce" => {
                self.offer(Some(RTCOfferOptions { ice_restart: true }))
                    .await
            }
            "close" => {
                self.published.clear();
                Ok(self.connection.close().await?)
            }
            unknown => Err(format!("unknown command {unknown}").into()),
        }
    }

    async fn signal(&self, command: &Value) -> Fallible {
        let sdp = command["sdp"].as_str().unwrap_or_default().to_string();
        if command["type"] == "answer" {
            return Ok(self
                .connection
                .set_remote_description(RTCSessionDescription::answer(sdp)?)
                .await?);
        }
        self.connection
            .set_remote_description(RTCSessionDescription::offer(sdp)?)
            .await?;
        let answer = self.connection.create_answer(None).await?;
        self.describe(answer).await
    }

    async fn offer(&self, options: Option<RTCOfferOptions>) -> Fallible {
        let offer = self.connection.create_offer(options).await?;
        self.describe(offer).await
    }

    async fn describe(&self, description: RTCSessionDescription) -> Fallible {
        let fields = json!({ "type": description.sdp_type.to_string(), "sdp": description.sdp });
        self.connection.set_local_description(description).await?;
        emit(&self.name, "signal", fields);
        Ok(())
    }
}
