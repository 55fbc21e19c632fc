//! The tower: its first fore-aft bending mode, driven by the thrust.

use std::f64::consts::TAU;

use crate::lag::Lag;

/// One mode, as mass on a spring at the tower top.
#[derive(Debug, Clone, PartialEq)]
pub struct TowerParameters {
    /// Natural frequency, Hz.
    pub frequency_hz: f64,
    /// Structural damping over critical.
    pub damping_ratio: f64,
    /// Mass that moves with the top, kg.
    pub modal_mass_kg: f64,
}

impl Default for TowerParameters {
    fn default() -> Self {
        Self {
            // [E]: between one and three passages of a blade at rated speed (0.20 and 0.59 Hz).
            frequency_hz: 0.40,
            damping_ratio: 0.01,
            // Nacelle 190.6 t, hub 28.0 t (ElastoDyn file of IEA-3.4-130-RWT), three blades of 16.4 t,
            // and a quarter of a tower of 550 t. [E] on the last two.
            modal_mass_kg: 4.05e5,
        }
    }
}

/// Window of the rms, s. VDI 3834-1 averages over ten minutes; one is enough to be steady and still shows a change.
const RMS_LAG_S: f64 = 60.0;

#[derive(Debug, Clone)]
pub(super) struct Tower {
    parameters: TowerParameters,
    deflection_m: f64,
    velocity_m_per_s: f64,
    mean_square_acceleration: Lag,
}

impl Tower {
    /// At rest under a steady thrust.
    pub(super) fn new(parameters: TowerParameters, thrust_n: f64) -> Self {
        let stiffness = parameters.modal_mass_kg * (TAU * parameters.frequency_hz).powi(2);
        Self {
            parameters,
            deflection_m: thrust_n / stiffness,
            velocity_m_per_s: 0.0,
            mean_square_acceleration: Lag::new(0.0),
        }
    }

    /// Downwind, m/s: the rotor feels the wind less this.
    pub(super) fn velocity_m_per_s(&self) -> f64 {
        self.velocity_m_per_s
    }

    pub(super) fn step(&mut self, thrust_n: f64, dt_s: f64) {
        let p = &self.parameters;
        let omega = TAU * p.frequency_hz;
        let acceleration = thrust_n / p.modal_mass_kg
            - 2.0 * p.damping_ratio * omega * self.velocity_m_per_s
            - omega.powi(2) * self.deflection_m;
        // Velocity first, then deflection: this order neither feeds nor eats energy.
        self.velocity_m_per_s += acceleration * dt_s;
        self.deflection_m += self.velocity_m_per_s * dt_s;
        self.mean_square_acceleration.follow(acceleration.powi(2), RMS_LAG_S, dt_s);
    }

    /// m/s² rms.
    pub(super) fn acceleration_rms_m_per_s2(&self) -> f64 {
        self.mean_square_acceleration.value.max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_rings_at_the_natural_frequency() {
        let mut tower = Tower::new(TowerParameters::default(), 0.0);
        tower.velocity_m_per_s = 0.1;
        let mut crossings = 0;
        let mut before = tower.deflection_m;
        for _ in 0..1000 {
            tower.step(0.0, 0.1);
            if before <= 0.0 && tower.deflection_m > 0.0 {
                crossings += 1;
            }
            before = tower.deflection_m;
        }
        // 100 s at 0.4 Hz.
        assert!((39..=41).contains(&crossings), "{crossings}");
    }

    #[test]
    fn a_steady_thrust_bends_it_and_shakes_nothing() {
        let mut tower = Tower::new(TowerParameters::default(), 5e5);
        for _ in 0..1000 {
            tower.step(5e5, 0.1);
        }
        assert!(tower.acceleration_rms_m_per_s2() < 1e-9);
        assert!((0.05..0.5).contains(&tower.deflection_m));
    }
}
