//! Simulated gearboxes with a known truth: does the living model find their condition, say so in time, and keep quiet
//! about sound ones?
//!
//! The machines are the simulator's ([`WindTurbine`]), each with its own losses, friction, cooler, oil, alignment and
//! sensors; half of them begin to wear on some day. The model ([`crate::gearbox`]) is another set of equations and knows
//! none of it. Heat and wear go in steps of a minute with the rotor in balance with the wind; the model gets ten-minute
//! means with noise.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

use super::report::{Figure, Reach, Report};
use super::resample::{mean_with_spread, statistic_with_spread};
use crate::estimate::consistency::Verdict;
use crate::estimate::generator;
use crate::estimate::metrics::quantile;
use crate::faults::{Fault, FaultKind};
use crate::gearbox::{KELMARSH_BINS, Life, Living, Telemetry, Thermal, Twin, mean_in_bin};
use crate::wind_turbine::{
    Condition, MISALIGNMENT_VIBRATION_MM_PER_S_PER_MRAD, Outputs, TurbineParameters, WindTurbine,
};

/// Rows a day.
const ROWS: u32 = 144;
/// Days after which beliefs are judged, every how many.
const FIRST_DAY: u32 = 30;
const EVERY_DAYS: u32 = 10;
/// Velocity at rated speed and load at which a bearing has failed, mm/s rms.
const LIMIT_MM_PER_S: f64 = 7.1;
/// A sound bearing there, rounded up from the simulator's.
const SOUND_MM_PER_S: f64 = 2.1;
/// The simulated turbine's.
const RATED_KW: f64 = 3370.0;

/// What happened to one machine.
#[derive(Debug, Clone, Default)]
struct Course {
    /// Whether each belief held the truth, by parameter in the order of [`Living::ALL`].
    held: [Vec<f64>; 4],
    /// Width of the bands, likewise; of the truth, but of wear as it is.
    widths: [Vec<f64>; 4],
    worn: bool,
    /// Days.
    begun: Option<f64>,
    told: Option<f64>,
    failed: Option<f64>,
    /// Times that wear was told where there was none, and that the model was said not to explain a machine.
    false_alarms: f64,
    not_explained: f64,
    watched_years: f64,
    /// Day, and 5, 50 and 95 % of the remaining life in days, since wear was told; beyond the horizon infinite.
    lives: Vec<(f64, [f64; 3])>,
}

/// A machine with its truth.
struct Machine {
    turbine: WindTurbine,
    worn_vibration_mm_per_s: f64,
    condition: Condition,
    /// Share that the cooler loses and that the oil thickens by, a day.
    fouling_a_day: f64,
    thickening_a_day: f64,
    /// Day on which wear begins, and how fast it is.
    begins: Option<f64>,
    rate: f64,
    /// Of the sensors: bearing vibration, generator vibration, oil pressure.
    factors: [f64; 3],
    /// Of the sensors: sump, inlet, bearing.
    offsets_k: [f64; 3],
    rng: ChaCha8Rng,
    /// Standard normal, the slow and the fast part.
    wind: [f64; 2],
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

impl Machine {
    fn new(seed: u64, days: u32) -> Self {
        let mut rng = generator(seed, 4040);
        let mut parameters = TurbineParameters::default();
        let mut factor = |spread: f64| (spread * normal(&mut rng)).exp();
        let gearbox = &mut parameters.gearbox;
        gearbox.mesh_efficiency = 1.0 - (1.0 - gearbox.mesh_efficiency) * factor(0.08);
        gearbox.no_load_torque_n_m *= factor(0.1);
        gearbox.pump_heat_w *= factor(0.1);
        gearbox.housing_w_per_k *= factor(0.1);
        gearbox.oil_flow_w_per_k *= factor(0.05);
        gearbox.heat_capacity_j_per_k *= factor(0.1);
        let bearing = &mut parameters.high_speed_bearing;
        bearing.friction_coefficient *= factor(0.1);
        bearing.worn_friction_ratio *= factor(0.15);
        bearing.worn_vibration_mm_per_s *= factor(0.1);
        let worn_vibration_mm_per_s = bearing.worn_vibration_mm_per_s;
        let factors = [factor(0.05), factor(0.05), factor(0.02)];
        let offsets_k = [(); 3].map(|()| 0.2 * normal(&mut rng));
        // Even, not the priors: what is believed at first is not how machines are drawn.
        let condition = Condition {
            misalignment_mrad: rng.random_range(0.05..0.8),
            viscosity_factor: rng.random_range(0.8..1.2),
            cooler_effectiveness: rng.random_range(0.35..0.6),
        };
        let worn = seed.is_multiple_of(2);
        Self {
            turbine: WindTurbine::new(parameters, seed),
            worn_vibration_mm_per_s,
            condition,
            fouling_a_day: rng.random_range(0.0..1e-3),
            thickening_a_day: rng.random_range(-3e-4..3e-4),
            begins: worn.then(|| f64::from(days) * rng.random_range(0.1..0.35)),
            // From new to the limit in some 60 to 250 days.
            rate: 2.5e-5 * rng.random_range(-0.7_f64..0.7).exp(),
            factors,
            offsets_k,
            rng,
            wind: [0.0; 2],
        }
    }

