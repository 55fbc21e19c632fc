//! Prediction bands from errors on what was held out: quantiles of the residual, by the size of the prediction.
//!
//! Mondrian split conformal prediction (Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005): within
//! a group of predictions alike, the next error is as likely as not above any of the past ones. Residuals of one unit
//! hang together, so a group of few units claims no more than the span that it saw. Between the groups' centres the
//! bands are interpolated. They hold for units drawn like those held out, and for no others.

use serde::{Deserialize, Serialize};

use crate::estimate::metrics::quantile;

/// Probabilities of the quantiles: the 5-95 % and 10-90 % bands and the median.
pub const LEVELS: [f64; 5] = [0.05, 0.10, 0.50, 0.90, 0.95];
/// Most groups of bands that are read.
const MOST_GROUPS: usize = 1_000;

/// A prediction of something held out, and what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldOut {
    /// By what groups are made: the prediction itself, or a condition such as wind speed.
    pub key: f64,
    /// Truth minus prediction.
    pub residual: f64,
    /// The unit (engine, month) that it belongs to.
    pub unit: usize,
}

/// Residuals of predictions alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Group {
    centre: f64,
    mean: f64,
    quantiles: [f64; 5],
}

/// Bands that follow the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    groups: Vec<Group>,
}

/// What is added to a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offsets {
    /// Mean residual.
    pub mean: f64,
    /// Quantiles at [`LEVELS`].
    pub quantiles: [f64; 5],
}

impl Bands {
    /// From predictions of what was held out, in up to `groups` groups of equal count.
    ///
    /// None when there are none.
    #[must_use]
    pub fn fit(held_out: &[HeldOut], groups: usize) -> Option<Self> {
        let mut sorted: Vec<HeldOut> =
            held_out.iter().copied().filter(|one| one.key.is_finite() && one.residual.is_finite()).collect();
        sorted.sort_by(|a, b| a.key.total_cmp(&b.key).then(a.residual.total_cmp(&b.residual)));
        let size = sorted.len().div_ceil(groups.clamp(1, MOST_GROUPS)).max(1);
        let groups: Vec<Group> = sorted.chunks(size).map(group).collect();
        (!groups.is_empty()).then_some(Self { groups })
    }

    /// What to add to a prediction with this key.
    #[must_use]
    pub fn at(&self, key: f64) -> Offsets {
        let next = self.groups.partition_point(|group| group.centre < key);
        let (below, above) = (next.checked_sub(1).and_then(|at| self.groups.get(at)), self.groups.get(next));
        match (below, above) {
            (Some(below), Some(above)) => {
                let share = (key - below.centre) / (above.centre - below.centre);
                let between = |low: f64, high: f64| low + share * (high - low);
                let mut quantiles = below.quantiles;
                for (low, high) in quantiles.iter_mut().zip(above.quantiles) {
                    *low = between(*low, high);
                }
                Offsets { mean: between(below.mean, above.mean), quantiles }
            }
            (Some(only), None) | (None, Some(only)) => Offsets { mean: only.mean, quantiles: only.quantiles },
            (None, None) => Offsets { mean: f64::NAN, quantiles: [f64::NAN; 5] },
        }
    }

    /// Whether bands that were read can be used: there, bounded, in order, finite.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.groups.is_empty()
            && self.groups.len() <= MOST_GROUPS
            && self.groups.is_sorted_by(|a, b| a.centre <= b.centre)
            && self.groups.iter().all(|group| {
                group.centre.is_finite()
                    && group.mean.is_finite()
                    && group.quantiles.iter().all(|value| value.is_finite())
                    && group.quantiles.is_sorted()
            })
    }
}

fn group(members: &[HeldOut]) -> Group {
    let count = members.len().max(1) as f64;
    let mean_of = |of: fn(&HeldOut) -> f64| members.iter().map(of).sum::<f64>() / count;
    let mut units: Vec<usize> = members.iter().map(|one| one.unit).collect();
    units.sort_unstable();
    units.dedup();
    let mut residuals: Vec<f64> = members.iter().map(|one| one.residual).collect();
    residuals.sort_by(f64::total_cmp);
    Group {
        centre: mean_of(|one| one.key),
        mean: mean_of(|one| one.residual),
        quantiles: LEVELS.map(|level| conformal_quantile(&residuals, level, units.len())),
    }
}

/// The quantile of sorted residuals that the next one stays below with a probability.
///
/// Fewer units than `p / (1 - p)` have no rank for it (19 units for 95 %): then all that was seen is inside.
fn conformal_quantile(sorted: &[f64], level: f64, units: usize) -> f64 {
    let (units, count) = (units as f64, sorted.len() as f64);
    let share = if units * (1.0 - level) < level {
        1.0
    } else if units * level < 1.0 - level {
        0.0
    } else {
        0.5 + (level - 0.5) * (count + 1.0) / count
    };
    quantile(sorted, share).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Errors whose size is the key, one a unit.
    fn held_out(count: usize, seed: u64) -> Vec<HeldOut> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        (0..count)
            .map(|unit| {
                let key = random.random_range(0.0..10.0);
                HeldOut { key, residual: key * random.random_range(-1.0..1.0), unit }
            })
            .collect()
    }

    #[test]
    fn ninety_percent_of_fresh_errors_fall_into_the_band_at_each_key() {
        let bands = Bands::fit(&held_out(4_000, 1), 8).unwrap();
        let fresh = held_out(20_000, 2);
        for (low, high) in [(1.0, 3.0), (3.0, 6.0), (6.0, 9.0)] {
            let alike: Vec<&HeldOut> = fresh.iter().filter(|one| (low..high).contains(&one.key)).collect();
            let inside = alike.iter().filter(|one| {
                let [low, .., high] = bands.at(one.key).quantiles;
                (low..=high).contains(&one.residual)
            });
            let coverage = inside.count() as f64 / alike.len() as f64;
            assert!((0.87..0.94).contains(&coverage), "{low} to {high}: {coverage}");
        }
    }

    #[test]
    fn few_units_make_the_band_as_wide_as_all_that_was_seen() {
        let few: Vec<HeldOut> =
            (0..12).map(|at| HeldOut { key: 0.0, residual: f64::from(at), unit: at as usize % 6 }).collect();
        assert_eq!(Bands::fit(&few, 1).unwrap().at(0.0).quantiles, [0.0, 0.0, 5.5, 11.0, 11.0]);
    }

    #[test]
    fn nothing_makes_no_bands_and_what_is_not_in_order_is_unsound() {
        assert_eq!(Bands::fit(&[], 4), None);
        let mut bands = Bands::fit(&held_out(100, 1), 4).unwrap();
        assert!(bands.is_sound());
        bands.groups.reverse();
        assert!(!bands.is_sound());
    }
}
