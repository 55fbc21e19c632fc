//! Fatigue crack growth: Paris' law about a pivot, with mean stress and a threshold, and an asset model of a crack.
//!
//! Not here: where the stress comes from, and closure, overload retardation and short cracks, which the law does not
//! know. Rate and exponent of the usual form C ΔK^m are almost perfectly correlated (−0.99 between Virkler's specimens),
//! so a law is given by its rate at a pivot and its exponent, which are not.

mod model;
pub mod profile;

pub use model::{Crack, Cycles};

use std::f64::consts::PI;

/// Growth by cycle over the range of the stress intensity factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParisLaw {
    /// Effective range at which the rate is given, MPa √m.
    pub pivot_mpa_sqrt_m: f64,
    /// Growth at the pivot, m a cycle.
    pub rate_at_pivot_m: f64,
    /// Slope of the logarithms, 1.
    pub exponent: f64,
    /// Walker's exponent gamma: 1 for a law that does not know the mean stress.
    pub walker: f64,
    /// Effective range at and below which nothing grows, MPa √m.
    pub threshold_mpa_sqrt_m: f64,
}

impl ParisLaw {
    /// 2024-T3 sheet at the stress ratio of 0.2 of Virkler, Hillberry and Goel (1979, J. Eng. Mater. Technol. 101):
    /// mean of 34 specimens, m 2.816 and ln C −22.993 (m a cycle, MPa √m), here about 12 MPa √m, the middle of the test.
    pub const ALUMINIUM_2024_T3: Self = Self {
        pivot_mpa_sqrt_m: 12.0,
        // exp(-22.993 + 2.816 ln 12)
        rate_at_pivot_m: 1.130_424e-7,
        exponent: 2.816,
        walker: 1.0,
        threshold_mpa_sqrt_m: 0.0,
    };

    /// Cast nickel alloy \[E\]: a generic prior until it is calibrated; no citable constants were found.
    pub const NICKEL_GENERIC: Self =
        Self { pivot_mpa_sqrt_m: 20.0, rate_at_pivot_m: 2e-7, exponent: 3.0, walker: 0.5, threshold_mpa_sqrt_m: 7.0 };

    /// Range that counts at a stress ratio R (Walker 1970, ASTM STP 462): ΔK/(1−R)^(1−γ). Compression does not open the
    /// crack: R below 0 counts as 0 on a range that the caller gives as its tensile part.
    #[must_use]
    pub fn effective_range(&self, range_mpa_sqrt_m: f64, stress_ratio: f64) -> f64 {
        // Most cycles start from zero: a power that is 1 need not be taken a thousand times a millisecond.
        if stress_ratio <= 0.0 || self.walker == 1.0 {
            return range_mpa_sqrt_m;
        }
        range_mpa_sqrt_m / (1.0 - stress_ratio.min(0.95)).powf(1.0 - self.walker)
    }

    /// Growth in one cycle, m (Paris and Erdogan 1963, J. Basic Eng. 85).
    #[must_use]
    pub fn growth_m(&self, range_mpa_sqrt_m: f64, stress_ratio: f64) -> f64 {
        let range = self.effective_range(range_mpa_sqrt_m.max(0.0), stress_ratio);
        if range <= self.threshold_mpa_sqrt_m {
            0.0
        } else {
            self.rate_at_pivot_m * (range / self.pivot_mpa_sqrt_m).powf(self.exponent)
        }
    }

    /// Cycles from one length to a longer one under a constant stress range; infinite where it does not grow, 0 where it
    /// is already there. Gauss-Legendre over 64 parts of the logarithm: exact to 1e-9 for what occurs.
    #[must_use]
    pub fn cycles(&self, geometry: Geometry, range_mpa: f64, stress_ratio: f64, from_m: f64, to_m: f64) -> f64 {
        if !(from_m > 0.0 && to_m > from_m) {
            return 0.0;
        }
        /// Half distance of the two points from the middle of a part, in half parts: 1/√3.
        const POINT: f64 = 0.577_350_269_189_625_8;
        const PARTS: u32 = 64;
        let part = (to_m / from_m).ln() / f64::from(PARTS);
        let mut cycles = 0.0;
        for i in 0..PARTS {
            for side in [-POINT, POINT] {
                let length = from_m * (part * (f64::from(i) + 0.5 + 0.5 * side)).exp();
                cycles += 0.5 * part * length / self.growth_m(geometry.intensity(range_mpa, length), stress_ratio);
            }
        }
        cycles
    }
}

/// Where the crack is: what stress and length make of the stress intensity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Geometry {
    /// From an edge, short against the part: K = 1.12 σ √(πa) (Tada, Paris, Irwin 2000, section 2.10).
    Edge,
    /// In the middle of a plate: K = σ √(πa sec(πa/W)), a the half length (Feddersen 1966, ASTM STP 410).
    Centre {
        /// Width of the plate W, m.
        width_m: f64,
    },
}

