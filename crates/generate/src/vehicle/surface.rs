//! The outer surface of the body, as one smooth function.
//!
//! Hoops lie around the car like contour lines, from the sills to the top of the roof; each is a superellipse in plan
//! (Lamé), with its own foremost and rearmost point, half width, corner, and heights at the nose, at the side and at the
//! tail. Between hoops everything is interpolated by cubic Hermite curves without overshoot (Fritsch and Carlson 1980).
//! A place on the surface is an angle in plan, degrees from the nose (positive on the left side, which is +z), and a
//! hoop number.

use crate::math::{V3, cos, mix, sin, v};

/// One hoop: foremost x, rearmost x, half width, exponents of the corners in front and behind, heights at nose, side and
/// tail. In metres.
struct Hoop {
    front: f64,
    rear: f64,
    half: f64,
    square: (f64, f64),
    nose: f64,
    side: f64,
    tail: f64,
}

const fn hoop(front: f64, rear: f64, half: f64, square: (f64, f64), (nose, side, tail): (f64, f64, f64)) -> Hoop {
    Hoop { front, rear, half, square, nose, side, tail }
}

/// From the lower edge to the roof. Length, width and height are the tables'; the rest is drawn by eye \[E\].
const HOOPS: [Hoop; 12] = [
    // 0: lower edge of sills and bumpers
    hoop(-2.105, 1.935, 0.850, (4.4, 5.2), (0.205, 0.215, 0.285)),
    // 1
    hoop(-2.188, 2.010, 0.893, (4.6, 5.8), (0.350, 0.360, 0.410)),
    // 2: the widest
    hoop(-2.223, 2.038, 0.9045, (4.6, 5.8), (0.520, 0.600, 0.620)),
    // 3: shoulder, upper edge of the lamps
    hoop(-2.150, 2.008, 0.899, (4.2, 5.0), (0.715, 0.885, 0.925)),
    // 4: lower edge of the windows, edge of the bonnet
    hoop(-1.985, 1.972, 0.852, (3.5, 4.2), (0.835, 0.985, 1.055)),
    // 5: lower edge of windscreen and rear window
    hoop(-1.130, 1.935, 0.822, (2.7, 3.6), (1.030, 1.040, 1.110)),
    // 6
    hoop(-0.720, 1.855, 0.775, (3.1, 3.6), (1.255, 1.215, 1.265)),
    // 7
    hoop(-0.350, 1.765, 0.722, (3.8, 4.0), (1.430, 1.385, 1.410)),
    // 8: rails and headers
    hoop(-0.080, 1.690, 0.655, (4.8, 4.6), (1.522, 1.490, 1.492)),
    // 9
    hoop(0.060, 1.560, 0.560, (4.4, 4.2), (1.548, 1.534, 1.524)),
    // 10
    hoop(0.300, 1.200, 0.310, (3.0, 3.0), (1.5645, 1.562, 1.555)),
    // 11: top of the roof
    hoop(0.600, 0.700, 0.030, (2.0, 2.0), (1.568, 1.568, 1.568)),
];

/// The hoop with this number that is the roof's top.
pub(super) const TOP: f64 = 11.0;

/// A place on the surface: angle in plan, degrees, and hoop.
pub(super) type At = (f64, f64);

/// One property of the hoops at a number between them.
fn between(t: f64, get: impl Fn(&Hoop) -> f64) -> f64 {
    let last = HOOPS.len() - 1;
    let t = t.clamp(0.0, last as f64);
    let i = (t.floor() as usize).min(last - 1);
    let value = |k: usize| get(&HOOPS[k.min(last)]);
    let step = |k: usize| value(k + 1) - value(k);
    // Harmonic mean of the neighbouring steps where they agree in sign, else level: no overshoot.
    let slope = |k: usize| {
        let (a, b) = if k == 0 {
            (step(0), step(0))
        } else if k == last {
            (step(last - 1), step(last - 1))
        } else {
            (step(k - 1), step(k))
        };
        if a * b <= 0.0 { 0.0 } else { 2.0 * a * b / (a + b) }
    };
    let s = t - i as f64;
    let (h00, h10) = ((1.0 + 2.0 * s) * (1.0 - s) * (1.0 - s), s * (1.0 - s) * (1.0 - s));
    let (h01, h11) = (s * s * (3.0 - 2.0 * s), s * s * (s - 1.0));
    h00 * value(i) + h10 * slope(i) + h01 * value(i + 1) + h11 * slope(i + 1)
}

