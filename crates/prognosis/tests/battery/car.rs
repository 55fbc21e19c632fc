//! The simulated car with its truth, and the rows that it sends.

use twinscope_prognosis::battery::{BatteryConfig, BatteryTwin};
use twinscope_prognosis::electric_vehicle::{ElectricVehicle, VehicleParameters};
use twinscope_prognosis::living::{Band, Living as _, Prediction, Row, Setting};

/// Messages of a row: four in a second.
const MESSAGES: usize = 4;

/// A car, its model, and the clock.
pub struct Watched {
    pub car: ElectricVehicle,
    pub twin: BatteryTwin,
    pub at_ms: i64,
    pub time_lapse: f64,
    rated_ah: f64,
}

/// What is true and what was believed.
#[derive(Debug, Clone, Copy)]
pub struct Truth {
    pub soc_percent: f64,
    pub capacity_percent: f64,
    pub resistance_percent: f64,
}

impl Watched {
    pub fn new(parameters: VehicleParameters, config: BatteryConfig, seed: u64, time_lapse: f64) -> Self {
        let rated_ah = config.capacity_ah;
        // The pack of this car, not of its type: cells of 78 Ah are what is rated.
        let new_ah = 3.0 * parameters.pack.cell_ah;
        let mut car = ElectricVehicle::new(parameters, seed);
        car.set_time_lapse(time_lapse);
        let twin = BatteryTwin::new(config, seed).unwrap();
        Self { car, twin, at_ms: 1_764_000_000_000, time_lapse, rated_ah: rated_ah / new_ah }
    }

    pub fn typical(seed: u64, time_lapse: f64) -> Self {
        Self::new(VehicleParameters::default(), BatteryConfig::default(), seed, time_lapse)
    }

    /// Current, voltage, temperature, ambient, odometer: means of a second.
    pub fn row(&mut self) -> [f64; 5] {
        let mut sum = [0.0; 5];
        for _ in 0..MESSAGES {
            self.car.step(1.0 / MESSAGES as f64);
            let o = self.car.outputs();
            let warm = o.modules.iter().map(|m| m.temperature_deg_c).sum::<f64>() / o.modules.len() as f64;
            let now = [o.pack_current_a, o.pack_voltage_v, warm, o.ambient_temperature_deg_c, o.odometer_km];
            sum.iter_mut().zip(now).for_each(|(s, v)| *s += v / MESSAGES as f64);
        }
        sum
    }

    pub fn tell(&mut self, values: &[f64]) {
        self.at_ms += 1000;
        self.twin.observe(&Row { at_ms: self.at_ms, seconds: 1.0, time_lapse: self.time_lapse, values });
    }

    pub fn run(&mut self, seconds: u32) {
        for _ in 0..seconds {
            let row = self.row();
            self.tell(&row);
        }
    }

    pub fn truth(&self) -> Truth {
        Truth {
            soc_percent: self.car.outputs().soc_percent,
            capacity_percent: self.car.outputs().soh_percent / self.rated_ah,
            resistance_percent: 100.0 * self.car.resistance_share(),
        }
    }

    pub fn predict(&self, quantity: &str, setting: &[(&str, f64)]) -> Option<Prediction> {
        let setting = Setting(setting.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect());
        self.twin.predict(&setting).into_iter().find(|prediction| prediction.quantity == quantity)
    }
}

impl Watched {
    /// Middle of the charge, %.
    pub fn predict_soc(&self) -> f64 {
        Band::of(self.predict("soc", &[]).unwrap().samples).unwrap().p50
    }
}
