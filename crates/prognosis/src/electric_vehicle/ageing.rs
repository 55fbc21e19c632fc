//! How the cells grow old: by time and by throughput.
//!
//! Capacity fade as a square root of time with an Arrhenius factor and a growing state of charge (the form of
//! Schmalstieg et al. 2014, J. Power Sources 257:325-334), and a linear part with equivalent full cycles. Coefficients
//! are \[E\]: chosen so that a car of three years and 45,000 km has kept 93 % of what it had, which is what crowd readings
//! of one model show between 16,000 and 48,000 km (NREL BLAST-Lite, BSD-3-Clause).

/// The cells' ageing, and how old they are.
#[derive(Debug, Clone)]
pub struct AgeingParameters {
    /// Age of the car at the start, years.
    pub age_years: f64,
    /// What it has driven, m.
    pub odometer_m: f64,
    /// Equivalent full cycles that it has had.
    pub full_cycles: f64,
    /// Fade after the first year at 25 °C and half charge, share.
    pub calendar_per_root_year: f64,
    /// Fade per equivalent full cycle, share.
    pub per_full_cycle: f64,
}

impl Default for AgeingParameters {
    fn default() -> Self {
        Self {
            age_years: 3.0,
            odometer_m: 45_000e3,
            // 77 kWh carry it 460 km.
            full_cycles: 98.0,
            calendar_per_root_year: 0.027,
            per_full_cycle: 2.4e-4,
        }
    }
}

const YEAR_S: f64 = 365.25 * 86_400.0;
/// Activation temperature of the calendar part, K \[E\]: 50 kJ/mol.
const ACTIVATION_K: f64 = 6_000.0;
/// Resistance grows this much faster than capacity fades \[E\].
const RESISTANCE: f64 = 1.6;

#[derive(Debug, Clone)]
pub(super) struct Ageing {
    parameters: AgeingParameters,
    calendar: f64,
    cycled: f64,
    /// Seconds that the cells age in a second of the clock.
    pub time_lapse: f64,
}

/// Least capacity that is left, share: whatever ages on after that, the numbers stay those of a car.
const LEFT: f64 = 0.1;

impl Ageing {
    pub fn new(parameters: AgeingParameters) -> Self {
        let calendar = parameters.calendar_per_root_year * parameters.age_years.sqrt();
        let cycled = parameters.per_full_cycle * parameters.full_cycles;
        Self { parameters, calendar, cycled, time_lapse: 1.0 }
    }

    pub fn capacity_share(&self) -> f64 {
        (1.0 - self.calendar - self.cycled).max(LEFT)
    }

    pub fn resistance_share(&self) -> f64 {
        1.0 + RESISTANCE * (1.0 - self.capacity_share())
    }

    /// `throughput_share`: equivalent full cycles in this step of the clock; both count as often as the time lapse says.
    pub fn step(&mut self, soc: f64, temperature_deg_c: f64, throughput_share: f64, dt_s: f64) {
        let p = &self.parameters;
        let (throughput_share, dt_s) = (throughput_share * self.time_lapse, dt_s * self.time_lapse);
        let heat = (ACTIVATION_K * (1.0 / 298.15 - 1.0 / (temperature_deg_c + 273.15))).exp();
        let k = p.calendar_per_root_year * heat * (0.7 + 0.6 * soc);
        // From q = k √t: dq = k² / (2 q) dt, which goes on from any q when k changes.
        self.calendar += k * k / (2.0 * self.calendar.max(1e-4)) * dt_s / YEAR_S;
        self.cycled += p.per_full_cycle * throughput_share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_years_in_steps_are_three_years_at_once() {
        let p = AgeingParameters { age_years: 0.01, full_cycles: 0.0, ..AgeingParameters::default() };
        let mut ageing = Ageing::new(p);
        for _ in 0..2_990 {
            ageing.step(0.5, 25.0, 0.0, 0.001 * YEAR_S);
        }
        let closed = 0.027 * 3.0_f64.sqrt();
        assert!((1.0 - ageing.capacity_share() - closed).abs() < 0.01 * closed, "{}", ageing.capacity_share());
    }

    #[test]
    fn in_time_lapse_a_day_is_as_many() {
        let fade = |time_lapse, days: u32| {
            let mut ageing = Ageing { time_lapse, ..Ageing::new(AgeingParameters::default()) };
            (0..days * 100).for_each(|_| ageing.step(0.6, 25.0, 0.01, 864.0));
            1.0 - ageing.capacity_share()
        };
        assert!((fade(30.0, 1) / fade(1.0, 30) - 1.0).abs() < 1e-3, "{} {}", fade(30.0, 1), fade(1.0, 30));
    }

    #[test]
    fn heat_ages_faster() {
        let fade = |deg_c| {
            let mut ageing = Ageing::new(AgeingParameters::default());
            let before = ageing.capacity_share();
            ageing.step(0.5, deg_c, 0.0, 0.1 * YEAR_S);
            before - ageing.capacity_share()
        };
        assert!(fade(45.0) > 2.0 * fade(25.0));
    }
}
