//! Why a record or an advice is refused, and the checks that both share. Numbers need none for being finite: JSON has no
//! others, and the parser refuses what overflows.

use crate::decode::clock::LARGEST_MS;
use crate::time::{Now, WallMs};

/// Longest id, bytes: a level of a topic.
pub(crate) const ID: usize = 128;
/// Longest unit, currency or state, bytes.
pub(crate) const UNIT: usize = 64;
/// Longest title, name or source, bytes.
pub(crate) const TITLE: usize = 256;
/// Longest text that somebody wrote, bytes.
pub(crate) const NOTE: usize = 4096;
/// What says that it is from later than this from now is refused: it would hide all that is true until then.
const MAX_AHEAD_MS: i64 = 24 * 3_600_000;

/// Why a payload is no record, or no advice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Larger than is read.
    #[error("the payload is larger than {0} KiB")]
    TooLarge(usize),
    /// Not JSON of the schema.
    #[error("not as docs/predictions.md says: {0}")]
    Schema(String),
    /// A text that must be there is not.
    #[error("`{0}` is missing or empty")]
    Missing(&'static str),
    /// Neither a value nor that nothing was found, or both.
    #[error("either `value` or `nothing_found` must be there")]
    Finding,
    /// A text is too long.
    #[error("`{0}` is longer than {1} bytes")]
    TooLong(&'static str, usize),
    /// Too many entries.
    #[error("`{0}` has more than {1} entries")]
    TooMany(&'static str, usize),
    /// A number that cannot be.
    #[error("`{0}` must be {1}")]
    Number(&'static str, &'static str),
    /// A time that cannot be.
    #[error("`{0}` is not a time")]
    Time(&'static str),
    /// From the future.
    #[error("`{0}` is more than a day in the future")]
    Future(&'static str),
    /// Its topic names no part of the site.
    #[error("its topic names no part of this site")]
    UnknownPart,
    /// Its topic has an empty or an impossible level.
    #[error("its topic is malformed")]
    Topic,
    /// No room.
    #[error("too many are kept already, and all of them are newer")]
    Full,
}

/// Reads JSON of at most some KiB.
pub(crate) fn read<T: serde::de::DeserializeOwned>(payload: &[u8], most_kib: usize) -> Result<T, Refusal> {
    if payload.len() > most_kib * 1024 {
        return Err(Refusal::TooLarge(most_kib));
    }
    serde_json::from_slice(payload).map_err(|error| Refusal::Schema(short(&error.to_string())))
}

/// A text that may be empty.
pub(crate) fn text(name: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.len() > most { Err(Refusal::TooLong(name, most)) } else { Ok(()) }
}

/// A text that must be there.
pub(crate) fn word(name: &'static str, word: &str) -> Result<(), Refusal> {
    if word.trim().is_empty() { Err(Refusal::Missing(name)) } else { text(name, word, ID) }
}

/// At most so many entries.
pub(crate) fn count(name: &'static str, entries: usize, most: usize) -> Result<(), Refusal> {
    if entries > most { Err(Refusal::TooMany(name, most)) } else { Ok(()) }
}

/// A number that must be something, if it is there.
pub(crate) fn number(
    name: &'static str,
    value: Option<f64>,
    is: impl FnOnce(f64) -> bool,
    what: &'static str,
) -> Result<(), Refusal> {
    if value.is_none_or(is) { Ok(()) } else { Err(Refusal::Number(name, what)) }
}

/// A time of the past or the future.
pub(crate) fn time(name: &'static str, time: Option<WallMs>) -> Result<(), Refusal> {
    if time.is_none_or(|ms| (-LARGEST_MS..=LARGEST_MS).contains(&ms)) { Ok(()) } else { Err(Refusal::Time(name)) }
}

/// A time that has been, but for clocks that are a little ahead.
pub(crate) fn past(name: &'static str, at: Option<WallMs>, now: Now) -> Result<(), Refusal> {
    time(name, at)?;
    if at.is_some_and(|ms| ms.saturating_sub(now.wall_ms) > MAX_AHEAD_MS) { Err(Refusal::Future(name)) } else { Ok(()) }
}

/// The first line of a text, 120 characters at most, without what a terminal could act on.
pub(crate) fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(120).collect()
}
