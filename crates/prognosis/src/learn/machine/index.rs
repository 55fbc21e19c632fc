//! The signal that ends the life, as a short row of means, and what its trend says of the time to come.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::config::{Config, READINGS, TrendTo};
use crate::learn::trend::Trend;
use crate::living::Band;

/// Most readings that are kept: one more than the past holds.
pub(super) const MOST: usize = READINGS as usize + 2;
/// Fewest readings before anything is said.
const LEAST: usize = 16;
/// Samples of a remaining life.
pub(super) const SAMPLES: usize = 400;
/// Points at which the law of the remaining life is computed, a fixed factor from one to the next.
const POINTS: usize = 160;
/// The first of them, as a share of the horizon.
const FIRST: f64 = 1e-4;
/// Share of the readings that are held against the trend of those before, and how many deviations they may be off.
const LATEST: usize = 4;
const OFF: f64 = 3.0;

/// Means of a signal over equal times.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Index {
    /// Hours of ageing at the middle, and the mean.
    pub(super) readings: Vec<(f64, f64)>,
    /// Of the reading that is not complete: where it begins, sums of time and value, rows.
    open: Option<(f64, f64, f64, f64)>,
}

impl Index {
    /// Takes the mean of a row that ends at `at_h` and spans `hours`.
    pub(super) fn take(&mut self, at_h: f64, hours: f64, value: f64, config: &Config) {
        let middle = at_h - 0.5 * hours;
        let (from, time, sum, rows) = self.open.unwrap_or((at_h - hours, 0.0, 0.0, 0.0));
        let (time, sum, rows) = (time + middle, sum + value, rows + 1.0);
        if at_h - from < config.reading_h() * (1.0 - 1e-9) {
            self.open = Some((from, time, sum, rows));
            return;
        }
        self.open = None;
        self.readings.push((time / rows, sum / rows));
        let oldest = at_h - config.past_h();
        let gone = self.readings.iter().take_while(|(time, _)| *time < oldest).count();
        self.readings.drain(..gone.max(self.readings.len().saturating_sub(MOST)));
    }

    pub(super) fn is_sound(&self) -> bool {
        let open = self.open.map_or([0.0; 4], |(a, b, c, d)| [a, b, c, d]);
        self.readings.len() <= MOST
            && self.readings.iter().all(|(time, value)| time.is_finite() && value.is_finite())
            && open.iter().all(|value| value.is_finite())
    }

    pub(super) fn trend(&self) -> Option<Trend> {
        Trend::fit(&self.readings).filter(|trend| trend.readings >= LEAST)
    }

    /// Whether the last quarter of the readings is where the trend of those before leads to.
    pub(super) fn goes_on(&self) -> Option<bool> {
        let split = self.readings.len() - self.readings.len() / LATEST;
        let (before, last) = self.readings.split_at_checked(split)?;
        let trend = Trend::fit(before).filter(|trend| trend.readings >= LEAST)?;
        let count = last.len() as f64;
        let mean = last.iter().map(|(_, value)| value).sum::<f64>() / count;
        let ahead = last.iter().map(|(time, _)| time).sum::<f64>() / count - before.last()?.0;
        let spread = (spread(&trend, ahead).powi(2) + trend.noise * trend.noise / count).sqrt();
        let off = (mean - trend.level - trend.drift * ahead).abs();
        Some(off <= OFF * spread)
    }
}

/// Standard deviation of the index some hours after the last reading, noise not counted.
fn spread(trend: &Trend, ahead: f64) -> f64 {
    let parts = [trend.level_spread, trend.drift_spread * ahead, trend.diffusion * ahead.max(0.0).sqrt()];
    parts.iter().map(|part| part * part).sum::<f64>().sqrt()
}

/// Where the index is some hours after the last reading, or, with `noise`, what is read then.
pub(super) fn ahead(trend: &Trend, hours: f64, noise: bool) -> Option<Band> {
    let freedom = trend.readings.saturating_sub(2).max(1) as f64;
    let far = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.95);
    let noise = if noise { trend.noise } else { 0.0 };
    let half = far * spread(trend, hours).hypot(noise);
    let middle = trend.level + trend.drift * hours;
    (half.is_finite() && middle.is_finite()).then_some(Band { p5: middle - half, p50: middle, p95: middle + half })
}

/// Samples of the hours from now to the threshold, ascending; `since` hours ago was the last reading.
pub(super) fn life(trend: &Trend, to: &TrendTo, since: f64, horizon: f64) -> Vec<f64> {
    let left = if to.rising { to.threshold - trend.level } else { trend.level - to.threshold };
    if left <= 0.0 {
        return vec![0.0; SAMPLES];
    }
    let passage = trend.passage(to.threshold);
    let until = horizon + since;
    let mut law = vec![(0.0, passage.probability_by(0.0))];
    for at in 0..=POINTS {
        let time = until * FIRST.powf(1.0 - at as f64 / POINTS as f64);
        // Ascending, though rounding may say otherwise.
        let before = law.last().map_or(0.0, |(_, probability)| *probability);
        law.push((time, passage.probability_by(time).max(before)));
    }
    let at = |level: f64| {
        let next = law.partition_point(|(_, probability)| *probability < level);
        match (next.checked_sub(1).and_then(|before| law.get(before)), law.get(next)) {
            (Some((t0, p0)), Some((t1, p1))) => t0 + (t1 - t0) * (level - p0) / (p1 - p0).max(f64::MIN_POSITIVE),
            (None, Some(_)) => 0.0,
            (_, None) => f64::INFINITY,
        }
    };
    (0..SAMPLES).map(|i| (at((i as f64 + 0.5) / SAMPLES as f64) - since).max(0.0)).collect()
}
