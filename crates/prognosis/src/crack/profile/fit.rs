//! The fleet's part of the profile: scales by maximum likelihood, common curve by generalised least squares.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::{Course, Seen, Test};
use crate::estimate::simplex::minimize;

/// Distance of the nodes of the common curve, in x; a third of what the prior believes of its length.
const NODE: f64 = 0.14;
/// Evaluations of the likelihood: it is flat to 1 % of a scale after some 250 for seven of them.
const EVALUATIONS: usize = 300;
/// Scales before the data, as medians, and the standard deviations of their logarithms \[E\], in the order of [`Scales`].
/// The level is what is known best: in the middle of Virkler's test it differs by 0.065 between specimens (by their m
/// 2.816 ± 0.167, ln C −22.993 ± 0.405 and the correlation of −0.988, at 12 MPa √m).
/// A training set that is a selection, such as the first to fail, differs less than the specimens to come, and would
/// say that what a specimen shows of itself means nothing.
const PRIOR: [(f64, f64); 7] = [(0.07, 0.3), (0.1, 1.0), (0.05, 1.0), (0.1, 1.0), (3e-5, 1.0), (0.1, 1.0), (0.4, 1.0)];

/// The scales.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scales {
    /// Own level and slope, standard deviations.
    level: f64,
    slope: f64,
    /// Own wandering: standard deviation, and length in x.
    wander: f64,
    memory: f64,
    /// Error of one length, m.
    reading_m: f64,
    /// Common curve: standard deviation, and length in x.
    curve: f64,
    smooth: f64,
}

impl Scales {
    fn from_logs(logs: &[f64]) -> Option<Self> {
        let &[level, slope, wander, memory, reading_m, curve, smooth] = logs else { return None };
        let [level, slope, wander, memory, reading_m, curve, smooth] =
            [level, slope, wander, memory, reading_m, curve, smooth].map(f64::exp);
        Some(Self { level, slope, wander, memory, reading_m, curve, smooth })
    }

    /// Covariance of a specimen's own part.
    fn own(&self, a: &[f64], b: &[f64]) -> DMatrix<f64> {
        DMatrix::from_fn(a.len(), b.len(), |i, j| {
            let (x, z) = (a[i], b[j]);
            self.level.powi(2) + self.slope.powi(2) * x * z + self.wander.powi(2) * (-(x - z).abs() / self.memory).exp()
        })
    }

    /// Of what is seen: means over parts, errors of lengths, and a trace that keeps it definite.
    fn seen(&self, seen: &Seen) -> DMatrix<f64> {
        let own = &seen.mean * self.own(&seen.x, &seen.x) * seen.mean.transpose();
        own + self.reading_m.powi(2) * &seen.reading + 1e-8 * DMatrix::identity(seen.y.len(), seen.y.len())
    }
}

/// Information on the coefficients: precision, and precision times mean.
#[derive(Debug, Clone)]
struct Information {
    precision: DMatrix<f64>,
    moment: DVector<f64>,
}

/// A fleet's growth rates, ready to predict one more crack.
#[derive(Debug, Clone)]
pub struct RateProfile {
    test: Test,
    scales: Scales,
    nodes: Vec<f64>,
    all: Information,
    each: Vec<Information>,
}

impl RateProfile {
    /// Learns from courses in one test up to a length of `longest_m`. None of fewer than two, or where the numbers break.
    #[must_use]
    pub fn fit(test: &Test, courses: &[Course], longest_m: f64) -> Option<Self> {
        let seen: Vec<Seen> = courses.iter().filter_map(|course| Seen::new(test, course)).collect();
        if seen.len() < 2 || seen.len() < courses.len() {
            return None;
        }
        let least = seen.iter().flat_map(|one| &one.x).copied().fold(f64::INFINITY, f64::min);
        let most = seen.iter().flat_map(|one| &one.x).copied().fold(test.x(longest_m), f64::max);
        let count = ((most - least) / NODE).ceil().clamp(1.0, 60.0) as usize + 1;
        let nodes: Vec<f64> = (0..count).map(|i| least + NODE * i as f64).collect();
        let rows: Vec<DMatrix<f64>> = seen.iter().map(|one| &one.mean * basis(&nodes, &one.x)).collect();

        let start = PRIOR.map(|(median, _)| median.ln());
        let cost = |logs: &[f64]| {
            let prior: f64 = logs
                .iter()
                .zip(start)
                .zip(PRIOR)
                .map(|((log, m), (_, deviation))| ((log - m) / deviation).powi(2))
                .sum();
            Scales::from_logs(logs)
                .and_then(|scales| learn(&scales, &nodes, &seen, &rows))
                .map_or(f64::INFINITY, |(_, _, twice)| 0.5 * (twice + prior))
        };
        let scales = Scales::from_logs(&minimize(cost, &start, 0.4, EVALUATIONS, 0.01))?;
        let (all, each, _) = learn(&scales, &nodes, &seen, &rows)?;
        Some(Self { test: *test, scales, nodes, all, each })
    }

