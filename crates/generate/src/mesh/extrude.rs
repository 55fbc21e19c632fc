//! Plane outlines in the (x, y) plane drawn out along z.

use super::{P2, Shape, fineness};
use crate::math::v;

/// Twice the enclosed area, positive when the outline runs counter-clockwise.
fn area2(outline: &[P2]) -> f64 {
    (0..outline.len())
        .map(|i| {
            let (x0, y0) = outline[i];
            let (x1, y1) = outline[(i + 1) % outline.len()];
            x0 * y1 - x1 * y0
        })
        .sum()
}

/// The outline moved inwards by `d` along the bisector of each corner (outwards for a negative `d`).
fn inset(outline: &[P2], d: f64) -> Vec<P2> {
    let n = outline.len();
    (0..n)
        .map(|i| {
            let (px, py) = outline[(i + n - 1) % n];
            let (x, y) = outline[i];
            let (qx, qy) = outline[(i + 1) % n];
            let (ax, ay) = unit(x - px, y - py);
            let (bx, by) = unit(qx - x, qy - y);
            let (nx, ny) = unit(-ay - by, ax + bx);
            // At sharp corners the bisector point runs away; twice the distance is far enough for a chamfer.
            let along = (nx * -ay + ny * ax).max(0.5);
            (x + nx * d / along, y + ny * d / along)
        })
        .collect()
}

fn unit(x: f64, y: f64) -> P2 {
    let l = (x * x + y * y).sqrt();
    if l > 0.0 { (x / l, y / l) } else { (0.0, 0.0) }
}

fn cross(a: P2, b: P2, c: P2) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Cuts a counter-clockwise polygon into triangles by its ears, the best shaped ear first.
fn triangulate(outline: &[P2]) -> Vec<[u32; 3]> {
    let mut left: Vec<usize> = (0..outline.len()).collect();
    let mut out = Vec::new();
    while left.len() > 3 {
        let n = left.len();
        let mut best: Option<(f64, usize)> = None;
        for i in 0..n {
            let (ia, ib, ic) = (left[(i + n - 1) % n], left[i], left[(i + 1) % n]);
            let (a, b, c) = (outline[ia], outline[ib], outline[ic]);
            let turn = cross(a, b, c);
            if turn <= 1e-12 {
                continue;
            }
            let blocked = left.iter().any(|&k| {
                k != ia
                    && k != ib
                    && k != ic
                    && cross(a, b, outline[k]) >= 0.0
                    && cross(b, c, outline[k]) >= 0.0
                    && cross(c, a, outline[k]) >= 0.0
            });
            if blocked {
                continue;
            }
            let side = |p: P2, q: P2| (p.0 - q.0) * (p.0 - q.0) + (p.1 - q.1) * (p.1 - q.1);
            let quality = turn / side(a, b).max(side(b, c)).max(side(c, a));
            if best.is_none_or(|(q, _)| quality > q) {
                best = Some((quality, i));
            }
        }
        // Without an ear the outline crosses itself; the closedness test over all parts then names the part.
        let Some((_, i)) = best else { break };
        out.push([left[(i + n - 1) % n] as u32, left[i] as u32, left[(i + 1) % n] as u32]);
        left.remove(i);
    }
    if let [a, b, c] = left[..] {
        out.push([a as u32, b as u32, c as u32]);
    }
    out
}

fn counter_clockwise(outline: &[P2]) -> Vec<P2> {
    let mut outline = outline.to_vec();
    if area2(&outline) < 0.0 {
        outline.reverse();
    }
    outline
}

/// Height of each level of a chamfered extrusion, and how far its outline is inset.
fn levels(z0: f64, z1: f64, bevel: f64) -> Vec<(f64, f64)> {
    let (z0, z1) = (z0.min(z1), z0.max(z1));
    if bevel > 0.0 {
        vec![(z0, bevel), (z0 + bevel, 0.0), (z1 - bevel, 0.0), (z1, bevel)]
    } else {
        vec![(z0, 0.0), (z1, 0.0)]
    }
}

/// A plate or bar with this outline between `z0` and `z1`, in any order, its end edges chamfered by `bevel`.
#[must_use]
pub fn extrude(outline: &[P2], z0: f64, z1: f64, bevel: f64) -> Shape {
    fine_extrude(outline, z0, z1, fineness::chamfer(bevel))
}

/// Like [`extrude`], with exactly this chamfer: for small parts that are looked at from close by.
#[must_use]
pub fn fine_extrude(outline: &[P2], z0: f64, z1: f64, bevel: f64) -> Shape {
    let outline = counter_clockwise(outline);
    let mut shape = Shape::default();
    let n = outline.len() as u32;
    let levels = levels(z0, z1, bevel);
    for &(z, d) in &levels {
        for (x, y) in inset(&outline, d) {
            shape.push(v(x, y, z));
        }
    }
    for level in 0..levels.len() as u32 - 1 {
        for k in 0..n {
            let next = (k + 1) % n;
            let (a, b) = (level * n, (level + 1) * n);
            shape.quad(a + k, a + next, b + next, b + k);
        }
    }
    let top = (levels.len() as u32 - 1) * n;
    for [a, b, c] in triangulate(&inset(&outline, bevel)) {
        shape.tri(c, b, a);
        shape.tri(top + a, top + b, top + c);
    }
    shape
}

/// A pyramid: this outline at the height `z`, its apex on the axis at `apex`, below `z`.
#[must_use]
pub fn spike(outline: &[P2], z: f64, apex: f64) -> Shape {
    let outline = counter_clockwise(outline);
    let mut shape = Shape::default();
    for &(x, y) in &outline {
        shape.push(v(x, y, z));
    }
    let n = outline.len() as u32;
    let point = shape.push(v(0.0, 0.0, apex));
    for [a, b, c] in triangulate(&outline) {
        shape.tri(a, b, c);
    }
    for k in 0..n {
        shape.tri((k + 1) % n, k, point);
    }
    shape
}

/// A plate with a hole: the outer and the inner outline have as many points each, paired by index.
#[must_use]
pub fn extrude_ring(outer: &[P2], inner: &[P2], z0: f64, z1: f64, bevel: f64) -> Shape {
    let bevel = fineness::chamfer(bevel);
    let mut shape = Shape::default();
    let n = outer.len().min(inner.len()) as u32;
    let levels = levels(z0, z1, bevel);
    let count = levels.len() as u32;
    for &(z, d) in &levels {
        for (x, y) in inset(outer, d) {
            shape.push(v(x, y, z));
        }
    }
    for &(z, d) in &levels {
        for (x, y) in inset(inner, -d) {
            shape.push(v(x, y, z));
        }
    }
    let hole = count * n;
    let top = (count - 1) * n;
    for k in 0..n {
        let next = (k + 1) % n;
        for level in 0..count - 1 {
            let (a, b) = (level * n, (level + 1) * n);
            shape.quad(a + k, a + next, b + next, b + k);
            shape.quad(hole + a + next, hole + a + k, hole + b + k, hole + b + next);
        }
        shape.quad(next, k, hole + k, hole + next);
        shape.quad(top + k, top + next, hole + top + next, hole + top + k);
    }
    shape.outward()
}
