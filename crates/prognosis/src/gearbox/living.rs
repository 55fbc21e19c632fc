//! The gearbox as a living model that an engine can run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rand_distr::{Distribution as _, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::estimate::consistency::Verdict;
use crate::estimate::{Prior, generator};
use crate::living::{
    self, Asks, Band, Belief, Evidence, EvidenceError, Finding, Foreseen, Input, Lever, Path, Prediction, Question,
    Row, Setting, Standing, Threshold, WallMs,
};

use super::bearing::HighSpeedBearing;
use super::life::{Life, Remaining};
use super::model::{
    BEARING_VIBRATION, DAMAGE, FRICTION, Living, MISALIGNMENT_FOUND, PACE, VISCOSITY_FOUND, WEAR, WEAR_FOUND,
};
use super::plan::Plan;
use super::power_curve::PowerCurve;
use super::thermal::Thermal;
use super::twin::{Telemetry, Twin};

/// What is known of the machine before its telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Rated power, kW.
    pub rated_power_kw: f64,
    /// Generator speed at rated power, rpm.
    pub rated_speed_rpm: f64,
    /// Vibration of the high-speed bearing at which it has to go, mm/s rms.
    pub limit_mm_per_s: f64,
    /// Hours that the high-speed bearing had turned before the first telemetry.
    pub hours_run: f64,
}

impl Default for Config {
    /// The simulated turbine's.
    fn default() -> Self {
        Self {
            rated_power_kw: 3370.0,
            rated_speed_rpm: 1150.0,
            limit_mm_per_s: Life::default().limit_mm_per_s,
            hours_run: 20_000.0,
        }
    }
}