    pub(super) fn test(&self) -> &Test {
        &self.test
    }

    /// The fleet without one of its courses, with the same scales: how it would have predicted that one.
    #[must_use]
    pub fn without(&self, index: usize) -> Option<Self> {
        let mut rest = self.clone();
        let own = rest.each.get(index)?;
        rest.all.precision -= &own.precision;
        rest.all.moment -= &own.moment;
        rest.each.remove(index);
        Some(rest)
    }

    /// Mean and root of the covariance of the logarithm of the rate over the reference at `x`, for a specimen of which
    /// something was seen, or nothing.
    pub(super) fn conditional(&self, seen: Option<&Seen>, x: &[f64]) -> Option<(DVector<f64>, DMatrix<f64>)> {
        let fleet = Cholesky::new(self.all.precision.clone())?;
        let coefficients = fleet.solve(&self.all.moment);
        let rows = basis(&self.nodes, x);
        let spread = fleet.solve(&rows.transpose());
        let mut mean = &rows * &coefficients;
        let mut covariance = self.scales.own(x, x) + &rows * &spread;
        if let Some(seen) = seen {
            let known = &seen.mean * basis(&self.nodes, &seen.x);
            let across = self.scales.own(x, &seen.x) * seen.mean.transpose() + spread.transpose() * known.transpose();
            let among = self.scales.seen(seen) + &known * fleet.solve(&known.transpose());
            let among = Cholesky::new(among)?;
            mean += &across * among.solve(&(&seen.y - known * coefficients));
            covariance -= &across * among.solve(&across.transpose());
        }
        let even = 0.5 * (&covariance + covariance.transpose());
        let trace = DMatrix::from_diagonal_element(x.len(), x.len(), 1e-9);
        Some((mean, Cholesky::new(even + trace)?.l()))
    }
}

/// Level, slope, and hats at the nodes.
fn basis(nodes: &[f64], x: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(x.len(), nodes.len() + 2, |i, j| match j {
        0 => 1.0,
        1 => x[i],
        j => (1.0 - (x[i] - nodes[j - 2]).abs() / NODE).max(0.0),
    })
}

/// Information on the coefficients from all and from each, and twice the negative logarithm of the likelihood.
fn learn(
    scales: &Scales,
    nodes: &[f64],
    seen: &[Seen],
    rows: &[DMatrix<f64>],
) -> Option<(Information, Vec<Information>, f64)> {
    let curve = DMatrix::from_fn(nodes.len(), nodes.len(), |i, j| {
        let r = 3_f64.sqrt() * (nodes[i] - nodes[j]).abs() / scales.smooth;
        scales.curve.powi(2) * (1.0 + r) * (-r).exp() + if i == j { 1e-8 } else { 0.0 }
    });
    let curve = Cholesky::new(curve)?;
    let size = nodes.len() + 2;
    let mut all = Information { precision: DMatrix::zeros(size, size), moment: DVector::zeros(size) };
    // The level is not known at all, the exponent to about ±1 of the reference law's.
    all.precision[(0, 0)] = 1e-6;
    all.precision[(1, 1)] = 1.0;
    all.precision.view_mut((2, 2), (nodes.len(), nodes.len())).copy_from(&curve.inverse());
    let mut twice = log_determinant(&curve);
    let mut each = Vec::with_capacity(seen.len());
    for (one, rows) in seen.iter().zip(rows) {
        let noise = Cholesky::new(scales.seen(one))?;
        let solved = noise.solve(rows);
        let own = Information { precision: rows.transpose() * &solved, moment: solved.transpose() * &one.y };
        twice += log_determinant(&noise) + one.y.dot(&noise.solve(&one.y));
        all.precision += &own.precision;
        all.moment += &own.moment;
        each.push(own);
    }
    let fleet = Cholesky::new(all.precision.clone())?;
    twice += log_determinant(&fleet) - all.moment.dot(&fleet.solve(&all.moment));
    twice.is_finite().then_some((all, each, twice))
}

fn log_determinant(factor: &Cholesky<f64, Dyn>) -> f64 {
    2.0 * factor.l_dirty().diagonal().iter().map(|d| d.ln()).sum::<f64>()
}
