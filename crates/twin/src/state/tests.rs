//! The reducer from outside: inputs in, snapshots out.

mod alarms;
mod bad_input;
mod commands;
mod expressions;
mod fixture;
mod picture;
mod predictions;
mod quality;
mod shipped;