impl Geometry {
    /// Stress intensity, MPa √m, of a stress in MPa and a length in m. Infinite where the crack is as wide as the plate.
    #[must_use]
    pub fn intensity(self, stress_mpa: f64, length_m: f64) -> f64 {
        let plain = stress_mpa * (PI * length_m.max(0.0)).sqrt();
        match self {
            Self::Edge => 1.12 * plain,
            Self::Centre { width_m } => {
                let angle = PI * length_m / width_m;
                if angle >= 0.5 * PI { f64::INFINITY } else { plain / angle.cos().sqrt() }
            }
        }
    }

    /// Length at which the highest stress reaches the fracture toughness, m.
    #[must_use]
    pub fn critical_length_m(self, toughness_mpa_sqrt_m: f64, highest_stress_mpa: f64) -> f64 {
        match self {
            Self::Edge => (toughness_mpa_sqrt_m / (1.12 * highest_stress_mpa)).powi(2) / PI,
            Self::Centre { width_m } => {
                // Rises without limit towards half of the width: one crossing, halved down to 1e-15 of it.
                let (mut low, mut high) = (0.0, 0.5 * width_m);
                for _ in 0..50 {
                    let middle = 0.5 * (low + high);
                    if self.intensity(highest_stress_mpa, middle) < toughness_mpa_sqrt_m {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                low
            }
        }
    }
}

/// Factor on the growth of a nickel alloy by metal temperature and frequency, 1 at 550 °C and 25 Hz: Arrhenius with 1,300 K
/// (770 to 1,980), and frequency to the power of −0.08 (0.04 to 0.115), which span what Rozman, Kruzic and Hawk (2015, J.
/// Mater. Eng. Perform. 24:2841) found in Haynes 282 from 550 to 750 °C and from 25 to 0.25 Hz. \[E\] for other alloys.
#[must_use]
pub fn hot_growth_factor(temperature_deg_c: f64, frequency_hz: f64) -> f64 {
    let kelvin = (temperature_deg_c + 273.15).max(200.0);
    (1_300.0 * (1.0 / 823.15 - 1.0 / kelvin)).exp() * (frequency_hz.max(1e-9) / 25.0).powf(-0.08)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIRKLER: Geometry = Geometry::Centre { width_m: 0.1524 };

    #[test]
    fn the_mean_virkler_specimen_lives_247_458_cycles_from_9_to_49_8_mm() {
        let cycles = ParisLaw::ALUMINIUM_2024_T3.cycles(VIRKLER, 48.28, 0.2, 0.009, 0.0498);
        assert!((cycles - 247_458.0).abs() < 10.0, "{cycles}");
    }

    #[test]
    fn the_life_of_an_infinite_plate_is_the_closed_form() {
        // N = (a1^(1-m/2) - a0^(1-m/2)) / ((1 - m/2) C (Y Δσ √π)^m).
        let law = ParisLaw { threshold_mpa_sqrt_m: 0.0, ..ParisLaw::NICKEL_GENERIC };
        let scale = law.rate_at_pivot_m * (1.12 * 300.0 * PI.sqrt() / law.pivot_mpa_sqrt_m).powi(3);
        let closed = (0.01_f64.powf(-0.5) - 0.001_f64.powf(-0.5)) / (-0.5 * scale);
        let cycles = law.cycles(Geometry::Edge, 300.0, 0.0, 0.001, 0.01);
        assert!((cycles / closed - 1.0).abs() < 1e-8, "{cycles} {closed}");
    }

    #[test]
    fn walker_makes_a_mean_stress_count_and_the_threshold_stops_growth() {
        let law = ParisLaw::NICKEL_GENERIC;
        // 10/(1 - 0.75)^0.5 = 20, the pivot.
        assert!((law.growth_m(10.0, 0.75) - 2e-7).abs() < 1e-15);
        assert_eq!((law.growth_m(7.0, 0.0), law.growth_m(-5.0, 0.0)), (0.0, 0.0));
        assert_eq!(law.cycles(Geometry::Edge, 10.0, 0.0, 1e-4, 2e-4), f64::INFINITY);
        assert_eq!(law.cycles(Geometry::Edge, 300.0, 0.0, 2e-3, 1e-3), 0.0);
    }

    #[test]
    fn at_the_critical_length_the_intensity_is_the_toughness() {
        for geometry in [Geometry::Edge, VIRKLER] {
            let length = geometry.critical_length_m(30.0, 80.0);
            assert!((geometry.intensity(80.0, length) - 30.0).abs() < 1e-6, "{geometry:?}: {length}");
        }
        assert_eq!(VIRKLER.intensity(1.0, 0.08), f64::INFINITY);
    }

    #[test]
    fn heat_and_slowness_make_it_grow_within_what_was_measured() {
        let heat = hot_growth_factor(750.0, 25.0) / hot_growth_factor(550.0, 25.0);
        let slowness = hot_growth_factor(650.0, 0.25) / hot_growth_factor(650.0, 25.0);
        assert!((1.2..=1.6).contains(&heat) && (1.2..=1.7).contains(&slowness), "{heat} {slowness}");
    }
}
