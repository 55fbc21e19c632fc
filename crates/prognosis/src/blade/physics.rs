//! From gas and coolant to the metal's temperature and stress, and from those to creep and growth of cracks.
//!
//! Steady states only: what a start does to an edge within seconds is in the factor on the thermal stress.

use serde::{Deserialize, Serialize};

use crate::crack::hot_growth_factor;

/// Modulus times expansion of a cast nickel alloy near 850 °C, MPa/K: 150 GPa and 15.6e-6 1/K (Inco 1981, data sheet of
/// IN-738LC).
const MODULUS_EXPANSION_MPA_PER_K: f64 = 150_000.0 * 15.6e-6;
/// Pull at the edge at rated speed, MPa. \[E\]
const CENTRIFUGAL_MPA: f64 = 60.0;
/// Thermal stress over that of a fully held edge that is as much hotter than its cooled core as metal than coolant; starts
/// included. \[E\]
const THERMAL_SHARE: f64 = 0.3;
/// Bending by the gas, MPa/bar. \[E\]
const BENDING_MPA_PER_BAR: f64 = 1.5;
/// What lasts and drives creep at an airfoil's edge at rated speed, MPa. \[E\]
const CREEP_PULL_MPA: f64 = 70.0;
/// Metal at which the generic growth rate is at home, °C. \[E\]
const GROWTH_AT_DEG_C: f64 = 850.0;

/// How the machine runs at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    /// Gas as the blade meets it, °C.
    pub gas_deg_c: f64,
    /// Its pressure, bar absolute.
    pub pressure_bar: f64,
    /// Coolant where it enters, °C.
    pub coolant_deg_c: f64,
    /// Over synchronous speed.
    pub speed_share: f64,
    /// Percent of rated power.
    pub load_percent: f64,
}

impl Point {
    pub(super) fn is_finite(&self) -> bool {
        [self.gas_deg_c, self.pressure_bar, self.coolant_deg_c, self.speed_share, self.load_percent]
            .iter()
            .all(|value| value.is_finite())
    }

    /// Gas over coolant, K.
    pub(super) fn span_k(&self) -> f64 {
        self.gas_deg_c - self.coolant_deg_c
    }

    /// Metal with a cooling effectiveness φ, °C: T_gas − φ (T_gas − T_coolant) (Holland, Thake 1980, J. Aircraft 17, 412).
    pub(super) fn metal_deg_c(&self, effectiveness: f64) -> f64 {
        self.gas_deg_c - effectiveness * self.span_k()
    }

    /// Highest stress of the trailing edge, MPa: pull with the square of speed, strain of an edge that is hotter than what
    /// holds it, bending. \[E\] A wall that loses its coolant is strained more.
    pub(super) fn edge_stress_mpa(&self, effectiveness: f64) -> f64 {
        let over_core_k = ((1.0 - effectiveness) * self.span_k()).max(0.0);
        CENTRIFUGAL_MPA * self.speed_share.powi(2)
            + THERMAL_SHARE * MODULUS_EXPANSION_MPA_PER_K * over_core_k
            + BENDING_MPA_PER_BAR * self.pressure_bar
    }

    /// Share of the creep life that an hour uses at an edge.
    pub(super) fn creep_an_hour(&self, effectiveness: f64) -> f64 {
        let stress = CREEP_PULL_MPA * self.speed_share.powi(2) + BENDING_MPA_PER_BAR * self.pressure_bar;
        1.0 / rupture_hours(stress, self.metal_deg_c(effectiveness))
    }

    /// Factor on the growth of a crack by the heat of the metal, of [`hot_growth_factor`] with a frequency that is always
    /// the same.
    pub(super) fn growth_factor(&self, effectiveness: f64) -> f64 {
        let at = |deg_c: f64| hot_growth_factor(deg_c, 1.0);
        at(self.metal_deg_c(effectiveness).clamp(20.0, 1200.0)) / at(GROWTH_AT_DEG_C)
    }
}

/// Larson–Miller parameter P = T (C + log10 t), T in K, t in h (Larson, Miller 1952, Trans. ASME 74), C = 20.
fn larson_miller(temperature_deg_c: f64, hours: f64) -> f64 {
    (temperature_deg_c + 273.15) * (LARSON_MILLER_C + hours.log10())
}

