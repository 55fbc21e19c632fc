//! The simulated turbine from outside: reproducible, physical, healthy for a day, and worn out on request.

mod day;
mod heat;
mod messages;
mod running;
mod service;
mod wear;

use twinscope_prognosis::wind_turbine::{Outputs, TurbineParameters, WindTurbine};
use twinscope_prognosis::{Fault, FaultKind};

const WEAR: FaultKind = FaultKind::HighSpeedBearingWear;
const RATED_KW: f64 = 3370.0;
const SECONDS_PER_DAY: u32 = 86_400;

/// A mean wind that does not wander.
fn constant_mean(mean_m_per_s: f64) -> TurbineParameters {
    let mut parameters = TurbineParameters::default();
    parameters.wind.mean_initial_m_per_s = mean_m_per_s;
    parameters.wind.mean_lowest_m_per_s = mean_m_per_s;
    parameters.wind.mean_highest_m_per_s = mean_m_per_s;
    parameters
}

/// No turbulence either, and the same temperature all day.
fn steady(wind_m_per_s: f64) -> TurbineParameters {
    let mut parameters = constant_mean(wind_m_per_s);
    parameters.wind.turbulence_intensity = 0.0;
    parameters.wind.direction_spread_deg = 0.0;
    parameters.wind.temperature_swing_k = 0.0;
    parameters
}

fn wear(rate: f64) -> Fault {
    Fault { kind: WEAR, rate }
}

fn run(turbine: &mut WindTurbine, dt_s: f64, steps: u32) -> Vec<Outputs> {
    (0..steps)
        .map(|_| {
            turbine.step(dt_s);
            turbine.outputs()
        })
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}
