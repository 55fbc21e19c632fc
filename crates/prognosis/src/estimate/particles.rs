//! Particle filter: many copies of the asset, each with its own state and parameters, weighted by how well they explain
//! the evidence.
//!
//! Sampling importance resampling (Gordon, Salmond, Smith 1993, IEE Proc. F 140) with systematic resampling when fewer
//! than half of the particles count (Kitagawa 1996, J. Comput. Graph. Stat. 5), a likelihood of Student's t so that an
//! outlier does not kill the truth, and shrunk kernels for the parameters (Liu and West 2001, in Sequential Monte Carlo
//! Methods in Practice, ch. 10). The model's own error is a factor on its rate that wanders ([`Discrepancy`]).
//!
//! Invariants: weights are finite and sum to 1; the same seed and calls give the same numbers, also across a restart;
//! evidence that no particle explains leaves the weights as they were and is told.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::model::{Model, Noise, Prior, Quantity, generator};

/// Degrees of freedom of the likelihood: tails that bear one wild reading in a hundred.
const FREEDOM: f64 = 4.0;
/// Shrinkage of the parameter kernels: a discount of 0.96 (Liu and West 2001: a = (3δ − 1)/2δ).
const SHRINKAGE: f64 = 0.98;

/// How the asset's rate of ageing wanders about the model's: the logarithm of a factor, an Ornstein-Uhlenbeck process.
/// With a memory that is long against the life it is a random walk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Discrepancy {
    /// Standard deviation of the logarithm in the long run; 0 for a model that is taken at its word.
    pub deviation: f64,
    /// How long it remembers, in the model's unit of time.
    pub memory: f64,
}

impl Discrepancy {
    /// What `dt` does to the logarithm of the rate: the share that is kept, and the standard deviation of what is added.
    #[must_use]
    pub fn over(&self, dt: f64) -> (f64, f64) {
        let kept = (-dt / self.memory.max(f64::MIN_POSITIVE)).exp();
        (kept, self.deviation * (1.0 - kept * kept).max(0.0).sqrt())
    }
}

/// The chance that an inspection finds what is there, by its size: `POD = Φ((ln size − ln a50)/spread)`
/// (MIL-HDBK-1823A, 2009).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Size that is found half of the time, in the unit of the state.
    pub half_found: f64,
    /// Spread of the logarithm.
    pub spread: f64,
}

impl Detection {
    /// Chance to find it.
    #[must_use]
    pub fn probability(&self, size: f64) -> f64 {
        if size <= 0.0 {
            return 0.0;
        }
        let z = (size / self.half_found).ln() / self.spread.max(1e-9);
        Normal::new(0.0, 1.0).map_or(0.0, |normal| normal.cdf(z))
    }
}

/// What is learned about the asset at one moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence<'a> {
    /// An output was measured.
    Measured {
        /// Which output.
        output: usize,
        /// Its value.
        value: f64,
        /// Standard deviation of the noise.
        deviation: f64,
    },
    /// A state is known without error worth speaking of: a sectioned crack, a counted part.
    Exact {
        /// Which state.
        state: usize,
        /// Its value.
        value: f64,
    },
    /// It was looked for a state of some size, and nothing was found.
    NotFound {
        /// Which state.
        state: usize,
        /// How good the inspection is.
        detection: Detection,
    },
    /// It was looked for a state of some size, and something was found, whatever its size: large ones are found rather
    /// than small ones.
    Found {
        /// Which state.
        state: usize,
        /// How good the inspection is.
        detection: Detection,
    },
    /// The part was replaced: states are drawn anew, parameters too, because it is another one.
    Replaced {
        /// What is believed of the new part's states.
        states: &'a [Prior],
        /// What is believed of the new part's parameters.
        parameters: &'a [Prior],
    },
}

/// What an update did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// How many particles count after the evidence: 1/Σw².
    pub effective: f64,
    /// Whether they were resampled.
    pub resampled: bool,
    /// Share of the predicted measurements below the measured one; none for other evidence. Below 0.025 or above 0.975
    /// it is a surprise.
    pub pit: Option<f64>,
    /// Whether any particle explains it. If not, nothing was learned.
    pub explained: bool,
}

