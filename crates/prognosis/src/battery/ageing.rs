//! How one pack ages, as the slow filter sees it: the published law of [`Kokam`], with factors of the pack's own that live.
//!
//! The law's losses and rises are powers of time and of cycles whose factor k changes with temperature and charge. With
//! x(t) = Σ k^(1/p) Δt a loss of m·k is (L^(1/p) + m^(1/p) x)^p, which is the incremental power law
//! ([`super::fade::power_law_step`]) for any past of k; so a day, a month or a year is one exact step of its [`Stress`].

use serde::{Deserialize, Serialize};

use crate::estimate::unscented::{Spread, Unscented};
use crate::estimate::{Model, Noise, Prior, Quantity, Scale};

use super::fade::Kokam;
use super::pack::BatteryConfig;

/// What ages: Σ k^(1/p) dx of the four powers of the law.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stress(pub [f64; 4]);

/// Powers of: loss by time, by cycles; rise of the resistance by time, by cycles.
const POWERS: [f64; 4] = [Kokam::BY_TIME, Kokam::BY_CYCLES, Kokam::RISE_BY_TIME.1, Kokam::RISE_BY_CYCLES.1];

impl Stress {
    /// Of so many days and full cycles under these conditions.
    pub fn of(law: &Kokam, days: f64, full_cycles: f64) -> Self {
        let (time, cycles) = (law.calendar(), law.cycling());
        let factors = [time, cycles, Kokam::RISE_BY_TIME.0 * time, Kokam::RISE_BY_CYCLES.0 * cycles];
        let amounts = [days, full_cycles, days, full_cycles];
        let mut all = [0.0; 4];
        for ((place, (factor, power)), amount) in all.iter_mut().zip(factors.iter().zip(POWERS)).zip(amounts) {
            *place = factor.powf(1.0 / power) * amount;
        }
        Self(all)
    }

    pub fn plus(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a += b);
        self
    }

    pub fn times(mut self, factor: f64) -> Self {
        self.0.iter_mut().for_each(|a| *a *= factor);
        self
    }

    pub fn is_sound(&self) -> bool {
        self.0.iter().all(|x| x.is_finite() && *x >= 0.0)
    }
}

/// Places of the states: the four losses and rises, then the factors.
pub(super) const BY_TIME: usize = 4;
pub(super) const BY_CYCLES: usize = 5;
pub(super) const RISE: usize = 6;
const NEW_CAPACITY: usize = 7;
const CAPACITY_GAUGE: usize = 8;
const NEW_RESISTANCE: usize = 9;
const RESISTANCE_GAUGE: usize = 10;
pub(super) const SIZE: usize = 11;

const fn linear(name: &'static str) -> Quantity {
    Quantity { name, unit: "", scale: Scale::Linear }
}

const fn log(name: &'static str) -> Quantity {
    Quantity { name, unit: "", scale: Scale::Log }
}

const STATES: [Quantity; SIZE] = [
    log("capacity lost by time"),
    log("capacity lost by cycles"),
    log("rise of the resistance by time"),
    log("rise of the resistance by cycles"),
    log("factor on ageing by time"),
    log("factor on ageing by cycles"),
    log("factor on the rise of the resistance"),
    linear("new capacity over the rated one, less 1"),
    linear("error of a capacity by rests"),
    linear("new resistance over the nominal one, less 1"),
    linear("error of a resistance"),
];

/// Outputs: share of the rated capacity by rests; resistance over that of a new pack, as the circuit finds it; share of
/// the rated capacity by a test.
pub(super) const RESTS: usize = 0;
pub(super) const CIRCUIT: usize = 1;
pub(super) const TEST: usize = 2;

/// Standard deviation of the logarithm of each factor before the data \[E\]: the law is of another cell, and laws of cells of
/// one chemistry differ by several times (the 14 cells of NREL BLAST-Lite).
const FACTORS: [(usize, f64); 3] = [(BY_TIME, 0.7), (BY_CYCLES, 1.0), (RISE, 1.0)];
/// What a pack of a type is off by, and its gauges: new capacity, capacity by rests, new resistance, resistance \[E\].
const OFF: [(usize, f64); 4] =
    [(NEW_CAPACITY, 0.02), (CAPACITY_GAUGE, 0.012), (NEW_RESISTANCE, 0.06), (RESISTANCE_GAUGE, 0.06)];
