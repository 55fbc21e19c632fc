//! The simulated blade as the twin sees it: rows of its sensors.

use crate::blade::BladeTwin;
use crate::living::{Living as _, Row};
use crate::turbine_blade::{Individual, TurbineBlade};

/// Two minutes and a half are 5,000 h.
pub(super) const LAPSE: f64 = 120_000.0;

/// A simulated blade that ages in time lapse.
pub(super) struct Plant {
    pub(super) blade: TurbineBlade,
    pub(super) lapse: f64,
    pub(super) thermocouples: bool,
    pub(super) counter: bool,
    at_ms: i64,
}

impl Plant {
    pub(super) fn new(seed: u64, individual: Individual) -> Self {
        let blade = TurbineBlade::individual(seed, individual);
        Self { blade, lapse: LAPSE, thermocouples: true, counter: true, at_ms: 1_764_000_000_000 }
    }

    pub(super) fn run(&mut self, twin: &mut BladeTwin, seconds: u32) {
        self.run_all(&mut [twin], seconds);
    }

    pub(super) fn run_all(&mut self, twins: &mut [&mut BladeTwin], seconds: u32) {
        self.blade.set_time_lapse(self.lapse);
        for _ in 0..seconds {
            self.blade.step(1.0);
            self.at_ms += 1000;
            let o = self.blade.outputs();
            let either = |there: bool, value: f64| if there { value } else { f64::NAN };
            let values = [
                o.gas_temperature_deg_c,
                o.gas_pressure_bar,
                o.coolant_temperature_deg_c,
                o.speed_rpm,
                o.load_percent,
                if o.fired { 1.0 } else { 0.0 },
                either(self.counter, o.starts),
                either(self.thermocouples, o.metal_deg_c[3]),
                either(self.thermocouples, o.metal_deg_c[0]),
            ];
            let row = Row { at_ms: self.at_ms, seconds: 1.0, time_lapse: self.lapse, values: &values };
            for twin in twins.iter_mut() {
                twin.observe(&row);
            }
        }
    }
}
