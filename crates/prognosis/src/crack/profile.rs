//! What a fleet of cracks says of the next one: the growth rate over the length as a random function.
//!
//! A specimen's rate over that of a reference law is, in the logarithm and over x = ln ΔK,
//! `β0 + β1 x + g(x)`, the same for all of the fleet (g smooth, Matérn 3/2), `+ b + c x + o(x)`, its own
//! (o an Ornstein-Uhlenbeck process: the rate of one crack changes along its way, and forgets). All are Gaussian and so is
//! what is seen of them, the mean of the logarithm over the part between two measurements, up to the second order of the
//! spread. So the rest of the way, given the way so far, is Gaussian too (Rasmussen and Williams 2006, equations 2.23
//! and 2.41), and the remaining cycles are an integral over samples of it.
//!
//! Scales come from the training set by maximum likelihood with a broad prior; nothing is set by hand but that prior.
//! Beyond the longest crack of the fleet g fades out and the law of Paris goes on with the fleet's exponent.

mod fit;

use nalgebra::{DMatrix, DVector};
use rand_distr::{Distribution as _, StandardNormal};

use super::{Geometry, ParisLaw};
use crate::estimate::generator;

pub use fit::RateProfile;

/// Points at which the mean over one part is taken (Gauss-Legendre on −1 to 1), and their weights: exact to 1e-4 for a part
/// in which the crack grows by half.
const GAUSS: [(f64, f64); 3] =
    [(-0.774_596_669_241_483, 5.0 / 9.0), (0.0, 8.0 / 9.0), (0.774_596_669_241_483, 5.0 / 9.0)];
/// Measurements nearer than this share of the length say more about the measuring than about the crack.
const NEAREST: f64 = 1.05;
/// Parts of the way that is predicted.
const STEPS: usize = 48;

/// The test that all cracks of the fleet were in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// Law to which rates are related.
    pub law: ParisLaw,
    /// Where the crack is.
    pub geometry: Geometry,
    /// Range of the stress, MPa.
    pub range_mpa: f64,
    /// Lowest over highest stress.
    pub stress_ratio: f64,
}

impl Test {
    fn x(&self, length_m: f64) -> f64 {
        (self.geometry.intensity(self.range_mpa, length_m) / self.law.pivot_mpa_sqrt_m).ln()
    }

    /// Cycles that the reference law needs, by the same points as everything here.
    pub(crate) fn reference_cycles(&self, from_m: f64, to_m: f64) -> f64 {
        self.shares(from_m, to_m).iter().map(|(_, cycles)| cycles).sum()
    }

    /// x and cycles of the reference law at each point of a part.
    fn shares(&self, from_m: f64, to_m: f64) -> [(f64, f64); GAUSS.len()] {
        let half = 0.5 * (to_m - from_m);
        GAUSS.map(|(place, weight)| {
            let length = from_m + half * (1.0 + place);
            let range = self.geometry.intensity(self.range_mpa, length);
            (self.x(length), half * weight / self.law.growth_m(range, self.stress_ratio))
        })
    }
}

/// Measured lengths of one crack over its cycles, both rising.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    points: Vec<(f64, f64)>,
}

impl Course {
    /// From pairs of cycles and length in m. Points that do not come after the one before, in both, are left out and
    /// counted. None where fewer than two are left.
    #[must_use]
    pub fn new(mut points: Vec<(f64, f64)>) -> Option<(Self, usize)> {
        let all = points.len();
        points.retain(|(cycles, length)| cycles.is_finite() && length.is_finite() && *length > 0.0);
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut last = (f64::NEG_INFINITY, 0.0);
        points.retain(|point| {
            let after = point.0 > last.0 && point.1 > last.1;
            if after {
                last = *point;
            }
            after
        });
        let left_out = all - points.len();
        (points.len() >= 2).then_some((Self { points }, left_out))
    }

    /// Cycles and length in m at the first measurement.
    #[must_use]
    pub fn first(&self) -> (f64, f64) {
        self.points.first().copied().unwrap_or_default()
    }

    /// Cycles and length in m at the last measurement.
    #[must_use]
    pub fn last(&self) -> (f64, f64) {
        self.points.last().copied().unwrap_or_default()
    }

    /// What was known when the crack was this long: the measurements up to there.
    #[must_use]
    pub fn until(&self, length_m: f64) -> Self {
        Self {
            points: self.points.iter().take_while(|(_, length)| *length <= length_m * (1.0 + 1e-9)).copied().collect(),
        }
    }

