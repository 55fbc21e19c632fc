//! From what is believed of a pack to when its life ends, under the days of its own past.
//!
//! Steps grow with the distance, a twelfth of it and at least two days; each step takes a stretch of as many days as it is
//! long from a random place of the past. Random numbers belong to the sample and the step, so two settings with one seed
//! differ sample by sample by what was changed.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

use crate::estimate::unscented::Unscented;
use crate::estimate::{Model as _, Noise, generator};
use crate::living::Band;

use super::END;
use super::ageing::{Age, BY_CYCLES, BY_TIME, PackAgeing, RISE, SIZE, Stress, YEAR};
use super::usage::Day;

/// How far is looked: twenty years.
const HORIZON_DAYS: f64 = 20.0 * YEAR;
/// Steps are this part of the distance, and at least so many days.
const PART: usize = 12;
const SHORTEST: usize = 2;
/// Most points of the fan.
const POINTS: usize = 40;

/// What will be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outlook {
    /// Hours to the end by sample; infinity beyond the horizon.
    pub hours: Vec<f64>,
    /// Full cycles to the end by sample.
    pub full_cycles: Vec<f64>,
    /// Hours that were looked ahead, and the full cycles in them.
    pub horizon: (f64, f64),
    /// Share of the ends within the horizon that the resistance made.
    pub by_resistance: f64,
    /// Capacity in percent of the rated one, hours from now.
    pub fan: Vec<(f64, Band)>,
}

/// Sums of a past that repeats itself.
struct Past {
    sums: Vec<(Stress, f64)>,
}

impl Past {
    fn new(days: &[Day]) -> Self {
        let mut sums = vec![(Stress::default(), 0.0)];
        let mut sum = (Stress::default(), 0.0);
        for day in days {
            sum = (sum.0.plus(&day.stress), sum.1 + day.full_cycles);
            sums.push(sum);
        }
        Self { sums }
    }

    fn len(&self) -> usize {
        self.sums.len() - 1
    }

    fn at(&self, index: usize) -> (Stress, f64) {
        self.sums.get(index).copied().unwrap_or_default()
    }

    /// A stretch of so many days from a place of 0 to 1.
    fn stretch(&self, place: f64, days: usize) -> (Stress, f64) {
        let n = self.len().max(1);
        let start = ((place * n as f64) as usize).min(n - 1);
        let (whole, rest) = ((days / n) as f64, days % n);
        let (all, (from, until)) = (self.at(n), (self.at(start), self.at((start + rest).min(n))));
        let wrapped = self.at((start + rest).saturating_sub(n));
        let mut sum = all.0.times(whole).plus(&wrapped.0);
        sum.0.iter_mut().zip(until.0.0.iter().zip(from.0.0)).for_each(|(s, (u, f))| *s += (u - f).max(0.0));
        (sum, whole * all.1 + wrapped.1 + (until.1 - from.1).max(0.0))
    }
}

/// Ends of the steps, days.
fn steps() -> Vec<usize> {
    let mut ends = vec![0_usize];
    let mut at = 0;
    while (at as f64) < HORIZON_DAYS {
        at += (at / PART).max(SHORTEST);
        ends.push(at.min(HORIZON_DAYS as usize + 1));
    }
    ends
}

struct Life {
    hours: f64,
    full_cycles: f64,
    by_resistance: bool,
    capacities: Vec<f64>,
}

/// Simulates so many copies of the pack; none without days.
pub(super) fn outlook(slow: &Unscented, age: Age, days: &[Day], samples: usize, seed: u64) -> Option<Outlook> {
    if days.is_empty() {
        return None;
    }
    let (past, ends) = (Past::new(days), steps());
    let ensemble = slow.ensemble(samples, seed);
    let copies: Vec<&[f64]> = ensemble.states.chunks_exact(SIZE).collect();
    let lives: Vec<Life> = copies
        .par_iter()
        .enumerate()
        .map(|(index, state)| live(state, age, &past, &ends, generator(seed, index as u64)))
        .collect();
    let ended = lives.iter().filter(|life| life.hours.is_finite()).count();
    let resistance = lives.iter().filter(|life| life.by_resistance).count();
    let last = *ends.last()? as f64;
    let per_day = past.at(past.len()).1 / past.len() as f64;

    let mut left: Vec<f64> = lives.iter().map(|life| life.hours / 24.0).collect();
    left.sort_by(f64::total_cmp);
    // Far enough to see the band cross the threshold, at least a quarter of a year.
    let shown = crate::estimate::metrics::quantile(&left, 0.95).map_or(last, |days| (1.1 * days).clamp(90.0, last));
    let until = ends.partition_point(|end| (*end as f64) < shown).min(ends.len() - 1) + 1;
    let every = until.div_ceil(POINTS).max(1);
    let fan = (0..until).step_by(every).filter_map(|index| {
        let at = lives.iter().filter_map(|life| life.capacities.get(index).map(|share| 100.0 * share));
        Some((24.0 * *ends.get(index)? as f64, Band::of(at.collect())?))
    });
    Some(Outlook {
        fan: fan.collect(),
        horizon: (24.0 * last, per_day * last),
        by_resistance: resistance as f64 / ended.max(1) as f64,
        hours: lives.iter().map(|life| life.hours).collect(),
        full_cycles: lives.iter().map(|life| life.full_cycles).collect(),
    })
}

