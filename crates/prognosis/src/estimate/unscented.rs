//! Unscented Kalman filter in square-root form (van der Merwe and Wan 2001, The square-root unscented Kalman filter for
//! state and parameter estimation, ICASSP), for the states and parameters of a [`Model`] together.
//!
//! Invariants: mean and root are finite after every call, whatever came in; the covariance is root · rootᵀ and so never
//! negative. Where an update breaks (no Cholesky factor, numbers that are not finite) the filter widens itself, and
//! where that does not help it starts again from its prior. It tells so in [`Recovery`] and never panics.

mod stored;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::consistency::chi_square_quantile;
use super::model::{Model, Noise, Prior, Scale, generator};
use super::particles::Ensemble;
use rand_distr::{Distribution as _, StandardNormal};

/// How the sigma points lie (Julier and Uhlmann 2004, Proc. IEEE 92; Wan and van der Merwe 2000).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How far out, 0.1 to 1.
    pub alpha: f64,
    /// What is known of the distribution; 2 for a normal one.
    pub beta: f64,
    /// The rest; `None` is 3 − n, with which the fourth moments of a normal distribution are right.
    pub kappa: Option<f64>,
}

impl Default for Spread {
    fn default() -> Self {
        Self { alpha: 1.0, beta: 2.0, kappa: None }
    }
}

/// What it took to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recovery {
    /// Nothing.
    None,
    /// The covariance was made larger until it had a factor again; the mean is the one that was computed.
    Widened,
    /// All that was learned is lost: mean and covariance are the prior's.
    Reset,
}

/// What an update found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Innovation {
    /// Normalised innovation squared: chi-square with as many degrees of freedom as measurements, if the model is right.
    pub squared: f64,
    /// Measurements that were used.
    pub measurements: usize,
    /// Whether it lies below the 95 % of chi-square.
    pub expected: bool,
    /// Logarithm of the density of the measurements before they came.
    pub log_likelihood: f64,
    /// What it took.
    pub recovery: Recovery,
}

/// A measurement of one output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measurement {
    /// Which output.
    pub output: usize,
    /// Its value.
    pub value: f64,
    /// Standard deviation of the noise.
    pub deviation: f64,
}

/// The filter: mean and lower triangular root of the covariance, in the coordinates of each quantity's [`Scale`].
/// Serialize it to let it survive a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "stored::Stored", try_from = "stored::Stored")]
pub struct Unscented {
    scales: Vec<Scale>,
    states: usize,
    spread: Spread,
    mean: DVector<f64>,
    root: DMatrix<f64>,
    prior: (DVector<f64>, DMatrix<f64>),
}

/// Sigma points as columns, with the weights of the mean and of the covariance.
struct Points {
    columns: DMatrix<f64>,
    centre: (f64, f64),
    other: f64,
}

impl Unscented {
    /// Starts from the priors; a quantity without one starts at its scale's zero, known exactly.
    #[must_use]
    pub fn new<M: Model>(model: &M, states: &[Prior], parameters: &[Prior], spread: Spread) -> Self {
        let nothing = Prior { median: 0.0, deviation: 0.0 };
        let rows = |priors: &[Prior], count: usize| -> Vec<Prior> {
            (0..count).map(|i| priors.get(i).copied().unwrap_or(nothing)).collect()
        };
        let priors = [rows(states, model.states().len()), rows(parameters, model.parameters().len())].concat();
        let scales: Vec<Scale> =
            model.states().iter().chain(model.parameters()).map(|quantity| quantity.scale).collect();
        let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
        let mean = DVector::from_iterator(
            priors.len(),
            priors.iter().zip(&scales).map(|(prior, scale)| finite(scale.inward(prior.median))),
        );
        let deviations =
            DVector::from_iterator(priors.len(), priors.iter().map(|prior| finite(prior.deviation).abs().max(1e-12)));
        let root = DMatrix::from_diagonal(&deviations);
        Self {
            scales,
            states: model.states().len(),
            spread,
            mean: mean.clone(),
            root: root.clone(),
            prior: (mean, root),
        }
    }

    /// Whether it belongs to this model: to be asked of one that was read from outside.
    #[must_use]
    pub fn fits<M: Model>(&self, model: &M) -> bool {
        self.states == model.states().len()
            && model.states().iter().chain(model.parameters()).map(|q| q.scale).eq(self.scales.iter().copied())
    }

