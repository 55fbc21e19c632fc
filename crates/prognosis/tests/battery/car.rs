//! The simulated car with its truth, and the rows that it sends.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use twinscope_prognosis::battery::{BatteryConfig, BatteryTwin};
use twinscope_prognosis::electric_vehicle::{ElectricVehicle, VehicleParameters};
use twinscope_prognosis::living::{Band, Living as _, Prediction, Row, Setting};

/// Messages of a row: four in a second.
const MESSAGES: u32 = 4;
/// A day in a minute: a drive and a charge take some 18 days of ageing.
pub const DAY_IN_A_MINUTE: f64 = 1440.0;

/// A car, its model, and the clock.
#[derive(Debug, Clone)]
pub struct Watched {
    pub car: ElectricVehicle,
    pub twin: BatteryTwin,
    pub at_ms: i64,
    pub time_lapse: f64,
    /// Charge of the new pack over the rated one, and its resistance over the nominal one.
    new: (f64, f64),
}

/// What is true, %.
#[derive(Debug, Clone, Copy)]
pub struct Truth {
    pub soc: f64,
    pub capacity: f64,
    pub resistance: f64,
}

impl Watched {
    pub fn typical(seed: u64, time_lapse: f64) -> Self {
        Self::new(VehicleParameters::default(), BatteryConfig::default(), seed, time_lapse)
    }

    /// A car whose cells and whose ageing differ from the type's, and whose curve is known as well as a lot's is.
    pub fn differing(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = |deviation: f64| {
            let normal: f64 = StandardNormal.sample(&mut rng);
            deviation * normal.clamp(-2.5, 2.5)
        };
        let mut parameters = VehicleParameters::default();
        parameters.pack.cell_ah *= normal(0.015).exp();
        parameters.pack.cell_ohm *= normal(0.04).exp();
        parameters.ageing.calendar_per_root_year *= normal(0.3).exp();
        parameters.ageing.per_full_cycle *= normal(0.4).exp();
        parameters.ambient_deg_c += normal(4.0);
        // A fast charger that holds 4.15 V does not get much further.
        parameters.charge_to = (parameters.charge_to + normal(0.03)).min(0.92);
        let mut config = BatteryConfig::default();
        config.open_circuit_v.iter_mut().for_each(|volts| *volts += normal(0.003));
        Self::new(parameters, config, seed, DAY_IN_A_MINUTE)
    }

    fn new(parameters: VehicleParameters, config: BatteryConfig, seed: u64, time_lapse: f64) -> Self {
        let new = (
            3.0 * parameters.pack.cell_ah / config.capacity_ah,
            32.0 * parameters.pack.cell_ohm / config.resistance_ohm,
        );
        let mut car = ElectricVehicle::new(parameters, seed);
        car.set_time_lapse(time_lapse);
        let twin = BatteryTwin::new(config, seed).unwrap();
        Self { car, twin, at_ms: 1_764_000_000_000, time_lapse, new }
    }

    /// Current, voltage, temperature, ambient, odometer: means of a second.
    pub fn row(&mut self) -> [f64; 5] {
        let mut sum = [0.0; 5];
        for _ in 0..MESSAGES {
            self.car.step(1.0 / f64::from(MESSAGES));
            let o = self.car.outputs();
            let warm = o.modules.iter().map(|m| m.temperature_deg_c).sum::<f64>() / o.modules.len() as f64;
            let now = [o.pack_current_a, o.pack_voltage_v, warm, o.ambient_temperature_deg_c, o.odometer_km];
            sum.iter_mut().zip(now).for_each(|(s, v)| *s += v / f64::from(MESSAGES));
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
        let o = self.car.outputs();
        Truth {
            soc: o.soc_percent,
            capacity: o.soh_percent * self.new.0,
            resistance: 100.0 * self.car.resistance_share() * self.new.1,
        }
    }

    pub fn predict(&self, quantity: &str, setting: &[(&str, f64)]) -> Option<Prediction> {
        let setting = Setting(setting.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect());
        self.twin.predict(&setting).into_iter().find(|prediction| prediction.quantity == quantity)
    }

    pub fn band(&self, quantity: &str) -> Band {
        Band::of(self.predict(quantity, &[]).unwrap().samples).unwrap()
    }

    pub fn belief(&self, id: &str) -> Band {
        self.twin.beliefs().into_iter().find(|belief| belief.id == id).unwrap().now
    }
}
