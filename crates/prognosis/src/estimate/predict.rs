//! From what is believed of an asset to when its life ends: Monte Carlo simulation to the threshold.
//!
//! Each sample has its own copy of the asset, its own noise and its own future load, drawn from a history in blocks so
//! that what belongs together stays together (moving blocks: Künsch 1989, Ann. Stat. 17). Streams of random numbers
//! belong to the sample, not to the thread, and loads and noise have one each. So two scenarios with one seed differ
//! sample by sample by what was changed, not by chance.

use rand::Rng as _;
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

use super::metrics::quantile;
use super::model::{Model, Noise, generator};
use super::particles::{Discrepancy, Ensemble};

/// What the future is made of.
#[derive(Debug, Clone, Copy)]
pub struct Scenario<'a, L> {
    /// Past loads, one a step. Blocks of it, from random places, make the future; one value for ever is a constant load.
    pub history: &'a [L],
    /// Steps that are taken from one place of the history.
    pub block: usize,
}

/// How far and how finely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Horizon {
    /// Length of a step in the model's unit of time.
    pub dt: f64,
    /// Most steps.
    pub steps: usize,
}

/// When each sample's life ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Fan {
    /// Time from now by sample, in the order of the ensemble; infinity beyond the horizon.
    by_sample: Vec<f64>,
    sorted: Vec<f64>,
    horizon: f64,
    broken: usize,
    courses: Vec<Vec<f64>>,
}

impl Fan {
    fn new(by_sample: Vec<f64>, courses: Vec<Vec<f64>>, horizon: f64) -> Self {
        let broken = by_sample.iter().filter(|time| time.is_nan()).count();
        let mut sorted: Vec<f64> = by_sample.iter().copied().filter(|time| !time.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        Self { by_sample, sorted, horizon, broken, courses }
    }

    /// Remaining life that this share of the samples does not outlive; infinity where it lies beyond the horizon.
    /// None where nothing could be computed. P10 is the cautious one: 10 % fail earlier.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        quantile(&self.sorted, share)
    }

    /// P5, P10, P50, P90, P95.
    #[must_use]
    pub fn quantiles(&self) -> Option<[f64; 5]> {
        let [a, b, c, d, e] = [0.05, 0.10, 0.50, 0.90, 0.95].map(|share| self.quantile(share));
        Some([a?, b?, c?, d?, e?])
    }

    /// Probability of failure within a time from now. Beyond the horizon it is known from below only.
    #[must_use]
    pub fn probability_by(&self, time: f64) -> Option<f64> {
        let n = self.sorted.len();
        (n > 0).then(|| self.sorted.partition_point(|end| *end <= time) as f64 / n as f64)
    }

    /// Share of the samples that outlive the horizon.
    #[must_use]
    pub fn beyond_horizon(&self) -> Option<f64> {
        self.probability_by(self.horizon).map(|failed| 1.0 - failed)
    }

    /// How far was looked, from now.
    #[must_use]
    pub fn horizon(&self) -> f64 {
        self.horizon
    }

    /// Samples whose numbers broke, which are in no quantile.
    #[must_use]
    pub fn broken(&self) -> usize {
        self.broken
    }

    /// Ends by sample, in the order of the ensemble: those of two scenarios with one seed belong together.
    #[must_use]
    pub fn by_sample(&self) -> &[f64] {
        &self.by_sample
    }

    /// What was [watched](Watch), by sample: one value for each of the steps that were asked for.
    #[must_use]
    pub fn courses(&self) -> &[Vec<f64>] {
        &self.courses
    }

    /// Ascending ends, infinity beyond the horizon.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// What another scenario gains over this one, sample by sample, ascending; samples that end in neither scenario are
    /// left out, because their gain is not known.
    #[must_use]
    pub fn gain(&self, other: &Self) -> Vec<f64> {
        let pairs = self.by_sample.iter().zip(&other.by_sample);
        let mut gains: Vec<f64> = pairs.map(|(here, there)| there - here).filter(|gain| !gain.is_nan()).collect();
        gains.sort_by(f64::total_cmp);
        gains
    }
}

