//! What is wrong with a site or type file, as data: file, place, message, hint.
//!
//! Not how it is printed: the command line draws carets, the window draws a list, `--format json` serialises.
//! Invariants: a span lies within the file's text and on character boundaries; a file never makes more than
//! [`MAX_PROBLEMS`] problems (the last then says how many were left out).

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

/// Most problems that are told apart in one file: a file of the wrong kind would bury its reader.
pub const MAX_PROBLEMS: usize = 1_000;

/// Whether the site can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProblemSeverity {
    /// The file is not used until it is mended.
    Error,
    /// The file works, and probably not as meant.
    Warning,
}

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: ProblemSeverity,
    /// The file, by the name that the caller gave it.
    pub file: String,
    /// Bytes of the file that it is about.
    pub span: Option<Range<usize>>,
    /// Line, counted from 1; 0 if unknown.
    pub line: usize,
    /// Column in characters, counted from 1; 0 if unknown.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A value and the bytes of the file that it was read from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Range<usize>,
}

impl<T> Spanned<T> {
    pub(crate) const fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A file's text with its name, to turn bytes into lines and columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileText {
    pub name: String,
    pub text: String,
    line_starts: Vec<usize>,
}

impl FileText {
    pub fn new(text: &str, name: &str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
            .collect();
        Self { name: name.to_owned(), text: text.to_owned(), line_starts }
    }

    /// Line and column of a byte, both counted from 1.
    fn position(&self, byte: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= byte).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or("");
        let columns = before.chars().filter(|c| *c != '\u{feff}').count();
        (line, columns + 1)
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, byte: usize) -> usize {
        self.position(byte).0
    }

    /// A problem at `span`.
    pub fn problem(
        &self,
        severity: ProblemSeverity,
        span: &Range<usize>,
        message: String,
        hint: Option<String>,
    ) -> Problem {
        let span = self.clamp(span);
        let (line, column) = self.position(span.start);
        Problem { severity, file: self.name.clone(), span: Some(span), line, column, message, hint }
    }

    /// `span` moved into the text and onto character boundaries.
    fn clamp(&self, span: &Range<usize>) -> Range<usize> {
        let floor = |mut at: usize| {
            at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(span.start);
        start..floor(span.end).max(start)
    }

    /// The bytes of the file that hold bytes `within` of the value of the string at `span`;
    /// all of `span` where escapes make them hard to find.
    pub fn within(&self, span: &Range<usize>, value: &str, within: Range<usize>) -> Range<usize> {
        let raw = self.text.get(span.clone()).unwrap_or("");
        match raw.find(value) {
            Some(at) if !value.is_empty() && within.end <= value.len() => {
                span.start + at + within.start..span.start + at + within.end
            }
            _ => span.clone(),
        }
    }
}

/// Collects the problems of one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    file: Arc<FileText>,
    list: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    pub const fn new(file: Arc<FileText>) -> Self {
        Self { file, list: Vec::new(), left_out: 0 }
    }

    pub fn text(&self) -> &FileText {
        &self.file
    }

    /// Whether nothing was reported.
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Further ones are only counted: what they would say need not be worked out.
    pub const fn is_full(&self) -> bool {
        self.list.len() >= MAX_PROBLEMS
    }

    /// An error without a hint.
    pub fn error(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.push(ProblemSeverity::Error, span, message.into(), None);
    }

    /// An error with what to do about it.
    pub fn error_with(&mut self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.push(ProblemSeverity::Error, span, message.into(), Some(hint.into()));
    }

    /// A warning with what to do about it.
    pub fn warning_with(&mut self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.push(ProblemSeverity::Warning, span, message.into(), Some(hint.into()));
    }

    pub fn push(&mut self, severity: ProblemSeverity, span: &Range<usize>, message: String, hint: Option<String>) {
        if self.list.len() >= MAX_PROBLEMS {
            self.left_out += 1;
            return;
        }
        self.list.push(self.file.problem(severity, span, message, hint));
    }

    /// The problems by place in the file, each once.
    pub fn finish(mut self) -> Vec<Problem> {
        self.list.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        self.list.dedup();
        if self.left_out > 0 {
            self.list.push(Problem {
                severity: ProblemSeverity::Error,
                file: self.file.name.clone(),
                span: None,
                line: 0,
                column: 0,
                message: format!("and {} more problems", self.left_out),
                hint: None,
            });
        }
        self.list
    }
}
