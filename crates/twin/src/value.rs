//! What a signal can be.

use std::sync::Arc;

/// The value of a signal after decoding, scale and offset.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number in the signal's unit.
    Number(f64),
    /// A switch.
    Flag(bool),
    /// A text of at most [`Value::MAX_TEXT`] bytes.
    Text(Arc<str>),
}

impl Value {
    /// Longest text that a signal keeps, in bytes. A longer one makes the sample bad.
    pub const MAX_TEXT: usize = 1024;

    /// The value as a number; a flag counts 0 or 1, a text has none.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Flag(flag) => Some(f64::from(u8::from(*flag))),
            Self::Text(_) => None,
        }
    }
}

/// Where a value comes from; shown beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provenance {
    /// A sensor said so.
    #[default]
    Measured,
    /// An expression over other signals.
    Derived,
    /// A model's output.
    Predicted,
    /// A simulator stands in for the machine.
    Simulated,
}
