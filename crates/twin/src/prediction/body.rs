//! The payload of a prediction: docs/predictions.md, field by field.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lenient;
use crate::time::WallMs;

/// The payload. Only `unit` and one of `quantiles`, `path`, `value` are required; unknown fields are ignored,
/// so that a richer producer still works, `null` counts as absent, and times may have a fraction, which is rounded.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Body {
    /// When it was made, ms since the epoch.
    #[serde(deserialize_with = "lenient::time")]
    pub issued_at: Option<WallMs>,
    /// The last data it saw.
    #[serde(deserialize_with = "lenient::time")]
    pub data_until: Option<WallMs>,
    /// When it must not be used any more.
    #[serde(deserialize_with = "lenient::time")]
    pub valid_until: Option<WallMs>,
    /// Version of the model.
    pub version: Option<String>,
    /// `predicted`; `virtual` for what is now and no sensor reads; `simulated` for what no model but a simulator says.
    pub provenance: Option<String>,
    /// The asset is a simulated one.
    pub from_simulation: Option<bool>,
    /// `generic` until the model has learned this asset, then `calibrated`.
    pub prior: Option<String>,
    /// The asset lies within what the model was made for.
    pub in_range: Option<bool>,
    /// In what it does not, in words.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub outside: Vec<String>,
    /// What is measured is what the model expects (innovation test); absent: too early to say.
    pub explained: Option<bool>,
    /// How many times faster than the clock the asset ages, 1 to 1e6; absent: 1. All hours here are hours of the asset.
    pub time_lapse: Option<f64>,
    /// What fails.
    pub failure_mode: Option<String>,
    /// What counts as failed.
    pub threshold: Option<Threshold>,
    /// Unit of `quantiles` and `value`.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// Probability (as text) to value.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub quantiles: BTreeMap<String, f64>,
    /// What the model said before the checks calibrated it; as `quantiles`.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub raw_quantiles: BTreeMap<String, f64>,
    /// A bare number: a prediction without a spread.
    pub value: Option<f64>,
    /// Probability mass beyond the horizon.
    pub beyond_horizon: Option<f64>,
    /// How far was looked ahead, in `unit`: quantiles that lie beyond it are not known, and are left out.
    pub horizon: Option<f64>,
    /// Probability of failure by time.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub pof: Vec<FailureProbability>,
    /// How a quantity goes on.
    pub path: Option<FuturePath>,
    /// What the model learned.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub parameters: BTreeMap<String, Parameter>,
    /// How often the band held.
    pub coverage: Option<Coverage>,
    /// The short forecasts that `coverage` counts, and what came.
    pub checks: Option<Checks>,
    /// What can be done differently.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub levers: Vec<Lever>,
    /// Where the levers stood for this prediction, by id; those that are left out were neutral.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub setting: BTreeMap<String, f64>,
    /// What the setting gains over another scenario.
    pub against: Option<Against>,
    /// Evidence about this part that the model can use.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub accepts: Vec<Accepted>,
}

impl Body {
    /// The quantiles by probability, smallest first.
    #[must_use]
    pub fn sorted_quantiles(&self) -> Vec<(f64, f64)> {
        sorted(&self.quantiles)
    }

    /// What the model said before it was calibrated, by probability, smallest first.
    #[must_use]
    pub fn sorted_raw_quantiles(&self) -> Vec<(f64, f64)> {
        sorted(&self.raw_quantiles)
    }

    /// The quantile at this probability, if it was said.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        let said = |key: &String| key.parse::<f64>().is_ok_and(|said| (said - probability).abs() < 1e-9);
        self.quantiles.iter().find(|(key, _)| said(key)).map(|(_, value)| *value)
    }

    /// The median, or the bare value.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5).or(self.value)
    }

    /// Metres of one `unit` (UCUM), if it is one of length.
    #[must_use]
    pub fn unit_m(&self) -> Option<f64> {
        match self.unit.as_str() {
            "m" => Some(1.0),
            "cm" => Some(1e-2),
            "mm" => Some(1e-3),
            "um" => Some(1e-6),
            "[in_i]" => Some(0.0254),
            _ => None,
        }
    }

    /// Hours of one `unit` (UCUM), if it is one of time.
    #[must_use]
    pub fn unit_hours(&self) -> Option<f64> {
        match self.unit.as_str() {
            "s" => Some(1.0 / 3600.0),
            "min" => Some(1.0 / 60.0),
            "h" => Some(1.0),
            "d" => Some(24.0),
            "wk" => Some(168.0),
            // UCUM: a twelfth of a Julian year, and that.
            "mo" => Some(730.5),
            "a" => Some(8766.0),
            _ => None,
        }
    }
}

