//! A cooled rotor blade of a heavy-duty gas turbine, as the simulator takes it for true: the plant is dispatched, the
//! blade heats, stretches and ages.
//!
//! The airfoil is the NASA C3X vane's (CR-168015) with its ten cooling passages, as a rotor blade of a 50 Hz machine.
//! Flows are that vane's of run 145; the machine around it is generic, its values are engineering assumptions \[E\].
//! In a real engine nobody measures the coolant of each passage of a turning blade: these signals stand for a model of
//! the plant's own, and say what such a model would have to find.
//!
//! Time is compressed: one second that the caller lets pass is [`COMPRESSION`] seconds of the machine, so that starts,
//! load changes and stops are seen within minutes. Faults grow in the caller's time, like those of other machines. A time
//! lapse beyond that is for damage only ([`TurbineBlade::set_time_lapse`]).
//!
//! Invariants: outputs are finite; damage never shrinks; one seed and one sequence of calls give the same numbers to the
//! last bit.

mod cooling;
mod damage;
mod dispatch;
mod outputs;
mod sensors;

pub use cooling::{PASSAGES, PLACES, Place};
pub use damage::{Individual, crack_growth_m, rupture_hours};
pub use outputs::{Outputs, topics};

use crate::faults::{Fault, FaultKind, Faults};
use cooling::{Blade, Drive};
use damage::Damage;
use dispatch::Dispatch;
use sensors::Sensors;

/// Seconds of the machine in one second of the caller.
pub const COMPRESSION: f64 = 30.0;
/// Fastest ageing, s in one second of the caller: three years. A cycle's growth stays small against the crack.
pub const FASTEST_TIME_LAPSE: f64 = 1e8;
/// Longest step inside, s of the machine: thin edges follow the gas within ten.
const LONGEST_INNER_STEP_S: f64 = 1.0;
/// Longest step that a caller can ask for, s.
const LONGEST_STEP_S: f64 = 10.0;

/// From clean to as blocked as it gets at rate 1, s of the caller.
const BLOCKAGE_TIME_S: f64 = 150.0;
/// The rest of the passage stays open: deposits do not seal it.
const MOST_BLOCKED: f64 = 0.85;
/// The passage that gets blocked, from 0: passage 9, in the thin trailing edge.
const BLOCKED: usize = 8;
/// From an even flame to the full streak at rate 1, s of the caller.
const STREAK_TIME_S: f64 = 120.0;
/// Gas in the full streak above the mean, K. \[E\]
const STREAK_K: f64 = 110.0;

/// One simulated blade and the machine around it.
#[derive(Debug, Clone)]
pub struct TurbineBlade {
    dispatch: Dispatch,
    blade: Blade,
    damage: Damage,
    sensors: Sensors,
    faults: Faults,
    /// Share of the passage's area that is closed, 0 to [`MOST_BLOCKED`].
    blocked: f64,
    /// Share of the full streak, 0 to 1.
    streak: f64,
    time_s: f64,
    /// How often what happens counts for damage: the time lapse over [`COMPRESSION`].
    repeats: f64,
    outputs: Outputs,
}

