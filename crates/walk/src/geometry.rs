//! Points, segments, triangles, boxes.

use glam::{Vec2, Vec3};

/// A triangle by its corners, m.
pub type Triangle = [Vec3; 3];

/// A box along the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Lowest corner, m.
    pub low: Vec3,
    /// Highest corner, m.
    pub high: Vec3,
}

impl Bounds {
    /// Holds nothing.
    pub const EMPTY: Self = Self { low: Vec3::INFINITY, high: Vec3::NEG_INFINITY };

    /// The smallest one around points.
    pub fn of(points: impl IntoIterator<Item = Vec3>) -> Self {
        points.into_iter().fold(Self::EMPTY, |bounds, point| bounds.with(point))
    }

    /// Grown to hold a point.
    pub fn with(self, point: Vec3) -> Self {
        Self { low: self.low.min(point), high: self.high.max(point) }
    }

    /// Grown to hold another.
    pub fn and(self, other: &Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Grown on all sides.
    pub fn grown(self, by: f32) -> Self {
        Self { low: self.low - by, high: self.high + by }
    }

    /// Whether the two have a point in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.low.cmple(other.high).all() && other.low.cmple(self.high).all()
    }

    /// Whether a point is in it.
    pub fn holds(&self, point: Vec3) -> bool {
        self.low.cmple(point).all() && point.cmple(self.high).all()
    }
}

