//! What can be replayed: a recording, or a table with its mapping.

use std::path::Path;

use bytes::Bytes;
use twinscope_twin::time::WallMs;

use super::table::{Table, TableError};
use crate::record::{self, Ended, RecordError, Recorded, Recording};

/// Largest JSON whose time is rewritten, bytes; what is larger goes out as it is.
const MAX_REWRITE: usize = 1 << 20;

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
    /// Bytes as they were, and where their time is, if that is known.
    Recorded(Bytes, Option<TimeField>),
    /// Fields of a table's row, JSON without its braces, and the name of the time field.
    Row { time: Option<String>, fields: String },
}

/// Where a JSON payload has its source time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeField {
    /// JSON Pointer (RFC 6901), e.g. `/t`.
    pub pointer: String,
    /// How many of its units make a millisecond, as (numerator, denominator): (1, 1) for ms, (1, 1000) for s.
    pub per_ms: (i64, i64),
}

impl TimeField {
    /// Milliseconds since the epoch at `pointer`.
    #[must_use]
    pub fn milliseconds(pointer: &str) -> Self {
        Self { pointer: pointer.to_owned(), per_ms: (1, 1) }
    }
}

impl Timed {
    /// The payload, its source time moved by `shift_ms` where its place is known.
    #[must_use]
    pub fn payload(&self, shift_ms: i64) -> Bytes {
        match &self.body {
            Body::Recorded(bytes, Some(field)) if shift_ms != 0 => {
                rewrite(bytes, field, shift_ms).unwrap_or_else(|| bytes.clone())
            }
            Body::Recorded(bytes, _) => bytes.clone(),
            Body::Row { time: None, fields } => Bytes::from(format!("{{{fields}}}")),
            Body::Row { time: Some(name), fields } => Bytes::from(format!(
                "{{{}:{},{fields}}}",
                serde_json::Value::from(name.as_str()),
                self.t_ms.saturating_add(shift_ms)
            )),
        }
    }
}

/// `None`: there is no number at that place; the payload stays as it is.
fn rewrite(bytes: &Bytes, field: &TimeField, shift_ms: i64) -> Option<Bytes> {
    if bytes.len() > MAX_REWRITE {
        return None;
    }
    let mut json: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let place = json.pointer_mut(&field.pointer)?;
    let (numerator, denominator) = field.per_ms;
    *place = match (place.as_i64(), place.as_f64()) {
        (Some(whole), _) => {
            let shift = shift_ms.checked_mul(numerator)?.checked_div(denominator)?;
            whole.checked_add(shift)?.into()
        }
        #[expect(clippy::cast_precision_loss, reason = "a shift of 285,000 years fits a double")]
        (None, Some(fraction)) => (fraction + shift_ms as f64 * numerator as f64 / denominator as f64).into(),
        (None, None) => return None,
    };
    serde_json::to_vec(&json).ok().map(Bytes::from)
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
        /// Its messages.
        recording: Box<Recording>,
        /// Where the payloads have their time.
        time_field: Option<TimeField>,
    },
    /// CSV files and their mapping.
    Table(Box<Table>),
}

impl Input {
    /// A recording. With `time_field`, source times in JSON payloads are shifted along; without, they stay as they were,
    /// and a viewer sees old samples.
    ///
    /// # Errors
    /// It is not a readable recording.
    pub fn recording(path: &Path, time_field: Option<TimeField>) -> Result<Self, InputError> {
        Ok(Self::Recording { recording: Box::new(record::replay_mcap(path)?), time_field })
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
    pub fn open(path: &Path, time_field: Option<TimeField>) -> Result<Self, InputError> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => Self::table(path),
            _ => Self::recording(path, time_field),
        }
    }

    /// The next message; `None` at the end.
    ///
    /// # Errors
    /// A table has a row that cannot be read.
    pub fn next_message(&mut self) -> Result<Option<Timed>, InputError> {
        match self {
            Self::Recording { recording, time_field } => {
                Ok(recording.next().map(|Recorded { t_ms, topic, payload, retained }| Timed {
                    t_ms,
                    topic,
                    retained,
                    body: Body::Recorded(payload.into(), time_field.clone()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pointer: &str, per_ms: (i64, i64), payload: &str, expected: &str) {
        let field = TimeField { pointer: pointer.to_owned(), per_ms };
        let body = Body::Recorded(Bytes::from(payload.to_owned()), Some(field));
        let timed = Timed { t_ms: 0, topic: String::new(), retained: false, body };
        assert_eq!(timed.payload(5_000), expected, "{payload}");
        assert_eq!(timed.payload(0), payload, "without a shift nothing is touched");
    }

    #[test]
    fn known_times_are_shifted_and_everything_else_stays() {
        check("/t", (1, 1), r#"{"t":1000,"v":1.5}"#, r#"{"t":6000,"v":1.5}"#);
        check("/t", (1, 1_000), r#"{"t":1}"#, r#"{"t":6}"#);
        check("/t", (1, 1_000), r#"{"t":1.5}"#, r#"{"t":6.5}"#);
        check("/a/0", (1, 1), r#"{"a":[1]}"#, r#"{"a":[5001]}"#);
        for unchanged in ["", "23.4", "{", r#"{"t":"noon"}"#, r#"{"u":1}"#, r#"{"t":9223372036854775807}"#] {
            check("/t", (1, 1), unchanged, unchanged);
        }
    }
}
