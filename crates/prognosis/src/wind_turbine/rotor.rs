//! Aerodynamics of the rotor: power, torque and thrust from speed, pitch and wind.
//!
//! One uniform wind over the whole disc; no blade loads, no stall, no wake.

use std::f64::consts::PI;

/// Rotor and shafts.
#[derive(Debug, Clone, PartialEq)]
pub struct RotorParameters {
    /// Rotor radius, m.
    pub radius_m: f64,
    /// Inertia of rotor and main shaft, kg·m².
    pub inertia_kg_m2: f64,
    /// Inertia of the generator on its own shaft, kg·m².
    pub generator_inertia_kg_m2: f64,
}

impl Default for RotorParameters {
    fn default() -> Self {
        Self {
            // IEA 3.4 MW: rotor diameter 129.82 m.
            radius_m: 64.911,
            // IEA-3.4-130-RWT repository: the HAWC2 controller's 3.602e7 for all, less the generator's 500 * 97^2
            // of its ElastoDyn file.
            inertia_kg_m2: 3.131e7,
            generator_inertia_kg_m2: 500.0,
        }
    }
}

/// Share of the wind's power that the rotor takes, by tip speed ratio and pitch in degrees (0 to 90).
///
/// Heier 1998, Grid Integration of Wind Energy Conversion Systems, in the form with six constants
/// 0.5176, 116, 0.4, 5, 21, 0.0068: highest 0.48 at ratio 8.1 and pitch 0. The IEA 3.4 MW rotor has 0.48 at 8.0.
pub(super) fn power_coefficient(tip_speed_ratio: f64, pitch_deg: f64) -> f64 {
    let lambda = tip_speed_ratio.max(LOWEST_TIP_SPEED_RATIO);
    let beta = pitch_deg.max(0.0);
    let inverse = 1.0 / (lambda + 0.08 * beta) - 0.035 / (beta.powi(3) + 1.0);
    0.5176 * (116.0 * inverse - 0.4 * beta - 5.0) * (-21.0 * inverse).exp() + 0.0068 * lambda
}

/// Below this the power coefficient says nothing, and torque would be power over almost nothing.
const LOWEST_TIP_SPEED_RATIO: f64 = 0.1;

/// The ratio of the highest power coefficient at pitch 0, and that coefficient.
pub(super) const BEST_TIP_SPEED_RATIO: f64 = 8.1;
pub(super) const BEST_POWER_COEFFICIENT: f64 = 0.48;

/// What the blades lose to profile drag and tip vortices: power coefficient over that of an ideal disc with the
/// same thrust. From the IEA 3.4 MW rotor below rated wind, where thrust coefficient 0.766 goes with
/// electrical 0.4448 (NREL turbine-models), 0.48 at the shaft.
const DISC_EFFICIENCY: f64 = 0.845;

/// Thrust coefficient that goes with a power coefficient: momentum theory, `Cp = 4 a (1 - a)^2`,
/// `Ct = 4 a (1 - a)` (Burton et al. 2011, Wind Energy Handbook, section 3.2).
fn thrust_coefficient(power_coefficient: f64) -> f64 {
    // Above 16/27 there is no solution.
    let cp = (power_coefficient / DISC_EFFICIENCY).clamp(0.0, 16.0 / 27.0);
    // Newton from below: the curve is concave up to a = 1/3, so it never overshoots.
    let mut a = 0.25 * cp;
    for _ in 0..4 {
        let slope = 4.0 * (1.0 - a) * (1.0 - 3.0 * a);
        a = (a + (cp - 4.0 * a * (1.0 - a).powi(2)) / slope.max(0.05)).clamp(0.0, 1.0 / 3.0);
    }
    4.0 * a * (1.0 - a)
}

/// Braking torque coefficient of feathered blades, at most: a stop from rated speed in 25 m/s takes about
/// a quarter of a minute. \[E\]: the power coefficient was fitted to driving rotors and brakes far too hard,
/// even at rest, where nothing brakes.
const HIGHEST_BRAKING_COEFFICIENT: f64 = 0.01;

/// What the wind does to the rotor.
#[derive(Debug, Clone, Copy)]
pub(super) struct RotorLoad {
    /// Driving torque, N·m; negative when the blades brake.
    pub(super) torque_n_m: f64,
    /// Thrust along the shaft, N.
    pub(super) thrust_n: f64,
}

impl RotorParameters {
    pub(super) fn load(
        &self,
        density_kg_per_m3: f64,
        wind_m_per_s: f64,
        speed_rad_per_s: f64,
        pitch_deg: f64,
    ) -> RotorLoad {
        let wind = wind_m_per_s.max(0.1);
        let lambda = (speed_rad_per_s * self.radius_m / wind).max(LOWEST_TIP_SPEED_RATIO);
        let cp = power_coefficient(lambda, pitch_deg);
        let braking = HIGHEST_BRAKING_COEFFICIENT * (speed_rad_per_s * self.radius_m / wind).clamp(0.0, 1.0);
        let pressure_force = 0.5 * density_kg_per_m3 * PI * self.radius_m.powi(2) * wind.powi(2);
        RotorLoad {
            torque_n_m: pressure_force * self.radius_m * (cp / lambda).max(-braking),
            thrust_n: pressure_force * thrust_coefficient(cp),
        }
    }

    /// The factor of rotor speed squared that keeps the best tip speed ratio, N·m/(rad/s)².
    pub(super) fn best_torque_factor(&self, density_kg_per_m3: f64) -> f64 {
        0.5 * density_kg_per_m3 * PI * self.radius_m.powi(5) * BEST_POWER_COEFFICIENT / BEST_TIP_SPEED_RATIO.powi(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_power_coefficient_is_where_and_what_it_is_said_to_be() {
        let mut best = (0.0, f64::MIN);
        for step in 1..2000 {
            let lambda = f64::from(step) * 0.01;
            let cp = power_coefficient(lambda, 0.0);
            if cp > best.1 {
                best = (lambda, cp);
            }
        }
        assert!((best.0 - BEST_TIP_SPEED_RATIO).abs() < 0.05, "{best:?}");
        assert!((best.1 - BEST_POWER_COEFFICIENT).abs() < 0.001, "{best:?}");
    }

    #[test]
    fn no_pitch_and_no_speed_beats_the_limit_of_betz() {
        for pitch in 0..=90 {
            for step in 0..300 {
                let cp = power_coefficient(f64::from(step) * 0.1, f64::from(pitch));
                assert!(cp.is_finite() && cp < 16.0 / 27.0, "{pitch} deg, {step}: {cp}");
            }
        }
    }

    #[test]
    fn a_feathered_rotor_does_not_drive() {
        for step in 0..120 {
            assert!(power_coefficient(f64::from(step) * 0.1, 90.0) < 0.0, "{step}");
        }
    }

    /// Published thrust coefficients of the IEA 3.4 MW machine with its electrical power coefficients
    /// (NREL turbine-models, `IEA_Reference_3.4MW_130.csv`); 0.931 is rated power over its 3.62 MW at the rotor.
    #[test]
    fn thrust_is_near_the_published_one() {
        for (electrical_cp, ct) in
            [(0.4448, 0.7664), (0.2836, 0.3801), (0.2156, 0.2798), (0.1427, 0.1816), (0.0738, 0.0945)]
        {
            let ours = thrust_coefficient(electrical_cp / 0.931);
            assert!((ours / ct - 1.0).abs() < 0.12, "{electrical_cp}: {ours} for {ct}");
        }
    }
}
