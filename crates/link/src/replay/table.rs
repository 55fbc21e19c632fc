//! Tables (CSV) as telemetry: each row becomes messages, by a mapping in TOML.
//!
//! ```toml
//! schema = 1
//! site = "la-haute-borne"
//!
//! [time]
//! column = "time_utc"
//! format = "rfc3339"            # or s, ms (since the epoch); rfc3339 without a zone is UTC
//!
//! [rows]                        # optional
//! from = "2014-01-01T00:00"
//! to = "2014-01-08T00:00"       # not included
//!
//! [[file]]
//! path = "R80711.csv"           # relative to the mapping
//! asset = "r80711"
//!
//! [[message]]
//! topic = "{site}/{asset}/wind"
//! time = "t"                    # field with the source time in ms; "" writes none
//! fields = { speed = "wind_speed_ms", direction = { column = "wind_dir_deg", scale = 1.0, offset = 0.0 } }
//! ```
//!
//! Numbers are published as numbers, `true` and `false` as flags, other text as text. An empty cell, and a number that is
//! not finite, leave their field out; a message without any field is not sent: what was not measured is not claimed.
//! Files are merged by time; within a file the rows keep their order.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use twinscope_twin::time::WallMs;

use super::input::{Body, Timed};
use super::time_text::rfc3339_ms;

mod mapping;

pub use mapping::{Cell, FileOf, Mapping, MessageOf, TimeFormat};

/// Longest row of a table, bytes: it is read whole into memory. A quote that is never closed makes one of all that follows.
const ROW: usize = 1 << 20;
/// Largest mapping, bytes.
const MAPPING: u64 = 1 << 20;

/// A table or its mapping cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A file.
    #[error("{path}: {source}; check the path (relative to the mapping) and its permissions")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The mapping.
    #[error("{path}: {problem}")]
    Mapping {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A column that the mapping names is not in the table.
    #[error("{path}: there is no column \"{column}\"; there are: {known}")]
    Column {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
        /// What there is.
        known: String,
    },
    /// A row.
    #[error("{path}, line {line}: {problem}")]
    Row {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
}

/// The messages of a table.
pub struct Table {
    mapping: Mapping,
    folder: PathBuf,
    files: Vec<OpenFile>,
    /// Messages of the last row that were not given out yet, last first.
    ready: Vec<Timed>,
}

struct OpenFile {
    path: PathBuf,
    asset: String,
    rows: csv::Reader<RowLimit<File>>,
    time_column: usize,
    /// Columns of the fields of each message, in order.
    columns: Vec<Vec<usize>>,
    /// The next row, with its time.
    next: Option<(WallMs, StringRecord)>,
}

impl Table {
    /// Opens a mapping and the files that it names.
    ///
    /// # Errors
    /// A file cannot be read, the mapping is wrong, or a column is missing.
    pub fn open(mapping: &Path) -> Result<Self, TableError> {
        let text = read_mapping(mapping)?;
        let parsed =
            Mapping::parse(&text).map_err(|problem| TableError::Mapping { path: mapping.to_owned(), problem })?;
        let folder = mapping.parent().unwrap_or(Path::new("."));
        Self::with_mapping(parsed, folder)
    }

    /// Opens the files of a mapping, relative to `folder`.
    ///
    /// # Errors
    /// A file cannot be read, or a column is missing.
    pub fn with_mapping(mapping: Mapping, folder: &Path) -> Result<Self, TableError> {
        let mut files = Vec::with_capacity(mapping.files.len());
        for file in &mapping.files {
            files.push(OpenFile::open(&mapping, file, folder)?);
        }
        Ok(Self { mapping, folder: folder.to_owned(), files, ready: Vec::new() })
    }

    /// The same table from its beginning.
    ///
    /// # Errors
    /// A file can no longer be read.
    pub fn again(&self) -> Result<Self, TableError> {
        Self::with_mapping(self.mapping.clone(), &self.folder)
    }

    /// The next message; `None` at the end.
    ///
    /// # Errors
    /// A row cannot be read.
    pub fn next_message(&mut self) -> Result<Option<Timed>, TableError> {
        loop {
            if let Some(timed) = self.ready.pop() {
                return Ok(Some(timed));
            }
            let earliest = self
                .files
                .iter_mut()
                .filter(|file| file.next.is_some())
                .min_by_key(|file| file.next.as_ref().map_or(WallMs::MAX, |(t_ms, _)| *t_ms));
            let Some(file) = earliest else { return Ok(None) };
            let Some((t_ms, row)) = file.next.take() else { return Ok(None) };
            for (message, columns) in self.mapping.messages.iter().zip(&file.columns).rev() {
                let fields = fields(message, columns, &row);
                if fields.is_empty() {
                    continue;
                }
                let topic = message.topic.replace("{site}", &self.mapping.site).replace("{asset}", &file.asset);
                let body = Body::Row { time: message.time.clone(), fields };
                self.ready.push(Timed { t_ms, topic, retained: false, body });
            }
            file.advance(&self.mapping)?;
        }
    }
}

impl OpenFile {
    fn open(mapping: &Mapping, file: &FileOf, folder: &Path) -> Result<Self, TableError> {
        let path = folder.join(&file.path);
        let fail = |source| TableError::File { path: path.clone(), source };
        let metadata = std::fs::metadata(&path).map_err(fail)?;
        if !metadata.is_file() {
            return Err(fail(io::Error::other("it is not a regular file")));
        }
        let source = RowLimit { inner: File::open(&path).map_err(fail)?, of_row: 0 };
        let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(source);
        let row_error = |error: csv::Error| row_error(&path, &error);
        let headers = rows.headers().map_err(row_error)?.clone();
        let column = |name: &str| {
            // A byte-order mark sticks to the first name.
            let found = headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name);
            found.ok_or_else(|| TableError::Column {
                path: path.clone(),
                column: name.to_owned(),
                known: headers.iter().take(40).collect::<Vec<_>>().join(", "),
            })
        };
        let time_column = column(&mapping.time_column)?;
        let columns = mapping
            .messages
            .iter()
            .map(|message| message.fields.iter().map(|(_, cell)| column(&cell.column)).collect())
            .collect::<Result<_, _>>()?;
        let asset = file.asset.clone();
        let mut open = Self { path: path.clone(), asset, rows, time_column, columns, next: None };
        open.advance(mapping)?;
        Ok(open)
    }

    /// Reads the next row that the mapping wants.
    fn advance(&mut self, mapping: &Mapping) -> Result<(), TableError> {
        let mut row = StringRecord::new();
        self.next = None;
        while self.rows.read_record(&mut row).map_err(|error| row_error(&self.path, &error))? {
            self.rows.get_mut().of_row = 0;
            let text = row.get(self.time_column).unwrap_or_default();
            let t_ms = mapping.time_format.parse(text).ok_or_else(|| TableError::Row {
                path: self.path.clone(),
                line: row.position().map_or(0, csv::Position::line),
                problem: format!(
                    "{:?} in column \"{}\" is not a time ({})",
                    text.chars().take(40).collect::<String>(),
                    mapping.time_column,
                    mapping.time_format.name()
                ),
            })?;
            if mapping.from_ms.is_some_and(|from| t_ms < from) || mapping.to_ms.is_some_and(|to| t_ms >= to) {
                continue;
            }
            self.next = Some((t_ms, row));
            return Ok(());
        }
        Ok(())
    }
}

