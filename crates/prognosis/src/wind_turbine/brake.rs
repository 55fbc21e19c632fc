//! The shaft brake: holds a stopped rotor, wears its pads when it has to stop one.

/// Brake on the high-speed shaft.
#[derive(Debug, Clone, PartialEq)]
pub struct BrakeParameters {
    /// Braking torque, at the rotor, N·m.
    pub torque_n_m: f64,
    /// Pad when new, mm.
    pub pad_mm: f64,
    /// Pad lost per energy braked, mm/J.
    pub pad_wear_mm_per_j: f64,
}

impl Default for BrakeParameters {
    fn default() -> Self {
        // [E]
        Self { torque_n_m: 2.0e6, pad_mm: 18.0, pad_wear_mm_per_j: 1.0e-8 }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Brake {
    parameters: BrakeParameters,
    pub(super) pad_mm: f64,
}

impl Brake {
    pub(super) fn new(parameters: BrakeParameters) -> Self {
        Self { pad_mm: parameters.pad_mm, parameters }
    }

    /// The speed after braking for `dt_s`: never below rest.
    pub(super) fn slow(&mut self, speed_rad_per_s: f64, inertia_kg_m2: f64, dt_s: f64) -> f64 {
        let slower = (speed_rad_per_s - self.parameters.torque_n_m / inertia_kg_m2 * dt_s).max(0.0);
        let energy_j = 0.5 * inertia_kg_m2 * (speed_rad_per_s.powi(2) - slower.powi(2));
        self.pad_mm = (self.pad_mm - energy_j.max(0.0) * self.parameters.pad_wear_mm_per_j).max(0.0);
        slower
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braking_stops_the_rotor_and_costs_pad_and_holding_costs_none() {
        let mut brake = Brake::new(BrakeParameters::default());
        let mut speed = 0.12;
        for _ in 0..100 {
            speed = brake.slow(speed, 3.6e7, 0.1);
        }
        assert_eq!(speed, 0.0);
        let after = brake.pad_mm;
        assert!(after < 18.0 && after > 17.9);
        brake.slow(0.0, 3.6e7, 0.1);
        assert_eq!(brake.pad_mm, after);
    }
}
