//! One blade's model, kept alive by telemetry and inspections.

use serde::{Deserialize, Serialize};

use crate::crack::{Crack, Cycles, Geometry, ParisLaw};
use crate::estimate::Prior;
use crate::estimate::particles::{Detection, Discrepancy, Evidence as Learned, Particles};
use crate::living::{Evidence, EvidenceError, Finding, Row, WallMs, check};

use super::config::{BladeConfig, Lengths, NEW_CRACK};
use super::duty::Duty;
use super::effectiveness::{self, Effectiveness};
use super::living::QUESTIONS;
use super::physics::Point;
use super::rows::{self, Seen};

/// Growth at 20 MPa √m, m a cycle, and exponent. \[E\], generic: 0.5 of the alloy in the logarithm, and what an error of
/// 20 % in the stress does to its third power: a steady law does not know the transient of a start.
pub(super) const LAW: [Prior; 2] = [
    Prior { median: ParisLaw::NICKEL_GENERIC.rate_at_pivot_m, deviation: 0.78 },
    Prior { median: ParisLaw::NICKEL_GENERIC.exponent, deviation: 0.3 },
];
/// Factor on the rate of creep. \[E\]: rupture times of castings of one alloy lie within a factor of three.
pub(super) const CREEP: Prior = Prior { median: 1.0, deviation: 0.6 };
/// Standard deviation of the logarithm of the share used before the first row. \[E\]
pub(super) const CREEP_BEFORE: f64 = 0.35;
/// How the growth wanders about the law, time in cycles. \[E\]
const WANDERS: Discrepancy = Discrepancy { deviation: 0.15, memory: 500.0 };
const PARTICLES: usize = 1000;
/// Standard deviation of a length by borescope, mm. \[E\]
const BORESCOPE_MM: f64 = 0.3;
/// Spread of the logarithm of what it finds. \[E\]
const FOUND_SPREAD: f64 = 0.5;
/// Spread of the logarithm of the length at which it breaks; small, because the question is asked at every start. \[E\]
const FRACTURE_SPREAD: f64 = 0.05;
/// Nobody knows where a crack ends better than this, mm. \[E\]
const FINEST_MM: f64 = 0.05;
/// A finding this far in the tail of what was expected, or explained by so few particles, means another crack.
const SURPRISE: f64 = 0.001;
const FEW: f64 = 10.0;
/// Change of the gas from row to row up to which a state is steady, K.
const STEADY_K: f64 = 8.0;
/// Starts a row can count: a gap of years. More is a counter of something else.
const MOST_STARTS: f64 = 20_000.0;
/// Cycles of one step of the filter.
const STEP_CYCLES: f64 = 50.0;
/// Creep lives that are summed at most: whatever the factor of the casting, all are used.
const MOST_CREEP: f64 = 1000.0;
/// Longest gap between rows that is filled, h: a year.
const LONGEST_GAP_H: f64 = 8766.0;

/// Edges that are watched, in the order of [`Seen::metal_deg_c`].
pub(super) const TRAILING: usize = 0;

/// An edge: how well it is cooled, and how much creep life the law says it has used since the first row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Edge {
    pub(super) cooling: Effectiveness,
    pub(super) creep: f64,
}

/// The living model of one blade. Serialize it to let it survive a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BladeTwin {
    pub(super) config: BladeConfig,
    pub(super) seed: u64,
    /// Trailing and leading edge.
    pub(super) edges: [Edge; 2],
    pub(super) crack: Particles,
    /// Of the length, growth and exponent, now and before the data of this part.
    pub(super) law: [Prior; 2],
    pub(super) creep_factor: Prior,
    /// Share used before the first row: nothing of a part that was replaced since.
    pub(super) creep_before: f64,
    pub(super) length: Prior,
    pub(super) duty: Duty,
    /// The last row, if it had what is required.
    pub(super) now: Option<(Point, bool)>,
    /// What was last seen of the trailing edge in a steady state, and how many hours of ageing ago.
    pub(super) seen: Option<(f64, f64)>,
    counter: Option<f64>,
    was_fired: Option<bool>,
    last_ms: Option<WallMs>,
    pub(super) data_until_ms: Option<WallMs>,
    /// Cycles that the crack has not grown by yet.
    waiting: f64,
    pub(super) inspections: u32,
    pub(super) outside: Vec<String>,
}

