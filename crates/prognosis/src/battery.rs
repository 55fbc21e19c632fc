//! Cells: how they fade ([`fade`]), what a discharge does to their voltage ([`circuit`]), and the capacity of one cell
//! from test to test ([`capacity`]).

pub mod capacity;
pub mod circuit;
pub mod fade;