impl TurbineBlade {
    /// A blade in mid-life that has been at base load for long.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::individual(seed, Individual::default())
    }

    /// Another one of the row.
    #[must_use]
    pub fn individual(seed: u64, individual: Individual) -> Self {
        let dispatch = Dispatch::new(seed);
        let mut one = Self {
            blade: Blade::new(),
            damage: Damage::mid_life(individual),
            sensors: Sensors::new(seed),
            faults: Faults::default(),
            blocked: 0.0,
            streak: 0.0,
            time_s: 0.0,
            repeats: 1.0,
            outputs: Outputs::NOTHING,
            dispatch,
        };
        let drive = one.drive();
        for _ in 0..7200 {
            one.blade.step(&drive, 1.0);
        }
        one.damage.settle(&one.blade);
        one.read();
        one
    }

    /// Lets `dt_s` seconds of the caller pass, at most 10; longer ones count as 10. Zero, negative and not finite ones
    /// as nothing.
    pub fn step(&mut self, dt_s: f64) {
        if !dt_s.is_finite() || dt_s <= 0.0 {
            return;
        }
        let dt_s = dt_s.min(LONGEST_STEP_S);
        let count = (dt_s * COMPRESSION / LONGEST_INNER_STEP_S - 1e-9).ceil().max(1.0);
        let (inner_s, caller_s) = (dt_s * COMPRESSION / count, dt_s / count);
        for _ in 0..count as u32 {
            self.grow_faults(caller_s);
            self.dispatch.step(inner_s);
            let drive = self.drive();
            self.blade.step(&drive, inner_s);
            self.damage.step(&self.blade, self.dispatch.fired(), inner_s, self.repeats);
        }
        self.time_s += dt_s;
        self.read();
    }

    /// Lets the blade age so many times faster than the caller's clock: seconds of creep, fired hours and starts in one
    /// second. [`COMPRESSION`] until this is called, and at least: the plant runs that much faster anyway. What is beyond
    /// that goes on as the plant does at the moment (hours) and did in its last whole cycle (starts). At most
    /// [`FASTEST_TIME_LAPSE`]; what is not a number changes nothing.
    pub fn set_time_lapse(&mut self, time_lapse: f64) {
        if !time_lapse.is_nan() {
            self.repeats = time_lapse.clamp(COMPRESSION, FASTEST_TIME_LAPSE) / COMPRESSION;
        }
    }

    /// How many times faster than the caller's clock it ages.
    #[must_use]
    pub fn time_lapse(&self) -> f64 {
        COMPRESSION * self.repeats
    }

    fn grow_faults(&mut self, caller_s: f64) {
        let rate = self.faults.rate(FaultKind::CoolingPassageBlockage);
        self.blocked = (self.blocked + MOST_BLOCKED * rate * caller_s / BLOCKAGE_TIME_S).min(MOST_BLOCKED);
        let rate = self.faults.rate(FaultKind::HotStreak);
        self.streak = (self.streak + rate * caller_s / STREAK_TIME_S).min(1.0);
    }

    fn drive(&self) -> Drive {
        let mut open = [1.0; PASSAGES];
        open[BLOCKED] = 1.0 - self.blocked;
        Drive {
            gas_temperature_deg_c: self.dispatch.gas_temperature_deg_c(),
            // A streak needs a flame.
            streak_k: if self.dispatch.fired() { self.streak * STREAK_K * self.dispatch.load() } else { 0.0 },
            coolant_temperature_deg_c: self.dispatch.coolant_temperature_deg_c(),
            pressure_share: self.dispatch.pressure_share(),
            speed_share: self.dispatch.speed_share(),
            open,
        }
    }

    /// What the sensors read at the end of the last step.
    #[must_use]
    pub fn outputs(&self) -> Outputs {
        self.outputs
    }

    /// Starts a fault, or changes the rate of one that is at work. A rate out of range is cut to it.
    pub fn inject(&mut self, fault: Fault) {
        self.faults.inject(fault);
    }

    /// Ends a fault and repairs its cause; the heat goes at its own pace, and damage stays. Without that fault: nothing.
    pub fn clear(&mut self, kind: FaultKind) {
        self.faults.clear(kind);
        match kind {
            FaultKind::CoolingPassageBlockage => self.blocked = 0.0,
            FaultKind::HotStreak => self.streak = 0.0,
            _ => {}
        }
    }

    /// The faults at work, in the order of their injection, one of a kind.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        self.faults.all()
    }

    /// Time that it has been given since the start, s of the caller.
    #[must_use]
    pub fn time_s(&self) -> f64 {
        self.time_s
    }

    fn read(&mut self) {
        let truth = self.truth();
        self.outputs = self.sensors.read(&truth);
    }

    fn truth(&self) -> Outputs {
        let drive = self.drive();
        Outputs {
            load_percent: 100.0 * self.dispatch.load(),
            power_mw: self.dispatch.power_mw(),
            speed_rpm: self.dispatch.speed_rpm(),
            fired: self.dispatch.fired(),
            gas_temperature_deg_c: drive.gas_temperature_deg_c,
            gas_pressure_bar: self.dispatch.pressure_bar(),
            exhaust_spread_k: self.dispatch.exhaust_spread_k() + 0.55 * drive.streak_k,
            coolant_temperature_deg_c: drive.coolant_temperature_deg_c,
            coolant_flow_g_per_s: self.blade.flows_g_per_s(&drive),
            coolant_outlet_deg_c: self.blade.coolant_outlet_deg_c(&drive),
            passage_area_percent: drive.open.map(|open| 100.0 * open),
            metal_deg_c: self.blade.metal_deg_c(),
            root_stress_mpa: self.blade.root_stress_mpa(),
            edge_stress_mpa: self.blade.edge_stress_mpa(),
            creep_strain_percent: self.damage.creep_strain_percent(),
            creep_life_percent: 100.0 * self.damage.creep_life(),
            crack_mm: self.damage.crack_mm(),
            starts: self.damage.starts(),
            fired_hours: self.damage.fired_hours(),
        }
    }
}
