//! The wind: a mean that wanders over hours, turbulence on top, direction, air temperature.
//!
//! Two speeds come out of it: the one at the anemometer, a point, and the one that the rotor feels,
//! averaged over its disc and therefore calmer.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::lag::Lag;

/// The wind at the site.
#[derive(Debug, Clone, PartialEq)]
pub struct WindParameters {
    /// Mean speed at the start, m/s; held within the two bounds.
    pub mean_initial_m_per_s: f64,
    /// Lower bound of the wandering mean, m/s.
    pub mean_lowest_m_per_s: f64,
    /// Upper bound of the wandering mean, m/s.
    pub mean_highest_m_per_s: f64,
    /// How long the mean remembers where it was, s.
    pub mean_memory_s: f64,
    /// Turbulence intensity expected at 15 m/s, 1: 0.16 is class A (IEC 61400-1:2005, table 1); 0 is none.
    pub turbulence_intensity: f64,
    /// Where the wind comes from at the start, degrees from north.
    pub direction_initial_deg: f64,
    /// Standard deviation of the direction over days, degrees; 0 keeps it where it is.
    pub direction_spread_deg: f64,
    /// Mean temperature of the day, °C.
    pub temperature_mean_deg_c: f64,
    /// How far the temperature goes up and down around its mean in a day, K. The start is at mid-morning.
    pub temperature_swing_k: f64,
    /// Air density, kg/m³.
    pub air_density_kg_per_m3: f64,
}

impl Default for WindParameters {
    fn default() -> Self {
        Self {
            // Near rated wind, where the drivetrain is loaded.
            mean_initial_m_per_s: 9.8,
            mean_lowest_m_per_s: 5.0,
            mean_highest_m_per_s: 14.0,
            mean_memory_s: 7200.0,
            turbulence_intensity: 0.16,
            direction_initial_deg: 240.0,
            direction_spread_deg: 40.0,
            // Kelmarsh (Plumley 2022, CC-BY-4.0): mean of the nacelle's ambient temperature in 2020.
            temperature_mean_deg_c: 12.0,
            temperature_swing_k: 4.0,
            air_density_kg_per_m3: 1.225,
        }
    }
}

/// Turbulence as a sum of Ornstein-Uhlenbeck processes: shares of the variance, and correlation times in units
/// of length scale over mean speed. Fitted to the Kaimal spectrum of IEC 61400-1:2005, annex B.2,
/// `f S / sigma^2 = 4 x / (1 + 6 x)^(5/3)` with `x = f L / V`, within 6 % for x from 0.01 to 100.
const KAIMAL: [(f64, f64); 4] =
    [(0.292_774, 2.157_048), (0.544_413, 0.435_606), (0.136_827, 0.056_102), (0.025_986, 0.004_797)];

/// Length scale of the longitudinal component at hub heights above 60 m: 8.1 times 42 m (IEC 61400-1:2005, annex B).
const LENGTH_SCALE_M: f64 = 340.2;

/// How quickly the mean follows its wandering target, s: without it the mean would jitter from minute to minute.
const MEAN_LAG_S: f64 = 1200.0;

/// Memory of the slow direction, s, and its lag. \[E\]
const DIRECTION_MEMORY_S: f64 = 14_400.0;
const DIRECTION_LAG_S: f64 = 600.0;

/// Standard deviation of the gusty part of the direction as a vane sees it, degrees, and its memory, s. \[E\]
const DIRECTION_GUST_DEG: f64 = 4.0;
const DIRECTION_GUST_MEMORY_S: f64 = 15.0;

const DAY_S: f64 = 86_400.0;

#[derive(Debug, Clone)]
pub(super) struct Wind {
    parameters: WindParameters,
    rng: ChaCha8Rng,
    /// Standard normal in the long run; the mean follows it.
    mean_target: f64,
    mean: Lag,
    turbulence: [f64; 4],
    rotor_turbulence: Lag,
    direction_target: f64,
    direction_slow: Lag,
    direction_gust: f64,
    time_s: f64,
}

impl Wind {
    pub(super) fn new(parameters: WindParameters, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let initial = unbounded_mean(&parameters);
        let turbulence = KAIMAL.map(|_| normal(&mut rng));
        let slow_turbulence = weighted(&turbulence);
        Self {
            rng,
            mean_target: initial,
            mean: Lag::new(initial),
            turbulence,
            rotor_turbulence: Lag::new(0.6 * slow_turbulence),
            direction_target: 0.0,
            direction_slow: Lag::new(0.0),
            direction_gust: 0.0,
            time_s: 0.0,
            parameters,
        }
    }

    pub(super) fn step(&mut self, dt_s: f64, rotor_radius_m: f64) {
        self.time_s += dt_s;
        let speed = self.mean_m_per_s();

        let noise = normal(&mut self.rng);
        wander(&mut self.mean_target, self.parameters.mean_memory_s, dt_s, noise);
        self.mean.follow(self.mean_target, MEAN_LAG_S, dt_s);

        for (value, (_, time)) in self.turbulence.iter_mut().zip(KAIMAL) {
            let noise = normal(&mut self.rng);
            wander(value, time * LENGTH_SCALE_M / speed, dt_s, noise);
        }
        // The disc averages out eddies smaller than itself: a lag of one radius at the mean speed. [E]
        let point = weighted(&self.turbulence);
        self.rotor_turbulence.follow(point, rotor_radius_m / speed, dt_s);

        let noise = normal(&mut self.rng);
        wander(&mut self.direction_target, DIRECTION_MEMORY_S, dt_s, noise);
        self.direction_slow.follow(self.direction_target, DIRECTION_LAG_S, dt_s);
        let noise = normal(&mut self.rng);
        wander(&mut self.direction_gust, DIRECTION_GUST_MEMORY_S, dt_s, noise);
    }

