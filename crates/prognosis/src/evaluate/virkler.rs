//! Fatigue cracks in one test: from five lengths, the remaining cycles to 49.8 mm.
//!
//! Tables with `specimen`, `hundreds_of_cycles`, `crack_length_mm` (Virkler, Hillberry, Goel 1979, J. Eng. Mater.
//! Technol. 101). A specimen begins at 9 mm and no cycles, as all of that test did. Relative figures do not depend on the
//! unit of the cycles. (In the digitised data the column's numbers are thousands, by the growth rates.)

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::report::{Figure, Reach, Report};
use super::resample::mean_with_spread;
use super::table::{NamedTable, TableError};
use crate::crack::profile::{Course, RateProfile, Test};
use crate::crack::{Geometry, ParisLaw};
use crate::estimate::conformal::{Band, split_factor};
use crate::estimate::metrics::quantile;

const COLUMNS: [&str; 3] = ["specimen", "hundreds_of_cycles", "crack_length_mm"];
/// Half crack at the beginning and at the end of the test, m.
const FIRST_M: f64 = 0.009;
const LAST_M: f64 = 0.0498;
/// From where is predicted, mm, and which coverage of the 90 % band is asked there.
const FROM_MM: [(f64, f64); 5] = [(9.0, 0.85), (12.0, 0.85), (15.0, 0.85), (20.0, 0.85), (30.0, 0.80)];
/// Way that must remain for a prediction to mean something, as a share of the length.
const LEAST_WAY: f64 = 1.05;
/// Mean relative error that is asked.
const ERROR: f64 = 0.06;
const MISS: f64 = 0.10;
/// Most specimens: the work grows with their square, to minutes.
const MOST: usize = 200;
const SAMPLES: usize = 1000;
const SAMPLES_FOR_CALIBRATION: usize = 300;

/// Panels of 152.4 mm at a range of 48.28 MPa and a ratio of 0.2.
const TEST: Test = Test {
    law: ParisLaw::ALUMINIUM_2024_T3,
    geometry: Geometry::Centre { width_m: 0.1524 },
    range_mpa: 48.28,
    stress_ratio: 0.2,
};

/// Where a prediction goes to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Goal {
    /// The end of the test, measured or not.
    End,
    /// As far as this specimen was measured.
    Measured,
}

/// A prediction and what came.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    band: Band,
    truth: f64,
}

/// Judges the model on `data`: trained on `train`, or each specimen by a model of the others.
///
/// # Errors
/// When a table lacks a column, a cell is no number, or there are too few or too many specimens.
pub fn evaluate(data: &[NamedTable], train: Option<&[NamedTable]>) -> Result<Report, TableError> {
    let (judged, mut left_out) = read(data)?;
    let trained = match train {
        Some(tables) => {
            let (courses, more) = read(tables)?;
            left_out += more;
            Some(fleet(tables, courses)?)
        }
        None => None,
    };
    if trained.is_none() && judged.len() < 4 {
        return Err(unfit(data, "fewer than 4 specimens: give more, or others to train on with --train"));
    }
    let outcomes = judged.par_iter().enumerate().map(|(i, course)| match &trained {
        Some(fleet) => Ok(predictions(fleet, course, i)),
        None => {
            let others = judged.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, other)| other.clone());
            fleet(data, others.collect()).map(|fleet| predictions(&fleet, course, i))
        }
    });
    let outcomes: Vec<Vec<Option<Outcome>>> = outcomes.collect::<Result<_, _>>()?;

    let mut figures = Vec::new();
    for goal in [Goal::End, Goal::Measured] {
        for (case, (from_mm, asked, _)) in cases().enumerate().filter(|(_, (_, _, to))| *to == goal) {
            let each: Vec<Outcome> = outcomes.iter().filter_map(|one| one.get(case).copied().flatten()).collect();
            let units = |value: fn(&Outcome) -> f64| -> Vec<Vec<f64>> { each.iter().map(|o| vec![value(o)]).collect() };
            let to = if goal == Goal::End { "49.8 mm" } else { "the last measurement" };
            let mut add = |what: &str, value: fn(&Outcome) -> f64, reach| {
                if let Some((value, spread, count)) = mean_with_spread(&units(value)) {
                    let name = format!("{from_mm} mm to {to}: {what}");
                    figures.push(Figure { name, value, spread, count, reach });
                }
            };
            add("mean relative error", |o| (o.band.middle / o.truth - 1.0).abs(), Some(Reach::AtMost(ERROR)));
            add("coverage of 90 %", |o| f64::from(u8::from(o.band.holds(o.truth))), Some(Reach::AtLeast(asked)));
            add("mean width over truth", |o| (o.band.high - o.band.low) / o.truth, None);
            add("bias", |o| o.band.middle / o.truth - 1.0, None);
        }
    }
    if figures.is_empty() {
        return Err(unfit(data, "nothing could be predicted: no specimen is measured beyond 9 mm"));
    }
    let method = match train {
        Some(_) => format!("{} specimens by a model of the training set.", judged.len()),
        None => format!("{} specimens, each by a model of the others.", judged.len()),
    };
    Ok(Report { model: "virkler".to_owned(), method, figures, notes: notes(&judged, left_out) })
}

