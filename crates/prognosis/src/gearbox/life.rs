//! Remaining life of the high-speed bearing: wear that goes on under the loads of the past, or fatigue, whichever ends it.

use rand::Rng as _;

use crate::bearing_life::Weibull;
use crate::estimate::particles::{Discrepancy, Ensemble};
use crate::estimate::predict::{Horizon, Scenario, Watch, to_threshold_watched};
use crate::estimate::{Model, Noise, Quantity, Scale, generator};

use super::model::{PACE, PRIORS, WEAR, growth_a_day, rated_vibration_mm_per_s};
use super::plan::Plan;
use super::twin::{LIMITS, Twin};

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
    by_sample: Vec<f64>,
    sorted: Vec<f64>,
    horizon_days: f64,
    /// Days from now, and the velocity there at rated speed and load by sample, mm/s rms.
    courses: Vec<(f64, Vec<f64>)>,
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

    /// Days by sample, not sorted: those of two plans of one twin belong together by place.
    #[must_use]
    pub fn by_sample(&self) -> &[f64] {
        &self.by_sample
    }

    /// How the vibration at rated speed and load goes on: days from now, and mm/s rms by sample.
    #[must_use]
    pub fn courses(&self) -> &[(f64, Vec<f64>)] {
        &self.courses
    }
}

/// Wear alone, by day. States: wear. Parameters: its pace, and the wear at which the limit is reached.
struct Growth;

const GROWN: [Quantity; 1] = [Quantity { name: "bearing wear", unit: "", scale: Scale::Linear }];
const OWN: [Quantity; 4] = [
    Quantity { name: "pace of wear at rated load", unit: "1/d", scale: Scale::Linear },
    Quantity { name: "wear at the limit", unit: "", scale: Scale::Linear },
    Quantity { name: "square of the velocity of a sound bearing", unit: "mm2/s2", scale: Scale::Linear },
    Quantity { name: "square of the velocity that wear 1 adds", unit: "mm2/s2", scale: Scale::Linear },
];

impl Model for Growth {
    /// Usage.
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
        if let ([wear], &[pace, ..]) = (state, parameters) {
            // What is worn does not heal.
            *wear += rate * growth_a_day(pace.max(0.0), *wear) * load * dt;
        }
    }

    fn output(&self, _: &[f64], _: &[f64], _: &f64, _: &mut [f64]) {}

    fn event_state(&self, state: &[f64], parameters: &[f64], _: &f64) -> f64 {
        match (state, parameters) {
            (&[wear], &[_, limit, ..]) => (limit - wear) / limit.max(1e-9),
            _ => f64::NAN,
        }
    }
}

/// The pace wanders about what was found: the film, the load of the day, the particles in the oil. \[E\]
const PACE_WANDERS: Discrepancy = Discrepancy { deviation: 0.3, memory: 60.0 };
const SAMPLES: usize = 1000;
/// Days that are taken together from the past.
const BLOCK: usize = 7;

/// Points of the course.
const COURSE_POINTS: usize = 48;

impl Life {
    /// Predicts from what is believed now, under the loads of the last year; none before the first full day.
    #[must_use]
    pub fn remaining(&self, twin: &Twin) -> Option<Remaining> {
        self.remaining_under(twin, &Plan::default())
    }

