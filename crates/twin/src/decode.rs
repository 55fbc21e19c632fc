//! From payload to readings: what the bindings of one topic find in one payload.
//!
//! The bindings of a topic form a [`Plan`]. A plan reads its payload once: JSON is visited by a tree of the bound
//! pointers and everything else is skipped, so no document is built; a payload bound as a whole is read as plain text.
//! The result is one [`Reading`] for each binding. Nothing here knows signals' states: what a reading means for the
//! quality of a signal is decided where it is applied.
//!
//! Decisions that a reader of payloads may ask for:
//! - A byte order mark at the beginning is ignored. Anything after the JSON document but white space is an error.
//! - Of duplicate keys the last wins.
//! - Depth counts objects and arrays; a document deeper than the source's limit cannot be read, bound or not.
//! - `NaN`, `Infinity` and numbers beyond a double (`1e400`) are values of the wrong type where they stand; the rest of
//!   such a document is read (many writers in Python and C emit them, though JSON has no such thing).
//! - Plain text is a number if it is one in decimal notation with a point, a switch if it is `true`, `false`, `on` or
//!   `off` in any case, a text with its JSON escapes if it stands in double quotes, and a text otherwise.
//! - A text is never taken for a number inside JSON: `"23.4"` is of the wrong type where a number is expected.

pub mod clock;
mod json;
mod plain;
mod plan;
mod pointer;

pub use plan::{Binding, Expects, Plan, Reading, Sample, Scratch};
pub use pointer::is_valid_pointer;

/// Limits on what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest payload, bytes.
    pub payload: usize,
    /// Deepest JSON; at most 127, because the parser recurses.
    pub depth: u16,
}

/// A whole payload that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No bytes.
    #[error("the payload is empty")]
    Empty,
    /// Longer than the limit.
    #[error("the payload is too large")]
    TooLarge,
    /// Not UTF-8.
    #[error("the payload is not UTF-8")]
    NotText,
    /// Deeper than the limit.
    #[error("the payload is nested too deeply")]
    TooDeep,
    /// Not JSON.
    #[error("the payload is not JSON")]
    NotJson,
}
