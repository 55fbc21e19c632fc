//! Rules for single texts: ids, URLs, paths, pointers. Each says what is wrong and what to write instead.

/// What a text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// One line, not empty.
    Line,
    /// Any text, control characters apart from line breaks and tabs excepted.
    Prose,
    /// Letters, digits, `-`, `_`: usable as a topic level.
    Id,
    /// A part id: a CEL identifier, may hold `{n}`.
    PartId,
    /// A signal id: a CEL identifier.
    SignalId,
    /// `signal`, or `part.signal`; may hold `{n}`.
    SignalRef,
    /// `part`, or `asset/part`.
    PartRef,
    /// An ISO 4217 code.
    Currency,
    /// A broker, simulation or recording.
    Url,
    /// A file, relative, with `/`.
    File,
    /// The name of an environment variable.
    Variable,
    /// An MQTT topic filter with placeholders (checked once these are filled in).
    Topic,
    /// A JSON Pointer (RFC 6901).
    Pointer,
    /// A CEL expression (checked with its part).
    Expression,
    /// A day, or two with `/` between (ISO 8601).
    Days,
    /// A time of day, `22:30`.
    TimeOfDay,
    /// A glTF node: a path of names, or `id:` and a part id.
    Node,
}

/// What is wrong with a text, and what to do.
pub(crate) type Fault = (String, Option<String>);

/// Words that CEL keeps for itself, and names that its functions live under.
const RESERVED: [&str; 27] = [
    "as",
    "break",
    "const",
    "continue",
    "double",
    "dyn",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "int",
    "let",
    "loop",
    "math",
    "namespace",
    "null",
    "package",
    "return",
    "string",
    "true",
    "type",
    "uint",
    "var",
    "void",
];

impl Rule {
    /// Checks a text that is known to be short enough.
    ///
    /// # Errors
    /// What is wrong and, where there is one, a remedy.
    pub fn check(self, text: &str) -> Result<(), Fault> {
        if !matches!(self, Self::Prose | Self::Expression) && text.chars().any(char::is_control) {
            return fault("control characters are not allowed here");
        }
        match self {
            Self::Prose => {
                if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                    return fault("control characters are not allowed here");
                }
                Ok(())
            }
            Self::Line | Self::Expression | Self::Topic | Self::Node => {
                if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                    return fault("control characters are not allowed here");
                }
                if text.trim().is_empty() {
                    return fault("is empty");
                }
                Ok(())
            }
            Self::Id => id(text),
            Self::PartId => identifier(&text.replace("{n}", "1"), text),
            Self::SignalId => identifier(text, text),
            Self::SignalRef => {
                let plain = text.replace("{n}", "1");
                let (part, signal) = plain.split_once('.').unwrap_or(("part", &plain));
                identifier(part, text).and_then(|()| identifier(signal, text))
            }
            Self::PartRef => {
                let (asset, part) = text.split_once('/').unwrap_or(("a", text));
                id(asset).and_then(|()| identifier(part, text))
            }
            Self::Currency => {
                if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
                    return Ok(());
                }
                remedy(format!("`{text}` is not a currency code"), "three capital letters (ISO 4217), such as \"EUR\"")
            }
            Self::Days => match super::operations::days(text) {
                Ok(_) => Ok(()),
                Err(why) => remedy(why, "write the first and the last day: \"2026-12-03/2026-12-05\""),
            },
            Self::TimeOfDay => match minutes_of_day(text) {
                Some(_) => Ok(()),
                None => remedy(format!("`{text}` is not a time of day"), "hours and minutes, such as \"22:30\""),
            },
            Self::Url => super::url::check(text),
            Self::File => file(text),
            Self::Variable => {
                let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
                if first && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                    return Ok(());
                }
                remedy(
                    "is not the name of an environment variable",
                    "write the name of the variable here, such as \"MQTT_PASSWORD\", never its value",
                )
            }
            Self::Pointer => pointer(text),
        }
    }

    /// The rule as a regular expression for the JSON Schema, where it is one.
    pub const fn pattern(self) -> Option<&'static str> {
        match self {
            Self::Line | Self::Expression | Self::Topic | Self::Node => Some(r"\S"),
            Self::Prose => None,
            Self::Id => Some("^[A-Za-z0-9_-]+$"),
            Self::PartId => Some(r"^([A-Za-z_]|\{n\})([A-Za-z0-9_]|\{n\})*$"),
            Self::SignalId => Some("^[A-Za-z_][A-Za-z0-9_]*$"),
            Self::SignalRef => Some(r"^([A-Za-z_]([A-Za-z0-9_]|\{n\})*\.)?[A-Za-z_]([A-Za-z0-9_]|\{n\})*$"),
            Self::PartRef => Some("^([A-Za-z0-9_-]+/)?[A-Za-z_][A-Za-z0-9_]*$"),
            Self::Currency => Some("^[A-Z]{3}$"),
            Self::Days => Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?$"),
            Self::TimeOfDay => Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"),
            Self::Url => Some("^(mqtts?://[^/?#@]+/?|sim:|file:.+)$"),
            Self::File => Some(r"^(?!/)(?![A-Za-z]:)[^\\]+$"),
            Self::Variable => Some("^[A-Za-z_][A-Za-z0-9_]*$"),
            Self::Pointer => Some("^(/([^~]|~[01])*)?$"),
        }
    }
}

