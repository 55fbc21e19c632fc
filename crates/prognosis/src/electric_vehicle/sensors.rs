//! The sensors: from the state of the car to readings with noise.
//!
//! The noise has its own stream of the seed, so that reading does not change what the car does.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};

use super::outputs::Outputs;

/// Standard deviations of the noise \[E\]: those of ordinary automotive sensors.
mod noise {
    pub(super) const TEMPERATURE_K: f64 = 0.06;
    pub(super) const CELL_V: f64 = 0.0006;
    pub(super) const PACK_V: f64 = 0.05;
    pub(super) const CURRENT_A: f64 = 0.08;
    pub(super) const SPEED_SHARE: f64 = 0.0004;
    pub(super) const FLOW_SHARE: f64 = 0.004;
}

#[derive(Debug, Clone)]
pub(super) struct Sensors {
    rng: ChaCha8Rng,
}

impl Sensors {
    pub fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // The pack draws from stream 0.
        rng.set_stream(1);
        Self { rng }
    }

    /// The readings that belong to the true values.
    pub fn read(&mut self, truth: Outputs) -> Outputs {
        let mut o = truth;
        let mut add = |value: &mut f64, deviation: f64| {
            let noise: f64 = StandardNormal.sample(&mut self.rng);
            *value += deviation * noise;
        };
        for module in &mut o.modules {
            add(&mut module.voltage_v, noise::CELL_V * 2.0);
            add(&mut module.temperature_deg_c, noise::TEMPERATURE_K);
            add(&mut module.hottest_deg_c, noise::TEMPERATURE_K);
            for cell in &mut module.cells_v {
                add(cell, noise::CELL_V);
            }
        }
        add(&mut o.pack_voltage_v, noise::PACK_V);
        add(&mut o.pack_current_a, noise::CURRENT_A);
        let temperatures = [
            &mut o.stator_temperature_deg_c,
            &mut o.rotor_temperature_deg_c,
            &mut o.inverter_temperature_deg_c,
            &mut o.pack_inlet_deg_c,
            &mut o.pack_outlet_deg_c,
            &mut o.drive_outlet_deg_c,
            &mut o.dcdc_temperature_deg_c,
            &mut o.cabin_temperature_deg_c,
            &mut o.ambient_temperature_deg_c,
        ];
        for value in temperatures.into_iter().chain(&mut o.brake_temperatures_deg_c) {
            add(value, noise::TEMPERATURE_K);
        }
        // A wheel that stands reads nothing; motor and shafts are counted on the same teeth.
        let turning = [&mut o.motor_speed_rpm, &mut o.intermediate_speed_rpm];
        for value in turning.into_iter().chain(&mut o.wheel_speeds_rpm) {
            let deviation = noise::SPEED_SHARE * *value;
            add(value, deviation);
        }
        let deviation = noise::FLOW_SHARE * o.coolant_flow_l_per_min;
        add(&mut o.coolant_flow_l_per_min, deviation);
        add(&mut o.link_voltage_v, noise::PACK_V);
        o.link_voltage_v = o.link_voltage_v.max(0.0);
        o
    }
}
