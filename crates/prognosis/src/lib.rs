//! The physics of twinscope, pure: what the simulators take for true, what is estimated and predicted from
//! measurements, and how well ([`evaluate`]).
//!
//! It computes; it does not connect, sleep, read clocks or draw.
//! Time is an argument, randomness comes from a seed, and the same seed and the same steps give the same numbers.
//!
//! Equations name their source. Values marked \[E\] are engineering assumptions: generic, plausible, not measured
//! on any one machine, and to be shown as such until they are calibrated.

pub mod advice;
pub mod battery;
pub mod bearing_life;
pub mod blade;
pub mod crack;
pub mod electric_vehicle;
pub mod estimate;
pub mod evaluate;
pub mod faults;
pub mod gearbox;
pub mod gears;
mod lag;
pub mod learn;
pub mod living;
pub mod lubrication;
pub mod machine;
pub mod reading;
pub mod switches;
pub mod turbine_blade;
pub mod wind_turbine;

pub use faults::{Fault, FaultError, FaultKind};
pub use machine::Machine;
pub use reading::{Reading, Topic};
pub use switches::{Switch, SwitchError};
