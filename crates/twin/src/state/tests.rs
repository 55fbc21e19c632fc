//! The reducer from outside: inputs in, snapshots out.

mod alarms;
mod bad_input;
mod commands;
mod expressions;
mod fixture;
mod lives;
mod picture;
mod predictions;
mod procedures;
mod publishing;
mod quality;
mod records;
mod shipped;
