//! How good a prognosis model is on data that it has not seen: a folder of tables → figures.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use twinscope_prognosis::evaluate::{self, NamedTable, Report, TableError};

use super::{Failure, Format, print};

#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// The model
    #[arg(value_enum)]
    model: Model,
    /// The folder with the tables to be judged on: every .csv and .txt in it
    #[arg(long, value_name = "DIR", required_if_eq_any = [
        ("model", "nasa"), ("model", "virkler"), ("model", "cmapss"), ("model", "wind_power"),
    ])]
    data: Option<PathBuf>,
    /// A folder with tables to learn from. Without it each unit (specimen, cell, engine, turbine) is judged by a model of
    /// the others
    #[arg(long, value_name = "DIR")]
    train: Option<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What can be judged, and the tables that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// Remaining cycles of battery cells: cell, cycle, capacity_ah
    Nasa,
    /// Remaining cycles of cracked specimens: specimen, hundreds_of_cycles, crack_length_mm
    Virkler,
    /// Remaining cycles of engines, learned from runs to failure: unit, cycle, settings, sensors
    Cmapss,
    /// Power of a wind turbine from wind, temperature, pitch and vane: ten-minute rows of SCADA
    #[value(name = "wind_power")]
    WindPower,
    /// Living parameters, alarms and remaining life of gearboxes, on simulated machines whose truth is known: no tables,
    /// two minutes
    Gearbox,
}

/// Simulated gearboxes, and how long each runs.
const GEARBOXES: u32 = 50;
const DAYS: u32 = 270;
/// Most tables of a folder.
const MOST_TABLES: usize = 200;
/// Most bytes that are read of one file: above what a table may have, so that the table says what is wrong.
const MOST_BYTES: u64 = (64 << 20) + 1;
/// Names of files that say something about the tables and are none.
const ABOUT: [&str; 4] = ["readme", "license", "licence", "credits"];

/// Judges the model and prints the report.
pub fn evaluate(args: &EvaluateArgs) -> Result<(), Failure> {
    if args.model == Model::Gearbox && (args.data.is_some() || args.train.is_some()) {
        let message = "gearbox takes neither --data nor --train: no tables hold the truth that it is judged on";
        return Err(Failure { message: message.to_owned(), code: 2 });
    }
    let data = args.data.as_deref().map(tables).transpose()?.unwrap_or_default();
    let train = args.train.as_deref().map(tables).transpose()?;
    let report = judge(args.model, &data, train.as_deref()).map_err(|error| Failure::new(error.to_string()))?;
    match args.format {
        Format::Text => print(&report.to_string()),
        Format::Json => {
            let json = serde_json::to_string_pretty(&report)
                .map_err(|error| Failure::new(format!("the report cannot be written as JSON: {error}")))?;
            print(&format!("{json}\n"));
        }
    }
    Ok(())
}

fn judge(model: Model, data: &[NamedTable], train: Option<&[NamedTable]>) -> Result<Report, TableError> {
    match model {
        Model::Nasa => evaluate::nasa::evaluate(data, train),
        Model::Virkler => evaluate::virkler::evaluate(data, train),
        Model::Cmapss => evaluate::cmapss::evaluate(data, train),
        Model::WindPower => evaluate::wind_power::evaluate(data, train),
        Model::Gearbox => Ok(evaluate::gearbox::simulated(0, GEARBOXES, DAYS)),
    }
}

/// The tables of a folder, by name.
pub(super) fn tables(folder: &Path) -> Result<Vec<NamedTable>, Failure> {
    let failed = |path: &Path, error: &std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        if is_table(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Failure::new(format!(
            "{}: no table here; give a folder with .csv or .txt files",
            folder.display()
        )));
    }
    if paths.len() > MOST_TABLES {
        let found = paths.len();
        return Err(Failure::new(format!("{}: {found} tables, at most {MOST_TABLES} are read", folder.display())));
    }
    paths.sort();
    let read = |path: &PathBuf| {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(|error| failed(path, &error))?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| failed(path, &error))?;
        NamedTable::parse(&path.display().to_string(), &bytes).map_err(|error| Failure::new(error.to_string()))
    };
    paths.iter().map(read).collect()
}

fn is_table(path: &Path) -> bool {
    let ends = |ending: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    let name = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    ["csv", "txt"].into_iter().any(ends) && !ABOUT.iter().any(|about| name.starts_with(about)) && path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).expect("a file");
        }
        dir
    }

    #[test]
    fn a_folder_gives_its_tables_by_name_and_leaves_out_what_is_said_about_them() {
        let dir = folder(&[
            ("b.csv", "a,b\n1,2\n"),
            ("a.TXT", "1 2 3\n"),
            ("readme.txt", "About these data\nand more\n"),
            ("LICENSE_BSD3.txt", "as is\n"),
            ("notes.md", "x"),
        ]);
        let found = tables(dir.path()).expect("tables");
        let names: Vec<_> =
            found.iter().map(|table| Path::new(table.name()).file_name().expect("a name").to_owned()).collect();
        assert_eq!(names, ["a.TXT", "b.csv"]);
    }

    #[test]
    fn a_folder_without_tables_says_what_to_give() {
        let message = tables(folder(&[("notes.md", "x")]).path()).expect_err("nothing to read").to_string();
        assert!(message.contains(".csv"), "{message}");
    }

    #[test]
    fn a_table_that_cannot_be_read_is_named_with_its_line() {
        let message = tables(folder(&[("cut.csv", "a,b\n1,2\n3\n")]).path()).expect_err("uneven").to_string();
        assert!(message.contains("cut.csv") && message.contains('3'), "{message}");
    }
}
