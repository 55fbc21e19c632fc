//! Points with values, from outside: what a measurement or a computation says of places on a machine.
//!
//! [`read`] takes a CSV file, bounded, and says which row is wrong. [`Cloud`] finds the value at any place from the
//! points around it; where none is near, nothing is known.
//!
//! Not here: which columns are meant (the type file says it; [`how_to_bind`] guesses what it would say), and what is drawn.

mod cloud;
mod guess;
mod table;

pub use cloud::Cloud;
pub use guess::how_to_bind;
pub use table::{Columns, Points, TableError, read};
