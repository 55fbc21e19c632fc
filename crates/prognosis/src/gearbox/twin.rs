//! One machine's model, kept alive by its telemetry.

use serde::{Deserialize, Serialize};

use rand_distr::{Distribution, StandardNormal};

use crate::estimate::consistency::{Consistency, Verdict};
use crate::estimate::unscented::{Innovation, Measurement, Spread, Unscented};
use crate::estimate::{Model as _, Prior, Scale, generator};
use crate::living::Band;

use super::bearing::HighSpeedBearing;
use super::model::{BEARING, GearboxModel, Living, PRIORS, WEAR};
use super::thermal::{Operation, Thermal};

/// Means over ten minutes. What is missing is not a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Telemetry {
    /// Air outside, °C.
    pub ambient_deg_c: f64,
    /// Active power, kW.
    pub power_kw: f64,
    /// Generator speed, rpm.
    pub generator_speed_rpm: f64,
    /// Oil in the sump, °C.
    pub oil_deg_c: f64,
    /// Oil behind the cooler, °C.
    pub oil_inlet_deg_c: f64,
    /// Oil pressure at the inlet, bar.
    pub oil_pressure_bar: f64,
    /// Duty of the cooler, 0 to 1.
    pub cooler_duty: f64,
    /// High-speed bearing, °C.
    pub bearing_deg_c: f64,
    /// Vibration of the high-speed bearing, mm/s rms.
    pub bearing_vibration_mm_per_s: f64,
    /// Vibration of the generator, mm/s rms.
    pub generator_vibration_mm_per_s: f64,
}

/// A parameter that lives: what is believed now, and what was believed before the telemetry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// Which.
    pub living: Living,
    /// Now.
    pub now: Band,
    /// Before.
    pub prior: Band,
}

/// What no sensor reads, as equally likely values.
#[derive(Debug, Clone, PartialEq)]
pub struct Virtual {
    /// Radial load of the high-speed bearing, N.
    pub bearing_load_n: Vec<f64>,
    /// Thinnest film in it, m.
    pub film_m: Vec<f64>,
    /// That over the roughness: above 3 a full film, below 1 the surfaces touch.
    pub lambda: Vec<f64>,
    /// Torque of the generator's shaft, N·m.
    pub torque_n_m: Vec<f64>,
}

/// Hours between two updates: the model's error hangs together for longer than ten minutes.
const UPDATE_HOURS: f64 = 1.0;
/// Updates in the window that judges the model: a week.
const WINDOW: usize = 168;
/// Below this power the laws of vibration and pressure are not those of a machine under load.
const UNDER_LOAD: f64 = 0.1;
/// Standard deviation of what each output is off by, noise and model together: absolute, and as a share. \[E\]
const DEVIATIONS: [(f64, f64); 6] = [(0.5, 0.0), (0.7, 0.0), (2.0, 0.0), (0.05, 0.04), (0.05, 0.08), (0.05, 0.12)];
/// What the model was calibrated for: oil temperature, °C; air outside, °C; power share.
const CALIBRATED: [(&str, f64, f64); 3] =
    [("oil temperature", 10.0, 66.0), ("air temperature", -15.0, 35.0), ("power", -0.05, 1.1)];
/// Wear is told when this is exceeded with a probability of 99 % for a day of updates, in hours.
const TOLD_WEAR: f64 = 0.01;
const TOLD_AFTER_HOURS: f64 = 24.0;
/// Days of load that a prediction draws from.
const REMEMBERED_DAYS: usize = 365;
/// Standard deviations from which on a finding contradicts a belief.
const SURPRISE: f64 = 3.0;
/// Draws that make the quantiles of a virtual sensor.
const DRAWS: usize = 400;
/// Longest row, in hours of ageing: a day. Longer ones would hide what happened in them.
const LONGEST_ROW_HOURS: f64 = 24.0;
/// Longest gap that counts: after it everything that wanders is as wide as it becomes.
const LONGEST_GAP_HOURS: f64 = 24.0 * 365.0;

/// The living model of one machine. Serialize it to let it survive a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Twin {
    rated_power_kw: f64,
    rated_speed_rpm: f64,
    seed: u64,
    /// Of [`Living::ALL`]: the type's, or the fleet's.
    priors: [Prior; 4],
    filter: Unscented,
    window: Consistency,
    hours_to_update: f64,
    worn_hours: f64,
    /// Of running under telemetry.
    hours: f64,
    outside: Vec<String>,
    /// Usage by day under each limit of [`LIMITS`], the last year.
    pub(super) usage: Vec<Usage>,
    usage_today: (Usage, f64),
}

