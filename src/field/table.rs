//! A CSV file as points with values.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, Trim};

/// Largest file, bytes.
const MOST_BYTES: u64 = 512 << 20;
/// Most points.
const MOST_POINTS: usize = 5_000_000;
/// Most columns.
const MOST_COLUMNS: usize = 1_000;
/// Names of columns that a message lists.
const MOST_NAMED: usize = 12;

/// Which columns hold what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Those of the model's x, y and z; one may be missing: the values hold all along that axis.
    pub axes: [Option<String>; 3],
    /// That of the values.
    pub value: String,
}

/// Points with values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// Axes that the points tell; 0 along the others.
    pub axes: [bool; 3],
    /// In the model's space, m.
    pub positions: Vec<[f32; 3]>,
    /// One a point, finite.
    pub values: Vec<f32>,
    /// Rows without a value.
    pub unknown: usize,
}

/// Why a file gives no points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    /// Line of the file, from 1, if one is to blame.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

fn error(line: Option<u64>, what: impl Into<String>, remedy: &str) -> TableError {
    TableError { line, what: what.into(), remedy: remedy.to_owned() }
}

/// Reads a file. `unit_m`: the unit of its lengths, m.
///
/// # Errors
/// What is wrong, in which line, and what to do about it.
pub fn read(path: &Path, columns: &Columns, unit_m: f64) -> Result<Points, TableError> {
    let io =
        |e: std::io::Error| error(None, format!("the file cannot be read: {e}"), "check the path and its permissions");
    // Asked before opening: opening a pipe waits for its writer.
    if !path.metadata().map_err(io)?.is_file() {
        return Err(error(None, "this is not a file", "name a CSV file"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(error(None, format!("the file is larger than {} MiB", MOST_BYTES >> 20), "thin the points out"));
    }
    parse(&bytes, columns, unit_m)
}

/// Comma, semicolon or tab: whatever the header has most of.
pub(super) fn delimiter(bytes: &[u8]) -> u8 {
    let header = bytes.split(|&b| b == b'\n').find(|line| !line.starts_with(b"#")).unwrap_or_default();
    let count = |wanted: u8| header.iter().filter(|&&b| b == wanted).count();
    b",;\t".iter().copied().max_by_key(|&b| (count(b), b == b',')).unwrap_or(b',')
}

fn parse(bytes: &[u8], columns: &Columns, unit_m: f64) -> Result<Points, TableError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter(bytes)).comment(Some(b'#')).trim(Trim::All).from_reader(bytes);
    let broken = |e: &csv::Error| {
        let line = e.position().map(csv::Position::line);
        error(line, format!("not a table: {e}"), "every row needs as many columns as the first, which names them")
    };
    let header = reader.byte_headers().map_err(|e| broken(&e))?.clone();
    if header.len() > MOST_COLUMNS {
        return Err(error(Some(1), format!("more than {MOST_COLUMNS} columns"), "leave out what is not shown"));
    }
    let find = |name: &str| {
        header.iter().position(|column| column == name.as_bytes()).ok_or_else(|| {
            let names: Vec<_> = header.iter().take(MOST_NAMED).map(|name| String::from_utf8_lossy(name)).collect();
            let more = if header.len() > MOST_NAMED { ", …" } else { "" };
            let remedy = format!("the first row names {}{more}", names.join(", "));
            error(None, format!("there is no column \"{name}\""), &remedy)
        })
    };
    let mut axes = [None; 3];
    for (axis, name) in axes.iter_mut().zip(&columns.axes) {
        *axis = name.as_deref().map(find).transpose()?;
    }
    let value = find(&columns.value)?;
    let mut points = Points { axes: axes.map(|axis| axis.is_some()), ..Points::default() };
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row).map_err(|e| broken(&e))? {
        let line = row.position().map(csv::Position::line);
        if points.values.len() == MOST_POINTS {
            return Err(error(line, format!("more than {MOST_POINTS} points"), "thin the points out"));
        }
        let number = |column: usize, name: &str| {
            let text = row.get(column).unwrap_or_default();
            std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()).ok_or_else(|| {
                let shown: String =
                    String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(40).collect();
                let remedy = "write numbers with a point; leave the value empty where it is not known";
                error(line, format!("\"{shown}\" in column \"{name}\" is not a number"), remedy)
            })
        };
        if row.get(value).unwrap_or_default().is_empty() {
            points.unknown += 1;
            continue;
        }
        let told = number(value, &columns.value)? as f32;
        if !told.is_finite() {
            points.unknown += 1;
            continue;
        }
        let mut position = [0.0; 3];
        for ((coordinate, column), name) in position.iter_mut().zip(axes).zip(&columns.axes) {
            let (Some(column), Some(name)) = (column, name) else { continue };
            let metres = (number(column, name)? * unit_m) as f32;
            if !metres.is_finite() {
                return Err(error(line, format!("\"{name}\" is not finite"), "take the row out"));
            }
            *coordinate = metres;
        }
        points.positions.push(position);
        points.values.push(told);
    }
    if points.values.is_empty() {
        return Err(error(None, "no row has a value", "check the column of the values"));
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(axes: [&str; 3], value: &str) -> Columns {
        let axes = axes.map(|axis| Some(axis.to_owned()).filter(|axis| !axis.is_empty()));
        Columns { axes, value: value.to_owned() }
    }

    fn xyz(text: &str) -> Result<Points, TableError> {
        parse(text.as_bytes(), &columns(["x", "y", "z"], "T"), 1e-3)
    }

    #[test]
    fn rows_are_points_in_metres() {
        let points = xyz("T,x,y,z\n300, 1,2,3\n400,-4,5e1,6\n").unwrap();
        assert_eq!(points.positions, [[0.001, 0.002, 0.003], [-0.004, 0.05, 0.006]]);
        assert_eq!(points.values, [300.0, 400.0]);
    }

    #[test]
    fn semicolons_tabs_comments_and_a_byte_order_mark_are_read() {
        for text in ["\u{feff}x;y;z;T\n1;2;3;4\n", "# run 4311, 1,2,3\nx\ty\tz\tT\n# more\n1\t2\t3\t4\n"] {
            assert_eq!(xyz(text).unwrap().values, [4.0], "{text:?}");
        }
    }

    #[test]
    fn a_missing_axis_is_zero_along_it() {
        let points = parse(b"s,h,T\n1,2,3\n", &columns(["s", "", "h"], "T"), 1.0).unwrap();
        assert_eq!((points.axes, points.positions), ([true, false, true], vec![[1.0, 0.0, 2.0]]));
    }

    #[test]
    fn rows_without_a_value_are_counted_and_left_out() {
        let points = xyz("x,y,z,T\n1,2,3,\n1,2,3,nan\n1,2,3,4\n").unwrap();
        assert_eq!((points.values.len(), points.unknown), (1, 2));
    }

    #[track_caller]
    fn refused(text: &str, line: Option<u64>, says: &str) {
        let error = xyz(text).unwrap_err();
        assert_eq!(error.line, line, "{error}");
        assert!(error.what.contains(says) && !error.remedy.is_empty(), "{error:?}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        refused("x,y,z,T\n1,2,3,4\n1,two,3,4\n", Some(3), "\"two\" in column \"y\" is not a number");
        refused("x,y,z,T\n1,2,3,4\n1,2,3\n", Some(3), "not a table");
        refused("x,y,z,T\n1e300,2,3,4\n", Some(2), "not finite");
        refused("x,y,z\n1,2,3\n", None, "no column \"T\"");
        refused("x,y,z,T\n1,2,3,\n", None, "no row has a value");
        refused("", None, "no column \"x\"");
    }
}