impl Config {
    /// Names, values and bounds.
    fn bounds(&self) -> [(&'static str, f64, f64, f64); 4] {
        [
            ("rated_power_kw", self.rated_power_kw, 10.0, 30_000.0),
            ("rated_speed_rpm", self.rated_speed_rpm, 50.0, 5_000.0),
            ("limit_mm_per_s", self.limit_mm_per_s, 3.0, 50.0),
            ("hours_run", self.hours_run, 0.0, 500_000.0),
        ]
    }

    /// Whether each value is possible.
    ///
    /// # Errors
    /// Names the first that is not, and its bounds.
    pub fn check(&self) -> Result<(), String> {
        for (name, value, low, high) in self.bounds() {
            if !(low..=high).contains(&value) {
                return Err(format!("{name} is {value}; it must lie between {low} and {high}"));
            }
        }
        Ok(())
    }
}

/// Its inputs in the order of [`Telemetry`], and the wind.
const INPUTS: [(&str, &str, bool); 11] = [
    ("ambient", "degC", true),
    ("power", "kW", true),
    ("generator_speed", "rpm", true),
    ("oil_temperature", "degC", false),
    ("oil_inlet_temperature", "degC", false),
    ("oil_pressure", "bar", false),
    ("cooler", "1", false),
    ("bearing_temperature", "degC", false),
    ("bearing_vibration", "mm/s", false),
    ("generator_vibration", "mm/s", false),
    ("wind_speed", "m/s", false),
];

const QUESTIONS: [Question; 8] = [
    Question {
        part: "bearing",
        id: "wear",
        title: "Spalled share of the raceway, by endoscope",
        asks: Asks::Number { unit: "%", low: 0.0, high: 100.0, nothing: true },
    },
    Question { part: "bearing", id: "replaced", title: "Bearing replaced", asks: Asks::Work },
    Question {
        part: "gearbox",
        id: "oil_viscosity",
        title: "Oil sample: viscosity at 40 °C",
        asks: Asks::Number { unit: "mm2/s", low: 50.0, high: 1000.0, nothing: false },
    },
    Question {
        part: "gearbox",
        id: "misalignment",
        title: "Alignment measured by laser",
        asks: Asks::Number { unit: "mrad", low: 0.0, high: 10.0, nothing: false },
    },
    Question { part: "gearbox", id: "oil_changed", title: "Oil changed", asks: Asks::Work },
    Question { part: "gearbox", id: "realigned", title: "Shafts realigned", asks: Asks::Work },
    Question { part: "gearbox", id: "cooler_cleaned", title: "Oil cooler cleaned", asks: Asks::Work },
    Question { part: "gearbox", id: "replaced", title: "Gearbox replaced", asks: Asks::Work },
];

const NEVER_DAYS: f64 = 1095.0;
const DERATE: Lever = lever("derate", "Power limit", "%", [50.0, 100.0, 5.0], 100.0);
const OIL_CHANGE: Lever = lever("oil_change", "Change the oil", "", [0.0, 1.0, 1.0], 0.0);
const REALIGN: Lever = lever("realign", "Realign the shafts", "", [0.0, 1.0, 1.0], 0.0);
const CLEAN_COOLER: Lever = lever("clean_cooler", "Clean the cooler", "", [0.0, 1.0, 1.0], 0.0);
const REPLACE_IN: Lever = lever("replace_in", "New bearing in", "d", [0.0, NEVER_DAYS, 1.0], NEVER_DAYS);
const AMBIENT: Lever = lever("ambient", "Warmer by", "K", [-15.0, 15.0, 1.0], 0.0);
const LEVERS: [Lever; 6] = [DERATE, OIL_CHANGE, REALIGN, CLEAN_COOLER, REPLACE_IN, AMBIENT];

const fn lever(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    [low, high, step]: [f64; 3],
    neutral: f64,
) -> Lever {
    Lever { id, title, unit, low, high, step, neutral }
}

/// Days of telemetry after which the machine's own data speak rather than the prior.
const CALIBRATED_AFTER_H: f64 = 24.0 * 30.0;
/// Days that a checked forecast looks ahead.
const LEAD_DAYS: usize = 7;
/// Standard deviation of a day's mean of the velocity referred to rated speed and load: what the law is off by. \[E\]
const DAY_SPREAD: f64 = 0.04;
/// Fresh oil, aligned shafts: what is believed after the work. \[E\]
const FRESH_OIL: Prior = Prior { median: 1.0, deviation: 0.05 };
const ALIGNED: Prior = Prior { median: 0.01, deviation: 0.02 };
/// Viscosity of fresh oil at 40 °C, mm²/s (ISO VG 320).
const FRESH_MM2_PER_S: f64 = 320.0;

/// The living gearbox of one turbine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GearboxTwin {
    config: Config,
    seed: u64,
    twin: Twin,
    power: PowerCurve,
    /// Hours, in ageing, that the bearing turned since it was new to us.
    turned_h: f64,
    last: Option<Last>,
    /// Sum, hours, and the mean of the last whole day of the velocity referred to rated speed and load, mm/s.
    today: (f64, f64),
    day: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Last {
    at_ms: WallMs,
    /// Those that are no numbers are none.
    values: Vec<Option<f64>>,
}

impl GearboxTwin {
    /// A machine before its telemetry.
    ///
    /// # Errors
    /// A value of the configuration is not possible.
    pub fn new(config: Config, seed: u64) -> Result<Self, String> {
        config.check()?;
        Ok(Self {
            config,
            seed,
            twin: Twin::new(config.rated_power_kw, config.rated_speed_rpm, seed),
            power: PowerCurve::default(),
            turned_h: 0.0,
            last: None,
            today: (0.0, 0.0),
            day: None,
        })
    }

    /// Whether what was read from outside is usable.
    #[must_use]
    pub fn fits(&self) -> bool {
        let numbers = [self.turned_h, self.today.0, self.today.1, self.day.unwrap_or(0.0)];
        self.config.check().is_ok()
            && self.twin.fits()
            && self.power.is_sound()
            && numbers.iter().all(|number| number.is_finite())
            && self.last.as_ref().is_none_or(|last| last.values.len() == INPUTS.len())
    }

    fn last_row(&self) -> Option<(Telemetry, f64)> {
        let last = self.last.as_ref()?;
        telemetry(&last.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect::<Vec<_>>())
    }

