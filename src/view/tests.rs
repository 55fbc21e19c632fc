//! Tests of the view: plain values in, plain values out.

pub mod fixture;

pub mod colours;
mod lists;
mod predictions;
mod scene;
mod stories;
mod trees;
