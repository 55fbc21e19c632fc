//! Advice as it arrives on `twinscope/v1/{site}/{asset}/{part}/advice/{model}`: what could be done, and what it costs.
//!
//! Anyone may publish one. The advice issued last is kept of each part and model; an empty payload takes it back.

mod check;
mod store;

pub use check::{Refusal, parse_body};
pub use store::{Advices, MOST_ADVICES};

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::prediction::lenient;
use crate::routing::levels_after_site;
use crate::site::PartRow;
use crate::time::{Now, WallMs};

/// An advice with where it is from.
#[derive(Clone, Debug, PartialEq)]
pub struct Advised {
    /// About which part.
    pub part: PartRow,
    /// The model that it is made of.
    pub model: String,
    /// What was said.
    pub body: Advice,
    /// When it was received.
    pub received: Now,
    /// The broker had kept it.
    pub retained: bool,
}

impl Advised {
    /// When it was made: as it says, else when it was received, ms since the epoch.
    #[must_use]
    pub fn issued_ms(&self) -> WallMs {
        self.body.issued_at.unwrap_or(self.received.wall_ms)
    }

    /// Whether its age is known: it says when it was made, or it was heard live.
    #[must_use]
    pub const fn is_dated(&self) -> bool {
        self.body.issued_at.is_some() || !self.retained
    }

    /// What was issued later ranks higher; what may be of any age ranks below all that is dated.
    #[must_use]
    pub fn rank(&self) -> (bool, WallMs) {
        (self.is_dated(), self.issued_ms())
    }

    /// Its `valid_until` has passed: it must not be used any more.
    #[must_use]
    pub fn is_expired(&self, now: Now) -> bool {
        self.body.valid_until.is_some_and(|until| now.wall_ms > until)
    }
}

/// The payload. Unknown fields are ignored, `null` counts as absent. Costs are in `currency`, over `horizon_h` from
/// `issued_at`; hours are hours of the asset.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Advice {
    /// When it was made, ms since the epoch.
    #[serde(deserialize_with = "lenient::time")]
    pub issued_at: Option<WallMs>,
    /// When it must not be used any more.
    #[serde(deserialize_with = "lenient::time")]
    pub valid_until: Option<WallMs>,
    /// ISO 4217 code.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub currency: String,
    /// Over how many hours costs are counted.
    pub horizon_h: Option<f64>,
    /// How many times faster than the clock the asset ages, 1 to 1e6; absent: 1.
    pub time_lapse: Option<f64>,
    /// The asset is a simulated one.
    pub from_simulation: Option<bool>,
    /// What it was reckoned with; may be changed by [`crate::command::Command::Economics`].
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub economics: Vec<Economic>,
    /// What it costs to wait.
    pub waiting: Option<Waiting>,
    /// What could be done, cheapest first. Waiting is one of them, with the id `wait`.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub actions: Vec<Action>,
}

/// A figure of the operator.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Economic {
    /// In messages: `energy_price`.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub id: String,
    /// For people; empty: its id must do.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub title: String,
    /// Unit.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub unit: String,
    /// Its value.
    pub value: f64,
    /// Lowest that is possible.
    pub low: Option<f64>,
    /// Highest that is possible; above `low`.
    pub high: Option<f64>,
    /// Where it comes from.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub source: String,
}

/// The expected cost of doing nothing for some time, over acting at the best moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Waiting {
    /// Hours of the asset from `issued_at`.
    pub in_h: f64,
    /// Expected cost.
    pub mean: f64,
}

/// What could be done.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Action {
    /// In messages: `replace`, `wait`.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub id: String,
    /// For people; empty: its id must do.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub title: String,
    /// When it should be done, hours of the asset from `issued_at`.
    pub due_in_h: Option<f64>,
    /// Between when it is about as good, hours of the asset from `issued_at`.
    pub window_h: Option<[f64; 2]>,
    /// What it costs in all.
    pub cost: Option<Cost>,
    /// What the mean cost is made of.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub parts: Vec<CostPart>,
    /// Probability that it fails before that, 0 to 1.
    pub failure_before: Option<f64>,
    /// What it saves against waiting, in the mean; below 0: it costs more.
    pub saves: Option<f64>,
    /// Where levers stand meanwhile, by id.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub setting: BTreeMap<String, f64>,
    /// Why, in words.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub why: String,
    /// What would change it, in words.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub would_change: String,
}

/// A cost with its spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Cost {
    /// Expected.
    pub mean: f64,
    /// 5 % quantile.
    pub p05: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 95 % quantile.
    pub p95: Option<f64>,
}

/// One part of a cost.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CostPart {
    /// For people.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub title: String,
    /// Expected.
    pub mean: f64,
}

/// The levels of an advice's topic that tell one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicParts<'a> {
    /// Id of the asset.
    pub asset: &'a str,
    /// Id of the part.
    pub part: &'a str,
    /// The model.
    pub model: &'a str,
}

/// The filter that all advice of a site matches.
#[must_use]
pub fn filter(site: &str) -> String {
    format!("twinscope/v1/{site}/+/+/advice/+")
}

/// Splits a topic that [`filter`] matched. `None` if a level is empty, longer than 128 bytes, no UTF-8, or holds
/// control characters.
#[must_use]
pub fn parse_topic(topic: &[u8]) -> Option<TopicParts<'_>> {
    let [asset, part, word, model] = levels_after_site(topic)?;
    (word == "advice").then_some(TopicParts { asset, part, model })
}