    fn life(&self) -> Life {
        let bearing = HighSpeedBearing::default();
        let load_n = bearing.load_n(0.6, self.twin.belief(Living::Misalignment).map_or(0.0, |b| b.now.p50));
        let lives = bearing.fatigue(Thermal::KELMARSH.oil, 65.0, load_n, self.config.rated_speed_rpm);
        Life {
            limit_mm_per_s: self.config.limit_mm_per_s,
            fatigue: lives.map(|lives| (lives, self.config.hours_run + self.turned_h)),
            ..Life::default()
        }
    }

    fn remaining_life(&self, remaining: &Remaining) -> Prediction {
        let limit = self.config.limit_mm_per_s;
        let mut passed = false;
        let points = remaining.courses().iter().map_while(|(days, values)| {
            // Up to where the last of them has failed: beyond there is nothing to look at.
            let band = Band::of(values.clone()).filter(|_| !passed)?;
            passed = band.p5 > limit;
            Some((24.0 * days, band))
        });
        Prediction {
            part: "bearing",
            quantity: "rul",
            unit: "h",
            samples: remaining.by_sample().iter().map(|days| 24.0 * days).collect(),
            horizon: Some(24.0 * remaining.horizon_days()),
            failure_mode: Cow::Borrowed("wear and spalling of the high-speed bearing"),
            threshold: Some(Threshold {
                quantity: "vibration",
                value: limit,
                unit: "mm/s",
                source: if (limit - Life::default().limit_mm_per_s).abs() < 1e-9 {
                    Cow::Borrowed("high alarm of the type file; ISO 10816-3 boundary C/D, at rated speed and load")
                } else {
                    Cow::Borrowed("set in the type file, at rated speed and load")
                },
            }),
            path: Some(Path { quantity: "vibration", points: points.collect() }),
            is_virtual: false,
        }
    }

    /// How far the wear is from the limit: 1 new, 0 failed.
    fn health(&self, remaining: &Remaining) -> Option<Prediction> {
        let limit_2 = self.config.limit_mm_per_s.powi(2);
        let sound = self.twin.sound_velocity()?;
        let (_, now) = remaining.courses().first()?;
        let left =
            |velocity: &f64| ((limit_2 - velocity.powi(2)) / (limit_2 - sound.powi(2)).max(1e-6)).clamp(0.0, 1.0);
        Some(Prediction {
            samples: now.iter().map(left).collect(),
            horizon: None,
            ..current("bearing", "health", "1", Vec::new(), false)
        })
    }

    fn virtual_sensors(&self) -> Vec<Prediction> {
        let Some((row, wind)) = self.last_row() else { return Vec::new() };
        let scaled = |values: Vec<f64>, by: f64| values.into_iter().map(|value| by * value).collect::<Vec<_>>();
        let mut all = Vec::new();
        if let Some(found) = self.twin.virtual_sensors(&row, &HighSpeedBearing::default()) {
            all.push(current("bearing", "bearing_load", "kN", scaled(found.bearing_load_n, 1e-3), true));
            all.push(current("bearing", "film_thickness", "um", scaled(found.film_m, 1e6), true));
            all.push(current("bearing", "lambda_ratio", "1", found.lambda, true));
            all.push(current("gearbox", "generator_torque", "kN.m", scaled(found.torque_n_m, 1e-3), true));
        }
        if let Some((mean, deviation)) = self.power.expected_kw(wind, row.ambient_deg_c) {
            let mut rng = generator(self.seed, 81);
            let expected: Vec<f64> = (0..400)
                .map(|_| {
                    let normal: f64 = StandardNormal.sample(&mut rng);
                    mean + deviation * normal
                })
                .collect();
            let residual = expected.iter().map(|expected| row.power_kw - expected).collect();
            all.push(current("turbine", "power_from_wind", "kW", expected, true));
            all.push(current("turbine", "power_residual", "kW", residual, true));
        }
        all
    }

