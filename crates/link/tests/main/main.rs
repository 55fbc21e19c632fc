//! The edge against the real thing: mosquitto and its clients, the embedded broker as a child process, and brokers that
//! misbehave on purpose.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

mod core;
mod embedded;
mod engine;
mod healthy;
mod login;
mod plain;
mod reconnect;
mod recording;
mod room;
mod simulator;
mod table;
mod tls;
mod traps;
