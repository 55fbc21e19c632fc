//! How problems are told: as text with line, caret and hint, or as JSON.

use std::collections::BTreeMap;
use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity, SourceCode};
use serde_json::{Value, json};
use twinscope_twin::site::{Problem, ProblemSeverity};

use crate::model::printable;

/// Problems that are told one by one; a person mends the first ones first.
const MOST_SHOWN: usize = 200;
/// Longer lines are not drawn: a file without line breaks would fill the screen for each of its problems.
const LONGEST_LINE: usize = 500;

/// How a report is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// ASCII, for files and pipes.
    Plain,
    /// Unicode lines and colours, for a terminal.
    Colour,
}

impl Ink {
    /// What standard output takes.
    #[must_use]
    pub fn of_stdout() -> Self {
        Self::of(&std::io::stdout())
    }

    /// What standard error takes.
    #[must_use]
    pub fn of_stderr() -> Self {
        Self::of(&std::io::stderr())
    }

    fn of(stream: &impl std::io::IsTerminal) -> Self {
        if stream.is_terminal() && std::env::var_os("NO_COLOR").is_none() { Self::Colour } else { Self::Plain }
    }
}

/// The problems as text; `sources` are the files' texts by the names that problems give them.
#[must_use]
pub fn report_text(problems: &[Problem], sources: &BTreeMap<String, String>, ink: Ink) -> String {
    let theme = if ink == Ink::Colour { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(120);
    let clean: BTreeMap<&str, NamedSource<String>> = sources
        .iter()
        .map(|(name, text)| {
            (name.as_str(), NamedSource::new(printable(name), without_secrets(&without_controls(text))))
        })
        .collect();
    let mut out = String::new();
    for problem in problems.iter().take(MOST_SHOWN) {
        let source = clean.get(problem.file.as_str()).filter(|source| drawable(problem, source.inner()));
        let shown = Shown { problem, source, text: message(problem, source.is_some()) };
        let mut one = String::new();
        if handler.render_report(&mut one, &shown).is_ok() {
            out.push_str(one.trim_matches('\n'));
        } else {
            out.push_str(&message(problem, false));
        }
        out.push_str("\n\n");
    }
    let more = problems.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        out.push_str(&format!("… and {more} more (--format json has them all)\n\n"));
    }
    out.push_str(&summary(problems));
    out.push('\n');
    out
}

/// `3 errors, 1 warning`.
fn summary(problems: &[Problem]) -> String {
    let count = |severity| problems.iter().filter(|p| p.severity == severity).count();
    let told = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match (count(ProblemSeverity::Error), count(ProblemSeverity::Warning)) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => told(warnings, "warning"),
        (errors, 0) => told(errors, "error"),
        (errors, warnings) => format!("{}, {}", told(errors, "error"), told(warnings, "warning")),
    }
}

/// The problems as data.
#[must_use]
pub fn report_json(problems: &[Problem]) -> Value {
    let count = |severity| problems.iter().filter(|p| p.severity == severity).count();
    let list: Vec<Value> = problems
        .iter()
        .map(|p| {
            let severity = if p.severity == ProblemSeverity::Error { "error" } else { "warning" };
            json!({ "file": p.file, "line": p.line, "column": p.column, "severity": severity,
                "message": p.message, "hint": p.hint })
        })
        .collect();
    json!({
        "problems": list,
        "errors": count(ProblemSeverity::Error),
        "warnings": count(ProblemSeverity::Warning),
    })
}

/// The message; with its place when no snippet says it.
fn message(problem: &Problem, has_snippet: bool) -> String {
    let text = printable(&problem.message);
    if has_snippet {
        return text;
    }
    let file = printable(&problem.file);
    match (problem.line, problem.column) {
        (0, _) => format!("{file}: {text}"),
        (line, 0) => format!("{file}:{line}: {text}"),
        (line, column) => format!("{file}:{line}:{column}: {text}"),
    }
}

