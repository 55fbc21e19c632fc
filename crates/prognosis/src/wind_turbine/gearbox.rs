//! The gearbox: losses, oil and its cooler, housing vibration.
//!
//! The cooler's fan listens to the sump and to the high-speed bearing. The bearing warms up with load,
//! so at high power the cooler runs hard and the oil ends up cooler than at part load,
//! as the ten-minute data of six machines show (Kelmarsh, Plumley 2022, CC-BY-4.0).

use crate::gears::{GearStage, total_ratio};
use crate::lag::Lag;
use crate::lubrication::Walther;

/// Gears, losses and oil circuit.
#[derive(Debug, Clone, PartialEq)]
pub struct GearboxParameters {
    /// The stages from the rotor to the generator.
    pub stages: [GearStage; 3],
    /// Efficiency of the meshes, 1: what load costs.
    pub mesh_efficiency: f64,
    /// Torque at the rotor that turning costs without load, N·m, with oil at 50 °C;
    /// follows the square root of the viscosity.
    pub no_load_torque_n_m: f64,
    /// Heat that the oil pumps put into the oil, W.
    pub pump_heat_w: f64,
    /// Heat capacity of oil and the steel that goes with it, J/K.
    pub heat_capacity_j_per_k: f64,
    /// Heat flow from the housing to the nacelle's air, W/K.
    pub housing_w_per_k: f64,
    /// Heat that the oil to the cooler carries, mass flow times specific heat, W/K.
    pub oil_flow_w_per_k: f64,
    /// Share of the oil's excess over the air outside that the cooler takes at full duty.
    pub cooler_effectiveness: f64,
    /// Sump temperatures at which the cooler starts and is at full duty, °C.
    pub cooler_by_oil_deg_c: (f64, f64),
    /// The same by the temperature of the high-speed bearing, °C.
    pub cooler_by_bearing_deg_c: (f64, f64),
    /// The oil.
    pub oil: Walther,
}

impl Default for GearboxParameters {
    fn default() -> Self {
        Self {
            // The turbine's tooth counts are not published; its kinds of stage and its ratio, 97, are. These are the
            // model's: the 5 MW reference gearbox (Nejad et al. 2016), whose ratio of 96.354 is within 0.7 % of that.
            stages: [
                GearStage::Planetary { sun_teeth: 19, ring_teeth: 56 },
                GearStage::Planetary { sun_teeth: 18, ring_teeth: 93 },
                GearStage::Parallel { wheel_teeth: 95, pinion_teeth: 24 },
            ],
            // [E], fitted together to the Kelmarsh temperatures by share of rated power (see the test).
            mesh_efficiency: 0.984,
            no_load_torque_n_m: 9.6e3,
            pump_heat_w: 5.0e3,
            housing_w_per_k: 300.0,
            oil_flow_w_per_k: 4.8e3,
            cooler_effectiveness: 0.50,
            cooler_by_oil_deg_c: (54.4, 68.9),
            cooler_by_bearing_deg_c: (58.6, 70.1),
            // [E]: 250 L of oil and its share of steel, 3.43 MJ/K for 2 MW, by rated power.
            heat_capacity_j_per_k: 5.6e6,
            oil: Walther::ISO_VG_320,
        }
    }
}

/// Oil temperature to which `no_load_torque_n_m` refers, °C.
const NO_LOAD_REFERENCE_DEG_C: f64 = 50.0;
/// Below this rotor speed the oil no longer drags with full force, rad/s: keeps a resting rotor at rest.
const DRAG_FADES_RAD_PER_S: f64 = 0.1;
/// How fast the fan answers, s. \[E\]
const COOLER_LAG_S: f64 = 60.0;
/// How fast the pressure follows the pump, s: the oil runs back through the bearings. \[E\]
const PRESSURE_LAG_S: f64 = 3.0;
/// Window of the vibration's rms, s. \[E\]
const VIBRATION_LAG_S: f64 = 4.0;
/// A mode of the housing, Hz, and its damping: the high-speed mesh passes it on the way to rated speed. \[E\]
const HOUSING_MODE_HZ: f64 = 362.0;
const HOUSING_DAMPING: f64 = 0.3;
/// What each mesh contributes at rated load away from the mode, and what turning alone does, mm/s rms. \[E\]
const MESH_VIBRATION_MM_PER_S: [f64; 3] = [0.4, 0.6, 1.3];
const TURNING_VIBRATION_MM_PER_S: f64 = 0.8;

