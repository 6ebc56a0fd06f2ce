//! A peer program of the interoperability tests on str0m. See e2e/interop/README.md for the contract.

mod peer;

use serde_json::Value;
use std::collections::HashMap;
use std::sync::mpsc::{Sender, channel};
use std::thread;

fn main() {
    let mut peers: HashMap<String, Sender<Value>> = HashMap::new();
    for line in std::io::stdin().lines() {
        let Ok(line) = line else { return };
        let Ok(command) = serde_json::from_str::<Value>(&line) else {
            eprintln!("not a command: {line}");
            continue;
        };
        let name = command["peer"].as_str().unwrap_or_default().to_string();
        let commands = peers.entry(name.clone()).or_insert_with(|| {
            let (sender, receiver) = channel();
            thread::spawn(move || peer::run(&name, receiver));
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
