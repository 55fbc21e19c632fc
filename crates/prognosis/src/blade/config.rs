//! What is told of a blade before its data.

use serde::{Deserialize, Serialize};

use crate::estimate::Prior;

/// A type of blade and where it stands in its life. Defaults are generic \[E\]: a first stage of a heavy-duty machine,
/// inspected in mid-life. Values out of bounds are cut to them; what is not a number becomes the default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BladeConfig {
    /// Synchronous speed, rpm, 100 to 20,000.
    pub rated_speed_rpm: f64,
    /// Gas at full load, °C, 600 to 1,800: to which metal temperatures are referred, and load where it is not measured.
    pub full_load_gas_deg_c: f64,
    /// Coolant there, °C, 50 to 700.
    pub full_load_coolant_deg_c: f64,
    /// Share of the creep life that was used before the first row, 0 to 0.95.
    pub creep_used: f64,
    /// Crack before the first row, mm, 0.05 to 20: the middle of what is believed.
    pub crack_mm: f64,
    /// Longest crack that may stay in service, mm, 0.5 to 50.
    pub crack_limit_mm: f64,
    /// Fracture toughness, MPa √m, 10 to 300.
    pub toughness_mpa_sqrt_m: f64,
    /// Crack that a borescope finds half of the time, mm, 0.1 to 20.
    pub half_found_mm: f64,
}

impl Default for BladeConfig {
    fn default() -> Self {
        Self {
            rated_speed_rpm: 3000.0,
            full_load_gas_deg_c: 1180.0,
            full_load_coolant_deg_c: 400.0,
            creep_used: 0.3,
            crack_mm: 0.4,
            crack_limit_mm: 3.0,
            toughness_mpa_sqrt_m: 60.0,
            half_found_mm: 1.0,
        }
    }
}

/// Lengths of a crack that end something, m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lengths {
    /// By the rule of inspections.
    pub allowed_m: f64,
    /// By the toughness, at the highest stress.
    pub critical_m: f64,
}

impl Lengths {
    /// The first of both.
    #[must_use]
    pub fn limit_m(&self) -> f64 {
        self.allowed_m.min(self.critical_m)
    }
}

/// A crack of a new blade, m. \[E\]: what casting and machining leave.
pub(super) const NEW_CRACK: Prior = Prior { median: 0.000_12, deviation: 0.5 };
/// Spread of the logarithm of a length that nobody has measured. \[E\]
const UNKNOWN_CRACK: f64 = 0.6;

impl BladeConfig {
    /// With every value inside its bounds.
    #[must_use]
    pub fn bounded(self) -> Self {
        let usual = Self::default();
        let within = |value: f64, low: f64, high: f64, otherwise: f64| {
            if value.is_finite() { value.clamp(low, high) } else { otherwise }
        };
        Self {
            rated_speed_rpm: within(self.rated_speed_rpm, 100.0, 20_000.0, usual.rated_speed_rpm),
            full_load_gas_deg_c: within(self.full_load_gas_deg_c, 600.0, 1800.0, usual.full_load_gas_deg_c),
            full_load_coolant_deg_c: within(self.full_load_coolant_deg_c, 50.0, 700.0, usual.full_load_coolant_deg_c),
            creep_used: within(self.creep_used, 0.0, 0.95, usual.creep_used),
            crack_mm: within(self.crack_mm, 0.05, 20.0, usual.crack_mm),
            crack_limit_mm: within(self.crack_limit_mm, 0.5, 50.0, usual.crack_limit_mm),
            toughness_mpa_sqrt_m: within(self.toughness_mpa_sqrt_m, 10.0, 300.0, usual.toughness_mpa_sqrt_m),
            half_found_mm: within(self.half_found_mm, 0.1, 20.0, usual.half_found_mm),
        }
    }

    /// What is believed of the crack before any inspection.
    pub(super) fn crack_prior(&self) -> Prior {
        Prior { median: self.crack_mm / 1000.0, deviation: UNKNOWN_CRACK }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_inside_of_their_bounds_and_nonsense_becomes_them() {
        let usual = BladeConfig::default();
        assert_eq!(usual.bounded(), usual);
        let wild = BladeConfig { rated_speed_rpm: f64::NAN, creep_used: 7.0, crack_mm: -1.0, ..usual };
        assert_eq!(wild.bounded(), BladeConfig { creep_used: 0.95, crack_mm: 0.05, ..usual });
    }

    #[test]
    fn what_is_left_out_of_a_file_is_the_default_and_what_is_unknown_is_refused() {
        let some: BladeConfig = serde_json::from_str(r#"{ "crack_limit_mm": 2.0 }"#).unwrap();
        assert_eq!(some, BladeConfig { crack_limit_mm: 2.0, ..BladeConfig::default() });
        assert!(serde_json::from_str::<BladeConfig>(r#"{ "crack_limit": 2.0 }"#).is_err());
    }
}
