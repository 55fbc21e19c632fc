//! Remaining life from one monitored index and its threshold: drift with a random walk, and when it first arrives.
//!
//! A Wiener process with drift, seen with noise (Whitmore, Lifetime Data Analysis 1, 1995), each by its likelihood. What is wild
//! is measured from the median of all pairwise slopes (Theil 1950; Sen, J. Am. Stat. Assoc. 63, 1968) and cut, so a few
//! such readings do not bend it. The time to a threshold has the inverse Gaussian law (Chhikara and Folks, The Inverse Gaussian Distribution, 1989),
//! here averaged over what is not known of level and drift.
//!
//! It goes on as it went: it knows no acceleration, no load to come, no repair. Where the drift may lead away, some of
//! the probability never arrives, and a quantile beyond that is none. Time and index are in units of the caller's.

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

use crate::estimate::metrics::quantile;

/// Fewest readings: each of three figures needs some.
const LEAST: usize = 8;
/// Readings that slopes are taken between; more are thinned evenly, since pairs grow with the square.
const MOST_PAIRED: usize = 300;
/// Readings off by more than so many robust standard deviations of a change are cut: they are faults of the sensor.
const WILD: f64 = 4.0;
/// Standard deviation of normal values for one median absolute deviation.
const PER_MAD: f64 = 1.4826;
/// How much less than the readings the drift is known before them, in variances: nothing.
const UNKNOWN: f64 = 1e4;
/// Variances of the walk between two readings that are tried, in variances of the noise: from a walk that 30 readings
/// hide to noise that none show, half a power of ten apart.
const RATIOS: [f64; 11] = [1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
/// Points of the average over the drift and over the level.
const POINTS: usize = 17;
/// How far these reach, in standard deviations.
const FARTHEST: f64 = 4.0;

/// What an index does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Index at the last reading, noise taken out.
    pub level: f64,
    /// Standard deviation of the level.
    pub level_spread: f64,
    /// Change of the index by time.
    pub drift: f64,
    /// Standard deviation of the drift.
    pub drift_spread: f64,
    /// Standard deviation of the walk after a unit of time.
    pub diffusion: f64,
    /// Standard deviation of the reading's noise.
    pub noise: f64,
    /// How many readings it comes from.
    pub readings: usize,
}

impl Trend {
    /// From readings (time, index), times rising. Readings that are not finite are left out.
    ///
    /// None when there are fewer than eight, or when times do not rise.
    #[must_use]
    pub fn fit(readings: &[(f64, f64)]) -> Option<Self> {
        let readings: Vec<(f64, f64)> =
            readings.iter().copied().filter(|(time, index)| time.is_finite() && index.is_finite()).collect();
        let ((first, _), (last, _)) = (*readings.first()?, *readings.last()?);
        if readings.len() < LEAST || !readings.is_sorted_by(|a, b| a.0 < b.0) {
            return None;
        }
        let drift = median_slope(&readings)?;
        let mut sizes: Vec<f64> = readings
            .windows(2)
            .filter_map(|pair| match pair {
                [(t0, x0), (t1, x1)] => Some((x1 - x0 - drift * (t1 - t0)).abs()),
                _ => None,
            })
            .collect();
        sizes.sort_by(f64::total_cmp);
        let most = WILD * PER_MAD * quantile(&sizes, 0.5)?;
        let (count, span) = (readings.len() as f64, last - first);
        let step = span / (count - 1.0);
        let walks: Vec<Walk> =
            RATIOS.iter().map(|ratio| Walk::filtered(&readings, drift, ratio / step, most)).collect();
        // Every ratio of walk to noise by its likelihood: few readings do not tell them apart.
        let best = walks.iter().map(|walk| walk.likelihood).fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = walks.iter().map(|walk| (walk.likelihood - best).exp()).collect();
        let mean = |of: &dyn Fn(&Walk) -> f64| -> f64 {
            let sum: f64 = walks.iter().zip(&weights).map(|(walk, weight)| of(walk) * weight).sum();
            sum / weights.iter().sum::<f64>()
        };
        let (level, drift) = (mean(&|walk| walk.level), mean(&|walk| walk.drift));
        let trend = Self {
            level,
            level_spread: mean(&|walk| walk.level_variance + (walk.level - level).powi(2)).sqrt(),
            drift,
            drift_spread: mean(&|walk| walk.drift_variance + (walk.drift - drift).powi(2)).sqrt(),
            diffusion: mean(&|walk| walk.diffusion).max(f64::MIN_POSITIVE).sqrt(),
            noise: mean(&|walk| walk.noise).sqrt(),
            readings: readings.len(),
        };
        let all = [trend.level, trend.level_spread, trend.drift, trend.drift_spread, trend.diffusion];
        all.iter().all(|value| value.is_finite()).then_some(trend)
    }

