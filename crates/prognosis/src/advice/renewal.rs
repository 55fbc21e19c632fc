//! What a new part is expected to cost in the time that is left, when it is replaced at its best age.
//!
//! Its life is Weibull's. Over a horizon t, with failures at `failure` and planned replacements at `planned`,
//!
//! V(t) = min over N ≤ t of ∫₀ᴺ f(s) (failure + V(t − s)) ds + R(N) (planned + V(t − N)), the last term only for N < t:
//!
//! age replacement (Barlow, Hunter 1960) over a finite horizon, by dynamic programming on a grid. For a long horizon V
//! grows with the least cost rate of their policy I; for a memoryless part it is failure·t/mean, and nothing is replaced.

use statrs::function::gamma::gamma;

/// Steps of the horizon. A failure counts with the mean of V at both ends of its step, an error of the second order.
const STEPS: usize = 96;

/// V over one horizon.
#[derive(Debug)]
pub(super) struct Renewal {
    costs: Vec<f64>,
    step_h: f64,
}

/// How a new part lives: mean, h, and Weibull's shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NewLife {
    pub mean_h: f64,
    pub shape: f64,
}

impl NewLife {
    /// Probability that it lives longer.
    fn outlives(self, hours: f64) -> f64 {
        let scale = self.mean_h / gamma(1.0 + 1.0 / self.shape);
        (-(hours / scale).powf(self.shape)).exp()
    }
}

impl Renewal {
    /// Over `horizon_h`, above zero.
    pub fn new(life: NewLife, failure: f64, planned: f64, horizon_h: f64) -> Self {
        let step_h = horizon_h / STEPS as f64;
        let outlives: Vec<f64> = (0..=STEPS).map(|step| life.outlives(step as f64 * step_h)).collect();
        let fails: Vec<f64> = outlives.windows(2).map(|pair| pair[0] - pair[1]).collect();
        let first = fails.first().copied().unwrap_or(0.0);
        let mut costs = vec![0.0];
        for left in 1..=STEPS {
            // V(left) stands on both sides in the first step: it is taken out of the sum, and divided by.
            let (mut sum, mut best) = (0.0, f64::INFINITY);
            let mut later = 0.0;
            for ((step, fails), (after, outlives)) in
                (1..=left).zip(&fails).zip(costs.iter().rev().zip(outlives.iter().skip(1)))
            {
                sum += fails * (failure + 0.5 * (after + later));
                later = *after;
                let goes_on = if step < left { outlives * (planned + after) } else { 0.0 };
                best = f64::min(best, sum + goes_on);
            }
            costs.push(best / (1.0 - 0.5 * first));
        }
        Self { costs, step_h }
    }

    /// V over `left_h`, linear between the steps; nothing for a time that is over.
    pub fn over(&self, left_h: f64) -> f64 {
        let place = (left_h / self.step_h).clamp(0.0, STEPS as f64);
        let step = (place as usize).min(STEPS - 1);
        match self.costs.get(step..step + 2) {
            Some([low, high]) => low + (place - step as f64) * (high - low),
            _ => 0.0,
        }
    }
}
