//! One car's pack as a living model: its charge and resistance second by second, its capacity from rest to rest, its ageing
//! from day to day.
//!
//! Two filters. The fast one follows the circuit ([`super::pack`]) at the row's rate. The slow one ([`super::ageing`]) takes
//! what the fast one and the rests ([`super::rests`]) found every hour or so, and lets what was done to the pack in
//! between age it. Ageing counts in the asset's own hours ([`crate::living::Row::ageing_h`]); the circuit and what is
//! counted with it do not.
//!
//! Invariants: no value from outside reaches a filter before it is bounded; a reading that the filter does not believe is
//! left out, and many in a row widen it.

mod living;

use serde::{Deserialize, Serialize};

use crate::estimate::Model;
use crate::estimate::consistency::Consistency;
use crate::estimate::unscented::{Innovation, Measurement, Spread, Unscented};
use crate::living::{Row, WallMs};

use super::ageing::{Age, CIRCUIT, Factors, LOST, PackAgeing, RESTS, RISEN, Stress};
use super::fade::Kokam;
use super::pack::{BatteryConfig, BatteryConfigError, CHARGE, Draw, FAST, PackCircuit, RESISTANCE, SLOW};
use super::rests::{Rested, Rests};
use super::usage::{Usage, Used};

/// Longest row that the circuit is followed through, and longest gap that is none, s of the car.
const LONGEST_ROW_S: f64 = 600.0;
const GAP_S: f64 = 60.0;
/// Longest gap that is believed, days of ageing: the clock of something may be wrong.
const LONGEST_GAP_DAYS: f64 = 1100.0;
/// Fastest time lapse; what is faster counts as none.
const FASTEST: f64 = 1e6;
/// What is possible: current in capacities an hour, volts a cell, °C.
const CURRENT_C: f64 = 30.0;
const CELL_V: (f64, f64) = (0.5, 6.0);
const TEMPERATURE_DEG_C: (f64, f64) = (-60.0, 120.0);
/// A row is taken in halves above this, so that its mean meets the state in its middle, s.
const HALVES_S: f64 = 2.0;
/// A reading beyond this many deviations is left out, until so many in a row say that the filter is wrong.
const WILD: f64 = 6.0;
const WILD_ROWS: u32 = 40;
const WILD_RESTS: u32 = 3;
/// One innovation in so long counts, s of the car: those of neighbours hang together. Two windows of them.
const THINNED_S: f64 = 60.0;
const WINDOW: usize = 240;
const SLOW_WINDOW: usize = 8;
/// The circuit's resistance is taken so often, s of the car, and is off by this share from one time to the next \[E\].
const RESISTANCE_S: f64 = 7200.0;
const RESISTANCE_SHARE: f64 = 0.015;
/// The first one comes so long after the start, s of the car.
const SETTLING_S: f64 = 900.0;
/// Memory of the highest current, s of the car, and of the highest of a day.
const CURRENT_S: f64 = 300.0;
/// Highest odometer that is taken for the past of a car, km.
const HIGHEST_KM: f64 = 2e6;

/// The living model of one pack. Serialize it to let it survive a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatteryTwin {
    config: BatteryConfig,
    seed: u64,
    /// Of the factors, before the data.
    factors: Factors,
    fast: Unscented,
    slow: Unscented,
    age: Age,
    /// The slow one as it was before the data.
    slow_prior: Unscented,
    fast_window: Consistency,
    slow_window: Consistency,
    usage: Usage,
    rests: Rests,
    /// What the slow one has not seen yet, and its days.
    pending: (Stress, f64),
    /// Capacity as it is believed, A·h, and what the law alone has taken of it since the start, share.
    capacity_ah: f64,
    lost: f64,
    temperature_deg_c: f64,
    /// Mean of the last minutes, and the highest of late, A.
    current_a: (f64, f64),
    wild: (u32, u32),
    /// Since the last innovation that counts, since the last resistance, and in all, s of the car.
    clocks_s: [f64; 3],
    /// The slow filter has been told something; the odometer has been.
    learned: bool,
    placed: bool,
    last_ms: Option<WallMs>,
}

