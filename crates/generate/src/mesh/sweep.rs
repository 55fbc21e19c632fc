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
    let mut shape = hose(path, radius, segments);
    shape.texture.clear();
    shape
}

/// Like [`pipe`], with texture coordinates: the first is the length along the path in metres, in the direction in which
/// the path is given, the second goes from 0 to 1 around it. Something that flows can be drawn moving along it.
#[must_use]
pub fn hose(path: &[V3], radius: f64, segments: u32) -> Shape {
    let segments = fineness::segments(radius, segments);
    let mut shape = Shape::default();
    let n = path.len();
    let mut side = v(0.0, 0.0, 0.0);
    let mut length = 0.0;
    // Each row ends with its first point once more: there the second coordinate is 1 instead of 0.
    let mut rows: Vec<Vec<u32>> = Vec::new();
    for i in 0..n {
        let along = (path[(i + 1).min(n - 1)] - path[i.saturating_sub(1)]).unit();
        if i == 0 {
            let up = if along.y.abs() < 0.9 { v(0.0, 1.0, 0.0) } else { v(1.0, 0.0, 0.0) };
            side = along.cross(up).unit();
        } else {
            length += (path[i] - path[i - 1]).length();
        }
        // Carry the frame along, so that the pipe does not twist.
        side = (side - along * side.dot(along)).unit();
        let other = along.cross(side);
        rows.push(
            (0..=segments)
                .map(|k| {
                    let turn = f64::from(k) / f64::from(segments);
                    let a = 360.0 * f64::from(k % segments) / f64::from(segments);
                    shape.texture.push((length, turn));
                    shape.push(path[i] + side * (radius * cos(a)) + other * (radius * sin(a)))
                })
                .collect(),
        );
    }
    for pair in rows.windows(2) {
        for k in 0..segments as usize {
            shape.quad(pair[0][k], pair[0][k + 1], pair[1][k + 1], pair[1][k]);
        }
    }
    shape.texture.extend([(0.0, 0.0), (length, 0.0)]);
    let (start, end) = (shape.push(path[0]), shape.push(path[n - 1]));
    for k in 0..segments as usize {
        shape.tri(start, rows[0][k + 1], rows[0][k]);
        shape.tri(end, rows[n - 1][k], rows[n - 1][k + 1]);
    }
    shape.outward()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hose_measures_its_length_along_the_path() {
        let hose = hose(&[v(0.0, 0.0, 0.0), v(3.0, 0.0, 0.0), v(3.0, 4.0, 0.0)], 0.02, 8);
        assert_eq!(hose.texture.len(), hose.points.len());
        let (mut near, mut far) = (f64::MAX, f64::MIN);
        for (p, &(along, around)) in hose.points.iter().zip(&hose.texture) {
            assert!((0.0..=1.0).contains(&around));
            if (*p - v(3.0, 4.0, 0.0)).length() < 0.03 {
                assert!((along - 7.0).abs() < 1e-9);
            }
            (near, far) = (near.min(along), far.max(along));
        }
        assert!(near == 0.0 && (far - 7.0).abs() < 1e-9);
    }
}