impl BladeTwin {
    /// A blade of the type, before any data.
    #[must_use]
    pub fn new(config: BladeConfig, seed: u64) -> Self {
        let config = config.bounded();
        let edge = || Edge { cooling: Effectiveness::new(effectiveness::PRIOR), creep: 0.0 };
        let length = config.crack_prior();
        Self {
            config,
            seed,
            edges: [edge(), edge()],
            crack: Particles::new(&model(&config), &[length], &LAW, WANDERS, PARTICLES, seed),
            law: LAW,
            creep_factor: CREEP,
            creep_before: config.creep_used,
            length,
            duty: Duty::default(),
            now: None,
            seen: None,
            counter: None,
            was_fired: None,
            last_ms: None,
            data_until_ms: None,
            waiting: 0.0,
            inspections: 0,
            outside: Vec::new(),
        }
    }

    /// Whether its numbers are usable: to be asked of one that was read from outside.
    #[must_use]
    pub fn fits(&self) -> bool {
        let priors = [self.law[0], self.law[1], self.creep_factor, self.length];
        let sums = [self.creep_before, self.waiting, self.edges[0].creep, self.edges[1].creep];
        self.config == self.config.bounded()
            && self.crack.fits(&model(&self.config))
            && self.crack.count() <= PARTICLES
            && priors.iter().all(|p| p.median.is_finite() && p.median > 0.0 && (0.0..10.0).contains(&p.deviation))
            && sums.iter().all(|sum| (0.0..=MOST_STARTS).contains(sum))
            && self.edges.iter().all(|edge| edge.cooling.fits())
            && self.duty.fits()
            && self.now.is_none_or(|(point, _)| point.is_finite())
            && self.seen.is_none_or(|(seen, hours)| (0.0..=1.0).contains(&seen) && hours >= 0.0)
    }

    /// Takes the next row.
    pub(super) fn take(&mut self, row: &Row<'_>) {
        let Some(seen) = rows::read(row, &self.config) else { return };
        self.bridge(row.at_ms, &seen);
        self.outside = self.outside_of(&seen);
        for edge in &mut self.edges {
            edge.cooling.pass(seen.hours);
        }
        self.measure(&seen);
        let fired = seen.fired.unwrap_or(false);
        if let Some(point) = &seen.point {
            for edge in &mut self.edges {
                let (effectiveness, _) = edge.cooling.now();
                edge.creep = (edge.creep + seen.hours * point.creep_an_hour(effectiveness)).min(MOST_CREEP);
            }
            self.duty.pass(seen.point.as_ref().filter(|_| fired), seen.seconds, seen.hours);
            self.data_until_ms = Some(row.at_ms);
        }
        self.count_starts(&seen);
        self.now = seen.point.map(|point| (point, fired));
    }

    /// Time in which nobody watched: the machine ran as it usually does. One in time lapse is a simulation, which has no
    /// life of its own.
    fn bridge(&mut self, at_ms: WallMs, seen: &Seen) {
        let before = self.last_ms.replace(at_ms);
        let Some(before) = before.filter(|_| seen.time_lapse == 1.0) else { return };
        let hours = at_ms.saturating_sub(before) as f64 / 3.6e6 - seen.hours;
        if hours <= seen.hours {
            return;
        }
        let hours = hours.min(LONGEST_GAP_H);
        let Some(future) = self.duty.ahead(&crate::living::Setting::default()) else { return };
        for edge in &mut self.edges {
            edge.cooling.pass(hours);
            let (effectiveness, _) = edge.cooling.now();
            let rate: f64 = future.points.iter().map(|(share, point)| share * point.creep_an_hour(effectiveness)).sum();
            edge.creep = (edge.creep + hours * rate).min(MOST_CREEP);
        }
        self.duty.away(hours);
        // A counter will tell how many there were.
        if seen.starts.is_none() || self.counter.is_none() {
            let starts = hours * future.starts_an_hour.0;
            self.duty.start(starts);
            self.grow(starts);
        }
    }

