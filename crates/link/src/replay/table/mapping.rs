//! The mapping of a table, from TOML. Unknown keys are errors; all problems of a file are not collected, the first is told.

use toml_edit::{DocumentMut, Item, TableLike};
use twinscope_twin::time::WallMs;

use crate::replay::time_text::rfc3339_ms;

/// Messages, files and fields that a mapping may have.
const MOST: usize = 1_000;

/// How a table becomes messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// `{site}` in topics.
    pub site: String,
    /// Column of the time.
    pub time_column: String,
    /// How the time is written.
    pub time_format: TimeFormat,
    /// First row, ms since the epoch.
    pub from_ms: Option<WallMs>,
    /// First row that is no longer wanted, ms since the epoch.
    pub to_ms: Option<WallMs>,
    /// The tables.
    pub files: Vec<FileOf>,
    /// The messages that each row becomes.
    pub messages: Vec<MessageOf>,
}

/// One CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOf {
    /// Path, relative to the mapping.
    pub path: String,
    /// `{asset}` in topics.
    pub asset: String,
}

/// One message of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageOf {
    /// Topic, with `{site}` and `{asset}`.
    pub topic: String,
    /// Field of the source time, ms since the epoch; `None`: not written.
    pub time: Option<String>,
    /// Fields and where they come from.
    pub fields: Vec<(String, Cell)>,
}

/// A column and what is done with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Name of the column.
    pub column: String,
    /// Factor.
    pub scale: f64,
    /// Added after the factor.
    pub offset: f64,
}

/// How a table writes its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// RFC 3339, seconds and zone may be missing.
    #[default]
    Rfc3339,
    /// Seconds since the epoch.
    Seconds,
    /// Milliseconds since the epoch.
    Milliseconds,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// The first problem, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
        let root = At { table: document.as_table(), path: String::new() };
        root.only(&["schema", "site", "time", "rows", "file", "message"])?;
        match root.table.get("schema").and_then(Item::as_integer) {
            Some(1) => {}
            _ => return Err("schema = 1 is expected in the first line".to_owned()),
        }
        let time = root.table_at("time")?.ok_or("the section [time] is missing; write [time] and column = \"…\"")?;
        time.only(&["column", "format"])?;
        let time_format = match time.text("format")?.as_deref() {
            None | Some("rfc3339") => TimeFormat::Rfc3339,
            Some("s") => TimeFormat::Seconds,
            Some("ms") => TimeFormat::Milliseconds,
            Some(other) => return Err(format!("time.format = \"{other}\": rfc3339, s or ms is expected")),
        };
        let (mut from_ms, mut to_ms) = (None, None);
        if let Some(rows) = root.table_at("rows")? {
            rows.only(&["from", "to"])?;
            from_ms = rows.time("from")?;
            to_ms = rows.time("to")?;
        }
        let mut files = Vec::new();
        for file in root.tables("file")? {
            file.only(&["path", "asset"])?;
            files.push(FileOf { path: file.required("path")?, asset: topic_level(&file, "asset")? });
        }
        let mut messages = Vec::new();
        for message in root.tables("message")? {
            message.only(&["topic", "time", "fields"])?;
            messages.push(message_of(&message)?);
        }
        let site = topic_level(&root, "site")?;
        Ok(Self { site, time_column: time.required("column")?, time_format, from_ms, to_ms, files, messages })
    }
}

fn message_of(message: &At<'_>) -> Result<MessageOf, String> {
    let topic = message.required("topic")?;
    let plain = topic.replace("{site}", "").replace("{asset}", "");
    if plain.contains(['{', '}', '+', '#', '\0']) {
        return Err(format!(
            "{}: \"{topic}\" is not a topic to publish to; {{site}} and {{asset}} are filled in, + and # are not allowed",
            message.name("topic")
        ));
    }
    let time = match message.text("time")? {
        None => Some("t".to_owned()),
        Some(name) if name.is_empty() => None,
        Some(name) => Some(name),
    };
    let fields_at = message.table_at("fields")?.ok_or_else(|| format!("{} is missing", message.name("fields")))?;
    let mut fields = Vec::new();
    for (name, item) in fields_at.table.iter() {
        if Some(name) == time.as_deref() {
            return Err(format!("{} has the name of the time field; rename one of them", fields_at.name(name)));
        }
        fields.push((name.to_owned(), cell(&fields_at, name, item)?));
    }
    if fields.is_empty() || fields.len() > MOST {
        return Err(format!("{} must have 1 to {MOST} fields", message.name("fields")));
    }
    Ok(MessageOf { topic, time, fields })
}

