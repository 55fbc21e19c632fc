//! Boxes with chamfered edges.

use super::{Shape, fineness};
use crate::math::{V3, v};

/// A box between two opposite corners, in any order, every edge chamfered by `bevel`.
#[must_use]
pub fn block(one: V3, other: V3, bevel: f64) -> Shape {
    let half = (other - one) * 0.5;
    block_at((one + other) * 0.5, v(half.x.abs(), half.y.abs(), half.z.abs()), bevel)
}

/// Like [`block`], but hollow, made of sheet of this thickness.
#[must_use]
pub fn sheet_box(one: V3, other: V3, bevel: f64, sheet: f64) -> Shape {
    let half = (other - one) * 0.5;
    let inner = v(half.x.abs() - sheet, half.y.abs() - sheet, half.z.abs() - sheet);
    // With the same chamfers, so that its corners stay inside of them.
    block(one, other, bevel).hollowed(block_at((one + other) * 0.5, inner, bevel))
}

/// A box given by its centre and half sizes, every edge chamfered by `bevel` (less where it is too thin for that,
/// not at all where it would not show).
#[must_use]
pub fn block_at(centre: V3, half: V3, bevel: f64) -> Shape {
    let bevel = fineness::chamfer(bevel);
    if bevel <= 0.0 {
        return sharp(centre, half);
    }
    let bevel = bevel.min(half.x * 0.45).min(half.y * 0.45).min(half.z * 0.45);
    let mut shape = Shape::default();
    // Corner (i, j, k) has three points; point `a` lies on the face across axis `a`.
    let id = |[i, j, k]: [u32; 3], a: u32| ((i * 2 + j) * 2 + k) * 3 + a;
    let sign = |bit: u32| if bit == 0 { -1.0 } else { 1.0 };
    for corner in 0..8 {
        let [i, j, k] = [corner >> 2 & 1, corner >> 1 & 1, corner & 1];
        for a in 0..3 {
            let inset = |axis: u32| if axis == a { 0.0 } else { bevel };
            let (x, y, z) = (half.x - inset(0), half.y - inset(1), half.z - inset(2));
            shape.push(v(sign(i) * x, sign(j) * y, sign(k) * z));
        }
    }
    let mut outside = |corners: &[u32]| {
        // Convex about the origin, so a face looks outward when its normal points away from there.
        let (p, q, r) = (shape.at(corners[0]), shape.at(corners[1]), shape.at(corners[2]));
        let flip = (q - p).cross(r - p).dot(p + q + r) < 0.0;
        for k in 1..corners.len() - 1 {
            let (b, c) = (corners[k], corners[k + 1]);
            if flip { shape.tri(corners[0], c, b) } else { shape.tri(corners[0], b, c) }
        }
    };
    for s in 0..2 {
        outside(&[id([s, 0, 0], 0), id([s, 1, 0], 0), id([s, 1, 1], 0), id([s, 0, 1], 0)]);
        outside(&[id([0, s, 0], 1), id([1, s, 0], 1), id([1, s, 1], 1), id([0, s, 1], 1)]);
        outside(&[id([0, 0, s], 2), id([1, 0, s], 2), id([1, 1, s], 2), id([0, 1, s], 2)]);
    }
    for s in 0..2 {
        for t in 0..2 {
            outside(&[id([0, s, t], 1), id([1, s, t], 1), id([1, s, t], 2), id([0, s, t], 2)]);
            outside(&[id([s, 0, t], 0), id([s, 1, t], 0), id([s, 1, t], 2), id([s, 0, t], 2)]);
            outside(&[id([s, t, 0], 0), id([s, t, 1], 0), id([s, t, 1], 1), id([s, t, 0], 1)]);
            for u in 0..2 {
                outside(&[id([s, t, u], 0), id([s, t, u], 1), id([s, t, u], 2)]);
            }
        }
    }
    shape.moved(centre.x, centre.y, centre.z)
}

/// A box with sharp edges, for what is too small to show a chamfer.
fn sharp(centre: V3, half: V3) -> Shape {
    let mut shape = Shape::default();
    for k in 0..8 {
        let sign = |bit: u32| if k & bit == 0 { -1.0 } else { 1.0 };
        shape.push(centre + v(sign(1) * half.x, sign(2) * half.y, sign(4) * half.z));
    }
    for [a, b, c, d] in [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]] {
        shape.quad(a, b, c, d);
    }
    shape.outward()
}
