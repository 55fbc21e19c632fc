//! What can be replayed: a recording, or a table with its mapping.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use twinscope_twin::site::TimeInput;
use twinscope_twin::time::WallMs;

use super::payload_time::{TimePlaces, moved};
use super::table::{Table, TableError};
use crate::record::{self, Ended, RecordError, Recorded, Recording};

/// One message of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// When it happened, ms since the epoch.
    pub t_ms: WallMs,
    /// Topic.
    pub topic: String,
    /// The broker had kept it.
    pub retained: bool,
    pub(super) body: Body,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    /// Bytes as they were, and where their times are, as far as that is known.
    Recorded(Bytes, Vec<TimeInput>),
    /// Fields of a table's row, JSON without its braces, and the name of the time field.
    Row { time: Option<String>, fields: String },
}

impl Timed {
    /// The payload, its source time moved by `shift_ms` where its place is known.
    #[must_use]
    pub fn payload(&self, shift_ms: i64) -> Bytes {
        match &self.body {
            Body::Recorded(bytes, places) => moved(bytes, places, shift_ms).unwrap_or_else(|| bytes.clone()),
            Body::Row { time: None, fields } => Bytes::from(format!("{{{fields}}}")),
            Body::Row { time: Some(name), fields } => Bytes::from(format!(
                "{{{}:{},{fields}}}",
                serde_json::Value::from(name.as_str()),
                self.t_ms.saturating_add(shift_ms)
            )),
        }
    }
}

/// An input cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A recording.
    #[error(transparent)]
    Recording(#[from] RecordError),
    /// A table.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// A recording or a table, message by message.
pub enum Input {
    /// An MCAP file.
    Recording {
        /// The file.
        path: PathBuf,
        /// Its messages.
        recording: Box<Recording>,
        /// Where the payloads tell their times; `None`: where the recording says.
        times: Option<TimePlaces>,
    },
    /// CSV files and their mapping.
    Table(Box<Table>),
}

impl Input {
    /// A recording. `times` says where its JSON payloads tell their times, so that a shift moves these too; without it,
    /// what the recording says itself counts.
    ///
    /// # Errors
    /// It is not a readable recording.
    pub fn recording(path: &Path, times: Option<TimePlaces>) -> Result<Self, InputError> {
        Ok(Self::Recording { path: path.to_owned(), recording: Box::new(record::replay_mcap(path)?), times })
    }

    /// A table, by its mapping.
    ///
    /// # Errors
    /// The mapping or a file of it cannot be read.
    pub fn table(mapping: &Path) -> Result<Self, InputError> {
        Ok(Self::Table(Box::new(Table::open(mapping)?)))
    }

    /// A recording (`.mcap`) or a mapping (`.toml`), by the name of the file.
    ///
    /// # Errors
    /// It cannot be read, or is neither.
    pub fn open(path: &Path, times: Option<TimePlaces>) -> Result<Self, InputError> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => Self::table(path),
            _ => Self::recording(path, times),
        }
    }

    /// The same input from its beginning.
    ///
    /// # Errors
    /// It can no longer be read.
    pub fn again(&self) -> Result<Self, InputError> {
        match self {
            Self::Recording { path, times, .. } => Self::recording(path, times.clone()),
            Self::Table(table) => Ok(Self::Table(Box::new(table.again()?))),
        }
    }

    /// The next message; `None` at the end.
    ///
    /// # Errors
    /// A table has a row that cannot be read.
    pub fn next_message(&mut self) -> Result<Option<Timed>, InputError> {
        match self {
            Self::Recording { recording, times, .. } => {
                Ok(recording.next().map(|Recorded { t_ms, topic, payload, retained, times: told }| {
                    let places = times.as_ref().map_or(told, |times| times.of_topic(&topic));
                    Timed { t_ms, topic, retained, body: Body::Recorded(payload.into(), places) }
                }))
            }
            Self::Table(table) => Ok(table.next_message()?),
        }
    }

    /// Why the input ended before its end, if it did.
    #[must_use]
    pub fn cut_off(&self) -> Option<String> {
        match self {
            Self::Recording { recording, .. } => match recording.ended() {
                Ended::Early { messages, reason } => {
                    Some(format!("the file is cut off or damaged after {messages} messages ({reason})"))
                }
                Ended::Not | Ended::Complete => None,
            },
            Self::Table(_) => None,
        }
    }
}
