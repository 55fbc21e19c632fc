//! A cooled blade of a gas turbine as a living model: how hot its edges are, how much creep life is used, how long the crack
//! is at its trailing edge, and how many hours and starts are left under this dispatch or another.
//!
//! Metal temperature is that of gas and coolant with a cooling effectiveness, which lives and is measured where a
//! thermocouple or pyrometer is; stress is the pull of the blade, heat and pressure; creep is Larson's and Miller's with a
//! linear sum; the crack is [`crate::crack`]'s in a particle filter, which inspections narrow. None of it is the
//! simulator's ([`crate::turbine_blade`]): that one has walls with lags, cracks by the range of a transient, and keeps
//! what passages do to each of them. Shared are the rupture data, which are of the literature, and the form of Paris' law.
//!
//! Values marked \[E\] are generic priors until the asset's own data speak.

mod config;
mod duty;
mod effectiveness;
mod living;
mod physics;
mod predict;
mod rows;
mod twin;

#[cfg(test)]
mod tests;

pub use config::{BladeConfig, Lengths};
pub use twin::BladeTwin;
