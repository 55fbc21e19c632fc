//! A trained model as a file: what it is, what it was trained on, and how good it was on what it had not seen.
//!
//! JSON: `kind` and `version`, `trained_on`, `figures` with the `method` that they come from, `model`.

mod held_out;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::machine::Config;
use super::remaining_life::{self, Options, RemainingLife};
use super::wind_power::{self, WindPower};
use crate::evaluate::{self, Figure, NamedTable, TableError};

/// Layout of the file.
const VERSION: u32 = 1;
/// Most bytes that are read: a model of a hundred thousand leaves has a tenth.
const MOST_BYTES: usize = 64 << 20;
/// Most names and figures that are read.
const MOST_NAMES: usize = 1_000;

/// Why a file is not used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ModelError {
    /// Larger than what is read.
    #[error("{file}: {found} bytes, at most {MOST_BYTES} are read: this is no model of `twinscope train`")]
    TooLarge {
        /// File.
        file: String,
        /// Its size.
        found: usize,
    },
    /// Not JSON of such a model, or one that was changed.
    #[error("{file}: {problem}; train it again with `twinscope train`")]
    Damaged {
        /// File.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// Of another program.
    #[error("{file}: layout {found}, this program reads {VERSION}; train it again with `twinscope train`")]
    Version {
        /// File.
        file: String,
        /// Its layout.
        found: u32,
    },
    /// A model of something else.
    #[error("{found} is not a model of remaining life; give one of `twinscope train remaining-life`")]
    Kind {
        /// What it is.
        found: &'static str,
    },
    /// Trained on other names.
    #[error("the model was trained on {trained}, this machine has {here}: name the same, in that order")]
    Names {
        /// Settings and sensors of the tables.
        trained: String,
        /// Conditions and signals of the machine.
        here: String,
    },
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "model", rename_all = "kebab-case")]
pub enum Learnt {
    /// Remaining life from runs to failure.
    RemainingLife(RemainingLife),
    /// Power from wind.
    WindPower(WindPower),
}

/// What it was learnt from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedOn {
    /// Names of the files.
    pub tables: Vec<String>,
    /// How many units (runs to failure) or days.
    pub units: usize,
    /// How many rows.
    pub rows: usize,
    /// Names of the settings; empty where the tables have no header.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Names of the sensors; empty where the tables have no header.
    #[serde(default)]
    pub sensors: Vec<String>,
}

/// A trained model with its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFile {
    version: u32,
    /// What it was trained on.
    pub trained_on: TrainedOn,
    /// How the figures were made.
    pub method: String,
    /// How good it was on what it had not seen; empty where there were too few units to hold any out.
    pub figures: Vec<Figure>,
    /// The model.
    #[serde(flatten)]
    pub learnt: Learnt,
}

/// What is read first: the rest may be of another layout.
#[derive(Deserialize)]
struct Head {
    kind: String,
    version: u32,
}

impl ModelFile {
    /// Learns remaining life from tables of runs to failure of one kind of machine (see [`remaining_life::runs`]).
    ///
    /// # Errors
    /// When a table cannot be read or has other columns than the first, or when there is too little to learn from.
    pub fn remaining_life(tables: &[NamedTable]) -> Result<Self, TableError> {
        let options = Options::default();
        let mut names = None;
        let mut runs = Vec::new();
        for table in tables {
            let these = remaining_life::names(table)?;
            if names.get_or_insert_with(|| these.clone()) != &these {
                return Err(table.unfit("other columns than the first table; give tables of one kind of machine"));
            }
            runs.extend(remaining_life::runs(table)?);
        }
        let model = remaining_life::train(tables, &options)?;
        let (method, figures) = held_out::figures(&runs, &options, model.reach());
        let [settings, sensors] = names.flatten().unwrap_or_default();
        let rows = runs.iter().map(remaining_life::Run::cycles).sum();
        let trained_on = TrainedOn { tables: files(tables), units: model.units(), rows, settings, sensors };
        Ok(Self { version: VERSION, trained_on, method, figures, learnt: Learnt::RemainingLife(model) })
    }