    /// When the index first reaches a threshold, from above or from below.
    #[must_use]
    pub fn passage(&self, threshold: f64) -> Passage {
        let towards = if threshold >= self.level { 1.0 } else { -1.0 };
        Passage { trend: *self, distance: towards * (threshold - self.level), towards }
    }
}

/// The time from the last reading to a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    trend: Trend,
    distance: f64,
    towards: f64,
}

impl Passage {
    /// Probability that the threshold is reached within a time.
    #[must_use]
    pub fn probability_by(&self, time: f64) -> f64 {
        let trend = &self.trend;
        let middle = POINTS / 2;
        // Their spreads are estimates themselves: Student's t, with a degree of freedom less for level and drift.
        let freedom = trend.readings.saturating_sub(2).max(1) as f64;
        let density = |at: f64| (1.0 + at * at / freedom).powf(-0.5 * (freedom + 1.0));
        let point = |i: usize| FARTHEST * (i as f64 - middle as f64) / middle as f64;
        let (mut sum, mut weights) = (0.0, 0.0);
        for of_drift in (0..POINTS).map(point) {
            for of_level in (0..POINTS).map(point) {
                let weight = density(of_drift) * density(of_level);
                let distance = self.distance + of_level * trend.level_spread;
                let drift = self.towards * trend.drift + of_drift * trend.drift_spread;
                sum += weight * first_passage(distance, drift, trend.diffusion, time);
                weights += weight;
            }
        }
        sum / weights
    }

    /// The time within which the threshold is reached with a probability; none where that is beyond the horizon.
    #[must_use]
    pub fn quantile(&self, probability: f64, horizon: f64) -> Option<f64> {
        let reached = horizon > 0.0 && horizon.is_finite() && self.probability_by(horizon) >= probability;
        if !reached {
            return None;
        }
        let (mut low, mut high) = (0.0, horizon);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.probability_by(middle) < probability { low = middle } else { high = middle }
        }
        Some(high)
    }
}

/// Probability that a walk with drift covers a distance within a time: the inverse Gaussian law, defective where the
/// drift leads away (Chhikara and Folks 1989, equation 2.13; Cox and Miller 1965, section 5.7).
#[must_use]
pub fn first_passage(distance: f64, drift: f64, diffusion: f64, time: f64) -> f64 {
    if distance <= 0.0 {
        return 1.0;
    }
    if time.is_nan() || time <= 0.0 {
        return 0.0;
    }
    let spread = diffusion * time.sqrt();
    let direct = normal((drift * time - distance) / spread);
    // A large exponential times a small tail: their logarithms add.
    let reflected =
        (2.0 * drift * distance / (diffusion * diffusion) + ln_normal((-distance - drift * time) / spread)).exp();
    let sum = direct + reflected;
    if sum.is_nan() { direct } else { sum.clamp(0.0, 1.0) }
}