    /// Median of a quantity, states first, and its standard deviation in the coordinate of its scale.
    #[must_use]
    pub fn quantity(&self, index: usize) -> Option<(f64, f64)> {
        let mean = self.mean.get(index)?;
        let variance: f64 = self.root.row_iter().nth(index)?.iter().map(|x| x * x).sum();
        Some((self.scales.get(index)?.outward(*mean), variance.sqrt()))
    }

    /// Mean and standard deviation of a linear combination of the coordinates.
    #[must_use]
    pub fn combination(&self, weights: &[f64]) -> (f64, f64) {
        let mean = self.mean.iter().zip(weights).map(|(m, w)| m * w).sum();
        let variance: f64 = self
            .root
            .column_iter()
            .map(|column| column.iter().zip(weights).map(|(r, w)| r * w).sum::<f64>().powi(2))
            .sum();
        (mean, variance.sqrt())
    }

    /// Lets `dt` pass under a load.
    pub fn predict<M: Model>(&mut self, model: &M, load: &M::Load, dt: f64) -> Recovery {
        let mut points = self.points();
        for mut column in points.columns.column_iter_mut() {
            let mut all = self.outward(column.as_slice());
            let (state, parameters) = all.split_at_mut(self.states);
            model.step(state, parameters, load, dt, 1.0, &mut Noise::none());
            for (place, (value, scale)) in column.iter_mut().zip(state.iter().zip(&self.scales)) {
                *place = scale.inward(*value);
            }
        }
        let mean = points.mean();
        let mut noise = vec![0.0; self.states];
        model.process_deviation(dt, &mut noise);
        noise.resize(self.scales.len(), 0.0);
        let (root, widened) = points.root(&mean, &DMatrix::from_diagonal(&DVector::from_vec(noise)));
        self.accept(mean, root, widened)
    }

    /// Learns measurements; those whose value or deviation is not usable are left out.
    pub fn update<M: Model>(&mut self, model: &M, load: &M::Load, measurements: &[Measurement]) -> Innovation {
        let used: Vec<Measurement> = measurements
            .iter()
            .filter(|m| {
                m.value.is_finite() && m.deviation.is_finite() && m.deviation > 0.0 && m.output < model.outputs()
            })
            .copied()
            .collect();
        let count = used.len();
        let mut innovation = Innovation {
            squared: 0.0,
            measurements: count,
            expected: true,
            log_likelihood: 0.0,
            recovery: Recovery::None,
        };
        if count == 0 {
            return innovation;
        }
        let points = self.points();
        let mut out = vec![0.0; model.outputs()];
        let mut seen = Points { columns: DMatrix::zeros(count, points.columns.ncols()), ..points };
        for (column, mut predicted) in points.columns.column_iter().zip(seen.columns.column_iter_mut()) {
            let all = self.outward(column.as_slice());
            let (state, parameters) = all.split_at(self.states);
            model.output(state, parameters, load, &mut out);
            for (place, m) in predicted.iter_mut().zip(&used) {
                *place = out.get(m.output).copied().unwrap_or(f64::NAN);
            }
        }
        let expected = seen.mean();
        let noise = DMatrix::from_diagonal(&DVector::from_iterator(count, used.iter().map(|m| m.deviation)));
        let (root, widened) = seen.root(&expected, &noise);
        let gap = DVector::from_iterator(count, used.iter().map(|m| m.value)) - &expected;
        let (Some(root), Some(whitened)) = (root.clone(), root.and_then(|root| root.solve_lower_triangular(&gap)))
        else {
            innovation.expected = false;
            innovation.squared = f64::INFINITY;
            innovation.log_likelihood = f64::NEG_INFINITY;
            innovation.recovery = self.reset();
            return innovation;
        };
        innovation.squared = whitened.norm_squared();
        innovation.expected = innovation.squared <= chi_square_quantile(0.95, count as f64);
        let logs: f64 = root.diagonal().iter().map(|d| d.abs().ln()).sum();
        innovation.log_likelihood = -0.5 * (innovation.squared + count as f64 * std::f64::consts::TAU.ln()) - logs;

        // Gain times root, U = Pxy R⁻ᵀ: from R Uᵀ = Pxyᵀ.
        let across = points.across(&self.mean, &seen, &expected);
        let mut recovery = if widened { Recovery::Widened } else { Recovery::None };
        let Some(shift) = root.solve_lower_triangular(&across.transpose()).map(|turned| turned.transpose()) else {
            innovation.recovery = self.reset();
            return innovation;
        };
        let mean = &self.mean + &shift * whitened;
        let mut narrowed = Some(self.root.clone());
        for column in shift.column_iter() {
            narrowed = narrowed.and_then(|root| rank_one(root, column.into_owned(), -1.0));
        }
        let mut widened = false;
        if narrowed.is_none() {
            narrowed = factor(&self.root * self.root.transpose() - &shift * shift.transpose());
            widened = narrowed.is_some();
            // The prediction's covariance is one, if a wide one.
            if narrowed.is_none() {
                narrowed = Some(self.root.clone());
                widened = true;
            }
        }
        recovery = recovery.max(self.accept(mean, narrowed, widened));
        innovation.recovery = recovery;
        innovation
    }

