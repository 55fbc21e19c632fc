//! From a passphrase to keys, and from keys to an invitation that lets one read and not write.
//!
//! ```text
//! passphrase ── Argon2id (salt: site, room) ──> root ── HKDF ──┬─> seed of the signing key (Ed25519): who may write
//!                                                              └─> reading key ── HKDF ──┬─> name of the room in topics
//!                                                                                        └─> a key for each viewer
//! ```
//!
//! Members hold both halves. An invitation holds the reading key and the public half of the signing key: whoever has it
//! reads everything and can write nothing that a member or another guest takes.
//!
//! Whoever can listen to the broker can take what they heard home and try passphrases on it; Argon2id makes each try
//! cost 64 MiB and three passes over them (RFC 9106, section 4, second recommended option, on one lane), and a passphrase
//! has at least [`PASSPHRASE_CHARS`] characters.

use std::fmt;
use std::sync::Arc;

use ring::hkdf::{HKDF_SHA256, Prk};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use ring::{digest, hmac};
use twinscope_twin::room::{Role, ViewerId, clean};

/// Fewest characters of a passphrase.
pub const PASSPHRASE_CHARS: usize = 12;
/// Most bytes of a passphrase or an invitation.
pub const SECRET_BYTES: usize = 1_024;
/// Longest name of a room, characters.
pub const ROOM_CHARS: usize = 64;
/// Memory of one try, KiB, and passes over it.
const ARGON2: (u32, u32) = (64 << 10, 3);
/// What an invitation begins with.
const INVITATION: &str = "twinscope-guest-";
/// Reading key, public key, check.
const INVITATION_BYTES: usize = 32 + 32 + CHECK;
/// Bytes that tell a mistyped invitation, or one for another room or site.
const CHECK: usize = 8;
/// Characters of a room's name in topics: 72 bits.
const TOPIC_NAME: usize = 12;

/// Why a room cannot be opened with what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No name, or a strange one.
    #[error("a room needs a name of 1 to {ROOM_CHARS} characters, without control characters")]
    Room,
    /// It could be guessed.
    #[error(
        "the passphrase of a room has at least {PASSPHRASE_CHARS} characters: whoever can listen to the broker can try \
         short ones; take four or five words that do not belong together"
    )]
    Short,
    /// Too long.
    #[error("the passphrase of a room has at most {SECRET_BYTES} bytes")]
    Long,
    /// Not what a member gave.
    #[error("this invitation is not for room \"{room}\" of this site, or a character of it is wrong; ask for it again")]
    Invitation {
        /// The room that was to be opened.
        room: String,
    },
    /// The system has not enough memory, or the library refuses.
    #[error("the keys of the room could not be worked out: {0}")]
    System(String),
}

/// A passphrase, or an invitation. Never printed.
#[derive(Clone)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Takes a passphrase or an invitation as it was typed or read; blanks and line ends around it do not count.
    ///
    /// # Errors
    /// It is too short or too long.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.len() > SECRET_BYTES {
            return Err(KeyError::Long);
        }
        if text.chars().count() < PASSPHRASE_CHARS {
            return Err(KeyError::Short);
        }
        Ok(Self(text.to_owned()))
    }

    /// What whoever has it may do.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.0.starts_with(INVITATION) { Role::Guest } else { Role::Member }
    }
}

/// The keys of one room at one site.
#[derive(Clone)]
pub struct RoomKeys {
    /// Name of the room for people.
    pub(crate) room: String,
    /// Topic of the room, without viewer.
    pub(crate) topic: String,
    pub(crate) read: [u8; 32],
    pub(crate) public: [u8; 32],
    /// Members only.
    pub(crate) sign: Option<Arc<Ed25519KeyPair>>,
    site: String,
}

impl fmt::Debug for RoomKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomKeys").field("room", &self.room).field("role", &self.role()).finish_non_exhaustive()
    }
}

/// The name of a room, if it is one.
///
/// # Errors
/// It is empty, too long, or holds control characters.
pub fn room_name(name: &str) -> Result<String, KeyError> {
    let name = name.trim();
    if name.is_empty() || clean(name, ROOM_CHARS) != name { Err(KeyError::Room) } else { Ok(name.to_owned()) }
}

