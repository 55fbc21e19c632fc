//! A person who walks through models.
//!
//! Pure: no threads, clocks, files, no Bevy and no egui. Meshes come in as triangles, time as an argument.
//!
//! A [`Shape`] is what stands still within one frame: the triangles of many bodies, a tree over them, and the ladders that
//! are among them. A [`World`] has shapes where they are now ([`Solid`]), over a ground. A [`Walker`] goes through it by
//! [`Walker::step`]; a [`Plan`] is what it looks like from above.
//!
//! Metres, y up, seconds, radians. Angles about y: 0 looks along −z, and grows to the left.
//!
//! Invariants:
//! - The middle of a walker never passes a triangle, but those of what opens for it; and nothing reaches into it further
//!   than [`GRAZE`].
//! - On foot nobody gets down where they could not step up again. Only who is put into the air falls, and never past the
//!   ground.
//! - No input makes it panic or hang: times, intents and triangles are bounded, and what is not finite is left out.

mod bvh;
mod climb;
mod geometry;
mod ladder;
mod near;
mod plan;
mod shape;
mod walker;
mod world;

pub use plan::Plan;
pub use shape::{Body, Kind, Shape};
pub use walker::{Intent, Walker};
pub use world::{Frame, Solid, World};

/// How far something may reach into a walker, m: less than a person gives way.
pub const GRAZE: f32 = 0.02;
