//! What is wrong with a model: what, where, and what to do about it.

use std::fmt;

/// Why a model cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ModelError {
    /// What sort of mistake it is; programs and tests look at this.
    pub kind: ErrorKind,
    /// The file, as it was asked for.
    pub file: String,
    /// Where in the file, as a path into its JSON (`accessors[3]`); empty for the file as a whole.
    pub place: String,
    /// What is wrong, one sentence without a full stop.
    pub what: String,
    /// What to do about it; empty if nothing is known to help.
    pub remedy: String,
}

/// Sorts of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// There is no such file.
    Missing,
    /// A folder, a pipe, a device: nothing that has an end.
    NotAFile,
    /// Something outside the model's folder is asked for.
    Outside,
    /// The system refused to read it.
    Unreadable,
    /// More bytes, nodes, triangles, pixels … than the limits allow.
    Limit,
    /// Neither a GLB nor a glTF, or a damaged one.
    Container,
    /// The JSON is not JSON, or not that of glTF 2.0.
    Json,
    /// An index points at nothing.
    Index,
    /// Nodes that are no tree.
    Tree,
    /// A number that is not finite or out of all proportion.
    Number,
    /// A buffer, a view or an accessor that reads outside its data, or is of the wrong type.
    Data,
    /// A file name inside the model that cannot be followed.
    Uri,
    /// A texture that cannot be decoded.
    Image,
    /// A required extension that nothing here reads.
    Extension,
    /// A way of drawing (fan, loop) that the renderer does not know.
    Primitive,
    /// Nothing to show.
    Empty,
}

impl ErrorKind {
    /// A word for reports and counters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotAFile => "not-a-file",
            Self::Outside => "outside",
            Self::Unreadable => "unreadable",
            Self::Limit => "limit",
            Self::Container => "container",
            Self::Json => "json",
            Self::Index => "index",
            Self::Tree => "tree",
            Self::Number => "number",
            Self::Data => "data",
            Self::Uri => "uri",
            Self::Image => "image",
            Self::Extension => "extension",
            Self::Primitive => "primitive",
            Self::Empty => "empty",
        }
    }
}

impl ModelError {
    /// A mistake at `place`; the file is filled in by the caller that knows it.
    pub(crate) fn new(kind: ErrorKind, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { kind, file: String::new(), place: place.into(), what: what.into(), remedy: String::new() }
    }

    /// A mistake with what to do about it.
    pub(crate) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// The same mistake, in `file`.
    pub(crate) fn in_file(mut self, file: &str) -> Self {
        if self.file.is_empty() {
            file.clone_into(&mut self.file);
        }
        self
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", printable(&self.file))?;
        if !self.place.is_empty() {
            write!(f, ": {}", printable(&self.place))?;
        }
        write!(f, ": {}", printable(&self.what))
    }
}

/// Text from a file, safe for a terminal: control characters become `\u{…}`, long texts are cut.
///
/// Names in a model are anyone's: an escape sequence in one must not reach a terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    /// Longer names help nobody and fill screens.
    const LONGEST: usize = 400;
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for (n, c) in text.chars().enumerate() {
        if n == LONGEST {
            out.push('…');
            break;
        }
        // Bidirectional overrides reorder a line on screen: they hide as well as control characters do.
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_file_place_what() {
        let e = ModelError::new(ErrorKind::Data, "accessors[3]", "reads past its end").in_file("a.glb");
        assert_eq!(e.to_string(), "a.glb: accessors[3]: reads past its end");
    }

    #[test]
    fn the_innermost_file_stays() {
        let e = ModelError::new(ErrorKind::Missing, "", "gone").in_file("a.bin").in_file("a.gltf");
        assert_eq!(e.file, "a.bin");
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}"), "a\\u{1b}[31mb\\u{202e}");
    }

    #[test]
    fn long_names_are_cut() {
        assert!(printable(&"x".repeat(10_000)).chars().count() < 500);
    }
}
