//! What kind of car it is.

use super::{AgeingParameters, CoolantParameters, DriveParameters, PackParameters};

/// One kind of car; the default is a generic hatchback with 77 kWh.
#[derive(Debug, Clone)]
pub struct VehicleParameters {
    /// Seconds that the car lives in a second.
    pub pace: f64,
    /// Air temperature, °C.
    pub ambient_deg_c: f64,
    /// Power of everything at 12 V and of the cabin's climate, W \[E\].
    pub auxiliary_w: f64,
    /// State of charge below which it charges once it stands, 0 to 1.
    pub charge_below: f64,
    /// State of charge at which it stops charging, 0 to 1.
    pub charge_to: f64,
    /// Traction battery.
    pub pack: PackParameters,
    /// Body, motor, gear, inverter.
    pub drive: DriveParameters,
    /// Coolant loop.
    pub coolant: CoolantParameters,
    /// Ageing of the cells.
    pub ageing: AgeingParameters,
}

impl Default for VehicleParameters {
    fn default() -> Self {
        Self {
            pace: 15.0,
            ambient_deg_c: 18.0,
            auxiliary_w: 450.0,
            charge_below: 0.5,
            charge_to: 0.9,
            pack: PackParameters::default(),
            drive: DriveParameters::default(),
            coolant: CoolantParameters::default(),
            ageing: AgeingParameters::default(),
        }
    }
}
