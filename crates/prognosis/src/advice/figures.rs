//! From inputs to what things cost.

use super::Kind;
use super::action::{Action, Work, replacement};
use super::economics::Values;
use super::renewal::{NewLife, Renewal};

/// Hours of a year.
const YEAR_H: f64 = 8766.0;

/// What something costs that is done once.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Once {
    /// Work and parts, less what the old part brings.
    pub work: f64,
    /// What is not produced meanwhile.
    pub lost: f64,
}

impl Once {
    pub fn total(self) -> f64 {
        self.work + self.lost
    }
}

/// What the part of a model costs.
#[derive(Debug)]
pub(super) struct Figures {
    /// A planned replacement.
    pub planned: Once,
    /// A failure, with the replacement after it.
    pub failure: f64,
    /// Of a failure: what is not produced.
    pub failure_lost: f64,
    /// An inspection finds this share of what fails within its reach.
    pub finds: f64,
    /// Hours.
    pub reach_h: f64,
    /// What the new part costs in the time that is left.
    pub renewal: Renewal,
}

/// What an action costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Terms {
    /// When it is done.
    pub once: Once,
    /// An hour of running under it.
    pub per_hour: f64,
}

impl Figures {
    pub fn new(values: &Values<'_>, horizon_h: f64) -> Self {
        let kind = values.economics.kind();
        // Weibull's shape of the life of a new part: 1.5 is ISO 281's for bearings; the others are [E]: wear of blades
        // and cells comes late, and what fails in other machines is a mixture.
        let (shape, [downtime, damage, life]) = match kind {
            Kind::Gearbox => (1.5, ["bearing_failure_downtime", "bearing_failure_cost", "bearing_life"]),
            Kind::Battery => (3.0, ["pack_failure_downtime", "pack_failure_cost", "pack_life"]),
            Kind::Blade => (3.0, ["blade_failure_downtime", "blade_failure_cost", "blade_life"]),
            Kind::Machine => (2.0, ["machine_failure_downtime", "machine_failure_cost", "machine_life"]),
        };
        let work = once(values, replacement(kind));
        let planned = Once { work: work.work - values.get("pack_resale"), ..work };
        let failure_lost = values.get(downtime) * hour(values);
        let failure = values.get(damage) + work.work + failure_lost;
        let new = NewLife { mean_h: values.get(life) * YEAR_H, shape };
        Self {
            planned,
            failure,
            failure_lost,
            finds: values.get("inspection_finds"),
            reach_h: values.get("inspection_reach"),
            renewal: Renewal::new(new, failure, planned.total(), horizon_h),
        }
    }
}

impl Terms {
    pub fn new(values: &Values<'_>, figures: &Figures, action: &Action) -> Self {
        let own = replacement(values.economics.kind());
        let once = match action.work {
            Some(work) if work == own => figures.planned,
            Some(work) => once(values, work),
            None => Once::default(),
        };
        let limited = hour(values) * lost_share(action.limit, capacity_factor(values));
        let per_day = action.per_day.map_or(0.0, |id| values.get(id));
        Self { once, per_hour: limited + per_day / 24.0 }
    }
}

fn once(values: &Values<'_>, work: Work) -> Once {
    let hours = values.get(work.work);
    let downtime = work.downtime.map_or(hours, |id| values.get(id));
    Once { work: hours * values.get("crew_cost") + values.get(work.parts), lost: downtime * hour(values) }
}

fn capacity_factor(values: &Values<'_>) -> f64 {
    let own = if values.economics.kind() == Kind::Gearbox { "wind_capacity_factor" } else { "plant_capacity_factor" };
    values.get(own)
}

/// What an hour of standstill costs: an hour of expected production.
fn hour(values: &Values<'_>) -> f64 {
    let power_kw = match values.economics.kind() {
        Kind::Gearbox => values.get("wind_rated_power"),
        Kind::Blade => values.get("plant_rated_power"),
        Kind::Battery => return values.get("car_day_value") / 24.0,
        Kind::Machine => return values.get("machine_hour_value"),
    };
    values.get("energy_price") * power_kw * capacity_factor(values) / 1e3
}

/// Share of the energy that a power limit costs, if power by rank of the hour is uᵏ, u from 0 to 1, with k such that its
/// mean is the capacity factor \[E\]. Limited to L, the mean is u*ᵏ⁺¹/(k + 1) + L (1 − u*), u* = L^(1/k).
pub(super) fn lost_share(limit: f64, capacity_factor: f64) -> f64 {
    let mean = capacity_factor.clamp(1e-3, 1.0);
    let limit = limit.clamp(0.0, 1.0);
    let k = 1.0 / mean - 1.0;
    let rank = limit.powf(1.0 / k);
    let limited = rank * limit * mean + limit * (1.0 - rank);
    (1.0 - limited / mean).clamp(0.0, 1.0)
}
