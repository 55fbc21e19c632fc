//! Tables from outside: bounded, checked, and errors that name file, line and remedy.

use csv::StringRecord;
use thiserror::Error;

/// Most bytes of one table: ten times a year of ten-minute rows of a turbine with eight columns.
const MOST_BYTES: usize = 64 << 20;
/// Most columns.
const MOST_COLUMNS: usize = 256;
/// Most rows.
const MOST_ROWS: usize = 2_000_000;

/// What is wrong with a table.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TableError {
    /// Larger than what is read.
    #[error("{table}: too large ({found} {what}, at most {most}): split it into several files")]
    TooLarge {
        /// File.
        table: String,
        /// Of what there is too much.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much there may be.
        most: usize,
    },
    /// Not text in rows of one length.
    #[error(
        "{table}, line {line}: {problem}; a table is UTF-8 text, comma separated with a header line, or separated by spaces without one"
    )]
    Unreadable {
        /// File.
        table: String,
        /// Line, from 1.
        line: u64,
        /// What is the matter.
        problem: String,
    },
    /// A header without rows, or nothing.
    #[error("{table}: no rows; give a file with data")]
    Empty {
        /// File.
        table: String,
    },
    /// A column that the model needs.
    #[error("{table}, line 1: no column `{column}` (there are: {present}); rename the column that has it")]
    NoColumn {
        /// File.
        table: String,
        /// The column.
        column: String,
        /// Those that are there.
        present: String,
    },
    /// A cell that is not what it should be.
    #[error("{table}, line {line}, column `{column}`: `{found}` is not {expected}; correct it or delete the line")]
    Cell {
        /// File.
        table: String,
        /// Line, from 1.
        line: u64,
        /// Column.
        column: String,
        /// What stands there, cut to a readable length.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// Readable, and not enough of it or not of the kind that the model needs.
    #[error("{table}: {problem}")]
    Unfit {
        /// File.
        table: String,
        /// What is missing, and what to do.
        problem: String,
    },
}

/// A table with the name of its file, its columns by name, and its rows with their lines.
#[derive(Debug, Clone)]
pub struct NamedTable {
    name: String,
    columns: Vec<String>,
    rows: Vec<StringRecord>,
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a NamedTable,
    record: &'a StringRecord,
}

impl NamedTable {
    /// Reads a table: comma separated with a header line, or separated by spaces without one; then the columns are
    /// named by their numbers from `1`.
    ///
    /// # Errors
    /// When it is empty, too large, not UTF-8, or its rows differ in length.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, TableError> {
        let too_large = |what, found, most| TableError::TooLarge { table: name.to_owned(), what, found, most };
        let unreadable = |line: u64, problem: String| TableError::Unreadable { table: name.to_owned(), line, problem };
        if bytes.len() > MOST_BYTES {
            return Err(too_large("bytes", bytes.len(), MOST_BYTES));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() as u64 + 1;
            unreadable(line, "not UTF-8".to_owned())
        })?;
        // The reader counts a line of CR LF with the record after it.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let first = text.lines().next().unwrap_or_default();
        let (columns, rows) = if first.contains(',') {
            let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
            let columns = reader.headers().map_err(|error| unreadable(1, error.to_string()))?;
            let columns: Vec<String> = columns.iter().map(str::to_owned).collect();
            let mut rows = Vec::new();
            for record in reader.records() {
                let record = record
                    .map_err(|error| unreadable(error.position().map_or(1, csv::Position::line), error.to_string()))?;
                if rows.len() == MOST_ROWS {
                    return Err(too_large("rows", rows.len() + 1, MOST_ROWS));
                }
                rows.push(record);
            }
            (columns, rows)
        } else {
            let count = first.split_whitespace().count();
            let mut rows = Vec::new();
            for (line, text) in (1..).zip(text.lines()) {
                let mut record: StringRecord = text.split_whitespace().take(MOST_COLUMNS + 1).collect();
                if record.is_empty() {
                    continue;
                }
                if record.len() != count {
                    return Err(unreadable(line, format!("{} columns where line 1 has {count}", record.len())));
                }
                if rows.len() == MOST_ROWS {
                    return Err(too_large("rows", rows.len() + 1, MOST_ROWS));
                }
                let mut position = csv::Position::new();
                position.set_line(line);
                record.set_position(Some(position));
                rows.push(record);
            }
            ((1..=count).map(|number| number.to_string()).collect(), rows)
        };
        if columns.len() > MOST_COLUMNS {
            return Err(too_large("columns", columns.len(), MOST_COLUMNS));
        }
        if rows.is_empty() {
            return Err(TableError::Empty { table: name.to_owned() });
        }
        Ok(Self { name: name.to_owned(), columns, rows })
    }

    /// Name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether it has all of these columns: how a model finds its tables in a folder.
    #[must_use]
    pub fn has(&self, columns: &[&str]) -> bool {
        columns.iter().all(|wanted| self.columns.iter().any(|column| column == wanted))
    }

    /// Where a column stands.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn column(&self, name: &str) -> Result<usize, TableError> {
        self.columns.iter().position(|column| column == name).ok_or_else(|| TableError::NoColumn {
            table: self.name.clone(),
            column: name.to_owned(),
            present: cut(&self.columns.join(", "), 200),
        })
    }

    /// The rows, from top to bottom; at least one.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows.iter().map(|record| Row { table: self, record })
    }

    /// An error about the table as a whole.
    #[must_use]
    pub fn unfit(&self, problem: impl Into<String>) -> TableError {
        TableError::Unfit { table: self.name.clone(), problem: problem.into() }
    }
}