    /// Adds variance to one coordinate: something happened to it that the model does not know.
    pub fn loosen(&mut self, index: usize, deviation: f64) {
        let mut direction = DVector::zeros(self.mean.len());
        if let (Some(place), true) = (direction.get_mut(index), deviation.is_finite()) {
            *place = deviation;
            if let Some(root) = rank_one(self.root.clone(), direction, 1.0) {
                self.root = root;
            }
        }
    }

    /// Forgets a quantity: it is as this prior says, and what was known of how it hangs together with the others is gone.
    /// For a part that was replaced.
    pub fn forget(&mut self, index: usize, prior: Prior) {
        let (Some(scale), Some(mean)) = (self.scales.get(index).copied(), self.mean.get_mut(index)) else { return };
        let coordinate = scale.inward(prior.median);
        if !(coordinate.is_finite() && prior.deviation.is_finite()) {
            return;
        }
        *mean = coordinate;
        let mut covariance = &self.root * self.root.transpose();
        covariance.row_mut(index).fill(0.0);
        covariance.column_mut(index).fill(0.0);
        if let Some(own) = covariance.get_mut((index, index)) {
            *own = prior.deviation.abs().max(1e-12).powi(2);
        }
        if let Some(root) = factor(covariance) {
            self.root = root;
        }
    }

    /// Equally likely copies to predict from.
    #[must_use]
    pub fn ensemble(&self, count: usize, seed: u64) -> Ensemble {
        let mut rng = generator(seed, u64::MAX);
        let mut ensemble = Ensemble { states: Vec::new(), parameters: Vec::new(), log_rates: vec![0.0; count] };
        for _ in 0..count {
            let normals = DVector::from_fn(self.mean.len(), |_, _| StandardNormal.sample(&mut rng));
            let all = self.outward((&self.mean + &self.root * normals).as_slice());
            let (state, parameters) = all.split_at(self.states);
            ensemble.states.extend(state);
            ensemble.parameters.extend(parameters);
        }
        ensemble
    }

    fn outward(&self, coordinates: &[f64]) -> Vec<f64> {
        coordinates.iter().zip(&self.scales).map(|(value, scale)| scale.outward(*value)).collect()
    }

    fn points(&self) -> Points {
        let n = self.mean.len();
        let size = n as f64;
        let Spread { alpha, beta, kappa } = self.spread;
        // n + lambda, kept above zero so that there is a root.
        let reach = (alpha * alpha * (size + kappa.unwrap_or(3.0 - size))).max(1e-6);
        let step = reach.sqrt();
        let columns = DMatrix::from_fn(n, 2 * n + 1, |row, column| {
            let mean = self.mean[row];
            match column {
                0 => mean,
                c if c <= n => mean + step * self.root[(row, c - 1)],
                c => mean - step * self.root[(row, c - 1 - n)],
            }
        });
        let centre = (reach - size) / reach;
        Points { columns, centre: (centre, centre + 1.0 - alpha * alpha + beta), other: 0.5 / reach }
    }

    fn accept(&mut self, mean: DVector<f64>, root: Option<DMatrix<f64>>, widened: bool) -> Recovery {
        match root {
            Some(root) if mean.iter().chain(root.iter()).all(|x| x.is_finite()) => {
                (self.mean, self.root) = (mean, root);
                if widened { Recovery::Widened } else { Recovery::None }
            }
            _ => self.reset(),
        }
    }