/// A quantity that is watched on the way, past the threshold too.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// After these steps, ascending.
    pub steps: &'a [usize],
    /// From the states and parameters of a sample.
    pub value: &'a (dyn Fn(&[f64], &[f64]) -> f64 + Sync),
}

/// Simulates every copy of the ensemble until its event state is 0 or the horizon is reached. `change` is what the
/// scenario does to each load (derating, another dispatch).
#[must_use]
pub fn to_threshold<M: Model>(
    model: &M,
    ensemble: &Ensemble,
    discrepancy: Discrepancy,
    scenario: Scenario<'_, M::Load>,
    change: impl Fn(&M::Load) -> M::Load + Sync,
    horizon: Horizon,
    seed: u64,
) -> Fan {
    let watch = Watch { steps: &[], value: &|_, _| f64::NAN };
    to_threshold_watched(model, ensemble, discrepancy, scenario, change, horizon, seed, watch)
}

/// [`to_threshold`], with a quantity that is watched on the way.
#[must_use]
pub fn to_threshold_watched<M: Model>(
    model: &M,
    ensemble: &Ensemble,
    discrepancy: Discrepancy,
    scenario: Scenario<'_, M::Load>,
    change: impl Fn(&M::Load) -> M::Load + Sync,
    horizon: Horizon,
    seed: u64,
    watch: Watch<'_>,
) -> Fan {
    let last_watched = watch.steps.last().copied().unwrap_or(0);
    let (wide, deep) = (model.states().len(), model.parameters().len());
    let (kept, added) = discrepancy.over(horizon.dt);
    let ends = (0..ensemble.log_rates.len()).into_par_iter().map(|i| {
        let mut state = ensemble.states.get(i * wide..(i + 1) * wide).unwrap_or_default().to_vec();
        let own = ensemble.parameters.get(i * deep..(i + 1) * deep).unwrap_or_default();
        let mut log_rate = ensemble.log_rates.get(i).copied().unwrap_or(0.0);
        let mut rate = log_rate.exp();
        let mut places = generator(seed, 2 * i as u64);
        let mut rng = generator(seed, 2 * i as u64 + 1);
        let mut loads: &[M::Load] = &[];
        let mut watched = watch.steps.iter().peekable();
        let mut course = Vec::with_capacity(watch.steps.len());
        while watched.next_if(|step| **step == 0).is_some() {
            course.push((watch.value)(&state, own));
        }
        let mut end = f64::INFINITY;
        for step in 1..=horizon.steps {
            if loads.is_empty() {
                let last = scenario.history.len().saturating_sub(scenario.block.max(1));
                let from = if last == 0 { 0 } else { places.random_range(0..=last) };
                loads = scenario.history.get(from..).unwrap_or_default();
                loads = loads.get(..scenario.block.max(1)).unwrap_or(loads);
            }
            let Some((load, rest)) = loads.split_first() else { return (f64::NAN, course) };
            loads = rest;
            let load = change(load);
            if added > 0.0 {
                let normal: f64 = StandardNormal.sample(&mut rng);
                log_rate = kept * log_rate + added * normal;
                rate = log_rate.exp();
            }
            model.step(&mut state, own, &load, horizon.dt, rate, &mut Noise::from(&mut rng));
            let left = model.event_state(&state, own, &load);
            if left.is_nan() {
                return (f64::NAN, course);
            }
            if left <= 0.0 && end.is_infinite() {
                end = step as f64 * horizon.dt;
            }
            while watched.next_if(|at| **at <= step).is_some() {
                course.push((watch.value)(&state, own));
            }
            if end.is_finite() && step >= last_watched {
                break;
            }
        }
        (end, course)
    });
    let (ends, courses) = ends.unzip();
    Fan::new(ends, courses, horizon.steps as f64 * horizon.dt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::model::{Quantity, Scale};

    /// A level that loses the load, plus noise of 0.3, a step; ends at 0.
    struct Walk {
        noise: f64,
    }

    const LEVEL: [Quantity; 1] = [Quantity { name: "level", unit: "", scale: Scale::Linear }];

    impl Model for Walk {
        type Load = f64;
        fn states(&self) -> &[Quantity] {
            &LEVEL
        }
        fn parameters(&self) -> &[Quantity] {
            &[]
        }
        fn outputs(&self) -> usize {
            0
        }
        fn step(&self, state: &mut [f64], _: &[f64], load: &f64, dt: f64, rate: f64, noise: &mut Noise<'_>) {
            state[0] -= load * rate * dt + self.noise * dt.sqrt() * noise.normal();
        }
        fn output(&self, _: &[f64], _: &[f64], _: &f64, _: &mut [f64]) {}
        fn event_state(&self, state: &[f64], _: &[f64], _: &f64) -> f64 {
            state[0]
        }
    }

    const STILL: Discrepancy = Discrepancy { deviation: 0.0, memory: 1.0 };

    fn ensemble(count: usize, level: f64) -> Ensemble {
        Ensemble { states: vec![level; count], parameters: vec![], log_rates: vec![0.0; count] }
    }

    fn run(noise: f64, history: &[f64], change: impl Fn(&f64) -> f64 + Sync, steps: usize, dt: f64) -> Fan {
        let scenario = Scenario { history, block: 3 };
        to_threshold(&Walk { noise }, &ensemble(2000, 10.0), STILL, scenario, change, Horizon { dt, steps }, 11)
    }

    #[test]
    fn first_passage_of_a_drifting_walk_is_inverse_gaussian() {
        // Mean a/v = 10, distribution function of Schrödinger 1915; a fine step so that crossings are not missed.
        use statrs::distribution::{ContinuousCDF as _, Normal};
        let fan = run(0.3, &[1.0], |load| *load, 4000, 0.01);
        let (a, v, s) = (10.0, 1.0, 0.3);
        let normal = Normal::new(0.0, 1.0).unwrap();
        for t in [8.5, 9.5, 10.0, 11.0, 12.0] {
            let root = s * f64::sqrt(t);
            let expected = normal.cdf((v * t - a) / root)
                + f64::exp(2.0 * v * a / (s * s)).min(1e300) * normal.cdf(-(v * t + a) / root);
            let found = fan.probability_by(t).unwrap();
            // Three standard deviations of 2,000 samples, and the step.
            assert!((found - expected).abs() < 0.04, "{t}: {found} {expected}");
        }
    }

    #[test]
    fn what_outlives_the_horizon_is_told_and_its_quantiles_are_infinite() {
        let fan = run(0.0, &[1.0], |load| *load, 5, 1.0);
        assert_eq!((fan.beyond_horizon(), fan.quantile(0.5)), (Some(1.0), Some(f64::INFINITY)));
        let fan = run(0.0, &[1.0], |load| *load, 10, 1.0);
        assert_eq!((fan.beyond_horizon(), fan.quantiles()), (Some(0.0), Some([10.0; 5])));
    }

    #[test]
    fn paired_scenarios_differ_by_what_was_changed_only() {
        let history = [0.5, 1.5, 1.0, 0.2, 1.8, 1.0];
        let base = run(0.3, &history, |load| *load, 400, 0.1);
        assert_eq!(base.gain(&run(0.3, &history, |load| *load, 400, 0.1)), vec![0.0; 2000]);
        let derated = run(0.3, &history, |load| 0.9 * load, 400, 0.1);
        let gains = base.gain(&derated);
        // No sample loses by it, which independent samples with that spread would not show.
        assert!(gains[0] >= 0.0, "{}", gains[0]);
        let middle = quantile(&gains, 0.5).unwrap();
        assert!((0.8..1.4).contains(&middle), "{middle}");
    }

    #[test]
    fn one_thread_and_many_give_the_same() {
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let alone = one.install(|| run(0.3, &[1.0, 2.0], |load| *load, 100, 0.1));
        assert_eq!(alone, run(0.3, &[1.0, 2.0], |load| *load, 100, 0.1));
    }

    #[test]
    fn without_a_history_nothing_is_predicted_and_broken_samples_are_counted() {
        let fan = run(0.0, &[], |load| *load, 10, 1.0);
        assert_eq!((fan.quantile(0.5), fan.broken(), fan.probability_by(1.0)), (None, 2000, None));
        assert_eq!(run(0.0, &[f64::NAN], |load| *load, 10, 1.0).broken(), 2000);
    }
}