/// What drives the gearbox for one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct GearboxDrive {
    pub(super) rotor_speed_rad_per_s: f64,
    pub(super) rated_speed_rad_per_s: f64,
    /// At the generator, N·m, and its rated value.
    pub(super) generator_torque_n_m: f64,
    pub(super) rated_torque_n_m: f64,
    pub(super) bearing_temperature_deg_c: f64,
    /// Heat that the high-speed bearing gives to the oil, W.
    pub(super) bearing_heat_w: f64,
    pub(super) nacelle_temperature_deg_c: f64,
    pub(super) ambient_temperature_deg_c: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Gearbox {
    pub(super) parameters: GearboxParameters,
    pub(super) oil_temperature_deg_c: f64,
    pub(super) oil_inlet_temperature_deg_c: f64,
    pub(super) pump_runs: bool,
    /// Pressure as a share of what the running pump gives.
    pump_share: Lag,
    cooler: Lag,
    vibration: Lag,
}

impl Gearbox {
    pub(super) fn new(parameters: GearboxParameters) -> Self {
        Self {
            parameters,
            oil_temperature_deg_c: 52.0,
            oil_inlet_temperature_deg_c: 45.0,
            pump_runs: true,
            pump_share: Lag::new(1.0),
            cooler: Lag::new(0.5),
            vibration: Lag::new(0.0),
        }
    }

    pub(super) fn ratio(&self) -> f64 {
        total_ratio(&self.parameters.stages)
    }

    /// Torque at the rotor that the oil's drag takes, N·m.
    pub(super) fn drag_n_m(&self, rotor_speed_rad_per_s: f64) -> f64 {
        let oil = &self.parameters.oil;
        let thickness = oil.viscosity_mm2_per_s(self.oil_temperature_deg_c) / reference_mm2_per_s();
        let share = (rotor_speed_rad_per_s / DRAG_FADES_RAD_PER_S).clamp(0.0, 1.0);
        self.parameters.no_load_torque_n_m * thickness.sqrt() * share
    }

    /// Torque at the rotor, N·m, that balances the generator's torque and the losses of meshes and oil. That of the
    /// high-speed bearing is its own: it heats the bearing first.
    pub(super) fn rotor_side_torque_n_m(&self, generator_torque_n_m: f64, rotor_speed_rad_per_s: f64) -> f64 {
        generator_torque_n_m * self.ratio() / self.parameters.mesh_efficiency + self.drag_n_m(rotor_speed_rad_per_s)
    }

    pub(super) fn step(&mut self, drive: &GearboxDrive, dt_s: f64) {
        let p = &self.parameters;
        let transmitted_n_m = drive.generator_torque_n_m * self.ratio();
        let input_n_m = self.rotor_side_torque_n_m(drive.generator_torque_n_m, drive.rotor_speed_rad_per_s);
        let loss_w = (input_n_m - transmitted_n_m) * drive.rotor_speed_rad_per_s
            + if self.pump_runs { p.pump_heat_w } else { 0.0 };
        self.pump_share.follow(if self.pump_runs { 1.0 } else { 0.0 }, PRESSURE_LAG_S, dt_s);

        let wanted = ramp(self.oil_temperature_deg_c, p.cooler_by_oil_deg_c)
            .max(ramp(drive.bearing_temperature_deg_c, p.cooler_by_bearing_deg_c));
        self.cooler.follow(wanted, COOLER_LAG_S, dt_s);
        // Cold air cannot warm the oil, and the fan is off where it would.
        let excess_k = (self.oil_temperature_deg_c - drive.ambient_temperature_deg_c).max(0.0);
        let drop_k = self.cooler.value * p.cooler_effectiveness * excess_k;
        self.oil_inlet_temperature_deg_c = self.oil_temperature_deg_c - drop_k;

        let to_nacelle_w = p.housing_w_per_k * (self.oil_temperature_deg_c - drive.nacelle_temperature_deg_c);
        let net_w = loss_w + drive.bearing_heat_w - to_nacelle_w - p.oil_flow_w_per_k * drop_k;
        self.oil_temperature_deg_c += net_w / p.heat_capacity_j_per_k * dt_s;

        self.vibration.follow(self.mean_square_vibration(drive), VIBRATION_LAG_S, dt_s);
    }

