//! Learns a model from a folder of tables and writes it to a file that the engine reads.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use twinscope_prognosis::learn::stored::ModelFile;

use super::evaluate::tables;
use super::{Failure, print};

#[derive(Debug, Args)]
pub struct TrainArgs {
    /// What is to be learnt
    #[arg(value_enum)]
    model: Model,
    /// The folder with the tables to learn from: every .csv and .txt in it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file to write the model to
    #[arg(short, long, value_name = "MODEL.json")]
    output: PathBuf,
}

/// What can be learnt, and the tables that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// Remaining cycles of one kind of machine, from runs to failure: unit, cycle, settings (setting_…), sensors
    RemainingLife,
    /// Power of one wind turbine from wind, temperature, pitch and vane: ten-minute rows of SCADA, at least 70 days, best a
    /// year
    WindPower,
}

/// Trains, judges on what was held out, writes, and says how good it is.
pub fn train(args: &TrainArgs) -> Result<(), Failure> {
    let tables = tables(&args.data)?;
    let learnt = match args.model {
        Model::RemainingLife => ModelFile::remaining_life(&tables),
        Model::WindPower => ModelFile::wind_power(&tables),
    };
    let model = learnt.map_err(|error| Failure::new(error.to_string()))?;
    let path = args.output.display();
    let text = model.write().map_err(|error| Failure::new(format!("{path}: the model cannot be written: {error}")))?;
    std::fs::write(&args.output, text).map_err(|error| Failure::new(format!("{path}: {error}")))?;
    print(&format!("{model}{path}: written\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trained_model_is_written_and_can_be_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let output = dir.path().join("pumps.json");
        let args = TrainArgs {
            model: Model::RemainingLife,
            data: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/evaluation/runs")),
            output: output.clone(),
        };
        train(&args).expect("a model");
        let model = ModelFile::read("pumps.json", &std::fs::read(output).expect("a file")).expect("a model");
        assert_eq!(model.trained_on.units, 24);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let (data, output) = (PathBuf::from("/nowhere/at/all"), PathBuf::from("x.json"));
        let error = train(&TrainArgs { model: Model::WindPower, data, output }).expect_err("no folder").to_string();
        assert!(error.starts_with("/nowhere/at/all"), "{error}");
    }
}
