//! Plane outlines, counter-clockwise, for extrusion.

use super::P2;
use crate::math::{angle, cos, mix, sin};

/// A regular polygon that stands for a circle.
#[must_use]
pub fn circle(centre: P2, r: f64, segments: u32) -> Vec<P2> {
    (0..segments)
        .map(|k| {
            let a = 360.0 * f64::from(k) / f64::from(segments);
            (centre.0 + r * cos(a), centre.1 + r * sin(a))
        })
        .collect()
}

/// A polygon given as (x, y, radius): each corner rounded with its radius in `steps` pieces. Radius 0 stays sharp.
#[must_use]
pub fn rounded(corners: &[(f64, f64, f64)], steps: u32) -> Vec<P2> {
    let n = corners.len();
    let mut out = Vec::new();
    for i in 0..n {
        let (px, py, _) = corners[(i + n - 1) % n];
        let (x, y, r) = corners[i];
        let (qx, qy, _) = corners[(i + 1) % n];
        if r <= 0.0 {
            out.push((x, y));
            continue;
        }
        let (ax, ay, bx, by) = (px - x, py - y, qx - x, qy - y);
        let (la, lb) = ((ax * ax + ay * ay).sqrt(), (bx * bx + by * by).sqrt());
        let (ax, ay, bx, by) = (ax / la, ay / la, bx / lb, by / lb);
        let half = libm::acos((ax * bx + ay * by).clamp(-1.0, 1.0)) / 2.0;
        let cut = (r / libm::tan(half)).min(la * 0.499).min(lb * 0.499);
        let r = cut * libm::tan(half);
        let reach = r / libm::sin(half);
        let (mx, my) = (ax + bx, ay + by);
        let lm = (mx * mx + my * my).sqrt();
        let (cx, cy) = (x + mx / lm * reach, y + my / lm * reach);
        let from = angle(y + ay * cut - cy, x + ax * cut - cx);
        let mut to = angle(y + by * cut - cy, x + bx * cut - cx);
        while to - from > 180.0 {
            to -= 360.0;
        }
        while to - from < -180.0 {
            to += 360.0;
        }
        for k in 0..=steps {
            let a = mix(from, to, f64::from(k) / f64::from(steps));
            out.push((cx + r * cos(a), cy + r * sin(a)));
        }
    }
    out
}

/// The outline around two circles, like a belt around two pulleys.
#[must_use]
pub fn hull(c1: P2, r1: f64, c2: P2, r2: f64, segments: u32) -> Vec<P2> {
    let (dx, dy) = (c2.0 - c1.0, c2.1 - c1.1);
    let d = (dx * dx + dy * dy).sqrt();
    let base = angle(dy, dx);
    // Angle between the line of centres and the radius to a tangent point.
    let lean = libm::acos(((r1 - r2) / d).clamp(-1.0, 1.0)).to_degrees();
    let mut out = Vec::new();
    for k in 0..=segments {
        let a = base + mix(lean, 360.0 - lean, f64::from(k) / f64::from(segments));
        out.push((c1.0 + r1 * cos(a), c1.1 + r1 * sin(a)));
    }
    for k in 0..=segments {
        let a = base + mix(-lean, lean, f64::from(k) / f64::from(segments));
        out.push((c2.0 + r2 * cos(a), c2.1 + r2 * sin(a)));
    }
    out
}

/// An outline and a circular bore about the origin, with as many points each, at the same angles. The outline must be
/// visible from the origin as a whole.
#[must_use]
pub fn star(outline: &[P2], bore: f64, segments: u32) -> (Vec<P2>, Vec<P2>) {
    let mut angles: Vec<f64> = outline.iter().map(|&(x, y)| angle(y, x)).collect();
    for k in 0..segments {
        let a = -180.0 + 360.0 * (f64::from(k) + 0.37) / f64::from(segments);
        if angles.iter().all(|b| (a - b).abs() > 120.0 / f64::from(segments)) {
            angles.push(a);
        }
    }
    angles.sort_by(f64::total_cmp);
    angles.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    let outer = angles.iter().map(|&a| ray_hit(outline, a)).collect();
    let inner = angles.iter().map(|&a| (bore * cos(a), bore * sin(a))).collect();
    (outer, inner)
}

/// Where the ray from the origin at an angle in degrees leaves the outline.
fn ray_hit(outline: &[P2], degrees: f64) -> P2 {
    let (dx, dy) = (cos(degrees), sin(degrees));
    let mut best = 0.0;
    for (i, &(x0, y0)) in outline.iter().enumerate() {
        let (x1, y1) = outline[(i + 1) % outline.len()];
        let (ex, ey) = (x1 - x0, y1 - y0);
        let det = ex * dy - ey * dx;
        if det.abs() < 1e-12 {
            continue;
        }
        let t = (ex * y0 - ey * x0) / det;
        let s = (dx * y0 - dy * x0) / det;
        if (-1e-9..=1.0 + 1e-9).contains(&s) && t > best {
            best = t;
        }
    }
    (dx * best, dy * best)
}
