//! Cells and packs: how cells fade ([`fade`]), what a discharge does to their voltage ([`circuit`]), the capacity of one
//! cell from test to test ([`capacity`], and what a [`fleet`] says of it), and the living model of a car's pack
//! ([`BatteryTwin`]).
//!
//! The living model's circuit and ageing are not those of the simulated car ([`crate::electric_vehicle`]): two slow elements
//! instead of one, other time constants, another effect of cold, a published ageing law with powers of its own.

mod ageing;
pub mod capacity;
pub mod circuit;
pub mod fade;
pub mod fleet;
mod outlook;
mod pack;
mod rests;
mod twin;
mod usage;

pub use pack::{BatteryConfig, BatteryConfigError};
pub use twin::BatteryTwin;

/// What ends the life of a pack: share of the rated capacity (USABC Electric Vehicle Battery Test Procedures Manual, rev. 2,
/// 1996), or resistance over that of a new one (usual in vehicles), whichever is first.
pub(crate) const END: (f64, f64) = (0.8, 2.0);
