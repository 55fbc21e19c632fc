//! What the vane does not have and a blade needs: platform, root, and the fixture in which it stands.
//!
//! The C3X is a vane of a cascade, without either. These are ours: laid out after common practice (Rolls-Royce 2005, The
//! Jet Engine, chapter on turbines, shows the same parts), around the airfoil's size, and no maker's blade.

use super::profile::Profile;
use super::{CENTRE, place};
use crate::math::{Place, cos, mix, sin, v};
use crate::mesh::{P2, Shape, circle, fine_drum, fine_extrude, rounded};
use crate::scene::{Material, Part};

/// Thickness of the platform, m.
const PLATFORM: f64 = 0.006;
/// Radius of the fillet between airfoil and platform, m.
const FILLET: f64 = 0.003;
/// Half width of the platform across the chord, m.
const HALF_WIDTH: f64 = 0.023;
/// Where the platform begins and ends along the chord, m.
const ALONG: [f64; 2] = [-0.006, 0.151];
/// Lower end of the root below the foot of the airfoil, m.
const ROOT_END: f64 = -0.051;
/// Lower face of the fixture, m: the ground.
pub const GROUND: f64 = -0.064;

/// Right half of the root's section: across, height, and radius of each corner, in mm. From the platform down: the neck,
/// then three lobes, each narrower than the one above, their upper flanks bearing at 45°.
const FIR_TREE: [(f64, f64, f64); 10] = [
    (15.5, -5.0, 0.0),
    (15.5, -8.0, 2.0),
    (11.0, -12.5, 1.2),
    (11.0, -15.2, 1.2),
    (17.0, -21.2, 1.2),
    (16.4, -23.4, 1.2),
    (9.6, -27.1, 1.5),
    (14.2, -32.2, 1.1),
    (13.6, -34.4, 1.1),
    (7.6, -37.9, 1.4),
];
/// The lowest lobe.
const LOWEST: [(f64, f64, f64); 3] = [(11.4, -42.2, 1.0), (10.8, -44.6, 1.2), (5.0, -51.0, 2.4)];

/// What was drawn across the chord (x, towards the pressure side) and upwards (y), along the chord (z).
const ALONG_CHORD: Place =
    Place { axes: [v(0.0, 0.0, 1.0), v(0.0, 1.0, 0.0), v(-1.0, 0.0, 0.0)], origin: v(0.0, 0.0, 0.0) };
/// What was drawn along the chord (x) and upwards (y), across the chord (z).
const ACROSS_CHORD: Place =
    Place { axes: [v(1.0, 0.0, 0.0), v(0.0, 1.0, 0.0), v(0.0, 0.0, 1.0)], origin: v(0.0, 0.0, 0.0) };
/// What was drawn along (x) and across (y) the chord, upwards (z).
const UPWARDS: Place =
    Place { axes: [v(1.0, 0.0, 0.0), v(0.0, 0.0, -1.0), v(0.0, 1.0, 0.0)], origin: v(0.0, 0.0, 0.0) };

/// The plate under the airfoil, with the fillet that leads up to it.
#[must_use]
pub fn platform(profile: &Profile) -> Part {
    let mut part = Part::new();
    part.add(Material::NickelAlloy, plate(ALONG, HALF_WIDTH, -PLATFORM, 0.0, 0.003, 0.000_6));
    part.add(Material::NickelAlloy, fillet(profile));
    part
}

/// A plate with round corners about the middle of the chord.
fn plate(along: [f64; 2], half: f64, low: f64, high: f64, corner: f64, chamfer: f64) -> Shape {
    let [from, to] = along.map(|v| v - CENTRE.0);
    let corners = [(from, -half, corner), (to, -half, corner), (to, half, corner), (from, half, corner)];
    fine_extrude(&rounded(&corners, 6), low, high, chamfer).placed(&UPWARDS)
}

/// A ring round the foot of the airfoil whose outer face is a quarter of a circle. Its inner face lies within the metal.
fn fillet(profile: &Profile) -> Shape {
    const INWARD: f64 = -0.000_6;
    let mut section: Vec<P2> = (0..=7)
        .map(|k| {
            let a = 90.0 * f64::from(k) / 7.0;
            (FILLET * (1.0 - cos(a)) + 0.000_02, FILLET * (1.0 - sin(a)))
        })
        .rev()
        .collect();
    // From the foot up, then down inside the metal.
    section.extend([(INWARD, FILLET), (INWARD, -0.001), (FILLET, -0.001)]);
    let arcs = fillet_arcs(profile);
    let mut shape = Shape::default();
    let rows: Vec<Vec<u32>> = arcs
        .iter()
        .map(|&arc| {
            let (p, n) = (profile.at(arc), profile.normal(arc));
            section.iter().map(|&(out, up)| shape.push(place((p.0 + n.0 * out, p.1 + n.1 * out), up))).collect()
        })
        .collect();
    for (i, row) in rows.iter().enumerate() {
        let next = &rows[(i + 1) % rows.len()];
        for k in 0..section.len() {
            let above = (k + 1) % section.len();
            shape.quad(row[k], next[k], next[above], row[above]);
        }
    }
    shape.outward()
}

