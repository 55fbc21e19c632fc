//! How good a model is on data that it has not seen: one function a model, from tables to a [`Report`].
//!
//! Each takes the data to be judged on and, where there is one, a training set. Without a training set a unit
//! (specimen, cell, engine) is judged by a model of the others. Nothing is tuned on what is judged.
//! Reads no files: the caller gives the text, [`NamedTable::parse`] bounds it.

mod cmapss;
mod nasa;
mod report;
mod resample;
mod table;
mod virkler;
mod wind_power;

pub use cmapss::cmapss;
pub use nasa::evaluate as nasa;
pub use report::{Figure, Reach, Report, Spread};
pub use table::{NamedTable, Row, TableError};
pub use virkler::evaluate as virkler;
pub use wind_power::wind_power;