    pub(super) fn cooler_duty(&self) -> f64 {
        self.cooler.value
    }

    /// mm/s rms.
    pub(super) fn vibration_mm_per_s(&self) -> f64 {
        self.vibration.value.max(0.0).sqrt()
    }

    /// Pressure behind filter and cooler, bar: thick oil needs more of it. \[E\]
    pub(super) fn oil_pressure_bar(&self) -> f64 {
        let oil = &self.parameters.oil;
        let thickness = oil.viscosity_mm2_per_s(self.oil_inlet_temperature_deg_c) / reference_mm2_per_s();
        // The relief valve opens at 6 bar.
        (1.0 + 2.0 * thickness.powf(0.35)).min(6.0) * self.pump_share.value
    }

    fn mean_square_vibration(&self, drive: &GearboxDrive) -> f64 {
        let load = (drive.generator_torque_n_m / drive.rated_torque_n_m).clamp(0.0, 2.0);
        let speed = drive.rotor_speed_rad_per_s / drive.rated_speed_rad_per_s;
        let mut shaft_rpm = drive.rotor_speed_rad_per_s * 60.0 / std::f64::consts::TAU;
        let mut sum = (TURNING_VIBRATION_MM_PER_S * speed).powi(2);
        for (stage, at_rated) in self.parameters.stages.iter().zip(MESH_VIBRATION_MM_PER_S) {
            let r = stage.mesh_frequency_hz(shaft_rpm) / HOUSING_MODE_HZ;
            let response = 1.0 / ((1.0 - r * r).powi(2) + (2.0 * HOUSING_DAMPING * r).powi(2));
            // Transmission error grows with load, but there is some without.
            sum += (at_rated * speed * (0.3 + 0.7 * load)).powi(2) * response;
            shaft_rpm *= stage.ratio();
        }
        sum
    }
}

/// Viscosity of fresh oil at the temperature to which drag and pressure refer.
fn reference_mm2_per_s() -> f64 {
    Walther::ISO_VG_320.viscosity_mm2_per_s(NO_LOAD_REFERENCE_DEG_C)
}

/// 0 up to the first bound, 1 from the second, straight between.
fn ramp(value: f64, (start, full): (f64, f64)) -> f64 {
    ((value - start) / (full - start).max(1e-6)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_ratio_is_the_reference_gearboxs() {
        let gearbox = Gearbox::new(GearboxParameters::default());
        assert!((gearbox.ratio() - 96.354).abs() < 5e-4, "{}", gearbox.ratio());
    }

    #[test]
    fn drag_grows_with_cold_oil_and_vanishes_at_rest() {
        let mut gearbox = Gearbox::new(GearboxParameters::default());
        gearbox.oil_temperature_deg_c = 50.0;
        let warm = gearbox.drag_n_m(1.0);
        gearbox.oil_temperature_deg_c = 10.0;
        assert!(gearbox.drag_n_m(1.0) > 2.0 * warm);
        assert_eq!(gearbox.drag_n_m(0.0), 0.0);
    }

    #[test]
    fn no_vibration_at_rest_and_at_rated_load_what_the_class_shows() {
        let mut gearbox = Gearbox::new(GearboxParameters::default());
        let mut drive = GearboxDrive {
            rotor_speed_rad_per_s: 1.2325,
            rated_speed_rad_per_s: 1.2325,
            generator_torque_n_m: 3.0e4,
            rated_torque_n_m: 3.0e4,
            bearing_temperature_deg_c: 65.0,
            bearing_heat_w: 2e3,
            nacelle_temperature_deg_c: 25.0,
            ambient_temperature_deg_c: 12.0,
        };
        gearbox.step(&drive, 100.0);
        let rated = gearbox.vibration_mm_per_s();
        // Below 3.5 mm/s, the zone boundary B/C of VDI 3834-1 for gearboxes.
        assert!((1.0..3.0).contains(&rated), "{rated}");
        drive.rotor_speed_rad_per_s = 0.0;
        drive.generator_torque_n_m = 0.0;
        gearbox.step(&drive, 200.0);
        assert!(gearbox.vibration_mm_per_s() < 0.01);
    }
}