impl Row<'_> {
    /// Line in the file, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// The text of a column; nothing where there is no such column.
    #[must_use]
    pub fn text(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    /// The finite number in a column.
    ///
    /// # Errors
    /// When it is not one.
    pub fn number(&self, column: usize) -> Result<f64, TableError> {
        match self.text(column).parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.wrong(column, "a finite number")),
        }
    }

    /// The finite number in a column, none where the cell is empty, `nan` or `null`: how loggers write a gap.
    ///
    /// # Errors
    /// When there is something else.
    pub fn number_or_gap(&self, column: usize) -> Result<Option<f64>, TableError> {
        let text = self.text(column);
        if text.is_empty() || text.eq_ignore_ascii_case("nan") || text.eq_ignore_ascii_case("null") {
            return Ok(None);
        }
        self.number(column).map(Some)
    }

    /// An error about one cell.
    #[must_use]
    pub fn wrong(&self, column: usize, expected: &'static str) -> TableError {
        TableError::Cell {
            table: self.table.name.clone(),
            line: self.line(),
            column: self.table.columns.get(column).cloned().unwrap_or_default(),
            found: cut(self.text(column), 40),
            expected,
        }
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = NamedTable::parse("a.csv", text.as_bytes()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn commas_come_with_a_header_and_spaces_without() {
        let table = NamedTable::parse("a.csv", b"\xef\xbb\xbfcell, cycle\r\nB1 , 2\r\n").unwrap();
        let row = table.rows().next().unwrap();
        assert_eq!((row.text(table.column("cell").unwrap()), row.number(1), row.line()), ("B1", Ok(2.0), 2));

        let table = NamedTable::parse("a.txt", b"1 2  3 \n\n4 5 6\n").unwrap();
        assert!(table.has(&["1", "2", "3"]));
        let last = table.rows().last().unwrap();
        assert_eq!((last.number(2), last.line()), (Ok(6.0), 3));
    }

    #[test]
    fn what_is_wrong_is_said_with_file_line_and_remedy() {
        check_error("", "a.csv: no rows; give");
        check_error("a,b\n", "a.csv: no rows; give");
        check_error("a,b\n1,2\n3\n", "a.csv, line 3: ");
        check_error("1 2\n3\n", "a.csv, line 2: 1 columns where line 1 has 2");
        let table = NamedTable::parse("a.csv", b"a,b\n1,x\n").unwrap();
        let row = table.rows().next().unwrap();
        let error = row.number(1).unwrap_err().to_string();
        assert_eq!(error, "a.csv, line 2, column `b`: `x` is not a finite number; correct it or delete the line");
        let error = table.column("c").unwrap_err().to_string();
        assert!(error.contains("no column `c` (there are: a, b); rename"), "{error}");
    }

    #[test]
    fn numbers_are_finite_and_gaps_are_told_apart() {
        let table = NamedTable::parse("a.csv", b"a,b,c\ninf,nan,\n").unwrap();
        let row = table.rows().next().unwrap();
        assert!(row.number(0).is_err());
        assert_eq!((row.number_or_gap(1), row.number_or_gap(2)), (Ok(None), Ok(None)));
    }

    #[test]
    fn bytes_that_are_no_text_and_too_many_columns_are_refused() {
        let error = NamedTable::parse("a.csv", b"a,b\n1,\xff\n").map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("a.csv, line 2: not UTF-8"), "{error}");
        check_error(&format!("{}\n{}\n", ["a"; 300].join(","), ["1"; 300].join(",")), "too large (300 columns");
        check_error(&format!("{}\n", ["1"; 300].join(" ")), "300");
    }
}