/// The fields of a message as JSON, without braces; empty if the row has none of them.
fn fields(message: &MessageOf, columns: &[usize], row: &StringRecord) -> String {
    let mut json = String::new();
    for ((name, cell), column) in message.fields.iter().zip(columns) {
        let text = row.get(*column).unwrap_or_default();
        let Some(value) = value(text, cell) else { continue };
        if !json.is_empty() {
            json.push(',');
        }
        json.push_str(&serde_json::Value::from(name.as_str()).to_string());
        json.push(':');
        json.push_str(&value.to_string());
    }
    json
}

fn value(text: &str, cell: &Cell) -> Option<serde_json::Value> {
    match text {
        "" => None,
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        _ => match text.parse::<f64>() {
            // serde_json has no NaN: `from` gives null for it, and for infinity.
            Ok(number) => {
                let scaled = number * cell.scale + cell.offset;
                scaled.is_finite().then(|| scaled.into())
            }
            Err(_) => Some(text.into()),
        },
    }
}

fn read_mapping(path: &Path) -> Result<String, TableError> {
    let fail = |source| TableError::File { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(fail)?.take(MAPPING + 1).read_to_string(&mut text).map_err(fail)?;
    if text.len() as u64 > MAPPING {
        return Err(fail(io::Error::other(format!("it is larger than {MAPPING} bytes, so it is no mapping"))));
    }
    Ok(text)
}

fn row_error(path: &Path, error: &csv::Error) -> TableError {
    let line = error.position().map_or(0, csv::Position::line);
    TableError::Row { path: path.to_owned(), line, problem: error.to_string() }
}

/// Ends with an error at a row that is too long. Whoever has read a row sets `of_row` back; what was read ahead of it counts
/// for the one before, which the buffer of the reader (8 KiB) bounds.
struct RowLimit<R> {
    inner: R,
    of_row: usize,
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.of_row += count;
        if self.of_row > ROW {
            return Err(io::Error::other(format!("a row is longer than {ROW} bytes; is a quote not closed?")));
        }
        Ok(count)
    }
}

impl TimeFormat {
    fn parse(self, text: &str) -> Option<WallMs> {
        match self {
            Self::Rfc3339 => rfc3339_ms(text),
            Self::Milliseconds => text.parse().ok(),
            Self::Seconds => {
                let seconds: f64 = text.parse().ok()?;
                // Whole milliseconds of about 285,000 years fit a double.
                #[expect(clippy::cast_possible_truncation, reason = "checked in the line before")]
                let ms = (seconds.abs() < 9e12).then(|| (seconds * 1_000.0).round() as i64);
                ms
            }
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Rfc3339 => "rfc3339, such as 2014-01-01T00:00",
            Self::Milliseconds => "ms since the epoch",
            Self::Seconds => "s since the epoch",
        }
    }
}

#[cfg(test)]
mod tests;