/// The filter. Serialize it to let it survive a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Particles {
    seed: u64,
    /// Number of the next stream of random numbers.
    stream: u64,
    discrepancy: Discrepancy,
    /// Row by row, one row a particle.
    states: Vec<f64>,
    parameters: Vec<f64>,
    log_rates: Vec<f64>,
    weights: Vec<f64>,
}

/// Equally likely copies of the asset, to predict from.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// Row by row, one row a copy.
    pub states: Vec<f64>,
    /// The same.
    pub parameters: Vec<f64>,
    /// Logarithm of each copy's factor on the rate.
    pub log_rates: Vec<f64>,
}

impl Particles {
    /// Draws `count` particles from the priors, at least 2. A quantity without a prior starts at its scale's zero.
    #[must_use]
    pub fn new<M: Model>(
        model: &M,
        states: &[Prior],
        parameters: &[Prior],
        discrepancy: Discrepancy,
        count: usize,
        seed: u64,
    ) -> Self {
        let count = count.max(2);
        let mut rng = generator(seed, 0);
        let mut one = Self {
            seed,
            stream: 1,
            discrepancy,
            states: Vec::new(),
            parameters: Vec::new(),
            log_rates: Vec::new(),
            weights: vec![1.0 / count as f64; count],
        };
        one.draw(model, states, parameters, &mut rng);
        one
    }

    fn draw<M: Model>(&mut self, model: &M, states: &[Prior], parameters: &[Prior], rng: &mut ChaCha8Rng) {
        let count = self.weights.len();
        self.states = draw(model.states(), states, count, rng);
        self.parameters = draw(model.parameters(), parameters, count, rng);
        self.log_rates = (0..count).map(|_| self.discrepancy.deviation * normal(rng)).collect();
    }

    fn next(&mut self) -> ChaCha8Rng {
        let rng = generator(self.seed, self.stream);
        self.stream = self.stream.wrapping_add(1);
        rng
    }