    /// Learns the cooling in a steady state.
    fn measure(&mut self, seen: &Seen) {
        if let Some((_, age_h)) = &mut self.seen {
            *age_h += seen.hours;
        }
        let (Some(point), Some((before, true)), Some(true)) = (&seen.point, &self.now, seen.fired) else { return };
        if (point.gas_deg_c - before.gas_deg_c).abs() > STEADY_K {
            return;
        }
        for (edge, metal) in self.edges.iter_mut().zip(seen.metal_deg_c) {
            if let Some(metal) = metal {
                edge.cooling.learn(point, metal);
            }
        }
        if let Some(effectiveness) = seen.metal_deg_c[TRAILING].and_then(|metal| Effectiveness::seen(point, metal)) {
            self.seen = Some((effectiveness, 0.0));
        }
    }

    /// By the counter of the plant where there is one, else by flames that are lit.
    fn count_starts(&mut self, seen: &Seen) {
        let lit = seen.fired == Some(true) && self.was_fired == Some(false);
        self.was_fired = seen.fired.or(self.was_fired);
        let counted = match (seen.starts, self.counter) {
            (Some(now), Some(before)) => {
                // A counter that went back was set anew.
                let count = (now - before).max(0.0);
                if count > MOST_STARTS {
                    self.outside.push(format!("the counter of starts jumped by {count:.0}; none of them was counted"));
                    0.0
                } else {
                    count
                }
            }
            (None, None) if lit => seen.time_lapse,
            _ => 0.0,
        };
        self.counter = seen.starts.or(self.counter);
        if lit {
            self.duty.close();
        }
        self.duty.start(counted);
        self.grow(counted);
    }

    /// Lets the crack grow by cycles of the usual kind. A cycle is from standing to the hardest moment and back.
    fn grow(&mut self, cycles: f64) {
        self.waiting = (self.waiting + cycles).min(MOST_STARTS);
        let Some(hardest) = self.duty.hardest().filter(|_| self.waiting >= 1.0) else { return };
        let (effectiveness, _) = self.edges[TRAILING].cooling.now();
        let steps = (self.waiting / STEP_CYCLES).ceil().max(1.0);
        let load = load(&hardest, effectiveness);
        let model = model(&self.config);
        self.crack.step(&model, &load, self.waiting / steps, steps as usize);
        // It bore the stress of these cycles, so no crack in it is longer than what bears that.
        let half_found = self.lengths(load.range_mpa).critical_m;
        let unbroken = Learned::NotFound { state: 0, detection: Detection { half_found, spread: FRACTURE_SPREAD } };
        self.crack.update(&model, &load, &unbroken);
        self.waiting = 0.0;
    }

    fn outside_of(&self, seen: &Seen) -> Vec<String> {
        let Some(point) = &seen.point else { return Vec::new() };
        let mut outside = Vec::new();
        let mut judge = |name: &str, unit: &str, value: f64, low: f64, high: f64| {
            if !(low..=high).contains(&value) {
                outside.push(format!("{name} {value:.2}{unit} is outside {low} to {high}"));
            }
        };
        judge("speed over rated", "", point.speed_share, 0.0, 1.05);
        if seen.fired == Some(true) && point.span_k() >= effectiveness::SPAN_K {
            judge("gas temperature", " °C", point.gas_deg_c, 400.0, 1500.0);
            judge("gas pressure", " bar", point.pressure_bar, 1.0, 30.0);
            let (effectiveness, _) = self.edges[TRAILING].cooling.now();
            judge("cooling effectiveness", "", effectiveness, 0.25, 0.75);
            judge("metal temperature", " °C", point.metal_deg_c(effectiveness), 300.0, 1000.0);
        }
        outside
    }