/// How far the logarithm of a factor wanders in a year \[E\]: the law's powers are another cell's too.
const WANDERS_A_YEAR: f64 = 0.4;
/// Conditions of the time before the model saw the pack, and the logarithm's deviation of what they did \[E\].
const PAST: Kokam = Kokam { temperature_deg_c: 20.0, charge: 0.6, depth: 0.6 };
const PAST_UNKNOWN: f64 = 0.4;
/// A loss or rise at birth, of which nothing is seen.
const BORN: Prior = Prior { median: 1e-7, deviation: 1e-3 };
/// Packs of one type differ by this in the logarithm of their pace (Baumhöfer, Brühl, Rothgang, Sauer 2014, J. Power Sources
/// 247: lives of equal cells under equal load spread over some ten percent; twice that for lots \[E\]).
const BETWEEN: f64 = 0.2;

/// Days of a year.
pub(super) const YEAR: f64 = 365.25;

/// The factors as they are believed of a pack before its data: median and deviation of the logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Factors(pub [Prior; 3]);

impl Factors {
    /// Of any pack.
    pub fn generic() -> Self {
        Self(FACTORS.map(|(_, deviation)| Prior { median: 1.0, deviation }))
    }

    /// Of another pack of the same type and use.
    pub fn of_another(filter: &Unscented) -> Self {
        Self(FACTORS.map(|(place, widest)| {
            let (median, deviation) = filter.quantity(place).unwrap_or((1.0, widest));
            Prior { median, deviation: deviation.hypot(BETWEEN).min(widest) }
        }))
    }

    pub fn are_sound(&self) -> bool {
        self.0.iter().all(|p| p.median.is_finite() && p.median > 0.0 && (1e-6..=5.0).contains(&p.deviation))
    }
}

/// One pack. Time is in days; its load is the stress of the step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PackAgeing;

impl PackAgeing {
    /// A filter on a pack that has lived so long.
    pub fn start(config: &BatteryConfig, factors: &Factors, age_years: f64, driven_km: f64) -> Unscented {
        let mut priors = [BORN; SIZE];
        for ((place, _), prior) in FACTORS.iter().zip(factors.0) {
            priors[*place] = prior;
        }
        for (place, deviation) in OFF {
            priors[place] = Prior { median: 0.0, deviation };
        }
        let mut filter = Unscented::new(&Self, &priors, &[], Spread { kappa: Some(0.0), ..Spread::default() });
        let days = age_years * YEAR;
        if days > 0.0 || driven_km > 0.0 {
            filter.predict(&Self, &Stress::of(&PAST, days, config.full_cycles(driven_km)), days);
            (0..BY_TIME).for_each(|place| filter.loosen(place, PAST_UNKNOWN));
        }
        filter
    }

    /// Capacity over the rated one.
    pub fn capacity(state: &[f64]) -> f64 {
        match *state {
            [time, cycles, _, _, _, _, _, new, ..] => (1.0 + new - time - cycles).max(0.0),
            _ => f64::NAN,
        }
    }

    /// Resistance over that of a new pack.
    pub fn resistance(state: &[f64]) -> f64 {
        match *state {
            [_, _, time, cycles, _, _, _, _, _, new, _] => 1.0 + new + time + cycles,
            _ => f64::NAN,
        }
    }

    /// Resistance as the circuit finds it.
    pub fn found_resistance(state: &[f64]) -> f64 {
        Self::resistance(state) * (1.0 + state.get(RESISTANCE_GAUGE).copied().unwrap_or(f64::NAN))
    }

    /// Standard deviation that `days` add to the logarithm of a factor.
    pub fn wander(days: f64) -> f64 {
        WANDERS_A_YEAR * (days.max(0.0) / YEAR).sqrt()
    }

    /// Weights of the coordinates in the logarithm of the share of capacity that a stress takes, about where the filter is:
    /// from dL = p (m^(1/p) x) L^(1 − 1/p).
    pub fn pace_weights(filter: &Unscented, stress: &Stress) -> [f64; SIZE] {
        let mut weights = [0.0; SIZE];
        let loss = |place: usize| {
            let (lost, factor) = (filter.quantity(place)?.0, filter.quantity(BY_TIME + place)?.0);
            let (power, x) = (*POWERS.get(place)?, *stress.0.get(place)?);
            Some((power * factor.powf(1.0 / power) * x * lost.max(1e-9).powf(1.0 - 1.0 / power)).max(1e-15))
        };
        if let (Some(time), Some(cycles)) = (loss(0), loss(1)) {
            for (place, share) in [(0, time / (time + cycles)), (1, cycles / (time + cycles))] {
                weights[place] = share * (1.0 - 1.0 / POWERS[place]);
                weights[BY_TIME + place] = share / POWERS[place];
            }
        }
        weights
    }
}

