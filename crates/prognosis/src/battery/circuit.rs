//! A discharge of one 18650 cell as a circuit of three capacitors with a temperature (Daigle, Kulkarni 2013, Annual
//! Conference of the PHM Society; Saha and Goebel's cells of NASA), as NASA's `ProgPy` 1.5 has it (`BatteryCircuit`).

use crate::estimate::{Model, Noise, Quantity, Scale};

/// Constants, in SI units (`ProgPy`, `BatteryCircuit.default_parameters`). A thousand cells step three thousand times in a
/// prediction, so what divides by them is a product with their reciprocals.
const V0: f64 = 4.183;
const PARALLEL_OHM: f64 = 1e4;
const FULL_C: f64 = 7_856.325_4;
const MOST_C: f64 = 7_777.0;
const CAPACITANCE: [f64; 4] = [-230.0, 1.2, 2_079.9, 27.055_726];
const SURFACE_OHM: f64 = 0.053_892_6;
const SURFACE_F: f64 = 234.387;
const CONCENTRATION_OHM: [f64; 3] = [0.069_777_6, 1.505_28e-17, 37.223];
const CONCENTRATION_F: f64 = 14.822_3;
const HEAT_J_PER_K: f64 = 800.0;
const TO_AIR_W_PER_K: f64 = 0.5;
const TO_CONCENTRATION: f64 = 19.0;
const TO_SURFACE: f64 = 1.0;

/// What acts on the cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// Current, A, positive when it discharges.
    pub current_a: f64,
    /// Air, K.
    pub air_k: f64,
}

/// One cell under a load. States: temperature, K; charge of the bulk, of the concentration and of the surface capacitor, C.
/// Parameter: factor on its inner resistance, which rises with age. Outputs: voltage, V, and temperature, K. Time is in
/// seconds; its end is the voltage at which the load switches off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circuit {
    /// Voltage at which the discharge ends, V.
    pub end_v: f64,
    /// Noise of the load that the simulation adds: standard deviation of the charge that a second takes, C.
    pub charge_noise_c: f64,
}

impl Circuit {
    /// A full cell that has rested at 292.1 K.
    pub const FULL: [f64; 4] = [292.1, FULL_C, 0.0, 0.0];

    /// Voltages of the bulk, concentration and surface capacitors, V; and state of charge.
    fn voltages(state: &[f64]) -> Option<([f64; 3], f64)> {
        let &[_, bulk, concentration, surface] = state else { return None };
        let soc = (MOST_C - FULL_C + bulk) * (1.0 / MOST_C);
        let [a, b, c, d] = CAPACITANCE;
        let farad = ((a * soc + b) * soc + c) * soc + d;
        Some(([bulk / farad, concentration * (1.0 / CONCENTRATION_F), surface * (1.0 / SURFACE_F)], soc))
    }

    /// State of charge, 0 to 1.
    #[must_use]
    pub fn charge(state: &[f64]) -> Option<f64> {
        Self::voltages(state).map(|(_, soc)| soc)
    }
}

const STATES: [Quantity; 4] = [
    Quantity { name: "temperature", unit: "K", scale: Scale::Linear },
    Quantity { name: "bulk charge", unit: "C", scale: Scale::Linear },
    Quantity { name: "concentration charge", unit: "C", scale: Scale::Linear },
    Quantity { name: "surface charge", unit: "C", scale: Scale::Linear },
];
const PARAMETERS: [Quantity; 1] = [Quantity { name: "resistance factor", unit: "", scale: Scale::Log }];

impl Model for Circuit {
    type Load = Draw;

    fn states(&self) -> &[Quantity] {
        &STATES
    }

    fn parameters(&self) -> &[Quantity] {
        &PARAMETERS
    }

    fn outputs(&self) -> usize {
        2
    }

    fn step(&self, state: &mut [f64], parameters: &[f64], load: &Draw, dt: f64, _: f64, noise: &mut Noise<'_>) {
        let Some(([bulk_v, concentration_v, surface_v], soc)) = Self::voltages(state) else { return };
        let ([kelvin, bulk, concentration, surface], &[aged]) = (state, parameters) else { return };
        let terminal_v = bulk_v - concentration_v - surface_v;
        let current = load.current_a + terminal_v * (1.0 / PARALLEL_OHM);
        let [base, scale, slope] = CONCENTRATION_OHM;
        let concentration_ohm = aged * (base + scale * (slope * (1.0 - soc)).exp());
        let through_concentration_a = concentration_v / concentration_ohm;
        let through_surface_a = surface_v / (aged * SURFACE_OHM);
        let heat_w = TO_AIR_W_PER_K * (load.air_k - *kelvin)
            + concentration_v * through_concentration_a * (1.0 / TO_CONCENTRATION)
            + surface_v * through_surface_a * (1.0 / TO_SURFACE);
        *kelvin += dt * heat_w * (1.0 / HEAT_J_PER_K);
        *bulk -= current * dt + self.charge_noise_c * dt.sqrt() * noise.normal();
        *concentration += dt * (current - through_concentration_a);
        *surface += dt * (current - through_surface_a);
    }

    fn process_deviation(&self, dt: f64, out: &mut [f64]) {
        if let [kelvin, bulk, concentration, surface] = out {
            let charge = self.charge_noise_c * dt.sqrt();
            (*kelvin, *bulk, *concentration, *surface) = (0.01 * dt.sqrt(), charge, 0.1 * charge, 0.1 * charge);
        }
    }

    fn output(&self, state: &[f64], _: &[f64], _: &Draw, out: &mut [f64]) {
        if let (Some(([bulk, concentration, surface], _)), [volts, kelvin]) = (Self::voltages(state), out) {
            *volts = bulk - concentration - surface;
            *kelvin = state.first().copied().unwrap_or(f64::NAN);
        }
    }

