//! Cells that age by cycles: every five cycles from the fortieth, the cycle at which the capacity falls below 1.4 A·h.
//!
//! Tables with `cell`, `cycle`, `capacity_ah` (Saha and Goebel 2007, NASA Ames Prognostics Data Repository); other columns
//! are not used. A cell that never falls below is predicted too; its error is not known, and it is in no mean.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::report::{Figure, Reach, Report};
use super::resample::{mean_with_spread, statistic_with_spread};
use super::table::{NamedTable, TableError};
use crate::battery::fleet::CapacityFleet;
use crate::estimate::metrics::{self, Prediction, RelativeTo};

const COLUMNS: [&str; 3] = ["cell", "cycle", "capacity_ah"];
/// End of life, A·h.
const END_AH: f64 = 1.4;
/// First cycle from which is predicted, and every how many.
const FIRST: usize = 40;
const EVERY: usize = 5;
/// Half width around the truth that the alpha-lambda test allows, as a share of the remaining life; share of the samples
/// that must be in it.
const ALPHA: f64 = 0.2;
const BETA: f64 = 0.5;
const SAMPLES: usize = 1000;
/// Most cells, and most cycles of one.
const MOST_CELLS: usize = 200;
const MOST_CYCLES: usize = 20_000;

/// One cell: its name, and its capacities from the first cycle.
#[derive(Debug, Clone)]
struct Cell {
    name: String,
    capacities_ah: Vec<f64>,
}

impl Cell {
    /// Cycle, from 1, whose capacity is the first below the end.
    fn end(&self) -> Option<usize> {
        self.capacities_ah.iter().position(|ah| *ah < END_AH).map(|index| index + 1)
    }
}

/// Judges the model on `data`: trained on `train`, or each cell by a model of the others.
///
/// # Errors
/// When a table lacks a column, a cell is no number, or there are too few cells that fade.
pub fn evaluate(data: &[NamedTable], train: Option<&[NamedTable]>) -> Result<Report, TableError> {
    let judged = read(data)?;
    let trained = train.map(|tables| read(tables).and_then(|cells| fleet(tables, &cells))).transpose()?;
    if trained.is_none() && judged.len() < 2 {
        return Err(unfit(data, "one cell only: give more, or others to train on with --train"));
    }
    let all = judged.par_iter().enumerate().map(|(i, cell)| match &trained {
        Some(fleet) => Ok(predictions(fleet, cell)),
        None => {
            let others: Vec<Cell> =
                judged.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, other)| other.clone()).collect();
            fleet(data, &others).map(|fleet| predictions(&fleet, cell))
        }
    });
    let all: Vec<Vec<Prediction>> = all.collect::<Result<_, _>>()?;

    let figures = figures(&judged, &all);
    if figures.is_empty() {
        let problem = format!("no cell falls below {END_AH} Ah after cycle {FIRST}: nothing can be judged");
        return Err(unfit(data, problem));
    }
    let method = format!(
        "{} cells, {}; every {EVERY} cycles from cycle {FIRST}, end of life {END_AH} Ah.",
        judged.len(),
        if train.is_some() { "by a model of the training set" } else { "each by a model of the others" }
    );
    Ok(Report { model: "nasa".to_owned(), method, figures, notes: notes(&judged) })
}

/// Whether a truth lies in the 90 % band.
fn held(prediction: &Prediction, truth: f64) -> Option<bool> {
    let (low, high) = (prediction.quantile(0.05)?, prediction.quantile(0.95)?);
    Some((low..=high).contains(&truth))
}

