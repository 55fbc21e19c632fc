//! What one setting gains over another, sample by sample.

use serde::Serialize;

use crate::estimate::metrics::quantile;
use crate::living::Prediction;

/// What a scenario gains over another one ("against" in `docs/predictions.md`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// The other one.
    pub scenario: String,
    /// Unit of the gain.
    pub unit: &'static str,
    /// In 5 % of the samples it gains less.
    pub p05: f64,
    /// The middle.
    pub p50: f64,
    /// In 5 % it gains more.
    pub p95: f64,
    /// Share of the samples in which it lives longer, of those in which at least one ends within the horizon.
    pub better: f64,
    /// Share of the samples in which both last beyond the horizon, so that nobody knows which is the longer one. They
    /// count as no gain in the quantiles.
    pub beyond: f64,
}

/// Compares two predictions by place. Gains are those within the horizon: who lives beyond it gains at least that much.
///
/// None if the samples do not belong together, or if no pair has a sample within the horizon: then nobody knows.
#[must_use]
pub fn against(baseline: &Prediction, scenario: &Prediction, name: &str) -> Option<Against> {
    if baseline.samples.len() != scenario.samples.len() || baseline.unit != scenario.unit {
        return None;
    }
    // Of two horizons the nearer one is known of both.
    let horizon = [baseline.horizon, scenario.horizon].into_iter().flatten().fold(f64::INFINITY, f64::min);
    let pairs = baseline.samples.iter().zip(&scenario.samples).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let pairs: Vec<[f64; 2]> = pairs.map(|(a, b)| [a.min(horizon), b.min(horizon)]).collect();
    let is_beyond = |pair: &[f64; 2]| pair.iter().all(|life| *life >= horizon);
    let beyond = pairs.iter().filter(|pair| is_beyond(pair)).count();
    let known = pairs.len() - beyond;
    let gain = |[a, b]: &[f64; 2]| if a == b { 0.0 } else { b - a };
    let mut gains: Vec<f64> = pairs.iter().map(gain).collect();
    if known == 0 {
        return None;
    }
    let better = gains.iter().filter(|gain| **gain > 0.0).count();
    gains.sort_by(f64::total_cmp);
    let spread = |share| quantile(&gains, share).filter(|gain| gain.is_finite());
    Some(Against {
        scenario: name.to_owned(),
        unit: baseline.unit,
        p05: spread(0.05)?,
        p50: spread(0.5)?,
        p95: spread(0.95)?,
        better: better as f64 / known as f64,
        beyond: beyond as f64 / pairs.len() as f64,
    })
}

/// The samples of a remaining life in hours, and how many were looked ahead (infinity: the model does not say); none if
/// its unit is no time.
#[must_use]
pub fn hours(life: &Prediction) -> Option<(Vec<f64>, f64)> {
    let hours = match life.unit {
        "s" => 1.0 / 3600.0,
        "min" => 1.0 / 60.0,
        "h" => 1.0,
        "d" => 24.0,
        "wk" => 168.0,
        // A month and a year of the Julian calendar, as UCUM has them.
        "mo" => 730.5,
        "a" => 8766.0,
        _ => return None,
    };
    let samples = life.samples.iter().map(|sample| sample * hours).collect();
    Some((samples, life.horizon.map_or(f64::INFINITY, |horizon| horizon * hours)))
}
