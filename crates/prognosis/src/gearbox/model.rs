//! The gearbox as the estimators see it: what is measured of it, and what wanders.

use crate::estimate::{Model, Noise, Prior, Quantity, Scale};
use crate::wind_turbine::{MISALIGNMENT_AT_GENERATOR_MM_PER_S_PER_MRAD, MISALIGNMENT_VIBRATION_MM_PER_S_PER_MRAD};

use super::thermal::{BASE_LOAD_SHARE, Condition, Operation, Temperatures, Thermal};

/// The parameters that live: what condition the machine is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Living {
    /// Angle between the high-speed shaft and the generator's, mrad.
    Misalignment,
    /// Wear of the high-speed bearing, 0 for a sound raceway to 1 for one that is spalled all round.
    Wear,
    /// Viscosity of the oil over that of fresh oil.
    Viscosity,
    /// Share of the oil's excess over the air outside that the cooler takes at full duty.
    Cooler,
}

impl Living {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Misalignment, Self::Wear, Self::Viscosity, Self::Cooler];

    /// Place among the states of a [`GearboxModel`].
    pub(super) fn state(self) -> usize {
        match self {
            Self::Wear => 2,
            Self::Misalignment => 4,
            Self::Viscosity => 5,
            Self::Cooler => 6,
        }
    }

    /// What is believed of it before any data.
    pub(super) fn prior(self) -> Prior {
        PRIORS.get(self.state()).copied().unwrap_or(Prior { median: f64::NAN, deviation: f64::NAN })
    }

    /// In messages.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Misalignment => "misalignment",
            Self::Wear => "bearing_wear",
            Self::Viscosity => "oil_viscosity_factor",
            Self::Cooler => "cooler_effectiveness",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Misalignment => "misalignment",
            Self::Wear => "bearing wear",
            Self::Viscosity => "oil viscosity factor",
            Self::Cooler => "cooler effectiveness",
        }
    }

    /// Its unit; empty for a ratio.
    #[must_use]
    pub fn unit(self) -> &'static str {
        if self == Self::Misalignment { "mrad" } else { "" }
    }
}

const fn linear(name: &'static str, unit: &'static str) -> Quantity {
    Quantity { name, unit, scale: Scale::Linear }
}

const fn log(name: &'static str, unit: &'static str) -> Quantity {
    Quantity { name, unit, scale: Scale::Log }
}

/// All wander, so all are states. Wear and the square of the misalignment are linear: those of a sound machine are 0 give
/// or take, and the square of the vibration is linear in both.
const STATES: [Quantity; 15] = [
    linear("oil temperature", "degC"),
    linear("bearing temperature", "degC"),
    linear("bearing wear", ""),
    linear("pace of wear at rated load", "1/d"),
    linear("square of the misalignment", "mrad2"),
    log("oil viscosity factor", ""),
    log("cooler effectiveness", ""),
    log("loss factor", ""),
    log("friction factor", ""),
    log("bearing vibration factor", ""),
    log("generator vibration factor", ""),
    log("oil pressure factor", ""),
    log("vibration of wear factor", ""),
    linear("inlet offset", "K"),
    log("oil flow factor", ""),
];

/// Places of the states.
pub(super) const OIL: usize = 0;
pub(super) const BEARING: usize = 1;
pub(super) const WEAR: usize = 2;
pub(super) const PACE: usize = 3;
/// Friction and vibration of this bearing beside what its type has.
pub(super) const FRICTION: usize = 8;
pub(super) const BEARING_VIBRATION: usize = 9;
pub(super) const DAMAGE: usize = 12;

/// What is believed of a machine of the type before its telemetry. \[E\]
pub(super) const PRIORS: [Prior; 15] = [
    Prior { median: 50.0, deviation: 10.0 },
    Prior { median: 55.0, deviation: 10.0 },
    Prior { median: 0.0, deviation: 0.002 },
    Prior { median: 0.0, deviation: 2e-4 },
    Prior { median: 0.1, deviation: 0.25 },
    Prior { median: 1.0, deviation: 0.2 },
    Prior { median: 0.42, deviation: 0.3 },
    Prior { median: 1.0, deviation: 0.15 },
    Prior { median: 1.0, deviation: 0.3 },
    Prior { median: 1.0, deviation: 0.07 },
    Prior { median: 1.0, deviation: 0.07 },
    Prior { median: 1.0, deviation: 0.06 },
    Prior { median: 1.0, deviation: 0.1 },
    Prior { median: 0.0, deviation: 0.4 },
    Prior { median: 1.0, deviation: 0.2 },
];

