//! What a simulated machine publishes: messages of named readings.

use std::borrow::Cow;

/// The value of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A quantity in the field's unit.
    Number(f64),
    /// Quantities of one kind in the field's unit, such as the voltages of the cells of a module: published as the fields
    /// `name_1`, `name_2`, and so on.
    Numbers(Vec<f64>),
    /// Yes or no.
    Flag(bool),
}

/// One message: the tail of its topic, and its fields in order.
pub type Topic = (Cow<'static, str>, Vec<(&'static str, Reading)>);
