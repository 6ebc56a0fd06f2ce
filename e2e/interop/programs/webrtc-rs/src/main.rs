//! A peer program of the interoperability tests on webrtc-rs. See e2e/interop/README.md for the contract.

mod media;
mod peer;

use serde_json::Value;
use std::collections::HashMap;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[tokio::main]
async fn main() {
    let mut peers: HashMap<String, UnboundedSender<Value>> = HashMap::new();
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(command) = serde_json::from_str::<Value>(&line) else {
            eprintln!("not a command: {line}");
            continue;
        };
        let name = command["peer"].as_str().unwrap_or_default().to_string();
        let commands = peers.entry(name.clone()).or_insert_with(|| {
            let (sender, receiver) = unbounded_channel();
            tokio::spawn(peer::run(name, receiver));
            sender
        });
        // A peer that was closed takes no more.
        let _ = commands.send(command);
    }
}

/// Writes an event line.
fn emit(peer: &str, name: &str, mut fields: Value) {
    fields["peer"] = peer.into();
    fields["event"] = name.into();
    println!("{fields}");
}
