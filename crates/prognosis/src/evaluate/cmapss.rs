//! Remaining life from run-to-failure tables: C-MAPSS files, and any table of their form.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::resample::statistic_with_spread;
use super::{Figure, NamedTable, Reach, Report, TableError};
use crate::estimate::conformal::Band;
use crate::estimate::metrics::mean;
use crate::learn::remaining_life::{self, Options, Prediction, RemainingLife, Run};

/// Remaining life, in cycles, that truth and target are usually cut at (Heimes, PHM 2008).
const HORIZON: f64 = 125.0;
/// How models are trained.
const OPTIONS: Options = Options { horizon: Some(HORIZON), seed: 0 };
/// Remaining lives of the test engines of FD001, and the fewest cycles that they are known for.
const LEFT: std::ops::RangeInclusive<usize> = 7..=145;
const KNOWN: usize = 31;
/// Truncations drawn from each engine that is known to its end.
const DRAWS: usize = 20;
/// Folds of engines where there is no training set.
const FOLDS: usize = 5;

/// A prediction, and what came.
#[derive(Clone, Copy)]
struct Outcome {
    engine: usize,
    truth: f64,
    prediction: Prediction,
}

/// Remaining life of engines whose end is known: from their last row where there is a table of true remaining lives
/// (`test_FD001.txt` with `RUL_FD001.txt`), else, for runs to failure, from 20 drawn truncations each. Trained on the
/// training set, or on a `train_…` table beside a test table; without any, each run is judged by models of others.
///
/// # Errors
/// When no table can be judged, when a table cannot be read, or when there is too little to train on.
pub fn evaluate(data: &[NamedTable], train: Option<&[NamedTable]>) -> Result<Report, TableError> {
    let (runs, truths): (Vec<&NamedTable>, Vec<&NamedTable>) = data.iter().partition(|table| table.columns().len() > 1);
    let tests: Vec<&NamedTable> = runs.iter().copied().filter(|table| begins(table, "test")).collect();
    let judged = if tests.is_empty() { runs.clone() } else { tests };
    if judged.is_empty() {
        let problem = "no table of runs; give test_FD001.txt with RUL_FD001.txt, or runs to failure".to_owned();
        return Err(TableError::Unfit { table: "data".to_owned(), problem });
    }

    let mut report = Report { model: "cmapss".into(), method: String::new(), figures: Vec::new(), notes: Vec::new() };
    for table in &judged {
        let prefix = if judged.len() > 1 { format!("{}: ", file(table)) } else { String::new() };
        let truth = match (truths.as_slice(), judged.len()) {
            ([only], 1) => Some(*only),
            _ => truths.iter().copied().find(|other| suffix(other) == suffix(table)),
        };
        let training: Vec<&NamedTable> = match train {
            Some(train) if train.iter().any(|other| suffix(other) == suffix(table)) => {
                train.iter().filter(|other| suffix(other) == suffix(table)).collect()
            }
            Some(train) => train.iter().collect(),
            None => {
                runs.iter().copied().filter(|other| begins(other, "train") && suffix(other) == suffix(table)).collect()
            }
        };
        let training: Vec<&NamedTable> =
            training.into_iter().filter(|other| other.columns().len() > 1 && !begins(other, "test")).collect();
        let engines = remaining_life::runs(table)?;
        let (method, outcomes) = if truth.is_some() || begins(table, "test") {
            let truth = truth.ok_or_else(|| {
                table.unfit(format!("no true remaining lives; give RUL_{}, one number a line", suffix(table)))
            })?;
            if training.is_empty() {
                return Err(table.unfit(format!("nothing to train on; give train_{}", suffix(table))));
            }
            let outcomes = at_the_last_cycle(table, &engines, truth, &remaining_life::train(training, &OPTIONS)?)?;
            ("The last cycle of each engine of the test table, by a model of the training table.".to_owned(), outcomes)
        } else if train.is_some() {
            let outcomes =
                truncated(&engines, (0..engines.len()).collect(), &remaining_life::train(training, &OPTIONS)?);
            (format!("{}, by a model of the training table.", drawn()), outcomes)
        } else {
            let outcomes = cross_validated(table, &engines)?;
            (format!("{}, by models of the others in {FOLDS} folds.", drawn()), outcomes)
        };
        if outcomes.is_empty() {
            let problem = "no engine has enough cycles and as many columns as the training table; give such engines";
            return Err(table.unfit(problem));
        }
        let left_out = engines.len() - by_engine(&outcomes).len();
        if left_out > 0 {
            report.notes.push(format!("{prefix}{left_out} engines left out: too few cycles, or other columns."));
        }
        report.method = method;
        figures(&prefix, &outcomes, &mut report.figures);
    }
    report.notes.push("Truth is not capped, unless a figure says so: capping it is worth one to two cycles.".into());
    report
        .notes
        .push("The band is that of engines within 145 cycles of failure; one that has more looks the same.".into());
    Ok(report)
}

