//! Tests of the view: plain values in, plain values out.

pub mod fixture;

mod advices;
pub mod colours;
mod lists;
pub mod living;
mod plans;
mod predictions;
pub mod procedures;
pub mod rooms;
mod scene;
mod stories;
mod tours;
mod trees;
mod walks;