    /// The same under a plan; samples are paired with those of any other plan.
    #[must_use]
    pub fn remaining_under(&self, twin: &Twin, plan: &Plan) -> Option<Remaining> {
        if twin.usage.is_empty() {
            return None;
        }
        let drawn = twin.filter().ensemble(SAMPLES, twin.seed());
        let mut ensemble = Ensemble { states: Vec::new(), parameters: Vec::new(), log_rates: drawn.log_rates };
        let mut rng = generator(twin.seed(), 77);
        let effect = plan.effect(twin);
        for (state, log_rate) in drawn.states.chunks_exact(PRIORS.len()).zip(&mut ensemble.log_rates) {
            let at = |index: usize| state.get(index).copied().unwrap_or(f64::NAN);
            let changed = effect.as_ref().map(|effect| effect.on(state));
            let (state, factor) = changed.as_ref().map_or((state, 1.0), |(state, factor)| (state.as_slice(), *factor));
            let (sound, added) = squares(state);
            let limit = ((self.limit_mm_per_s.powi(2) - sound) / added.max(1e-9)).max(1e-6);
            ensemble.states.push(at(WEAR).max(0.0));
            ensemble.parameters.extend([factor * at(PACE), limit, sound, added]);
            let normal: f64 = rand_distr::Distribution::sample(&rand_distr::StandardNormal, &mut rng);
            *log_rate = PACE_WANDERS.deviation * normal;
        }
        let usage: Vec<f64> = twin.usage.iter().map(|day| plan.usage(day)).collect();
        let scenario = Scenario { history: &usage, block: BLOCK };
        let horizon = Horizon { dt: 1.0, steps: self.days };
        // Denser where the chart begins: half of the points lie in the first quarter.
        let mut steps: Vec<usize> = (0..=COURSE_POINTS)
            .map(|i| ((i as f64 / COURSE_POINTS as f64).powi(2) * self.days as f64).round() as usize)
            .collect();
        steps.dedup();
        let velocity = |state: &[f64], own: &[f64]| match (state, own) {
            (&[wear], &[_, _, sound, added]) => (sound + wear * added).max(0.0).sqrt(),
            _ => f64::NAN,
        };
        let watch = Watch { steps: &steps, value: &velocity };
        let same = |usage: &f64| *usage;
        let fan = to_threshold_watched(&Growth, &ensemble, PACE_WANDERS, scenario, same, horizon, twin.seed(), watch);
        let horizon_days = self.days as f64;
        let mut lives = generator(twin.seed(), 78);
        let mut by_sample = fan.by_sample().to_vec();
        for end in &mut by_sample {
            // Drawn for every plan alike; independent of wear.
            let share = lives.random();
            if let Some((population, hours)) = self.fatigue {
                *end = end.min(population.remaining(hours, share) / 24.0);
            }
            // A new bearing: its life is another one, and not looked at here.
            if *end > plan.replaced_in_days.unwrap_or(f64::INFINITY).min(horizon_days) {
                *end = f64::INFINITY;
            }
        }
        let mut sorted: Vec<f64> = by_sample.iter().copied().filter(|end| !end.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let courses = steps.iter().enumerate().map(|(place, step)| {
            let values = fan.courses().iter().filter_map(|course| course.get(place).copied()).collect();
            (*step as f64, values)
        });
        Some(Remaining { by_sample, sorted, horizon_days, courses: courses.collect() })
    }

    /// The velocity at rated speed and load that will be there after some days, by sample, mm/s rms, under the loads of
    /// the last month; none before the first full day.
    #[must_use]
    pub(super) fn velocity_in(&self, twin: &Twin, days: usize) -> Option<Vec<f64>> {
        let recent = twin.usage.len().saturating_sub(30);
        let usage: f64 = twin.usage.iter().skip(recent).map(|day| day[LIMITS.len() - 1]).sum();
        let usage = usage / (twin.usage.len() - recent).max(1) as f64;
        let drawn = twin.filter().ensemble(SAMPLES, twin.seed());
        let mut rng = generator(twin.seed(), 79);
        (!twin.usage.is_empty()).then(|| {
            let velocity = |state: &[f64]| {
                let at = |index: usize| state.get(index).copied().unwrap_or(f64::NAN);
                let normal: f64 = rand_distr::Distribution::sample(&rand_distr::StandardNormal, &mut rng);
                let rate = (PACE_WANDERS.deviation * normal).exp();
                let (sound, added) = squares(state);
                let mut wear = at(WEAR).max(0.0);
                for _ in 0..days {
                    wear += rate * growth_a_day(at(PACE).max(0.0), wear) * usage;
                }
                (sound + wear * added).max(0.0).sqrt()
            };
            drawn.states.chunks_exact(PRIORS.len()).map(velocity).collect()
        })
    }
}

/// Of the velocity at rated speed and load: the square of that of a sound bearing, and what wear 1 adds to it.
fn squares(state: &[f64]) -> (f64, f64) {
    let at = |wear: f64| {
        let mut worn = state.to_vec();
        if let Some(place) = worn.get_mut(WEAR) {
            *place = wear;
        }
        rated_vibration_mm_per_s(&worn).powi(2)
    };
    // The square of the velocity is linear in wear.
    let sound = at(0.0);
    (sound, at(1.0) - sound)
}