/// Power limits, as shares of rated power, for which the usage of a day is kept.
pub(super) const LIMITS: [f64; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// What wear went with in a day, under each of [`LIMITS`].
pub(super) type Usage = [f64; LIMITS.len()];

impl Twin {
    /// A machine of the type, before any telemetry.
    #[must_use]
    pub fn new(rated_power_kw: f64, rated_generator_speed_rpm: f64, seed: u64) -> Self {
        // Weight of the middle point: none for the mean.
        let spread = Spread { kappa: Some(0.0), ..Spread::default() };
        Self {
            rated_power_kw,
            rated_speed_rpm: rated_generator_speed_rpm,
            seed,
            priors: Living::ALL.map(|living| living.prior()),
            filter: Unscented::new(&Self::model(1.0), &PRIORS, &[], spread),
            window: Consistency::new(WINDOW),
            hours_to_update: UPDATE_HOURS,
            worn_hours: 0.0,
            hours: 0.0,
            outside: Vec::new(),
            usage: Vec::new(),
            usage_today: (Usage::default(), 0.0),
        }
    }

    /// The model, generic for geared machines of the class; of one that ages `time_lapse` times faster than the clock.
    #[must_use]
    pub const fn model(time_lapse: f64) -> GearboxModel {
        GearboxModel { thermal: Thermal::KELMARSH, time_lapse }
    }

    /// Whether it belongs to this model and its numbers are usable: to be asked of one that was read from outside.
    #[must_use]
    pub fn fits(&self) -> bool {
        let rated = [self.rated_power_kw, self.rated_speed_rpm];
        let hours = [self.hours_to_update, self.worn_hours, self.hours, self.usage_today.1];
        self.filter.fits(&Self::model(1.0))
            && rated.iter().all(|value| value.is_finite() && *value > 0.0)
            && hours.iter().all(|value| value.is_finite())
            && self.outside.len() <= CALIBRATED.len()
            && self.usage.len() <= REMEMBERED_DAYS
            && self.usage.iter().chain([&self.usage_today.0]).flatten().all(|usage| usage.is_finite() && *usage >= 0.0)
    }

    /// How the machine ran in a row; none without power, speed or air.
    fn operation(&self, row: &Telemetry) -> Option<Operation> {
        let operation = Operation {
            power_share: row.power_kw / self.rated_power_kw,
            speed_share: row.generator_speed_rpm / self.rated_speed_rpm,
            ambient_deg_c: row.ambient_deg_c,
            duty: Some(row.cooler_duty.clamp(0.0, 1.0)).filter(|duty| duty.is_finite()),
        };
        let finite = [operation.power_share, operation.speed_share, operation.ambient_deg_c];
        finite.iter().all(|value| value.is_finite()).then_some(operation)
    }

    /// Takes the next row, usually of ten minutes: `seconds` of the clock in which the machine aged `time_lapse` times as
    /// long. A row without power, speed or air outside moves nothing; the innovation is that of the hour's update, if this
    /// row made one.
    pub fn observe(&mut self, row: &Telemetry, seconds: f64, time_lapse: f64) -> Option<Innovation> {
        let operation = self.operation(row)?;
        let model = Self::model(time_lapse);
        let hours = (seconds * time_lapse / 3600.0).clamp(0.0, LONGEST_ROW_HOURS);
        self.filter.predict(&model, &operation, hours);
        self.remember(&operation, hours);
        self.hours += hours;
        self.hours_to_update -= hours;
        // A second is less than what sums of hours are off by.
        if self.hours_to_update > 1.0 / 3600.0 {
            return None;
        }
        self.hours_to_update = (self.hours_to_update + UPDATE_HOURS).max(0.0);
        self.judge_range(&operation, row);
        let values = [
            row.oil_deg_c,
            row.oil_inlet_deg_c,
            row.bearing_deg_c,
            row.oil_pressure_bar,
            row.bearing_vibration_mm_per_s,
            row.generator_vibration_mm_per_s,
        ];
        let used = if operation.power_share >= UNDER_LOAD { values.len() } else { 3 };
        let measurements: Vec<Measurement> = values
            .into_iter()
            .zip(DEVIATIONS)
            .enumerate()
            .take(used)
            .map(|(output, (value, (fixed, share)))| Measurement {
                output,
                value,
                deviation: fixed + share * value.abs(),
            })
            .collect();
        let innovation = self.filter.update(&model, &operation, &measurements);
        self.window.learn(innovation.squared, innovation.measurements);
        let sure = self.coordinate(Living::Wear).is_some_and(|(mean, deviation)| mean - 2.326 * deviation > TOLD_WEAR);
        self.worn_hours = if sure { self.worn_hours + hours.max(UPDATE_HOURS) } else { 0.0 };
        Some(innovation)
    }

    /// Time without telemetry: the machine ran on as it did in this row, or not; what is known of it fades.
    pub(super) fn pass(&mut self, row: &Telemetry, hours: f64, time_lapse: f64) {
        if let Some(operation) = self.operation(row) {
            self.filter.predict(&Self::model(time_lapse), &operation, hours.clamp(0.0, LONGEST_GAP_HOURS));
        }
    }

    fn remember(&mut self, operation: &Operation, hours: f64) {
        let (sums, sum_hours) = &mut self.usage_today;
        for (sum, limit) in sums.iter_mut().zip(LIMITS) {
            *sum += hours * super::model::usage(&operation.limited(limit));
        }
        *sum_hours += hours;
        if *sum_hours >= 24.0 - 1e-6 {
            self.usage.push(sums.map(|sum| sum / *sum_hours));
            (*sums, *sum_hours) = (Usage::default(), 0.0);
            if self.usage.len() > REMEMBERED_DAYS {
                self.usage.remove(0);
            }
        }
    }

    fn judge_range(&mut self, operation: &Operation, row: &Telemetry) {
        let values = [row.oil_deg_c, operation.ambient_deg_c, operation.power_share];
        self.outside = CALIBRATED
            .iter()
            .zip(values)
            .filter(|((_, low, high), value)| value.is_finite() && !(*low..=*high).contains(value))
            .map(|((name, low, high), value)| format!("{name} {value:.2} is outside {low} to {high}"))
            .collect();
    }

    fn coordinate(&self, living: Living) -> Option<(f64, f64)> {
        self.filter.quantity(living.state())
    }

    /// What is believed of a parameter. A share or an angle is not below 0.
    #[must_use]
    pub fn belief(&self, living: Living) -> Option<Belief> {
        let prior = self.priors.get(living as usize)?;
        let (median, deviation) = self.coordinate(living)?;
        let now = Prior { median, deviation };
        Some(Belief { living, now: band(living, now), prior: band(living, *prior) })
    }

    /// Whether wear is there beyond doubt: more than 1 % with a probability of 99 %, for a day.
    #[must_use]
    pub fn is_worn(&self) -> bool {
        self.worn_hours >= TOLD_AFTER_HOURS
    }

    /// Whether the model still explains the machine, by the innovations of the last week.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.window.verdict()
    }

    /// In what the machine is outside of what the model was calibrated for; empty when it is not.
    #[must_use]
    pub fn outside_calibration(&self) -> &[String] {
        &self.outside
    }

    /// The filter, to predict from.
    pub(super) fn filter(&self) -> &Unscented {
        &self.filter
    }

    /// The machine's seed.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// Load, film and torque as the model believes them now, for the operation of a row; none where that is not known or
    /// the machine stands.
    #[must_use]
    pub fn virtual_sensors(&self, row: &Telemetry, bearing: &HighSpeedBearing) -> Option<Virtual> {
        let operation = self.operation(row).filter(|operation| operation.speed_share > 0.05)?;
        let model = Self::model(1.0);
        let shaft_rad_per_s = row.generator_speed_rpm * std::f64::consts::TAU / 60.0;
        let ensemble = self.filter.ensemble(DRAWS, self.seed);
        let states = ensemble.states.chunks_exact(PRIORS.len());
        let each = |value: &dyn Fn(&[f64]) -> f64| states.clone().map(value).collect::<Vec<f64>>();
        let at = |state: &[f64], index: usize| state.get(index).copied().unwrap_or(f64::NAN);
        let load = |state: &[f64]| {
            let mrad = at(state, Living::Misalignment.state()).max(0.0).sqrt();
            bearing.load_n(operation.torque_share(), mrad)
        };
        let film = |state: &[f64]| {
            let viscosity =
                at(state, Living::Viscosity.state()) * model.thermal.oil.viscosity_mm2_per_s(at(state, BEARING));
            bearing.film_m(viscosity, shaft_rad_per_s, load(state))
        };
        // Generator and converter lose 4 to 5 %. [E]
        let torque_n_m = row.power_kw * 1e3 / (0.956 * shaft_rad_per_s);
        let mut rng = generator(self.seed, 80);
        Some(Virtual {
            bearing_load_n: each(&load),
            film_m: each(&film),
            lambda: each(&|state| film(state) / bearing.roughness_m),
            torque_n_m: (0..DRAWS)
                .map(|_| torque_n_m * (1.0 + 0.01 * Distribution::<f64>::sample(&StandardNormal, &mut rng)))
                .collect(),
        })
    }

    /// The velocity of the bearing that this row would have had at rated speed and load, mm/s rms; none below 30 % of
    /// rated power, where it says little.
    #[must_use]
    pub(super) fn rated_velocity(&self, row: &Telemetry) -> Option<f64> {
        let operation = self.operation(row).filter(|operation| operation.power_share >= 0.3)?;
        let state: Vec<f64> = (0..PRIORS.len()).map(|i| self.filter.quantity(i).map_or(f64::NAN, |(m, _)| m)).collect();
        let here = super::model::bearing_vibration_mm_per_s(&state, &operation);
        let rated = super::model::rated_vibration_mm_per_s(&state);
        let velocity = row.bearing_vibration_mm_per_s * rated / here;
        velocity.is_finite().then_some(velocity)
    }

    /// The velocity of this machine with a sound bearing at rated speed and load, mm/s rms.
    pub(super) fn sound_velocity(&self) -> Option<f64> {
        let mut state: Vec<f64> =
            (0..PRIORS.len()).map(|i| self.filter.quantity(i).map_or(f64::NAN, |(m, _)| m)).collect();
        *state.get_mut(WEAR)? = 0.0;
        Some(super::model::rated_vibration_mm_per_s(&state))
    }

    /// Learns what an inspection found: an output of the model and what it was. What somebody saw counts for more than a
    /// belief that it contradicts: the belief is loosened until the finding is no surprise.
    pub(super) fn inspected(&mut self, living: Living, output: usize, value: f64, deviation: f64) {
        if let Some((middle, spread)) = self.coordinate_of(living) {
            let scale = Self::model(1.0).states().get(living.state()).map_or(Scale::Linear, |quantity| quantity.scale);
            let gap = (scale.inward(value.max(1e-6)) - middle).abs();
            if gap > SURPRISE * spread.hypot(deviation) {
                self.filter.loosen(living.state(), gap);
            }
        }
        let standing = Operation { power_share: 0.0, speed_share: 0.0, ambient_deg_c: 12.0, duty: None };
        self.filter.update(&Self::model(1.0), &standing, &[Measurement { output, value, deviation }]);
    }

    /// A state is new: what was known of it is gone.
    pub(super) fn renewed(&mut self, state: usize, prior: Prior) {
        self.filter.forget(state, prior);
        if state == WEAR {
            self.worn_hours = 0.0;
        }
    }

    /// Starts a parameter from what a fleet is like, in its coordinate.
    pub(super) fn start_from(&mut self, living: Living, mean: f64, deviation: f64) {
        let scale = Self::model(1.0).states().get(living.state()).map_or(Scale::Linear, |quantity| quantity.scale);
        let prior = Prior { median: scale.outward(mean), deviation };
        if let (true, Some(own)) = (mean.is_finite() && deviation.is_finite(), self.priors.get_mut(living as usize)) {
            *own = prior;
            self.filter.forget(living.state(), prior);
        }
    }

    /// Mean and standard deviation of a parameter in its coordinate.
    pub(super) fn coordinate_of(&self, living: Living) -> Option<(f64, f64)> {
        let scale = Self::model(1.0).states().get(living.state())?.scale;
        self.coordinate(living).map(|(median, deviation)| (scale.inward(median), deviation))
    }

    /// Hours of running, in ageing, that telemetry told of.
    pub(super) fn hours(&self) -> f64 {
        self.hours
    }
}

/// 5, 50 and 95 % of a normal distribution in the coordinate of the quantity.
fn band(living: Living, normal: Prior) -> Band {
    let at = |z: f64| match living {
        Living::Wear => (normal.median + z * normal.deviation).max(0.0),
        Living::Misalignment => (normal.median + z * normal.deviation).max(0.0).sqrt(),
        _ => normal.median * (z * normal.deviation).exp(),
    };
    Band { p5: at(-1.645), p50: at(0.0), p95: at(1.645) }
}
