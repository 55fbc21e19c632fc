//! The sensors: from the state of the machine to readings with noise, all finite and in range.
//!
//! The noise has its own stream of the seed, so that reading does not change what the machine does.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::control::{wrap_180, wrap_360};
use super::outputs::Outputs;
use super::wind::normal;

/// Standard deviations of the noise. \[E\]: those of ordinary industrial sensors.
mod noise {
    pub(super) const TEMPERATURE_K: f64 = 0.05;
    pub(super) const WIND_SHARE: f64 = 0.01;
    pub(super) const ANGLE_DEG: f64 = 0.02;
    pub(super) const SPEED_SHARE: f64 = 0.0005;
    pub(super) const TORQUE_SHARE: f64 = 0.005;
    pub(super) const POWER_SHARE: f64 = 0.002;
    pub(super) const PRESSURE_BAR: f64 = 0.02;
    pub(super) const VIBRATION_SHARE: f64 = 0.02;
    pub(super) const KURTOSIS: f64 = 0.08;
}

#[derive(Debug, Clone)]
pub(super) struct Sensors {
    rng: ChaCha8Rng,
}

impl Sensors {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // The wind draws from stream 0.
        rng.set_stream(1);
        Self { rng }
    }

    /// The readings that belong to the true values.
    pub(super) fn read(&mut self, truth: &Outputs) -> Outputs {
        let mut add = |value: f64, deviation: f64| value + deviation * normal(&mut self.rng);
        let mut temperature = |value| add(value, noise::TEMPERATURE_K);
        let ambient_temperature_deg_c = temperature(truth.ambient_temperature_deg_c);
        let main_bearing_temperature_deg_c = temperature(truth.main_bearing_temperature_deg_c);
        let oil_temperature_deg_c = temperature(truth.oil_temperature_deg_c);
        let oil_inlet_temperature_deg_c = temperature(truth.oil_inlet_temperature_deg_c);
        let high_speed_bearing_temperature_deg_c = temperature(truth.high_speed_bearing_temperature_deg_c);
        let winding_temperature_deg_c = temperature(truth.winding_temperature_deg_c);
        let generator_bearing_de_temperature_deg_c = temperature(truth.generator_bearing_de_temperature_deg_c);
        let generator_bearing_nde_temperature_deg_c = temperature(truth.generator_bearing_nde_temperature_deg_c);
        let converter_temperature_deg_c = temperature(truth.converter_temperature_deg_c);
        let transformer_temperature_deg_c = temperature(truth.transformer_temperature_deg_c);

        let mut share = |value: f64, share: f64| add(value, share * value);
        let wind_speed_m_per_s = share(truth.wind_speed_m_per_s, noise::WIND_SHARE).max(0.0);
        let rotor_speed_rpm = share(truth.rotor_speed_rpm, noise::SPEED_SHARE).max(0.0);
        let generator_speed_rpm = share(truth.generator_speed_rpm, noise::SPEED_SHARE).max(0.0);
        let rotor_torque_kn_m = share(truth.rotor_torque_kn_m, noise::TORQUE_SHARE);
        let power_kw = share(truth.power_kw, noise::POWER_SHARE);
        let mut vibration = |value: f64| share(value, noise::VIBRATION_SHARE).max(0.0);
        let main_bearing_vibration_mm_per_s = vibration(truth.main_bearing_vibration_mm_per_s);
        let gearbox_vibration_mm_per_s = vibration(truth.gearbox_vibration_mm_per_s);
        let high_speed_bearing_vibration_mm_per_s = vibration(truth.high_speed_bearing_vibration_mm_per_s);
        let generator_vibration_mm_per_s = vibration(truth.generator_vibration_mm_per_s);
        let tower_acceleration_m_per_s2 = vibration(truth.tower_acceleration_m_per_s2);

        let wind_direction_deg = wrap_360(add(truth.wind_direction_deg, noise::ANGLE_DEG));
        let nacelle_heading_deg = wrap_360(add(truth.nacelle_heading_deg, noise::ANGLE_DEG));
        let yaw_error_deg = wrap_180(add(truth.yaw_error_deg, noise::ANGLE_DEG));
        let pitch_deg = truth.pitch_deg.map(|angle| add(angle, noise::ANGLE_DEG).clamp(-1.0, 91.0));
        let oil_pressure_bar = add(truth.oil_pressure_bar, noise::PRESSURE_BAR).max(0.0);
        // A kurtosis is at least 1.
        let high_speed_bearing_kurtosis = add(truth.high_speed_bearing_kurtosis, noise::KURTOSIS).max(1.0);

        Outputs {
            wind_speed_m_per_s,
            wind_direction_deg,
            ambient_temperature_deg_c,
            rotor_speed_rpm,
            rotor_torque_kn_m,
            pitch_deg,
            nacelle_heading_deg,
            yaw_error_deg,
            main_bearing_temperature_deg_c,
            main_bearing_vibration_mm_per_s,
            oil_temperature_deg_c,
            oil_inlet_temperature_deg_c,
            oil_pressure_bar,
            gearbox_vibration_mm_per_s,
            high_speed_bearing_temperature_deg_c,
            high_speed_bearing_vibration_mm_per_s,
            high_speed_bearing_kurtosis,
            generator_speed_rpm,
            winding_temperature_deg_c,
            generator_bearing_de_temperature_deg_c,
            generator_bearing_nde_temperature_deg_c,
            generator_vibration_mm_per_s,
            power_kw,
            converter_temperature_deg_c,
            transformer_temperature_deg_c,
            tower_acceleration_m_per_s2,
            // Counted or set by the controller: exact.
            rotor_azimuth_deg: truth.rotor_azimuth_deg,
            cooler_duty: truth.cooler_duty,
            brake_applied: truth.brake_applied,
            brake_pad_mm: truth.brake_pad_mm,
            service_stop: truth.service_stop,
            rotor_locked: truth.rotor_locked,
            oil_pump_runs: truth.oil_pump_runs,
        }
    }
}