    /// How many particles there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.weights.len()
    }

    /// Whether its rows belong to this model and its numbers are finite: to be asked of one that was read from outside.
    #[must_use]
    pub fn fits<M: Model>(&self, model: &M) -> bool {
        let count = self.count();
        let numbers = [&self.states, &self.parameters, &self.log_rates, &self.weights];
        count >= 2
            && self.states.len() == count * model.states().len()
            && self.parameters.len() == count * model.parameters().len()
            && self.log_rates.len() == count
            && numbers.into_iter().flatten().all(|number| number.is_finite())
            && (self.weights.iter().sum::<f64>() - 1.0).abs() < 1e-6
    }

    /// The wandering of the rate.
    #[must_use]
    pub fn discrepancy(&self) -> Discrepancy {
        self.discrepancy
    }

    /// Lets `steps` times `dt` pass under one load. The factor on the rate wanders once, over all of them: it is slow.
    pub fn step<M: Model>(&mut self, model: &M, load: &M::Load, dt: f64, steps: usize) {
        let mut rng = self.next();
        let (wide, deep) = (model.states().len(), model.parameters().len());
        let (kept, added) = self.discrepancy.over(dt * steps as f64);
        let Self { states, parameters, log_rates, .. } = self;
        for (i, log_rate) in log_rates.iter_mut().enumerate() {
            let Some(state) = states.get_mut(i * wide..(i + 1) * wide) else { return };
            let own = parameters.get(i * deep..(i + 1) * deep).unwrap_or_default();
            if added > 0.0 {
                *log_rate = kept * *log_rate + added * normal(&mut rng);
            }
            let rate = log_rate.exp();
            for _ in 0..steps {
                model.step(state, own, load, dt, rate, &mut Noise::from(&mut rng));
            }
        }
    }

    /// Learns from evidence.
    pub fn update<M: Model>(&mut self, model: &M, load: &M::Load, evidence: &Evidence<'_>) -> Update {
        let wide = model.states().len();
        let mut pit = None;
        let likelihood: Vec<f64> = match *evidence {
            Evidence::Measured { output, value, deviation } => {
                let predicted = self.outputs(model, load, output);
                pit = Some(self.transform(&predicted, value, deviation));
                predicted.iter().map(|mean| log_student((value - mean) / deviation)).collect()
            }
            Evidence::Exact { state, value } => {
                let each: Vec<f64> = self.states.iter().skip(state).step_by(wide.max(1)).copied().collect();
                // A kernel as wide as the particles are dense (Silverman 1986, equation 3.31).
                let (_, deviation) = moments(&each, &self.weights);
                let width = (1.06 * deviation * (self.count() as f64).powf(-0.2)).max(f64::MIN_POSITIVE);
                each.iter().map(|one| -0.5 * ((value - one) / width).powi(2)).collect()
            }
            Evidence::NotFound { state, detection } => {
                let each = self.states.iter().skip(state).step_by(wide.max(1));
                each.map(|size| (1.0 - detection.probability(*size)).ln()).collect()
            }
            Evidence::Found { state, detection } => {
                let each = self.states.iter().skip(state).step_by(wide.max(1));
                each.map(|size| detection.probability(*size).ln()).collect()
            }
            Evidence::Replaced { states, parameters } => {
                let mut rng = self.next();
                self.draw(model, states, parameters, &mut rng);
                let count = self.count() as f64;
                self.weights.fill(1.0 / count);
                return Update { effective: count, resampled: false, pit: None, explained: true };
            }
        };
        let explained = self.weigh(&likelihood);
        let effective = 1.0 / self.weights.iter().map(|w| w * w).sum::<f64>();
        let resampled = explained && effective < 0.5 * self.count() as f64;
        if resampled {
            self.resample(model);
        }
        if let (Evidence::Exact { state, value }, true) = (evidence, explained) {
            self.states.iter_mut().skip(*state).step_by(wide.max(1)).for_each(|one| *one = *value);
        }
        Update { effective, resampled, pit, explained }
    }

    fn outputs<M: Model>(&self, model: &M, load: &M::Load, output: usize) -> Vec<f64> {
        let (wide, deep) = (model.states().len(), model.parameters().len());
        let mut out = vec![0.0; model.outputs()];
        (0..self.count())
            .map(|i| {
                let state = self.states.get(i * wide..(i + 1) * wide).unwrap_or_default();
                let own = self.parameters.get(i * deep..(i + 1) * deep).unwrap_or_default();
                model.output(state, own, load, &mut out);
                out.get(output).copied().unwrap_or(f64::NAN)
            })
            .collect()
    }

    /// The share of what was predicted, noise included, that lies below a value.
    fn transform(&self, predicted: &[f64], value: f64, deviation: f64) -> f64 {
        let mut sum = 0.0;
        for (mean, weight) in predicted.iter().zip(&self.weights) {
            let z = (value - mean) / deviation;
            if z.is_finite() {
                sum += weight * student_cdf(z);
            }
        }
        sum
    }

    /// Multiplies the weights by likelihoods, given as logarithms. False, and nothing done, where none is above zero.
    fn weigh(&mut self, logs: &[f64]) -> bool {
        let usable = |log: f64| if log.is_nan() { f64::NEG_INFINITY } else { log };
        let most = logs.iter().copied().map(usable).fold(f64::NEG_INFINITY, f64::max);
        if !most.is_finite() {
            return false;
        }
        let raw: Vec<f64> =
            self.weights.iter().zip(logs).map(|(weight, log)| weight * (usable(*log) - most).exp()).collect();
        let sum: f64 = raw.iter().sum();
        if !(sum > 0.0 && sum.is_finite()) {
            return false;
        }
        self.weights = raw.iter().map(|weight| weight / sum).collect();
        true
    }

    fn resample<M: Model>(&mut self, model: &M) {
        let mut rng = self.next();
        // Kernels around the particles, shrunk towards the mean so that the spread stays what it was.
        let quantities = model.parameters();
        let deep = quantities.len();
        let jitter = (1.0 - SHRINKAGE * SHRINKAGE).sqrt();
        let spreads: Vec<(f64, f64)> = quantities
            .iter()
            .enumerate()
            .map(|(j, quantity)| {
                let column: Vec<f64> =
                    self.parameters.iter().skip(j).step_by(deep).map(|v| quantity.scale.inward(*v)).collect();
                moments(&column, &self.weights)
            })
            .collect();
        let ensemble = self.pick(self.count(), &mut rng);
        self.states = ensemble.states;
        self.log_rates = ensemble.log_rates;
        self.parameters = ensemble.parameters;
        if deep > 0 {
            for own in self.parameters.chunks_exact_mut(deep) {
                for ((value, quantity), (mean, deviation)) in own.iter_mut().zip(quantities).zip(&spreads) {
                    let old = quantity.scale.inward(*value);
                    let moved = SHRINKAGE * old + (1.0 - SHRINKAGE) * mean + jitter * deviation * normal(&mut rng);
                    *value = quantity.scale.outward(moved);
                }
            }
        }
        let count = self.count() as f64;
        self.weights.fill(1.0 / count);
    }

    /// `count` copies, as often as their weights say: one random number for all of them.
    fn pick(&self, count: usize, rng: &mut ChaCha8Rng) -> Ensemble {
        let own = self.count().max(1);
        let (wide, deep) = (self.states.len() / own, self.parameters.len() / own);
        let mut ensemble = Ensemble { states: Vec::new(), parameters: Vec::new(), log_rates: Vec::new() };
        let first: f64 = rng.random();
        let (mut at, mut sum) = (0, self.weights.first().copied().unwrap_or(1.0));
        for i in 0..count {
            let place = (i as f64 + first) / count as f64;
            while sum < place && at + 1 < own {
                at += 1;
                sum += self.weights.get(at).copied().unwrap_or(0.0);
            }
            ensemble.states.extend(self.states.iter().skip(at * wide).take(wide));
            ensemble.parameters.extend(self.parameters.iter().skip(at * deep).take(deep));
            ensemble.log_rates.extend(self.log_rates.get(at));
        }
        ensemble
    }

    /// Equally likely copies to predict from; does not change the filter.
    #[must_use]
    pub fn ensemble(&self, count: usize) -> Ensemble {
        self.pick(count, &mut generator(self.seed, u64::MAX))
    }

    /// Mean and standard deviation of a state.
    #[must_use]
    pub fn state(&self, index: usize) -> (f64, f64) {
        self.moments(&self.states, index)
    }

    /// Mean and standard deviation of a parameter.
    #[must_use]
    pub fn parameter(&self, index: usize) -> (f64, f64) {
        self.moments(&self.parameters, index)
    }

    /// Mean and standard deviation of the logarithm of the factor on the rate.
    #[must_use]
    pub fn log_rate(&self) -> (f64, f64) {
        moments(&self.log_rates, &self.weights)
    }

    fn moments(&self, rows: &[f64], index: usize) -> (f64, f64) {
        let wide = (rows.len() / self.count().max(1)).max(1);
        let column: Vec<f64> = rows.iter().skip(index).step_by(wide).copied().collect();
        moments(&column, &self.weights)
    }
}