fn cell(fields: &At<'_>, name: &str, item: &Item) -> Result<Cell, String> {
    if let Some(column) = item.as_str() {
        return Ok(Cell { column: column.to_owned(), scale: 1.0, offset: 0.0 });
    }
    let table = item.as_table_like().ok_or_else(|| {
        format!(
            "{}: the name of a column, or {{ column = \"…\", scale = 1.0, offset = 0.0 }} is expected",
            fields.name(name)
        )
    })?;
    let at = At { table, path: fields.name(name) };
    at.only(&["column", "scale", "offset"])?;
    Ok(Cell {
        column: at.required("column")?,
        scale: at.number("scale")?.unwrap_or(1.0),
        offset: at.number("offset")?.unwrap_or(0.0),
    })
}

/// A text that becomes one level of a topic.
fn topic_level(at: &At<'_>, key: &str) -> Result<String, String> {
    let text = at.required(key)?;
    if text.is_empty() || text.contains(['/', '+', '#', '\0', '{', '}']) {
        return Err(format!("{} = \"{text}\" cannot stand in a topic: letters, digits, - and _ can", at.name(key)));
    }
    Ok(text)
}

/// A table and where it is, for messages.
struct At<'a> {
    table: &'a dyn TableLike,
    path: String,
}

impl<'a> At<'a> {
    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.table.iter().find(|(key, _)| !known.contains(key)) {
            Some((key, _)) => Err(format!("unknown key {}; known here: {}", self.name(key), known.join(", "))),
            None => Ok(()),
        }
    }

    fn text(&self, key: &str) -> Result<Option<String>, String> {
        match self.table.get(key) {
            None => Ok(None),
            Some(item) => match item.as_str() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(format!("{}: a text in quotes is expected", self.name(key))),
            },
        }
    }

    fn required(&self, key: &str) -> Result<String, String> {
        self.text(key)?.ok_or_else(|| format!("{} is missing", self.name(key)))
    }

    fn number(&self, key: &str) -> Result<Option<f64>, String> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        #[expect(clippy::cast_precision_loss, reason = "factors of tables are small")]
        let number = item.as_float().or_else(|| item.as_integer().map(|whole| whole as f64));
        match number {
            Some(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(format!("{}: a finite number is expected", self.name(key))),
        }
    }

    fn time(&self, key: &str) -> Result<Option<WallMs>, String> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        match rfc3339_ms(&text) {
            Some(ms) => Ok(Some(ms)),
            None => Err(format!("{} = \"{text}\": a time such as 2014-01-01T00:00 is expected", self.name(key))),
        }
    }

    fn table_at(&self, key: &str) -> Result<Option<At<'a>>, String> {
        match self.table.get(key) {
            None => Ok(None),
            Some(item) => match item.as_table_like() {
                Some(table) => Ok(Some(At { table, path: self.name(key) })),
                None => Err(format!("{}: a table is expected", self.name(key))),
            },
        }
    }

    fn tables(&self, key: &str) -> Result<Vec<At<'a>>, String> {
        let array = self.table.get(key).and_then(Item::as_array_of_tables);
        let list: Vec<At<'a>> = array
            .into_iter()
            .flatten()
            .zip(1..)
            .map(|(table, number)| At { table, path: format!("{}[{number}]", self.name(key)) })
            .collect();
        if list.is_empty() || list.len() > MOST {
            return Err(format!("1 to {MOST} sections [[{key}]] are expected"));
        }
        Ok(list)
    }
}
