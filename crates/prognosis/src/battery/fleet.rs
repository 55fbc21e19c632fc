//! What a fleet of cells says of the next one: how fast such cells fade and how much they differ, how their rates wander,
//! what rests bring back.

use crate::estimate::Prior;
use crate::estimate::metrics::mean;
use crate::estimate::particles::Discrepancy;
use crate::estimate::predict::{Fan, Horizon, Scenario, to_threshold};
use crate::estimate::simplex::minimize;
use crate::estimate::unscented::{Measurement, Spread, Unscented};

use super::capacity::{Capacity, Rest};

/// Scales before the data, as medians, and the standard deviations of their logarithms \[E\]: wandering of the rate and
/// its memory in cycles, regained capacity in A·h and its memory in cycles, reading of the capacity in A·h.
const PRIOR: [(f64, f64); 5] = [(0.4, 0.5), (20.0, 0.5), (0.03, 0.7), (6.0, 0.5), (0.005, 0.7)];
/// A new cell's capacity is known from its first discharge to about this, A·h \[E\].
const FIRST_AH: f64 = 0.02;
/// Spread between cells before the data, as a standard deviation of the logarithm, and how many cells it is worth. \[E\]:
/// lives of equal cells under equal load spread over some ten percent (Baumhöfer, Brühl, Rothgang, Sauer 2014, J. Power
/// Sources 247), and lots differ besides.
const BETWEEN: (f64, f64) = (0.2, 2.0);
/// A rise that this many standard deviations do not explain was a rest; its chance in a cycle before the data \[E\].
const RISE: f64 = 2.5;
const CHANCE: f64 = 0.05;
/// Evaluations of the likelihood for five scales.
const EVALUATIONS: usize = 200;
/// Cycles that are taken from one place of the history of rests: a few weeks of a laboratory.
const BLOCK: usize = 20;
/// Most cycles that are looked ahead.
const HORIZON: usize = 500;

/// A fleet, ready to judge one more cell.
#[derive(Debug, Clone)]
pub struct CapacityFleet {
    scales: Scales,
    loss: Prior,
    rests: Vec<Rest>,
}

#[derive(Debug, Clone, Copy)]
struct Scales {
    wander: (f64, f64),
    regained: (f64, f64),
    reading_ah: f64,
}

impl Scales {
    fn from_logs(logs: &[f64]) -> Option<Self> {
        let &[a, b, c, d, e] = logs else { return None };
        Some(Self { wander: (a.exp(), b.exp()), regained: (c.exp(), d.exp()), reading_ah: e.exp() })
    }

    fn model(&self, new_ah: f64, end_ah: f64) -> Capacity {
        Capacity { new_ah, end_ah, wander: self.wander, regained: self.regained }
    }
}

/// A filter that has seen part of a cell's life.
#[derive(Debug, Clone)]
pub struct Followed {
    model: Capacity,
    filter: Unscented,
    reading_ah: f64,
    log_likelihood: f64,
}

impl Followed {
    fn start(scales: &Scales, loss: Prior, first_ah: f64, end_ah: f64) -> Self {
        let model = scales.model(first_ah, end_ah);
        let states = [
            Prior { median: first_ah, deviation: FIRST_AH },
            Prior { median: 0.0, deviation: scales.wander.0 },
            Prior { median: 0.0, deviation: scales.regained.0 },
        ];
        let filter = Unscented::new(&model, &states, &[loss], Spread::default());
        let mut one = Self { model, filter, reading_ah: scales.reading_ah, log_likelihood: 0.0 };
        one.measure(first_ah);
        one
    }

    /// Takes the capacity after one more cycle; what a rest must have brought back, A·h, or 0.
    fn cycle(&mut self, capacity_ah: f64) -> f64 {
        self.filter.predict(&self.model, &Rest { regained_ah: 0.0 }, 1.0);
        self.measure(capacity_ah)
    }

    fn measure(&mut self, value: f64) -> f64 {
        // The output is the sum of the first and the third state.
        let (expected, deviation) = self.filter.combination(&[1.0, 0.0, 1.0, 0.0]);
        let rise = value - expected;
        let rested = rise > RISE * deviation.hypot(self.reading_ah);
        if rested {
            self.filter.loosen(2, rise);
            self.log_likelihood += CHANCE.ln();
        }
        let measured = Measurement { output: 0, value, deviation: self.reading_ah };
        let rest = Rest { regained_ah: 0.0 };
        self.log_likelihood += self.filter.update(&self.model, &rest, &[measured]).log_likelihood;
        if rested { rise } else { 0.0 }
    }
}

impl CapacityFleet {
    /// Learns from the capacities of cells by cycle, A·h, down to `end_ah` or as far as they go. None where no cell fades.
    #[must_use]
    pub fn fit(cells: &[&[f64]], end_ah: f64) -> Option<Self> {
        let lives: Vec<&[f64]> = cells.iter().filter_map(|cell| life(cell, end_ah)).collect();
        let losses: Vec<f64> =
            lives.iter().filter_map(|cell| slope(cell)).filter(|s| *s < 0.0).map(|s| (-s).ln()).collect();
        let middle = mean(losses.iter().copied())?;
        let (between, worth) = BETWEEN;
        let n = losses.len() as f64;
        let squares: f64 = losses.iter().map(|log| (log - middle).powi(2)).sum();
        let variance = (worth * between * between + squares) / (worth + n - 1.0);
        // Of one more cell: that of the cells, and that of their mean.
        let loss = Prior { median: middle.exp(), deviation: (variance * (1.0 + 1.0 / n)).sqrt() };

        let start = PRIOR.map(|(median, _)| median.ln());
        let cost = |logs: &[f64]| {
            let prior: f64 = logs
                .iter()
                .zip(start)
                .zip(PRIOR)
                .map(|((log, m), (_, deviation))| ((log - m) / deviation).powi(2))
                .sum();
            let Some(scales) = Scales::from_logs(logs) else { return f64::INFINITY };
            let likelihood: f64 = lives.iter().map(|cell| follow(&scales, loss, cell, end_ah).0.log_likelihood).sum();
            0.5 * prior - likelihood
        };
        let scales = Scales::from_logs(&minimize(cost, &start, 0.4, EVALUATIONS, 0.02))?;
        let rests = lives.iter().flat_map(|cell| follow(&scales, loss, cell, end_ah).1).collect();
        Some(Self { scales, loss, rests })
    }

