//! The outline of the vane as a smooth closed curve, and the frames that the report uses.
//!
//! The table's points lie up to 6 mm apart; between them runs a cubic through the points, because the flow and the light
//! see a smooth wall. The section is drawn in the plane (V, U) of figure 7, in which the passages are given: V along the
//! chord from the leading to the trailing edge, U across it towards the suction side.

use super::tables::{Station, Vane};
use crate::math::mix;
use crate::mesh::P2;

/// Where U = V = 0 lies in the frame of the profile, m.
///
/// Figure 7 shows the frame without giving it in numbers. This one puts the passages where the metal cells of the
/// computation leave holes, with 0.05 mm rms over passages 1 to 9, and 10 among them; V then runs within 0.1° along the
/// line that touches the pressure side at both edges, as a chord is drawn. No other assignment of the holes comes below
/// 5 mm. The frame is left-handed, like the figure.
const ORIGIN: P2 = (-0.006_346_54, 0.116_875_39);
/// Direction of U in the frame of the profile. V is this turned to the right.
const TOWARDS_U: P2 = (0.823_121_14, 0.567_865_82);

/// From the stagnation point, where both arcs begin, to the table's point 76, m. Found with the lengths of the arcs from
/// the axial distance that the report gives for every station beside its share of the arc; with them the two agree
/// within 0.2 mm at each of the 103 stations (a test holds this).
const STAGNATION_BEFORE_76: f64 = 0.000_7;
/// Length of the suction side from the stagnation point, m.
pub const SUCTION_ARC: f64 = 0.177_9;
/// Length of the pressure side from the stagnation point, m.
pub const PRESSURE_ARC: f64 = 0.137_2;

/// Pieces between two points of the table.
const PIECES: usize = 24;

/// From the frame of the profile to (V, U).
#[must_use]
pub fn to_chord(at: P2) -> P2 {
    let (x, y) = (at.0 - ORIGIN.0, at.1 - ORIGIN.1);
    let (cx, cy) = TOWARDS_U;
    (x * cy - y * cx, x * cx + y * cy)
}

/// A closed curve, measured along its length. Arcs are positive along the suction side, negative along the pressure
/// side, and zero at the stagnation point.
#[derive(Clone, Debug)]
pub struct Profile {
    /// (arc from the table's first point, (V, U)), dense.
    points: Vec<(f64, P2)>,
    /// Arc from the table's first point to the stagnation point.
    stagnation: f64,
}

impl Profile {
    /// The curve through the table's points.
    #[must_use]
    pub fn new(vane: &Vane) -> Profile {
        let table: Vec<P2> = vane.profile.iter().map(|&p| to_chord(p)).collect();
        let n = table.len();
        let slopes: Vec<P2> = (0..n).map(|i| slope(table[(i + n - 1) % n], table[i], table[(i + 1) % n])).collect();
        let mut points: Vec<(f64, P2)> = Vec::with_capacity(n * PIECES + 1);
        let mut stagnation = 0.0;
        for i in 0..n {
            let next = (i + 1) % n;
            let (a, b, h) = (table[i], table[next], distance(table[i], table[next]));
            for piece in 0..PIECES {
                let p = hermite(a, slopes[i], b, slopes[next], h, piece as f64 / PIECES as f64);
                let arc = points.last().map_or(0.0, |&(arc, last)| arc + distance(last, p));
                if i == 75 && piece == 0 {
                    stagnation = arc - STAGNATION_BEFORE_76;
                }
                points.push((arc, p));
            }
        }
        if let (Some(&(_, first)), Some(&(arc, last))) = (points.first(), points.last()) {
            points.push((arc + distance(last, first), first));
        }
        Profile { points, stagnation }
    }

