//! What the grid asks for, and what the machine gives: load, speed, and the gas that reaches the blade.
//!
//! A plan of holds repeats, with durations drawn from the seed: base load, load following, and a stop with the next
//! start, as a plant that serves peaks is run.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::lag::Lag;

/// Rated power, MW. \[E\]: a machine of the class whose blades are made of such alloys.
const RATED_MW: f64 = 160.0;
/// Synchronous speed at 50 Hz, rpm.
const RATED_RPM: f64 = 3000.0;
/// Turning gear, as a share of that speed.
const TURNING: f64 = 0.002;
/// Highest change of load, 1/s: 8 % a minute, an ordinary loading rate.
const LOAD_RATE: f64 = 0.08 / 60.0;
/// Acceleration with the starting motor, 1/s: full speed in ten minutes.
const RUN_UP: f64 = 1.0 / 600.0;
/// Spindown after the flame is out, s.
const RUN_DOWN_S: f64 = 260.0;
/// The flame is lit at this share of speed, after the purge.
const IGNITION: f64 = 0.2;
/// Total temperature of the gas as the blade meets it, °C: without load, and what full load adds. \[E\]
const GAS_IDLE_DEG_C: f64 = 640.0;
const GAS_LOAD_K: f64 = 540.0;
/// Gas temperature follows the fuel within, s.
const GAS_LAG_S: f64 = 8.0;
/// Air without flame, °C over ambient at full speed.
const UNFIRED_K: f64 = 150.0;
/// Ambient air, °C.
const AMBIENT_DEG_C: f64 = 15.0;
/// Air behind the compressor above ambient at full pressure, K. \[E\] pressure ratio 15, efficiency 0.88.
const COMPRESSION_K: f64 = 385.0;
/// Pressure at the blade at full load, bar.
const FULL_BAR: f64 = 9.5;

/// What the plan asks for, in order: load, or `None` for standing still, and hours of the machine.
const PLAN: [(Option<f64>, f64); 7] = [
    // Base load, long enough for a fault to show.
    (Some(1.0), 1.7),
    // Load following.
    (Some(0.72), 0.6),
    (Some(0.88), 0.5),
    (Some(0.60), 0.6),
    // The peak is over.
    (None, 1.0),
    // The evening's peak.
    (Some(1.0), 1.2),
    (Some(0.8), 0.5),
];

/// The machine as it is dispatched.
#[derive(Debug, Clone)]
pub(super) struct Dispatch {
    rng: ChaCha8Rng,
    step: usize,
    left_s: f64,
    load: f64,
    speed: f64,
    fired: bool,
    gas: Lag,
}

impl Dispatch {
    /// At base load.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            step: 0,
            left_s: PLAN[0].1 * 3600.0,
            load: 1.0,
            speed: 1.0,
            fired: true,
            gas: Lag::new(GAS_IDLE_DEG_C + GAS_LOAD_K),
        }
    }

    pub(super) fn step(&mut self, dt_s: f64) {
        self.left_s -= dt_s;
        if self.left_s <= 0.0 {
            self.step = (self.step + 1) % PLAN.len();
            let (_, hours) = PLAN[self.step];
            // Nobody keeps to the minute.
            self.left_s = hours * 3600.0 * (0.9 + 0.2 * self.rng.random::<f64>());
        }
        let wanted = PLAN[self.step].0;
        let synchronous = self.speed >= 1.0;
        let target = if synchronous { wanted.unwrap_or(0.0) } else { 0.0 };
        self.load += (target - self.load).clamp(-LOAD_RATE * dt_s, LOAD_RATE * dt_s);
        if wanted.is_some() {
            self.speed = (self.speed + RUN_UP * dt_s).min(1.0);
            self.fired = self.fired || self.speed >= IGNITION;
        } else if self.load <= 0.0 {
            self.fired = false;
            self.speed = TURNING + (self.speed - TURNING) * (-dt_s / RUN_DOWN_S).exp();
        }
        let gas = if self.fired {
            // Lit, and then hotter with speed up to idle; with load as fuel rises, less than in proportion.
            GAS_IDLE_DEG_C * (0.65 + 0.35 * self.speed) + GAS_LOAD_K * self.load.powf(0.85)
        } else {
            AMBIENT_DEG_C + UNFIRED_K * self.speed.powi(2)
        };
        self.gas.follow(gas, GAS_LAG_S, dt_s);
    }

    pub(super) fn fired(&self) -> bool {
        self.fired
    }

    /// 0 to 1.
    pub(super) fn load(&self) -> f64 {
        self.load
    }

    pub(super) fn power_mw(&self) -> f64 {
        RATED_MW * self.load
    }

    pub(super) fn speed_rpm(&self) -> f64 {
        RATED_RPM * self.speed
    }

    /// Of synchronous speed.
    pub(super) fn speed_share(&self) -> f64 {
        self.speed
    }

    pub(super) fn gas_temperature_deg_c(&self) -> f64 {
        self.gas.value
    }

    /// Pressure over that of full load: speed squared, and the guide vanes that close towards part load.
    pub(super) fn pressure_share(&self) -> f64 {
        self.speed.powi(2) * (0.74 + 0.26 * self.load)
    }

    /// Absolute.
    pub(super) fn pressure_bar(&self) -> f64 {
        1.013 + (FULL_BAR - 1.013) * self.pressure_share()
    }

    /// Air behind the compressor: isentropic exponent 0.286 over the pressure ratio, scaled to full load.
    pub(super) fn coolant_temperature_deg_c(&self) -> f64 {
        let ratio = |share: f64| (1.0 + 14.0 * share).powf(0.286) - 1.0;
        AMBIENT_DEG_C + COMPRESSION_K * ratio(self.pressure_share()) / ratio(1.0)
    }

    /// Hottest less coldest thermocouple behind the turbine, of a sound flame.
    pub(super) fn exhaust_spread_k(&self) -> f64 {
        if self.fired { 14.0 + 8.0 * (1.0 - self.load) } else { 3.0 }
    }
}