    /// Takes the velocity of a row into the mean of the day.
    fn note_velocity(&mut self, row: &Telemetry, hours: f64) {
        if let Some(velocity) = self.twin.rated_velocity(row) {
            self.today.0 += hours * velocity;
            self.today.1 += hours;
        }
        if self.today.1 >= 24.0 - 1e-6 {
            self.day = Some(self.today.0 / self.today.1);
            self.today = (0.0, 0.0);
        }
    }
}

fn current(
    part: &'static str,
    quantity: &'static str,
    unit: &'static str,
    samples: Vec<f64>,
    is_virtual: bool,
) -> Prediction {
    Prediction {
        part,
        quantity,
        unit,
        samples,
        horizon: None,
        failure_mode: Cow::Borrowed(""),
        threshold: None,
        path: None,
        is_virtual,
    }
}

fn telemetry(values: &[f64]) -> Option<(Telemetry, f64)> {
    let &[ambient, power, speed, oil, inlet, pressure, cooler, bearing, bearing_velocity, generator_velocity, wind] =
        values
    else {
        return None;
    };
    let row = Telemetry {
        ambient_deg_c: ambient,
        power_kw: power,
        generator_speed_rpm: speed,
        oil_deg_c: oil,
        oil_inlet_deg_c: inlet,
        oil_pressure_bar: pressure,
        cooler_duty: cooler,
        bearing_deg_c: bearing,
        bearing_vibration_mm_per_s: bearing_velocity,
        generator_vibration_mm_per_s: generator_velocity,
    };
    Some((row, wind))
}

fn plan(setting: &Setting) -> Plan {
    let on = |lever: &Lever| setting.get(lever) >= 0.5;
    Plan {
        power_limit: setting.get(&DERATE) / 100.0,
        oil_changed: on(&OIL_CHANGE),
        realigned: on(&REALIGN),
        cooler_cleaned: on(&CLEAN_COOLER),
        replaced_in_days: Some(setting.get(&REPLACE_IN)).filter(|days| *days < NEVER_DAYS),
        warmer_k: setting.get(&AMBIENT),
    }
}

impl living::Living for GearboxTwin {
    fn inputs(&self) -> Vec<Input> {
        let input = |(name, unit, required): (&'static str, &'static str, bool)| Input {
            name: Cow::Borrowed(name),
            unit: Cow::Borrowed(unit),
            required,
        };
        INPUTS.map(input).to_vec()
    }

    fn row_seconds(&self, time_lapse: f64) -> f64 {
        (600.0 / time_lapse.max(1.0)).clamp(1.0, 600.0)
    }

    fn observe(&mut self, row: &Row<'_>) {
        let Some((telemetry, wind)) = telemetry(row.values) else { return };
        let usable = |value: f64| value.is_finite() && value.abs() < 1e9;
        if ![telemetry.ambient_deg_c, telemetry.power_kw, telemetry.generator_speed_rpm].into_iter().all(usable) {
            return;
        }
        let hours = row.ageing_h().clamp(0.0, 24.0);
        if let Some(last) = &self.last {
            let gap_s = row.at_ms.saturating_sub(last.at_ms) as f64 / 1e3 - row.seconds;
            if gap_s > 2.0 * row.seconds {
                self.twin.pass(&telemetry, gap_s * row.time_lapse / 3600.0, row.time_lapse);
            }
        }
        self.twin.observe(&telemetry, row.seconds, row.time_lapse);
        self.power.learn(wind, telemetry.ambient_deg_c, telemetry.power_kw, hours);
        if telemetry.generator_speed_rpm > 0.05 * self.config.rated_speed_rpm {
            self.turned_h += hours;
        }
        self.note_velocity(&telemetry, hours);
        let values = row.values.iter().map(|value| usable(*value).then_some(*value)).collect();
        self.last = Some(Last { at_ms: row.at_ms, values });
    }

    fn questions(&self) -> &'static [Question] {
        &QUESTIONS
    }

