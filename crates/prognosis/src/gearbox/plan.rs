//! What can be done differently with a gearbox, and what that does to the pace of wear.
//!
//! Wear after Archard (1953): depth goes with the share of the load that the surfaces bear themselves, which falls with the
//! film, and with the pressure. So oil, alignment, heat and power change the pace by the ratio of two such laws, and what
//! was learned of this machine's pace stays.

use crate::estimate::Prior;

use super::bearing::{HighSpeedBearing, misalignment_share};
use super::model::{Living, PRIORS, WEAR};
use super::thermal::{BASE_LOAD_SHARE, Condition, Operation, Thermal};
use super::twin::{LIMITS, Twin, Usage};

/// What is done now, but for the replacement, which has a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Power limit, as a share of rated power, 0.5 to 1.
    pub power_limit: f64,
    /// Fresh oil.
    pub oil_changed: bool,
    /// Shafts are aligned.
    pub realigned: bool,
    /// The cooler is cleaned.
    pub cooler_cleaned: bool,
    /// The bearing is replaced after so many days, if it has not failed.
    pub replaced_in_days: Option<f64>,
    /// How much warmer it is outside than in the past, K.
    pub warmer_k: f64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            power_limit: 1.0,
            oil_changed: false,
            realigned: false,
            cooler_cleaned: false,
            replaced_in_days: None,
            warmer_k: 0.0,
        }
    }
}

/// After an alignment, mrad. \[E\]
const ALIGNED_MRAD: f64 = 0.1;
/// Wear coefficient of a contact with a full film over that of one without: the middle of mixed, 1e-7, over that of
/// boundary lubrication, 1e-5 (orders of magnitude). \[E\]
const FILM_BEARS: f64 = 1e-2;
/// Film over roughness at which the surfaces bear a third of the load. \[E\]
const HALF_BORNE: f64 = 0.8;
/// Share of the wear that no film changes: particles of the spall itself. \[E\]
const BY_PARTICLES: f64 = 0.2;
/// Roughness that wear 1 adds to the raceway, m. \[E\]
const WORN_ROUGHNESS_M: f64 = 8e-6;
/// The operation at which plans are compared. \[E\]: an ordinary good wind.
const COMPARED_AT: f64 = 0.7;
/// Air outside there, °C: the mean at Kelmarsh.
const AMBIENT_DEG_C: f64 = 12.0;

/// A plan's effect on the samples of a twin.
pub(super) struct Effect {
    plan: Plan,
    bearing: HighSpeedBearing,
    operation: Operation,
    /// Of the bearing, before and under the plan, °C.
    bearing_deg_c: [f64; 2],
}

impl Plan {
    /// Usage of a day under the power limit.
    pub(super) fn usage(&self, day: &Usage) -> f64 {
        let [.., full] = *day;
        let limit = self.power_limit;
        let pairs = LIMITS.iter().zip(day).zip(LIMITS.iter().zip(day).skip(1));
        for ((low, at_low), (high, at_high)) in pairs {
            if limit <= *high {
                return at_low + (at_high - at_low) * ((limit - low) / (high - low)).clamp(0.0, 1.0);
            }
        }
        full
    }

    fn changes_the_pace(&self) -> bool {
        self.oil_changed || self.realigned || self.cooler_cleaned || self.warmer_k != 0.0
    }

    /// None if it leaves the pace as it is.
    pub(super) fn effect(&self, twin: &Twin) -> Option<Effect> {
        self.changes_the_pace().then(|| {
            let middle = |living: Living| twin.belief(living).map_or(f64::NAN, |belief| belief.now.p50);
            let now = Condition {
                viscosity_factor: middle(Living::Viscosity),
                cooler_effectiveness: middle(Living::Cooler),
                wear: middle(Living::Wear),
                misalignment_mrad: middle(Living::Misalignment),
                ..Condition::NEW
            };
            let operation = Operation {
                power_share: COMPARED_AT,
                speed_share: COMPARED_AT.cbrt(),
                ambient_deg_c: AMBIENT_DEG_C,
                duty: None,
            };
            let planned = Operation { ambient_deg_c: AMBIENT_DEG_C + self.warmer_k, ..operation };
            let after = self.after(now);
            let settled = |condition, operation| Thermal::KELMARSH.settled(condition, operation).bearing_deg_c;
            Effect {
                plan: *self,
                bearing: HighSpeedBearing::default(),
                operation,
                bearing_deg_c: [settled(&now, &operation), settled(&after, &planned)],
            }
        })
    }

    fn after(&self, mut condition: Condition) -> Condition {
        let fresh = |living: Living| PRIORS.get(living.state()).map_or(f64::NAN, |prior: &Prior| prior.median);
        if self.oil_changed {
            condition.viscosity_factor = fresh(Living::Viscosity);
        }
        if self.realigned {
            condition.misalignment_mrad = condition.misalignment_mrad.min(ALIGNED_MRAD);
        }
        if self.cooler_cleaned {
            condition.cooler_effectiveness = condition.cooler_effectiveness.max(fresh(Living::Cooler));
        }
        condition
    }
}

impl Effect {
    /// A sample under the plan, and the factor on its pace.
    pub(super) fn on(&self, state: &[f64]) -> (Vec<f64>, f64) {
        let at = |living: Living| state.get(living.state()).copied().unwrap_or(f64::NAN);
        let now = Condition {
            viscosity_factor: at(Living::Viscosity),
            cooler_effectiveness: at(Living::Cooler),
            misalignment_mrad: at(Living::Misalignment).max(0.0).sqrt(),
            wear: state.get(WEAR).copied().unwrap_or(f64::NAN).max(0.0),
            ..Condition::NEW
        };
        let after = self.plan.after(now);
        let mut changed = state.to_vec();
        if let Some(misalignment_2) = changed.get_mut(Living::Misalignment.state()) {
            *misalignment_2 = after.misalignment_mrad.powi(2);
        }
        let [before, planned] = self.bearing_deg_c;
        let factor = self.wear_rate(&after, planned) / self.wear_rate(&now, before);
        (changed, if factor.is_finite() { factor } else { 1.0 })
    }

    /// Up to a factor.
    fn wear_rate(&self, condition: &Condition, bearing_deg_c: f64) -> f64 {
        let rad_per_s = self.operation.speed_share * RATED_RAD_PER_S;
        let load_n = self.bearing.load_n(self.operation.torque_share(), condition.misalignment_mrad);
        let viscosity = condition.viscosity_factor * Thermal::KELMARSH.oil.viscosity_mm2_per_s(bearing_deg_c);
        let roughness_m = self.bearing.roughness_m + WORN_ROUGHNESS_M * condition.wear.clamp(0.0, 1.0);
        let film = self.bearing.film_m(viscosity, rad_per_s, load_n) / roughness_m;
        let borne = FILM_BEARS + (1.0 - FILM_BEARS) * (-(film / HALF_BORNE).powi(2)).exp();
        let load = BASE_LOAD_SHARE + self.operation.torque_share() + misalignment_share(condition.misalignment_mrad);
        load.sqrt() * (BY_PARTICLES + (1.0 - BY_PARTICLES) * borne)
    }
}

/// Of a generator's shaft, rad/s: 1,150 rpm.
const RATED_RAD_PER_S: f64 = 120.0;