/// Nearest point of a triangle to a point (Ericson 2004, Real-Time Collision Detection, section 5.1.5).
pub fn nearest_on_triangle(p: Vec3, [a, b, c]: Triangle) -> Vec3 {
    let (ab, ac, ap) = (b - a, c - a, p - a);
    let (d1, d2) = (ab.dot(ap), ac.dot(ap));
    if d1 <= 0.0 && d2 <= 0.0 {
        return a;
    }
    let bp = p - b;
    let (d3, d4) = (ab.dot(bp), ac.dot(bp));
    if d3 >= 0.0 && d4 <= d3 {
        return b;
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        return a + ab * (d1 / (d1 - d3).max(f32::MIN_POSITIVE));
    }
    let cp = p - c;
    let (d5, d6) = (ab.dot(cp), ac.dot(cp));
    if d6 >= 0.0 && d5 <= d6 {
        return c;
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        return a + ac * (d2 / (d2 - d6).max(f32::MIN_POSITIVE));
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 - d3 >= 0.0 && d5 - d6 >= 0.0 {
        return b + (c - b) * ((d4 - d3) / ((d4 - d3) + (d5 - d6)).max(f32::MIN_POSITIVE));
    }
    let sum = (va + vb + vc).max(f32::MIN_POSITIVE);
    a + ab * (vb / sum) + ac * (vc / sum)
}

/// Nearest points of two segments (Ericson 2004, section 5.1.9).
fn nearest_of_segments(p1: Vec3, q1: Vec3, p2: Vec3, q2: Vec3) -> (Vec3, Vec3) {
    let (d1, d2, r) = (q1 - p1, q2 - p2, p1 - p2);
    let (a, e, f) = (d1.length_squared(), d2.length_squared(), d2.dot(r));
    let (c, b) = (d1.dot(r), d1.dot(d2));
    let denominator = a * e - b * b;
    let mut s = if denominator > 1e-12 { ((b * f - c * e) / denominator).clamp(0.0, 1.0) } else { 0.0 };
    let mut t = if e > 1e-12 { (b * s + f) / e } else { 0.0 };
    if !(0.0..=1.0).contains(&t) {
        t = t.clamp(0.0, 1.0);
        s = if a > 1e-12 { ((b * t - c) / a).clamp(0.0, 1.0) } else { 0.0 };
    }
    (p1 + d1 * s, p2 + d2 * t)
}

/// Nearest points of a segment and a triangle. Where the segment goes through it, both are the point where it does.
pub fn nearest_of_segment(a: Vec3, b: Vec3, triangle: Triangle) -> (Vec3, Vec3) {
    if let Some(t) = hit(a, b - a, triangle) {
        let at = a + (b - a) * t;
        return (at, at);
    }
    let [p, q, r] = triangle;
    let mut best = (a, nearest_on_triangle(a, triangle));
    let other = (b, nearest_on_triangle(b, triangle));
    let edges = [(p, q), (q, r), (r, p)].map(|(from, to)| nearest_of_segments(a, b, from, to));
    for pair in std::iter::once(other).chain(edges) {
        if pair.0.distance_squared(pair.1) < best.0.distance_squared(best.1) {
            best = pair;
        }
    }
    best
}

/// Whether a segment is further than `reach` from the plane of a triangle, all of it on one side: then it is so from the
/// triangle. Most are told apart by it, at a tenth of the work.
pub fn apart(from: Vec3, to: Vec3, reach: f32, [a, b, c]: Triangle) -> bool {
    let n = (b - a).cross(c - a);
    let (p, q) = (n.dot(from - a), n.dot(to - a));
    let limit = reach * reach * n.length_squared();
    p * q > 0.0 && p * p > limit && q * q > limit
}

/// Where `from + t · way`, t from 0 to 1, meets a triangle, from whichever side (Möller and Trumbore 1997). Rays along an
/// edge that two triangles share hit one of them: the borders count, with a hair.
pub fn hit(from: Vec3, way: Vec3, [a, b, c]: Triangle) -> Option<f32> {
    const HAIR: f32 = 1e-5;
    let (ab, ac) = (b - a, c - a);
    let p = way.cross(ac);
    let determinant = ab.dot(p);
    if determinant.abs() < 1e-12 {
        return None;
    }
    let s = from - a;
    let u = s.dot(p) / determinant;
    let q = s.cross(ab);
    let v = way.dot(q) / determinant;
    let t = ac.dot(q) / determinant;
    (u >= -HAIR && v >= -HAIR && u + v <= 1.0 + HAIR && (0.0..=1.0).contains(&t)).then_some(t)
}

/// The line in which a triangle meets a level, x and z.
pub fn crossing(triangle: Triangle, level: f32) -> Option<[Vec2; 2]> {
    let mut points = [Vec2::ZERO; 2];
    let mut count = 0;
    for k in 0..3 {
        let (a, b) = (triangle[k], triangle[(k + 1) % 3]);
        if (a.y < level) != (b.y < level) && count < 2 {
            let p = a.lerp(b, (level - a.y) / (b.y - a.y));
            points[count] = Vec2::new(p.x, p.z);
            count += 1;
        }
    }
    (count == 2).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Triangle = [Vec3::new(0.0, 0.0, 0.0), Vec3::new(4.0, 0.0, 0.0), Vec3::new(0.0, 0.0, 4.0)];

    #[track_caller]
    fn nearest(p: [f32; 3], want: [f32; 3]) {
        assert_eq!(nearest_on_triangle(p.into(), FLOOR), Vec3::from(want));
    }

    #[test]
    fn the_nearest_point_of_a_triangle_is_a_corner_a_border_or_inside() {
        nearest([1.0, 2.0, 1.0], [1.0, 0.0, 1.0]);
        nearest([-1.0, 2.0, -1.0], [0.0, 0.0, 0.0]);
        nearest([2.0, 1.0, -3.0], [2.0, 0.0, 0.0]);
        nearest([9.0, 0.0, 0.0], [4.0, 0.0, 0.0]);
        nearest([4.0, 0.0, 4.0], [2.0, 0.0, 2.0]);
    }

    #[test]
    fn a_segment_through_a_triangle_touches_it() {
        let (on, at) = nearest_of_segment(Vec3::new(1.0, 1.0, 1.0), Vec3::new(1.0, -1.0, 1.0), FLOOR);
        assert_eq!((on, at), (Vec3::new(1.0, 0.0, 1.0), Vec3::new(1.0, 0.0, 1.0)));
    }

    #[test]
    fn a_segment_beside_a_triangle_is_as_far_as_its_border() {
        let (on, at) = nearest_of_segment(Vec3::new(2.0, 1.0, -3.0), Vec3::new(2.0, -1.0, -3.0), FLOOR);
        assert!((on.distance(at) - 3.0).abs() < 1e-6, "{on} {at}");
    }

    #[test]
    fn a_ray_hits_from_both_sides_and_not_beyond_its_end() {
        let down = Vec3::new(0.0, -2.0, 0.0);
        assert_eq!(hit(Vec3::new(1.0, 1.0, 1.0), down, FLOOR), Some(0.5));
        assert_eq!(hit(Vec3::new(1.0, -1.0, 1.0), -down, FLOOR), Some(0.5));
        assert_eq!(hit(Vec3::new(1.0, 3.0, 1.0), down, FLOOR), None);
        assert_eq!(hit(Vec3::new(3.0, 1.0, 3.0), down, FLOOR), None);
    }
}
