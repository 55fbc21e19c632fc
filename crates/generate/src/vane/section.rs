//! The metal of the section as a plane mesh: a corner for every cell of the computation, so that its temperatures are
//! shown as they were computed, and corners along the outline, the passages and the cuts between the parts.
//!
//! The mesh is a Delaunay triangulation. Cells too close to a line are left out; then the triangulation contains the
//! lines by itself (each piece of them has an empty circle), and no constraints are needed.

use super::profile::{Profile, arc_of, distance, distance_to, to_chord};
use super::tables::{Passage, Station, Vane};
use crate::math::{cos, lookup, sin};
use crate::mesh::P2;

/// Distance of corners along the outline, m.
const OUTLINE_STEP: f64 = 0.000_5;
/// Cells closer to a line than this are left out, m; more than half of the longest step along any line.
const CLEAR: f64 = 0.000_42;
/// Chamfer of the tip's edge, m.
pub const OUTLINE_CHAMFER: f64 = 0.000_25;
/// Chamfer of a passage's edge, m.
pub const PASSAGE_CHAMFER: f64 = 0.000_18;

/// Where the leading edge's part ends on the suction side, arc in m. \[E\]: in line with the first passages.
const NOSE_SUCTION: f64 = 0.019;
/// The same on the pressure side.
const NOSE_PRESSURE: f64 = -0.014;
/// Where the trailing edge's part begins on the suction side.
const TAIL_SUCTION: f64 = 0.142;
/// The same on the pressure side.
const TAIL_PRESSURE: f64 = -0.099;

/// The parts into which the airfoil is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// Before the first two passages.
    LeadingEdge,
    /// Behind the nose, towards U.
    Suction,
    /// Behind the nose, on the hollow side.
    Pressure,
    /// Behind passage 8.
    TrailingEdge,
}

/// What a corner of the mesh lies on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum On {
    /// The outline, at this arc, m.
    Outline(f64),
    /// The edge of a passage.
    Passage,
    /// The metal.
    Inside,
}

/// A corner of the mesh.
#[derive(Clone, Copy, Debug)]
pub struct Corner {
    /// On the wall below the chamfer, and anywhere inside: (V, U), m.
    pub wall: P2,
    /// On the cut face, moved into the metal by the chamfer.
    pub face: P2,
    /// What it lies on.
    pub on: On,
    /// Computed temperature, K.
    pub temperature: f64,
}

/// The mesh of the section.
#[derive(Clone, Debug)]
pub struct Section {
    /// All corners.
    pub corners: Vec<Corner>,
    /// Counter-clockwise in (V, U), each in its region.
    pub triangles: Vec<(Region, [usize; 3])>,
}

/// Lines between the parts. Points on the outline are given by their arcs.
struct Cuts {
    /// Across the nose, from the suction side through passages 1 and 2, as (U, V) rising in U.
    nose: Vec<P2>,
    /// Across the tail, through passage 8, as (U, V) rising in U.
    tail: Vec<P2>,
    /// Between the sides, through passages 3 to 8, as (V, U) rising in V.
    between: Vec<P2>,
}

impl Cuts {
    fn new(profile: &Profile, passages: &[Passage]) -> Cuts {
        let swap = |(v, u): P2| (u, v);
        let hole = |number: usize| passages.get(number - 1).map_or((0.0, 0.0), |p| (p.v, p.u));
        let nose = [profile.at(NOSE_PRESSURE), hole(2), hole(1), profile.at(NOSE_SUCTION)];
        let tail = [profile.at(TAIL_PRESSURE), hole(8), profile.at(TAIL_SUCTION)];
        let (one, two) = (hole(1), hole(2));
        let start = ((one.0 + two.0) / 2.0, (one.1 + two.1) / 2.0);
        Cuts {
            nose: nose.map(swap).to_vec(),
            tail: tail.map(swap).to_vec(),
            between: std::iter::once(start).chain((3..=8).map(hole)).collect(),
        }
    }

