//! Judges a model on the tables of a folder: `cargo run --profile dev -p twinscope-prognosis --example evaluate -- MODEL
//! DATA [TRAIN]`.

use std::error::Error;
use std::path::Path;

use twinscope_prognosis::evaluate::{NamedTable, cmapss, nasa, virkler, wind_power};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, data, rest @ ..] = arguments.as_slice() else {
        return Err("usage: evaluate virkler|nasa|cmapss|wind_power DATA [TRAIN]".into());
    };
    let data = tables(data)?;
    let train = rest.first().map(|folder| tables(folder)).transpose()?;
    let report = match model.as_str() {
        "virkler" => virkler::evaluate(&data, train.as_deref())?,
        "nasa" => nasa::evaluate(&data, train.as_deref())?,
        "cmapss" => cmapss::evaluate(&data, train.as_deref())?,
        "wind_power" => wind_power::evaluate(&data, train.as_deref())?,
        other => return Err(format!("no model `{other}`: virkler, nasa, cmapss, wind_power").into()),
    };
    print!("{report}");
    Ok(())
}

/// Every `.csv` and `.txt` of a folder but what is to be read by people, by name.
fn tables(folder: impl AsRef<Path>) -> Result<Vec<NamedTable>, Box<dyn Error>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "csv" || kind == "txt"));
    paths.retain(|path| !path.file_stem().is_some_and(|name| name.eq_ignore_ascii_case("readme")));
    paths.sort();
    let mut tables = Vec::new();
    for path in paths {
        tables.push(NamedTable::parse(&path.display().to_string(), &std::fs::read(&path)?)?);
    }
    Ok(tables)
}
