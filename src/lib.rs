//! twinscope: a 3D viewer for digital twins.
//!
//! The program's rooms, from the outside in: [`app`] (Bevy) and [`ui`] (egui) draw what [`view`] says; [`session`] runs
//! what is behind the window; [`model`] and [`check`] read what comes from outside. The domain is `twinscope-twin`.
//! `tests/rooms.rs` holds which room may use which.

pub mod app;
pub mod check;
pub mod cli;
pub mod field;
pub mod model;
pub mod session;
pub mod simulated;
pub mod ui;
pub mod view;