impl BatteryTwin {
    /// A pack of the type, before any telemetry.
    ///
    /// # Errors
    /// Such a pack cannot be.
    pub fn new(config: BatteryConfig, seed: u64) -> Result<Self, BatteryConfigError> {
        config.check()?;
        let spread = Spread { kappa: Some(0.0), ..Spread::default() };
        let factors = Factors::generic();
        let (slow, age) = PackAgeing::start(&config, &factors, config.age_years, config.driven_km);
        let mut twin = Self {
            fast: Unscented::new(&PackCircuit(&config), &PackCircuit::PRIORS, &[], spread),
            slow_prior: slow.clone(),
            slow,
            age,
            factors,
            seed,
            fast_window: Consistency::new(WINDOW),
            slow_window: Consistency::new(SLOW_WINDOW),
            usage: Usage::default(),
            rests: Rests::default(),
            pending: (Stress::default(), 0.0),
            capacity_ah: config.capacity_ah,
            lost: 0.0,
            temperature_deg_c: 25.0,
            current_a: (0.0, 0.0),
            wild: (0, 0),
            clocks_s: [0.0, RESISTANCE_S - SETTLING_S, 0.0],
            learned: false,
            placed: false,
            last_ms: None,
            config,
        };
        twin.renew_capacity();
        Ok(twin)
    }

    /// Whether its numbers are usable: to be asked of one that was read from outside.
    #[must_use]
    pub fn fits(&self) -> bool {
        let numbers =
            [self.pending.1, self.lost, self.capacity_ah, self.temperature_deg_c, self.current_a.0, self.current_a.1];
        self.config.check().is_ok()
            && self.factors.are_sound()
            && self.fast.fits(&PackCircuit(&self.config))
            && self.slow.fits(&PackAgeing)
            && self.slow_prior.fits(&PackAgeing)
            && self.usage.is_sound()
            && self.rests.is_sound()
            && self.pending.0.is_sound()
            && self.age.0.is_sound()
            && numbers.iter().chain(&self.clocks_s).all(|x| x.is_finite())
            && self.capacity_ah > 0.0
    }

    /// Starts the slow filter on a pack that has lived so long.
    fn start(&mut self, age_years: f64, driven_km: f64) {
        (self.slow, self.age) = PackAgeing::start(&self.config, &self.factors, age_years, driven_km);
        self.slow_prior = self.slow.clone();
        self.renew_capacity();
    }

    fn renew_capacity(&mut self) {
        // Whatever is believed, a pack takes some charge.
        let share = self.slow.quantity(LOST).map_or(1.0, |(lost, _)| 1.0 - lost);
        self.capacity_ah = self.config.capacity_ah * if share.is_nan() { 1.0 } else { share.clamp(0.2, 1.3) };
    }

