//! How good a model is on data that it has not seen: one function a model, from tables to a [`Report`].
//!
//! Each takes the data to be judged on and, where there is one, a training set. Without a training set a unit
//! (specimen, cell, engine) is judged by a model of the others. Nothing is tuned on what is judged.
//! Reads no files: the caller gives the text, [`NamedTable::parse`] bounds it.

pub mod cmapss;
pub mod gearbox;
pub mod nasa;
mod report;
pub(crate) mod resample;
mod table;
pub mod virkler;
pub mod wind_power;

pub use report::{Figure, Reach, Report, Spread};
pub use table::{NamedTable, Row, TableError};