const LARSON_MILLER_C: f64 = 20.0;
/// Rupture of cast IN-738LC after 1,000 h: stress in MPa, metal in °C. Orders of magnitude, of the Inco data sheet of 1981
/// as it is remembered: generic \[E\] until compared with one's own.
const RUPTURE: [(f64, f64); 2] = [(214.0, 871.0), (83.0, 982.0)];

/// Time to rupture, h: the parameter is linear in the logarithm of the stress through two points. At most 10^15.
pub(super) fn rupture_hours(stress_mpa: f64, temperature_deg_c: f64) -> f64 {
    let [low, high] = RUPTURE.map(|(stress, deg_c)| (stress.log10(), larson_miller(deg_c, 1000.0)));
    let slope = (high.1 - low.1) / (high.0 - low.0);
    let parameter = low.1 + slope * (stress_mpa.max(1.0).log10() - low.0);
    let kelvin = (temperature_deg_c + 273.15).max(200.0);
    10.0_f64.powf((parameter / kelvin - LARSON_MILLER_C).clamp(-3.0, 15.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Point =
        Point { gas_deg_c: 1180.0, pressure_bar: 9.5, coolant_deg_c: 400.0, speed_share: 1.0, load_percent: 100.0 };

    #[test]
    fn larson_miller_parameters_of_the_two_points_are_the_published_orders() {
        for ((_, deg_c), parameter) in RUPTURE.into_iter().zip([26.3e3, 28.9e3]) {
            assert!((larson_miller(deg_c, 1000.0) / parameter - 1.0).abs() < 0.002, "{deg_c} °C");
        }
        for (stress, deg_c) in RUPTURE {
            assert!((rupture_hours(stress, deg_c) / 1000.0 - 1.0).abs() < 1e-9, "{stress} MPa");
        }
    }

    #[test]
    fn creep_is_a_linear_sum_of_time_fractions() {
        // Half of the life at one temperature and half of it at another are a life.
        let hot = Point { gas_deg_c: 1220.0, ..BASE };
        let life = |point: &Point| 1.0 / point.creep_an_hour(0.45);
        let used = 0.5 * life(&BASE) * BASE.creep_an_hour(0.45) + 0.5 * life(&hot) * hot.creep_an_hour(0.45);
        assert!((used - 1.0).abs() < 1e-12);
        // 40 K of gas are 22 K of metal; some twenty kelvin halve the life.
        let ratio = life(&BASE) / life(&hot);
        assert!((1.5..3.5).contains(&ratio), "{ratio}");
    }

    #[test]
    fn metal_lies_between_gas_and_coolant_by_its_effectiveness() {
        // 1180 − 0.5 (1180 − 400).
        assert_eq!(BASE.metal_deg_c(0.5), 790.0);
        assert_eq!((BASE.metal_deg_c(0.0), BASE.metal_deg_c(1.0)), (1180.0, 400.0));
    }

    #[test]
    fn stress_is_the_sum_of_pull_heat_and_pressure() {
        // 60 (n/n0)² + 0.3 × 2.34 MPa/K × 390 K + 1.5 × 9.5.
        assert!((BASE.edge_stress_mpa(0.5) - (60.0 + 273.78 + 14.25)).abs() < 1e-9);
        // Standing and cold there is nothing but the pressure of the air.
        let cold =
            Point { gas_deg_c: 15.0, coolant_deg_c: 15.0, pressure_bar: 1.0, speed_share: 0.0, load_percent: 0.0 };
        assert_eq!(cold.edge_stress_mpa(0.5), 1.5);
    }

    #[test]
    fn less_cooling_strains_the_edge_more_and_makes_cracks_grow_faster() {
        assert!(BASE.edge_stress_mpa(0.36) > BASE.edge_stress_mpa(0.44));
        assert!(BASE.growth_factor(0.36) > BASE.growth_factor(0.44));
        // 850 °C at φ = 330/780.
        assert!((BASE.growth_factor(330.0 / 780.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_rupture_time_is_finite_whatever_is_asked() {
        for (stress, deg_c) in [(0.0, -300.0), (1e9, 5000.0), (f64::INFINITY, 900.0), (f64::NAN, 900.0)] {
            let hours = rupture_hours(stress, deg_c);
            assert!(hours > 0.0 && hours.is_finite(), "{stress} MPa, {deg_c} °C: {hours}");
        }
    }
}