/// Arcs round the outline, closer where it is round.
fn fillet_arcs(profile: &Profile) -> Vec<f64> {
    let mut arcs = Vec::new();
    let mut arc = 0.0;
    while arc < profile.length() - 0.000_3 {
        arcs.push(arc);
        let turn = |step: f64| {
            let (a, b) = (profile.normal(arc), profile.normal(arc + step));
            a.0 * b.0 + a.1 * b.1
        };
        // About 4° a step, at most 2 mm.
        let step = [0.002, 0.001, 0.000_5].into_iter().find(|&step| turn(step) > 0.997_5).unwrap_or(0.000_25);
        arc += step;
    }
    arcs
}

/// Shank and fir tree, one closed solid, and the wings that seal against the neighbouring discs.
#[must_use]
pub fn root() -> Part {
    let mm = |&(x, y, r): &(f64, f64, f64)| (x / 1e3, y / 1e3, r / 1e3);
    let right: Vec<(f64, f64, f64)> = FIR_TREE.iter().chain(&LOWEST).map(mm).collect();
    let left = right.iter().rev().map(|&(x, y, r)| (-x, y, r));
    let corners: Vec<(f64, f64, f64)> = right.iter().copied().chain(left).collect();
    let ends = ALONG.map(|at| CENTRE.0 - at);
    let mut part = Part::new();
    let body = fine_extrude(&rounded(&corners, 2), ends[1] + 0.003, ends[0] - 0.003, 0.000_35);
    part.add(Material::NickelAlloy, body.placed(&ALONG_CHORD));
    for (end, side) in [(ALONG[0] + 0.003 - CENTRE.0, -1.0), (ALONG[1] - 0.003 - CENTRE.0, 1.0)] {
        for (height, reach) in [(-0.008, 0.011), (-0.0145, 0.008)] {
            part.add(Material::NickelAlloy, wing(end, side, height, reach));
        }
    }
    part
}

/// A thin plate that reaches out from an end of the shank and turns up at its edge.
fn wing(end: f64, side: f64, height: f64, reach: f64) -> Shape {
    let at = |out: f64, up: f64, r: f64| (end + side * out, height + up, r);
    let corners = [
        at(-0.002, -0.0016, 0.0),
        at(reach - 0.001, -0.0016, 0.0016),
        at(reach + 0.0022, 0.0022, 0.0004),
        at(reach + 0.0008, 0.0026, 0.0004),
        at(reach - 0.0022, 0.0, 0.0012),
        at(-0.002, 0.0, 0.0),
    ];
    let half = if height > -0.01 { 0.015 } else { 0.010 };
    fine_extrude(&rounded(&corners, 3), -half, half, 0.000_2).placed(&ACROSS_CHORD).outward()
}

/// The plate with cheeks on which the blade stands, with its lowest lobe between them.
#[must_use]
pub fn fixture() -> Part {
    let mut part = Part::new();
    let along = [ALONG[0] - 0.014, ALONG[1] + 0.014];
    part.add(Material::DarkSteel, plate(along, 0.036, GROUND, ROOT_END + 0.001, 0.005, 0.001));
    let cheek = [
        (0.0122, -0.0505),
        (0.026, -0.0505),
        (0.026, -0.0465),
        (0.0185, -0.0385),
        (0.0150, -0.0385),
        (0.0125, -0.0415),
    ];
    let cheek: Vec<(f64, f64, f64)> = cheek.iter().map(|&(x, y)| (x, y, 0.0012)).collect();
    for middle in [0.2, 0.8].map(|t| mix(ALONG[0], ALONG[1], t) - CENTRE.0) {
        for side in [1.0, -1.0] {
            let corners: Vec<(f64, f64, f64)> = cheek.iter().map(|&(x, y, r)| (side * x, y, r)).collect();
            let one = fine_extrude(&rounded(&corners, 3), -middle - 0.010, -middle + 0.010, 0.000_4);
            part.add(Material::DarkSteel, one.placed(&ALONG_CHORD));
        }
    }
    for (x, z) in [(along[0], 0.029), (along[1], 0.029), (along[0], -0.029), (along[1], -0.029)] {
        let inward = if x < 0.0 { 0.009 } else { -0.009 };
        // Its foot lies within the plate.
        let head = fine_extrude(&circle((0.0, 0.0), 0.0058, 6), -0.001, 0.0052, 0.000_6).placed(&UPWARDS);
        let washer = fine_drum(-0.001, 0.0012, 0.0078, 0.000_3, 32).placed(&Place::UPRIGHT);
        for (material, shape) in [(Material::MachinedSteel, head), (Material::NickelAlloy, washer)] {
            part.add(material, shape.moved(x - CENTRE.0 + inward, ROOT_END + 0.001, z));
        }
    }
    part
}
