//! All integration tests of the program in one binary: each further one would link Bevy again.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

#[path = "support/cam02.rs"]
mod cam02;
mod cli;
mod demo;
mod fields;
mod flows;
mod kiosk;
mod looking;
mod pictures;
mod procedures;
mod readme;
mod real_input;
mod rooms;
mod support;
mod window;
