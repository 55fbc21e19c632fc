//! The living model of one asset: what every kind of it can be told and asked, so that one engine runs them all.
//!
//! A model is told rows of telemetry at its own rate ([`Row`]), and sparse evidence ([`Evidence`]). It can be asked what
//! it believes ([`Belief`]), whether it still explains the asset ([`Standing`]), what no sensor reads, and what will be
//! under a [`Setting`] of its [`Lever`]s ([`Prediction`]). It has no clock and no name of a topic: moments are arguments,
//! parts are roles that a type file gives to parts.
//!
//! Order of the work, after ISO 13374: detection and diagnosis are beliefs and standing, prognosis is predictions;
//! advice is made of them elsewhere.

pub mod checks;
mod model;
pub mod population;

pub use model::{LivingModel, ReadFile};

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::estimate::metrics::quantile;

/// Milliseconds since the epoch.
pub type WallMs = i64;

/// A value that a model reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its name in type files.
    pub name: Cow<'static, str>,
    /// In this unit (UCUM).
    pub unit: Cow<'static, str>,
    /// Without it the model cannot follow the asset.
    pub required: bool,
}

/// Means over one row of telemetry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// Its end.
    pub at_ms: WallMs,
    /// What it spans, s.
    pub seconds: f64,
    /// How many times faster than the clock the asset ages: 1, but for a simulated one in time lapse.
    pub time_lapse: f64,
    /// Means in the order of [`Living::inputs`]; what is missing, stale or bad is not a number.
    pub values: &'a [f64],
}

impl Row<'_> {
    /// Hours by which the asset ages in it.
    #[must_use]
    pub fn ageing_h(&self) -> f64 {
        self.seconds * self.time_lapse / 3600.0
    }
}

/// What somebody found or did, once in a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// When.
    pub at_ms: WallMs,
    /// Role of the part.
    pub part: String,
    /// What.
    pub finding: Finding,
}

/// What was found or done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Finding {
    /// A quantity was measured: the length of a crack, a capacity, the viscosity of an oil sample.
    Measured {
        /// Which, by the id of a [`Question`].
        quantity: String,
        /// In the unit of the question.
        value: f64,
        /// Standard deviation of the measurement, in that unit; none: the usual one of its kind.
        deviation: Option<f64>,
    },
    /// Somebody looked and found nothing.
    Nothing {
        /// Looked for, by the id of a [`Question`].
        quantity: String,
    },
    /// Work was done, by the id of a [`Question`]: `replaced`, `oil-changed`.
    Done {
        /// Which.
        action: String,
    },
}

/// Evidence that a model can use: what a form asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// Role of the part.
    pub part: &'static str,
    /// In messages: `crack_length`, `replaced`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// What is asked.
    pub asks: Asks,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum Asks {
    /// A number between the two.
    Number {
        /// Unit (UCUM).
        unit: &'static str,
        /// Lowest that is possible.
        low: f64,
        /// Highest.
        high: f64,
        /// "Nothing found" is an answer.
        nothing: bool,
    },
    /// Whether it was done.
    Work,
}

/// Why evidence was not used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvidenceError {
    /// The model does not know it.
    #[error("the model cannot use \"{id}\" of {part}; it can use {known}")]
    Unknown {
        /// What was told.
        id: String,
        /// Of which part.
        part: String,
        /// What it can use.
        known: String,
    },
    /// The value is not possible.
    #[error("{id} is {value}; it must lie between {low} and {high} {unit}")]
    Range {
        /// Which.
        id: String,
        /// The value.
        value: f64,
        /// Lowest that is possible.
        low: f64,
        /// Highest.
        high: f64,
        /// Unit.
        unit: String,
    },
}

/// Checks evidence against the questions of a model; the question it answers.
///
/// # Errors
/// It answers none of them, or its value is not possible.
pub fn check<'q>(questions: &'q [Question], evidence: &Evidence) -> Result<&'q Question, EvidenceError> {
    let (id, value, spread) = match &evidence.finding {
        Finding::Measured { quantity, value, deviation } => (quantity, Some(*value), *deviation),
        Finding::Nothing { quantity } => (quantity, None, None),
        Finding::Done { action } => (action, None, None),
    };
    let fits = |question: &&Question| {
        question.part == evidence.part
            && question.id == id
            && match (question.asks, &evidence.finding) {
                (Asks::Number { .. }, Finding::Measured { .. }) | (Asks::Work, Finding::Done { .. }) => true,
                (Asks::Number { nothing, .. }, Finding::Nothing { .. }) => nothing,
                _ => false,
            }
    };
    let Some(question) = questions.iter().find(fits) else {
        let known: Vec<String> =
            questions.iter().map(|question| format!("{} of {}", question.id, question.part)).collect();
        return Err(EvidenceError::Unknown { id: id.clone(), part: evidence.part.clone(), known: known.join(", ") });
    };
    if let (Asks::Number { unit, low, high, .. }, Some(value)) = (question.asks, value) {
        let range = |value, low| EvidenceError::Range { id: id.clone(), value, low, high, unit: unit.to_owned() };
        if !(low..=high).contains(&value) {
            return Err(range(value, low));
        }
        if let Some(spread) = spread.filter(|spread| !(*spread > 0.0 && *spread <= high - low)) {
            return Err(range(spread, 0.0));
        }
    }
    Ok(question)
}

/// A quantity as it is believed: three quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// 5 % lies below.
    pub p5: f64,
    /// The middle.
    pub p50: f64,
    /// 95 % lies below.
    pub p95: f64,
}

