//! What the people of a room show each other: who is here, where they look, what they point at, what they draw and say.
//!
//! A room is a second pair of eyes: a remote expert sees what the technician sees. Only values are here; how they travel
//! is the link's (`docs/rooms.md`). Nothing of a room enters the state of the twin: a selection does when the person who
//! follows takes it over, as a command of that person.
//!
//! Parts are named by the ids of the site's files, because two viewers need not count their rows alike. A place on a part
//! is given in the frame of the part's node, so that it moves with the part.

use std::fmt;
use std::sync::Arc;

use crate::time::WallMs;

/// Members that a room shows, without this viewer; as many guests.
pub const MOST_PEERS: usize = 16;
/// Longest name of a person, characters.
pub const NAME_CHARS: usize = 32;
/// Longest line of the conversation, characters.
pub const LINE_CHARS: usize = 500;
/// Lines of the conversation that are kept.
pub const MOST_LINES: usize = 200;
/// Parts in one selection.
pub const MOST_SELECTED: usize = 32;
/// Strokes of one person.
pub const MOST_STROKES: usize = 64;
/// Points of one stroke.
pub const STROKE_POINTS: usize = 256;
/// Points of all strokes of one person.
pub const MOST_POINTS: usize = 4_096;
/// Largest state of an inspection, bytes.
pub const INSPECTION_BYTES: usize = 1_024;
/// Colours that tell persons apart; [`Peer::colour`] is below this.
pub const COLOURS: u8 = 8;
/// Longest id of an asset or part, bytes: a level of a topic.
pub const ID_BYTES: usize = 128;

/// One viewer from its joining to its leaving: random, new with each joining.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewerId([u8; Self::LENGTH]);

impl ViewerId {
    /// Characters of an id: 96 random bits.
    pub const LENGTH: usize = 16;
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// The id that these random bytes make; of each byte six bits count.
    #[must_use]
    pub fn from_random(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes.map(|byte| Self::ALPHABET.get(usize::from(byte & 63)).copied().unwrap_or(b'A')))
    }

    /// Reads an id.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let id: [u8; Self::LENGTH] = text.try_into().ok()?;
        id.iter().all(|byte| Self::ALPHABET.contains(byte)).then_some(Self(id))
    }

    /// The id as it stands in a topic: letters, digits, `-` and `_`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for ViewerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ViewerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ViewerId({self})")
    }
}

/// What a person may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees and shows.
    Member,
    /// Sees, and is seen to be there.
    Guest,
}

/// A part, by the ids of the site's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartName {
    /// Id of the asset.
    pub asset: String,
    /// Id of the part in its asset.
    pub part: String,
}

/// Where a person looks from, in the site's frame (m, y up).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// The eye.
    pub eye: [f32; 3],
    /// What it looks at: the middle of the view, as far away as the person means.
    pub target: [f32; 3],
}

/// What a person points at.
#[derive(Clone, Debug, PartialEq)]
pub struct Pointer {
    /// Where the ray begins, in the site's frame, m.
    pub origin: [f32; 3],
    /// Where it ends: on `part` in the frame of its node, without one in the site's frame, m.
    pub point: [f32; 3],
    /// What it hits.
    pub part: Option<PartName>,
}

/// A line that a person drew on a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Grows with each stroke of a person.
    pub id: u32,
    /// What it is drawn on.
    pub part: PartName,
    /// In the frame of the part's node, in that frame's unit (m but for scaled nodes); at most [`STROKE_POINTS`].
    pub points: Vec<[f32; 3]>,
    /// Nothing is added to it.
    pub done: bool,
}

/// One line of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who said it.
    pub viewer: ViewerId,
    /// Their name when they said it.
    pub name: String,
    /// Their colour when they said it.
    pub colour: u8,
    /// Number of the line among theirs.
    pub number: u32,
    /// What was said.
    pub text: String,
    /// When, by the clock of this machine.
    pub at: WallMs,
}

/// Somebody else in the room.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    /// Which viewer.
    pub id: ViewerId,
    /// The person's name, as they give it: not proof of who it is.
    pub name: String,
    /// Which of the room's colours, below [`COLOURS`].
    pub colour: u8,
    /// What they may do.
    pub role: Role,
    /// Where they look from.
    pub pose: Option<Pose>,
    /// What they have selected.
    pub selection: Arc<[PartName]>,
    /// What they point at.
    pub pointer: Option<Pointer>,
    /// What they have drawn, oldest first.
    pub strokes: Vec<Arc<Stroke>>,
    /// Whom they follow.
    pub follows: Option<ViewerId>,
    /// What else their view shows (cut, exploded, hidden …), as the view writes it.
    pub inspection: Arc<[u8]>,
}

/// Why messages of a room were not taken, and how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// Made without the passphrase, or changed on the way.
    pub unreadable: u64,
    /// Written by somebody who may only read.
    pub not_allowed: u64,
    /// Heard before.
    pub replayed: u64,
    /// Not of a form that this version knows.
    pub malformed: u64,
    /// More than a person can mean, or more persons than a room takes.
    pub too_many: u64,
}

impl Refused {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.unreadable, self.not_allowed, self.replayed, self.malformed, self.too_many]
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// How the connection of a room is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The keys are worked out, or the broker is not reached yet.
    Opening,
    /// Connected and subscribed.
    Live,
    /// Lost, and tried again; who was here is not known.
    Lost(String),
    /// Refused, or impossible: what to do.
    Refused(String),
}

/// A room as this viewer knows it now.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Name of the room.
    pub room: String,
    /// This viewer.
    pub me: ViewerId,
    /// The name that this person goes by.
    pub name: String,
    /// This person's colour.
    pub colour: u8,
    /// What this person may do.
    pub role: Role,
    /// How the connection is.
    pub connection: Connection,
    /// The others, by id.
    pub peers: Vec<Peer>,
    /// What was said, oldest first.
    pub lines: Vec<Arc<Line>>,
    /// What this person has drawn, oldest first.
    pub strokes: Vec<Arc<Stroke>>,
    /// Viewers that are heard at this site in rooms which this name and passphrase do not open.
    pub elsewhere: usize,
    /// What a member gives to a guest. `None` for guests, and until the keys are worked out.
    pub invitation: Option<Arc<str>>,
    /// What went wrong last, in words for the person; the connection may be live all the same.
    pub trouble: Option<String>,
    /// What was not taken.
    pub refused: Refused,
}

/// Text from outside as it may be shown: without control characters, without those that change the direction of writing
/// (they can make a name read as another), at most `most` characters, and without blanks around it.
#[must_use]
pub fn clean(text: &str, most: usize) -> String {
    let shown = text.chars().filter(|c| {
        !c.is_control()
            && !matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    });
    shown.take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_level_of_a_topic_and_reads_back() {
        let id = ViewerId::from_random([255; 16]);
        assert_eq!(id.as_str(), "________________");
        assert_eq!(ViewerId::parse(id.as_str().as_bytes()), Some(id));
        for wrong in [&b"short"[..], b"with/slash______", b"with+plus_______", b"seventeen________"] {
            assert_eq!(ViewerId::parse(wrong), None);
        }
    }

    #[test]
    fn names_cannot_hide_what_they_are() {
        assert_eq!(clean("  Ann\u{202e}\u{0}\n ", 32), "Ann");
        assert_eq!(clean("a\u{200b}b", 32), "ab", "an invisible character makes no second Ann");
        assert_eq!(clean("äöü", 2), "äö", "characters are counted, not bytes");
    }
}