fn live(state: &[f64], mut age: Age, past: &Past, ends: &[usize], mut rng: ChaCha8Rng) -> Life {
    let mut state = state.to_vec();
    let margins = |state: &[f64]| (PackAgeing::capacity(state) - END.0, END.1 - PackAgeing::resistance(state));
    let mut life = Life {
        hours: f64::INFINITY,
        full_cycles: f64::INFINITY,
        by_resistance: false,
        capacities: Vec::with_capacity(ends.len()),
    };
    let mut before = margins(&state);
    let mut driven = 0.0;
    life.capacities.push(PackAgeing::capacity(&state));
    if before.0.min(before.1) <= 0.0 {
        (life.hours, life.full_cycles, life.by_resistance) = (0.0, 0.0, before.1 <= 0.0);
    }
    for pair in ends.windows(2) {
        let &[from, to] = pair else { break };
        let days = (to - from) as f64;
        let place: f64 = rng.random();
        for factor in [BY_TIME, BY_CYCLES, RISE] {
            let normal: f64 = StandardNormal.sample(&mut rng);
            if let Some(factor) = state.get_mut(factor) {
                *factor *= (PackAgeing::wander(days) * normal).exp();
            }
        }
        let (stress, full_cycles) = past.stretch(place, to - from);
        PackAgeing.step(&mut state, &[], &age.advance(&stress), days, 1.0, &mut Noise::none());
        let now = margins(&state);
        life.capacities.push(PackAgeing::capacity(&state));
        if life.hours == f64::INFINITY && now.0.min(now.1) <= 0.0 {
            let share = |before: f64, now: f64| if now <= 0.0 { before / (before - now).max(1e-12) } else { 2.0 };
            let (capacity, resistance) = (share(before.0, now.0), share(before.1, now.1));
            let at = capacity.min(resistance).clamp(0.0, 1.0);
            life.hours = 24.0 * (from as f64 + at * days);
            life.full_cycles = driven + at * full_cycles;
            life.by_resistance = resistance < capacity;
        }
        (before, driven) = (now, driven + full_cycles);
    }
    life
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: f64) -> Day {
        Day { stress: Stress([number, 2.0 * number, 0.0, 0.0]), full_cycles: 10.0 * number, ..Day::default() }
    }

    #[test]
    fn a_stretch_of_the_past_is_its_days_and_goes_round() {
        let past = Past::new(&[day(1.0), day(2.0), day(3.0)]);
        for (place, days, sum) in [(0.0, 1, 1.0), (0.4, 2, 5.0), (0.7, 2, 4.0), (0.99, 3, 6.0), (0.0, 7, 13.0)] {
            let (stress, cycles) = past.stretch(place, days);
            assert!((stress.0[0] - sum).abs() < 1e-12 && (stress.0[1] - 2.0 * sum).abs() < 1e-12, "{place} {days}");
            assert!((cycles - 10.0 * sum).abs() < 1e-9, "{place} {days}: {cycles}");
        }
    }

    #[test]
    fn steps_reach_the_horizon_and_grow_by_a_twelfth() {
        let ends = steps();
        assert!(*ends.last().unwrap() as f64 >= HORIZON_DAYS && ends.len() < 200, "{}", ends.len());
        assert!(ends.windows(2).all(|p| p[1] > p[0] && (p[1] - p[0] <= (p[0] / 12).max(2))));
    }
}
