//! What is learnt from data alone: any machine, by configuration, without its physics.
//!
//! Gradient boosting for remaining life from run-to-failure tables and for power from wind, residuals that are
//! normalised by the operating conditions, anomalies among them, and trends to a threshold.

pub mod anomaly;
pub mod bands;
pub mod boosting;
pub mod conditions;
pub mod machine;
pub mod remaining_life;
pub mod stored;
pub mod trend;
pub mod wind_power;
