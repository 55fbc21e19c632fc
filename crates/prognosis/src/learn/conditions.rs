//! What the operating conditions explain of each signal, and the rest: condition-normalised residuals.
//!
//! Least squares on the conditions, their squares and products. It takes out load and weather; it does not know
//! delays (a temperature that follows the load an hour later stays in the residual), nor what it has not seen:
//! outside the conditions it was fitted on, a square grows without limit.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Most conditions that get squares and products; more get straight lines only, or the terms outgrow the data.
const MOST_CURVED: usize = 8;
/// Share of a variance that is added to the normal equations, so that conditions that move together do no harm.
const RIDGE: f64 = 1e-6;

/// A fitted regression of every signal on the conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Index, mean and spread of each condition that is not constant.
    used: Vec<(usize, f64, f64)>,
    /// Least and most of every condition.
    ranges: Vec<[f64; 2]>,
    /// Coefficients of the terms, one row a signal.
    coefficients: Vec<Vec<f64>>,
    /// Standard deviation of each signal's residual, in the signal's unit; zero where the signal is constant.
    spreads: Vec<f64>,
}

impl Conditions {
    /// Fits signals on conditions, one row a moment. Rows with a gap are left out.
    ///
    /// None when there are no complete rows, or fewer than twice the terms.
    #[must_use]
    pub fn fit<R: AsRef<[f64]>, S: AsRef<[f64]>>(conditions: &[R], signals: &[S]) -> Option<Self> {
        let finite = |row: &[f64]| row.iter().all(|value| value.is_finite());
        let rows: Vec<(&[f64], &[f64])> = conditions
            .iter()
            .zip(signals)
            .map(|(conditions, signals)| (conditions.as_ref(), signals.as_ref()))
            .filter(|(conditions, signals)| finite(conditions) && finite(signals))
            .collect();
        let (first_conditions, first_signals) = rows.first()?;
        let (width, outputs) = (first_conditions.len(), first_signals.len());
        if rows.iter().any(|(conditions, signals)| conditions.len() != width || signals.len() != outputs) {
            return None;
        }
        let used: Vec<(usize, f64, f64)> = (0..width)
            .filter_map(|at| {
                let column = || rows.iter().filter_map(|(conditions, _)| conditions.get(at).copied());
                let (mean, spread) = mean_and_spread(column());
                (spread > constant_below(mean)).then_some((at, mean, spread))
            })
            .collect();
        let ranges = (0..width)
            .map(|at| {
                let column = rows.iter().filter_map(|(conditions, _)| conditions.get(at).copied());
                column.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
            })
            .collect();
        let mut fitted = Self { used, ranges, coefficients: Vec::new(), spreads: Vec::new() };
        let terms: Vec<Vec<f64>> = rows.iter().map(|(conditions, _)| fitted.terms(conditions)).collect();
        let count = terms.first()?.len();
        if rows.len() < 2 * count {
            return None;
        }
        let mut normal = DMatrix::zeros(count, count);
        let mut right = DMatrix::zeros(count, outputs);
        for (terms, (_, signals)) in terms.iter().zip(&rows) {
            let terms = DVector::from_column_slice(terms);
            normal.ger(1.0, &terms, &terms, 1.0);
            right.ger(1.0, &terms, &DVector::from_column_slice(signals), 1.0);
        }
        for at in 1..count {
            if let Some(diagonal) = normal.get_mut((at, at)) {
                *diagonal += RIDGE * rows.len() as f64;
            }
        }
        let solution = normal.cholesky()?.solve(&right);
        fitted.coefficients = solution.column_iter().map(|column| column.iter().copied().collect()).collect();
        fitted.spreads = (0..outputs)
            .map(|output| {
                let rest = terms
                    .iter()
                    .zip(&rows)
                    .filter_map(|(terms, (_, signals))| Some(signals.get(output)? - fitted.expected(output, terms)));
                let (_, spread) = mean_and_spread(rest);
                let (mean, _) = mean_and_spread(rows.iter().filter_map(|(_, signals)| signals.get(output).copied()));
                if spread > constant_below(mean) { spread } else { 0.0 }
            })
            .collect();
        Some(fitted)
    }

    /// Residuals of the signals in their standard deviations; zero for a signal that was constant, a gap where the
    /// signal or a condition is one.
    #[must_use]
    pub fn residuals(&self, conditions: &[f64], signals: &[f64]) -> Vec<f64> {
        let terms = self.terms(conditions);
        self.spreads
            .iter()
            .enumerate()
            .map(|(output, spread)| {
                let signal = signals.get(output).copied().unwrap_or(f64::NAN);
                if *spread > 0.0 { (signal - self.expected(output, &terms)) / spread } else { 0.0 }
            })
            .collect()
    }