/// Minutes since midnight of `22:30`.
pub(crate) fn minutes_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str, below: u16| {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|number| plain && *number < below)
    };
    Some(two(hours, 24)? * 60 + two(minutes, 60)?)
}

/// An id that is a topic level: letters, digits, `-`, `_`.
pub(crate) fn id(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return fault("is empty");
    }
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
        Some(c) => remedy(format!("`{c}` is not allowed in an id"), "ids have letters, digits, - and _"),
        None => Ok(()),
    }
}

/// A CEL identifier; `shown` is what the file says.
pub(crate) fn identifier(text: &str, shown: &str) -> Result<(), Fault> {
    const RULE: &str = "letters, digits and _, not starting with a digit, so that expressions can name it";
    if text.is_empty() {
        return fault("is empty");
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
        return remedy(format!("`{c}` is not allowed in `{shown}`"), RULE);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return remedy(format!("`{shown}` starts with a digit"), RULE);
    }
    if RESERVED.contains(&text) {
        return remedy(format!("`{shown}` is a word of the expression language"), "choose another id");
    }
    Ok(())
}

fn file(text: &str) -> Result<(), Fault> {
    let hint = "write a path relative to the folder of this file, with /";
    if text.trim().is_empty() {
        return fault("is empty");
    }
    let drive = text.as_bytes().get(1) == Some(&b':') && text.starts_with(|c: char| c.is_ascii_alphabetic());
    if text.starts_with('/') || text.starts_with('~') || drive {
        return remedy(format!("`{text}` is not a relative path"), hint);
    }
    if text.contains('\\') {
        return remedy(format!("`{text}` has a backslash"), hint);
    }
    if text.contains("://") {
        return remedy(format!("`{text}` is an address, not a file"), hint);
    }
    if text.ends_with('/') {
        return remedy(format!("`{text}` is a folder"), hint);
    }
    Ok(())
}

fn pointer(text: &str) -> Result<(), Fault> {
    if text.starts_with('$') {
        return remedy("JSONPath is not read here", "write a JSON Pointer, such as \"/sensors/0/value\"");
    }
    if !text.is_empty() && !text.starts_with('/') {
        let hint = format!("a JSON Pointer starts with /: \"/{}\"", text.replace('.', "/"));
        return Err((format!("`{text}` is not a JSON Pointer"), Some(hint)));
    }
    if text.split('~').skip(1).any(|after| !after.starts_with(['0', '1'])) {
        return remedy(format!("`{text}` has a ~ that stands for nothing"), "write ~0 for ~ and ~1 for /");
    }
    Ok(())
}

pub(crate) fn fault(message: impl Into<String>) -> Result<(), Fault> {
    Err((message.into(), None))
}

