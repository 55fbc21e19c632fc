//! From true values to readings with noise. The noise has its own stream of the seed: reading changes nothing.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::outputs::Outputs;

/// Standard deviations. \[E\]: thermocouples, pyrometers and flow models of plants.
const GAS_K: f64 = 1.5;
const METAL_K: f64 = 0.8;
const COOLANT_K: f64 = 0.4;
const SHARE: f64 = 0.004;
const SPEED_SHARE: f64 = 0.000_2;

#[derive(Debug, Clone)]
pub(super) struct Sensors {
    rng: ChaCha8Rng,
}

impl Sensors {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // The dispatch draws from stream 0.
        rng.set_stream(1);
        Self { rng }
    }

    /// The readings that belong to the true values. What is counted (starts, hours, damage) is exact.
    pub(super) fn read(&mut self, truth: &Outputs) -> Outputs {
        let mut add = |value: f64, deviation: f64| {
            let noise: f64 = StandardNormal.sample(&mut self.rng);
            value + deviation * noise
        };
        let mut share = |value: f64, share: f64| (value + share * value * add(0.0, 1.0)).max(0.0);
        let power_mw = share(truth.power_mw, SHARE);
        let speed_rpm = share(truth.speed_rpm, SPEED_SHARE);
        let gas_pressure_bar = share(truth.gas_pressure_bar, 0.001);
        let exhaust_spread_k = share(truth.exhaust_spread_k, 0.04);
        let coolant_flow_g_per_s = truth.coolant_flow_g_per_s.map(|flow| share(flow, SHARE));
        let passage_area_percent = truth.passage_area_percent.map(|area| share(area, SHARE));
        let root_stress_mpa = share(truth.root_stress_mpa, 0.002);
        Outputs {
            power_mw,
            speed_rpm,
            gas_pressure_bar,
            exhaust_spread_k,
            coolant_flow_g_per_s,
            passage_area_percent,
            root_stress_mpa,
            gas_temperature_deg_c: add(truth.gas_temperature_deg_c, GAS_K),
            coolant_temperature_deg_c: add(truth.coolant_temperature_deg_c, COOLANT_K),
            coolant_outlet_deg_c: truth.coolant_outlet_deg_c.map(|outlet| add(outlet, COOLANT_K)),
            metal_deg_c: truth.metal_deg_c.map(|metal| add(metal, METAL_K)),
            edge_stress_mpa: truth.edge_stress_mpa.map(|stress| add(stress, 0.4)),
            ..*truth
        }
    }
}