impl Model for PackAgeing {
    type Load = Stress;

    fn states(&self) -> &[Quantity] {
        &STATES
    }

    fn parameters(&self) -> &[Quantity] {
        &[]
    }

    fn outputs(&self) -> usize {
        3
    }

    fn step(&self, state: &mut [f64], _: &[f64], load: &Stress, _: f64, rate: f64, _: &mut Noise<'_>) {
        let &mut [_, _, _, _, by_time, by_cycles, rise, ..] = state else { return };
        let factors = [by_time, by_cycles, rise * by_time, rise * by_cycles];
        for (((place, x), power), factor) in state.iter_mut().zip(load.0).zip(POWERS).zip(factors) {
            if x > 0.0 {
                let inverse = 1.0 / power;
                *place = (place.max(0.0).powf(inverse) + (rate * factor).powf(inverse) * x).powf(power);
            }
        }
    }

    fn process_deviation(&self, dt: f64, out: &mut [f64]) {
        out.fill(0.0);
        let wander = Self::wander(dt);
        for (place, _) in FACTORS {
            if let Some(place) = out.get_mut(place) {
                *place = wander;
            }
        }
    }

    fn output(&self, state: &[f64], _: &[f64], _: &Stress, out: &mut [f64]) {
        if let [rests, circuit, test] = out {
            *test = Self::capacity(state);
            *rests = *test * (1.0 + state.get(CAPACITY_GAUGE).copied().unwrap_or(f64::NAN));
            *circuit = Self::found_resistance(state);
        }
    }

    fn event_state(&self, state: &[f64], _: &[f64], _: &Stress) -> f64 {
        ((Self::capacity(state) - super::END.0) / (1.0 - super::END.0))
            .min((super::END.1 - Self::resistance(state)) / (super::END.1 - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::battery::fade::power_law_step;

    fn state(by_time: f64, by_cycles: f64) -> [f64; SIZE] {
        let mut state = [0.0; SIZE];
        (state[BY_TIME], state[BY_CYCLES], state[RISE]) = (by_time, by_cycles, 1.0);
        state
    }

    #[test]
    fn a_new_pack_under_constant_conditions_follows_the_published_law() {
        let law = Kokam { temperature_deg_c: 25.0, charge: 0.5, depth: 0.8 };
        let mut pack = state(1.0, 1.0);
        for _ in 0..365 {
            PackAgeing.step(&mut pack, &[], &Stress::of(&law, 10.0, 1.0), 10.0, 1.0, &mut Noise::none());
        }
        let lost = law.loss_by_time(3650.0) + law.loss_by_cycles(365.0);
        assert!((1.0 - PackAgeing::capacity(&pack) - lost).abs() < 1e-9, "{pack:?} {lost}");
        assert!((PackAgeing::resistance(&pack) / law.resistance(3650.0, 365.0) - 1.0).abs() < 1e-9, "{pack:?}");
    }

    #[test]
    fn a_step_with_a_factor_is_the_incremental_power_law() {
        let law = Kokam { temperature_deg_c: 30.0, charge: 0.7, depth: 0.8 };
        let mut pack = state(2.0, 0.5);
        (pack[0], pack[1]) = (0.03, 0.02);
        PackAgeing.step(&mut pack, &[], &Stress::of(&law, 100.0, 50.0), 100.0, 1.0, &mut Noise::none());
        let time = power_law_step(0.03, 2.0 * law.calendar(), Kokam::BY_TIME, 100.0);
        let cycles = power_law_step(0.02, 0.5 * law.cycling(), Kokam::BY_CYCLES, 50.0);
        assert!((pack[0] - time).abs() < 1e-12 && (pack[1] - cycles).abs() < 1e-12, "{pack:?} {time} {cycles}");
    }

    #[test]
    fn a_pack_that_has_lost_much_is_believed_to_lose_fast() {
        let config = BatteryConfig::default();
        let factor = |share: f64| {
            let mut filter = PackAgeing::start(&config, &Factors::generic(), 3.0, 45_000.0);
            let test = crate::estimate::unscented::Measurement { output: TEST, value: share, deviation: 0.005 };
            filter.update(&PackAgeing, &Stress::default(), &[test]);
            filter.quantity(BY_TIME).unwrap().0 * filter.quantity(BY_CYCLES).unwrap().0
        };
        assert!(factor(0.88) > 1.5 * factor(0.97), "{} {}", factor(0.88), factor(0.97));
    }
}
