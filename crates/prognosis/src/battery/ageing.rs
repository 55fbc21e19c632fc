//! How one pack ages, as the slow filter sees it: the published law of [`Kokam`], with factors of the pack's own that live.
//!
//! The law's losses and rises are powers of time and of cycles whose factor k changes with temperature and charge. With
//! x(t) = Σ k^(1/p) Δt a loss is x^p, which is the incremental power law ([`super::fade::power_law_step`]) for any past of k.
//! So a day, a month or a year is one exact step: its [`Stress`] is added to the pack's [`Age`], and the law's increments
//! follow. This pack's are those times its factors, so what a factor does later does not change what was lost before.

use serde::{Deserialize, Serialize};

use crate::estimate::unscented::{Spread, Unscented};
use crate::estimate::{Model, Noise, Prior, Quantity, Scale};

use super::END;
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

/// What the pack has been through: the sum of its [`Stress`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Age(pub Stress);

/// What the law says of a step: capacity lost by time and by cycles, rise of the resistance by time and by cycles.
pub(super) type Increments = [f64; 4];

impl Age {
    /// Grows older.
    pub fn advance(&mut self, stress: &Stress) -> Increments {
        let before = self.0;
        self.0 = before.plus(stress);
        let mut increments = [0.0; 4];
        for ((place, (a, b)), power) in increments.iter_mut().zip(before.0.iter().zip(self.0.0)).zip(POWERS) {
            *place = if b > *a { b.powf(power) - a.powf(power) } else { 0.0 };
        }
        increments
    }
}

/// Places of the states.
pub(super) const LOST: usize = 0;
pub(super) const RISEN: usize = 1;
pub(super) const BY_TIME: usize = 2;
pub(super) const BY_CYCLES: usize = 3;
pub(super) const RISE: usize = 4;
const CAPACITY_GAUGE: usize = 5;
const RESISTANCE_GAUGE: usize = 6;
pub(super) const SIZE: usize = 7;

const fn linear(name: &'static str) -> Quantity {
    Quantity { name, unit: "", scale: Scale::Linear }
}

const fn log(name: &'static str) -> Quantity {
    Quantity { name, unit: "", scale: Scale::Log }
}

const STATES: [Quantity; SIZE] = [
    linear("capacity lost, of the rated one"),
    linear("rise of the resistance, of the nominal one"),
    log("factor on ageing by time"),
    log("factor on ageing by cycles"),
    log("factor on the rise of the resistance"),
    linear("error of a capacity by rests"),
    linear("error of a resistance"),
];

/// Outputs: share of the rated capacity by rests; resistance over that of a new pack, as the circuit finds it; share of
/// the rated capacity by a test.
pub(super) const RESTS: usize = 0;
pub(super) const CIRCUIT: usize = 1;
pub(super) const TEST: usize = 2;

/// Standard deviation of the logarithm of each factor before the data \[E\]: the law is of another cell, and laws of cells of
/// one chemistry differ by several times (the 14 cells of NREL BLAST-Lite).
const FACTORS: [(usize, f64); 3] = [(BY_TIME, 0.7), (BY_CYCLES, 1.2), (RISE, 0.8)];
/// What a new pack is off by from its type, and what its gauges are: capacity, resistance; capacity by rests, which is the
/// error of the open-circuit curve over a swing and of drops that a short rest leaves, resistance \[E\].
const OFF: [(usize, f64); 4] = [(LOST, 0.02), (RISEN, 0.06), (CAPACITY_GAUGE, 0.03), (RESISTANCE_GAUGE, 0.06)];
/// How far the logarithm of a factor wanders in a year \[E\]: the law's powers are another cell's too.
const WANDERS_A_YEAR: f64 = 0.5;
/// Conditions of the time before the model saw the pack, and what they are off by, as a share of what they did \[E\].
const PAST: Kokam = Kokam { temperature_deg_c: 20.0, charge: 0.6, depth: 0.6 };
const PAST_UNKNOWN: f64 = 0.4;
/// No pack of the type has less of a new one's resistance \[E\].
const LEAST_RESISTANCE: f64 = 0.6;
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

/// One pack. Time is in days; its load is what the law says of the step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PackAgeing;

impl PackAgeing {
    /// A filter on a pack that has lived so long, and its age.
    pub fn start(config: &BatteryConfig, factors: &Factors, age_years: f64, driven_km: f64) -> (Unscented, Age) {
        let mut priors = [Prior { median: 0.0, deviation: 0.0 }; SIZE];
        for ((place, _), prior) in FACTORS.iter().zip(factors.0) {
            priors[*place] = prior;
        }
        for (place, deviation) in OFF {
            priors[place] = Prior { median: 0.0, deviation };
        }
        let mut filter = Unscented::new(&Self, &priors, &[], Spread { kappa: Some(0.0), ..Spread::default() });
        let (mut age, days) = (Age::default(), age_years * YEAR);
        if days > 0.0 || driven_km > 0.0 {
            let past = age.advance(&Stress::of(&PAST, days, config.full_cycles(driven_km)));
            filter.predict(&Self, &past, days);
            let [by_time, by_cycles, rise_by_time, rise_by_cycles] = past;
            filter.loosen(LOST, PAST_UNKNOWN * (by_time + by_cycles));
            filter.loosen(RISEN, PAST_UNKNOWN * (rise_by_time + rise_by_cycles));
        }
        (filter, age)
    }