    fn region(&self, (v, u): P2) -> Region {
        if v < lookup(&self.nose, u) {
            Region::LeadingEdge
        } else if v > lookup(&self.tail, u) {
            Region::TrailingEdge
        } else if u > lookup(&self.between, v) {
            Region::Suction
        } else {
            Region::Pressure
        }
    }

    /// All lines in (V, U), as pairs of ends.
    fn lines(&self) -> Vec<(P2, P2)> {
        let swap = |&(u, v): &P2| (v, u);
        let turned = [&self.nose, &self.tail].map(|line| line.iter().map(swap).collect::<Vec<_>>());
        let all = turned.iter().chain(std::iter::once(&self.between));
        all.flat_map(|line| line.windows(2).map(|pair| (pair[0], pair[1]))).collect()
    }
}

/// Arcs of the corners along the outline: at the ends of what was measured and where parts meet, and evenly between.
fn outline_arcs(profile: &Profile, vane: &Vane) -> Vec<f64> {
    let ends = |stations: &[Station]| [stations.first().map_or(0.0, arc_of), stations.last().map_or(0.0, arc_of)];
    let mut fixed = vec![NOSE_SUCTION, NOSE_PRESSURE, TAIL_SUCTION, TAIL_PRESSURE];
    fixed.extend(ends(&vane.temperature));
    fixed.extend(ends(&vane.pressure));
    fixed.sort_by(f64::total_cmp);
    let first = fixed.first().copied().unwrap_or(0.0);
    let closed = fixed.iter().copied().skip(1).chain(std::iter::once(first + profile.length()));
    let mut arcs = Vec::new();
    for (from, to) in fixed.iter().copied().zip(closed) {
        let pieces = libm::ceil((to - from) / OUTLINE_STEP).max(1.0) as u32;
        arcs.extend((0..pieces).map(|k| from + (to - from) * f64::from(k) / f64::from(pieces)));
    }
    arcs
}

impl Section {
    /// Meshes the section.
    #[must_use]
    pub fn new(vane: &Vane, profile: &Profile) -> Section {
        let wall = wall_samples(vane, profile);
        let cells: Vec<(P2, f64)> = vane.solid.iter().map(|s| (to_chord(s.at), s.temperature)).collect();
        let mut corners: Vec<Corner> = Vec::new();

        for arc in outline_arcs(profile, vane) {
            let (p, n) = (profile.at(arc), profile.normal(arc));
            let face = (p.0 - n.0 * OUTLINE_CHAMFER, p.1 - n.1 * OUTLINE_CHAMFER);
            let arc = profile.signed(arc);
            let temperature = around(&wall, arc, profile.length(), |s| s.0);
            corners.push(Corner { wall: p, face, on: On::Outline(arc), temperature });
        }
        for passage in &vane.passages {
            let count = libm::ceil(core::f64::consts::TAU * passage.radius / OUTLINE_STEP).max(20.0) as u32;
            for k in 0..count {
                let a = 360.0 * f64::from(k) / f64::from(count);
                let at = |r: f64| (passage.v + r * cos(a), passage.u + r * sin(a));
                let wall = at(passage.radius);
                let face = at(passage.radius + PASSAGE_CHAMFER);
                corners.push(Corner { wall, face, on: On::Passage, temperature: near(&cells, wall) });
            }
        }
        let edges = corners.len();
        let outline: Vec<P2> = corners.iter().filter(|c| matches!(c.on, On::Outline(_))).map(|c| c.face).collect();
        let in_metal = |p: P2| {
            contains(&outline, p)
                && vane.passages.iter().all(|h| distance(p, (h.v, h.u)) > h.radius + PASSAGE_CHAMFER - 1e-9)
        };
        let cuts = Cuts::new(profile, &vane.passages);
        let lines = cuts.lines();
        for &(a, b) in &lines {
            let pieces = libm::ceil(distance(a, b) / OUTLINE_STEP) as u32;
            for k in 1..pieces {
                let t = f64::from(k) / f64::from(pieces);
                let p = (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
                let clear = corners.iter().take(edges).all(|c| distance(c.face, p) > 0.6 * OUTLINE_STEP);
                if clear && in_metal(p) {
                    corners.push(Corner { wall: p, face: p, on: On::Inside, temperature: near(&cells, p) });
                }
            }
        }
        let on_lines = corners.len();
        for &(p, temperature) in &cells {
            let clear = corners.iter().take(on_lines).all(|c| distance(c.face, p) > CLEAR)
                && lines.iter().all(|&(a, b)| distance_to(p, a, b) > CLEAR);
            if clear && in_metal(p) {
                corners.push(Corner { wall: p, face: p, on: On::Inside, temperature });
            }
        }

        let points: Vec<delaunator::Point> =
            corners.iter().map(|c| delaunator::Point { x: c.face.0, y: c.face.1 }).collect();
        let mesh = delaunator::triangulate(&points);
        let mut triangles = Vec::new();
        for corner in mesh.triangles.chunks_exact(3) {
            let [i, j, k] = [corner[0], corner[1], corner[2]];
            let (a, b, c) = (corners[i].face, corners[j].face, corners[k].face);
            let middle = ((a.0 + b.0 + c.0) / 3.0, (a.1 + b.1 + c.1) / 3.0);
            if in_metal(middle) {
                let left = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0) > 0.0;
                triangles.push((cuts.region(middle), if left { [i, j, k] } else { [i, k, j] }));
            }
        }
        Section { corners, triangles }
    }
}

