//! What is estimated from measurements, and what is predicted from the estimate: generic over a [`Model`].
//!
//! Nothing here reads a clock. Randomness comes from a seed and a count, so that a filter that was stored and read
//! back goes on with the same numbers, and a replay is identical.

pub mod conformal;
pub mod consistency;
pub mod metrics;
mod model;
pub mod particles;
pub mod predict;
pub mod simplex;
pub mod unscented;

pub(crate) use model::generator;
pub use model::{Model, Noise, Prior, Quantity, Scale};