    fn take(&mut self, row: &Row<'_>) {
        if !(row.seconds.is_finite() && row.seconds > 0.0) {
            return;
        }
        let time_lapse = if (0.0..=FASTEST).contains(&row.time_lapse) { row.time_lapse } else { 1.0 };
        let gap_s = self.last_ms.map_or(0.0, |last| row.at_ms.saturating_sub(last) as f64 / 1e3 - row.seconds);
        self.last_ms = Some(row.at_ms);
        let seconds = row.seconds * self.config.pace;
        if gap_s * self.config.pace > GAP_S {
            self.unseen(gap_s, time_lapse);
        }
        let within = |index: usize, low: f64, high: f64| {
            row.values.get(index).copied().filter(|value| (low..=high).contains(value))
        };
        let (rated, cells) = (self.config.capacity_ah, self.config.cells());
        let current = within(0, -CURRENT_C * rated, CURRENT_C * rated);
        let voltage = within(1, CELL_V.0 * cells, CELL_V.1 * cells);
        if let Some(temperature) = within(2, TEMPERATURE_DEG_C.0, TEMPERATURE_DEG_C.1) {
            self.temperature_deg_c = temperature;
        }
        let Some(current_a) = current.filter(|_| seconds <= LONGEST_ROW_S) else {
            self.unseen(row.seconds, time_lapse);
            return;
        };
        let draw =
            Draw { current_a, cold: BatteryConfig::cold_factor(self.temperature_deg_c), capacity_ah: self.capacity_ah };
        let reading = self.follow(&draw, voltage, seconds);
        let recent = (seconds / CURRENT_S).min(1.0);
        self.current_a.0 += recent * (current_a.abs() - self.current_a.0);
        self.current_a.1 = (self.current_a.1 * (1.0 - seconds / 86_400.0).max(0.0)).max(self.current_a.0);
        self.clocks_s.iter_mut().for_each(|clock| *clock += seconds);

        let used = Used {
            ageing_h: row.seconds * time_lapse / 3600.0,
            seconds,
            current_a,
            capacity_ah: self.capacity_ah,
            charge: self.charge().0,
            temperature_deg_c: self.temperature_deg_c,
            odometer_km: row.values.get(4).copied().unwrap_or(f64::NAN),
        };
        let (stress, ended) = self.usage.take(&used);
        self.wait(&stress, used.ageing_h / 24.0);
        if let (false, Some(km)) = (self.placed, self.usage.odometer_km().filter(|km| *km <= HIGHEST_KM)) {
            self.placed = true;
            if !self.learned {
                self.start(self.config.age_years, km);
            }
        }
        match self.rests.take(current_a, seconds, rated, reading, self.lost) {
            Some(rested) => self.rested(&rested),
            None if ended => self.catch_up(),
            None => {}
        }
    }

    /// Follows the circuit through a row; what its voltage says of the charge, if it rests.
    fn follow(&mut self, draw: &Draw, voltage: Option<f64>, seconds: f64) -> Option<(f64, f64)> {
        let circuit = PackCircuit(&self.config);
        let (before, after) = if seconds > HALVES_S { (0.5 * seconds, 0.5 * seconds) } else { (seconds, 0.0) };
        self.fast.predict(&circuit, draw, before);
        let mut reading = None;
        if let Some(value) = voltage {
            let measured = Measurement { output: 0, value, deviation: circuit.deviation_v(draw) };
            let widen = [(CHARGE, 0.3), (FAST, 1.0), (SLOW, 1.0), (RESISTANCE, 0.3)];
            let innovation = careful(&mut self.fast, &circuit, draw, &[measured], &mut self.wild.0, WILD_ROWS, &widen);
            if self.clocks_s[0] >= THINNED_S {
                self.clocks_s[0] = 0.0;
                self.fast_window.learn(innovation.squared.min(WILD * WILD), innovation.measurements);
            }
            let at = |place: usize| self.fast.quantity(place).map_or(f64::NAN, |(median, _)| median);
            if Rests::is_still(draw.current_a, self.config.capacity_ah) && self.wild.0 == 0 {
                reading = circuit.rest(value, draw, at(RESISTANCE), at(FAST) + at(SLOW));
            }
        }
        if after > 0.0 {
            self.fast.predict(&circuit, draw, after);
        }
        reading
    }

    /// Time of which nothing is known but that it passed, s of the clock.
    fn unseen(&mut self, seconds: f64, time_lapse: f64) {
        let days = seconds * time_lapse / 86_400.0;
        if !(0.0..=LONGEST_GAP_DAYS).contains(&days) {
            return;
        }
        let lived_s = seconds * self.config.pace;
        let still = Draw { current_a: 0.0, cold: 1.0, capacity_ah: self.capacity_ah };
        self.fast.predict(&PackCircuit(&self.config), &still, lived_s.min(1e5));
        // It may have been driven or charged meanwhile, at 1C or so.
        self.fast.loosen(CHARGE, (lived_s / 3600.0).min(0.3));
        self.rests.lose(lived_s);
        if lived_s > GAP_S {
            self.usage.break_off();
        }
        let law = Kokam {
            temperature_deg_c: self.temperature_deg_c,
            charge: self.charge().0,
            depth: self.usage.depth().unwrap_or(0.6),
        };
        let stress = self.usage.unseen(days).unwrap_or_else(|| Stress::of(&law, days, 0.0));
        self.wait(&stress, days);
    }

