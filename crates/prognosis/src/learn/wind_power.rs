//! Power from wind, learnt from a turbine's own ten-minute rows: a virtual sensor beside the meter.
//!
//! A binned curve over the wind speed at reference air density (IEC 61400-12-1:2017, method of bins), and boosted
//! trees on what it leaves, by density-corrected speed, air temperature and vane. Inputs only: no row is judged by its
//! power, neither in training nor later, and the power of past rows is no input.
//!
//! It knows normal operation. Which rows are normal is a rule on inputs (see [`WindPower::is_normal`]); stops,
//! starts, feathered blades are not predicted. A nacelle anemometer reads the wind behind its own rotor, and
//! another turbine's reads it a little differently: there the prediction has a bias.

mod read;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::bands::{Bands, HeldOut, LEVELS};
use super::boosting::{Boosted, Folded, Growth, mean_prediction};
use crate::estimate::metrics::quantile;
pub use read::{rows, train};

/// Below it a turbine idles or starts, m/s: the cut-in of the turbines at hand and of most.
const CUT_IN: f64 = 3.0;
/// Width of the bins of wind speed, m/s (IEC 61400-12-1).
const BIN: f64 = 0.5;
/// Most bins: no turbine runs above 50 m/s.
const MOST_BINS: usize = 100;
/// Fewest rows of a bin.
const LEAST_ROWS: usize = 10;
/// Air temperature of the reference density 1.225 kg/m³ at sea level, °C (ISO 2533).
const REFERENCE_C: f64 = 15.0;
/// 0 °C in kelvin.
const ZERO_C: f64 = 273.15;
/// Pitch above what is usual at a wind speed by which a row counts as stopped, starting or curtailed, degrees:
/// between the spread of normal operation (about 2) and feathered (45 to 90).
const PITCH_MARGIN: f64 = 5.0;
/// What is usual: pitch is at least this in nine rows of ten. A tenth, since near cut-in half of the rows idle.
const USUAL_PITCH: f64 = 0.1;
/// Folds, each a stretch of the time: the next year differs from this one at least as a season held out from the rest.
const FOLDS: usize = 5;
/// Most trees of a fold.
const ROUNDS: usize = 150;
/// Groups of bands by wind speed, of equal count.
const GROUPS: usize = 40;
/// Fewest days to learn from, two weeks a fold; to have seen each season takes more.
const LEAST_DAYS: usize = 14 * FOLDS;
/// Layout of a stored model.
const VERSION: u32 = 1;

/// What is known of ten minutes, power apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wind {
    /// Wind speed at the nacelle, m/s.
    pub speed: f64,
    /// Air temperature, °C.
    pub air: f64,
    /// Blade pitch, degrees.
    pub pitch: f64,
    /// Wind direction minus nacelle direction, degrees.
    pub vane: f64,
}

/// Ten minutes of a turbine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindRow {
    /// Day, counted from the first of the table.
    pub day: usize,
    /// Inputs.
    pub wind: Wind,
    /// Mean power, kW.
    pub power: f64,
}

/// Why nothing was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WindError {
    /// Not enough days to hold any out.
    #[error(
        "{found} days in normal operation, and {LEAST_DAYS} are needed (a year, to have seen each season): add rows"
    )]
    TooFewDays {
        /// How many there are.
        found: usize,
    },
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct WindPower(Stored);

/// What is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Layout.
    version: u32,
    /// Highest pitch of normal operation, degrees, by wind speed.
    pitch_limit: Curve,
    /// Power, kW, by wind speed at reference density.
    power: Curve,
    folds: Vec<Boosted>,
    bands: Bands,
    days: usize,
}

/// Values by wind speed, in m/s; straight lines between, the last value outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Curve(Vec<[f64; 2]>);

impl Curve {
    /// What `of` says of the values of each bin that has enough.
    fn of_bins(points: impl Iterator<Item = (f64, f64)>, of: impl Fn(&[f64]) -> f64) -> Self {
        let mut bins: Vec<(f64, Vec<f64>)> = vec![(0.0, Vec::new()); MOST_BINS];
        for (speed, value) in points {
            if let Some((sum, values)) = bins.get_mut((speed / BIN) as usize) {
                *sum += speed;
                values.push(value);
            }
        }
        let filled = bins.into_iter().filter(|(_, values)| values.len() >= LEAST_ROWS);
        Self(
            filled
                .map(|(sum, mut values)| {
                    values.sort_by(f64::total_cmp);
                    [sum / values.len() as f64, of(&values)]
                })
                .collect(),
        )
    }

    fn at(&self, speed: f64) -> Option<f64> {
        let next = self.0.partition_point(|[centre, _]| *centre < speed);
        let (below, above) = (next.checked_sub(1).and_then(|at| self.0.get(at)), self.0.get(next));
        match (below, above) {
            (Some([low, from]), Some([high, to])) => Some(from + (to - from) * (speed - low) / (high - low)),
            (Some([_, only]), None) | (None, Some([_, only])) => Some(*only),
            (None, None) => None,
        }
    }

    fn is_sound(&self) -> bool {
        !self.0.is_empty()
            && self.0.len() <= MOST_BINS
            && self.0.iter().flatten().all(|value| value.is_finite())
            && self.0.is_sorted_by(|[a, _], [b, _]| a < b)
    }
}