/// Whether the lines around the problem are short enough to draw.
fn drawable(problem: &Problem, text: &str) -> bool {
    let Some(span) = problem.span.as_ref() else { return false };
    let (Some(before), Some(after)) = (text.get(..span.start), text.get(span.end..)) else { return false };
    if span.len() > LONGEST_LINE {
        return false;
    }
    let short = |mut lines: std::str::Split<'_, char>| lines.by_ref().take(2).all(|line| line.len() <= LONGEST_LINE);
    let short_back = |lines: std::str::RSplit<'_, char>| lines.take(2).all(|line| line.len() <= LONGEST_LINE);
    short_back(before.rsplit('\n')) && short(after.split('\n'))
}

/// The text with every control character replaced by as many bytes, so that spans stay where they are.
fn without_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let harmless = match c {
            '\n' | '\t' => true,
            '\r' => chars.peek() == Some(&'\n'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
            c => !c.is_control(),
        };
        if harmless {
            out.push(c);
        } else {
            out.extend(std::iter::repeat_n('?', c.len_utf8()));
        }
    }
    out
}

/// The text with as many stars in the place of what must not be read over a shoulder or in a log: values of keys that
/// name a secret (which do not belong into a site file, but are there until the report is read), and users and passwords
/// in addresses. Spans stay where they are.
fn without_secrets(text: &str) -> String {
    let names_one = |key: &str| {
        let key = key.trim().trim_matches('"').to_ascii_lowercase();
        ["password", "passwd", "secret", "token"].iter().any(|word| key.contains(word))
            && !key.ends_with("_file")
            && !key.ends_with("_env")
    };
    let stars = |out: &mut String, hidden: &str| {
        out.extend(hidden.bytes().map(|byte| if byte.is_ascii_whitespace() { char::from(byte) } else { '*' }));
    };
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let value = line.split_once('=').filter(|(key, _)| names_one(key)).map(|(key, _)| key.len() + 1);
        let login = line.find("://").map(|at| at + 3).and_then(|start| {
            let rest = line.get(start..)?;
            let end = rest.find(['"', '\'', '/', ' ', '\t', '\n']).unwrap_or(rest.len());
            rest.get(..end)?.rfind('@').map(|at| start..start + at)
        });
        match (value, login) {
            (Some(from), _) => {
                let (key, hidden) = line.split_at(from);
                out.push_str(key);
                stars(&mut out, hidden);
            }
            (None, Some(login)) => {
                out.push_str(line.get(..login.start).unwrap_or_default());
                stars(&mut out, line.get(login.clone()).unwrap_or_default());
                out.push_str(line.get(login.end..).unwrap_or_default());
            }
            (None, None) => out.push_str(line),
        }
    }
    out
}

/// A problem as the report handler takes it.
#[derive(Debug)]
struct Shown<'a> {
    problem: &'a Problem,
    source: Option<&'a NamedSource<String>>,
    text: String,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(if self.problem.severity == ProblemSeverity::Error { Severity::Error } else { Severity::Warning })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.hint.as_ref().map(|hint| Box::new(printable(hint)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.problem.span.clone().filter(|_| self.source.is_some())?;
        Some(Box::new(std::iter::once(LabeledSpan::new(None, span.start, span.len()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = without_secrets(text);
        assert_eq!(shown, expected);
        assert_eq!(shown.len(), text.len(), "spans stay where they are");
    }

    #[test]
    fn secrets_are_not_shown_and_the_rest_is() {
        check("password = \"hunter2\"\nqos = 1\n", "password = *********\nqos = 1\n");
        check("\"api_token\"=\"é\"", "\"api_token\"=****");
        check("password_file = \"secrets/mqtt\"", "password_file = \"secrets/mqtt\"");
        check("password_env = \"TWIN\" # a = b", "password_env = \"TWIN\" # a = b");
        check("url = \"mqtt://ann:s3@host:1883\"", "url = \"mqtt://******@host:1883\"");
        check("url = \"mqtt://host:1883\" # ann@example", "url = \"mqtt://host:1883\" # ann@example");
        check("topic = \"a/b\"\r\n", "topic = \"a/b\"\r\n");
    }
}
