//! The machine since new, cycle by cycle, for a model that was trained on runs to failure.

use serde::{Deserialize, Serialize};

use super::index::SAMPLES;
use crate::learn::bands::LEVELS;
use crate::learn::remaining_life::{RemainingLife, Run};

/// Most cycles that are kept: beyond them nothing is said.
const MOST: usize = 5_000;

/// Means by cycle, and the cycle that is not complete.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct SinceNew {
    run: Run,
    /// Sums of the values, signals first, and how many of each.
    sums: Vec<(f64, u32)>,
    hours: f64,
    /// It has more cycles than are kept.
    over: bool,
}

impl SinceNew {
    /// Takes a row; a value that is not a number is left out of the mean of its cycle.
    pub(super) fn take(&mut self, hours: f64, values: &[f64], signals: usize, cycle_h: f64) {
        self.sums.resize(values.len(), (0.0, 0));
        for ((sum, count), value) in self.sums.iter_mut().zip(values).filter(|(_, value)| value.is_finite()) {
            *sum += value;
            *count = count.saturating_add(1);
        }
        self.hours += hours;
        if self.hours < cycle_h * (1.0 - 1e-9) {
            return;
        }
        self.hours = 0.0;
        let means: Option<Vec<f64>> =
            self.sums.drain(..).map(|(sum, count)| (count > 0).then(|| sum / f64::from(count))).collect();
        // A cycle without a value is as the one before.
        let before = || {
            let (sensors, settings) = (self.run.sensors.last()?, self.run.settings.last()?);
            Some([sensors.as_slice(), settings].concat())
        };
        let Some(means) = means.or_else(before) else { return };
        let Some((sensors, settings)) = means.split_at_checked(signals) else { return };
        if self.run.cycles() >= MOST {
            self.over = true;
            return;
        }
        self.run.sensors.push(sensors.to_vec());
        self.run.settings.push(settings.to_vec());
    }

    pub(super) fn is_sound(&self, settings: usize, sensors: usize) -> bool {
        let all = |rows: &[Vec<f64>], width: usize| {
            rows.len() <= MOST && rows.iter().all(|row| row.len() == width && row.iter().all(|v| v.is_finite()))
        };
        self.run.settings.len() == self.run.sensors.len()
            && all(&self.run.settings, settings)
            && all(&self.run.sensors, sensors)
            && self.run.unit.is_empty()
            && self.sums.len() <= settings + sensors
            && self.sums.iter().all(|(sum, _)| sum.is_finite())
            && self.hours.is_finite()
    }

    /// Samples of the remaining life, h, ascending, and how far they reach.
    pub(super) fn life(&self, model: &RemainingLife, cycle_h: f64) -> Option<(Vec<f64>, f64)> {
        if self.over {
            return None;
        }
        let prediction = model.predict(&self.run)?;
        let reach = model.reach();
        // Below the first and above the last level: on as between the two that are next.
        let [first, second, .., last_but_one, last] = prediction.quantiles;
        let mut law: Vec<(f64, f64)> = vec![(0.0, (2.0 * first - second).max(0.0))];
        law.extend(LEVELS.into_iter().zip(prediction.quantiles));
        law.push((1.0, 2.0 * last - last_but_one));
        let within = 1.0 - prediction.beyond;
        let sample = |i: usize| {
            let level = (i as f64 + 0.5) / SAMPLES as f64;
            if level > within {
                return f64::INFINITY;
            }
            let level = level / within;
            let next = law.partition_point(|(at, _)| *at < level).max(1);
            let (Some((l0, q0)), Some((l1, q1))) = (law.get(next - 1), law.get(next)) else { return f64::INFINITY };
            let cycles = q0 + (q1 - q0) * (level - l0) / (l1 - l0);
            if cycles > reach { f64::INFINITY } else { (cycles * cycle_h - self.hours).max(0.0) }
        };
        Some(((0..SAMPLES).map(sample).collect(), reach * cycle_h))
    }
}
