//! A crack as the estimators see it.

use crate::estimate::{Model, Noise, Quantity, Scale};

use super::{Geometry, ParisLaw};

/// Equal load cycles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cycles {
    /// Range of the stress, MPa.
    pub range_mpa: f64,
    /// Lowest over highest stress.
    pub stress_ratio: f64,
    /// Factor on the growth, of temperature and frequency; 1 where the law is at home.
    pub factor: f64,
}

/// One crack that grows to a limit. State: its length, m. Parameters: growth at the pivot, m a cycle, and exponent.
/// Time is in cycles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crack {
    /// What does not differ between assets: pivot, Walker's exponent, threshold.
    pub law: ParisLaw,
    /// Where it is.
    pub geometry: Geometry,
    /// Length of a new crack, at which the event state is 1, m.
    pub first_m: f64,
    /// Length at which its life ends, m: what inspection rules allow, or what the toughness bears.
    pub limit_m: f64,
}

const LENGTH: [Quantity; 1] = [Quantity { name: "crack length", unit: "m", scale: Scale::Log }];
const LAW: [Quantity; 2] = [
    Quantity { name: "growth at the pivot", unit: "m", scale: Scale::Log },
    Quantity { name: "exponent", unit: "", scale: Scale::Linear },
];

/// Growth in a step, as a share of the length, up to which its beginning stands for all of it: the error of the rate is a
/// quarter of the exponent times this.
const SMALL: f64 = 3e-4;

impl Model for Crack {
    type Load = Cycles;

    fn states(&self) -> &[Quantity] {
        &LENGTH
    }

    fn parameters(&self) -> &[Quantity] {
        &LAW
    }

    fn outputs(&self) -> usize {
        1
    }

    /// Second order in the cycles (midpoint) where a step matters, and never beyond ten times the limit: from there it breaks anyway.
    fn step(&self, state: &mut [f64], parameters: &[f64], load: &Cycles, dt: f64, rate: f64, _: &mut Noise<'_>) {
        let ([length], &[rate_at_pivot_m, exponent]) = (state, parameters) else { return };
        let law = ParisLaw { rate_at_pivot_m, exponent, ..self.law };
        let most = 10.0 * self.limit_m;
        let growth = |length: f64| {
            let range = self.geometry.intensity(load.range_mpa, length);
            let growth = rate * load.factor * law.growth_m(range, load.stress_ratio);
            if growth.is_finite() { growth } else { most }
        };
        let first = dt * growth(*length);
        // Where a step changes the length by little, the middle of the step would change nothing.
        let grown = if first < SMALL * *length { first } else { dt * growth((*length + 0.5 * first).min(most)) };
        *length = (*length + grown).min(most);
    }

    fn output(&self, state: &[f64], _: &[f64], _: &Cycles, out: &mut [f64]) {
        if let (Some(seen), Some(length)) = (out.first_mut(), state.first()) {
            *seen = *length;
        }
    }

    fn event_state(&self, state: &[f64], _: &[f64], _: &Cycles) -> f64 {
        state.first().map_or(f64::NAN, |length| (self.limit_m - length) / (self.limit_m - self.first_m))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Prior;
    use crate::estimate::particles::{Detection, Discrepancy, Ensemble, Evidence, Particles};
    use crate::estimate::predict::{Horizon, Scenario, to_threshold};

    const LOAD: Cycles = Cycles { range_mpa: 48.28, stress_ratio: 0.2, factor: 1.0 };
    const STILL: Discrepancy = Discrepancy { deviation: 0.0, memory: 1e6 };

    fn panel() -> Crack {
        Crack {
            law: ParisLaw::ALUMINIUM_2024_T3,
            geometry: Geometry::Centre { width_m: 0.1524 },
            first_m: 0.009,
            limit_m: 0.0498,
        }
    }

    #[test]
    fn simulated_to_the_limit_it_lives_as_long_as_the_integral_says() {
        let law = ParisLaw::ALUMINIUM_2024_T3;
        let ensemble =
            Ensemble { states: vec![0.009], parameters: vec![law.rate_at_pivot_m, law.exponent], log_rates: vec![0.0] };
        let scenario = Scenario { history: &[LOAD], block: 1 };
        let horizon = Horizon { dt: 200.0, steps: 2000 };
        let fan = to_threshold(&panel(), &ensemble, STILL, scenario, |load| *load, horizon, 1);
        // Within one step of 247,458.
        assert!((fan.quantile(0.5).unwrap() - 247_458.0).abs() <= 200.0, "{fan:?}");
    }

    #[test]
    fn inspections_narrow_the_remaining_life_around_the_true_one() {
        let (model, law) = (panel(), ParisLaw::ALUMINIUM_2024_T3);
        let truth = ParisLaw { rate_at_pivot_m: 1.3 * law.rate_at_pivot_m, ..law };
        let parameters =
            [Prior { median: law.rate_at_pivot_m, deviation: 0.3 }, Prior { median: law.exponent, deviation: 0.15 }];
        let mut filter =
            Particles::new(&model, &[Prior { median: 0.009, deviation: 0.01 }], &parameters, STILL, 2000, 4);
        let life = |filter: &Particles| {
            let scenario = Scenario { history: &[LOAD], block: 1 };
            let horizon = Horizon { dt: 1000.0, steps: 800 };
            to_threshold(&model, &filter.ensemble(1000), filter.discrepancy(), scenario, |load| *load, horizon, 2)
        };
        let before = life(&filter);
        let mut length = 0.009;
        for _ in 0..5 {
            for _ in 0..200 {
                length += 100.0 * truth.growth_m(model.geometry.intensity(48.28, length), 0.2);
            }
            filter.step(&model, &LOAD, 1000.0, 20);
            filter.update(&model, &LOAD, &Evidence::Measured { output: 0, value: length, deviation: 2e-4 });
        }
        let after = life(&filter);
        let left = truth.cycles(model.geometry, 48.28, 0.2, length, 0.0498);
        let [p5, _, p50, _, p95] = after.quantiles().unwrap();
        assert!((p5..=p95).contains(&left), "{p5} {left} {p95}");
        assert!((p50 / left - 1.0).abs() < 0.08, "{p50} {left}");
        let width = |fan: &crate::estimate::predict::Fan| {
            (fan.quantile(0.95).unwrap() - fan.quantile(0.05).unwrap()) / fan.quantile(0.5).unwrap()
        };
        assert!(width(&after) < 0.5 * width(&before));
    }

    #[test]
    fn a_borescope_that_finds_nothing_makes_the_crack_shorter_in_belief() {
        let model = panel();
        let prior = [Prior { median: 0.001, deviation: 0.8 }];
        let law = [Prior { median: 1e-7, deviation: 0.1 }, Prior { median: 2.8, deviation: 0.1 }];
        let mut filter = Particles::new(&model, &prior, &law, STILL, 1000, 6);
        let before = filter.state(0).0;
        let detection = Detection { half_found: 0.001, spread: 0.5 };
        filter.update(&model, &LOAD, &Evidence::NotFound { state: 0, detection });
        assert!(filter.state(0).0 < 0.7 * before, "{before} {:?}", filter.state(0));
    }

    #[test]
    fn a_crack_as_wide_as_the_plate_has_ended_and_stays_finite() {
        let model = panel();
        let mut state = [0.0761];
        model.step(&mut state, &[1e-7, 2.8], &LOAD, 1e6, 1.0, &mut Noise::none());
        assert!(state[0].is_finite() && model.event_state(&state, &[], &LOAD) < 0.0, "{state:?}");
    }
}