    /// Standard deviation of each signal's residual; zero where the signal was constant.
    #[must_use]
    pub fn spreads(&self) -> &[f64] {
        &self.spreads
    }

    /// Whether conditions are inside the ranges it was fitted on, give or take a twentieth of each.
    #[must_use]
    pub fn covers(&self, conditions: &[f64]) -> bool {
        conditions.len() == self.ranges.len()
            && self.ranges.iter().zip(conditions).all(|([low, high], value)| {
                let margin = 0.05 * (high - low) + constant_below(*high);
                (low - margin..=high + margin).contains(value)
            })
    }

    /// Whether one that was read can be used.
    #[must_use]
    pub fn is_sound(&self, conditions: usize, signals: usize) -> bool {
        let terms = self.terms(&vec![0.0; conditions]).len();
        self.used.iter().all(|(at, mean, spread)| *at < conditions && mean.is_finite() && *spread > 0.0)
            && self.ranges.len() == conditions
            && self.ranges.iter().flatten().all(|value| value.is_finite())
            && self.spreads.len() == signals
            && self.spreads.iter().all(|spread| spread.is_finite() && *spread >= 0.0)
            && self.coefficients.len() == signals
            && self.coefficients.iter().all(|row| row.len() == terms && row.iter().all(|value| value.is_finite()))
    }

    fn expected(&self, output: usize, terms: &[f64]) -> f64 {
        self.coefficients.get(output).map_or(0.0, |row| row.iter().zip(terms).map(|(a, b)| a * b).sum())
    }

    fn terms(&self, conditions: &[f64]) -> Vec<f64> {
        let standard: Vec<f64> = self
            .used
            .iter()
            .map(|(at, mean, spread)| (conditions.get(*at).copied().unwrap_or(f64::NAN) - mean) / spread)
            .collect();
        let mut terms = vec![1.0];
        terms.extend(&standard);
        if standard.len() <= MOST_CURVED {
            for (at, one) in standard.iter().enumerate() {
                terms.extend(standard.iter().skip(at).map(|other| one * other));
            }
        }
        terms
    }
}

/// A spread that is rounding, not variation.
fn constant_below(mean: f64) -> f64 {
    1e-9 * mean.abs() + 1e-12
}

/// Mean and standard deviation; zeros of nothing.
pub(crate) fn mean_and_spread(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / count;
    (mean, (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_follows_the_conditions_leaves_nothing() {
        // Six operating regimes, as in C-MAPSS FD002, and a signal that is a quadratic of them.
        let regimes = [
            [0.0, 0.0, 100.0],
            [10.0, 0.25, 100.0],
            [20.0, 0.7, 100.0],
            [25.0, 0.62, 60.0],
            [35.0, 0.84, 100.0],
            [42.0, 0.84, 100.0],
        ];
        let conditions: Vec<[f64; 3]> = (0..120).map(|i| regimes[i % 6]).collect();
        let signals: Vec<[f64; 2]> = conditions
            .iter()
            .zip(0..)
            .map(|([a, b, c], i)| [500.0 + a * b - 0.01 * c * c + 0.1 * (f64::from(i / 6 % 2) - 0.5), 7.0])
            .collect();
        let fitted = Conditions::fit(&conditions, &signals).unwrap();
        assert!((fitted.spreads()[0] - 0.05).abs() < 0.01, "{:?}", fitted.spreads());
        assert_eq!(fitted.spreads()[1], 0.0, "a constant");
        let residuals = fitted.residuals(&conditions[0], &[signals[0][0] + 0.5, 9.0]);
        assert!((residuals[0] - 9.0).abs() < 2.0, "{residuals:?}");
        assert_eq!(residuals[1], 0.0);
        assert!(fitted.is_sound(3, 2) && !fitted.is_sound(2, 2));
    }

    #[test]
    fn a_gap_stays_a_gap_and_too_few_rows_fit_nothing() {
        let fitted = Conditions::fit(&[[]; 10], &(0..10).map(|i| [f64::from(i)]).collect::<Vec<_>>()).unwrap();
        assert!(fitted.residuals(&[], &[f64::NAN])[0].is_nan());
        assert!(Conditions::fit(&[[1.0]; 1], &[[1.0]; 1]).is_none());
    }
}
