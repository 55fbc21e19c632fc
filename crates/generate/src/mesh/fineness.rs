//! How finely round and edged things are drawn.
//!
//! Whatever is drawn from afar is simplified as it is loaded; these rules are for the view from close by, where one part
//! fills the window: a builder's caller names the most segments that make sense, they take the fewer ones that the size
//! needs.

/// How far the middle of a chord may lie below the circle that it stands for, m.
const CHORD_ERROR: f64 = 0.002;
/// Chamfers below this are left out, m: they would not be a pixel wide.
const LEAST_CHAMFER: f64 = 0.002;
/// The fewest sides that still pass for round.
const LEAST_SEGMENTS: f64 = 8.0;

/// Segments for a circle: an even number, at most `wanted`. Polygons that are meant (a hexagon) stay.
pub fn segments(radius: f64, wanted: u32) -> u32 {
    let half_step = libm::acos((1.0 - CHORD_ERROR / radius.max(CHORD_ERROR)).max(0.0));
    let needed = libm::ceil(core::f64::consts::PI / half_step / 2.0) * 2.0;
    wanted.min(needed.max(LEAST_SEGMENTS) as u32)
}

/// The chamfer that is drawn for this one.
pub fn chamfer(wanted: f64) -> f64 {
    if wanted < LEAST_CHAMFER { 0.0 } else { wanted }
}