    fn reset(&mut self) -> Recovery {
        (self.mean, self.root) = self.prior.clone();
        Recovery::Reset
    }
}

impl Points {
    fn mean(&self) -> DVector<f64> {
        let mut mean = DVector::zeros(self.columns.nrows());
        for (i, column) in self.columns.column_iter().enumerate() {
            mean.axpy(if i == 0 { self.centre.0 } else { self.other }, &column, 1.0);
        }
        mean
    }

    /// Root of the covariance about `mean` plus noise · noiseᵀ, and whether it had to be widened to have one.
    fn root(&self, mean: &DVector<f64>, noise: &DMatrix<f64>) -> (Option<DMatrix<f64>>, bool) {
        let (rows, points) = (self.columns.nrows(), self.columns.ncols());
        let weight = self.other.sqrt();
        // Rows under each other, transposed: Rᵀ R is their sum of squares.
        let stack = DMatrix::from_fn(points - 1 + rows, rows, |row, column| {
            if row + 1 < points {
                weight * (self.columns[(column, row + 1)] - mean[column])
            } else {
                noise[(column, row + 1 - points)]
            }
        });
        if !stack.iter().all(|x| x.is_finite()) {
            return (None, false);
        }
        let mut root = stack.qr().r().transpose();
        // A factor with positive diagonal.
        for mut column in root.column_iter_mut() {
            let flip = column.iter().find(|x| **x != 0.0).is_some_and(|first| *first < 0.0);
            if flip {
                column.neg_mut();
            }
        }
        let centre = (self.columns.column(0) - mean) * self.centre.1.abs().sqrt();
        match rank_one(root.clone(), centre.clone(), self.centre.1.signum()) {
            Some(root) => (Some(root), false),
            None if self.centre.1 < 0.0 => {
                let less = &root * root.transpose() - &centre * centre.transpose();
                // Without the middle point the covariance is larger, and it has a root already.
                (factor(less).or(Some(root)), true)
            }
            None => (None, false),
        }
    }

    /// Covariance between these points and others.
    fn across(&self, mean: &DVector<f64>, seen: &Self, expected: &DVector<f64>) -> DMatrix<f64> {
        let mut sum = DMatrix::zeros(self.columns.nrows(), seen.columns.nrows());
        for (i, (a, b)) in self.columns.column_iter().zip(seen.columns.column_iter()).enumerate() {
            let weight = if i == 0 { self.centre.1 } else { self.other };
            sum.ger(weight, &(a - mean), &(b - expected), 1.0);
        }
        sum
    }
}

/// Root of L Lᵀ + sign · x xᵀ, if that has one (Golub and Van Loan 2013, section 6.5.4).
fn rank_one(mut root: DMatrix<f64>, mut x: DVector<f64>, sign: f64) -> Option<DMatrix<f64>> {
    let n = root.nrows();
    for k in 0..n {
        let diagonal = root[(k, k)];
        let squared = diagonal * diagonal + sign * x[k] * x[k];
        if squared.is_nan() || squared < 0.0 || (sign < 0.0 && squared <= 1e-14 * diagonal * diagonal) {
            return None;
        }
        let r = squared.sqrt();
        if diagonal == 0.0 || r == 0.0 {
            // A direction that was known exactly: it takes over what is added.
            if x[k] == 0.0 {
                continue;
            }
            if sign < 0.0 {
                return None;
            }
            root[(k, k)] = r;
            for i in k + 1..n {
                root[(i, k)] = x[i] * x[k].signum();
                x[i] = 0.0;
            }
            continue;
        }
        let (c, s) = (r / diagonal, x[k] / diagonal);
        root[(k, k)] = r;
        for i in k + 1..n {
            root[(i, k)] = (root[(i, k)] + sign * s * x[i]) / c;
            x[i] = c * x[i] - s * root[(i, k)];
        }
    }
    Some(root)
}

/// Cholesky factor after adding the least of the diagonal that makes one, up to its own size.
fn factor(covariance: DMatrix<f64>) -> Option<DMatrix<f64>> {
    let even = 0.5 * (&covariance + covariance.transpose());
    let sizes = DMatrix::from_diagonal(&even.diagonal().map(|d| d.abs().max(1e-24)));
    [1e-9, 1e-6, 1e-3, 1.0].into_iter().find_map(|share| (&even + share * &sizes).cholesky().map(|c| c.l()))
}

#[cfg(test)]
mod tests;
