//! Predictions as they arrive on `twinscope/v1/{site}/{asset}/{part}/prediction/{quantity}/{model}/{scenario}`.
//!
//! Anyone may publish one. Every issue is kept (up to a bound), none is overwritten: what was predicted at a past moment
//! can be asked for later.

mod body;
mod check;
mod check_living;
pub(crate) mod lenient;
mod store;

pub use body::{
    Accepted, Against, Body, Check, Checks, Coverage, FailureProbability, FuturePath, Lever, Parameter, Threshold,
};
pub use check::{Refusal, parse_body};
pub use store::{MOST_ISSUES, MOST_KEYS, Predictions};

use crate::routing::levels_after_site;
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
    let [asset, part, word, quantity, model, scenario] = levels_after_site(topic)?;
    (word == "prediction").then_some(TopicParts { asset, part, quantity, model, scenario })
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