    /// Cycles at a length within the measurements, in between as the reference law has it.
    #[must_use]
    pub fn cycles_at(&self, test: &Test, length_m: f64) -> Option<f64> {
        let after = self.points.partition_point(|(_, length)| *length < length_m);
        let &(n1, a1) = self.points.get(after)?;
        if a1 == length_m {
            return Some(n1);
        }
        let &(n0, a0) = self.points.get(after.checked_sub(1)?)?;
        Some(n0 + (n1 - n0) * test.reference_cycles(a0, length_m) / test.reference_cycles(a0, a1))
    }

    /// Cycles at a length beyond the measurements: the reference law at the level of the last two parts.
    #[must_use]
    pub fn extrapolated(&self, test: &Test, length_m: f64) -> f64 {
        let (n1, a1) = self.last();
        let (n0, a0) = self.points.iter().rev().nth(2).or(self.points.first()).copied().unwrap_or_default();
        n1 + (n1 - n0) / test.reference_cycles(a0, a1) * test.reference_cycles(a1, length_m)
    }
}

/// What one course says of the logarithm of its rate over the reference.
#[derive(Debug, Clone)]
struct Seen {
    y: DVector<f64>,
    /// x of every point of every part.
    x: Vec<f64>,
    /// From points to means over parts.
    mean: DMatrix<f64>,
    /// Covariance of y from an error of 1 m in each length.
    reading: DMatrix<f64>,
}

impl Seen {
    /// None where there are no two measurements far enough apart.
    fn new(test: &Test, course: &Course) -> Option<Self> {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for &(cycles, length) in &course.points {
            if points.last().is_none_or(|last| length >= last.1 * NEAREST) {
                points.push((cycles, length));
            }
        }
        let parts = points.len().checked_sub(1).filter(|parts| *parts > 0)?;
        let mut seen = Self {
            y: DVector::zeros(parts),
            x: Vec::with_capacity(parts * GAUSS.len()),
            mean: DMatrix::zeros(parts, parts * GAUSS.len()),
            reading: DMatrix::zeros(parts, parts),
        };
        // Change of y with the length at either end: 1/Δa. The first length is where the test begins, and exact.
        let mut by_length = DMatrix::zeros(parts, parts + 1);
        for (i, pair) in points.windows(2).enumerate() {
            let [(n0, a0), (n1, a1)] = *pair else { return None };
            let shares = test.shares(a0, a1);
            let cycles: f64 = shares.iter().map(|(_, cycles)| cycles).sum();
            seen.y[i] = (cycles / (n1 - n0)).ln();
            for (j, (x, part)) in shares.into_iter().enumerate() {
                seen.x.push(x);
                seen.mean[(i, i * GAUSS.len() + j)] = part / cycles;
            }
            if i > 0 {
                by_length[(i, i)] = -1.0 / (a1 - a0);
            }
            by_length[(i, i + 1)] = 1.0 / (a1 - a0);
        }
        seen.reading = &by_length * by_length.transpose();
        seen.y.iter().all(|y| y.is_finite()).then_some(seen)
    }
}

impl RateProfile {
    /// Samples of the cycles from one length to another for a crack of which `known` was seen; in the unit of the fleet's
    /// cycles, ascending. None where the numbers break.
    #[must_use]
    pub fn remaining(&self, known: &Course, from_m: f64, to_m: f64, samples: usize, seed: u64) -> Option<Vec<f64>> {
        let test = self.test();
        let width = (to_m / from_m).ln() / STEPS as f64;
        let lengths: Vec<f64> = (0..STEPS).map(|i| from_m * (width * (i as f64 + 0.5)).exp()).collect();
        let x: Vec<f64> = lengths.iter().map(|length| test.x(*length)).collect();
        let reference: Vec<f64> = lengths
            .iter()
            .map(|length| {
                let range = test.geometry.intensity(test.range_mpa, *length);
                width * length / test.law.growth_m(range, test.stress_ratio)
            })
            .collect();
        let (mean, root) = self.conditional(Seen::new(test, known).as_ref(), &x)?;
        let mut rng = generator(seed, 0);
        let mut all: Vec<f64> = (0..samples)
            .map(|_| {
                let normals = DVector::from_fn(STEPS, |_, _| StandardNormal.sample(&mut rng));
                let level = &mean + &root * normals;
                reference.iter().zip(level.iter()).map(|(cycles, level)| cycles * (-level).exp()).sum()
            })
            .collect();
        all.sort_by(f64::total_cmp);
        all.iter().all(|cycles| cycles.is_finite()).then_some(all)
    }
}

#[cfg(test)]
mod tests;
