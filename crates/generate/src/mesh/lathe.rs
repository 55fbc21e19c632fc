//! Bodies of revolution about the x axis.
//!
//! A profile is a list of (x, radius). Angles run from +y towards +z.

use super::{P2, Shape, fineness};
use crate::math::{cos, sin, v};

/// Segments for the widest circle of a profile.
fn needed(profile: &[P2], wanted: u32) -> u32 {
    fineness::segments(profile.iter().map(|&(_, r)| r).fold(0.0, f64::max), wanted)
}

fn revolve(profile: &[P2], segments: u32, ring: bool) -> Shape {
    let mut shape = Shape::default();
    let rows: Vec<Vec<u32>> = profile
        .iter()
        .map(|&(x, r)| {
            if r <= 0.0 {
                let pole = shape.push(v(x, 0.0, 0.0));
                vec![pole; segments as usize]
            } else {
                (0..segments)
                    .map(|k| {
                        let a = 360.0 * f64::from(k) / f64::from(segments);
                        shape.push(v(x, r * cos(a), r * sin(a)))
                    })
                    .collect()
            }
        })
        .collect();
    let count = rows.len();
    let last = if ring { count } else { count - 1 };
    for i in 0..last {
        let (a, b) = (&rows[i], &rows[(i + 1) % count]);
        for k in 0..segments as usize {
            let next = (k + 1) % segments as usize;
            shape.quad(a[k], a[next], b[next], b[k]);
        }
    }
    shape.outward()
}

/// A solid body. A profile that does not end on the axis is closed with flat ends.
#[must_use]
pub fn lathe(profile: &[P2], segments: u32) -> Shape {
    let mut full = Vec::with_capacity(profile.len() + 2);
    if let Some(&(x, r)) = profile.first()
        && r > 0.0
    {
        full.push((x, 0.0));
    }
    full.extend_from_slice(profile);
    if let Some(&(x, r)) = profile.last()
        && r > 0.0
    {
        full.push((x, 0.0));
    }
    revolve(&full, needed(profile, segments), false)
}

/// A body around a hole: the profile is a loop that stays off the axis.
#[must_use]
pub fn lathe_ring(profile: &[P2], segments: u32) -> Shape {
    revolve(profile, needed(profile, segments), true)
}

/// Like [`lathe_ring`], with exactly these segments: for the few parts that are looked at from close by.
#[must_use]
pub fn fine_ring(profile: &[P2], segments: u32) -> Shape {
    revolve(profile, segments, true)
}

/// Like [`tube`], chamfered and with exactly these segments: for the few parts that are looked at from close by.
#[must_use]
pub fn fine_tube(x0: f64, x1: f64, inner: f64, outer: f64, chamfer: f64, segments: u32) -> Shape {
    fine_ring(&chamfered(x0.min(x1), x0.max(x1), inner, outer, chamfer), segments)
}

/// Section of a tube with chamfered outer edges.
fn chamfered(x0: f64, x1: f64, inner: f64, outer: f64, c: f64) -> [P2; 6] {
    [(x0, outer - c), (x0 + c, outer), (x1 - c, outer), (x1, outer - c), (x1, inner), (x0, inner)]
}

/// A cylinder between `x0` and `x1`, in any order, with chamfered edges.
#[must_use]
pub fn drum(x0: f64, x1: f64, r: f64, chamfer: f64, segments: u32) -> Shape {
    let (x0, x1) = (x0.min(x1), x0.max(x1));
    let c = fineness::chamfer(chamfer);
    if c > 0.0 {
        lathe(&[(x0, r - c), (x0 + c, r), (x1 - c, r), (x1, r - c)], segments)
    } else {
        lathe(&[(x0, r), (x1, r)], segments)
    }
}

/// Like [`drum`], chamfered and with exactly these segments: for small parts that are looked at from close by.
#[must_use]
pub fn fine_drum(x0: f64, x1: f64, r: f64, chamfer: f64, segments: u32) -> Shape {
    let (x0, x1, c) = (x0.min(x1), x0.max(x1), chamfer);
    revolve(&[(x0, 0.0), (x0, r - c), (x0 + c, r), (x1 - c, r), (x1, r - c), (x1, 0.0)], segments, false)
}

/// A hollow cylinder between `x0` and `x1`, in any order; its outer edges are chamfered.
#[must_use]
pub fn tube(x0: f64, x1: f64, inner: f64, outer: f64, chamfer: f64, segments: u32) -> Shape {
    let (x0, x1) = (x0.min(x1), x0.max(x1));
    let c = fineness::chamfer(chamfer);
    if c > 0.0 {
        lathe_ring(&chamfered(x0, x1, inner, outer, c), segments)
    } else {
        lathe_ring(&[(x0, outer), (x1, outer), (x1, inner), (x0, inner)], segments)
    }
}