fn drawn() -> String {
    format!(
        "Each engine cut at {DRAWS} drawn cycles (remaining life uniform in {} to {} cycles, at least {KNOWN} cycles \
         known, as in NASA's test set)",
        LEFT.start(),
        LEFT.end()
    )
}

/// Name of a file without its folders.
fn file(table: &NamedTable) -> &str {
    table.name().rsplit(['/', '\\']).next().unwrap_or_default()
}

fn begins(table: &NamedTable, start: &str) -> bool {
    file(table).to_ascii_lowercase().starts_with(start)
}

/// `FD001.txt` of `test_FD001.txt`: what the tables of a set share.
fn suffix(table: &NamedTable) -> &str {
    let name = file(table);
    name.split_once('_').map_or(name, |(_, suffix)| suffix)
}

fn at_the_last_cycle(
    table: &NamedTable,
    runs: &[Run],
    truth: &NamedTable,
    model: &RemainingLife,
) -> Result<Vec<Outcome>, TableError> {
    if truth.rows().len() != runs.len() {
        let problem = format!(
            "{} remaining lives for the {} engines of {}; give one a line, in their order",
            truth.rows().len(),
            runs.len(),
            table.name()
        );
        return Err(truth.unfit(problem));
    }
    let mut outcomes = Vec::new();
    for (engine, (run, row)) in runs.iter().zip(truth.rows()).enumerate() {
        let truth = row.number(0)?;
        outcomes.extend(model.predict(run).map(|prediction| Outcome { engine, truth, prediction }));
    }
    Ok(outcomes)
}

/// Predictions for engines that are known to their end, each cut at drawn cycles.
fn truncated(runs: &[Run], engines: Vec<usize>, model: &RemainingLife) -> Vec<Outcome> {
    let of = |engine: usize| {
        let mut random = ChaCha8Rng::seed_from_u64(engine as u64);
        let Some(run) = runs.get(engine) else { return Vec::new() };
        let most = (*LEFT.end()).min(run.cycles().saturating_sub(KNOWN));
        if most < *LEFT.start() {
            return Vec::new();
        }
        (0..DRAWS)
            .filter_map(|_| {
                let left = random.random_range(*LEFT.start()..=most);
                let known = run.cycles() - left;
                let cut = Run {
                    unit: run.unit.clone(),
                    settings: run.settings.get(..known)?.to_vec(),
                    sensors: run.sensors.get(..known)?.to_vec(),
                };
                Some(Outcome { engine, truth: left as f64, prediction: model.predict(&cut)? })
            })
            .collect()
    };
    engines.into_par_iter().map(of).collect::<Vec<_>>().into_iter().flatten().collect()
}

fn cross_validated(table: &NamedTable, runs: &[Run]) -> Result<Vec<Outcome>, TableError> {
    let mut outcomes = Vec::new();
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
    for fold in 0..FOLDS {
        let held: Vec<usize> = order.iter().copied().skip(fold).step_by(FOLDS).collect();
        let others: Vec<Run> =
            runs.iter().enumerate().filter(|(engine, _)| !held.contains(engine)).map(|(_, run)| run.clone()).collect();
        let model = RemainingLife::train(&others, &OPTIONS).map_err(|error| table.unfit(error.to_string()))?;
        outcomes.extend(truncated(runs, held, &model));
    }
    Ok(outcomes)
}

fn by_engine(outcomes: &[Outcome]) -> Vec<Vec<Outcome>> {
    let mut engines: BTreeMap<usize, Vec<Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        engines.entry(outcome.engine).or_default().push(*outcome);
    }
    engines.into_values().collect()
}

fn band(outcome: &Outcome) -> Band {
    let [low, _, middle, _, high] = outcome.prediction.quantiles;
    Band { low, middle, high }
}

/// By how much a prediction is late, both capped.
fn late(outcome: &Outcome) -> f64 {
    outcome.prediction.mean.min(HORIZON) - outcome.truth.min(HORIZON)
}

/// Late predictions cost more (Saxena and others, PHM 2008).
fn score(late: f64) -> f64 {
    if late < 0.0 { (-late / 13.0).exp_m1() } else { (late / 10.0).exp_m1() }
}

