//! Things that come in rows: bolts, cooling fins, rollers.

use super::{Shape, block, circle, extrude, lathe, spike};
use crate::math::{Place, V3};

/// Heads below this width over flats narrow a little towards their foot and end in a point below it, m: half the
/// triangles of a prism, and there are hundreds.
const SMALL_HEAD: f64 = 0.07;

/// The head of a hexagon bolt that stands on the plane x = 0 and looks towards +x. `across` is the width over flats.
#[must_use]
pub fn hex_bolt(across: f64) -> Shape {
    let r = across / 1.732;
    let height = across * 0.62;
    if across < SMALL_HEAD {
        return spike(&circle((0.0, 0.0), r, 6), height, -2.1 * height).placed(&Place::UPRIGHT);
    }
    // It starts a little below the surface, so that no two faces lie in one plane.
    extrude(&circle((0.0, 0.0), r, 6), -0.1 * height, height, 0.0).placed(&Place::UPRIGHT)
}

/// `count` bolts on a circle about the x axis, on the plane `x`. `facing` is +1 or -1: where their heads look.
#[must_use]
pub fn bolts(count: u32, circle: f64, x: f64, facing: f64, across: f64) -> Shape {
    let one = hex_bolt(across);
    let one = if facing < 0.0 { one.placed(&Place::about_y(180.0)) } else { one };
    let mut all = Shape::default();
    for k in 0..count {
        let a = 360.0 * (f64::from(k) + 0.5) / f64::from(count);
        all.append(one.clone().moved(x, circle, 0.0).placed(&Place::about_x(a)));
    }
    all
}

/// `count` equal plates between two corners, spread along the direction `step`.
#[must_use]
pub fn fins(count: u32, min: V3, max: V3, step: V3, bevel: f64) -> Shape {
    let one = block(min, max, bevel);
    let mut all = Shape::default();
    for k in 0..count {
        let d = step * f64::from(k);
        all.append(one.clone().moved(d.x, d.y, d.z));
    }
    all
}

/// Rollers parallel to the x axis between `x0` and `x1`, their centres on a circle; chamfered where they are `fine`.
#[must_use]
pub fn roller_row(count: u32, circle: f64, radius: f64, x0: f64, x1: f64, fine: bool) -> Shape {
    let c = radius * 0.12;
    let one = if fine {
        lathe(&[(x0, radius - c), (x0 + c, radius), (x1 - c, radius), (x1, radius - c)], 12)
    } else {
        lathe(&[(x0, radius), (x1, radius)], 8)
    };
    let mut all = Shape::default();
    for k in 0..count {
        let a = 360.0 * f64::from(k) / f64::from(count);
        let place = Place::shift(0.0, circle, 0.0).then(&Place::about_x(a));
        all.append(one.clone().placed(&place));
    }
    all
}
