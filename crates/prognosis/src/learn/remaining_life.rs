//! Remaining life learnt from run-to-failure tables: any machine, any number of settings and sensors.
//!
//! Sensors are normalised by the operating settings, a sliding window and the distance from new become features,
//! boosted trees of several folds of units become one prediction, and its band comes from the units that each fold
//! held out. Everything is counted in cycles.
//!
//! It knows machines that fail as those it learnt from did. It does not know causes, repairs, or a load to come, and
//! far from failure there is nothing to see: the target is cut at a horizon (Heimes, PHM 2008), and the model says how
//! often a machine that looked alike had longer than the bands reach.

mod read;
mod run;
#[cfg(test)]
mod tests;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::bands::{Bands, HeldOut, LEVELS};
use super::boosting::{Boosted, Folded, Growth, mean_prediction};
use super::conditions::Conditions;
use crate::estimate::metrics::quantile;
pub use read::{names, runs, train};
pub use run::{LEAST_CYCLES, Run, WINDOW};

/// Folds of units, each with its model.
const FOLDS: usize = 5;
/// Most trees of a fold's model; how many are used is chosen on what the folds held out.
const ROUNDS: usize = 250;
/// Shares of the features that a tree sees: which is better is chosen on what the folds held out, too. Few make trees
/// that differ, all let the one that says most into each.
const FEATURE_SHARES: [f64; 2] = [0.3, 1.0];
/// Groups of bands by the size of the prediction.
const GROUPS: usize = 12;
/// Fewest units to learn from: two to hold out in each fold.
const LEAST_UNITS: usize = 2 * FOLDS;
/// Most numbers that trees are grown on (rows by features); more rows are thinned evenly. A sixth of a gibibyte, and
/// each fold has a copy.
const MOST_NUMBERS: usize = 20_000_000;
/// Horizon as a share of the median life where none is given: what the usual 125 cycles are of FD001's 199.
const HORIZON_SHARE: f64 = 0.625;
/// How far beyond the horizon the bands reach, as a share of it: C-MAPSS FD001's test engines have 7 to 145 cycles,
/// 145 / 125. Among machines with more than that a healthy one's band would say how long lives are, nothing else.
const REACH_SHARE: f64 = 1.16;
/// Layout of a stored model.
const VERSION: u32 = 1;

/// Why nothing was learnt.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TrainError {
    /// Not enough to hold any out.
    #[error("{found} units with at least {LEAST_CYCLES} cycles, and {LEAST_UNITS} are needed: add runs to failure")]
    TooFewUnits {
        /// How many there are.
        found: usize,
    },
    /// Runs that are not of one kind.
    #[error(
        "unit `{unit}` has {found} numbers a cycle where the first has {expected}: give runs of one kind of machine"
    )]
    Uneven {
        /// Which unit.
        unit: String,
        /// Settings and sensors of its first cycle that differs.
        found: usize,
        /// Those of the first unit.
        expected: usize,
    },
    /// Nothing that changes.
    #[error("no sensor changes, or fewer cycles than settings explain: check which columns are settings and sensors")]
    NothingToLearn,
    /// A horizon that is none.
    #[error("the horizon is {0} cycles; give one above {LEAST_CYCLES}, for example five eighths of a usual life")]
    Horizon(f64),
}

/// What is chosen before training.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// Remaining life, in cycles, above which machines count as equally healthy; none: five eighths of the median
    /// life.
    pub horizon: Option<f64>,
    /// Seed of folds and trees.
    pub seed: u64,
}

/// A prediction, in cycles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Mean remaining life of a machine within reach of failure.
    pub mean: f64,
    /// Quantiles of the remaining life at [`LEVELS`], for a machine within [`RemainingLife::reach`] of failure.
    pub quantiles: [f64; LEVELS.len()],
    /// Share of the held-out cycles that looked alike and had more life left than the reach. Where it is not small
    /// the upper end is not a bound: say "more than" the lower.
    pub beyond: f64,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct RemainingLife(Stored);

