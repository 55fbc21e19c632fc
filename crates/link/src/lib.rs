//! The edge of twinscope: MQTT in and out, the embedded broker, record and replay, the simulator's and the engine's
//! runners, and the thread that owns the twin.
//!
//! ```text
//! devices ─> broker ─> mqtt ─┐
//!              simulator ────┼─> sink ─> core (TwinState) ─> latest snapshot, wake
//!              replay ───────┘              └─> outgoing ─> mqtt outbox, or the simulator
//! ```
//!
//! It moves bytes and keeps time; it decodes nothing and draws nothing.
//!
//! Invariants:
//! - A link never blocks on the core, and the core never blocks on a link or on the screen.
//! - Whatever is dropped between the socket and the twin is counted by source and told to the twin.
//! - Secrets never appear in a `Debug` output, an error or a log.
//! - Every thread has a name and ends when its handle is dropped.

pub mod broker;
pub mod clock;
pub mod core;
pub mod engine;
pub mod keeper;
pub mod mqtt;
pub mod record;
pub mod replay;
pub mod room;
pub mod settings;
pub mod simulator;
pub mod sink;

pub use settings::{Settings, SettingsError};
pub use sink::{Message, Sink};