    /// Takes evidence.
    pub(super) fn told(&mut self, evidence: &Evidence) -> Result<(), EvidenceError> {
        check(&QUESTIONS, evidence)?;
        let model = model(&self.config);
        let detection = Detection { half_found: self.config.half_found_mm / 1000.0, spread: FOUND_SPREAD };
        // What is measured does not depend on a load.
        let rest = Cycles { range_mpa: 0.0, stress_ratio: 0.0, factor: 1.0 };
        match &evidence.finding {
            Finding::Measured { value, deviation, .. } => {
                let deviation = deviation.unwrap_or(BORESCOPE_MM).max(FINEST_MM) / 1000.0;
                let value = value / 1000.0;
                let measured = Learned::Measured { output: 0, value, deviation };
                let update = self.crack.update(&model, &rest, &measured);
                let surprise = update.pit.is_none_or(|pit| pit.min(1.0 - pit) < SURPRISE);
                if surprise || update.effective < FEW {
                    self.restart(value, deviation);
                } else {
                    // That it was found at all speaks for a long one, as nothing found speaks for a short one.
                    self.crack.update(&model, &rest, &Learned::Found { state: 0, detection });
                }
                self.inspections = self.inspections.saturating_add(1);
            }
            Finding::Nothing { .. } => {
                self.crack.update(&model, &rest, &Learned::NotFound { state: 0, detection });
            }
            Finding::Done { .. } => self.replace(),
        }
        Ok(())
    }

    /// Another crack than the believed one: of the length that was found, growth as unknown as ever.
    fn restart(&mut self, value_m: f64, deviation_m: f64) {
        let median = value_m.max(0.000_05);
        let states = [Prior { median, deviation: (deviation_m / median).min(1.0) }];
        let renewed = Learned::Replaced { states: &states, parameters: &self.law };
        self.crack.update(&model(&self.config), &Cycles { range_mpa: 0.0, stress_ratio: 0.0, factor: 1.0 }, &renewed);
    }

    /// A new blade: its cooling, creep and crack are another's.
    fn replace(&mut self) {
        self.length = NEW_CRACK;
        let renewed = Learned::Replaced { states: &[NEW_CRACK], parameters: &self.law };
        self.crack.update(&model(&self.config), &Cycles { range_mpa: 0.0, stress_ratio: 0.0, factor: 1.0 }, &renewed);
        for edge in &mut self.edges {
            *edge = Edge { cooling: Effectiveness::new(edge.cooling.prior()), creep: 0.0 };
        }
        self.creep_before = 0.0;
        self.waiting = 0.0;
        self.inspections = 0;
        self.seen = None;
    }

    /// Lengths at which the crack ends the life, at this stress.
    pub(super) fn lengths(&self, highest_mpa: f64) -> Lengths {
        Lengths {
            allowed_m: self.config.crack_limit_mm / 1000.0,
            critical_m: GEOMETRY.critical_length_m(self.config.toughness_mpa_sqrt_m, highest_mpa.max(1.0)),
        }
    }
}

pub(super) const GEOMETRY: Geometry = Geometry::Edge;

/// The crack as the filter sees it.
pub(super) fn model(config: &BladeConfig) -> Crack {
    Crack {
        law: ParisLaw::NICKEL_GENERIC,
        geometry: GEOMETRY,
        first_m: NEW_CRACK.median,
        limit_m: config.crack_limit_mm / 1000.0,
    }
}

/// A cycle from standing to this moment.
pub(super) fn load(hardest: &Point, effectiveness: f64) -> Cycles {
    Cycles {
        range_mpa: hardest.edge_stress_mpa(effectiveness),
        stress_ratio: 0.0,
        factor: hardest.growth_factor(effectiveness),
    }
}
