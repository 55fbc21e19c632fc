//! Toothed wheels about the x axis.
//!
//! Teeth are trapezoids: they agree in number, size and distance with the real ones, they are not involutes.

use super::{P2, Shape, extrude_ring};
use crate::math::{Place, cos, sin};

/// One toothed outline. `tip` and `root` are radii; the tooth fills half of the pitch between them.
fn teeth(count: u32, tip: f64, root: f64) -> Vec<P2> {
    let pitch = 360.0 / f64::from(count);
    let mut out = Vec::new();
    for k in 0..count {
        let a0 = pitch * f64::from(k);
        for (at, r) in [(-0.37, root), (-0.13, tip), (0.13, tip), (0.37, root)] {
            let a = a0 + at * pitch;
            out.push((r * cos(a), r * sin(a)));
        }
    }
    out
}

/// The extrusion runs along z; gears turn about x. A helix shears the face around the axis.
fn about_x(shape: Shape, helix_deg: f64, r: f64) -> Shape {
    let mut shape = shape.placed(&Place::UPRIGHT);
    if helix_deg != 0.0 {
        let per_metre = (crate::math::tan(helix_deg) / r).to_degrees();
        for p in &mut shape.points {
            *p = Place::about_x(per_metre * p.x).point(*p);
        }
    }
    shape
}

/// A wheel with outer teeth and a bore. `module` and widths in metres.
#[must_use]
pub fn external_gear(count: u32, module: f64, x0: f64, x1: f64, bore: f64, helix_deg: f64) -> Shape {
    let r = module * f64::from(count) / 2.0;
    let outer = teeth(count, r + module, r - 1.25 * module);
    let inner = circle_like(&outer, bore);
    about_x(extrude_ring(&outer, &inner, x0, x1, 0.0), helix_deg, r)
}

/// A ring with inner teeth.
#[must_use]
pub fn internal_gear(count: u32, module: f64, x0: f64, x1: f64, outside: f64) -> Shape {
    let r = module * f64::from(count) / 2.0;
    let inner = teeth(count, r - module, r + 1.25 * module);
    let outer = circle_like(&inner, outside);
    about_x(extrude_ring(&outer, &inner, x0, x1, 0.0), 0.0, r)
}

/// A circle whose points lie at the angles of another outline's points.
fn circle_like(outline: &[P2], r: f64) -> Vec<P2> {
    outline
        .iter()
        .map(|&(x, y)| {
            let l = (x * x + y * y).sqrt();
            (x / l * r, y / l * r)
        })
        .collect()
}