pub(crate) fn remedy(message: impl Into<String>, hint: impl Into<String>) -> Result<(), Fault> {
    Err((message.into(), Some(hint.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn good(rule: Rule, texts: &[&str]) {
        for text in texts {
            assert_eq!(rule.check(text), Ok(()), "{text:?}");
        }
    }

    #[track_caller]
    fn bad(rule: Rule, texts: &[&str]) {
        for text in texts {
            assert!(rule.check(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn ids() {
        good(Rule::Id, &["wt-01", "north_ridge", "1", "R80711"]);
        bad(Rule::Id, &["", "a b", "a/b", "a+", "#", "é", "a\nb", "{n}"]);
        good(Rule::PartId, &["gearbox", "blade_{n}", "_x", "{n}_x".trim_start_matches("{n}")]);
        bad(Rule::PartId, &["blade-1", "1blade", "{n}", "in", "true", "a.b", "a{m}", ""]);
        good(Rule::SignalId, &["oil_temperature", "t1"]);
        bad(Rule::SignalId, &["oil-temperature", "t{n}", "null", "math"]);
        good(Rule::SignalRef, &["speed", "generator.speed", "blade_{n}.pitch"]);
        bad(Rule::SignalRef, &["", ".", "a.", ".a", "a.b.c", "a b"]);
        good(Rule::PartRef, &["gearbox", "wt-01/gearbox", "1/blade_2"]);
        bad(Rule::PartRef, &["", "/", "wt-01/", "/gearbox", "a/b/c", "wt-01", "blade_{n}"]);
    }

    #[test]
    fn files_are_relative() {
        good(Rule::File, &["a.glb", "../models/a.glb", "secrets/mqtt"]);
        bad(Rule::File, &["", "/etc/passwd", "C:/x", "c:x", "a\\b", "~/x", "http://x/y", "folder/", "a\0b"]);
    }

    #[test]
    fn pointers() {
        good(Rule::Pointer, &["", "/", "/a/b", "/a~1b/~0", "/0"]);
        bad(Rule::Pointer, &["a", "a/b", "$.a", "/a~", "/a~2"]);
        let (_, hint) = Rule::Pointer.check("state.reported.t").unwrap_err();
        assert!(hint.unwrap().contains("\"/state/reported/t\""));
    }

    #[test]
    fn the_schema_takes_the_addresses_that_the_reader_takes() {
        let pattern = regex::Regex::new(Rule::Url.pattern().unwrap()).unwrap();
        for (url, taken) in [
            ("mqtt://broker", true),
            ("mqtts://broker.example:8883/", true),
            ("mqtt://[::1]:1883", true),
            ("sim:", true),
            ("file:day.mcap", true),
            ("mqtt://viewer:hunter2@broker", false),
            ("mqtt://broker/topic", false),
            ("mqtt://broker?x=1", false),
            ("ws://broker/mqtt", false),
            ("wss://broker", false),
            ("sim:x", false),
            ("file:", false),
            ("broker", false),
        ] {
            assert_eq!((pattern.is_match(url), Rule::Url.check(url).is_ok()), (taken, taken), "{url}");
        }
    }

    #[test]
    fn others() {
        good(Rule::Currency, &["EUR", "USD"]);
        bad(Rule::Currency, &["eur", "EURO", "€", ""]);
        good(Rule::TimeOfDay, &["00:00", "22:30", "23:59"]);
        bad(Rule::TimeOfDay, &["24:00", "7:00", "12:60", "+1:00", "1200", "", "noon"]);
        good(Rule::Variable, &["MQTT_PASSWORD", "_x1"]);
        bad(Rule::Variable, &["1X", "s3cr3t!", "", "$X"]);
        good(Rule::Prose, &["", "two\nlines\tand a tab"]);
        bad(Rule::Prose, &["\u{7}", "a\0"]);
        good(Rule::Line, &["Gearbox"]);
        bad(Rule::Line, &["", "  ", "a\nb"]);
    }
}
