//! A type, expanded: the tables of one asset, with rows counted from 0 and topics not yet filled in.
//!
//! [`resolve`](super::resolve) copies them for each asset, adds the asset's first rows and fills in the topics.

use std::ops::Range;

use super::problem::Spanned;
use super::{AlarmRule, Part, Signal};

/// The tables of one asset of a type.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypeTables {
    pub parts: Vec<TypePart>,
    pub signals: Vec<TypeSignal>,
    /// Rows of signals are those of `signals`.
    pub alarms: Vec<AlarmRule>,
    /// The documents of all parts, each once whatever the repeats: title and file.
    pub documents: Vec<(String, Spanned<String>)>,
    /// About how much memory a copy of them takes, bytes.
    pub weight: usize,
}

/// A part, its rows counted within the type.
#[derive(Clone, Debug)]
pub(crate) struct TypePart {
    pub part: Part,
    /// Value of `node`.
    pub node_span: Range<usize>,
    /// Value of `parent`, or that of `node`.
    pub parent_span: Range<usize>,
}

/// A signal, its rows counted within the type.
#[derive(Clone, Debug)]
pub(crate) struct TypeSignal {
    /// Its topic filter still has placeholders.
    pub signal: Signal,
    /// Value of `topic` or `expr`.
    pub input_span: Range<usize>,
}

impl TypeTables {
    /// The signals of a part.
    pub fn signals_of(&self, part: &Part) -> &[TypeSignal] {
        self.signals.get(part.signals.start as usize..part.signals.end as usize).unwrap_or(&[])
    }
}
