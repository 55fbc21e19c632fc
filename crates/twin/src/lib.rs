//! The domain of twinscope: parts, signals, quality, time, alarms, health, history, predictions, records, advice,
//! procedures, commands, tours.
//!
//! Pure: no threads, clocks, files, sockets, no Bevy and no egui. Text comes in as `&str`, bytes as `&[u8]`,
//! time as an argument ([`time::Now`]); what leaves the process is returned as data ([`state::Changes`]).
//!
//! Invariants:
//! - Everything is keyed by (asset, part). At run time the key is a row: [`site::PartRow`] counts the parts of all
//!   assets in the order of the site file, and [`site::SignalRow`] and [`site::AlarmRow`] count their signals and alarms.
//! - A part's state is never invented: what was not heard is [`quality::Quality::NoData`].
//! - Anything from outside is bounded, and a bad payload changes the quality of its signals and a counter, nothing else.

pub mod advice;
pub mod alarm;
pub mod command;
pub mod decode;
pub mod expression;
pub mod health;
pub mod history;
pub mod prediction;
pub mod procedure;
pub mod quality;
pub mod record;
mod refusal;
pub mod room;
pub mod routing;
pub mod severity;
pub mod site;
pub mod snapshot;
pub mod state;
pub mod time;
pub mod tour;
pub mod value;