/// What is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Layout.
    version: u32,
    settings: usize,
    sensors: usize,
    units: usize,
    horizon: f64,
    conditions: Conditions,
    folds: Vec<Boosted>,
    bands: Bands,
    /// Share beyond the reach, by prediction.
    beyond: Bands,
}

impl TryFrom<Stored> for RemainingLife {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.version != VERSION {
            return Err(format!("model of layout {}, this program reads {VERSION}: train it again", stored.version));
        }
        let sound = stored.settings <= 1_000
            && stored.conditions.is_sound(stored.settings, stored.sensors)
            && (1..=100).contains(&stored.folds.len())
            && stored.folds.iter().all(|fold| fold.is_sound() && fold.features() == feature_count(&stored.conditions))
            && stored.bands.is_sound()
            && stored.beyond.is_sound()
            && stored.horizon > 0.0
            && stored.horizon.is_finite();
        if sound { Ok(Self(stored)) } else { Err("not a model that was trained here: train it again".to_owned()) }
    }
}

impl From<RemainingLife> for Stored {
    fn from(model: RemainingLife) -> Self {
        model.0
    }
}

impl RemainingLife {
    /// Learns from runs to failure, each from new to its last cycle.
    ///
    /// # Errors
    /// When there are too few units, when they are not of one kind, or when nothing changes in them.
    pub fn train(runs: &[Run], options: &Options) -> Result<Self, TrainError> {
        let runs: Vec<&Run> = runs.iter().filter(|run| run.cycles() >= LEAST_CYCLES).collect();
        let first =
            runs.first().filter(|_| runs.len() >= LEAST_UNITS).ok_or(TrainError::TooFewUnits { found: runs.len() })?;
        let widths = |run: &Run, cycle: usize| {
            (run.settings.get(cycle).map_or(0, Vec::len), run.sensors.get(cycle).map_or(0, Vec::len))
        };
        let (settings, sensors) = widths(first, 0);
        for run in &runs {
            let odd = (0..run.cycles()).map(|cycle| widths(run, cycle)).find(|found| *found != (settings, sensors));
            if let Some((a, b)) = odd {
                let (unit, expected) = (run.unit.clone(), settings + sensors);
                return Err(TrainError::Uneven { unit, found: a + b, expected });
            }
        }
        let horizon = options.horizon.unwrap_or_else(|| {
            let mut lives: Vec<f64> = runs.iter().map(|run| run.cycles() as f64).collect();
            lives.sort_by(f64::total_cmp);
            (HORIZON_SHARE * quantile(&lives, 0.5).unwrap_or(0.0)).max(LEAST_CYCLES as f64 + 1.0)
        });
        if !(horizon.is_finite() && horizon > LEAST_CYCLES as f64) {
            return Err(TrainError::Horizon(horizon));
        }

        let rows = |of: fn(&Run) -> &Vec<Vec<f64>>| -> Vec<&[f64]> {
            runs.iter().flat_map(|run| of(run)).map(Vec::as_slice).collect()
        };
        let conditions = Conditions::fit(&rows(|run| &run.settings), &rows(|run| &run.sensors))
            .filter(|fitted| fitted.spreads().iter().any(|spread| *spread > 0.0))
            .ok_or(TrainError::NothingToLearn)?;
        let cycles = cycles(&runs, &conditions);
        let (folds, held_out) = fit_folds(&cycles, runs.len(), horizon, options.seed);

        let reach = REACH_SHARE * horizon;
        let near: Vec<HeldOut> = held_out.iter().filter(|(_, left)| *left <= reach).map(|(one, _)| *one).collect();
        let over = |(one, left): &(HeldOut, f64)| HeldOut { residual: f64::from(*left > reach), ..*one };
        let over: Vec<HeldOut> = held_out.iter().map(over).collect();
        let (bands, beyond) =
            Bands::fit(&near, GROUPS).zip(Bands::fit(&over, GROUPS)).ok_or(TrainError::NothingToLearn)?;
        let units = runs.len();
        Ok(Self(Stored { version: VERSION, settings, sensors, units, horizon, conditions, folds, bands, beyond }))
    }