    /// Mean over the hour, m/s.
    pub(super) fn mean_m_per_s(&self) -> f64 {
        let (lowest, highest) = bounds(&self.parameters);
        let half = 0.5 * (highest - lowest);
        // tanh keeps the mean within its bounds without a kink; 0.7 makes most of the range common.
        (lowest + half * (1.0 + (0.7 * self.mean.value).tanh())).max(0.5)
    }

    /// Standard deviation of the longitudinal turbulence, m/s: the normal turbulence model,
    /// `I (0.75 V + 5.6)` (IEC 61400-1:2005, equation 11).
    fn turbulence_m_per_s(&self) -> f64 {
        self.parameters.turbulence_intensity * (0.75 * self.mean_m_per_s() + 5.6)
    }

    /// At the anemometer, m/s.
    pub(super) fn point_m_per_s(&self) -> f64 {
        let gust = self.turbulence_m_per_s() * weighted(&self.turbulence);
        (self.mean_m_per_s() + gust).max(0.1)
    }

    /// Averaged over the rotor, m/s.
    pub(super) fn rotor_m_per_s(&self) -> f64 {
        let gust = self.turbulence_m_per_s() * self.rotor_turbulence.value;
        (self.mean_m_per_s() + gust).max(0.1)
    }

    /// Where the wind comes from over the rotor, degrees, not wrapped.
    pub(super) fn direction_deg(&self) -> f64 {
        self.parameters.direction_initial_deg + self.parameters.direction_spread_deg * self.direction_slow.value
    }

    /// Direction at the vane less direction over the rotor, degrees.
    pub(super) fn direction_gust_deg(&self) -> f64 {
        if self.parameters.turbulence_intensity > 0.0 { DIRECTION_GUST_DEG * self.direction_gust } else { 0.0 }
    }

    pub(super) fn temperature_deg_c(&self) -> f64 {
        // Starts at mid-morning, at the day's mean and rising.
        let phase = std::f64::consts::TAU * self.time_s / DAY_S;
        self.parameters.temperature_mean_deg_c + self.parameters.temperature_swing_k * phase.sin()
    }
}

pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// One step of an Ornstein-Uhlenbeck process with mean 0 and variance 1, exact for any step.
fn wander(value: &mut f64, memory_s: f64, dt_s: f64, noise: f64) {
    let kept = (-dt_s / memory_s.max(1e-3)).exp();
    *value = kept * *value + (1.0 - kept * kept).sqrt() * noise;
}

/// The turbulence in units of its standard deviation.
fn weighted(components: &[f64; 4]) -> f64 {
    components.iter().zip(KAIMAL).map(|(value, (share, _))| share.sqrt() * value).sum()
}

fn bounds(parameters: &WindParameters) -> (f64, f64) {
    let lowest = parameters.mean_lowest_m_per_s;
    (lowest, parameters.mean_highest_m_per_s.max(lowest))
}

/// The state that gives the initial mean.
fn unbounded_mean(parameters: &WindParameters) -> f64 {
    let (lowest, highest) = bounds(parameters);
    let span = highest - lowest;
    if span <= 0.0 {
        return 0.0;
    }
    let share = (parameters.mean_initial_m_per_s - lowest) / span;
    // Not quite at the bounds, which lie at infinity.
    (2.0 * share.clamp(0.005, 0.995) - 1.0).atanh() / 0.7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_processes_has_the_kaimal_spectrum() {
        let mut x = 0.01_f64;
        while x < 100.0 {
            let kaimal = 4.0 * x / (1.0 + 6.0 * x).powf(5.0 / 3.0);
            // One-sided spectrum of an Ornstein-Uhlenbeck process, times frequency over variance.
            let ours: f64 = KAIMAL
                .iter()
                .map(|(share, time)| share * 4.0 * time * x / (1.0 + (std::f64::consts::TAU * time * x).powi(2)))
                .sum();
            assert!((ours / kaimal - 1.0).abs() < 0.06, "x {x}: {ours} for {kaimal}");
            x *= 1.2;
        }
    }

    #[test]
    fn the_shares_of_the_processes_add_up() {
        let sum: f64 = KAIMAL.iter().map(|(share, _)| share).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }

    #[test]
    fn turbulence_has_class_a_strength_and_the_rotor_feels_less_of_it() {
        let parameters =
            WindParameters { mean_lowest_m_per_s: 10.0, mean_highest_m_per_s: 10.0, ..WindParameters::default() };
        let mut wind = Wind::new(parameters, 3);
        let (mut point, mut rotor) = (Vec::new(), Vec::new());
        for _ in 0..400_000 {
            wind.step(0.5, 64.9);
            point.push(wind.point_m_per_s());
            rotor.push(wind.rotor_m_per_s());
        }
        let deviation = |speeds: &[f64]| {
            let n = speeds.len() as f64;
            let mean = speeds.iter().sum::<f64>() / n;
            (speeds.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
        };
        // 0.16 * (0.75 * 10 + 5.6)
        assert!((deviation(&point) / 2.096 - 1.0).abs() < 0.05, "{}", deviation(&point));
        assert!(deviation(&rotor) < 0.9 * deviation(&point));
        assert!(deviation(&rotor) > 0.6 * deviation(&point));
    }

    #[test]
    fn the_mean_starts_where_it_is_told_and_keeps_within_its_bounds() {
        let mut wind = Wind::new(WindParameters::default(), 1);
        assert!((wind.mean_m_per_s() - 9.8).abs() < 1e-6);
        for _ in 0..100_000 {
            wind.step(10.0, 64.9);
            assert!((5.0..=14.0).contains(&wind.mean_m_per_s()));
        }
    }
}
