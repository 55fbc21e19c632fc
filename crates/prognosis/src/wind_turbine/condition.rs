//! A machine's condition beside its faults, and months of it in seconds: heat and wear with the rotor in balance.

use crate::lubrication::Walther;

use super::rotor::BEST_TIP_SPEED_RATIO;
use super::{Air, Operation, WindTurbine};

/// What differs between machines of one type, and changes over months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// Angle between the high-speed shaft and the generator's, mrad.
    pub misalignment_mrad: f64,
    /// Viscosity of the oil over that of fresh ISO VG 320, at 40 and 100 °C.
    pub viscosity_factor: f64,
    /// Share of the oil's excess over the air outside that the cooler takes at full duty.
    pub cooler_effectiveness: f64,
}

/// Longest step of [`WindTurbine::step_in_balance`], s: gear oil and its cooler are the fastest that it follows.
const LONGEST_STEP_S: f64 = 60.0;

impl WindTurbine {
    /// Puts the machine into this condition. A viscosity factor that makes no oil leaves the oil as it is.
    pub fn set_condition(&mut self, condition: Condition) {
        let factor = condition.viscosity_factor;
        if let Some(oil) = Walther::through((40.0, 320.0 * factor), (100.0, 24.0 * factor)) {
            self.gearbox.parameters.oil = oil;
        }
        self.gearbox.parameters.cooler_effectiveness = condition.cooler_effectiveness;
        self.high_speed_bearing.change(self.gearbox.parameters.oil, condition.misalignment_mrad);
    }

    /// Wear of the high-speed bearing, 0 for a sound raceway to 1: the truth, which no sensor reads.
    #[must_use]
    pub fn high_speed_bearing_wear(&self) -> f64 {
        self.high_speed_bearing.wear()
    }

    /// Generator speed at rated power, rpm.
    #[must_use]
    pub fn rated_generator_speed_rpm(&self) -> f64 {
        self.parameters.rated_speed_rad_per_s() * self.gearbox.ratio() * 60.0 / std::f64::consts::TAU
    }

    /// Lets `dt_s` pass, at most 60 s, with the rotor in balance with this wind: no turbulence, no pitch, no tower, but
    /// heat, wear and vibration as in [`WindTurbine::step`]. For months of them. Below cut-in and above cut-out it stands.
    pub fn step_in_balance(&mut self, wind_m_per_s: f64, ambient_deg_c: f64, dt_s: f64) {
        if !(dt_s.is_finite() && dt_s > 0.0 && wind_m_per_s.is_finite() && ambient_deg_c.is_finite()) {
            return;
        }
        let dt_s = dt_s.min(LONGEST_STEP_S);
        let p = &self.parameters;
        let runs = (p.control.cut_in_wind_m_per_s..=p.control.cut_out_wind_m_per_s).contains(&wind_m_per_s);
        let best = BEST_TIP_SPEED_RATIO * wind_m_per_s / p.rotor.radius_m;
        self.rotor_speed_rad_per_s = if runs { best.min(p.rated_speed_rad_per_s()) } else { 0.0 };
        let ratio = self.gearbox.ratio();
        let generator_torque_n_m = if runs { self.generator_torque_n_m(self.rotor_speed_rad_per_s) } else { 0.0 };
        self.operation = Operation {
            generator_torque_n_m,
            shaft_torque_n_m: generator_torque_n_m * ratio,
            thrust_n: 0.5 * p.rated_thrust_n() * f64::from(u8::from(runs)),
        };
        let air = Air {
            rotor_wind_m_per_s: wind_m_per_s,
            point_wind_m_per_s: wind_m_per_s,
            direction_deg: 0.0,
            vane_direction_deg: 0.0,
            temperature_deg_c: ambient_deg_c,
        };
        self.given_air = Some(air);
        self.warm_up(&air, dt_s);
        self.time_s += dt_s;
        self.read_sensors();
    }
}
