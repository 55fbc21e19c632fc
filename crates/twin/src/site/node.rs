//! A table of a file after reading: values by key, each with its place.
//!
//! What a key holds was settled by its [`Kind`](super::shape::Kind): a getter of another kind gives nothing.

use std::collections::BTreeMap;
use std::ops::Range;

use super::problem::Spanned;

/// Most bytes of what only its reader knows, as JSON.
pub(super) const MOST_FREE: usize = 16 << 10;

/// A table that was read: its values by key.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// Where the table stands: its header, or the inline table.
    pub span: Range<usize>,
    pub(super) values: BTreeMap<&'static str, Spanned<Checked>>,
}

/// A value that obeys its [`Kind`].
#[derive(Debug)]
pub(super) enum Checked {
    Text(String),
    Bool(bool),
    Integer(i64),
    Number(f64),
    Numbers(Vec<f64>),
    Texts(Vec<Spanned<String>>),
    Vars(BTreeMap<String, String>),
    Names(BTreeMap<String, Spanned<String>>),
    Free(serde_json::Value),
    Table(Box<Node>),
    Tables(Vec<Node>),
}

impl Node {
    fn get(&self, key: &str) -> Option<&Spanned<Checked>> {
        self.values.get(key)
    }

    /// Where the file has the value of a key, if it has one.
    pub fn span_of(&self, key: &str) -> Option<Range<usize>> {
        self.get(key).map(|value| value.span.clone()).filter(|span| *span != self.span)
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<Spanned<String>> {
        match self.get(key)? {
            Spanned { value: Checked::Text(text), span } => Some(Spanned::new(text.clone(), span.clone())),
            _ => None,
        }
    }

    /// A text without its place, for what is not checked further.
    pub fn plain(&self, key: &str) -> Option<String> {
        self.text(key).map(|text| text.value)
    }

    /// A boolean.
    pub fn flag(&self, key: &str) -> Option<Spanned<bool>> {
        match self.get(key)? {
            Spanned { value: Checked::Bool(flag), span } => Some(Spanned::new(*flag, span.clone())),
            _ => None,
        }
    }

    /// A whole number; durations in ms and sizes in bytes too.
    pub fn integer(&self, key: &str) -> Option<Spanned<i64>> {
        match self.get(key)? {
            Spanned { value: Checked::Integer(number), span } => Some(Spanned::new(*number, span.clone())),
            _ => None,
        }
    }

    /// A duration, ms.
    pub fn millis(&self, key: &str) -> Option<u64> {
        self.integer(key).and_then(|ms| u64::try_from(ms.value).ok())
    }

    /// A number.
    pub fn number(&self, key: &str) -> Option<Spanned<f64>> {
        match self.get(key)? {
            Spanned { value: Checked::Number(number), span } => Some(Spanned::new(*number, span.clone())),
            _ => None,
        }
    }

    /// All numbers by key.
    pub fn all_numbers(&self) -> BTreeMap<String, f64> {
        let numbers = self.values.keys().filter_map(|key| Some(((*key).to_owned(), self.number(key)?.value)));
        numbers.collect()
    }

    /// A fixed number of numbers.
    pub fn numbers<const N: usize>(&self, key: &str) -> Option<Spanned<[f64; N]>> {
        match self.get(key)? {
            Spanned { value: Checked::Numbers(numbers), span } => {
                Some(Spanned::new(numbers.as_slice().try_into().ok()?, span.clone()))
            }
            _ => None,
        }
    }

    /// A list of texts.
    pub fn texts(&self, key: &str) -> Vec<Spanned<String>> {
        match self.get(key) {
            Some(Spanned { value: Checked::Texts(texts), .. }) => texts.clone(),
            _ => Vec::new(),
        }
    }

    /// A table of texts.
    pub fn vars(&self, key: &str) -> BTreeMap<String, String> {
        match self.get(key) {
            Some(Spanned { value: Checked::Vars(vars), .. }) => vars.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// A table of names, each with its place.
    pub fn names(&self, key: &str) -> BTreeMap<String, Spanned<String>> {
        match self.get(key) {
            Some(Spanned { value: Checked::Names(names), .. }) => names.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// What its reader knows; null if the file has none.
    pub fn free(&self, key: &str) -> serde_json::Value {
        match self.get(key) {
            Some(Spanned { value: Checked::Free(value), .. }) => value.clone(),
            _ => serde_json::Value::Null,
        }
    }

    /// A table; an empty one with defaults if the file has none is made by the caller.
    pub fn table(&self, key: &str) -> Option<&Self> {
        match self.get(key) {
            Some(Spanned { value: Checked::Table(node), .. }) => Some(node),
            _ => None,
        }
    }

    /// An array of tables.
    pub fn tables(&self, key: &str) -> &[Self] {
        match self.get(key) {
            Some(Spanned { value: Checked::Tables(nodes), .. }) => nodes,
            _ => &[],
        }
    }

    /// About how much memory a copy of it takes, bytes.
    pub fn weight(&self) -> usize {
        const ENTRY: usize = 32;
        let weigh = |value: &Checked| match value {
            Checked::Text(text) => text.len(),
            Checked::Texts(texts) => texts.iter().map(|text| text.len() + ENTRY).sum(),
            Checked::Vars(vars) => vars.iter().map(|(name, text)| name.len() + text.len() + ENTRY).sum(),
            Checked::Names(names) => names.iter().map(|(name, text)| name.len() + text.len() + ENTRY).sum(),
            Checked::Free(_) => MOST_FREE,
            Checked::Table(node) => node.weight(),
            Checked::Tables(nodes) => nodes.iter().map(Self::weight).sum(),
            Checked::Bool(_) | Checked::Integer(_) | Checked::Number(_) | Checked::Numbers(_) => 0,
        };
        self.values.values().map(|value| weigh(value) + ENTRY).sum()
    }
}
