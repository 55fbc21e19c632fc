//! Pipes, hoses and rails: a circle drawn along a path.

use super::{Shape, fineness};
use crate::math::{V3, cos, sin, v};

/// A path whose corners are rounded: each corner is replaced by a parabola that starts and ends `radius` away from it.
#[must_use]
pub fn bend(path: &[V3], radius: f64, steps: u32) -> Vec<V3> {
    let mut out = Vec::new();
    for (i, &p) in path.iter().enumerate() {
        if i == 0 || i + 1 == path.len() {
            out.push(p);
            continue;
        }
        let (a, b) = (path[i - 1] - p, path[i + 1] - p);
        let reach = radius.min(a.length() * 0.49).min(b.length() * 0.49);
        let (from, to) = (p + a.unit() * reach, p + b.unit() * reach);
        for k in 0..=steps {
            let t = f64::from(k) / f64::from(steps);
            out.push(from.lerp(p, t).lerp(p.lerp(to, t), t));
        }
    }
    out
}

/// A round bar along a path, flat at both ends.
#[must_use]
pub fn pipe(path: &[V3], radius: f64, segments: u32) -> Shape {
    let segments = fineness::segments(radius, segments);
    let mut shape = Shape::default();
    let n = path.len();
    let mut side = v(0.0, 0.0, 0.0);
    let mut rows: Vec<Vec<u32>> = Vec::new();
    for i in 0..n {
        let along = (path[(i + 1).min(n - 1)] - path[i.saturating_sub(1)]).unit();
        if i == 0 {
            let up = if along.y.abs() < 0.9 { v(0.0, 1.0, 0.0) } else { v(1.0, 0.0, 0.0) };
            side = along.cross(up).unit();
        }
        // Carry the frame along, so that the pipe does not twist.
        side = (side - along * side.dot(along)).unit();
        let other = along.cross(side);
        rows.push(
            (0..segments)
                .map(|k| {
                    let a = 360.0 * f64::from(k) / f64::from(segments);
                    shape.push(path[i] + side * (radius * cos(a)) + other * (radius * sin(a)))
                })
                .collect(),
        );
    }
    for pair in rows.windows(2) {
        for k in 0..segments as usize {
            let next = (k + 1) % segments as usize;
            shape.quad(pair[0][k], pair[0][next], pair[1][next], pair[1][k]);
        }
    }
    let (start, end) = (shape.push(path[0]), shape.push(path[n - 1]));
    for k in 0..segments as usize {
        let next = (k + 1) % segments as usize;
        shape.tri(start, rows[0][next], rows[0][k]);
        shape.tri(end, rows[n - 1][k], rows[n - 1][next]);
    }
    shape.outward()
}
