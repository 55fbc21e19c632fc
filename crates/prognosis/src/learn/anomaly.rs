//! Anomalies: what the operating conditions and the usual ways of moving together do not explain.
//!
//! Condition-normalised residuals, their principal components from healthy rows, and two distances of a row: T²
//! within the usual directions (Hotelling), Q outside of them (Jackson and Mudholkar, Technometrics 21, 1979), both of
//! the row itself and of its exponentially weighted mean (Lowry and others, Technometrics 34, 1992), which sees small
//! lasting shifts. Contributions say which signal (Alcala and Qin, Automatica 45, 2009).
//!
//! The rate of false alarms is that of independent, normally distributed residuals. Residuals of slow machines hang
//! together in time and alarm more often: take a row an hour or a day there, and check the rate on healthy data.
//! It says what is unusual, not what is wrong, and calls usual whatever it was trained on.

use nalgebra::{DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, FisherSnedecor, Normal};

use super::conditions::Conditions;

/// Share of the variance that the usual directions have to explain.
const EXPLAINED: f64 = 0.9;
/// Weight of the newest row in the mean: sees shifts of about one standard deviation (Lowry and others, table 1).
const NEWEST: f64 = 0.1;
/// Variance, of one, below which there is nothing outside the usual directions but rounding.
const NOTHING: f64 = 1e-9;

/// What is usual for one kind of machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    conditions: Conditions,
    /// Which signals vary, of those given.
    signals: Vec<usize>,
    /// Principal directions, one row each, and the variance along them.
    directions: Vec<Vec<f64>>,
    variances: Vec<f64>,
    t2_limit: f64,
    /// None where all variance is in the usual directions.
    q_limit: Option<f64>,
}

/// The weighted mean of one machine's residuals.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Smoothed {
    mean: Vec<f64>,
    /// Share of the start that is still in the mean's variance: `(1 - λ)^(2 t)`.
    rest: f64,
}

/// Distances as shares of their limits: above one is unusual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Distances {
    /// Within the usual directions.
    pub t2: f64,
    /// Outside of them.
    pub q: f64,
}

impl Smoothed {
    /// Whether one that was read can be used.
    pub(crate) fn is_sound(&self, signals: usize) -> bool {
        self.mean.len() <= signals && self.mean.iter().all(|v| v.is_finite()) && (0.0..=1.0).contains(&self.rest)
    }
}

impl Distances {
    /// Whether either is above its limit.
    #[must_use]
    pub fn unusual(self) -> bool {
        self.t2 > 1.0 || self.q > 1.0
    }
}

/// What one row says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Of the row itself.
    pub now: Distances,
    /// Of the weighted mean of the rows until now.
    pub lasting: Distances,
    /// Share of each signal given in the lasting distance; they sum to one, zero for a signal that never varied.
    pub contributions: Vec<f64>,
    /// Whether the conditions are inside what it was trained on; outside, a distance may be the regression's fault.
    pub inside: bool,
}

