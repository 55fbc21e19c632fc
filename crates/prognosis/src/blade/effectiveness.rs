//! Cooling effectiveness of one place: a number that wanders slowly and is seen through the metal's temperature.
//!
//! A Kalman filter of one state. When several measurements in a row are far from what it expects, something has happened
//! to the cooling: it forgets, and the innovations tell that it was surprised.

use serde::{Deserialize, Serialize};

use crate::estimate::Prior;
use crate::estimate::consistency::{Consistency, Verdict};

use super::physics::Point;

/// An edge of a first stage. \[E\]: 0.5 to 0.65 for whole blades, less where the wall is thin.
pub(super) const PRIOR: Prior = Prior { median: 0.50, deviation: 0.06 };
/// What is off between a reading and the law, K: noise, place, gas that is not the mean. \[E\]
pub(super) const READING_K: f64 = 2.0;
/// How it wanders: standard deviation after a week. \[E\]
const WANDERS_A_WEEK: f64 = 0.001;
const WEEK_H: f64 = 168.0;
/// Readings in the window that judges the model.
const WINDOW: usize = 100;
/// Deviations off, and how often in a row, that mean a change.
const SURPRISE: f64 = 4.0;
const SURPRISES: u32 = 3;
/// Deviation after a change.
const FORGOTTEN: f64 = 0.03;
/// Readings after which the prior does not speak any more.
const LEARNED_AFTER: u32 = 30;

/// What is believed of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Effectiveness {
    prior: Prior,
    mean: f64,
    variance: f64,
    surprises: u32,
    readings: u32,
    window: Consistency,
}

impl Effectiveness {
    pub(super) fn new(prior: Prior) -> Self {
        Self {
            prior,
            mean: prior.median,
            variance: prior.deviation.powi(2),
            surprises: 0,
            readings: 0,
            window: Consistency::new(WINDOW),
        }
    }

    pub(super) fn fits(&self) -> bool {
        let prior = (0.05..=0.95).contains(&self.prior.median) && (0.0..=1.0).contains(&self.prior.deviation);
        let bounded = (0.0..=1.0).contains(&self.mean) && (0.0..=1.0).contains(&self.variance);
        prior && bounded
    }

    pub(super) fn prior(&self) -> Prior {
        self.prior
    }

    /// Mean and standard deviation.
    pub(super) fn now(&self) -> (f64, f64) {
        (self.mean, self.variance.sqrt())
    }

    pub(super) fn is_learned(&self) -> bool {
        self.readings >= LEARNED_AFTER
    }

    /// Whether the innovations are what they should be.
    pub(super) fn verdict(&self) -> Verdict {
        self.window.verdict()
    }

    /// Whether any reading has come.
    pub(super) fn is_measured(&self) -> bool {
        self.readings > 0
    }

    /// Lets hours pass.
    pub(super) fn pass(&mut self, hours: f64) {
        let most = self.prior.deviation.max(FORGOTTEN).powi(2);
        self.variance = (self.variance + WANDERS_A_WEEK.powi(2) * hours / WEEK_H).min(most.max(self.variance));
    }

    /// Standard deviation of what will be seen of it after some hours, at this span of gas over coolant.
    pub(super) fn seen_after(&self, hours: f64, span_k: f64) -> f64 {
        (self.variance + WANDERS_A_WEEK.powi(2) * hours / WEEK_H + (READING_K / span_k).powi(2)).sqrt()
    }

    /// What a reading says of it; none where gas and coolant are too near.
    pub(super) fn seen(point: &Point, metal_deg_c: f64) -> Option<f64> {
        let seen = (point.gas_deg_c - metal_deg_c) / point.span_k();
        (point.span_k() >= SPAN_K && (0.0..=1.0).contains(&seen)).then_some(seen)
    }

    /// Learns from the metal's temperature in a steady state.
    pub(super) fn learn(&mut self, point: &Point, metal_deg_c: f64) {
        let Some(seen) = Self::seen(point, metal_deg_c) else { return };
        let noise = (READING_K / point.span_k()).powi(2);
        let innovation = seen - self.mean;
        let squared = innovation.powi(2) / (self.variance + noise);
        self.window.learn(squared, 1);
        self.surprises = if squared > SURPRISE.powi(2) { self.surprises + 1 } else { 0 };
        if self.surprises >= SURPRISES {
            self.variance = self.variance.max(FORGOTTEN.powi(2));
            self.surprises = 0;
        }
        let gain = self.variance / (self.variance + noise);
        self.mean = (self.mean + gain * innovation).clamp(0.0, 1.0);
        self.variance *= 1.0 - gain;
        self.readings = self.readings.saturating_add(1);
    }
}

/// Gas over coolant from which a reading says something, K.
pub(super) const SPAN_K: f64 = 250.0;
