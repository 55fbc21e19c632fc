//! What a table of points seems to hold, from its first rows: how a type file would bind it.
//!
//! Not here: reading it. A guess is told to a person, and drawn by nobody.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::table::delimiter;

/// Enough for the names of all columns and a row below them.
const LOOKED_AT: u64 = 256 << 10;
/// Names of columns that a message lists.
const MOST_NAMED: usize = 12;
/// Characters of a name that a message shows.
const LONGEST_NAME: usize = 40;

/// What to do with a CSV file so that its values are shown: sentences for a person, with the lines of a type file.
#[must_use]
pub fn how_to_bind(path: &Path) -> String {
    const WHY: &str = "a table of points belongs to the machine on which it was measured or computed";
    let mut bytes = Vec::new();
    // Asked before opening: opening a pipe waits for its writer.
    let read = match path.metadata() {
        Ok(found) if found.is_file() => File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut bytes)),
        Ok(_) => return "this is not a file".to_owned(),
        Err(error) => Err(error),
    };
    if let Err(error) = read {
        return format!("the file cannot be read: {error}");
    }
    let Some((names, row)) = first_rows(&bytes) else {
        return format!(
            "{WHY}, and its first row names the columns; here there is none. See \"Fields\" in docs/site-files.md"
        );
    };
    let shown =
        |name: &str| name.chars().filter(|c| !c.is_control() && *c != '"').take(LONGEST_NAME).collect::<String>();
    let file = path.file_name().map_or_else(String::new, |name| shown(&name.to_string_lossy()));
    let listed: Vec<String> = names.iter().take(MOST_NAMED).map(shown).collect();
    let more = if names.len() > MOST_NAMED { ", …" } else { "" };
    let columns = format!("Its columns are {}{more}", listed.join(", "));
    match guess(&names, &row) {
        Some(Guess { axes, value, unit }) => {
            let axes: String = axes.iter().map(|(axis, name)| format!("{axis} = \"{}\", ", shown(name))).collect();
            let value = shown(value);
            let unit = unit.map_or_else(String::new, |unit| format!(", length_unit = \"{unit}\""));
            format!(
                "{WHY}: bind it in that machine's type file, [[field]] id = \"{}\", file = \"{file}\", \
                 columns = {{ {axes}value = \"{value}\" }}{unit}. {columns}",
                value.to_lowercase(),
            )
        }
        None => format!(
            "{WHY}: bind it in that machine's type file, [[field]] with id, file and \
             columns = {{ x = …, y = …, z = …, value = … }}. {columns}; which of them are places is not plain"
        ),
    }
}

/// The names of the columns, and the row below.
fn first_rows(bytes: &[u8]) -> Option<(StringRecord, StringRecord)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter(bytes)).comment(Some(b'#')).trim(Trim::All).from_reader(bytes);
    let names = reader.headers().ok().filter(|names| names.iter().any(|name| !name.is_empty()))?.clone();
    let row = reader.records().next().and_then(Result::ok).unwrap_or_default();
    Some((names, row))
}

#[derive(Debug, PartialEq, Eq)]
struct Guess<'a> {
    axes: Vec<(char, &'a str)>,
    value: &'a str,
    unit: Option<&'static str>,
}

/// Columns `x`, `y`, `z` (at least two), with a unit of length behind them or without, and a column of numbers: the one
/// that is called `value`, else the first behind the places.
fn guess<'a>(names: &'a StringRecord, row: &StringRecord) -> Option<Guess<'a>> {
    let place = |name: &str| -> Option<(char, Option<&'static str>)> {
        let lower = name.to_lowercase();
        let (axis, rest) = (lower.chars().next()?, lower.get(1..)?);
        let unit = rest.trim_matches(|c: char| !c.is_alphanumeric());
        let known = ["m", "mm", "cm", "um", "in"].into_iter().find(|known| *known == unit);
        (('x'..='z').contains(&axis) && (rest.is_empty() || known.is_some())).then_some((axis, known))
    };
    let places: Vec<_> = names.iter().filter_map(|name| Some((name, place(name)?))).collect();
    let axes: Vec<(char, &str)> = places.iter().map(|(name, (axis, _))| (*axis, *name)).collect();
    let unit = places.first()?.1.1;
    let once = ['x', 'y', 'z'].iter().all(|axis| axes.iter().filter(|(other, _)| other == axis).count() <= 1);
    if axes.len() < 2 || !once || places.iter().any(|(_, (_, other))| *other != unit) {
        return None;
    }
    let number = |column: usize| row.get(column).is_some_and(|text| text.parse::<f64>().is_ok());
    let values: Vec<(usize, &str)> =
        names.iter().enumerate().filter(|(column, name)| place(name).is_none() && number(*column)).collect();
    // Numbers and lengths of arcs stand before the places, results behind them.
    let places_end =
        names.iter().enumerate().filter(|(_, name)| place(name).is_some()).map(|(column, _)| column).max()?;
    let value = values
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case("value"))
        .or(values.iter().find(|(column, _)| *column > places_end))
        .or(values.first())?;
    Some(Guess { axes, value: value.1, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn told(text: &str, says: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run 145.csv");
        std::fs::write(&path, text).unwrap();
        let told = how_to_bind(&path);
        for says in says {
            assert!(told.contains(says), "{says}: {told}");
        }
    }

    #[test]
    fn named_columns_are_bound() {
        told(
            "x,y,z,value\n0,0,0,300\n",
            &["file = \"run 145.csv\"", "columns = { x = \"x\", y = \"y\", z = \"z\", value = \"value\" }."],
        );
        told("n;x [mm];z [mm];T\n1;2;3;4\n", &["x = \"x [mm]\"", "length_unit = \"mm\"", "Its columns are n, x [mm]"]);
    }

    #[test]
    fn the_columns_that_cannot_be_told_are_named() {
        told("east,north,height,T\n1,2,3,4\n", &["columns are east, north, height, T", "not plain"]);
        told("x,x_mm,T\n1,2,3\n", &["not plain"]);
        told("x_mm,y_in,T\n1,2,3\n", &["not plain"]);
        told("x,y,name\n1,2,bolt\n", &["not plain"]);
        told("", &["names the columns; here there is none"]);
    }

    #[test]
    fn the_shipped_table_is_bound_as_its_type_file_binds_its_places() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fields/c3x-run145-measured.csv");
        let told = how_to_bind(&path);
        for says in ["x = \"x_mm\", z = \"z_mm\"", "length_unit = \"mm\"", "value = \"temperature_K\""] {
            assert!(told.contains(says), "{told}");
        }
    }
}