fn notes(judged: &[Course], left_out: usize) -> Vec<String> {
    let mut notes = vec![
        "Spread: bootstrap over specimens. Relative error and bias: median over true remaining cycles, less 1."
            .to_owned(),
        "The band is the model's, made wider where it would have held fewer than 90 % of the training specimens, each \
         left out in turn; never narrower."
            .to_owned(),
    ];
    let ends: Vec<f64> = judged.iter().map(|course| 1e3 * course.last().1).collect();
    let short = ends.iter().filter(|end| **end < 1e3 * LAST_M).count();
    if short > 0 {
        let (least, most) =
            ends.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), end| (low.min(*end), high.max(*end)));
        notes.push(format!(
            "{short} of {} specimens were not measured to 49.8 mm (ends: {least:.1} to {most:.1} mm). Their true end is \
             extrapolated by Paris' law (exponent 2.816) from their last two measured parts, so figures to 49.8 mm are \
             against that, not against a measurement; those to the last measurement are.",
            ends.len()
        ));
    }
    if let Some(order) = order(judged).filter(|order| order.abs() > 0.5) {
        notes.push(format!(
            "The specimens are numbered by how long they live (rank correlation {order:.2}): a model of the first ones \
             is biased for the last ones, most of all from 9 mm, where nothing of the specimen itself is known."
        ));
    }
    if left_out > 0 {
        notes.push(format!("{left_out} measurements did not come after the one before and were left out."));
    }
    notes
}

/// Spearman's rank correlation of a specimen's place and its cycles to a length that all reach.
fn order(courses: &[Course]) -> Option<f64> {
    let reached = courses.iter().map(|course| course.last().1).fold(f64::INFINITY, f64::min);
    let cycles: Vec<f64> = courses.iter().map(|course| course.cycles_at(&TEST, reached)).collect::<Option<_>>()?;
    let n = cycles.len() as f64;
    if cycles.len() < 8 {
        return None;
    }
    let gaps = cycles.iter().enumerate().map(|(place, own)| {
        let rank = cycles.iter().filter(|other| *other < own).count();
        (place as f64 - rank as f64).powi(2)
    });
    Some(1.0 - 6.0 * gaps.sum::<f64>() / (n * (n * n - 1.0)))
}

/// A model with its calibration, one factor a case.
struct Fleet {
    profile: RateProfile,
    factors: Vec<f64>,
}

fn cases() -> impl Iterator<Item = (f64, f64, Goal)> {
    [Goal::End, Goal::Measured].into_iter().flat_map(|goal| FROM_MM.map(|(from, asked)| (from, asked, goal)))
}

fn fleet(tables: &[NamedTable], courses: Vec<Course>) -> Result<Fleet, TableError> {
    let few = || unfit(tables, "too few specimens to learn from: give at least 3 that are measured beyond 9.5 mm");
    let profile = RateProfile::fit(&TEST, &courses, LAST_M).ok_or_else(few)?;
    let mut scores: Vec<Vec<f64>> = vec![Vec::new(); cases().count()];
    for (i, course) in courses.iter().enumerate() {
        let Some(rest) = profile.without(i) else { continue };
        for (scores, (from, _, goal)) in scores.iter_mut().zip(cases()) {
            let outcome = predict(&rest, course, from, goal, SAMPLES_FOR_CALIBRATION, i as u64);
            scores.extend(outcome.map(|o| o.band.score(o.truth)));
        }
    }
    // Too few to promise anything: the raw band. Never narrower than that.
    let factors = scores
        .iter()
        .map(|scores| split_factor(scores, MISS))
        .map(|factor| if factor.is_finite() { factor.max(1.0) } else { 1.0 });
    Ok(Fleet { factors: factors.collect(), profile })
}

