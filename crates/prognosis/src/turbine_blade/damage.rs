//! How the blade ages: creep while it is hot, a crack at the trailing edge with every start.

use super::cooling::{Blade, PLACES};
use crate::crack::{Geometry, ParisLaw};

/// Larson–Miller constant, with T in K and t in h.
const C: f64 = 20.0;
/// Rupture of IN-738LC: P = 40,780 − 6,207 log10(σ/MPa), the line through 214 MPa at 871 °C and 83 MPa at 982 °C, both
/// 1,000 h. Orders of magnitude after the Inco data sheet of 1981; generic until compared with one's own \[E\].
const AT_ONE_MPA: f64 = 40_780.0;
const PER_DECADE: f64 = 6_207.0;
/// Strain at rupture, percent. \[E\]: some percent in cast alloys.
const RUPTURE_STRAIN_PERCENT: f64 = 2.5;

/// The trailing edge's crack.
const LAW: ParisLaw = ParisLaw::NICKEL_GENERIC;
/// As long as the wall around the last passages is; a longer one has gone through, m. \[E\]
const LONGEST_M: f64 = 0.03;
/// Range of the trailing edge's stress over an ordinary cycle of the plan, MPa, and what that lasts, s: what a time lapse
/// repeats until a cycle has been seen.
const ORDINARY: Cycle = Cycle { range_mpa: 444.0, lasts_s: 6.1 * 3600.0 };

/// In what one blade differs from another. Bounded where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Individual {
    /// Crack at the beginning, mm, 0.05 to 30.
    pub crack_mm: f64,
    /// Factor on the growth of the crack, 0.01 to 100.
    pub crack_rate: f64,
    /// Factor on the rate of creep, 0.01 to 100.
    pub creep_rate: f64,
}

impl Default for Individual {
    fn default() -> Self {
        Self { crack_mm: 0.4, crack_rate: 1.0, creep_rate: 1.0 }
    }
}

impl Individual {
    fn bounded(self) -> Self {
        let within = |value: f64, low: f64, high: f64, otherwise: f64| {
            if value.is_finite() { value.clamp(low, high) } else { otherwise }
        };
        Self {
            crack_mm: within(self.crack_mm, 0.05, 1000.0 * LONGEST_M, 0.4),
            crack_rate: within(self.crack_rate, 0.01, 100.0, 1.0),
            creep_rate: within(self.creep_rate, 0.01, 100.0, 1.0),
        }
    }
}

/// From one start to the next.
#[derive(Debug, Clone, Copy)]
struct Cycle {
    range_mpa: f64,
    lasts_s: f64,
}

/// Time to rupture under constant stress, h (Larson, Miller 1952): P = T (C + log10 t).
#[must_use]
pub fn rupture_hours(stress_mpa: f64, temperature_deg_c: f64) -> f64 {
    let p = AT_ONE_MPA - PER_DECADE * stress_mpa.max(1.0).log10();
    10.0_f64.powf((p / (temperature_deg_c + 273.15).max(200.0) - C).min(15.0))
}

/// Growth of an edge crack of length `crack_m` in one cycle of this stress range from zero, m.
#[must_use]
pub fn crack_growth_m(crack_m: f64, range_mpa: f64) -> f64 {
    LAW.growth_m(Geometry::Edge.intensity(range_mpa.max(0.0), crack_m), 0.0)
}

/// What has accumulated.
#[derive(Debug, Clone)]
pub(super) struct Damage {
    /// Used share of the creep life by place, 0 to 1 (linear sum of time fractions, Robinson 1938).
    creep: [f64; PLACES.len()],
    crack_m: f64,
    individual: Individual,
    starts: f64,
    fired_s: f64,
    fired: bool,
    /// The last whole cycle.
    last: Cycle,
    since_start_s: f64,
    /// Lowest and highest stress of the trailing edge since the last start.
    extremes: [f64; 2],
}

impl Damage {
    /// After 24,000 hours and 480 starts, an ordinary inspection interval.
    pub(super) fn mid_life(individual: Individual) -> Self {
        let individual = individual.bounded();
        Self {
            creep: [0.22, 0.10, 0.14, 0.31, 0.08, 0.02],
            crack_m: individual.crack_mm / 1000.0,
            individual,
            starts: 480.0,
            fired_s: 24_000.0 * 3600.0,
            fired: true,
            last: ORDINARY,
            // The cycle under way is not a whole one.
            since_start_s: f64::NEG_INFINITY,
            extremes: [0.0, 0.0],
        }
    }

    /// Begins the cycle that is under way.
    pub(super) fn settle(&mut self, blade: &Blade) {
        let [_, trailing] = blade.edge_stress_mpa();
        self.extremes = [trailing; 2];
    }

    /// Lets `dt_s` pass, and counts it `repeats` times, at least once: hours do what they do, and cycles like the last
    /// whole one go by evenly.
    pub(super) fn step(&mut self, blade: &Blade, fired: bool, dt_s: f64, repeats: f64) {
        for ((used, place), temperature) in self.creep.iter_mut().zip(PLACES).zip(blade.metal_deg_c()) {
            let hours = rupture_hours(blade.creep_stress_mpa(place), temperature);
            *used = (*used + self.individual.creep_rate * repeats * dt_s / 3600.0 / hours).min(1.0);
        }
        if fired {
            self.fired_s += repeats * dt_s;
        }
        self.since_start_s += dt_s;
        let [_, trailing] = blade.edge_stress_mpa();
        let [low, high] = self.extremes;
        self.extremes = [low.min(trailing), high.max(trailing)];
        if repeats > 1.0 {
            self.cycle((repeats - 1.0) * dt_s / self.last.lasts_s, self.last.range_mpa);
        }
        if fired && !self.fired {
            // A start closes the cycle that the last one began.
            let [low, high] = self.extremes;
            self.cycle(1.0, high - low);
            if self.since_start_s > 0.5 * ORDINARY.lasts_s {
                self.last = Cycle { range_mpa: high - low, lasts_s: self.since_start_s };
            }
            self.since_start_s = 0.0;
            self.extremes = [trailing; 2];
        }
        self.fired = fired;
    }

    /// Starts of one range.
    fn cycle(&mut self, count: f64, range_mpa: f64) {
        let growth = self.individual.crack_rate * crack_growth_m(self.crack_m, range_mpa);
        self.crack_m = (self.crack_m + count * growth).min(LONGEST_M);
        self.starts += count;
    }

    /// Of the place that has used most.
    pub(super) fn creep_life(&self) -> f64 {
        self.creep.into_iter().fold(0.0, f64::max)
    }

    /// There, in proportion to the used life.
    pub(super) fn creep_strain_percent(&self) -> f64 {
        RUPTURE_STRAIN_PERCENT * self.creep_life()
    }

    pub(super) fn crack_mm(&self) -> f64 {
        1000.0 * self.crack_m
    }

    pub(super) fn starts(&self) -> f64 {
        self.starts
    }

    pub(super) fn fired_hours(&self) -> f64 {
        self.fired_s / 3600.0
    }
}