fn normal(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// Logarithm of the normal distribution, far into its lower tail too.
fn ln_normal(z: f64) -> f64 {
    if z > -10.0 {
        normal(z).ln()
    } else {
        // Mills' ratio in three terms: within 2e-5 here.
        let square = z * z;
        -0.5 * (square + std::f64::consts::TAU.ln()) - (-z).ln() + (-1.0 / square + 3.0 / (square * square)).ln_1p()
    }
}

/// Median of the slopes between all pairs.
fn median_slope(readings: &[(f64, f64)]) -> Option<f64> {
    let step = readings.len().div_ceil(MOST_PAIRED).max(1);
    let thinned: Vec<(f64, f64)> = readings.iter().copied().step_by(step).collect();
    let mut slopes: Vec<f64> = Vec::with_capacity(thinned.len() * thinned.len() / 2);
    for (at, (t0, x0)) in thinned.iter().enumerate() {
        slopes.extend(thinned.iter().skip(at + 1).map(|(t1, x1)| (x1 - x0) / (t1 - t0)));
    }
    slopes.sort_by(f64::total_cmp);
    quantile(&slopes, 0.5)
}

/// The walk for one ratio of its variance to the noise's.
struct Walk {
    likelihood: f64,
    diffusion: f64,
    noise: f64,
    level: f64,
    level_variance: f64,
    drift: f64,
    drift_variance: f64,
}

impl Walk {
    /// Kalman filter of level and drift from a first guess of the drift; its likelihood with the scale that fits
    /// best, and with the drift unknown before. A reading further off than `most` counts as that far.
    fn filtered(readings: &[(f64, f64)], drift: f64, ratio: f64, most: f64) -> Self {
        let (first, _) = readings.first().copied().unwrap_or_default();
        let (last, _) = readings.last().copied().unwrap_or_default();
        let (span, changes) = (last - first, readings.len().saturating_sub(1).max(1) as f64);
        let unknown = UNKNOWN * (ratio / span + 12.0 / (changes * span * span));
        let (mut before, mut level) = readings.first().copied().unwrap_or_default();
        let mut drift = drift;
        // Covariance of level and drift in units of the noise's variance.
        let (mut of_level, mut of_both, mut of_drift) = (1.0, 0.0, unknown);
        let (mut squares, mut logs) = (0.0, -unknown.ln());
        for (time, index) in readings.iter().skip(1) {
            let step = time - before;
            let ahead = of_level + step * (2.0 * of_both + step * of_drift) + ratio * step;
            let both = of_both + step * of_drift;
            let expected = level + drift * step;
            let surprise = index - expected;
            let surprise = if most > 0.0 { surprise.clamp(-most, most) } else { surprise };
            squares += surprise * surprise / (ahead + 1.0);
            logs += (ahead + 1.0).ln();
            let (gain, gain_of_drift) = (ahead / (ahead + 1.0), both / (ahead + 1.0));
            (before, level) = (*time, expected + gain * surprise);
            drift += gain_of_drift * surprise;
            (of_level, of_both, of_drift) = (gain, both * (1.0 - gain), of_drift - gain_of_drift * both);
        }
        // One change is spent on the drift.
        let freedom = (changes - 1.0).max(1.0);
        let noise = squares / freedom;
        // A line without any spread: every ratio is as likely.
        let scale = if noise > 0.0 { freedom * noise.ln() } else { 0.0 };
        Self {
            likelihood: -0.5 * (scale + logs),
            diffusion: ratio * noise,
            noise,
            level,
            level_variance: of_level * noise,
            drift,
            drift_variance: of_drift.max(0.0) * noise,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn walk(drift: f64, diffusion: f64, steps: usize, seed: u64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut level = 0.0;
        (0..steps)
            .map(|_| {
                level += drift + diffusion * random.sample::<f64, _>(StandardNormal);
                level
            })
            .collect()
    }

    #[test]
    fn the_law_is_the_one_that_walks_show() {
        // Distance 20, drift 0.5: mean 40, and by Wald variance distance × diffusion² / drift³ = 160.
        let (mut sum, mut square, step) = (0.0, 0.0, 0.1);
        for at in 0..4_000 {
            let time = (f64::from(at) + 0.5) * step;
            let share =
                first_passage(20.0, 0.5, 1.0, time + step / 2.0) - first_passage(20.0, 0.5, 1.0, time - step / 2.0);
            sum += share * time;
            square += share * time * time;
        }
        assert!((sum - 40.0).abs() < 0.05 && (square - sum * sum - 160.0).abs() < 1.0, "{sum} {square}");
        // Away from the threshold it never comes, but with exp(-2 × 0.5 × 3).
        assert!((first_passage(3.0, -0.5, 1.0, 1e6) - (-3.0_f64).exp()).abs() < 1e-6);
        // Without drift: twice the tail of the normal distribution (the reflection principle); 1 sigma: 0.3173.
        assert!((first_passage(2.0, 0.0, 1.0, 4.0) - 0.317_31).abs() < 1e-4);
        // A walk of almost nothing arrives on time.
        assert!(first_passage(20.0, 0.5, 1e-3, 39.9) < 1e-6 && first_passage(20.0, 0.5, 1e-3, 40.1) > 1.0 - 1e-6);
    }

    /// Share of 400 walks, seen for some steps with noise, whose arrival at a threshold is inside the 90 % band, and
    /// share that arrives after the median.
    fn held(seen: usize, threshold: f64) -> (f64, f64) {
        let (mut held, mut late) = (0_usize, 0_usize);
        for seed in 0..400 {
            let path = walk(0.5, 0.7, 1_500, seed);
            let arrival = path.iter().position(|level| *level >= threshold).unwrap();
            let mut random = ChaCha8Rng::seed_from_u64(10_000 + seed);
            let readings: Vec<(f64, f64)> = path
                .iter()
                .take(seen)
                .enumerate()
                .map(|(at, level)| (at as f64, level + random.sample::<f64, _>(StandardNormal)))
                .collect();
            let left = arrival as f64 - (seen as f64 - 1.0);
            let at = Trend::fit(&readings).unwrap().passage(threshold).probability_by(left);
            held += usize::from((0.05..=0.95).contains(&at));
            late += usize::from(at > 0.5);
        }
        (held as f64 / 400.0, late as f64 / 400.0)
    }

    #[test]
    fn the_90_percent_band_holds_nine_walks_of_ten() {
        for (seen, threshold) in [(150, 150.0), (40, 60.0), (20, 40.0)] {
            let (held, late) = held(seen, threshold);
            // 400 walks: standard errors of 1.5 % and 2.5 %.
            assert!((0.85..0.95).contains(&held), "{seen} readings: {held}");
            assert!((0.42..0.58).contains(&late), "{seen} readings: {late}");
        }
    }

    #[test]
    fn noise_is_told_from_the_walk() {
        let path = walk(0.1, 0.3, 3_000, 5);
        let mut random = ChaCha8Rng::seed_from_u64(6);
        let seen: Vec<(f64, f64)> = (0..)
            .zip(&path)
            .map(|(at, level)| (f64::from(at), level + random.sample::<f64, _>(StandardNormal)))
            .collect();
        let trend = Trend::fit(&seen).unwrap();
        assert!((trend.noise - 1.0).abs() < 0.1 && (trend.diffusion - 0.3).abs() < 0.1, "{trend:?}");
    }

    #[test]
    fn a_few_wild_readings_do_not_bend_it() {
        let clean: Vec<(f64, f64)> =
            walk(0.5, 0.2, 100, 3).into_iter().enumerate().map(|(at, x)| (at as f64, x)).collect();
        let mut wild = clean.clone();
        for at in [10, 40, 41, 77, 99] {
            wild[at].1 += 500.0;
        }
        let (clean, wild) = (Trend::fit(&clean).unwrap(), Trend::fit(&wild).unwrap());
        assert!(
            (clean.drift - wild.drift).abs() < 0.05 && (clean.level - wild.level).abs() < 3.0,
            "{clean:?} {wild:?}"
        );
    }

    #[test]
    fn what_never_comes_is_beyond_the_horizon() {
        let falling: Vec<(f64, f64)> =
            walk(-0.5, 0.3, 100, 1).into_iter().enumerate().map(|(at, x)| (at as f64, x)).collect();
        let trend = Trend::fit(&falling).unwrap();
        assert_eq!(trend.passage(50.0).quantile(0.05, 10_000.0), None);
        let down = trend.passage(-100.0);
        let (early, late) = (down.quantile(0.05, 10_000.0).unwrap(), down.quantile(0.95, 10_000.0).unwrap());
        assert!(0.0 < early && early < 100.0 && 100.0 < late, "{early} {late}");
        assert_eq!(down.quantile(0.95, early), None, "beyond a nearer horizon");
        assert_eq!(trend.passage(trend.level).quantile(0.4, 10.0).map(f64::round), Some(0.0), "already there");
    }

    #[test]
    fn too_little_and_times_that_go_back_are_no_trend() {
        let line: Vec<(f64, f64)> = (0..8).map(|at| (f64::from(at), f64::from(at))).collect();
        assert!(Trend::fit(&line).is_some_and(|trend| (trend.drift - 1.0).abs() < 1e-12));
        assert_eq!(Trend::fit(&line[..7]), None);
        let mut back = line.clone();
        back.swap(2, 3);
        assert_eq!(Trend::fit(&back), None);
        assert_eq!(Trend::fit(&vec![(f64::NAN, 1.0); 20]), None);
    }
}
