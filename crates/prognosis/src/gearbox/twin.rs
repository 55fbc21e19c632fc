//! One machine's model, kept alive by its telemetry.

use serde::{Deserialize, Serialize};

use crate::estimate::Prior;
use crate::estimate::consistency::{Consistency, Verdict};
use crate::estimate::metrics::quantile;
use crate::estimate::unscented::{Innovation, Measurement, Spread, Unscented};

use super::bearing::HighSpeedBearing;
use super::model::{BEARING, GearboxModel, Living, PRIORS};
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

/// A quantity as it is believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// 5 % lies below.
    pub p5: f64,
    /// The middle.
    pub p50: f64,
    /// 95 % lies below.
    pub p95: f64,
}

impl Band {
    /// Whether a value lies in it.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        (self.p5..=self.p95).contains(&value)
    }

    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        Some(Self { p5: quantile(&values, 0.05)?, p50: quantile(&values, 0.5)?, p95: quantile(&values, 0.95)? })
    }
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

/// What no sensor reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Virtual {
    /// Radial load of the high-speed bearing, N.
    pub bearing_load_n: Band,
    /// Thinnest film in it, m.
    pub film_m: Band,
    /// That over the roughness: above 3 a full film, below 1 the surfaces touch.
    pub lambda: Band,
    /// Torque of the generator's shaft, N·m.
    pub torque_n_m: Band,
}

/// Rows between two updates: the model's error hangs together for longer than ten minutes.
const ROWS_AN_UPDATE: u32 = 6;
const ROW_HOURS: f64 = 1.0 / 6.0;
/// Updates in the window that judges the model: a week.
const WINDOW: usize = 168;
/// Below this power the laws of vibration and pressure are not those of a machine under load.
const UNDER_LOAD: f64 = 0.1;
/// Standard deviation of what each output is off by, noise and model together: absolute, and as a share. \[E\]
const DEVIATIONS: [(f64, f64); 6] = [(0.5, 0.0), (0.7, 0.0), (2.0, 0.0), (0.05, 0.04), (0.05, 0.08), (0.05, 0.12)];
/// What the model was calibrated for: oil temperature, °C; air outside, °C; power share.
const CALIBRATED: [(&str, f64, f64); 3] =
    [("oil temperature", 10.0, 66.0), ("air temperature", -15.0, 35.0), ("power", -0.05, 1.1)];
/// Wear is told when this is exceeded with a probability of 99 % for as many updates.
const TOLD_WEAR: f64 = 0.01;
const TOLD_AFTER: u32 = 24;
/// Days of load that a prediction draws from.
const REMEMBERED_DAYS: usize = 365;
/// Draws that make the quantiles of a virtual sensor.
const DRAWS: usize = 400;

/// The living model of one machine. Serialize it to let it survive a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Twin {
    rated_power_kw: f64,
    rated_speed_rpm: f64,
    seed: u64,
    filter: Unscented,
    window: Consistency,
    rows: u32,
    worn_updates: u32,
    outside: Vec<String>,
    /// Usage by day, the last year.
    pub(super) usage: Vec<f64>,
    usage_today: (f64, u32),
}

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
            filter: Unscented::new(&Self::model(), &PRIORS, &[], spread),
            window: Consistency::new(WINDOW),
            rows: 0,
            worn_updates: 0,
            outside: Vec::new(),
            usage: Vec::new(),
            usage_today: (0.0, 0),
        }
    }

    /// The model, generic for geared machines of the class.
    #[must_use]
    pub const fn model() -> GearboxModel {
        GearboxModel { thermal: Thermal::KELMARSH }
    }

    /// Whether it belongs to this model and its numbers are usable: to be asked of one that was read from outside.
    #[must_use]
    pub fn fits(&self) -> bool {
        let rated = [self.rated_power_kw, self.rated_speed_rpm];
        self.filter.fits(&Self::model())
            && rated.iter().all(|value| value.is_finite() && *value > 0.0)
            && self.usage.len() <= REMEMBERED_DAYS
            && self.usage.iter().all(|usage| usage.is_finite() && *usage >= 0.0)
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

    /// Takes the next ten minutes. A row without power, speed or air outside moves nothing; the innovation is that of the
    /// hour's update, if this row made one.
    pub fn observe(&mut self, row: &Telemetry) -> Option<Innovation> {
        let operation = self.operation(row)?;
        let model = Self::model();
        self.filter.predict(&model, &operation, ROW_HOURS);
        self.remember(&operation);
        self.rows = self.rows.wrapping_add(1);
        if !self.rows.is_multiple_of(ROWS_AN_UPDATE) {
            return None;
        }
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
        self.worn_updates = if sure { self.worn_updates.saturating_add(1) } else { 0 };
        Some(innovation)
    }

    fn remember(&mut self, operation: &Operation) {
        let (sum, count) = &mut self.usage_today;
        *sum += super::model::usage(operation);
        *count += 1;
        if *count == 144 {
            self.usage.push(*sum / 144.0);
            (*sum, *count) = (0.0, 0);
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
        let prior = PRIORS.get(living.state())?;
        let (median, deviation) = self.coordinate(living)?;
        let now = Prior { median, deviation };
        Some(Belief { living, now: band(living, now), prior: band(living, *prior) })
    }

    /// Whether wear is there beyond doubt: more than 1 % with a probability of 99 %, for a day.
    #[must_use]
    pub fn is_worn(&self) -> bool {
        self.worn_updates >= TOLD_AFTER
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
        let model = Self::model();
        let shaft_rad_per_s = row.generator_speed_rpm * std::f64::consts::TAU / 60.0;
        let ensemble = self.filter.ensemble(DRAWS, self.seed);
        let states = ensemble.states.chunks_exact(PRIORS.len());
        let each = |value: &dyn Fn(&[f64]) -> f64| Band::of(states.clone().map(value).collect());
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
        let spread = Prior { median: row.power_kw * 1e3 / (0.956 * shaft_rad_per_s), deviation: 0.01 };
        let reach = 1.645 * spread.deviation * spread.median.abs();
        Some(Virtual {
            bearing_load_n: each(&load)?,
            film_m: each(&film)?,
            lambda: each(&|state| film(state) / bearing.roughness_m)?,
            torque_n_m: Band { p5: spread.median - reach, p50: spread.median, p95: spread.median + reach },
        })
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