/// Quantiles by probability, smallest first.
pub(super) fn sorted(quantiles: &BTreeMap<String, f64>) -> Vec<(f64, f64)> {
    let mut sorted: Vec<(f64, f64)> =
        quantiles.iter().filter_map(|(key, value)| Some((key.parse().ok()?, *value))).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    sorted
}

/// The value at which a quantity counts as failed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Threshold {
    pub quantity: String,
    pub value: f64,
    pub unit: String,
    pub source: String,
}

/// Probability of failure within a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct FailureProbability {
    /// Hours from `issued_at`.
    pub in_h: f64,
    /// Probability, 0 to 1.
    pub p: f64,
}

/// The future course of a quantity; all vectors have the length of `in_h`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FuturePath {
    /// What is predicted.
    pub quantity: String,
    /// Unit (UCUM); empty if it was not said.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// Hours from `issued_at`.
    pub in_h: Vec<f64>,
    /// 5 % quantile.
    pub p05: Vec<f64>,
    /// Median.
    pub p50: Vec<f64>,
    /// 95 % quantile.
    pub p95: Vec<f64>,
}

/// A model parameter with its spread, and what was believed before the data of this asset.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Parameter {
    /// For people; empty: its id must do.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub title: String,
    /// Unit (UCUM); empty for a ratio.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// 5 % quantile.
    pub p05: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 95 % quantile.
    pub p95: Option<f64>,
    /// 5 % quantile of the prior.
    pub prior_p05: Option<f64>,
    /// Median of the prior.
    pub prior_p50: Option<f64>,
    /// 95 % quantile of the prior.
    pub prior_p95: Option<f64>,
    /// Where the prior is from: `generic`, or the fleet, in words.
    pub prior_from: Option<String>,
    /// When it was learned last, ms since the epoch.
    #[serde(deserialize_with = "lenient::time")]
    pub at: Option<WallMs>,
}

/// How often a band held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Coverage {
    /// Nominal level, 0 to 1.
    pub level: f64,
    /// Times that the truth lay inside.
    pub held: u32,
    /// Times in all.
    pub of: u32,
}

/// Short forecasts of something that is observed, made earlier, and what came.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Checks {
    /// Of what.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub quantity: String,
    /// Unit (UCUM) of the values.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// How far ahead they look, hours of the asset.
    pub lead_h: Option<f64>,
    /// The forecasts, in the order of the message.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub made: Vec<Check>,
}

/// One short forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Check {
    /// When it was made, ms since the epoch.
    #[serde(deserialize_with = "lenient::time")]
    pub made_at: Option<WallMs>,
    /// When its value is due, ms since the epoch.
    #[serde(deserialize_with = "lenient::time")]
    pub due_at: Option<WallMs>,
    /// 5 % quantile.
    pub p05: f64,
    /// Median.
    pub p50: f64,
    /// 95 % quantile.
    pub p95: f64,
    /// What came; absent while it is not due.
    pub came: Option<f64>,
}

/// A slider, or a switch: what can be done differently.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Lever {
    /// In messages.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub id: String,
    /// For people; empty: its id must do.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub title: String,
    /// Unit (UCUM); empty for a switch.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// Lowest.
    pub low: f64,
    /// Highest; above `low`.
    pub high: f64,
    /// From one place to the next; above 0.
    pub step: f64,
    /// Where nothing is changed; between `low` and `high`.
    pub neutral: f64,
}

impl Lever {
    /// It is a switch: no unit, 0 to 1 in one step.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        self.unit.is_empty() && self.low == 0.0 && self.high == 1.0 && self.step == 1.0
    }
}

/// What a setting gains over another scenario, sample by sample.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Against {
    /// The other scenario.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub scenario: String,
    /// Unit (UCUM) of the gain.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// 5 % quantile of the gain.
    pub p05: Option<f64>,
    /// Median of the gain.
    pub p50: Option<f64>,
    /// 95 % quantile of the gain.
    pub p95: Option<f64>,
    /// Share of the samples in which it is better, 0 to 1.
    pub better: Option<f64>,
}

/// Evidence that a model can use: a number, or work that was done.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Accepted {
    /// In messages: `crack_length`, `replaced`.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub id: String,
    /// For people; empty: its id must do.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub title: String,
    /// Unit (UCUM) of the number.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// Lowest number that is possible. Without both bounds it asks for work that was done.
    pub low: Option<f64>,
    /// Highest number that is possible; above `low`.
    pub high: Option<f64>,
    /// "Nothing found" is an answer.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub nothing: bool,
}

impl Accepted {
    /// The lowest and the highest number that it asks for; `None` if it asks for work that was done.
    #[must_use]
    pub fn number(&self) -> Option<(f64, f64)> {
        self.low.zip(self.high)
    }
}
