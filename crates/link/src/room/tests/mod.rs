//! Rooms without a broker: what is taken from whom, and what is told.

mod bounds;
mod keys;
mod told;
mod trust;

use std::sync::OnceLock;

use twinscope_twin::room::{PartName, Role, ViewerId};
use twinscope_twin::time::Now;

use super::codec::{Item, echo, write};
use super::envelope::{Sealer, topic};
use super::keys::{RoomKeys, Secret};
use super::mine::Mine;
use super::others::{Others, Outcome};

const PASSPHRASE: &str = "correct horse battery staple";

/// Worked out once: it costs 64 MiB and most of a second.
fn members() -> RoomKeys {
    static KEYS: OnceLock<RoomKeys> = OnceLock::new();
    KEYS.get_or_init(|| keys("north", "gearbox", PASSPHRASE)).clone()
}

fn guests() -> RoomKeys {
    keys("north", "gearbox", &members().invitation().expect("from a member"))
}

fn keys(site: &str, room: &str, secret: &str) -> RoomKeys {
    RoomKeys::new(site, room, &Secret::new(secret).expect("a secret")).expect("keys")
}

fn viewer(letter: u8) -> ViewerId {
    ViewerId::from_random([letter; 16])
}

fn at(mono_ms: u64) -> Now {
    // Of no consequence: clocks of two machines differ by years here.
    Now { wall_ms: 1_000_000, mono_ms }
}

fn part(id: &str) -> PartName {
    PartName { asset: "wt-01".to_owned(), part: id.to_owned() }
}

fn items(list: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    list.iter().for_each(|item| write(&mut out, item));
    out
}

fn presence(name: &str, heard: &[ViewerId]) -> Item {
    Item::Presence { name: name.to_owned(), colour: 3, heard: heard.iter().map(|viewer| echo(*viewer)).collect() }
}

/// Somebody else, who seals what a test says.
struct Sender {
    sealer: Sealer,
}

impl Sender {
    fn new(keys: &RoomKeys, letter: u8) -> Self {
        Self { sealer: Sealer::new(keys, viewer(letter)).expect("a sealer") }
    }

    /// Topic and payload.
    fn say(&mut self, list: &[Item]) -> (String, Vec<u8>) {
        let (topic, payload) = self.sealer.seal(&items(list)).expect("a counter");
        (topic.to_owned(), payload)
    }
}

const ME: u8 = 1;

/// This viewer.
struct Receiver(Others);

impl Receiver {
    fn new(keys: &RoomKeys) -> Self {
        Self(Others::new(keys.clone(), viewer(ME)))
    }

    fn hear(&mut self, message: &(String, Vec<u8>), mono_ms: u64) -> Outcome {
        self.0.receive(message.0.as_bytes(), &message.1, at(mono_ms))
    }

    fn names(&self) -> Vec<&str> {
        self.0.peers().map(|peer| peer.name.as_str()).collect()
    }
}

fn member(letter: u8) -> Mine {
    Mine::new(viewer(letter), "Ann".to_owned(), Role::Member, 0)
}

fn of(keys: &RoomKeys, letter: u8) -> String {
    topic(keys, viewer(letter))
}