    /// A filter on a new cell after its first discharge.
    #[must_use]
    pub fn start(&self, first_ah: f64, end_ah: f64) -> Followed {
        Followed::start(&self.scales, self.loss, first_ah, end_ah)
    }

    /// Lets a filter see the capacity after one more cycle.
    pub fn cycle(&self, followed: &mut Followed, capacity_ah: f64) {
        followed.cycle(capacity_ah);
    }

    /// Cycles until the measured capacity is below the end, with rests as the fleet had them.
    #[must_use]
    pub fn remaining(&self, followed: &Followed, samples: usize, seed: u64) -> Fan {
        let still = Discrepancy { deviation: 0.0, memory: 1.0 };
        to_threshold(
            &followed.model,
            &followed.filter.ensemble(samples, seed),
            still,
            Scenario { history: &self.rests, block: BLOCK },
            |rest| *rest,
            Horizon { dt: 1.0, steps: HORIZON },
            seed,
        )
    }
}

/// The part of a life that counts: to the first capacity below the end, at least ten cycles.
fn life<'a>(cell: &&'a [f64], end_ah: f64) -> Option<&'a [f64]> {
    let count = cell.iter().position(|ah| *ah < end_ah).map_or(cell.len(), |first| first + 1);
    cell.get(..count).filter(|life| life.len() >= 10)
}

fn follow(scales: &Scales, loss: Prior, cell: &[f64], end_ah: f64) -> (Followed, Vec<Rest>) {
    let first = cell.first().copied().unwrap_or(end_ah);
    let mut followed = Followed::start(scales, loss, first, end_ah);
    let rests = cell.iter().skip(1).map(|ah| Rest { regained_ah: followed.cycle(*ah) }).collect();
    (followed, rests)
}

/// Of the least squares line, A·h a cycle.
fn slope(cell: &[f64]) -> Option<f64> {
    let middle = 0.5 * (cell.len() as f64 - 1.0);
    let level = mean(cell.iter().copied())?;
    let places = cell.iter().enumerate().map(|(i, ah)| (i as f64 - middle, ah - level));
    let (across, along) = places.fold((0.0, 0.0), |(a, b), (x, y)| (a + x * y, b + x * x));
    (along > 0.0).then_some(across / along)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::{Model as _, Noise, generator};

    /// Cells of a known kind: losses of 4 mAh a cycle within a factor, rests of 0.05 A·h every 25 cycles.
    fn cell(loss_ah: f64, seed: u64, cycles: usize) -> Vec<f64> {
        let scales = Scales { wander: (0.3, 20.0), regained: (0.004, 5.0), reading_ah: 0.003 };
        let model = scales.model(1.9, 1.4);
        let mut rng = generator(seed, 77);
        let mut state = [1.9, 0.0, 0.0];
        (1..=cycles)
            .map(|cycle| {
                let rest = Rest { regained_ah: if cycle % 25 == 0 { 0.05 } else { 0.0 } };
                model.step(&mut state, &[loss_ah], &rest, 1.0, 1.0, &mut Noise::from(&mut rng));
                state[0] + state[2] + 0.003 * Noise::from(&mut rng).normal()
            })
            .collect()
    }

    #[test]
    fn cells_of_the_kind_are_predicted_within_the_band_about_nine_times_in_ten() {
        let training: Vec<Vec<f64>> =
            [0.0038, 0.0045, 0.0036, 0.0042].iter().zip(1..).map(|(loss, seed)| cell(*loss, seed, 250)).collect();
        let training: Vec<&[f64]> = training.iter().map(Vec::as_slice).collect();
        let fleet = CapacityFleet::fit(&training, 1.4).unwrap();
        let (mut held, mut all) = (0, 0);
        for seed in 0..40 {
            let mut rng = generator(seed, 78);
            let own = cell(0.004 * (0.12 * Noise::from(&mut rng).normal()).exp(), 100 + seed, 400);
            let end = own.iter().position(|ah| *ah < 1.4).unwrap();
            let mut followed = fleet.start(own[0], 1.4);
            own.iter().skip(1).take(49).for_each(|ah| fleet.cycle(&mut followed, *ah));
            let fan = fleet.remaining(&followed, 400, seed);
            let left = (end - 49) as f64;
            let band = fan.quantile(0.05).unwrap()..=fan.quantile(0.95).unwrap();
            held += i32::from(band.contains(&left));
            all += 1;
        }
        // 90 % of 40, three standard deviations of a binomial.
        assert!((31..=40).contains(&held), "{held} of {all}");
    }

    #[test]
    fn a_fleet_that_does_not_fade_says_nothing() {
        let rising: Vec<f64> = (0..50).map(|i| 1.5 + 0.001 * f64::from(i)).collect();
        assert!(CapacityFleet::fit(&[&rising], 1.4).is_none());
        assert!(CapacityFleet::fit(&[], 1.4).is_none());
        assert!(CapacityFleet::fit(&[&[1.9, 1.8]], 1.4).is_none());
    }
}
