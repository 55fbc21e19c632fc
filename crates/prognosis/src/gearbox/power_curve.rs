//! Power from wind as this turbine does it: a curve that it draws itself while it is new to us, and what it makes now
//! over or under that curve.
//!
//! Method of bins with the density correction of IEC 61400-12-1:2017 (equation for pitch-controlled machines), learned on
//! rows instead of a campaign; a bin speaks once it has enough of them. After the first time it is fixed: what changes
//! then is the turbine.

use serde::{Deserialize, Serialize};

/// Width of a bin, m/s.
const BIN_M_PER_S: f64 = 0.5;
const BINS: usize = 60;
/// Density that winds are corrected to, kg/m3, and the gas constant of air, J/(kg K), at sea level.
const REFERENCE_DENSITY: f64 = 1.225;
const AIR_J_PER_KG_K: f64 = 287.05;
const SEA_LEVEL_PA: f64 = 101_325.0;
/// Rows that a bin needs.
const ENOUGH: u32 = 6;
/// Hours of ageing in which the curve is learned: a quarter of a year.
const LEARNED_H: f64 = 24.0 * 91.0;

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Bin {
    rows: u32,
    mean_kw: f64,
    /// Sum of squared distances from the mean (Welford 1962).
    squares: f64,
}

/// The curve of one turbine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PowerCurve {
    bins: Vec<Bin>,
    hours: f64,
}

impl Default for PowerCurve {
    fn default() -> Self {
        Self { bins: vec![Bin::default(); BINS], hours: 0.0 }
    }
}

/// Wind of reference density with the same power, m/s.
fn corrected(wind_m_per_s: f64, ambient_deg_c: f64) -> f64 {
    let density = SEA_LEVEL_PA / (AIR_J_PER_KG_K * (ambient_deg_c + 273.15));
    wind_m_per_s * (density / REFERENCE_DENSITY).cbrt()
}

fn bin(wind_m_per_s: f64) -> Option<usize> {
    (wind_m_per_s.is_finite() && wind_m_per_s >= 0.0).then_some((wind_m_per_s / BIN_M_PER_S) as usize)
}

impl PowerCurve {
    pub(super) fn is_sound(&self) -> bool {
        let finite = |bin: &Bin| bin.mean_kw.is_finite() && bin.squares.is_finite() && bin.squares >= 0.0;
        self.bins.len() == BINS && self.bins.iter().all(finite) && self.hours.is_finite()
    }

    /// Learns a row, as long as it learns.
    pub(super) fn learn(&mut self, wind_m_per_s: f64, ambient_deg_c: f64, power_kw: f64, hours: f64) {
        if self.hours >= LEARNED_H || !power_kw.is_finite() {
            return;
        }
        let place = bin(corrected(wind_m_per_s, ambient_deg_c));
        if let Some(bin) = place.and_then(|place| self.bins.get_mut(place)) {
            self.hours += hours;
            bin.rows = bin.rows.saturating_add(1);
            let off = power_kw - bin.mean_kw;
            bin.mean_kw += off / f64::from(bin.rows);
            bin.squares += off * (power_kw - bin.mean_kw);
        }
    }

    /// Power that this turbine makes of this wind, kW: mean and standard deviation; none where it has seen too little.
    pub(super) fn expected_kw(&self, wind_m_per_s: f64, ambient_deg_c: f64) -> Option<(f64, f64)> {
        let wind = corrected(wind_m_per_s, ambient_deg_c);
        let place = bin(wind)?;
        let known = |place: usize| self.bins.get(place).filter(|bin| bin.rows >= ENOUGH);
        let here = known(place)?;
        let deviation = (here.squares / f64::from(here.rows - 1)).sqrt();
        // Straight between the middles of two bins.
        let place_of_middle = wind / BIN_M_PER_S - 0.5;
        let other = if place_of_middle >= place as f64 { place + 1 } else { place.saturating_sub(1) };
        let share = (place_of_middle - place as f64).abs().min(1.0);
        let mean = known(other).map_or(here.mean_kw, |other| here.mean_kw + share * (other.mean_kw - here.mean_kw));
        Some((mean, deviation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cubic(wind: f64) -> f64 {
        2.0 * wind.powi(3)
    }

    #[test]
    fn a_curve_that_was_learned_is_told_back_and_what_was_not_seen_is_not_known() {
        let mut curve = PowerCurve::default();
        for i in 0..4000 {
            let wind = 4.0 + 6.0 * f64::from(i % 997) / 997.0;
            curve.learn(wind, 14.85, cubic(corrected(wind, 14.85)), 0.1);
        }
        for wind in [5.1, 7.0, 8.4] {
            let (mean, _) = curve.expected_kw(wind, 14.85).unwrap();
            assert!((mean / cubic(wind) - 1.0).abs() < 0.03, "{wind}: {mean}");
        }
        assert_eq!(curve.expected_kw(15.0, 14.85), None);
        assert_eq!(curve.expected_kw(f64::NAN, 14.85), None);
    }

    #[test]
    fn cold_air_makes_more_of_the_same_wind() {
        assert!(corrected(8.0, -10.0) > corrected(8.0, 25.0));
    }

    #[test]
    fn what_changes_after_the_first_time_does_not_change_the_curve() {
        let mut curve = PowerCurve::default();
        (0..100).for_each(|_| curve.learn(8.0, 15.0, 1000.0, 24.0));
        let before = curve.clone();
        (0..100).for_each(|_| curve.learn(8.0, 15.0, 700.0, 24.0));
        assert_eq!(curve, before);
    }
}