/// What a day adds to each of the first seven by chance, in its coordinate. \[E\]: temperatures are the heat that the
/// model does not know.
const WANDERS_A_DAY: [f64; 7] = [30.0, 30.0, 4e-4, 1.5e-4, 0.005, 0.004, 0.004];
/// Days for which the others, which are what laws and sensors are off by, remember: they come back to their prior.
/// Their errors hang together for as long as the machine is in one place of its range, and a sensor's for longer. \[E\]
const REMEMBERS_DAYS: f64 = 5.0;

/// Velocity that wear 1 adds at rated speed and load, mm/s rms. \[E\]
const WORN_VIBRATION_MM_PER_S: f64 = 11.5;
/// How much faster a raceway that is worn to the second number wears than a sound one: roughness breaks the film. \[E\]
const SPEEDS_UP: (f64, f64) = (3.0, 0.3);

/// Places of the outputs: sump, °C; inlet, °C; bearing, °C; pressure, bar; vibration of bearing and generator, mm/s rms;
/// and what inspections find: wear, viscosity factor, square of the misalignment.
pub(super) const OUTPUTS: usize = 9;
pub(super) const WEAR_FOUND: usize = 6;
pub(super) const VISCOSITY_FOUND: usize = 7;
pub(super) const MISALIGNMENT_FOUND: usize = 8;

/// The gearbox of one type of turbine. Time is in hours of ageing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GearboxModel {
    /// Oil and bearing.
    pub thermal: Thermal,
    /// How many times faster than the clock the machine ages: its temperatures go by the clock.
    pub time_lapse: f64,
}

/// Turning under load, 1 at rated speed and load: what wear goes with (Archard's path, Hertz' pressure).
pub(super) fn usage(operation: &Operation) -> f64 {
    let load = (BASE_LOAD_SHARE + operation.torque_share()) / (1.0 + BASE_LOAD_SHARE);
    operation.speed_share.clamp(0.0, 1.5) * load.sqrt()
}

/// Wear a day at rated usage.
pub(super) fn growth_a_day(pace: f64, wear: f64) -> f64 {
    let (more, at) = SPEEDS_UP;
    pace * (1.0 + more * (wear / at).clamp(0.0, 1.0))
}

/// Velocity at the bearing at rated speed and load, mm/s rms: what thresholds speak of.
pub(super) fn rated_vibration_mm_per_s(state: &[f64]) -> f64 {
    let rated = Operation { power_share: 1.0, speed_share: 1.0, ambient_deg_c: 12.0, duty: None };
    bearing_vibration_mm_per_s(state, &rated)
}

pub(super) fn bearing_vibration_mm_per_s(state: &[f64], operation: &Operation) -> f64 {
    let &[_, _, wear, _, misalignment_2, _, _, _, _, factor, _, _, damage_factor, _, _] = state else {
        return f64::NAN;
    };
    let speed = operation.speed_share;
    let sound = 1.5 + 0.6 * operation.power_share.clamp(0.0, 1.5);
    let misaligned_2 = misalignment_2 * (MISALIGNMENT_VIBRATION_MM_PER_S_PER_MRAD * speed).powi(2);
    let load = 0.75 + 0.25 * operation.torque_share();
    let damage = damage_factor * WORN_VIBRATION_MM_PER_S * speed * load;
    // Less than nothing is worn where the belief is a band about 0.
    (sound.powi(2) + misaligned_2 + wear * damage.powi(2)).max(0.0).sqrt() * factor
}

fn condition(state: &[f64]) -> Option<Condition> {
    let &[
        _,
        _,
        wear,
        _,
        misalignment_2,
        viscosity_factor,
        cooler_effectiveness,
        loss_factor,
        friction_factor,
        _,
        _,
        _,
        _,
        _,
        flow_factor,
    ] = state
    else {
        return None;
    };
    Some(Condition {
        viscosity_factor,
        cooler_effectiveness,
        loss_factor,
        friction_factor,
        flow_factor,
        wear,
        misalignment_mrad: misalignment_2.max(0.0).sqrt(),
    })
}

impl Model for GearboxModel {
    type Load = Operation;

    fn states(&self) -> &[Quantity] {
        &STATES
    }