fn draw(quantities: &[Quantity], priors: &[Prior], count: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut rows = Vec::with_capacity(count * quantities.len());
    for _ in 0..count {
        for (i, quantity) in quantities.iter().enumerate() {
            let prior = priors.get(i).copied().unwrap_or(Prior { median: 0.0, deviation: 0.0 });
            let coordinate = quantity.scale.inward(prior.median) + prior.deviation * normal(rng);
            rows.push(quantity.scale.outward(coordinate));
        }
    }
    rows
}

/// Logarithm of the density of Student's t, up to a constant.
fn log_student(z: f64) -> f64 {
    -0.5 * (FREEDOM + 1.0) * (z * z / FREEDOM).ln_1p()
}

/// Share of Student's t below a value, closed for four degrees of freedom (Abramowitz and Stegun 1964, 26.7.4): a
/// thousand of them a measurement.
fn student_cdf(z: f64) -> f64 {
    let square = 1.0 + 0.25 * z * z;
    0.5 + 0.375 * z / square.sqrt() * (1.0 - z * z / square / 12.0)
}

fn moments(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let pairs = || values.iter().zip(weights);
    let mean: f64 = pairs().map(|(value, weight)| value * weight).sum();
    let variance: f64 = pairs().map(|(value, weight)| weight * (value - mean).powi(2)).sum();
    (mean, variance.sqrt())
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

#[cfg(test)]
mod tests;
