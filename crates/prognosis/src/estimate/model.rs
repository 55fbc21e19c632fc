//! What an estimator needs to know of an asset.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use serde::{Deserialize, Serialize};

/// How a quantity is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// As it is.
    Linear,
    /// Its logarithm: it is above zero, and its uncertainty is a factor.
    Log,
}

impl Scale {
    /// From the quantity to what the estimator holds. What a logarithm does not have becomes very small.
    #[must_use]
    pub fn inward(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(f64::MIN_POSITIVE).ln(),
        }
    }

    /// Back.
    #[must_use]
    pub fn outward(self, coordinate: f64) -> f64 {
        match self {
            Self::Linear => coordinate,
            // e^700 is the largest that a number holds.
            Self::Log => coordinate.min(700.0).exp(),
        }
    }
}

/// A state or parameter of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    /// What it is called.
    pub name: &'static str,
    /// Its unit; empty for a ratio.
    pub unit: &'static str,
    /// How it is estimated.
    pub scale: Scale,
}

/// What is believed of a quantity before the data: a normal distribution in the coordinate of its [`Scale`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prior {
    /// Median, in the quantity's own unit.
    pub median: f64,
    /// Standard deviation: in the unit for [`Scale::Linear`], of the logarithm for [`Scale::Log`].
    pub deviation: f64,
}

/// An asset that ages: a state that steps, what is measured of it, and how far it is from the end.
pub trait Model: Sync {
    /// What acts on the asset during a step.
    type Load: Clone + Send + Sync;

    /// The state.
    fn states(&self) -> &[Quantity];

    /// What does not change by itself, and differs between assets.
    fn parameters(&self) -> &[Quantity];

    /// How many outputs there are.
    fn outputs(&self) -> usize;

    /// Lets `dt` pass, in the model's unit of time. Whatever ages is multiplied by `rate`: the discrepancy between the
    /// model and this asset. Bad values go in and come out as not finite; they do not panic.
    fn step(&self, state: &mut [f64], parameters: &[f64], load: &Self::Load, dt: f64, rate: f64, noise: &mut Noise<'_>);

    /// Standard deviation of what `dt` adds to each state by chance, for filters that carry a covariance: into `out`, in
    /// the coordinate of the state's [`Scale`]. Nothing unless a model says so.
    fn process_deviation(&self, dt: f64, out: &mut [f64]) {
        let _ = dt;
        out.fill(0.0);
    }

    /// What would be measured without noise: [`Model::outputs`] values into `out`.
    fn output(&self, state: &[f64], parameters: &[f64], load: &Self::Load, out: &mut [f64]);

    /// 1 when new, 0 at the end of life or below.
    fn event_state(&self, state: &[f64], parameters: &[f64], load: &Self::Load) -> f64;
}

/// Where a step takes its randomness from.
#[derive(Debug)]
pub struct Noise<'a>(Option<&'a mut ChaCha8Rng>);

impl<'a> Noise<'a> {
    /// From a generator.
    pub fn from(rng: &'a mut ChaCha8Rng) -> Self {
        Self(Some(rng))
    }

    /// None: each draw is the median.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        self.0.as_mut().map_or(0.0, |rng| StandardNormal.sample(*rng))
    }

    /// Even between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        self.0.as_mut().map_or(0.5, |rng| rng.random())
    }
}

/// A generator of its own for one purpose (`stream`) of one seed.
pub(crate) fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}