    fn parameters(&self) -> &[Quantity] {
        &[]
    }

    fn outputs(&self) -> usize {
        OUTPUTS
    }

    fn step(&self, state: &mut [f64], _: &[f64], load: &Operation, dt: f64, rate: f64, _: &mut Noise<'_>) {
        let Some(condition) = condition(state) else { return };
        let forgotten = -(-dt / (24.0 * REMEMBERS_DAYS)).exp_m1();
        let known = WANDERS_A_DAY.len();
        let off = state.iter_mut().zip(PRIORS).zip(STATES).enumerate().skip(known).filter(|(i, _)| *i != DAMAGE);
        for (_, ((value, prior), quantity)) in off {
            let coordinate = quantity.scale.inward(*value);
            let middle = quantity.scale.inward(prior.median);
            *value = quantity.scale.outward(coordinate + forgotten * (middle - coordinate));
        }
        if let [oil, bearing, wear, pace, ..] = state {
            let mut temperatures = Temperatures { oil_deg_c: *oil, bearing_deg_c: *bearing };
            self.thermal.step(&mut temperatures, &condition, load, dt * 3600.0 / self.time_lapse);
            (*oil, *bearing) = (temperatures.oil_deg_c, temperatures.bearing_deg_c);
            *wear += rate * growth_a_day(*pace, *wear) * usage(load) * dt / 24.0;
        }
    }

    fn process_deviation(&self, dt: f64, out: &mut [f64]) {
        let kept = (-dt / (24.0 * REMEMBERS_DAYS)).exp();
        for (i, (deviation, prior)) in out.iter_mut().zip(PRIORS).enumerate() {
            *deviation = match WANDERS_A_DAY.get(i) {
                Some(a_day) if i <= BEARING => a_day * (dt / self.time_lapse / 24.0).sqrt(),
                Some(a_day) => a_day * (dt / 24.0).sqrt(),
                // A property of the bearing, not an error that comes and goes.
                None if i == DAMAGE => 0.0,
                None => prior.deviation * (1.0 - kept * kept).sqrt(),
            };
        }
    }

    fn output(&self, state: &[f64], _: &[f64], load: &Operation, out: &mut [f64]) {
        let (Some(condition), [sump, inlet, ring, pressure, bearing, generator, found @ ..]) = (condition(state), out)
        else {
            return;
        };
        for (place, living) in found.iter_mut().zip([Living::Wear, Living::Viscosity, Living::Misalignment]) {
            *place = state.get(living.state()).copied().unwrap_or(f64::NAN);
        }
        let (Some(oil_deg_c), Some(bearing_deg_c)) = (state.get(OIL).copied(), state.get(BEARING).copied()) else {
            return;
        };
        let temperatures = Temperatures { oil_deg_c, bearing_deg_c };
        *sump = oil_deg_c;
        let inlet_deg_c = self.thermal.inlet_deg_c(temperatures, &condition, load);
        *inlet = inlet_deg_c + state.get(13).copied().unwrap_or(f64::NAN);
        *ring = bearing_deg_c;
        let oil = &self.thermal.oil;
        let thickness =
            condition.viscosity_factor * oil.viscosity_mm2_per_s(inlet_deg_c) / oil.viscosity_mm2_per_s(50.0);
        // Thick oil needs more; the relief valve opens at 6 bar. [E]
        let pressure_factor = state.get(11).copied().unwrap_or(f64::NAN);
        *pressure = (pressure_factor * (1.0 + 2.0 * thickness.max(0.0).cbrt())).min(6.0);
        *bearing = bearing_vibration_mm_per_s(state, load);
        let factor = state.get(10).copied().unwrap_or(f64::NAN);
        let speed = load.speed_share.clamp(0.0, 1.5);
        let at_1_mrad = MISALIGNMENT_AT_GENERATOR_MM_PER_S_PER_MRAD * speed;
        let misaligned_2 = state.get(Living::Misalignment.state()).copied().unwrap_or(f64::NAN) * at_1_mrad.powi(2);
        *generator = factor * ((2.1 * speed.powf(1.8)).powi(2) + misaligned_2).max(0.0).sqrt();
    }

    fn event_state(&self, state: &[f64], _: &[f64], _: &Operation) -> f64 {
        state.get(WEAR).map_or(f64::NAN, |wear| 1.0 - wear)
    }
}
