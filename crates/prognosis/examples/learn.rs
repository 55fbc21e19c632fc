//! Measures what is learnt from data on a folder of tables: `learn MODEL DATA [TRAIN]`.

use std::process::ExitCode;

use twinscope_prognosis::evaluate::{self, NamedTable};

fn tables(folder: &str) -> Result<Vec<NamedTable>, Box<dyn std::error::Error>> {
    let mut paths = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    paths.sort_by_key(std::fs::DirEntry::file_name);
    let mut tables = Vec::new();
    for entry in paths {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") || (name.ends_with(".txt") && name.contains("FD")) {
            tables.push(NamedTable::parse(&name, &std::fs::read(entry.path())?)?);
        }
    }
    Ok(tables)
}

fn main() -> ExitCode {
    let run = || -> Result<String, Box<dyn std::error::Error>> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [model, data, rest @ ..] = arguments.as_slice() else { return Err("learn MODEL DATA [TRAIN]".into()) };
        let train = rest.first().map(|folder| tables(folder)).transpose()?;
        let report = match model.as_str() {
            "cmapss" => evaluate::cmapss(&tables(data)?, train.as_deref())?,
            "wind-power" => evaluate::wind_power(&tables(data)?, train.as_deref())?,
            other => return Err(format!("no model {other}").into()),
        };
        Ok(report.to_string())
    };
    match run() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