    /// Learns power from wind from ten-minute rows of one turbine (see [`wind_power::rows`]), a file a year: `R1_2014.csv`,
    /// `R1_2015.csv`. Tables without such rows are left alone.
    ///
    /// # Errors
    /// When there are none or of several turbines, when a table cannot be read, or when they have too few days.
    pub fn wind_power(tables: &[NamedTable]) -> Result<Self, TableError> {
        let columns = evaluate::wind_power::COLUMNS;
        let tables: Vec<NamedTable> = tables.iter().filter(|table| table.has(&columns)).cloned().collect();
        let Some(first) = tables.first() else {
            let problem = format!("no table with the columns {}", columns.join(", "));
            return Err(TableError::Unfit { table: "data".to_owned(), problem });
        };
        let turbine = evaluate::wind_power::turbine_of(first);
        if let Some(other) = tables.iter().find(|table| evaluate::wind_power::turbine_of(table) != turbine) {
            let problem = format!("not of turbine {turbine} as the first table; train a model for each turbine");
            return Err(other.unfit(problem));
        }
        let model = wind_power::train(&tables, 0)?;
        let report = evaluate::wind_power::evaluate(&tables, None)?;
        let rows = tables.iter().map(|table| table.rows().len()).sum();
        let (units, method, figures) = (model.days(), report.method, report.figures);
        let trained_on = TrainedOn { tables: files(&tables), units, rows, settings: Vec::new(), sensors: Vec::new() };
        Ok(Self { version: VERSION, trained_on, method, figures, learnt: Learnt::WindPower(model) })
    }

    /// As the text of a file.
    ///
    /// # Errors
    /// When a number of it is none.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// From the bytes of a file.
    ///
    /// # Errors
    /// When it is too large, of another layout, or not a model that was trained here.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() > MOST_BYTES {
            return Err(ModelError::TooLarge { file: file.to_owned(), found: bytes.len() });
        }
        let damaged = |problem: String| ModelError::Damaged { file: file.to_owned(), problem };
        let head: Head =
            serde_json::from_slice(bytes).map_err(|error| damaged(format!("no stored model ({error})")))?;
        if !["remaining-life", "wind-power"].contains(&head.kind.as_str()) {
            let kind: String = head.kind.chars().take(40).collect();
            return Err(damaged(format!("`{kind}` is not a kind of model that is known (remaining-life, wind-power)")));
        }
        if head.version != VERSION {
            return Err(ModelError::Version { file: file.to_owned(), found: head.version });
        }
        let model: Self = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        let on = &model.trained_on;
        let lists = [on.tables.len(), on.settings.len(), on.sensors.len(), model.figures.len()];
        if lists.into_iter().any(|count| count > MOST_NAMES) {
            return Err(damaged(format!("a list of more than {MOST_NAMES} names or figures")));
        }
        Ok(model)
    }

    /// The model of remaining life, for a machine whose conditions and signals are the settings and sensors of the
    /// tables that it was trained on.
    ///
    /// # Errors
    /// When it is a model of something else, or when the names differ.
    pub fn for_machine(&self, config: &Config) -> Result<RemainingLife, ModelError> {
        let Learnt::RemainingLife(model) = &self.learnt else {
            return Err(ModelError::Kind { found: "a model of wind power" });
        };
        let on = &self.trained_on;
        if !on.sensors.is_empty() && (&on.settings, &on.sensors) != (&config.conditions, &config.signals) {
            let words = |settings: &[String], sensors: &[String]| {
                let text = format!("[{}] and [{}]", settings.join(", "), sensors.join(", "));
                text.chars().take(400).collect()
            };
            let (trained, here) = (words(&on.settings, &on.sensors), words(&config.conditions, &config.signals));
            return Err(ModelError::Names { trained, here });
        }
        Ok(model.clone())
    }
}

/// What it was trained on and its figures, a line each.
impl fmt::Display for ModelFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = &self.trained_on;
        let units = match self.learnt {
            Learnt::RemainingLife(_) => "units",
            Learnt::WindPower(_) => "days",
        };
        writeln!(f, "Trained on {} {units}, {} rows of {}.", on.units, on.rows, on.tables.join(", "))?;
        writeln!(f, "{}", self.method)?;
        for figure in &self.figures {
            let of = figure.spread.map_or(String::new(), |spread| format!(" ({:.3} to {:.3})", spread.p5, spread.p95));
            writeln!(f, "{}: {:.3}{of}, of {}", figure.name, figure.value, figure.count)?;
        }
        Ok(())
    }
}

/// Names of the files without their folders.
fn files(tables: &[NamedTable]) -> Vec<String> {
    tables.iter().map(|table| table.name().rsplit(['/', '\\']).next().unwrap_or_default().to_owned()).collect()
}