impl RoomKeys {
    /// Works the keys out. With a passphrase that takes a second or so and 64 MiB: on a thread of its own.
    ///
    /// # Errors
    /// The name is none, the invitation is for another room or site, or the memory is not there.
    pub fn new(site: &str, room: &str, secret: &Secret) -> Result<Self, KeyError> {
        let room = room_name(room)?;
        match secret.0.strip_prefix(INVITATION) {
            Some(invitation) => Self::invited(site, room, invitation),
            None => Self::member(site, room, &secret.0),
        }
    }

    fn member(site: &str, room: String, passphrase: &str) -> Result<Self, KeyError> {
        let (memory, passes) = ARGON2;
        let system = |error: argon2::Error| KeyError::System(error.to_string());
        let params = argon2::Params::new(memory, passes, 1, Some(32)).map_err(system)?;
        let mut root = [0; 32];
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(
                passphrase.as_bytes(),
                digest::digest(&digest::SHA256, &place(site, &room)).as_ref(),
                &mut root,
            )
            .map_err(system)?;
        let seed = derive(&root, &[b"sign"])?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| KeyError::System(error.to_string()))?;
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref().get(..32).ok_or_else(failed)?);
        Self::with(site, room, derive(&root, &[b"read"])?, public, Some(Arc::new(pair)))
    }

    fn invited(site: &str, room: String, invitation: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError::Invitation { room: room.clone() };
        let bytes = from_hex(invitation).ok_or_else(wrong)?;
        let (read, rest) = bytes.split_first_chunk::<32>().ok_or_else(wrong)?;
        let (public, check) = rest.split_first_chunk::<32>().ok_or_else(wrong)?;
        if bytes.len() != INVITATION_BYTES || check != checked(site, &room, read, public) {
            return Err(wrong());
        }
        Self::with(site, room.clone(), *read, *public, None)
    }

    fn with(
        site: &str,
        room: String,
        read: [u8; 32],
        public: [u8; 32],
        sign: Option<Arc<Ed25519KeyPair>>,
    ) -> Result<Self, KeyError> {
        let named = derive(&read, &[b"topic"])?;
        let mut random = [0; ViewerId::LENGTH];
        random.copy_from_slice(named.get(..ViewerId::LENGTH).ok_or_else(failed)?);
        let name = ViewerId::from_random(random);
        let topic = format!("{}/{}", site_topic(site), name.as_str().get(..TOPIC_NAME).unwrap_or_default());
        Ok(Self { room, topic, read, public, sign, site: site.to_owned() })
    }

    /// What these keys allow.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.sign.is_some() { Role::Member } else { Role::Guest }
    }

    /// What a member gives to guests: they read and are seen, and cannot write. `None` from guests.
    #[must_use]
    pub fn invitation(&self) -> Option<String> {
        self.sign.as_ref()?;
        let check = checked(&self.site, &self.room, &self.read, &self.public);
        let bytes = self.read.iter().chain(&self.public).chain(&check);
        Some(bytes.fold(INVITATION.to_owned(), |text, byte| format!("{text}{byte:02x}")))
    }

    /// The key that seals what one viewer says. Never two messages with one counter under it.
    pub(crate) fn viewer_key(&self, viewer: ViewerId) -> Result<[u8; 32], KeyError> {
        derive(&self.read, &[b"viewer", viewer.as_str().as_bytes()])
    }
}

/// Where the rooms of a site are.
pub(crate) fn site_topic(site: &str) -> String {
    format!("twinscope/v1/{site}/room")
}

/// Site and room as bytes that no other pair has.
fn place(site: &str, room: &str) -> Vec<u8> {
    format!("twinscope room 1\n{}\n{site}\n{room}", site.len()).into_bytes()
}

fn checked(site: &str, room: &str, read: &[u8; 32], public: &[u8; 32]) -> [u8; CHECK] {
    let mut bytes = place(site, room);
    bytes.extend_from_slice(public);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, read), &bytes);
    let mut check = [0; CHECK];
    check.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    check
}

/// HKDF (RFC 5869) with SHA-256; the key is random already, so it is only expanded.
fn derive(key: &[u8; 32], info: &[&[u8]]) -> Result<[u8; 32], KeyError> {
    let mut out = [0; 32];
    Prk::new_less_safe(HKDF_SHA256, key)
        .expand(info, HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut out))
        .map_err(|_| failed())?;
    Ok(out)
}

fn failed() -> KeyError {
    KeyError::System("the cryptographic library refuses; please report this".to_owned())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}