fn figures(prefix: &str, outcomes: &[Outcome], into: &mut Vec<Figure>) {
    let engines = by_engine(outcomes);
    let mut add = |name: &str, of: fn(&Outcome) -> f64, after: fn(f64) -> f64, reach: Option<Reach>| {
        let values: Vec<Vec<f64>> = engines.iter().map(|engine| engine.iter().map(of).collect()).collect();
        let figure = statistic_with_spread(&values, |values| mean(values.iter().copied()).map(after));
        into.extend(figure.map(|(value, spread, count)| Figure {
            name: format!("{prefix}{name}"),
            value,
            spread,
            count,
            reach,
        }));
    };
    add("RMSE, cycles", |one| (one.prediction.mean - one.truth).powi(2), f64::sqrt, Some(Reach::AtMost(14.0)));
    let (same, covered) = (|value: f64| value, Some(Reach::Within(0.87, 0.93)));
    add("coverage of the 90 % band", |one| f64::from(band(one).holds(one.truth)), same, covered);
    add("mean width of the 90 % band, cycles", |one| band(one).high - band(one).low, same, Some(Reach::AtMost(47.0)));
    add("RMSE, truth and prediction capped at 125, cycles", |one| late(one).powi(2), f64::sqrt, None);
    add("PHM 2008 score per engine, capped at 125", |one| score(late(one)), same, None);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Engines whose three sensors, of which one is constant, follow their wear; `left` cycles cut from each.
    fn table(name: &str, engines: u64, seed: u64, left: &[usize]) -> NamedTable {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut text = String::new();
        for engine in 0..engines {
            let life = random.random_range(60..100_usize);
            let known = life - left.get(engine as usize).copied().unwrap_or(0);
            for cycle in 1..=life {
                let wear = ((cycle as f64 - life as f64) / 20.0).exp();
                let [a, b]: [f64; 2] = std::array::from_fn(|_| random.random_range(-0.1..0.1));
                if cycle <= known {
                    writeln!(text, "{engine} {cycle} 0 0 100 {:.3} {:.3} 5", 3.0 * wear + a, 50.0 - 2.0 * wear + b)
                        .unwrap();
                }
            }
        }
        NamedTable::parse(name, text.as_bytes()).unwrap()
    }

    fn value(report: &Report, name: &str) -> (f64, usize) {
        let figure = report.figures.iter().find(|figure| figure.name.starts_with(name)).unwrap();
        (figure.value, figure.count)
    }

    #[test]
    fn test_engines_are_judged_at_their_last_cycle_against_the_table_of_remaining_lives() {
        let left: Vec<usize> = (0..20).map(|at| 3 + 2 * at).collect();
        let lives: Vec<String> = left.iter().map(usize::to_string).collect();
        let data = [
            table("some/test_X.txt", 20, 2, &left),
            NamedTable::parse("RUL_X.txt", lives.join("\n").as_bytes()).unwrap(),
        ];
        let train = [table("train_X.txt", 20, 1, &[])];
        let report = evaluate(&data, Some(&train)).unwrap();
        let (rmse, count) = value(&report, "RMSE, cycles");
        // The remaining lives themselves have a standard deviation of 11.5.
        assert!(rmse < 8.0 && count == 20, "{report}");
        // The same with the training table among the data.
        let together = [data[0].clone(), data[1].clone(), train[0].clone()];
        assert_eq!(evaluate(&together, None).unwrap(), report);
        let fewer = NamedTable::parse("RUL_X.txt", b"3\n4\n").unwrap();
        let error = evaluate(&[data[0].clone(), fewer], Some(&train)).unwrap_err().to_string();
        assert!(error.starts_with("RUL_X.txt: 2 remaining lives for the 20 engines"), "{error}");
    }

    #[test]
    fn runs_to_failure_alone_are_judged_by_models_of_the_others() {
        let report = evaluate(&[table("train_X.txt", 15, 3, &[])], None).unwrap();
        let (rmse, count) = value(&report, "RMSE, cycles");
        assert!(rmse < 12.0 && count == 15 * DRAWS, "{report}");
        assert!(report.method.contains("by models of the others in"), "{}", report.method);
    }

    #[test]
    fn a_test_table_without_what_it_needs_says_what_is_missing() {
        let error = evaluate(&[], None).unwrap_err().to_string();
        assert!(error.contains("give test_FD001.txt with RUL_FD001.txt"), "{error}");
        let test = table("test_X.txt", 5, 1, &[]);
        let error = evaluate(std::slice::from_ref(&test), None).unwrap_err().to_string();
        assert!(error.starts_with("test_X.txt: no true remaining lives; give RUL_X.txt"), "{error}");
        let lives = NamedTable::parse("RUL_X.txt", b"1\n2\n3\n4\n5\n").unwrap();
        let error = evaluate(&[test, lives], None).unwrap_err().to_string();
        assert!(error.starts_with("test_X.txt: nothing to train on; give train_X.txt"), "{error}");
        let error = evaluate(&[table("few.txt", 5, 1, &[])], None).unwrap_err().to_string();
        assert!(error.starts_with("few.txt: 4 units"), "{error}");
    }
}