    /// The next ten minutes.
    fn row(&mut self, at_days: f64) -> Telemetry {
        // A wind that remembers a day, on a quarter of an hour's: a Weibull of shape 2 and mean 7.5 m/s.
        for (value, memory_days) in self.wind.iter_mut().zip([1.0, 0.02]) {
            let kept = (-1.0 / (f64::from(ROWS) * memory_days)).exp();
            *value = kept * *value + (1.0 - kept * kept).sqrt() * normal(&mut self.rng);
        }
        let [slow, fast] = self.wind;
        let z = 0.95 * slow + 0.312 * fast;
        let share: f64 = statrs::function::erf::erfc(z / std::f64::consts::SQRT_2) * 0.5;
        let wind = 8.46 * (-share.clamp(1e-12, 1.0).ln()).sqrt();
        let season = (std::f64::consts::TAU * at_days / 365.0).sin();
        let hour = (std::f64::consts::TAU * at_days).sin();
        let ambient_deg_c = 10.0 + 7.0 * season + 3.0 * hour;
        let mut sum = [0.0; 10];
        for _ in 0..10 {
            self.turbine.step_in_balance(wind, ambient_deg_c, 60.0);
            let o = self.turbine.outputs();
            for (total, value) in sum.iter_mut().zip(self.seen(&o)) {
                *total += 0.1 * value;
            }
        }
        let [
            ambient_deg_c,
            power_kw,
            generator_speed_rpm,
            oil_deg_c,
            oil_inlet_deg_c,
            oil_pressure_bar,
            cooler_duty,
            bearing_deg_c,
            bearing_vibration_mm_per_s,
            generator_vibration_mm_per_s,
        ] = sum;
        Telemetry {
            ambient_deg_c,
            power_kw,
            generator_speed_rpm,
            oil_deg_c,
            oil_inlet_deg_c,
            oil_pressure_bar,
            cooler_duty,
            bearing_deg_c,
            bearing_vibration_mm_per_s,
            generator_vibration_mm_per_s,
        }
    }

    fn seen(&self, o: &Outputs) -> [f64; 10] {
        let ([bearing, generator, pressure], [oil, inlet, ring]) = (self.factors, self.offsets_k);
        [
            o.ambient_temperature_deg_c,
            o.power_kw,
            o.generator_speed_rpm,
            o.oil_temperature_deg_c + oil,
            o.oil_inlet_temperature_deg_c + inlet,
            o.oil_pressure_bar * pressure,
            o.cooler_duty,
            o.high_speed_bearing_temperature_deg_c + ring,
            o.high_speed_bearing_vibration_mm_per_s * bearing,
            o.generator_vibration_mm_per_s * generator,
        ]
    }

    fn pass_a_day(&mut self, day: u32) {
        self.condition.cooler_effectiveness *= 1.0 - self.fouling_a_day;
        self.condition.viscosity_factor *= 1.0 + self.thickening_a_day;
        self.turbine.set_condition(self.condition);
        if self.begins.is_some_and(|begins| f64::from(day) >= begins) {
            self.turbine.inject(Fault { kind: FaultKind::HighSpeedBearingWear, rate: self.rate });
        }
    }

    fn truth(&self, living: Living) -> f64 {
        match living {
            Living::Misalignment => self.condition.misalignment_mrad,
            Living::Wear => self.turbine.high_speed_bearing_wear(),
            Living::Viscosity => self.condition.viscosity_factor,
            Living::Cooler => self.condition.cooler_effectiveness,
        }
    }

