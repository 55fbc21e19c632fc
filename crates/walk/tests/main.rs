//! Walks through the models that come with the program.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod models;
mod random;
mod turbine;
