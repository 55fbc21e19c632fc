//! What goes into the reducer and what comes out of it.

use std::fmt;

use crate::command::{Command, Outgoing};
use crate::site::SourceRow;
use crate::time::Now;

/// One message as the link received it: nothing is decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawMessage<'a> {
    /// Topic; MQTT demands UTF-8, but not every broker does.
    pub topic: &'a [u8],
    /// Payload, of any content.
    pub payload: &'a [u8],
    /// When it was received.
    pub received: Now,
    /// The broker had kept it from before we subscribed.
    pub retained: bool,
}

/// What a link tells about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// Trying to connect.
    Connecting,
    /// Connected and subscribed.
    Live,
    /// The connection is gone; it is tried again.
    Lost {
        /// Why, in words.
        reason: String,
    },
    /// Refused for good.
    Refused {
        /// Why, in words, with the remedy.
        reason: String,
    },
    /// The simulator feeds the core directly, without a broker.
    Direct {
        /// Why there is no broker.
        reason: String,
    },
    /// Something went wrong that does not end the connection (a refused subscription, an oversized message).
    Trouble {
        /// What, in words.
        message: String,
    },
    /// Bounds before the core let messages go.
    Dropped {
        /// How many.
        messages: u64,
    },
}

/// What a twin may do and how much it may keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Refuse every command that leaves the process.
    pub read_only: bool,
    /// Samples of history over all signals, 16 bytes each; at least [`crate::history::LEAST_PER_SIGNAL`] of each are
    /// kept.
    pub history_samples: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { read_only: false, history_samples: 4_000_000 }
    }
}

/// Anything that can happen to the twin.
pub enum Input<'i, 'm> {
    /// Messages of one source, in the order of receipt.
    Messages {
        /// The source.
        source: SourceRow,
        /// The messages.
        messages: &'i mut dyn Iterator<Item = RawMessage<'m>>,
    },
    /// A link tells about itself.
    Link {
        /// The source.
        source: SourceRow,
        /// What it tells.
        event: LinkEvent,
    },
    /// A command of a person or an operator's client.
    Command(Command),
    /// Time passes: staleness, delays of alarms. At least four times a second.
    Tick,
}

impl fmt::Debug for Input<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Messages { source, .. } => formatter.debug_struct("Messages").field("source", source).finish(),
            Self::Link { source, event } => {
                formatter.debug_struct("Link").field("source", source).field("event", event).finish()
            }
            Self::Command(command) => formatter.debug_tuple("Command").field(command).finish(),
            Self::Tick => formatter.write_str("Tick"),
        }
    }
}

/// What an input has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Something that the screen may show is different.
    pub visible: bool,
    /// Messages to publish.
    pub outgoing: Vec<Outgoing>,
    /// The record of a procedure, to be kept as a file by whoever runs the twin. Replaces what was kept under its name.
    pub kept: Option<Kept>,
    /// Monotonic time (ms) at which a tick will have something to do.
    pub next_due: Option<u64>,
}

/// The record of a procedure as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose asset it is at.
    pub source: SourceRow,
    /// Its path relative to the folder of records, of letters, digits, `-`, `_`, `.` and `/` between them.
    pub file: String,
    /// JSON.
    pub json: Vec<u8>,
}
