//! What the assets of a fleet have in common: the prior of a new one, by empirical Bayes.
//!
//! Each calibrated asset is a measurement of itself, with the spread of its own belief. How far assets differ is the
//! moment estimator of a random-effects model (DerSimonian and Laird, Controlled Clinical Trials 7, 1986), and a new
//! asset lies where such a model predicts the next one (Higgins, Thompson, Spiegelhalter, J. R. Stat. Soc. A 172, 2009).
//!
//! It takes assets of one kind to be exchangeable: a site where all machines stand in the same salt air is not one draw
//! among many. A belief holds its own prior too, which is counted once for each asset here; for those that are
//! calibrated it says little.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::{Belief, Standing};

/// Fewest other assets: two say almost nothing of how far assets differ.
const LEAST: usize = 3;
/// Most assets: more are of no use to a mean and a spread.
const MOST: usize = 10_000;
/// Share of a standard error that is added to the spread between assets: the moment estimator is often zero where few
/// assets are known with little precision, and a prior that takes them for equal is too narrow. Simulated fleets of 3
/// to 20, with spreads of beliefs of a tenth to twice that between assets: the next asset is inside the 90 % interval
/// 88 to 100 % of the time, and 79 to 97 % without it.
const CAUTION: f64 = 0.5;
/// Level of the interval that the spread is made for.
const LEVEL: f64 = 0.95;

/// A parameter's mean and standard deviation, by id.
type Coordinates = BTreeMap<String, (f64, f64)>;

/// What is known of each asset of one kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Population {
    assets: BTreeMap<String, Coordinates>,
}

impl Population {
    /// What an asset's model believes now. One that is not calibrated says nothing, and takes back what it said.
    pub fn tell(&mut self, asset: &str, standing: &Standing, beliefs: &[Belief]) {
        let known = |belief: &Belief| {
            let (mean, spread) = belief.coordinate?;
            (mean.is_finite() && spread.is_finite() && spread > 0.0).then(|| (belief.id.to_owned(), (mean, spread)))
        };
        if !standing.calibrated {
            self.assets.remove(asset);
        } else if self.assets.len() < MOST || self.assets.contains_key(asset) {
            self.assets.insert(asset.to_owned(), beliefs.iter().filter_map(known).collect());
        }
    }

    /// Forgets an asset.
    pub fn forget(&mut self, asset: &str) {
        self.assets.remove(asset);
    }

    /// What to start an asset from (see [`super::Living::start_from`]): where it will lie, by what the *other* assets
    /// are like, as mean and standard deviation by parameter. Parameters that fewer than three others know are left
    /// out.
    #[must_use]
    pub fn prior_of(&self, asset: &str) -> Coordinates {
        let mut by_parameter: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        for (_, beliefs) in self.assets.iter().filter(|(other, _)| *other != asset) {
            for (id, coordinate) in beliefs {
                by_parameter.entry(id).or_default().push(*coordinate);
            }
        }
        by_parameter.into_iter().filter_map(|(id, known)| Some((id.to_owned(), next(&known)?))).collect()
    }

    /// An asset's parameter as it is with the others in mind: its own mean and standard deviation, shrunk towards what
    /// the others are like by how little of it is known. None where the asset or the others say nothing.
    #[must_use]
    pub fn shrunk(&self, asset: &str, parameter: &str) -> Option<(f64, f64)> {
        let (mean, spread) = *self.assets.get(asset)?.get(parameter)?;
        let (common, between) = *self.prior_of(asset).get(parameter)?;
        let own = between * between / (between * between + spread * spread);
        Some((own * mean + (1.0 - own) * common, spread * own.sqrt()))
    }
}

/// Mean and standard deviation of the next asset, so that `mean ± 1.645 deviations` is its 90 % interval.
fn next(known: &[(f64, f64)]) -> Option<(f64, f64)> {
    if known.len() < LEAST {
        return None;
    }
    let weighted = |between: f64| {
        let weights = || known.iter().map(move |(mean, spread)| (mean, 1.0 / (spread * spread + between)));
        let total: f64 = weights().map(|(_, weight)| weight).sum();
        let squares: f64 = weights().map(|(_, weight)| weight * weight).sum();
        let mean = weights().map(|(mean, weight)| mean * weight).sum::<f64>() / total;
        let heterogeneity: f64 = weights().map(|(value, weight)| weight * (value - mean).powi(2)).sum();
        (mean, total, squares, heterogeneity)
    };
    let freedom = known.len() as f64 - 1.0;
    let (_, total, squares, heterogeneity) = weighted(0.0);
    let per = total - squares / total;
    // Variance of the heterogeneity, were there no spread between assets: twice its degrees of freedom.
    let between = ((heterogeneity - freedom) / per).max(0.0) + CAUTION * (2.0 * freedom).sqrt() / per;
    let (mean, total, _, _) = weighted(between);
    // A spread that few assets tell is itself uncertain: Student's t.
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(LEVEL);
    let deviation = (between + 1.0 / total).sqrt() * t / Normal::new(0.0, 1.0).ok()?.inverse_cdf(LEVEL);
    (mean.is_finite() && deviation.is_finite() && deviation > 0.0).then_some((mean, deviation))
}

#[cfg(test)]
mod tests {
    use rand::Rng as _;
    use rand_distr::{Distribution as _, StandardNormal};

    use super::*;
    use crate::estimate::generator;
    use crate::living::Band;

    fn belief(id: &'static str, coordinate: Option<(f64, f64)>) -> Belief {
        let band = Band { p5: 0.0, p50: 0.0, p95: 0.0 };
        Belief { id, title: id, unit: "", now: band, prior: band, coordinate }
    }