impl Band {
    /// Whether a value lies in it.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        (self.p5..=self.p95).contains(&value)
    }

    /// Of samples; none without any.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        Some(Self { p5: quantile(&values, 0.05)?, p50: quantile(&values, 0.5)?, p95: quantile(&values, 0.95)? })
    }
}

/// A parameter that lives.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    /// In messages: `bearing_wear`.
    pub id: &'static str,
    /// For people: `bearing wear`.
    pub title: &'static str,
    /// Unit (UCUM); empty for a ratio.
    pub unit: &'static str,
    /// Now.
    pub now: Band,
    /// Before the data of this asset.
    pub prior: Band,
    /// Its mean and standard deviation in the coordinate in which a population of assets is compared (the logarithm of
    /// a factor), for the fleet's prior; none for what says nothing about other assets.
    pub coordinate: Option<(f64, f64)>,
}

/// Whether the model may be trusted on this asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The innovations of the last time are what they should be; none before there are enough.
    pub explains: Option<bool>,
    /// In what the asset is outside of what the model was made for, in words.
    pub outside: Vec<String>,
    /// It has learned enough of this asset that its prior is not what speaks any more.
    pub calibrated: bool,
    /// The last data that it used.
    pub data_until_ms: Option<WallMs>,
}

/// A slider or a switch: what can be done differently.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Lever {
    /// In messages: `derate`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// Unit (UCUM); empty for a switch.
    pub unit: &'static str,
    /// Lowest.
    pub low: f64,
    /// Highest.
    pub high: f64,
    /// From one place to the next; of a switch, from 0 to 1.
    pub step: f64,
    /// Nothing is changed.
    pub neutral: f64,
}

/// Levers by id; those that are left out are neutral. Unknown ones are ignored, values are clamped.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Setting(pub BTreeMap<String, f64>);

impl Setting {
    /// Where a lever stands.
    #[must_use]
    pub fn get(&self, lever: &Lever) -> f64 {
        let value = self.0.get(lever.id).copied().filter(|value| value.is_finite());
        value.map_or(lever.neutral, |value| value.clamp(lever.low, lever.high))
    }
}

/// What ends a life, or where something is.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Role of the part.
    pub part: &'static str,
    /// In topics: `rul`, `crack_length`, `soc`.
    pub quantity: &'static str,
    /// Unit (UCUM).
    pub unit: &'static str,
    /// Samples in that unit, not sorted: those of two settings belong together by place. Beyond the horizon: infinity.
    pub samples: Vec<f64>,
    /// How far was looked, in that unit; none for what is now.
    pub horizon: Option<f64>,
    /// What fails; empty for what is now.
    pub failure_mode: Cow<'static, str>,
    /// What counts as failed.
    pub threshold: Option<Threshold>,
    /// How the quantity of the threshold goes on.
    pub path: Option<Path>,
    /// No sensor reads it: a virtual sensor rather than a prediction.
    pub is_virtual: bool,
}

/// What counts as failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Of what.
    pub quantity: &'static str,
    /// Its value.
    pub value: f64,
    /// Unit (UCUM).
    pub unit: &'static str,
    /// Where it comes from.
    pub source: Cow<'static, str>,
}

/// The future course of a quantity, as a fan.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Of what; with the unit of its threshold.
    pub quantity: &'static str,
    /// Hours from now, and the band there.
    pub points: Vec<(f64, Band)>,
}

/// A short forecast of something that will be observed, so that the model can be checked against what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foreseen {
    /// Of what.
    pub quantity: &'static str,
    /// Unit (UCUM).
    pub unit: &'static str,
    /// Its last observation.
    pub observed: f64,
    /// What will be observed after [`Living::lead_h`], noise included.
    pub band: Band,
}

/// The living model of one asset. Every implementation can be stored by serde, and goes on from there as if it had not
/// been stopped; the same rows, evidence and seed give the same numbers; nothing panics.
pub trait Living {
    /// What it reads.
    fn inputs(&self) -> Vec<Input>;

    /// The span of a row that it wants, s: its physics has a rate of its own, whatever that of the telemetry.
    fn row_seconds(&self, time_lapse: f64) -> f64;

    /// Takes the next row.
    fn observe(&mut self, row: &Row<'_>);

    /// The evidence that it can use.
    fn questions(&self) -> &'static [Question];

    /// Takes evidence.
    ///
    /// # Errors
    /// The model cannot use it; nothing has changed.
    fn learn(&mut self, evidence: &Evidence) -> Result<(), EvidenceError>;

    /// Its parameters.
    fn beliefs(&self) -> Vec<Belief>;

    /// Starts from what a fleet is like: mean and standard deviation, by [`Belief::id`], in [`Belief::coordinate`].
    /// To be called before the first row.
    fn start_from(&mut self, population: &BTreeMap<String, (f64, f64)>);

    /// Whether it may be trusted.
    fn standing(&self) -> Standing;

    /// What can be done differently.
    fn levers(&self) -> &'static [Lever];

    /// What will be, and what no sensor reads. Empty before it has seen enough to say anything.
    fn predict(&self, setting: &Setting) -> Vec<Prediction>;

    /// How far ahead [`Living::foresee`] looks, in hours of ageing.
    fn lead_h(&self) -> f64;

    /// The forecast that is checked; none if nothing can be said.
    fn foresee(&self) -> Option<Foreseen>;
}