    /// Length of the whole outline.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.points.last().map_or(0.0, |&(arc, _)| arc)
    }

    /// The point (V, U) at an arc.
    #[must_use]
    pub fn at(&self, arc: f64) -> P2 {
        let (i, t) = self.find(arc);
        let ((_, a), (_, b)) = (self.points[i], self.points[i + 1]);
        (mix(a.0, b.0, t), mix(a.1, b.1, t))
    }

    /// The outward normal at an arc.
    #[must_use]
    pub fn normal(&self, arc: f64) -> P2 {
        let step = 5e-5;
        let (a, b) = (self.at(arc - step), self.at(arc + step));
        let l = distance(a, b);
        // The table runs clockwise in (V, U).
        ((a.1 - b.1) / l, (b.0 - a.0) / l)
    }

    fn find(&self, arc: f64) -> (usize, f64) {
        let length = self.length();
        let mut wanted = (arc + self.stagnation) % length;
        if wanted < 0.0 {
            wanted += length;
        }
        let i = self.points.partition_point(|&(at, _)| at <= wanted).clamp(1, self.points.len() - 1) - 1;
        let ((from, _), (to, _)) = (self.points[i], self.points[i + 1]);
        (i, ((wanted - from) / (to - from)).clamp(0.0, 1.0))
    }

    /// The arc of the point of the outline that is nearest to a point, and how far it is.
    #[must_use]
    pub fn nearest(&self, p: P2) -> (f64, f64) {
        let mut best = (0.0, f64::MAX);
        for pair in self.points.windows(2) {
            let ((from, a), (to, b)) = (pair[0], pair[1]);
            let t = along(p, a, b);
            let d = distance(p, (mix(a.0, b.0, t), mix(a.1, b.1, t)));
            if d < best.1 {
                best = (mix(from, to, t) - self.stagnation, d);
            }
        }
        (self.signed(best.0), best.1)
    }

    /// The same place with an arc between the two trailing ends: the blunt trailing edge belongs to neither side, its
    /// middle is where positive arcs turn negative.
    #[must_use]
    pub fn signed(&self, arc: f64) -> f64 {
        let length = self.length();
        let most = (SUCTION_ARC + length - PRESSURE_ARC) / 2.0;
        let arc = arc.rem_euclid(length);
        if arc > most { arc - length } else { arc }
    }
}

/// The arc of a station.
#[must_use]
pub fn arc_of(station: &Station) -> f64 {
    station.share * if station.share < 0.0 { PRESSURE_ARC } else { SUCTION_ARC }
}

/// Slope at `b` of the parabola through three points, over the length of the chords (Bessel's end condition; de Boor
/// 1978, A Practical Guide to Splines, chapter IV).
fn slope(a: P2, b: P2, c: P2) -> P2 {
    let (h, k) = (distance(a, b), distance(b, c));
    let one = |a: f64, b: f64, c: f64| ((b - a) / h * k + (c - b) / k * h) / (h + k);
    (one(a.0, b.0, c.0), one(a.1, b.1, c.1))
}

/// Cubic between `a` and `b`, which lie `h` apart, with these slopes.
fn hermite(a: P2, da: P2, b: P2, db: P2, h: f64, t: f64) -> P2 {
    let one = |a: f64, da: f64, b: f64, db: f64| {
        let (u, w) = (1.0 - t, t);
        u * u * (1.0 + 2.0 * w) * a + u * u * w * h * da + w * w * (1.0 + 2.0 * u) * b - w * w * u * h * db
    };
    (one(a.0, da.0, b.0, db.0), one(a.1, da.1, b.1, db.1))
}

/// Share of the way from `a` to `b` at which the line passes `p` most closely.
fn along(p: P2, a: P2, b: P2) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    if square > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square).clamp(0.0, 1.0) } else { 0.0 }
}

/// How far a point lies from a line between two points.
#[must_use]
pub fn distance_to(p: P2, a: P2, b: P2) -> f64 {
    let t = along(p, a, b);
    distance(p, (mix(a.0, b.0, t), mix(a.1, b.1, t)))
}

/// Between two points.
#[must_use]
pub fn distance(a: P2, b: P2) -> f64 {
    ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt()
}
