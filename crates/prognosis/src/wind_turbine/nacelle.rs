//! The rest of the nacelle: air, main bearing, generator, converter, transformer.
//!
//! Each is one mass that warms up with what it does; levels and time constants are \[E\], levels near the means
//! and highest values of the Kelmarsh tables (Plumley 2022, CC-BY-4.0).

use crate::lag::Lag;

/// Generator and converter.
#[derive(Debug, Clone, PartialEq)]
pub struct ElectricalParameters {
    /// Power to the grid at rated wind, W.
    pub rated_power_w: f64,
    /// Efficiency of generator and converter together, 1.
    pub efficiency: f64,
    /// What pumps, fans and controls draw, W.
    pub auxiliary_power_w: f64,
}

impl Default for ElectricalParameters {
    fn default() -> Self {
        Self {
            rated_power_w: 3.37e6,
            // [E]: with the gearbox here 0.932 in all; 3.37 MW of 3.62 MW is 0.931.
            efficiency: 0.956,
            auxiliary_power_w: 12.0e3,
        }
    }
}

impl ElectricalParameters {
    /// Power at the generator's shaft that gives rated power, W.
    pub(super) fn rated_shaft_power_w(&self) -> f64 {
        (self.rated_power_w + self.auxiliary_power_w) / self.efficiency
    }

    /// Power to the grid, W.
    pub(super) fn grid_power_w(&self, shaft_power_w: f64) -> f64 {
        shaft_power_w * self.efficiency - self.auxiliary_power_w
    }
}

/// What drives the nacelle for one step; shares are of rated values.
#[derive(Debug, Clone, Copy)]
pub(super) struct NacelleDrive {
    pub(super) ambient_temperature_deg_c: f64,
    pub(super) power_share: f64,
    pub(super) torque_share: f64,
    pub(super) speed_share: f64,
    pub(super) thrust_share: f64,
}

/// Window of the vibrations' rms, s. \[E\]
const VIBRATION_LAG_S: f64 = 4.0;

#[derive(Debug, Clone)]
pub(super) struct Nacelle {
    pub(super) air: Lag,
    pub(super) main_bearing: Lag,
    pub(super) winding: Lag,
    pub(super) generator_bearing_de: Lag,
    pub(super) generator_bearing_nde: Lag,
    pub(super) converter: Lag,
    pub(super) transformer: Lag,
    /// mm/s rms.
    pub(super) main_bearing_vibration: Lag,
    /// mm/s rms.
    pub(super) generator_vibration: Lag,
}

impl Nacelle {
    pub(super) fn new(ambient_temperature_deg_c: f64) -> Self {
        let ambient = Lag::new(ambient_temperature_deg_c);
        let still = Lag::new(0.0);
        Self {
            air: ambient,
            main_bearing: ambient,
            winding: ambient,
            generator_bearing_de: ambient,
            generator_bearing_nde: ambient,
            converter: ambient,
            transformer: ambient,
            main_bearing_vibration: still,
            generator_vibration: still,
        }
    }

    pub(super) fn step(&mut self, drive: &NacelleDrive, dt_s: f64) {
        let power = drive.power_share.clamp(0.0, 1.5);
        let torque = drive.torque_share.clamp(0.0, 1.5);
        let speed = drive.speed_share.clamp(0.0, 1.5);
        let thrust = drive.thrust_share.clamp(0.0, 1.5);

        self.air.follow(drive.ambient_temperature_deg_c + 7.0 + 8.0 * power, 1200.0, dt_s);
        let air = self.air.value;
        let warm = |part: &mut Lag, excess_k: f64, time_constant_s: f64| {
            part.follow(air + excess_k, time_constant_s, dt_s);
        };
        warm(&mut self.main_bearing, 2.0 + speed * (5.0 + 6.0 * thrust), 5400.0);
        // Iron, then copper by the square of the current.
        warm(&mut self.winding, 12.0 * speed + 48.0 * torque.powi(2), 900.0);
        warm(&mut self.generator_bearing_de, 9.0 * speed + 12.0 * power, 1500.0);
        // The far end has the worse cooling.
        warm(&mut self.generator_bearing_nde, 11.0 * speed + 16.0 * power, 1500.0);
        warm(&mut self.converter, 8.0 + 24.0 * power, 240.0);
        warm(&mut self.transformer, 12.0 + 10.0 * power + 42.0 * power.powi(2), 3600.0);

        self.main_bearing_vibration.follow(speed * (0.45 + 0.45 * thrust), VIBRATION_LAG_S, dt_s);
        // Unbalance by the speed, slot forces by the torque.
        self.generator_vibration.follow(speed * (0.6 + 0.7 * speed + 0.8 * torque), VIBRATION_LAG_S, dt_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rated_shaft_power_gives_rated_power() {
        let electrical = ElectricalParameters::default();
        let power = electrical.grid_power_w(electrical.rated_shaft_power_w());
        assert!((power - 3.37e6).abs() < 1e-3, "{power}");
    }

    #[test]
    fn at_rated_power_all_is_warmer_than_when_idle_and_below_what_the_data_show_as_highest() {
        let settle = |share: f64| {
            let mut nacelle = Nacelle::new(12.0);
            for _ in 0..5000 {
                nacelle.step(
                    &NacelleDrive {
                        ambient_temperature_deg_c: 12.0,
                        power_share: share,
                        torque_share: share,
                        speed_share: share,
                        thrust_share: share,
                    },
                    20.0,
                );
            }
            nacelle
        };
        let (idle, rated) = (settle(0.0), settle(1.0));
        for (cold, warm, highest_seen) in [
            (idle.air, rated.air, 41.8),
            (idle.main_bearing, rated.main_bearing, 44.2),
            (idle.winding, rated.winding, 101.7),
            (idle.generator_bearing_de, rated.generator_bearing_de, 64.9),
            (idle.generator_bearing_nde, rated.generator_bearing_nde, 74.3),
            (idle.transformer, rated.transformer, 110.4),
        ] {
            assert!(cold.value < warm.value && warm.value < highest_seen, "{warm:?}");
        }
    }
}
