//! Predictions as they arrive on `twinscope/v1/{site}/{asset}/{part}/prediction/{quantity}/{model}/{scenario}`.
//!
//! Anyone may publish one. Every issue is kept (up to a bound), none is overwritten: what was predicted at a past moment
//! can be asked for later.

mod check;
mod lenient;
mod store;

pub use check::{Refusal, parse_body};
pub use store::{MOST_ISSUES, MOST_KEYS, Predictions};

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::site::PartRow;
use crate::time::{Now, WallMs};

/// The levels of a prediction's topic that tell one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicParts<'a> {
    /// Id of the asset.
    pub asset: &'a str,
    /// Id of the part.
    pub part: &'a str,
    /// `rul`, `health`, …
    pub quantity: &'a str,
    /// The model.
    pub model: &'a str,
    /// The scenario.
    pub scenario: &'a str,
}

/// The filter that all predictions of a site match.
#[must_use]
pub fn filter(site: &str) -> String {
    format!("twinscope/v1/{site}/+/+/prediction/+/+/+")
}

/// Splits a topic that [`filter`] matched. `None` if a level is empty, longer than 128 bytes, no UTF-8, or holds
/// control characters.
#[must_use]
pub fn parse_topic(topic: &[u8]) -> Option<TopicParts<'_>> {
    let mut levels = std::str::from_utf8(topic).ok()?.split('/').skip(3);
    let mut level =
        || levels.next().filter(|level| !level.is_empty() && level.len() <= 128 && !level.contains(char::is_control));
    let (asset, part, word) = (level()?, level()?, level()?);
    let (quantity, model, scenario) = (level()?, level()?, level()?);
    (word == "prediction" && levels.next().is_none()).then_some(TopicParts { asset, part, quantity, model, scenario })
}

/// Which prediction: part, quantity, model, scenario.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PredictionKey {
    /// The part.
    pub part: PartRow,
    /// `rul`, `health`, …
    pub quantity: String,
    /// The model that made it.
    pub model: String,
    /// `baseline` or a what-if.
    pub scenario: String,
}

/// One issue of a prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// What was said.
    pub body: Body,
    /// When it was received.
    pub received: Now,
    /// The broker had kept it.
    pub retained: bool,
}

impl Issue {
    /// When it was made: as it says, else when it was received, ms since the epoch. If it is not
    /// [dated](Issue::is_dated), it was made before that, and nobody knows how long before.
    #[must_use]
    pub fn issued_ms(&self) -> WallMs {
        self.body.issued_at.unwrap_or(self.received.wall_ms)
    }

    /// Whether its age is known: it says when it was made, or it was heard live. What the broker had kept may be weeks
    /// old.
    #[must_use]
    pub const fn is_dated(&self) -> bool {
        self.body.issued_at.is_some() || !self.retained
    }

    /// What was issued later ranks higher; what may be of any age ranks below all that is dated.
    #[must_use]
    pub fn rank(&self) -> (bool, WallMs) {
        (self.is_dated(), self.issued_ms())
    }

    /// Milliseconds since it was made; 0 if the maker's clock is ahead; `None` if nobody knows.
    #[must_use]
    pub fn age_ms(&self, now: Now) -> Option<u64> {
        self.is_dated().then(|| u64::try_from(now.wall_ms.saturating_sub(self.issued_ms())).unwrap_or(0))
    }

    /// Its `valid_until` has passed: it must not be used any more.
    #[must_use]
    pub fn is_expired(&self, now: Now) -> bool {
        self.body.valid_until.is_some_and(|until| now.wall_ms > until)
    }
}

impl Body {
    /// The quantiles by probability, smallest first.
    #[must_use]
    pub fn sorted_quantiles(&self) -> Vec<(f64, f64)> {
        let mut quantiles: Vec<(f64, f64)> =
            self.quantiles.iter().filter_map(|(key, value)| Some((key.parse().ok()?, *value))).collect();
        quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        quantiles
    }

    /// The median, or the bare value.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        let half = self.sorted_quantiles().into_iter().find(|(probability, _)| (probability - 0.5).abs() < 1e-9);
        half.map(|(_, value)| value).or(self.value)
    }
}

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
    /// `predicted` or `simulated`.
    pub provenance: Option<String>,
    /// `generic` until calibrated.
    pub prior: Option<String>,
    /// The input lay within what the model was made for.
    pub in_range: Option<bool>,
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
    /// A bare number: a prediction without a spread.
    pub value: Option<f64>,
    /// Probability mass beyond the horizon.
    pub beyond_horizon: Option<f64>,
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
    /// Hours from `issued_at`.
    pub in_h: Vec<f64>,
    /// 5 % quantile.
    pub p05: Vec<f64>,
    /// Median.
    pub p50: Vec<f64>,
    /// 95 % quantile.
    pub p95: Vec<f64>,
}

/// A model parameter with its spread.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Parameter {
    pub p05: Option<f64>,
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub unit: String,
    pub prior_p50: Option<f64>,
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
