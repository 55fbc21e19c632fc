//! The spread of a mean over units: bootstrap of the units, because predictions of one unit hang together.

use rand::Rng as _;

use super::report::Spread;
use crate::estimate::generator;
use crate::estimate::metrics::{mean, quantile};

/// Rounds of the bootstrap.
const ROUNDS: usize = 2000;

/// Mean of all values, and its 5 to 95 % when the units (each a list of values) are drawn anew (Efron 1979, Ann. Stat. 7).
/// No spread of fewer than three units; nothing of no values.
#[must_use]
pub(crate) fn mean_with_spread(units: &[Vec<f64>]) -> Option<(f64, Option<Spread>, usize)> {
    statistic_with_spread(units, |values| mean(values.iter().copied()))
}

/// The same for any statistic of all values.
#[must_use]
pub(crate) fn statistic_with_spread(
    units: &[Vec<f64>],
    statistic: impl Fn(&[f64]) -> Option<f64>,
) -> Option<(f64, Option<Spread>, usize)> {
    let full: Vec<&Vec<f64>> = units.iter().filter(|unit| !unit.is_empty()).collect();
    let all: Vec<f64> = full.iter().flat_map(|unit| unit.iter().copied()).collect();
    let value = statistic(&all)?;
    if full.len() < 3 {
        return Some((value, None, all.len()));
    }
    let mut rng = generator(1979, 0);
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .filter_map(|_| {
            let drawn: Vec<f64> = (0..full.len())
                .filter_map(|_| full.get(rng.random_range(0..full.len())))
                .flat_map(|unit| unit.iter().copied())
                .collect();
            statistic(&drawn)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    let spread = quantile(&rounds, 0.05).zip(quantile(&rounds, 0.95)).map(|(p5, p95)| Spread { p5, p95 });
    Some((value, spread, all.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_a_mean_is_that_of_its_standard_error() {
        // 200 units of one value each, of variance 1/12: 5 to 95 % is 3.29 standard errors wide.
        let units: Vec<Vec<f64>> = (0..200).map(|i| vec![(f64::from(i) + 0.5) / 200.0]).collect();
        let (mean, spread, count) = mean_with_spread(&units).unwrap();
        let spread = spread.unwrap();
        let expected = 3.29 * (1.0 / 12.0 / 200.0_f64).sqrt();
        assert!((mean - 0.5).abs() < 1e-12 && count == 200);
        assert!(((spread.p95 - spread.p5) / expected - 1.0).abs() < 0.1, "{spread:?} {expected}");
    }

    #[test]
    fn units_that_hang_together_spread_more_than_their_values() {
        let units: Vec<Vec<f64>> = (0..20).map(|i| vec![f64::from(i % 2); 50]).collect();
        let spread = mean_with_spread(&units).unwrap().1.unwrap();
        assert!(spread.p95 - spread.p5 > 0.25, "{spread:?}");
    }

    #[test]
    fn two_units_have_no_spread_and_no_values_no_mean() {
        assert_eq!(mean_with_spread(&[vec![1.0], vec![3.0], vec![]]), Some((2.0, None, 2)));
        assert_eq!(mean_with_spread(&[vec![]]), None);
    }
}