    fn learn(&mut self, evidence: &Evidence) -> Result<(), EvidenceError> {
        living::check(&QUESTIONS, evidence)?;
        let twin = &mut self.twin;
        match &evidence.finding {
            Finding::Measured { quantity, value, deviation } => match quantity.as_str() {
                "wear" => twin.inspected(Living::Wear, WEAR_FOUND, value / 100.0, deviation.unwrap_or(2.0) / 100.0),
                "oil_viscosity" => {
                    let deviation = deviation.unwrap_or(0.04 * value) / FRESH_MM2_PER_S;
                    twin.inspected(Living::Viscosity, VISCOSITY_FOUND, value / FRESH_MM2_PER_S, deviation);
                }
                _ => {
                    let deviation = deviation.unwrap_or(0.05);
                    twin.inspected(
                        Living::Misalignment,
                        MISALIGNMENT_FOUND,
                        value.powi(2),
                        (2.0 * value + deviation) * deviation,
                    );
                }
            },
            // An endoscope sees a spall of a percent of the raceway in two of three cases. [E]
            Finding::Nothing { .. } => twin.inspected(Living::Wear, WEAR_FOUND, 0.0, 0.01),
            Finding::Done { action } => {
                let whole = evidence.part == "gearbox" && action == "replaced";
                if whole || action == "oil_changed" {
                    twin.renewed(Living::Viscosity.state(), FRESH_OIL);
                }
                if whole || action == "realigned" {
                    twin.renewed(Living::Misalignment.state(), ALIGNED);
                }
                if whole || action == "cooler_cleaned" {
                    twin.renewed(Living::Cooler.state(), Living::Cooler.prior());
                }
                if action == "replaced" {
                    for state in [WEAR, PACE, FRICTION, BEARING_VIBRATION, DAMAGE] {
                        twin.renewed(state, super::model::PRIORS[state]);
                    }
                    (self.turned_h, self.config.hours_run) = (0.0, 0.0);
                    (self.today, self.day) = ((0.0, 0.0), None);
                }
            }
        }
        Ok(())
    }

    fn beliefs(&self) -> Vec<Belief> {
        let belief = |living: Living| {
            let found = self.twin.belief(living)?;
            Some(Belief {
                id: living.id(),
                title: living.name(),
                unit: living.unit(),
                now: found.now,
                prior: found.prior,
                // How worn one bearing is says nothing of another.
                coordinate: self.twin.coordinate_of(living).filter(|_| living != Living::Wear),
            })
        };
        Living::ALL.into_iter().filter_map(belief).collect()
    }

    fn start_from(&mut self, population: &BTreeMap<String, (f64, f64)>) {
        for living in Living::ALL {
            if let Some((mean, deviation)) = population.get(living.id()).filter(|_| living != Living::Wear) {
                self.twin.start_from(living, *mean, *deviation);
            }
        }
    }

    fn standing(&self) -> Standing {
        let explains = match self.twin.verdict() {
            Verdict::TooFew => None,
            Verdict::DoesNotExplain => Some(false),
            Verdict::Explains | Verdict::TooCautious => Some(true),
        };
        Standing {
            explains,
            outside: self.twin.outside_calibration().to_vec(),
            calibrated: self.twin.hours() >= CALIBRATED_AFTER_H && explains != Some(false),
            data_until_ms: self.last.as_ref().map(|last| last.at_ms),
        }
    }

    fn levers(&self) -> &'static [Lever] {
        &LEVERS
    }

    fn predict(&self, setting: &Setting) -> Vec<Prediction> {
        let plan = plan(setting);
        let Some(remaining) = self.life().remaining_under(&self.twin, &plan) else { return Vec::new() };
        let mut all = vec![self.remaining_life(&remaining)];
        all.extend(self.health(&remaining));
        if plan == Plan::default() {
            all.extend(self.virtual_sensors());
        }
        all
    }

    fn lead_h(&self) -> f64 {
        24.0 * LEAD_DAYS as f64
    }

    fn foresee(&self) -> Option<Foreseen> {
        let observed = self.day?;
        let mut rng = generator(self.seed, 82);
        let noisy = self.life().velocity_in(&self.twin, LEAD_DAYS)?.into_iter().map(|velocity| {
            let normal: f64 = StandardNormal.sample(&mut rng);
            velocity * (1.0 + DAY_SPREAD * normal)
        });
        let noisy = noisy.collect();
        Some(Foreseen { quantity: "vibration", unit: "mm/s", observed, band: Band::of(noisy)? })
    }
}
