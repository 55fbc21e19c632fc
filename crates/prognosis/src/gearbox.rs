//! A geared turbine's gearbox and high-speed bearing as a living model: how warm they are, in what condition, and for how
//! long they will do.
//!
//! The equations are those of `docs/models.md`, made for the telemetry that turbines publish. They are not the
//! simulator's: its cooler lags, its drag, friction and vibration follow other laws, its nacelle has a temperature of its
//! own, and its wear knows the film. So what is found on simulated machines is found with a model that is wrong in the
//! ways that models are. Shared are the lubricant, the contacts, and what wear (0 to 1) and
//! misalignment mean.

mod bearing;
mod life;
mod living;
mod model;
mod plan;
mod power_curve;
mod thermal;
mod twin;

#[cfg(test)]
mod tests;

pub use bearing::HighSpeedBearing;
pub use life::{Life, Remaining};
pub use living::{Config, GearboxTwin};
pub use model::{GearboxModel, Living};
pub use plan::Plan;
pub use thermal::{Condition, Operation, Temperatures, Thermal};
pub(crate) use thermal::{KELMARSH_BINS, mean_in_bin};
pub use twin::{Belief, Telemetry, Twin, Virtual};