/// A computed wall by its arc: temperature and pressure.
type Wall = Vec<(f64, (f64, f64))>;

/// The computed wall, sorted by arc.
#[must_use]
pub fn wall_samples(vane: &Vane, profile: &Profile) -> Wall {
    let mut wall: Wall =
        vane.wall.iter().map(|s| (profile.nearest(to_chord(s.at)).0, (s.temperature, s.pressure))).collect();
    wall.sort_by(|a, b| a.0.total_cmp(&b.0));
    wall
}

/// A value of the computed wall at an arc, linear between the two faces next to it, round the closed outline.
#[must_use]
pub fn around(wall: &Wall, arc: f64, length: f64, get: fn((f64, f64)) -> f64) -> f64 {
    let (Some(&(first, start)), Some(&(last, end))) = (wall.first(), wall.last()) else { return f64::NAN };
    let table: Vec<(f64, f64)> = std::iter::once((last - length, get(end)))
        .chain(wall.iter().map(|&(arc, value)| (arc, get(value))))
        .chain(std::iter::once((first + length, get(start))))
        .collect();
    lookup(&table, arc)
}

/// The mean of the four nearest cells, weighted by the inverse square of their distance (Shepard 1968).
fn near(cells: &[(P2, f64)], p: P2) -> f64 {
    let mut nearest = [(f64::MAX, 0.0); 4];
    for &(at, value) in cells {
        let d = distance(at, p);
        if d < nearest[3].0 {
            nearest[3] = (d, value);
            nearest.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
    }
    let weight = |d: f64| 1.0 / (d * d).max(1e-12);
    let (sum, weights) = nearest.iter().fold((0.0, 0.0), |(s, w), &(d, v)| (s + v * weight(d), w + weight(d)));
    sum / weights
}

/// Whether a closed outline contains a point (even-odd rule).
fn contains(outline: &[P2], (x, y): P2) -> bool {
    let mut inside = false;
    for (i, &(x0, y0)) in outline.iter().enumerate() {
        let (x1, y1) = outline[(i + 1) % outline.len()];
        if (y0 > y) != (y1 > y) && x < (x1 - x0) * (y - y0) / (y1 - y0) + x0 {
            inside = !inside;
        }
    }
    inside
}