    /// Capacity over the rated one.
    pub fn capacity(state: &[f64]) -> f64 {
        state.get(LOST).map_or(f64::NAN, |lost| (1.0 - lost).max(0.0))
    }

    /// Resistance over that of a new pack.
    pub fn resistance(state: &[f64]) -> f64 {
        state.get(RISEN).map_or(f64::NAN, |risen| (1.0 + risen).max(LEAST_RESISTANCE))
    }

    /// Resistance as the circuit finds it.
    pub fn found_resistance(state: &[f64]) -> f64 {
        Self::resistance(state) * (1.0 + state.get(RESISTANCE_GAUGE).copied().unwrap_or(f64::NAN))
    }

    /// Standard deviation that `days` add to the logarithm of a factor.
    pub fn wander(days: f64) -> f64 {
        WANDERS_A_YEAR * (days.max(0.0) / YEAR).sqrt()
    }

    /// Weights of the coordinates in the logarithm of the pace at which capacity is lost.
    pub fn pace_weights(filter: &Unscented, increments: &Increments) -> [f64; SIZE] {
        let mut weights = [0.0; SIZE];
        let factor = |place: usize| filter.quantity(place).map_or(1.0, |(median, _)| median);
        let [by_time, by_cycles, ..] = *increments;
        let (time, cycles) = (factor(BY_TIME) * by_time, factor(BY_CYCLES) * by_cycles);
        let sum = (time + cycles).max(1e-15);
        (weights[BY_TIME], weights[BY_CYCLES]) = (time / sum, cycles / sum);
        weights
    }
}

impl Model for PackAgeing {
    type Load = Increments;

    fn states(&self) -> &[Quantity] {
        &STATES
    }

    fn parameters(&self) -> &[Quantity] {
        &[]
    }

    fn outputs(&self) -> usize {
        3
    }

    fn step(&self, state: &mut [f64], _: &[f64], load: &Increments, _: f64, rate: f64, _: &mut Noise<'_>) {
        let [lost, risen, by_time, by_cycles, rise, ..] = state else { return };
        *lost += rate * (*by_time * load[0] + *by_cycles * load[1]);
        *risen += rate * *rise * (*by_time * load[2] + *by_cycles * load[3]);
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

    fn output(&self, state: &[f64], _: &[f64], _: &Increments, out: &mut [f64]) {
        if let [rests, circuit, test] = out {
            *test = Self::capacity(state);
            *rests = *test * (1.0 + state.get(CAPACITY_GAUGE).copied().unwrap_or(f64::NAN));
            *circuit = Self::found_resistance(state);
        }
    }

    fn event_state(&self, state: &[f64], _: &[f64], _: &Increments) -> f64 {
        ((Self::capacity(state) - END.0) / (1.0 - END.0)).min((END.1 - Self::resistance(state)) / (END.1 - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::battery::fade::power_law_step;
    use crate::estimate::unscented::Measurement;

    fn live(state: &mut [f64; SIZE], age: &mut Age, law: &Kokam, days: f64, full_cycles: f64) {
        let increments = age.advance(&Stress::of(law, days, full_cycles));
        PackAgeing.step(state, &[], &increments, days, 1.0, &mut Noise::none());
    }

    const NEW: [f64; SIZE] = [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0];

    #[test]
    fn a_new_pack_under_constant_conditions_follows_the_published_law() {
        let law = Kokam { temperature_deg_c: 25.0, charge: 0.5, depth: 0.8 };
        let (mut pack, mut age) = (NEW, Age::default());
        (0..365).for_each(|_| live(&mut pack, &mut age, &law, 10.0, 1.0));
        let lost = law.loss_by_time(3650.0) + law.loss_by_cycles(365.0);
        assert!((1.0 - PackAgeing::capacity(&pack) - lost).abs() < 1e-9, "{pack:?} {lost}");
        assert!((PackAgeing::resistance(&pack) / law.resistance(3650.0, 365.0) - 1.0).abs() < 1e-9, "{pack:?}");
    }

    #[test]
    fn when_conditions_change_it_goes_on_by_the_incremental_power_law() {
        let (cool, warm) = (
            Kokam { temperature_deg_c: 15.0, charge: 0.5, depth: 0.8 },
            Kokam { temperature_deg_c: 35.0, charge: 0.8, depth: 0.9 },
        );
        let (mut pack, mut age) = (NEW, Age::default());
        live(&mut pack, &mut age, &cool, 500.0, 200.0);
        live(&mut pack, &mut age, &warm, 100.0, 50.0);
        let time = power_law_step(cool.loss_by_time(500.0), warm.calendar(), Kokam::BY_TIME, 100.0);
        let cycles = power_law_step(cool.loss_by_cycles(200.0), warm.cycling(), Kokam::BY_CYCLES, 50.0);
        assert!((pack[LOST] - time - cycles).abs() < 1e-12, "{pack:?} {time} {cycles}");
    }

    #[test]
    fn a_pack_that_has_lost_much_is_believed_to_lose_fast() {
        let config = BatteryConfig::default();
        let factor = |share: f64| {
            let (mut filter, _) = PackAgeing::start(&config, &Factors::generic(), 3.0, 45_000.0);
            let test = Measurement { output: TEST, value: share, deviation: 0.005 };
            filter.update(&PackAgeing, &[0.0; 4], &[test]);
            filter.quantity(BY_TIME).unwrap().0 * filter.quantity(BY_CYCLES).unwrap().0
        };
        assert!(factor(0.88) > 1.5 * factor(0.97), "{} {}", factor(0.88), factor(0.97));
    }
}