impl Usual {
    /// From rows of healthy operation, so that a healthy row is unusual with probability `false_alarms` (0 to 1).
    ///
    /// None when there are fewer than ten complete rows a signal, when nothing varies, or when the probability is none.
    #[must_use]
    pub fn train<R: AsRef<[f64]>, S: AsRef<[f64]>>(conditions: &[R], signals: &[S], false_alarms: f64) -> Option<Self> {
        if !(false_alarms > 0.0 && false_alarms < 1.0) {
            return None;
        }
        let fitted = Conditions::fit(conditions, signals)?;
        let varying: Vec<usize> =
            fitted.spreads().iter().enumerate().filter(|(_, spread)| **spread > 0.0).map(|(at, _)| at).collect();
        let rows: Vec<Vec<f64>> = conditions
            .iter()
            .zip(signals)
            .map(|(conditions, signals)| pick(&fitted.residuals(conditions.as_ref(), signals.as_ref()), &varying))
            .filter(|row| row.iter().all(|value| value.is_finite()))
            .collect();
        let (count, width) = (rows.len() as f64, varying.len());
        if width == 0 || rows.len() < 10 * width.max(2) {
            return None;
        }
        let matrix = DMatrix::from_fn(rows.len(), width, |row, column| {
            rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0)
        });
        let eigen = SymmetricEigen::new(matrix.tr_mul(&matrix) / count);
        let mut sorted: Vec<(f64, Vec<f64>)> = eigen
            .eigenvalues
            .iter()
            .zip(eigen.eigenvectors.column_iter())
            .map(|(value, vector)| (value.max(0.0), vector.iter().copied().collect()))
            .collect();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let total: f64 = sorted.iter().map(|(variance, _)| variance).sum();
        let mut explained = 0.0;
        let kept = sorted.iter().take_while(|(variance, _)| {
            let wanted = explained < EXPLAINED * total && *variance > NOTHING;
            explained += variance;
            wanted
        });
        // At least one direction is left outside: a single signal has Q alone.
        let kept = kept.count().min(width - 1);
        let outside: Vec<f64> = sorted.iter().skip(kept).map(|(variance, _)| *variance).collect();
        // Two limits, each with half of the false alarms.
        let each = 1.0 - false_alarms / 2.0;
        let (variances, directions) = sorted.into_iter().take(kept).unzip();
        let (t2_limit, q_limit) = (t2_limit(kept as f64, count, each)?, q_limit(&outside, each));
        Some(Self { conditions: fitted, signals: varying, directions, variances, t2_limit, q_limit })
    }

    /// What a row says, after the rows that `smoothed` has seen. None, and nothing learnt, where the row has a gap.
    #[must_use]
    pub fn judge(&self, smoothed: &mut Smoothed, conditions: &[f64], signals: &[f64]) -> Option<Finding> {
        let row = pick(&self.conditions.residuals(conditions, signals), &self.signals);
        if row.iter().any(|value| !value.is_finite()) {
            return None;
        }
        if smoothed.mean.len() != row.len() {
            *smoothed = Smoothed { mean: vec![0.0; row.len()], rest: 1.0 };
        }
        for (mean, value) in smoothed.mean.iter_mut().zip(&row) {
            *mean += NEWEST * (value - *mean);
        }
        smoothed.rest *= (1.0 - NEWEST).powi(2);
        // The mean, scaled to the variance of a single row, has the limits of one (Lowry and others, equation 3).
        let scale = ((2.0 - NEWEST) / (NEWEST * (1.0 - smoothed.rest))).sqrt();
        let lasting: Vec<f64> = smoothed.mean.iter().map(|mean| scale * mean).collect();
        let (lasting, by_signal) = self.distances(&lasting);
        let mut contributions = vec![0.0; self.conditions.spreads().len()];
        let sum: f64 = by_signal.iter().sum();
        for (at, share) in self.signals.iter().zip(&by_signal) {
            if let Some(contribution) = contributions.get_mut(*at) {
                *contribution = if sum > 0.0 { share / sum } else { 0.0 };
            }
        }
        let (now, _) = self.distances(&row);
        Some(Finding { now, lasting, contributions, inside: self.conditions.covers(conditions) })
    }

    /// Whether one that was read can be used.
    pub(crate) fn is_sound(&self, conditions: usize, signals: usize) -> bool {
        let above_zero = |value: &f64| value.is_finite() && *value > 0.0;
        self.conditions.is_sound(conditions, signals)
            && self.signals.len() <= signals
            && self.signals.iter().all(|at| *at < signals)
            && self.directions.len() == self.variances.len()
            && self.directions.iter().all(|row| row.len() == self.signals.len() && row.iter().all(|v| v.is_finite()))
            && self.variances.iter().chain([&self.t2_limit]).chain(&self.q_limit).all(above_zero)
    }

    /// Distances of a row of residuals, and how much of T² / limit + Q / limit (Yue and Qin, Ind. Eng. Chem. Res. 40,
    /// 2001) goes away when one signal takes its most usual value given the others: its reconstruction-based
    /// contribution, the largest for the signal of a large fault in one signal (Alcala and Qin, equations 13 and 24).
    fn distances(&self, row: &[f64]) -> (Distances, Vec<f64>) {
        let per_q = self.q_limit.map_or(0.0, |limit| 1.0 / limit);
        let mut outside = row.to_vec();
        // The gradient of the sum, and its curvature along each signal.
        let mut gradient = vec![0.0; row.len()];
        let mut curvature = vec![per_q; row.len()];
        let mut t2 = 0.0;
        for (direction, variance) in self.directions.iter().zip(&self.variances) {
            let score: f64 = direction.iter().zip(row).map(|(a, b)| a * b).sum();
            let per_t2 = 1.0 / (variance * self.t2_limit);
            t2 += score * score * per_t2;
            let each = outside.iter_mut().zip(&mut gradient).zip(&mut curvature).zip(direction);
            for (((outside, gradient), curvature), along) in each {
                *outside -= score * along;
                *gradient += score * along * per_t2;
                *curvature += along * along * (per_t2 - per_q);
            }
        }
        let q = per_q * outside.iter().map(|value| value * value).sum::<f64>();
        let contributions = outside
            .iter()
            .zip(&gradient)
            .zip(&curvature)
            .map(|((outside, gradient), curvature)| (gradient + outside * per_q).powi(2) / curvature.max(NOTHING))
            .collect();
        (Distances { t2, q }, contributions)
    }
}