fn predictions(fleet: &Fleet, course: &Course, number: usize) -> Vec<Option<Outcome>> {
    cases()
        .zip(&fleet.factors)
        .map(|((from, _, goal), factor)| {
            let outcome = predict(&fleet.profile, course, from, goal, SAMPLES, number as u64)?;
            Some(Outcome { band: outcome.band.scaled(*factor), ..outcome })
        })
        .collect()
}

fn predict(
    profile: &RateProfile,
    course: &Course,
    from_mm: f64,
    goal: Goal,
    samples: usize,
    seed: u64,
) -> Option<Outcome> {
    let from_m = 1e-3 * from_mm;
    let (last_cycles, last_m) = course.last();
    let (to_m, end) = match goal {
        Goal::End if last_m < LAST_M => (LAST_M, course.extrapolated(&TEST, LAST_M)),
        Goal::End => (LAST_M, course.cycles_at(&TEST, LAST_M)?),
        Goal::Measured => (last_m, last_cycles),
    };
    if to_m < LEAST_WAY * from_m || last_m < from_m {
        return None;
    }
    let truth = end - course.cycles_at(&TEST, from_m)?;
    // What was measured up to here; the cycles at this length itself come from a later measurement, so not them.
    let all = profile.remaining(&course.until(from_m), from_m, to_m, samples, seed)?;
    let [low, middle, high] = [0.5 * MISS, 0.5, 1.0 - 0.5 * MISS].map(|share| quantile(&all, share));
    Some(Outcome { band: Band { low: low?, middle: middle?, high: high? }, truth })
}

/// The specimens in the order of their tables, and how many measurements were left out.
fn read(tables: &[NamedTable]) -> Result<(Vec<Course>, usize), TableError> {
    let mut courses = Vec::new();
    let mut left_out = 0;
    for table in tables.iter().filter(|table| table.has(&COLUMNS)) {
        let [specimen, cycles, length] = COLUMNS;
        let (specimen, cycles, length) = (table.column(specimen)?, table.column(cycles)?, table.column(length)?);
        let mut found: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for row in table.rows() {
            let point = (row.number(cycles)?, 1e-3 * row.number(length)?);
            if !(0.0..0.076).contains(&point.1) || point.1 <= 0.0 {
                return Err(row.wrong(length, "a half crack in a panel of 152.4 mm, 0 to 76 mm"));
            }
            if point.0 < 0.0 {
                return Err(row.wrong(cycles, "a number of cycles, 0 or more"));
            }
            let name = row.text(specimen).to_owned();
            let place = *places.entry(name.clone()).or_insert_with(|| {
                found.push((name, Vec::new()));
                found.len() - 1
            });
            if let Some((_, points)) = found.get_mut(place) {
                points.push(point);
            }
        }
        for (name, mut points) in found {
            if points.iter().all(|(cycles, length)| *cycles > 0.0 && *length > 1.001 * FIRST_M) {
                points.insert(0, (0.0, FIRST_M));
            }
            let Some((course, less)) = Course::new(points) else {
                return Err(table.unfit(format!("specimen `{name}` has fewer than two lengths that grow; delete it")));
            };
            left_out += less;
            courses.push(course);
        }
    }
    if courses.is_empty() {
        return Err(unfit(tables, format!("no table with the columns {}", COLUMNS.join(", "))));
    }
    if courses.len() > MOST {
        return Err(unfit(tables, format!("{} specimens, at most {MOST}: judge them in parts", courses.len())));
    }
    Ok((courses, left_out))
}

fn unfit(tables: &[NamedTable], problem: impl Into<String>) -> TableError {
    let names: Vec<&str> = tables.iter().map(NamedTable::name).take(5).collect();
    let table = if names.is_empty() { "no table".to_owned() } else { names.join(", ") };
    TableError::Unfit { table, problem: problem.into() }
}
