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
    starts: u32,
    fired_s: f64,
    fired: bool,
    /// Lowest and highest stress of the trailing edge since the last start.
    extremes: [f64; 2],
}

impl Damage {
    /// After 24,000 hours and 480 starts, an ordinary inspection interval.
    pub(super) fn mid_life() -> Self {
        Self {
            creep: [0.22, 0.10, 0.14, 0.31, 0.08, 0.02],
            crack_m: 0.000_4,
            starts: 480,
            fired_s: 24_000.0 * 3600.0,
            fired: true,
            extremes: [0.0, 0.0],
        }
    }

    /// Begins the cycle that is under way.
    pub(super) fn settle(&mut self, blade: &Blade) {
        let [_, trailing] = blade.edge_stress_mpa();
        self.extremes = [trailing; 2];
    }

    pub(super) fn step(&mut self, blade: &Blade, fired: bool, dt_s: f64) {
        for ((used, place), temperature) in self.creep.iter_mut().zip(PLACES).zip(blade.metal_deg_c()) {
            let hours = rupture_hours(blade.creep_stress_mpa(place), temperature);
            *used = (*used + dt_s / 3600.0 / hours).min(1.0);
        }
        if fired {
            self.fired_s += dt_s;
        }
        let [_, trailing] = blade.edge_stress_mpa();
        let [low, high] = self.extremes;
        self.extremes = [low.min(trailing), high.max(trailing)];
        if fired && !self.fired {
            // A start closes the cycle that the last one began.
            let [low, high] = self.extremes;
            self.crack_m += crack_growth_m(self.crack_m, high - low);
            self.starts += 1;
            self.extremes = [trailing; 2];
        }
        self.fired = fired;
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
        f64::from(self.starts)
    }

    pub(super) fn fired_hours(&self) -> f64 {
        self.fired_s / 3600.0
    }
}