fn pick(values: &[f64], which: &[usize]) -> Vec<f64> {
    which.iter().map(|at| values.get(*at).copied().unwrap_or(f64::NAN)).collect()
}

/// Limit of T² for a new row (Jackson, A User's Guide to Principal Components, 1991, equation 1.7.5): an F quantile.
fn t2_limit(directions: f64, rows: f64, level: f64) -> Option<f64> {
    if directions < 0.5 {
        return Some(1.0);
    }
    let quantile = FisherSnedecor::new(directions, rows - directions).ok()?.inverse_cdf(level);
    Some(directions * (rows * rows - 1.0) / (rows * (rows - directions)) * quantile)
}

/// Limit of Q from the variances outside the usual directions (Jackson and Mudholkar 1979, equation 3.4).
fn q_limit(outside: &[f64], level: f64) -> Option<f64> {
    let theta = |power: i32| outside.iter().map(|variance| variance.powi(power)).sum::<f64>();
    let (one, two, three) = (theta(1), theta(2), theta(3));
    if one < NOTHING {
        return None;
    }
    let h = 1.0 - 2.0 * one * three / (3.0 * two * two);
    let normal = Normal::new(0.0, 1.0).ok()?.inverse_cdf(level);
    let base = 1.0 + normal * (2.0 * two * h * h).sqrt() / one + two * h * (h - 1.0) / (one * one);
    let limit = one * base.max(0.0).powf(1.0 / h);
    (limit.is_finite() && limit > 0.0).then_some(limit)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    /// Six signals of a machine under load: two hidden causes, a load that bends, noise, and a signal that is constant.
    fn healthy(count: usize, seed: u64) -> (Vec<[f64; 1]>, Vec<[f64; 6]>) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        (0..count)
            .map(|_| {
                let load: f64 = random.random_range(0.2..1.0);
                let mut normal = || random.sample::<f64, _>(StandardNormal);
                let (heat, flow) = (normal(), normal());
                let signals = [
                    40.0 + 30.0 * load * load + 2.0 * heat + 0.5 * normal(),
                    50.0 + 20.0 * load + 1.5 * heat + 0.5 * normal(),
                    5.0 - load + 0.3 * flow + 0.1 * normal(),
                    7.0 * load + 0.7 * flow + 0.2 * normal(),
                    1.0 + 0.3 * normal(),
                    3.0,
                ];
                ([load], signals)
            })
            .unzip()
    }

    fn trained() -> Usual {
        let (conditions, signals) = healthy(5_000, 1);
        Usual::train(&conditions, &signals, 0.01).unwrap()
    }

    #[test]
    fn healthy_rows_are_unusual_as_often_as_was_asked() {
        let usual = trained();
        let (conditions, signals) = healthy(20_000, 2);
        let mut smoothed = Smoothed::default();
        let (mut now, mut lasting) = (0, 0);
        for (conditions, signals) in conditions.iter().zip(&signals) {
            let finding = usual.judge(&mut smoothed, conditions, signals).unwrap();
            now += usize::from(finding.now.unusual());
            lasting += usize::from(finding.lasting.unusual());
        }
        // 200 of 20,000 rows; the means of neighbouring rows hang together, so their count spreads more.
        assert!((140..=270).contains(&now), "{now}");
        assert!((100..=320).contains(&lasting), "{lasting}");
    }

    #[test]
    fn a_lasting_shift_is_found_within_forty_rows_and_in_the_signal_that_shifted() {
        let usual = trained();
        // Shifts of one standard deviation of the signal's residual; the others stay as they are.
        for (signal, shift) in [(0, 2.1), (1, -1.6), (2, 0.32), (3, 0.73), (4, 0.3)] {
            let (conditions, mut signals) = healthy(300, 10 + signal as u64);
            signals.iter_mut().skip(200).for_each(|row| row[signal] += shift);
            let mut smoothed = Smoothed::default();
            let findings: Vec<Finding> = conditions
                .iter()
                .zip(&signals)
                .map(|(conditions, signals)| usual.judge(&mut smoothed, conditions, signals).unwrap())
                .collect();
            let after = findings.iter().skip(200).position(|finding| finding.lasting.unusual());
            assert!(after.is_some_and(|rows| rows < 40), "signal {signal}: {after:?}");
            let last = findings.last().unwrap();
            let largest = last.contributions.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            assert!(last.lasting.unusual() && largest.0 == signal, "signal {signal}: {last:?}");
            assert!((last.contributions.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn load_is_no_anomaly_and_a_load_never_seen_is_said() {
        let usual = trained();
        let judge = |load: f64| {
            let signals = [40.0 + 30.0 * load * load, 50.0 + 20.0 * load, 5.0 - load, 7.0 * load, 1.0, 3.0];
            usual.judge(&mut Smoothed::default(), &[load], &signals).unwrap()
        };
        for load in [0.2, 0.6, 1.0] {
            let finding = judge(load);
            assert!(!finding.now.unusual() && finding.inside, "{load}: {finding:?}");
        }
        assert!(!judge(1.5).inside);
    }

    #[test]
    fn a_gap_is_not_judged_and_leaves_the_mean_alone() {
        let usual = trained();
        let mut smoothed = Smoothed::default();
        let row = [60.0, 60.0, 4.0, 4.0, 1.0, 3.0];
        let _ = usual.judge(&mut smoothed, &[0.6], &row);
        let before = smoothed.clone();
        assert_eq!(usual.judge(&mut smoothed, &[0.6], &[f64::NAN; 6]), None);
        assert_eq!(usual.judge(&mut smoothed, &[], &row), None);
        assert_eq!(smoothed, before);
    }

    #[test]
    fn limits_agree_with_the_chi_square_distribution() {
        // One variance outside: Q is chi-square with one degree of freedom, 95 % at 3.841 (Wilson-Hilferty within 2 %).
        assert!((q_limit(&[1.0], 0.95).unwrap() / 3.841 - 1.0).abs() < 0.03);
        // Ten equal ones: 18.307.
        assert!((q_limit(&[1.0; 10], 0.95).unwrap() / 18.307 - 1.0).abs() < 0.01);
        // Many rows: T² with three directions is chi-square, 7.815.
        assert!((t2_limit(3.0, 1e6, 0.95).unwrap() / 7.815 - 1.0).abs() < 0.01);
    }

    #[test]
    fn what_cannot_be_learnt_from_gives_nothing() {
        let (conditions, signals) = healthy(20, 1);
        assert_eq!(Usual::train(&conditions, &signals, 0.01), None, "too few rows");
        let (conditions, signals) = healthy(200, 1);
        assert_eq!(Usual::train(&conditions, &signals, 0.0), None);
        assert_eq!(Usual::train(&conditions, &vec![[1.0]; 200], 0.01), None, "nothing varies");
    }
}