    fn standing(calibrated: bool) -> Standing {
        Standing { explains: None, outside: Vec::new(), calibrated, data_until_ms: None }
    }

    fn fleet(values: &[(f64, f64)]) -> Population {
        let mut fleet = Population::default();
        for (at, value) in values.iter().enumerate() {
            fleet.tell(&at.to_string(), &standing(true), &[belief("wear", Some(*value))]);
        }
        fleet
    }

    #[test]
    fn the_next_asset_lies_in_its_90_percent_interval_nine_times_of_ten() {
        let mut rng = generator(5, 0);
        for (assets, spread) in [(3, 0.1), (3, 0.3), (4, 0.5), (5, 0.3), (10, 0.5), (20, 0.1), (20, 1.0)] {
            let (tries, mut held) = (3000, 0);
            for _ in 0..tries {
                let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
                let truth = 2.0 + 0.3 * normal();
                let values: Vec<(f64, f64)> = (0..assets)
                    .map(|_| {
                        let own = 0.3 * spread * (1.0 + 0.2 * normal()).clamp(0.5, 1.5);
                        (2.0 + 0.3 * normal() + own * normal(), own)
                    })
                    .collect();
                let (mean, deviation) = fleet(&values).prior_of("new")["wear"];
                held += usize::from((truth - mean).abs() <= 1.645 * deviation);
            }
            let share = held as f64 / f64::from(tries);
            // Standard error 0.0055.
            assert!((0.865..0.935).contains(&share), "{assets} assets, {spread}: {share}");
        }
    }

    #[test]
    fn assets_that_are_known_little_never_make_a_narrow_prior() {
        let mut rng = generator(6, 0);
        for assets in [3, 5, 10] {
            let (tries, mut held) = (2000, 0);
            for _ in 0..tries {
                let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
                let truth = normal();
                let values: Vec<(f64, f64)> = (0..assets).map(|_| (normal() + 2.0 * normal(), 2.0)).collect();
                let (mean, deviation) = fleet(&values).prior_of("new")["wear"];
                held += usize::from((truth - mean).abs() <= 1.645 * deviation);
            }
            assert!(held as f64 > 0.88 * f64::from(tries), "{assets}: {held}");
        }
    }

    #[test]
    fn the_prior_of_an_asset_does_not_know_the_asset() {
        let others = [(0.1, 0.05), (0.2, 0.05), (0.3, 0.05)];
        let far = fleet(&[others[0], others[1], others[2], (9.0, 0.05)]);
        assert_eq!(far.prior_of("3"), fleet(&others).prior_of("new"));
        assert_ne!(far.prior_of("2"), fleet(&others).prior_of("new"));
    }

    #[test]
    fn two_others_and_what_is_not_calibrated_or_not_comparable_say_nothing() {
        assert!(fleet(&[(0.1, 0.05), (0.2, 0.05)]).prior_of("new").is_empty());
        assert!(fleet(&[(0.1, 0.05), (0.2, 0.05), (0.3, 0.05)]).prior_of("0").is_empty());
        let mut fleet = fleet(&[(0.1, 0.05), (0.2, 0.05), (0.3, 0.05)]);
        assert_eq!(fleet.prior_of("new").len(), 1);
        for hostile in [None, Some((f64::NAN, 1.0)), Some((0.0, 0.0)), Some((0.0, -1.0)), Some((0.0, f64::INFINITY))] {
            fleet.tell("0", &standing(true), &[belief("wear", hostile)]);
            assert!(fleet.prior_of("new").is_empty(), "{hostile:?}");
        }
        fleet.tell("0", &standing(true), &[belief("wear", Some((0.1, 0.05)))]);
        assert_eq!(fleet.prior_of("new").len(), 1);
        fleet.tell("1", &standing(false), &[belief("wear", Some((0.2, 0.05)))]);
        assert!(fleet.prior_of("new").is_empty());
        fleet.tell("1", &standing(true), &[belief("wear", Some((0.2, 0.05)))]);
        fleet.forget("2");
        assert!(fleet.prior_of("new").is_empty());
    }

    #[test]
    fn an_asset_that_is_known_little_is_drawn_to_the_others_and_one_that_is_known_well_stays() {
        let mut rng = generator(7, 0);
        let mut values: Vec<(f64, f64)> = (0..8).map(|_| (1.0 + rng.random_range(-0.1..0.1), 0.02)).collect();
        values.extend([(3.0, 2.0), (3.0, 0.001)]);
        let fleet = fleet(&values);
        let (vague, exact) = (fleet.shrunk("8", "wear").unwrap(), fleet.shrunk("9", "wear").unwrap());
        assert!(vague.0 < 2.6 && vague.1 < 2.0, "{vague:?}");
        assert!((exact.0 - 3.0).abs() < 0.01 && exact.1 <= 0.001, "{exact:?}");
        assert_eq!((fleet.shrunk("none", "wear"), fleet.shrunk("8", "none")), (None, None));
    }

    #[test]
    fn precise_assets_weigh_more_and_equal_ones_give_their_mean() {
        let (mean, _) = fleet(&[(1.0, 0.01), (1.02, 0.01), (1.01, 0.01), (4.0, 5.0)]).prior_of("new")["wear"];
        assert!((mean - 1.01).abs() < 0.02, "{mean}");
        let (mean, deviation) = fleet(&[(2.0, 0.5); 6]).prior_of("new")["wear"];
        assert!((mean - 2.0).abs() < 1e-12 && deviation > 0.0 && deviation < 0.7, "{mean} {deviation}");
    }
}