    fn event_state(&self, state: &[f64], _: &[f64], _: &Draw) -> f64 {
        let volts = Self::voltages(state)
            .map_or(f64::NAN, |([bulk, concentration, surface], _)| bulk - concentration - surface);
        (volts - self.end_v) / (V0 - self.end_v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Prior;
    use crate::estimate::consistency::{Consistency, Verdict};
    use crate::estimate::generator;
    use crate::estimate::unscented::{Measurement, Recovery, Spread, Unscented};

    const CELL: Circuit = Circuit { end_v: 3.0, charge_noise_c: 0.0 };

    /// 2, 1, 4, 2, 3 A with switches at 600, 900, 1,800 and 3,000 s: the load of the `ProgPy` example.
    fn load(second: u32) -> Draw {
        let current_a = match second {
            0..600 => 2.0,
            600..900 => 1.0,
            900..1800 => 4.0,
            1800..3000 => 2.0,
            _ => 3.0,
        };
        Draw { current_a, air_k: 292.1 }
    }

    #[test]
    fn the_discharge_of_progpy_ends_at_3_005_s() {
        let mut state = Circuit::FULL;
        let mut end = None;
        for second in 0..4000 {
            CELL.step(&mut state, &[1.0], &load(second), 1.0, 1.0, &mut Noise::none());
            if CELL.event_state(&state, &[1.0], &load(second)) <= 0.0 {
                end = Some(second + 1);
                break;
            }
        }
        assert_eq!(end, Some(3005));
    }

    #[test]
    fn a_full_cell_is_full_and_at_its_open_voltage() {
        let mut out = [0.0; 2];
        CELL.output(&Circuit::FULL, &[1.0], &load(0), &mut out);
        // qMax / (Cbp0 + Cbp1 + Cbp2 + Cbp3) = 7856.3254 / 1878.155726.
        assert!((out[0] - 4.183).abs() < 1e-3, "{out:?}");
        assert_eq!(Circuit::charge(&Circuit::FULL), Some(1.0));
    }

    #[test]
    fn a_filter_finds_charge_and_resistance_from_the_voltage() {
        use rand_distr::{Distribution as _, StandardNormal};
        let model = Circuit { charge_noise_c: 0.05, ..CELL };
        let mut rng = generator(31, 0);
        let mut truth = Circuit::FULL;
        let deviations = [0.5, 300.0, 0.1, 0.1];
        let wrong = [292.1, 7_500.0, 0.0, 0.0];
        let priors: Vec<Prior> =
            wrong.iter().zip(deviations).map(|(median, deviation)| Prior { median: *median, deviation }).collect();
        let mut filter = Unscented::new(&model, &priors, &[Prior { median: 1.0, deviation: 0.3 }], Spread::default());
        let mut window = Consistency::new(200);
        for second in 0..2500 {
            model.step(&mut truth, &[1.4], &load(second), 1.0, 1.0, &mut Noise::from(&mut rng));
            let mut out = [0.0; 2];
            model.output(&truth, &[1.4], &load(second), &mut out);
            assert_eq!(filter.predict(&model, &load(second), 1.0), Recovery::None);
            let noise: [f64; 2] = [StandardNormal.sample(&mut rng), StandardNormal.sample(&mut rng)];
            let measured = [
                Measurement { output: 0, value: out[0] + 0.005 * noise[0], deviation: 0.005 },
                Measurement { output: 1, value: out[1] + 0.2 * noise[1], deviation: 0.2 },
            ];
            let innovation = filter.update(&model, &load(second), &measured);
            assert_eq!(innovation.recovery, Recovery::None);
            window.learn(innovation.squared, innovation.measurements);
        }
        assert_ne!(window.verdict(), Verdict::DoesNotExplain);
        let (charge, deviation) = filter.quantity(1).unwrap();
        assert!((charge - truth[1]).abs() < 3.0 * deviation && deviation < 40.0, "{charge} {deviation} {}", truth[1]);
        let (aged, deviation) = filter.quantity(4).unwrap();
        assert!((aged / 1.4).ln().abs() < 3.0 * deviation && deviation < 0.05, "{aged} {deviation}");
    }

    #[test]
    fn forty_seeds_of_a_true_model_hold_the_truth_as_often_as_the_band_says() {
        use rand_distr::{Distribution as _, StandardNormal};
        let model = Circuit { charge_noise_c: 0.5, ..CELL };
        let mut inside = 0;
        for seed in 0..40 {
            let mut rng = generator(seed, 9);
            let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
            let aged = (0.2 * normal()).exp();
            let mut truth = Circuit::FULL;
            truth[1] += 100.0 * normal();
            let priors = [(292.1, 0.01), (FULL_C, 100.0), (0.0, 0.01), (0.0, 0.01)]
                .map(|(median, deviation)| Prior { median, deviation });
            let mut filter =
                Unscented::new(&model, &priors, &[Prior { median: 1.0, deviation: 0.2 }], Spread::default());
            let mut noise = generator(seed, 10);
            for second in 0..600 {
                model.step(&mut truth, &[aged], &load(second), 1.0, 1.0, &mut Noise::from(&mut noise));
                let mut out = [0.0; 2];
                model.output(&truth, &[aged], &load(second), &mut out);
                filter.predict(&model, &load(second), 1.0);
                let value = out[0] + 0.01 * normal();
                filter.update(&model, &load(second), &[Measurement { output: 0, value, deviation: 0.01 }]);
            }
            let (charge, deviation) = filter.quantity(1).unwrap();
            inside += i32::from((charge - truth[1]).abs() <= 1.645 * deviation);
        }
        // 90 % of 40, two and a half standard deviations of a binomial.
        assert!((31..=40).contains(&inside), "{inside}");
    }
}
