//! Remaining life of the high-speed bearing: wear that goes on under the loads of the past, or fatigue, whichever ends it.

use rand::Rng as _;

use crate::bearing_life::Weibull;
use crate::estimate::particles::{Discrepancy, Ensemble};
use crate::estimate::predict::{Horizon, Scenario, to_threshold};
use crate::estimate::{Model, Noise, Quantity, Scale, generator};

use super::model::{PACE, PRIORS, WEAR, growth_a_day, rated_vibration_mm_per_s};
use super::twin::Twin;

/// What ends the life, and how far is looked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Life {
    /// Velocity at the bearing at rated speed and load at which it has to go, mm/s rms: the high alarm of the type file,
    /// 7.1, the boundary C/D of ISO 10816-3 for large machines on rigid supports, which stands in for one of wind turbines.
    pub limit_mm_per_s: f64,
    /// Days that are looked ahead.
    pub days: usize,
    /// Fatigue of such bearings, in hours of turning, and the hours that this one has; none leaves fatigue out. The future
    /// is taken as turning all day, which is the cautious side.
    pub fatigue: Option<(Weibull, f64)>,
}

impl Default for Life {
    fn default() -> Self {
        Self { limit_mm_per_s: 7.1, days: 1095, fatigue: None }
    }
}

/// When it ends, days from now.
#[derive(Debug, Clone, PartialEq)]
pub struct Remaining {
    sorted: Vec<f64>,
    horizon_days: f64,
}

impl Remaining {
    /// Remaining life in days that this share does not outlive; infinity beyond the horizon.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        crate::estimate::metrics::quantile(&self.sorted, share)
    }

    /// Probability of failure within some days; beyond the horizon known from below only.
    #[must_use]
    pub fn probability_by(&self, days: f64) -> Option<f64> {
        let n = self.sorted.len();
        (n > 0).then(|| self.sorted.partition_point(|end| *end <= days) as f64 / n as f64)
    }

    /// How far was looked, days.
    #[must_use]
    pub fn horizon_days(&self) -> f64 {
        self.horizon_days
    }
}

/// Wear alone, by day. States: wear. Parameters: its pace, and the wear at which the limit is reached.
struct Growth;

const GROWN: [Quantity; 1] = [Quantity { name: "bearing wear", unit: "", scale: Scale::Linear }];
const OWN: [Quantity; 2] = [
    Quantity { name: "pace of wear at rated load", unit: "1/d", scale: Scale::Linear },
    Quantity { name: "wear at the limit", unit: "", scale: Scale::Linear },
];

impl Model for Growth {
    type Load = f64;

    fn states(&self) -> &[Quantity] {
        &GROWN
    }

    fn parameters(&self) -> &[Quantity] {
        &OWN
    }

    fn outputs(&self) -> usize {
        0
    }

    fn step(&self, state: &mut [f64], parameters: &[f64], load: &f64, dt: f64, rate: f64, _: &mut Noise<'_>) {
        if let ([wear], &[pace, _]) = (state, parameters) {
            // What is worn does not heal.
            *wear += rate * growth_a_day(pace.max(0.0), *wear) * load * dt;
        }
    }

    fn output(&self, _: &[f64], _: &[f64], _: &f64, _: &mut [f64]) {}

    fn event_state(&self, state: &[f64], parameters: &[f64], _: &f64) -> f64 {
        match (state, parameters) {
            (&[wear], &[_, limit]) => (limit - wear) / limit.max(1e-9),
            _ => f64::NAN,
        }
    }
}

/// The pace wanders about what was found: the film, the load of the day, the particles in the oil. \[E\]
const PACE_WANDERS: Discrepancy = Discrepancy { deviation: 0.3, memory: 60.0 };
const SAMPLES: usize = 1000;
/// Days that are taken together from the past.
const BLOCK: usize = 7;

impl Life {
    /// Predicts from what is believed now, under the loads of the last year; none before the first full day.
    #[must_use]
    pub fn remaining(&self, twin: &Twin) -> Option<Remaining> {
        self.remaining_with(twin, |usage| *usage)
    }

    /// The same under a changed load, such as a derated one; samples are paired with those of the unchanged one.
    #[must_use]
    pub fn remaining_with(&self, twin: &Twin, change: impl Fn(&f64) -> f64 + Sync) -> Option<Remaining> {
        if twin.usage.is_empty() {
            return None;
        }
        let drawn = twin.filter().ensemble(SAMPLES, twin.seed());
        let mut ensemble = Ensemble { states: Vec::new(), parameters: Vec::new(), log_rates: drawn.log_rates };
        let mut rng = generator(twin.seed(), 77);
        for (state, log_rate) in drawn.states.chunks_exact(PRIORS.len()).zip(&mut ensemble.log_rates) {
            let at = |index: usize| state.get(index).copied().unwrap_or(f64::NAN);
            ensemble.states.push(at(WEAR).max(0.0));
            ensemble.parameters.extend([at(PACE), self.wear_at_limit(state)]);
            let normal: f64 = rand_distr::Distribution::sample(&rand_distr::StandardNormal, &mut rng);
            *log_rate = PACE_WANDERS.deviation * normal;
        }
        let scenario = Scenario { history: &twin.usage, block: BLOCK };
        let horizon = Horizon { dt: 1.0, steps: self.days };
        let fan = to_threshold(&Growth, &ensemble, PACE_WANDERS, scenario, change, horizon, twin.seed());
        let mut sorted = fan.sorted().to_vec();
        if let Some((lives, hours)) = self.fatigue {
            // Independent of wear; any pairing will do.
            for end in &mut sorted {
                *end = end.min(lives.remaining(hours, rng.random()) / 24.0);
            }
            sorted.sort_by(f64::total_cmp);
        }
        let horizon_days = self.days as f64;
        for end in sorted.iter_mut().filter(|end| **end > horizon_days) {
            *end = f64::INFINITY;
        }
        Some(Remaining { sorted, horizon_days })
    }

    /// Wear at which a machine with this state vibrates at the limit.
    fn wear_at_limit(&self, state: &[f64]) -> f64 {
        let at = |wear: f64| {
            let mut worn = state.to_vec();
            if let Some(place) = worn.get_mut(WEAR) {
                *place = wear;
            }
            rated_vibration_mm_per_s(&worn).powi(2)
        };
        // The square of the velocity is linear in wear.
        let (sound, worn) = (at(0.0), at(1.0));
        ((self.limit_mm_per_s.powi(2) - sound) / (worn - sound).max(1e-9)).max(1e-6)
    }
}
