//! Cells: how they fade ([`fade`]), what a discharge does to their voltage ([`circuit`]), and the capacity of one cell
//! from test to test ([`capacity`], and what a [`fleet`] says of it).

pub mod capacity;
pub mod circuit;
pub mod fade;
pub mod fleet;
