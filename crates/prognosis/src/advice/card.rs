//! Advice as it is published ("Advice" in `docs/predictions.md`).

use serde::Serialize;

use super::Input;
use crate::living::{Setting, WallMs};

/// The message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// When it was made, ms since the epoch.
    pub issued_at: WallMs,
    /// When it must not be used any more, ms since the epoch; absent: it says nothing about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<WallMs>,
    /// ISO 4217 code of all costs.
    pub currency: String,
    /// Costs are over that many hours of the asset.
    pub horizon_h: f64,
    /// Hours of the asset in one of the clock.
    pub time_lapse: f64,
    /// The asset is a simulated one.
    pub from_simulation: bool,
    /// What was counted with.
    pub economics: Vec<Input>,
    /// What was assumed about when work is possible; absent: the site names its windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<&'static str>,
    /// What a week without deciding is expected to cost; absent: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// What could be done, cheapest first.
    pub actions: Vec<Card>,
}

/// What it is expected to cost to do nothing for some time, over the best choice now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Waiting {
    /// Hours of the asset.
    pub in_h: f64,
    /// Expected.
    pub mean: f64,
}

/// One thing that could be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Of the action.
    pub id: &'static str,
    /// For people.
    pub title: String,
    /// When its work starts, hours of the asset from the issue; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_in_h: Option<f64>,
    /// The window around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_h: Option<[f64; 2]>,
    /// What it costs over the horizon, with its spread.
    pub cost: Cost,
    /// What that is made of; the means add up.
    pub parts: Vec<Part>,
    /// Probability of a failure before the date, or within the horizon.
    pub failure_before: f64,
    /// Against waiting; below zero: it costs more.
    pub saves: f64,
    /// The levers that it means.
    pub setting: Setting,
    /// Why, in sentences.
    pub why: String,
    /// The input that would change its place, and at what value.
    pub would_change: String,
}

/// A cost and its spread over the samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// Expected.
    pub mean: f64,
    /// 5 % cost less.
    pub p05: f64,
    /// The middle.
    pub p50: f64,
    /// 95 % cost less.
    pub p95: f64,
}

/// Part of a cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// For people.
    pub title: &'static str,
    /// Expected.
    pub mean: f64,
}
