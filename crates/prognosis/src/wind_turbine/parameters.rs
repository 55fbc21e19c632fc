//! The parameters of a turbine, part by part, and what follows from several parts together.

use super::rotor::BEST_TIP_SPEED_RATIO;
use super::{
    BrakeParameters, ControlParameters, ElectricalParameters, GearboxParameters, HighSpeedBearingParameters,
    RotorParameters, TowerParameters, WindParameters,
};

/// Everything that makes one turbine different from another; the default is the IEA 3.4 MW machine.
///
/// Sizes, masses, time constants and rated values are above zero and shares within 0 to 1: they come from code,
/// not from outside, and nothing checks them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TurbineParameters {
    /// The wind at the site.
    pub wind: WindParameters,
    /// Rotor and shafts.
    pub rotor: RotorParameters,
    /// Controller.
    pub control: ControlParameters,
    /// Gears, losses and oil circuit.
    pub gearbox: GearboxParameters,
    /// Generator-side bearing of the high-speed shaft.
    pub high_speed_bearing: HighSpeedBearingParameters,
    /// Generator and converter.
    pub electrical: ElectricalParameters,
    /// Shaft brake.
    pub brake: BrakeParameters,
    /// Tower.
    pub tower: TowerParameters,
}

impl TurbineParameters {
    pub(super) fn rated_speed_rad_per_s(&self) -> f64 {
        self.control.rated_tip_speed_m_per_s / self.rotor.radius_m
    }

    /// Of all that turns, at the rotor.
    pub(super) fn inertia_kg_m2(&self, gear_ratio: f64) -> f64 {
        self.rotor.inertia_kg_m2 + self.rotor.generator_inertia_kg_m2 * gear_ratio.powi(2)
    }

    /// Thrust at rated wind, N, where it is highest.
    pub(super) fn rated_thrust_n(&self) -> f64 {
        let speed = self.rated_speed_rad_per_s();
        let wind = speed * self.rotor.radius_m / BEST_TIP_SPEED_RATIO;
        self.rotor.load(self.wind.air_density_kg_per_m3, wind, speed, 0.0).thrust_n
    }
}
