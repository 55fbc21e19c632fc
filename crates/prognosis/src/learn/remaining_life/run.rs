//! Runs of a machine, cycle by cycle, and what a sliding window says of them.

use serde::{Deserialize, Serialize};

use crate::learn::conditions::Conditions;

/// Cycles of the window: long against the noise, short against a life (C-MAPSS: 128 to 362 cycles).
pub const WINDOW: usize = 30;
/// Cycles at the end of the window that say where the machine is now.
const RECENT: usize = 10;
/// Cycles from the start that say what this machine was when it was new: no two are made alike.
const NEW: usize = 20;
/// Features of a sensor.
pub(super) const PER_SENSOR: usize = 5;
/// Fewest cycles that a prediction is made from.
pub const LEAST_CYCLES: usize = 10;

/// One unit from new: its operating settings and sensors, one row a cycle.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Run {
    /// Which unit.
    pub unit: String,
    /// Operating settings of each cycle.
    pub settings: Vec<Vec<f64>>,
    /// Sensors of each cycle.
    pub sensors: Vec<Vec<f64>>,
}

impl Run {
    /// Number of cycles.
    #[must_use]
    pub fn cycles(&self) -> usize {
        self.sensors.len()
    }
}

/// What a run's window says, with the cycles that were left then, at every `step`-th cycle back from the last, as far
/// as [`LEAST_CYCLES`]: the age, and [`PER_SENSOR`] features of each sensor that is not constant: its last residual,
/// mean, slope and spread in the window, and how far it has moved since new. Nothing later than the cycle is used.
pub(super) fn features(run: &Run, conditions: &Conditions, step: usize) -> Vec<(usize, Vec<f64>)> {
    let residuals = residuals(run, conditions);
    let most = residuals.len().checked_sub(LEAST_CYCLES);
    let left = most.into_iter().flat_map(|most| (0..=most).step_by(step.max(1)));
    left.map(|left| (left, at(&residuals, residuals.len() - left))).collect()
}

/// The last row of [`features`]; none where there is none.
pub(super) fn last_features(run: &Run, conditions: &Conditions) -> Option<Vec<f64>> {
    (run.cycles() >= LEAST_CYCLES).then(|| at(&residuals(run, conditions), run.cycles()))
}

fn residuals(run: &Run, conditions: &Conditions) -> Vec<Vec<f64>> {
    run.settings
        .iter()
        .zip(&run.sensors)
        .map(|(settings, sensors)| {
            let all = conditions.residuals(settings, sensors);
            all.into_iter().zip(conditions.spreads()).filter(|(_, spread)| **spread > 0.0).map(|(r, _)| r).collect()
        })
        .collect()
}

fn at(residuals: &[Vec<f64>], age: usize) -> Vec<f64> {
    let until = |from: usize, to: usize| residuals.get(from..to).unwrap_or_default();
    let window = until(age.saturating_sub(WINDOW), age);
    let recent = until(age.saturating_sub(RECENT), age);
    let new = until(0, NEW.min(age));
    let width = window.last().map_or(0, Vec::len);
    let mut row = Vec::with_capacity(1 + PER_SENSOR * width);
    row.push(age as f64);
    for sensor in 0..width {
        let of = |rows: &[Vec<f64>]| -> f64 {
            rows.iter().filter_map(|row| row.get(sensor)).sum::<f64>() / rows.len().max(1) as f64
        };
        let values = || window.iter().filter_map(|row| row.get(sensor).copied());
        let mean = of(window);
        let middle = (window.len() as f64 - 1.0) / 2.0;
        let (mut with, mut own, mut square) = (0.0, 0.0, 0.0);
        for (place, value) in values().enumerate() {
            let place = place as f64 - middle;
            with += place * value;
            own += place * place;
            square += (value - mean).powi(2);
        }
        let slope = if own > 0.0 { with / own } else { 0.0 };
        let spread = (square / window.len().max(1) as f64).sqrt();
        row.extend([values().next_back().unwrap_or(f64::NAN), mean, slope, spread, of(recent) - of(new)]);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_has_its_slope_and_how_far_it_has_moved() {
        let run = Run {
            unit: "1".into(),
            settings: vec![vec![]; 60],
            sensors: (0..60).map(|cycle| vec![f64::from(cycle), 5.0]).collect(),
        };
        let conditions = Conditions::fit(&run.settings, &run.sensors).unwrap();
        let spread = conditions.spreads()[0];
        let rows = features(&run, &conditions, 1);
        assert_eq!(rows.len(), 60 - LEAST_CYCLES + 1);
        let (left, last) = rows.first().unwrap();
        assert_eq!(*left, 0);
        assert_eq!(last.len(), 6, "the age and five of the one sensor that is not constant");
        let in_units: Vec<f64> = last[1..].iter().map(|value| value * spread).collect();
        // Residual of the mean 29.5: last 59, window 30 to 59; moved from the mean of 0 to 19 to that of 50 to 59.
        for (found, expected) in in_units.iter().zip([29.5, 15.0, 1.0, (899.0_f64 / 12.0).sqrt(), 45.0]) {
            assert!((found - expected).abs() < 1e-9, "{in_units:?}");
        }
    }

    #[test]
    fn a_feature_does_not_know_what_comes_after_it() {
        let cut = |cycles: usize| Run {
            unit: "1".into(),
            settings: vec![vec![]; cycles],
            sensors: (0..cycles).map(|cycle| vec![(cycle as f64 * 0.7).sin()]).collect(),
        };
        let conditions = Conditions::fit(&cut(90).settings, &cut(90).sensors).unwrap();
        let known = |cycles: usize, at: usize| {
            let rows = features(&cut(cycles), &conditions, 1);
            rows.into_iter().find(|(left, _)| cycles - left == at).unwrap().1
        };
        for at in [10, 25, 40] {
            assert_eq!(known(90, at), known(40, at));
        }
    }
}
