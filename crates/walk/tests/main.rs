//! Walks through the models that come with the program.

mod models;
mod random;
mod turbine;