fn figures(judged: &[Cell], all: &[Vec<Prediction>]) -> Vec<Figure> {
    let failed: Vec<(&Cell, f64, &Vec<Prediction>)> = judged
        .iter()
        .zip(all)
        .filter_map(|(cell, predictions)| Some((cell, cell.end()? as f64, predictions)))
        .filter(|(_, _, predictions)| !predictions.is_empty())
        .collect();
    let units = |value: &dyn Fn(&Prediction, f64) -> Option<f64>| -> Vec<Vec<f64>> {
        failed.iter().map(|(_, end, each)| each.iter().filter_map(|p| value(p, *end)).collect()).collect()
    };
    let share = |met: bool| f64::from(u8::from(met));
    let error = |p: &Prediction, end: f64| Some(p.quantile(0.5)? - end);
    let mut figures = Vec::new();
    let mut add = |name: String, found: Option<(f64, Option<super::Spread>, usize)>, reach| {
        if let Some((value, spread, count)) = found {
            figures.push(Figure { name, value, spread, count, reach });
        }
    };
    add(
        "mean absolute error, cycles".to_owned(),
        mean_with_spread(&units(&|p, end| error(p, end).map(f64::abs))),
        Some(Reach::AtMost(12.0)),
    );
    add(
        "coverage of 90 %".to_owned(),
        mean_with_spread(&units(&|p, end| held(p, end).map(share))),
        Some(Reach::Within(0.85, 0.98)),
    );
    let root = |values: &[f64]| metrics::mean(values.iter().map(|e| e * e)).map(f64::sqrt);
    add("root mean square error, cycles".to_owned(), statistic_with_spread(&units(&error), root), None);
    add("bias, cycles".to_owned(), mean_with_spread(&units(&error)), None);
    let width = |p: &Prediction, _: f64| Some(p.quantile(0.95)? - p.quantile(0.05)?).filter(|w| w.is_finite());
    add("mean width of 90 %, cycles".to_owned(), mean_with_spread(&units(&width)), None);
    let crps = |p: &Prediction, end: f64| metrics::crps(&p.events, end).filter(|score| score.is_finite());
    add("continuous ranked probability score, cycles".to_owned(), mean_with_spread(&units(&crps)), None);
    let median = |p: &Prediction, end: f64| Some(share((p.quantile(0.5)? - end).abs() <= ALPHA * (end - p.at)));
    add(format!("share of medians within {ALPHA} of the remaining life"), mean_with_spread(&units(&median)), None);
    let near = |p: &Prediction, end: f64| Some(share(metrics::within_alpha(p, end, ALPHA, BETA)));
    add(
        format!("share with {BETA} of samples within {ALPHA} of the remaining life"),
        mean_with_spread(&units(&near)),
        None,
    );
    for (relative, of) in [(RelativeTo::RemainingLife, "remaining life"), (RelativeTo::TimeOfEvent, "end of life")] {
        let each: Vec<Vec<f64>> = failed
            .iter()
            .map(|(_, end, each)| metrics::relative_accuracy(each, *end, relative).into_iter().collect())
            .collect();
        add(format!("relative accuracy, of {of}"), mean_with_spread(&each), None);
    }
    let horizons: Vec<Vec<f64>> = failed
        .iter()
        .map(|(_, end, each)| metrics::prognostic_horizon(each, *end, ALPHA, BETA).into_iter().collect())
        .collect();
    add("prognostic horizon, cycles".to_owned(), mean_with_spread(&horizons), None);
    for (cell, end, each) in &failed {
        let errors: Vec<f64> = each.iter().filter_map(|p| error(p, *end).map(f64::abs)).collect();
        add(format!("{} (ends at {end}): mean absolute error, cycles", cell.name), mean_with_spread(&[errors]), None);
        let shares: Vec<f64> = each.iter().filter_map(|p| held(p, *end).map(share)).collect();
        add(format!("{} (ends at {end}): coverage of 90 %", cell.name), mean_with_spread(&[shares]), None);
    }
    for (cell, each) in judged.iter().zip(all).filter(|(cell, _)| cell.end().is_none()) {
        let last = cell.capacities_ah.len() as f64;
        let shares: Vec<f64> = each.iter().filter_map(|p| Some(share(p.quantile(0.95)? > last))).collect();
        add(
            format!("{} (never ends): share of bands beyond its last cycle", cell.name),
            mean_with_spread(&[shares]),
            None,
        );
    }
    // Without a cell that ended there is no error, and without an error nothing to report.
    if failed.is_empty() { Vec::new() } else { figures }
}