/// The point of the outer surface.
pub(super) fn point((angle, t): At) -> V3 {
    let (front, rear) = (between(t, |hoop| hoop.front), between(t, |hoop| hoop.rear));
    let (along, across) = (cos(angle), sin(angle));
    let ahead = along > 0.0;
    let square = between(t, |hoop| if ahead { hoop.square.0 } else { hoop.square.1 });
    // Polar form of the superellipse: regular everywhere, unlike the one with powers of sine and cosine.
    let sum = libm::pow(along.abs(), square) + libm::pow(across.abs(), square);
    let r = libm::pow(sum, -1.0 / square);
    let middle = (front + rear) / 2.0;
    let x = middle - (middle - front) * r * along;
    let z = between(t, |hoop| hoop.half) * r * across;
    let side = between(t, |hoop| hoop.side);
    let end = if ahead { between(t, |hoop| hoop.nose) } else { between(t, |hoop| hoop.tail) };
    // The height changes along the car, fast at the ends and not at all at the middle.
    let share = (r * along).abs().min(1.0);
    let y = mix(side, end, share * share * share);
    v(x, y, z)
}

/// Outward unit normal.
pub(super) fn normal((angle, t): At) -> V3 {
    let (da, dt) = (0.05, 0.002);
    let around = point((angle + da, t)) - point((angle - da, t));
    let up = point((angle, (t + dt).min(TOP - 0.01))) - point((angle, (t - dt).max(0.0)));
    around.cross(up).unit()
}

/// The angle on the left side where hoop `t` is at `x`.
pub(super) fn angle_at(t: f64, x: f64) -> f64 {
    let (mut low, mut high) = (0.0, 180.0);
    for _ in 0..34 {
        let middle = (low + high) / 2.0;
        if point((middle, t)).x < x { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The place on the left side with these coordinates in side view, between two hoops.
pub(super) fn place_at(x: f64, y: f64, (mut low, mut high): (f64, f64)) -> At {
    for _ in 0..30 {
        let t = (low + high) / 2.0;
        if point((angle_at(t, x), t)).y < y { low = t } else { high = t }
    }
    let t = (low + high) / 2.0;
    (angle_at(t, x), t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vehicle::dimensions::{HEIGHT, NOSE, TAIL, WIDTH};

    #[test]
    fn length_width_and_height_are_the_tables() {
        let grid = (0..=360).flat_map(|a| (0..=220).map(move |t| point((f64::from(a), f64::from(t) / 20.0))));
        let (mut low, mut high) = (v(9.0, 9.0, 9.0), v(-9.0, -9.0, -9.0));
        for p in grid {
            low = v(low.x.min(p.x), low.y.min(p.y), low.z.min(p.z));
            high = v(high.x.max(p.x), high.y.max(p.y), high.z.max(p.z));
        }
        for (is, should) in
            [(low.x, NOSE), (high.x, TAIL), (high.z, WIDTH / 2.0), (low.z, -WIDTH / 2.0), (high.y, HEIGHT)]
        {
            assert!((is - should).abs() < 0.002, "{is} {should}");
        }
    }

    #[test]
    fn the_normal_looks_outwards() {
        assert!(normal((90.0, 2.0)).z > 0.9);
        assert!(normal((0.0, 2.0)).x < -0.9);
        assert!(normal((180.0, 2.0)).x > 0.9);
        assert!(normal((90.0, 10.5)).y > 0.9);
    }

    #[test]
    fn places_are_found_by_their_side_view() {
        let p = point(place_at(-1.1, 0.6, (0.0, 4.0)));
        assert!((p.x + 1.1).abs() < 1e-6 && (p.y - 0.6).abs() < 1e-6, "{p:?}");
    }
}