    /// The remaining life of a machine after the last cycle of its run so far.
    ///
    /// None when there are fewer than [`LEAST_CYCLES`] cycles, a gap among those in use, or other settings or sensors
    /// than those of the machines that the model learnt from.
    #[must_use]
    pub fn predict(&self, run: &Run) -> Option<Prediction> {
        let fits = |rows: &[Vec<f64>], width: usize| rows.iter().all(|row| row.len() == width);
        if run.settings.len() != run.sensors.len()
            || !fits(&run.settings, self.0.settings)
            || !fits(&run.sensors, self.0.sensors)
        {
            return None;
        }
        let features = run::last_features(run, &self.0.conditions)?;
        if features.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let raw = mean_prediction(&self.0.folds, &features);
        let offsets = self.0.bands.at(raw);
        let life = |offset: f64| (raw + offset).max(0.0);
        Some(Prediction {
            mean: life(offsets.mean),
            quantiles: offsets.quantiles.map(life),
            beyond: self.0.beyond.at(raw).mean.clamp(0.0, 1.0),
        })
    }

    /// Remaining life, in cycles, that the bands reach to.
    #[must_use]
    pub fn reach(&self) -> f64 {
        REACH_SHARE * self.0.horizon
    }

    /// Remaining life, in cycles, above which machines count as equally healthy.
    #[must_use]
    pub fn horizon(&self) -> f64 {
        self.0.horizon
    }

    /// How many settings and sensors a cycle has.
    #[must_use]
    pub fn widths(&self) -> (usize, usize) {
        (self.0.settings, self.0.sensors)
    }

    /// How many units it learnt from.
    #[must_use]
    pub fn units(&self) -> usize {
        self.0.units
    }
}

/// One cycle of one unit.
struct Cycle {
    unit: usize,
    features: Vec<f64>,
    left: f64,
}

fn cycles(runs: &[&Run], conditions: &Conditions) -> Vec<Cycle> {
    let total: usize = runs.iter().map(|run| run.cycles()).sum();
    let step = (total * feature_count(conditions)).div_ceil(MOST_NUMBERS);
    let of = |(unit, run): (usize, &&Run)| {
        let rows = run::features(run, conditions, step);
        rows.into_iter().map(move |(left, features)| Cycle { unit, features, left: left as f64 })
    };
    runs.iter().enumerate().flat_map(of).collect()
}

/// The age, and the features of each sensor that varies.
fn feature_count(conditions: &Conditions) -> usize {
    1 + run::PER_SENSOR * conditions.spreads().iter().filter(|spread| **spread > 0.0).count()
}

/// A model for each fold of units, and for each cycle the residual of the model that had not seen its unit, with the
/// life that was left.
fn fit_folds(cycles: &[Cycle], units: usize, horizon: f64, seed: u64) -> (Vec<Boosted>, Vec<(HeldOut, f64)>) {
    let mut folds: Vec<usize> = (0..units).map(|unit| unit % FOLDS).collect();
    folds.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let rows: Vec<&[f64]> = cycles.iter().map(|cycle| cycle.features.as_slice()).collect();
    let targets: Vec<f64> = cycles.iter().map(|cycle| cycle.left.min(horizon)).collect();
    let fold_of: Vec<usize> = cycles.iter().filter_map(|cycle| folds.get(cycle.unit).copied()).collect();
    let candidates = FEATURE_SHARES.map(|feature_share| Growth { feature_share, ..Growth::default() });
    let folded = Folded::fit(&rows, &targets, &fold_of, ROUNDS, &candidates, seed);
    let residual = |(cycle, key): (&Cycle, &f64)| {
        (HeldOut { key: *key, residual: cycle.left - key, unit: cycle.unit }, cycle.left)
    };
    let held_out = cycles.iter().zip(&folded.held_out).map(residual).collect();
    (folded.models, held_out)
}
