//! What is on the wire of a room: one sealed message of one viewer.
//!
//! ```text
//! topic    twinscope/v1/{site}/room/{room}/{viewer}       room and viewer: random to whoever has no key
//! payload  version (1) · counter (varint) · ChaCha20-Poly1305( role (1) · items · [Ed25519 signature (64)] ) · tag (16)
//! ```
//!
//! The key is the viewer's own (from the reading key and the id of the viewer, which is random and new with each joining),
//! the counter is the nonce and never the same twice, and version, counter and topic are authenticated with the text.
//! Members sign topic, counter, role and items; guests have nothing to sign with, and what they may say without is the
//! receiver's to decide. The signature is inside: from outside nobody can tell a guest from a member.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::signature::{ED25519, UnparsedPublicKey};
use twinscope_twin::room::{Role, ViewerId};

use super::codec::{Reader, varint};
use super::keys::{KeyError, RoomKeys};

/// First byte of a payload.
const VERSION: u8 = 1;
/// Bytes of an Ed25519 signature.
const SIGNATURE: usize = 64;
/// Most bytes of the items of one message.
pub(crate) const MOST_BODY: usize = 2_048;
/// Version, the longest counter, role, signature and tag.
const MOST_PAYLOAD: usize = 1 + 5 + 1 + MOST_BODY + SIGNATURE + 16;

const MEMBER: u8 = 1;
const GUEST: u8 = 0;

/// Why a message cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// Not of this form or version, or too long.
    Malformed,
    /// Not sealed with our key, not from this viewer, or changed on the way.
    Unreadable,
    /// Says that a member wrote it, and no member signed it.
    Forged,
}

/// An opened message. It is authentic: sealed by who has the reading key, and from a member also signed by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub role: Role,
    pub items: Vec<u8>,
}

/// Seals what this viewer says.
pub(crate) struct Sealer {
    keys: RoomKeys,
    topic: String,
    key: LessSafeKey,
    counter: u32,
}

impl Sealer {
    pub(crate) fn new(keys: &RoomKeys, me: ViewerId) -> Result<Self, KeyError> {
        Ok(Self { topic: topic(keys, me), key: sealing_key(keys, me)?, keys: keys.clone(), counter: 0 })
    }

    /// Topic and payload of the next message. `None`: the counter is used up (after 34 years at four a second).
    pub(crate) fn seal(&mut self, items: &[u8]) -> Option<(&str, Vec<u8>)> {
        self.counter = self.counter.checked_add(1)?;
        let mut text = vec![if self.keys.sign.is_some() { MEMBER } else { GUEST }];
        text.extend_from_slice(items);
        if let Some(pair) = &self.keys.sign {
            let signature = pair.sign(&signed(&self.topic, self.counter, &text));
            text.extend_from_slice(signature.as_ref());
        }
        let mut payload = vec![VERSION];
        varint(&mut payload, self.counter);
        let aad = authenticated(&payload, &self.topic);
        self.key.seal_in_place_append_tag(nonce(self.counter), Aad::from(aad), &mut text).ok()?;
        payload.extend_from_slice(&text);
        Some((&self.topic, payload))
    }
}

/// The counter of a message, as it claims; for what needs no cryptography to be refused.
pub(crate) fn counter(payload: &[u8]) -> Option<u32> {
    head(payload).map(|(counter, _)| counter)
}

/// Opens what a viewer said.
pub(crate) fn open(keys: &RoomKeys, viewer: ViewerId, payload: &[u8]) -> Result<Opened, OpenError> {
    let (counter, rest) = head(payload).ok_or(OpenError::Malformed)?;
    let topic = topic(keys, viewer);
    let clear = payload.get(..payload.len() - rest.len()).ok_or(OpenError::Malformed)?;
    let aad = Aad::from(authenticated(clear, &topic));
    let mut sealed = rest.to_vec();
    let key = sealing_key(keys, viewer).map_err(|_| OpenError::Unreadable)?;
    let text = key.open_in_place(nonce(counter), aad, &mut sealed).map_err(|_| OpenError::Unreadable)?;
    match text.first() {
        Some(&GUEST) => Ok(Opened { role: Role::Guest, items: text.get(1..).unwrap_or_default().to_vec() }),
        Some(&MEMBER) => {
            let end = text.len().checked_sub(SIGNATURE).filter(|end| *end >= 1).ok_or(OpenError::Forged)?;
            let (said, signature) = text.split_at_checked(end).ok_or(OpenError::Forged)?;
            UnparsedPublicKey::new(&ED25519, keys.public)
                .verify(&signed(&topic, counter, said), signature)
                .map_err(|_| OpenError::Forged)?;
            Ok(Opened { role: Role::Member, items: said.get(1..).unwrap_or_default().to_vec() })
        }
        _ => Err(OpenError::Malformed),
    }
}

fn head(payload: &[u8]) -> Option<(u32, &[u8])> {
    if payload.len() > MOST_PAYLOAD {
        return None;
    }
    let mut reader = Reader::new(payload);
    let version = reader.byte()?;
    let counter = reader.varint()?;
    (version == VERSION && counter > 0).then_some((counter, reader.rest()))
}

/// Where a viewer of the room speaks.
pub(crate) fn topic(keys: &RoomKeys, viewer: ViewerId) -> String {
    format!("{}/{viewer}", keys.topic)
}

fn sealing_key(keys: &RoomKeys, viewer: ViewerId) -> Result<LessSafeKey, KeyError> {
    let key = keys.viewer_key(viewer)?;
    let key = UnboundKey::new(&CHACHA20_POLY1305, &key).map_err(|error| KeyError::System(error.to_string()))?;
    Ok(LessSafeKey::new(key))
}

fn nonce(counter: u32) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes.iter_mut().rev().zip(counter.to_le_bytes()).for_each(|(to, from)| *to = from);
    Nonce::assume_unique_for_key(bytes)
}

fn authenticated(clear: &[u8], topic: &str) -> Vec<u8> {
    [clear, topic.as_bytes()].concat()
}

fn signed(topic: &str, counter: u32, said: &[u8]) -> Vec<u8> {
    [b"twinscope room 1\n", topic.as_bytes(), b"\n", &counter.to_be_bytes(), said].concat()
}
