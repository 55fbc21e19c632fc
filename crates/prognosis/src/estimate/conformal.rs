//! Bands that hold as often as they say, from how past bands did: split conformal prediction (Vovk, Gammerman, Shafer
//! 2005; Lei et al. 2018, J. Am. Stat. Assoc. 113) and adaptive conformal inference (Gibbs and Candès 2021, NeurIPS 34).
//!
//! The score of a band is how far its truth lay from its middle, in widths of the half on that side: at most 1 inside.
//! A calibrated band is the raw one with both halves times one factor, a quantile of past scores.

use serde::{Deserialize, Serialize};

/// A prediction's middle and bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Lower bound.
    pub low: f64,
    /// Median.
    pub middle: f64,
    /// Upper bound.
    pub high: f64,
}

impl Band {
    /// How far the truth is from the middle, in half widths. Infinite where a half has no width.
    #[must_use]
    pub fn score(&self, truth: f64) -> f64 {
        let distance = truth - self.middle;
        let half = if distance >= 0.0 { self.high - self.middle } else { self.middle - self.low };
        if distance == 0.0 {
            0.0
        } else if half > 0.0 {
            distance.abs() / half
        } else {
            f64::INFINITY
        }
    }

    /// Both halves times a factor.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            low: self.middle - factor * (self.middle - self.low),
            middle: self.middle,
            high: self.middle + factor * (self.high - self.middle),
        }
    }

    /// Whether the truth is inside.
    #[must_use]
    pub fn holds(&self, truth: f64) -> bool {
        (self.low..=self.high).contains(&truth)
    }
}

/// The factor at which at most `miss` of exchangeable bands fail: the ⌈(n+1)(1−miss)⌉-th smallest score; infinite where
/// there are too few scores to promise that (fewer than 1/miss − 1).
#[must_use]
pub fn split_factor(scores: &[f64], miss: f64) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = ((sorted.len() + 1) as f64 * (1.0 - miss)).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied().unwrap_or(f64::INFINITY)
}

/// Calibration that follows a stream whose nature changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adaptive {
    target: f64,
    /// Share of misses that is asked for now.
    miss: f64,
    step: f64,
    scores: Vec<f64>,
    held: usize,
    seen: usize,
}

/// Scores that are kept: enough for a quantile of 1 %, few enough to forget.
const MEMORY: usize = 500;

impl Adaptive {
    /// For bands that miss `target` of their truths; `step` is how fast it adapts, 0.005 to 0.05 (gamma in the paper).
    #[must_use]
    pub fn new(target: f64, step: f64) -> Self {
        Self { target, miss: target, step, scores: Vec::new(), held: 0, seen: 0 }
    }

    /// The factor for the next band: 1 until there is a score to go by. Infinite where everything must be held.
    #[must_use]
    pub fn factor(&self) -> f64 {
        if self.scores.is_empty() {
            1.0
        } else if self.miss <= 0.0 {
            f64::INFINITY
        } else if self.miss >= 1.0 {
            0.0
        } else {
            split_factor(&self.scores, self.miss)
        }
    }

    /// Learns what came: `alpha += step (target − missed)` (Gibbs and Candès 2021, equation 2).
    pub fn learn(&mut self, raw: &Band, truth: f64) {
        let score = raw.score(truth);
        if score.is_nan() {
            return;
        }
        let missed = score > self.factor();
        self.seen += 1;
        self.held += usize::from(!missed);
        self.miss += self.step * (self.target - f64::from(u8::from(missed)));
        if self.scores.len() == MEMORY {
            self.scores.remove(0);
        }
        self.scores.push(score);
    }

    /// Whether one that was read back can be one.
    pub(crate) fn is_sound(&self) -> bool {
        (0.0..1.0).contains(&self.target)
            && (0.0..1.0).contains(&self.step)
            && (-1.0..=2.0).contains(&self.miss)
            && self.scores.len() <= MEMORY
            && self.scores.iter().all(|score| score.is_finite() && *score >= 0.0)
            && self.held <= self.seen
    }

    /// How many of the calibrated bands held, and of how many.
    #[must_use]
    pub fn held(&self) -> (usize, usize) {
        (self.held, self.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::model::generator;
    use rand::Rng as _;

    #[test]
    fn the_split_factor_is_the_rank_of_the_theorem() {
        let scores: Vec<f64> = (1..=9).map(f64::from).collect();
        // (9 + 1) (1 - 0.1) = 9, (9 + 1) (1 - 0.5) = 5.
        assert_eq!((split_factor(&scores, 0.1), split_factor(&scores, 0.5)), (9.0, 5.0));
        assert_eq!(split_factor(&scores[..8], 0.1), f64::INFINITY);
    }

    #[test]
    fn split_bands_of_exchangeable_data_hold_as_often_as_they_say() {
        // Exact coverage with 39 scores: 36/40.
        let mut rng = generator(7, 0);
        let band = Band { low: -1.0, middle: 0.0, high: 1.0 };
        let mut held = 0;
        for _ in 0..4000 {
            let scores: Vec<f64> = (0..39).map(|_| band.score(rng.random_range(-3.0..3.0))).collect();
            held += usize::from(band.scaled(split_factor(&scores, 0.1)).holds(rng.random_range(-3.0..3.0)));
        }
        // Three standard deviations of a binomial.
        assert!((held as f64 / 4000.0 - 0.9).abs() < 0.0142, "{held}");
    }

    #[test]
    fn adaptive_bands_hold_in_the_long_run_though_the_data_change() {
        // Gibbs and Candès 2021, proposition 4.1: |misses/T - alpha| <= (max(alpha, 1 - alpha) + step)/(T step).
        let mut rng = generator(8, 0);
        let mut adaptive = Adaptive::new(0.1, 0.02);
        let steps = 2000;
        for i in 0..steps {
            let spread = 1.0 + 4.0 * f64::from(i) / f64::from(steps);
            adaptive.learn(&Band { low: -1.0, middle: 0.0, high: 1.0 }, rng.random_range(-spread..spread));
        }
        let (held, seen) = adaptive.held();
        assert_eq!(seen, 2000);
        let misses = 1.0 - held as f64 / seen as f64;
        assert!((misses - 0.1).abs() <= (0.9 + 0.02) / (2000.0 * 0.02), "{misses}");
    }

    #[test]
    fn each_half_is_scaled_by_itself() {
        let band = Band { low: 90.0, middle: 100.0, high: 140.0 };
        assert_eq!((band.score(120.0), band.score(80.0), band.score(100.0)), (0.5, 2.0, 0.0));
        assert_eq!(band.scaled(2.0), Band { low: 80.0, middle: 100.0, high: 180.0 });
        assert_eq!(Band { low: 1.0, middle: 1.0, high: 1.0 }.score(2.0), f64::INFINITY);
    }
}