    fn has_failed(&self) -> bool {
        let damage = self.worn_vibration_mm_per_s.powi(2) * self.turbine.high_speed_bearing_wear();
        let misaligned = MISALIGNMENT_VIBRATION_MM_PER_S_PER_MRAD * self.condition.misalignment_mrad;
        SOUND_MM_PER_S.powi(2) + misaligned.powi(2) + damage >= LIMIT_MM_PER_S.powi(2)
    }
}

fn watch(seed: u64, days: u32) -> Course {
    let mut machine = Machine::new(seed, days);
    let rated_rpm = machine.turbine.rated_generator_speed_rpm();
    let mut twin = Twin::new(RATED_KW, rated_rpm, seed);
    let mut course = Course { worn: machine.begins.is_some(), begun: machine.begins, ..Course::default() };
    let (mut told, mut unexplained) = (false, false);
    for day in 0..days {
        machine.pass_a_day(day);
        for row in 0..ROWS {
            let at_days = f64::from(day) + f64::from(row) / f64::from(ROWS);
            twin.observe(&machine.row(at_days), 600.0, 1.0);
        }
        let now = f64::from(day + 1);
        let is_worn = twin.is_worn();
        if is_worn && !told {
            if machine.begins.is_some_and(|begins| now >= begins) {
                course.told = course.told.or(Some(now));
            } else {
                course.false_alarms += 1.0;
            }
        }
        told = is_worn;
        let not = twin.verdict() == Verdict::DoesNotExplain;
        course.not_explained += f64::from(u8::from(not && !unexplained));
        unexplained = not;
        if day + 1 >= FIRST_DAY && (day + 1).is_multiple_of(EVERY_DAYS) {
            for ((living, held), widths) in Living::ALL.into_iter().zip(&mut course.held).zip(&mut course.widths) {
                let Some(belief) = twin.belief(living) else { continue };
                held.push(f64::from(u8::from(belief.now.holds(machine.truth(living)))));
                widths.push(belief.now.p95 - belief.now.p5);
            }
        }
        if told && (day + 1).is_multiple_of(EVERY_DAYS) {
            let life = Life { limit_mm_per_s: LIMIT_MM_PER_S, ..Life::default() };
            let quantiles =
                life.remaining(&twin).map(|remaining| [0.05, 0.5, 0.95].map(|share| remaining.quantile(share)));
            if let Some([Some(p5), Some(p50), Some(p95)]) = quantiles {
                course.lives.push((now, [p5, p50, p95]));
            }
        }
        course.watched_years = now / 365.25;
        if machine.has_failed() {
            course.failed = Some(now);
            break;
        }
    }
    course
}

/// Judges the model on that many simulated machines, each watched for `days` or until its bearing fails. Odd seeds are
/// sound, even ones wear. `first_seed` sets machines to develop on apart from machines to judge on.
#[must_use]
pub fn simulated(first_seed: u64, seeds: u32, days: u32) -> Report {
    let courses: Vec<Course> =
        (0..u64::from(seeds)).into_par_iter().map(|i| watch(first_seed.wrapping_add(i), days)).collect();
    let mut figures = Vec::new();
    let mut add = |name: String, found: Option<(f64, Option<super::Spread>, usize)>, reach| {
        if let Some((value, spread, count)) = found {
            figures.push(Figure { name, value, spread, count, reach });
        }
    };
    let all: Vec<Vec<f64>> = courses.iter().map(|course| course.held.concat()).collect();
    let within = Some(Reach::Within(0.85, 0.95));
    add("true parameters inside their 90 % interval".to_owned(), mean_with_spread(&all), within);
    for (i, living) in Living::ALL.into_iter().enumerate() {
        let pick = |of: fn(&Course) -> &[Vec<f64>; 4]| -> Vec<Vec<f64>> {
            courses.iter().map(|course| of(course).get(i).cloned().unwrap_or_default()).collect()
        };
        add(format!("{}: inside its 90 % interval", living.name()), mean_with_spread(&pick(|c| &c.held)), None);
        add(format!("{}: mean width of 90 %", living.name()), mean_with_spread(&pick(|c| &c.widths)), None);
    }
    let sound: Vec<&Course> = courses.iter().filter(|course| !course.worn).collect();
    let years: f64 = sound.iter().map(|course| course.watched_years).sum();
    let rates = |of: fn(&Course) -> f64| -> Vec<Vec<f64>> {
        sound.iter().map(|course| vec![of(course) / (years / sound.len() as f64)]).collect()
    };
    add(
        "false alarms of wear per sound machine and year".to_owned(),
        mean_with_spread(&rates(|c| c.false_alarms)),
        Some(Reach::AtMost(1.0)),
    );
    add(
        "times the model was said not to explain a sound machine, per year".to_owned(),
        mean_with_spread(&rates(|c| c.not_explained)),
        None,
    );
    let median = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, 0.5)
    };
    let worn = |of: fn(&Course) -> Option<f64>| -> Vec<Vec<f64>> {
        courses.iter().filter(|course| course.worn).map(|course| of(course).into_iter().collect()).collect()
    };
    // A failure that nobody told has no lead.
    let lead = worn(|c| c.failed.map(|failed| c.told.map_or(0.0, |told| failed - told)));
    add(
        "median lead before the limit, days".to_owned(),
        statistic_with_spread(&lead, median),
        Some(Reach::AtLeast(30.0)),
    );
    let least = |values: &[f64]| values.iter().copied().reduce(f64::min);
    add("least lead before the limit, days".to_owned(), statistic_with_spread(&lead, least), None);
    let delay = worn(|c| Some(c.told? - c.begun?));
    add("median days from the first wear to the alarm".to_owned(), statistic_with_spread(&delay, median), None);
    let life = worn(|c| Some(c.failed? - c.begun?));
    add("median days from the first wear to the limit".to_owned(), statistic_with_spread(&life, median), None);
    // Only machines that failed: of the others the end is not known.
    let lives = |of: &dyn Fn(f64, &[f64; 3]) -> Option<f64>| -> Vec<Vec<f64>> {
        let failed = courses.iter().filter_map(|course| Some((course.failed?, &course.lives)));
        failed
            .map(|(end, lives)| {
                let left = lives.iter().map(|(now, band)| (end - now, band)).filter(|(left, _)| *left > 0.0);
                left.filter_map(|(left, band)| of(left, band)).collect()
            })
            .collect()
    };
    let held = lives(&|left, [p5, _, p95]| Some(f64::from(u8::from((*p5..=*p95).contains(&left)))));
    add("remaining life inside its 90 % band, once wear is told".to_owned(), mean_with_spread(&held), None);
    let off = lives(&|left, [_, p50, _]| Some((p50 / left - 1.0).abs()).filter(|share| share.is_finite()));
    add("median error of its middle, as a share".to_owned(), statistic_with_spread(&off, median), None);
    let late = lives(&|left, [_, p50, _]| Some(f64::from(u8::from(*p50 > left))));
    add("share of middles later than the end".to_owned(), mean_with_spread(&late), None);
    let mut worst: f64 = 0.0;
    for (from_kw, to_kw, measured, _) in KELMARSH_BINS {
        let (oil_deg_c, _) = mean_in_bin(&Thermal::KELMARSH, from_kw, to_kw);
        worst = worst.max((oil_deg_c - measured).abs());
        let name = format!("oil from {from_kw} to {to_kw} kW less Kelmarsh's, K");
        add(name, Some((oil_deg_c - measured, None, 1)), Some(Reach::Within(-2.0, 2.0)));
    }
    add(
        "oil, largest difference from Kelmarsh, K".to_owned(),
        Some((worst, None, KELMARSH_BINS.len())),
        Some(Reach::AtMost(2.0)),
    );
    let method = format!(
        "{seeds} simulated machines, every second one with a bearing that begins to wear, {days} days or to {LIMIT_MM_PER_S} mm/s."
    );
    Report { model: "gearbox".to_owned(), method, figures, notes: notes(&courses) }
}

fn notes(courses: &[Course]) -> Vec<String> {
    let worn = courses.iter().filter(|course| course.worn);
    let open = worn.clone().filter(|course| course.failed.is_none()).count();
    let silent = worn.clone().filter(|course| course.failed.is_some() && course.told.is_none()).count();
    vec![
        format!(
            "Spread: bootstrap over machines. {} wear; {open} of them had not failed when the watch ended and are in no lead; \
             {silent} failed untold and count with a lead of 0.",
            worn.count()
        ),
        "A model is judged on the simulator's machines: other equations, but the same definitions of wear and \
         misalignment and the same size of their effects. On real machines those are not known."
            .to_owned(),
        "Machines that stand (0 kW or less) are not compared with Kelmarsh: that mean, 40.9 °C, is of how long they had \
         been standing. The comparison is with the data that the network was fitted to."
            .to_owned(),
    ]
}
