//! What a site file, a type file or a tour may hold: one table of keys, from which the reader and the JSON Schema both work.
//!
//! Invariant: nothing else decides which keys exist, which are required, their defaults and their bounds.

use super::rule::Rule;

/// A TOML table: its keys.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Name in messages, with its article: `a source`.
    pub name: &'static str,
    /// Name of its definition in the JSON Schema.
    pub definition: &'static str,
    /// One sentence for editors.
    pub doc: &'static str,
    /// The keys.
    pub keys: &'static [Key],
    /// Exactly one of these keys must be there; empty: no such rule.
    pub exactly_one_of: &'static [&'static str],
    /// Keys that people try and that are refused with a remedy of their own.
    pub refused: &'static [Refused],
}

/// A key that is refused with more than "unknown key".
#[derive(Debug)]
pub(crate) struct Refused {
    pub key: &'static str,
    pub message: &'static str,
    pub hint: &'static str,
}

/// One key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// One sentence for editors.
    pub doc: &'static str,
    pub required: bool,
    /// The value where the file has none.
    pub default: Option<Default>,
}

/// A default, as the file would write it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Default {
    Text(&'static str),
    Integer(i64),
    Number(f64),
}

/// What a key holds.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The version of the format: exactly this integer.
    Version(i64),
    /// A text of at most `max` bytes that obeys a rule.
    Text { rule: Rule, max: usize },
    /// `true` or `false`.
    Bool,
    /// Always `true`.
    True,
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// A finite number.
    Number { min: f64, max: f64 },
    /// A duration text, bounds in ms.
    Duration { min_ms: u64, max_ms: u64 },
    /// A size text or a number of bytes.
    Size { min: u64, max: u64 },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Exactly `len` finite numbers.
    Numbers { len: usize, min: f64, max: f64 },
    /// Two finite numbers, the first smaller.
    Range,
    /// Texts, at most `most` of them, each at most `max` bytes.
    Texts { rule: Rule, max: usize, most: usize },
    /// Texts, whole numbers, booleans: at most `most`.
    Scalars { most: usize },
    /// Names with texts (`{ tag = "WT01" }`): at most `most`.
    Vars { most: usize },
    /// Roles with the names of parts or signals (`{ bearing = "high_speed_bearing" }`): at most `most`.
    Names { most: usize },
    /// Whatever its reader knows, within bounds: numbers, texts, booleans, lists and tables.
    Free,
    /// A table.
    Table(&'static Shape),
    /// An array of tables, at most `most`.
    Tables { shape: &'static Shape, most: usize },
}

impl Kind {
    /// What is expected, for messages.
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Version(_) | Self::Integer { .. } => "a whole number",
            Self::Text { .. } | Self::OneOf(_) => "a text in quotes",
            Self::Bool => "true or false",
            Self::True => "true",
            Self::Number { .. } => "a number",
            Self::Duration { .. } => "a duration in quotes, such as \"15s\"",
            Self::Size { .. } => "a size in quotes, such as \"1MiB\", or a number of bytes",
            Self::Numbers { .. } => "a list of numbers",
            Self::Range => "two numbers [lowest, highest]",
            Self::Texts { .. } => "a list of texts",
            Self::Scalars { .. } => "a list of texts, whole numbers or booleans",
            Self::Vars { .. } => "a table of texts, such as { tag = \"WT01\" }",
            Self::Names { .. } => "a table of names, such as { bearing = \"high_speed_bearing\" }",
            Self::Free => "a table",
            Self::Table(_) => "a table",
            Self::Tables { .. } => "a list of tables",
        }
    }
}

/// Bounds that more than one file needs.
pub(crate) mod bound {
    /// Largest file, bytes.
    pub const FILE: usize = 4 << 20;
    /// Longest id, bytes.
    pub const ID: usize = 64;
    /// Longest name, bytes.
    pub const NAME: usize = 200;
    /// Longest sentence or two, bytes.
    pub const PROSE: usize = 2_000;
    /// Longest topic, bytes. MQTT allows 65,535; no broker's own limit is that high.
    pub const TOPIC: usize = 1_024;
    /// Longest path of a file, a node or a pointer, bytes.
    pub const PATH: usize = 1_024;
    /// Longest CEL expression, bytes.
    pub const EXPRESSION: usize = crate::expression::MAX_SOURCE;
    /// Largest magnitude of a number: beyond it, arithmetic on values loses what sensors measure.
    pub const NUMBER: f64 = 1e15;
    /// Most assets of a site.
    pub const ASSETS: usize = 10_000;
    /// Most parts of a type, repeats counted.
    pub const PARTS: usize = 100_000;
    /// Most parts of a site; as many signals, and as many alarms.
    pub const ROWS: usize = 1_000_000;
    /// Most memory that repeats may make of a type file, bytes: a long sentence times 10,000 alarms.
    pub const TYPE_MEMORY: usize = 256 << 20;
    /// Most memory that assets may make of their types, bytes: 10,000 wind turbines of the demo take half of it.
    pub const SITE_MEMORY: usize = 1 << 30;
    /// Most repeats of a part.
    pub const COUNT: i64 = 10_000;
    /// Most signals, alarms, motions or documents of one part.
    pub const PER_PART: usize = 1_000;
}

#[cfg(test)]
mod tests {
    use super::super::{shape_site, shape_tour, shape_type};
    use super::*;

    fn visit(shape: &'static Shape, all: &mut Vec<&'static Shape>) {
        if all.iter().any(|known| known.definition == shape.definition) {
            return;
        }
        all.push(shape);
        for key in shape.keys {
            if let Kind::Table(inner) | Kind::Tables { shape: inner, .. } = key.kind {
                visit(inner, all);
            }
        }
    }

    #[test]
    fn the_tables_are_sound() {
        let mut all = Vec::new();
        visit(&shape_site::SITE_FILE, &mut all);
        visit(&shape_type::TYPE_FILE, &mut all);
        visit(&shape_tour::TOUR_FILE, &mut all);
        for shape in all {
            let mut names: Vec<_> =
                shape.keys.iter().map(|k| k.name).chain(shape.refused.iter().map(|r| r.key)).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{}: a key twice", shape.definition);
            for one in shape.exactly_one_of {
                assert!(shape.keys.iter().any(|k| k.name == *one), "{}: {one}", shape.definition);
            }
            for key in shape.keys {
                assert!(key.doc.ends_with('.'), "{}.{}: a sentence", shape.definition, key.name);
                assert!(!(key.required && key.default.is_some()), "{}.{}", shape.definition, key.name);
            }
        }
    }
}