impl TryFrom<Stored> for WindPower {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.version != VERSION {
            return Err(format!("model of layout {}, this program reads {VERSION}: train it again", stored.version));
        }
        let sound = stored.pitch_limit.is_sound()
            && stored.power.is_sound()
            && (1..=100).contains(&stored.folds.len())
            && stored.folds.iter().all(|fold| fold.is_sound() && fold.features() == 3)
            && stored.bands.is_sound();
        if sound { Ok(Self(stored)) } else { Err("not a model that was trained here: train it again".to_owned()) }
    }
}

impl From<WindPower> for Stored {
    fn from(model: WindPower) -> Self {
        model.0
    }
}

impl WindPower {
    /// Learns from the rows of one turbine, best a year of them.
    ///
    /// # Errors
    /// When there are too few days.
    pub fn train(rows: &[WindRow], seed: u64) -> Result<Self, WindError> {
        let known = || rows.iter().filter(|row| row.wind.is_known() && row.power.is_finite());
        let limits = Curve::of_bins(known().map(|row| (row.wind.speed, row.wind.pitch)), |pitches| {
            quantile(pitches, USUAL_PITCH).unwrap_or(f64::NAN) + PITCH_MARGIN
        });
        let normal: Vec<&WindRow> = known().filter(|row| row.wind.is_normal(&limits)).collect();
        let mut days: Vec<usize> = normal.iter().map(|row| row.day).collect();
        days.sort_unstable();
        days.dedup();
        if days.len() < LEAST_DAYS {
            return Err(WindError::TooFewDays { found: days.len() });
        }
        let power = Curve::of_bins(normal.iter().map(|row| (row.wind.at_reference(), row.power)), |powers| {
            powers.iter().sum::<f64>() / powers.len() as f64
        });
        let span = days.last().map_or(1, |last| last + 1);
        let features: Vec<[f64; 3]> = normal.iter().map(|row| row.wind.features()).collect();
        let rest: Vec<f64> =
            normal.iter().map(|row| row.power - power.at(row.wind.at_reference()).unwrap_or(f64::NAN)).collect();
        let fold_of: Vec<usize> = normal.iter().map(|row| row.day * FOLDS / span).collect();
        // Leaves of hundreds of rows: what ten minutes of turbulence did is not learnt.
        let how = Growth {
            leaves: 8,
            least_rows: (normal.len() / 200).clamp(20, 200),
            feature_share: 1.0,
            ..Growth::default()
        };
        let folded = Folded::fit(&features, &rest, &fold_of, ROUNDS, &[how], seed);
        let held_out: Vec<HeldOut> = normal
            .iter()
            .zip(rest.iter().zip(&folded.held_out))
            .map(|(row, (rest, ours))| HeldOut { key: row.wind.at_reference(), residual: rest - ours, unit: row.day })
            .collect();
        let bands = Bands::fit(&held_out, GROUPS).ok_or(WindError::TooFewDays { found: 0 })?;
        let (folds, days) = (folded.models, days.len());
        Ok(Self(Stored { version: VERSION, pitch_limit: limits, power, folds, bands, days }))
    }

    /// Whether a row is one of normal operation: wind at least 3 m/s, nothing missing, and pitch at most 5° above the
    /// pitch that nine training rows of ten at that wind speed had at least. It asks inputs, never power.
    #[must_use]
    pub fn is_normal(&self, wind: &Wind) -> bool {
        wind.is_normal(&self.0.pitch_limit)
    }

    /// Mean power, kW, and its quantiles at [`LEVELS`]; none outside normal operation.
    #[must_use]
    pub fn predict(&self, wind: &Wind) -> Option<(f64, [f64; LEVELS.len()])> {
        if !self.is_normal(wind) {
            return None;
        }
        let mean = self.curve(wind)? + mean_prediction(&self.0.folds, &wind.features());
        Some((mean, self.0.bands.at(wind.at_reference()).quantiles.map(|offset| mean + offset)))
    }

    /// Power, kW, by the binned curve alone: what the trees are measured against.
    #[must_use]
    pub fn curve(&self, wind: &Wind) -> Option<f64> {
        self.0.power.at(wind.at_reference())
    }

    /// How many days it learnt from.
    #[must_use]
    pub fn days(&self) -> usize {
        self.0.days
    }
}

impl Wind {
    fn is_known(&self) -> bool {
        [self.speed, self.air, self.pitch, self.vane].iter().all(|value| value.is_finite())
            && self.speed >= 0.0
            && self.air > -ZERO_C
    }

    fn is_normal(&self, pitch_limit: &Curve) -> bool {
        self.is_known() && self.speed >= CUT_IN && pitch_limit.at(self.speed).is_some_and(|limit| self.pitch <= limit)
    }

    /// Wind speed, m/s, that carries as much power at 15 °C: the cube root of the density (IEC 61400-12-1). Pressure
    /// counts as constant: height above sea level is in the curve, weather is in the error (about 1 % of power).
    fn at_reference(&self) -> f64 {
        self.speed * ((REFERENCE_C + ZERO_C) / (self.air + ZERO_C)).cbrt()
    }

    fn features(&self) -> [f64; 3] {
        [self.at_reference(), self.air, self.vane]
    }
}