    fn wait(&mut self, stress: &Stress, days: f64) {
        self.pending = (self.pending.0.plus(stress), self.pending.1 + days);
    }

    /// Lets the slow filter see what was done to the pack.
    fn catch_up(&mut self) {
        let (stress, days) = std::mem::take(&mut self.pending);
        if days > 0.0 {
            let increments = self.age.advance(&stress);
            let before = self.slow.quantity(LOST).map_or(0.0, |(lost, _)| lost);
            self.slow.predict(&PackAgeing, &increments, days);
            self.lost += self.slow.quantity(LOST).map_or(0.0, |(lost, _)| lost - before);
            self.renew_capacity();
        }
    }

    /// The end of a rest, with a capacity if a swing is over; it is that of the middle of the swing.
    fn rested(&mut self, rested: &Rested) {
        self.catch_up();
        let mut measured = Vec::new();
        if let Some((ah, deviation)) = rested.capacity_ah {
            let rated = self.config.capacity_ah;
            measured.push(Measurement {
                output: RESTS,
                value: ah / rated - rested.lost_since,
                deviation: deviation / rated,
            });
        }
        if let Some((factor, deviation)) = self.fast.quantity(RESISTANCE).filter(|_| self.clocks_s[1] >= RESISTANCE_S) {
            self.clocks_s[1] = 0.0;
            let deviation = factor * deviation.hypot(RESISTANCE_SHARE);
            measured.push(Measurement { output: CIRCUIT, value: factor, deviation });
        }
        self.tell(&measured);
    }

    fn tell(&mut self, measured: &[Measurement]) {
        if measured.is_empty() {
            return;
        }
        let widen = [(LOST, 0.2), (RISEN, 0.3)];
        let innovation =
            careful(&mut self.slow, &PackAgeing, &[0.0; 4], measured, &mut self.wild.1, WILD_RESTS, &widen);
        self.slow_window.learn(innovation.squared.min(WILD * WILD), innovation.measurements);
        self.learned = true;
        self.renew_capacity();
    }

    /// Charge, and its standard deviation.
    fn charge(&self) -> (f64, f64) {
        let (charge, deviation) = self.fast.quantity(CHARGE).unwrap_or((f64::NAN, f64::NAN));
        (charge, deviation.hypot(PackCircuit(&self.config).lasting(charge)))
    }

    /// The slow filter and the age up to now.
    fn slow_now(&self) -> (Unscented, Age) {
        let (mut slow, mut age) = (self.slow.clone(), self.age);
        if self.pending.1 > 0.0 {
            let increments = age.advance(&self.pending.0);
            slow.predict(&PackAgeing, &increments, self.pending.1);
        }
        (slow, age)
    }
}

/// An update that leaves out what is too wild to be believed, until it has been wild for `patience` times in a row: then the
/// filter is made wider by so much first.
fn careful<M: Model>(
    filter: &mut Unscented,
    model: &M,
    load: &M::Load,
    measured: &[Measurement],
    wild: &mut u32,
    patience: u32,
    widen: &[(usize, f64)],
) -> Innovation {
    let mut trial = filter.clone();
    let innovation = trial.update(model, load, measured);
    if innovation.squared <= WILD * WILD * innovation.measurements as f64 {
        *wild = 0;
        *filter = trial;
        return innovation;
    }
    *wild += 1;
    if *wild >= patience {
        *wild = 0;
        widen.iter().for_each(|(place, deviation)| filter.loosen(*place, *deviation));
        filter.update(model, load, measured);
    }
    innovation
}