fn notes(judged: &[Cell]) -> Vec<String> {
    let mut notes = vec![
        "Spread: bootstrap over cells, of three or more; predictions of one cell hang together.".to_owned(),
        "Error and bias: median of the predicted cycle less the true one.".to_owned(),
    ];
    let early: Vec<&str> = judged
        .iter()
        .filter(|cell| cell.end().is_some_and(|end| end <= FIRST))
        .map(|cell| cell.name.as_str())
        .take(20)
        .collect();
    if !early.is_empty() {
        notes.push(format!("Below {END_AH} Ah by cycle {FIRST}, so not predicted: {}.", early.join(", ")));
    }
    notes
}

fn fleet(tables: &[NamedTable], cells: &[Cell]) -> Result<CapacityFleet, TableError> {
    let lives: Vec<&[f64]> = cells
        .iter()
        .filter(|cell| cell.capacities_ah.first().is_some_and(|first| *first > END_AH))
        .map(|cell| cell.capacities_ah.as_slice())
        .collect();
    CapacityFleet::fit(&lives, END_AH).ok_or_else(|| {
        unfit(
            tables,
            format!("no cell to learn from: give one that fades from above {END_AH} Ah over 10 cycles or more"),
        )
    })
}

/// Predictions of the cycle of the end, made after cycles 40, 45, …, before the end; in cycles from the first.
fn predictions(fleet: &CapacityFleet, cell: &Cell) -> Vec<Prediction> {
    let until = cell.end().unwrap_or(cell.capacities_ah.len());
    let Some((first, rest)) = cell.capacities_ah.split_first() else { return Vec::new() };
    let mut followed = fleet.start(*first, END_AH);
    let mut all = Vec::new();
    for (cycle, capacity_ah) in (2..until).zip(rest) {
        fleet.cycle(&mut followed, *capacity_ah);
        if cycle >= FIRST && (cycle - FIRST).is_multiple_of(EVERY) {
            let fan = fleet.remaining(&followed, SAMPLES, cycle as u64);
            all.push(Prediction::new(cycle as f64, fan.sorted().iter().map(|left| left + cycle as f64).collect()));
        }
    }
    all
}

/// The cells in the order of their tables.
fn read(tables: &[NamedTable]) -> Result<Vec<Cell>, TableError> {
    let mut cells: Vec<Cell> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for table in tables.iter().filter(|table| table.has(&COLUMNS)) {
        let [cell, cycle, capacity] = COLUMNS;
        let (cell, cycle, capacity) = (table.column(cell)?, table.column(cycle)?, table.column(capacity)?);
        for row in table.rows() {
            let name = row.text(cell);
            let place = *places.entry(name.to_owned()).or_insert_with(|| {
                cells.push(Cell { name: name.chars().take(40).collect(), capacities_ah: Vec::new() });
                cells.len() - 1
            });
            if cells.len() > MOST_CELLS {
                return Err(unfit(tables, format!("more than {MOST_CELLS} cells: judge them in parts")));
            }
            let Some(own) = cells.get_mut(place) else { continue };
            if row.number(cycle)? != own.capacities_ah.len() as f64 + 1.0 {
                return Err(
                    row.wrong(cycle, "the cycle after the one before; cycles of a cell count from 1 without gaps")
                );
            }
            let ah = row.number(capacity)?;
            if !(0.0..1e4).contains(&ah) {
                return Err(row.wrong(capacity, "a capacity in Ah, 0 or more"));
            }
            if own.capacities_ah.len() == MOST_CYCLES {
                return Err(row.wrong(cycle, "one of the first 20,000 cycles"));
            }
            own.capacities_ah.push(ah);
        }
    }
    if cells.is_empty() {
        return Err(unfit(tables, format!("no table with the columns {}", COLUMNS.join(", "))));
    }
    Ok(cells)
}

fn unfit(tables: &[NamedTable], problem: impl Into<String>) -> TableError {
    let names: Vec<&str> = tables.iter().map(NamedTable::name).take(5).collect();
    let table = if names.is_empty() { "no table".to_owned() } else { names.join(", ") };
    TableError::Unfit { table, problem: problem.into() }
}
