//! The nacelle's housing: a closed shell with wall thickness, open only for the shaft and the tower.

use super::layout::Layout;
use crate::math::{Place, V3, angle, cos, sin, v};
use crate::mesh::{End, Hole, Shape, block, hole_border, shell, tube};
use crate::scene::{Material, Part};

/// Thickness of the shell.
pub const WALL: f64 = 0.04;
/// Wide enough for a walkway of 0.6 m beside yaw drives and torque arms.
const HALF_WIDTH: f64 = 2.40;
const BOTTOM: f64 = -0.45;
/// Upper face of the roof.
pub const ROOF: f64 = 3.45;
const FRONT: f64 = -3.10;
const REAR: f64 = 8.90;
/// Radius of the opening around the tower.
const TOWER_OPENING: f64 = 1.58;
/// Radius of the collar around the main shaft's flange.
const COLLAR: f64 = 1.30;

/// Columns of a section: along the bottom, up one side, over the roof, down the other side, with rounded corners.
const ALONG_BOTTOM: usize = 8;
const CORNER: usize = 5;
const UP_SIDE: usize = 3;
const ALONG_ROOF: usize = 5;

/// One cross-section as (y, z), `inset` inside the full size.
fn section(x: f64, inset: f64) -> Vec<(f64, f64)> {
    // The belly rises towards the rear and the roof falls a little: a hull, not a box.
    let t = ((x - 2.6) / (REAR - 2.6)).clamp(0.0, 1.0);
    let (low, high) = (BOTTOM + 0.32 * t * t + inset, ROOF - inset);
    let half = HALF_WIDTH - inset - 0.08 * t * t;
    let corner = |r: f64| (r - inset).max(0.04);
    let (rb, rt) = (corner(0.36), corner(0.62));
    let mut out = Vec::new();
    let arc = |out: &mut Vec<(f64, f64)>, cy: f64, cz: f64, r: f64, from: f64| {
        for k in 0..CORNER {
            let a = from + 90.0 * k as f64 / CORNER as f64;
            out.push((cy + r * sin(a), cz + r * cos(a)));
        }
    };
    let line = |out: &mut Vec<(f64, f64)>, a: (f64, f64), b: (f64, f64), n: usize| {
        for k in 0..n {
            let t = k as f64 / n as f64;
            out.push((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t));
        }
    };
    line(&mut out, (low, -half + rb), (low, half - rb), ALONG_BOTTOM);
    arc(&mut out, low + rb, half - rb, rb, -90.0);
    line(&mut out, (low + rb, half), (high - rt, half), UP_SIDE);
    arc(&mut out, high - rt, half - rt, rt, 0.0);
    line(&mut out, (high, half - rt), (high, -half + rt), ALONG_ROOF);
    arc(&mut out, high - rt, -half + rt, rt, 90.0);
    line(&mut out, (high - rt, -half), (low + rb, -half), UP_SIDE);
    arc(&mut out, low + rb, -half + rb, rb, 180.0);
    out
}

/// Rows from the collar to the rear as (x, inset of the section); `wall` moves a skin inwards.
fn rows(wall: f64) -> Vec<(f64, f64)> {
    let mut rows = Vec::new();
    let edge = 0.40;
    let r = edge - wall;
    for k in 0..=4 {
        let a = 90.0 * f64::from(k) / 4.0;
        rows.push((FRONT + edge - r * cos(a), edge - r * sin(a)));
    }
    // Straight part; where panels meet there is a groove.
    let groove = |rows: &mut Vec<(f64, f64)>, x: f64| {
        rows.extend([(x - 0.02, wall), (x, wall + 0.02), (x + 0.02, wall)]);
    };
    for k in -2..=2 {
        rows.push((0.87 * f64::from(k), wall));
    }
    groove(&mut rows, 2.30);
    groove(&mut rows, 4.55);
    groove(&mut rows, 6.80);
    for k in 0..=4 {
        let a = 90.0 * f64::from(k) / 4.0;
        rows.push((REAR - edge + r * sin(a), edge - r * cos(a)));
    }
    rows
}

/// First and last row of the tower's opening.
fn opening_rows() -> (usize, usize) {
    let rows = rows(0.0);
    let at = |x: f64| rows.iter().position(|r| (r.0 - x).abs() < 1e-9).unwrap_or(0);
    (at(-0.87 * 2.0), at(0.87 * 2.0))
}

fn skin(wall: f64, layout: &Layout) -> Vec<Vec<V3>> {
    let mut out = Vec::new();
    let first = section(FRONT + 0.4, 0.4);
    // The collar: a tube about the tilted shaft, blended from the front wall.
    let tilt = layout.tilt();
    let centre = tilt.point(v(FRONT - 0.02, 0.0, 0.0));
    let wall_x = FRONT + wall;
    let ring = |r: f64, x: Option<f64>| -> Vec<V3> {
        first
            .iter()
            .map(|&(y, z)| {
                let a = angle(y - centre.y, z);
                let p = tilt.point(v(FRONT - 0.16, r * sin(a), r * cos(a)));
                v(x.unwrap_or(p.x), p.y, p.z)
            })
            .collect()
    };
    let c = COLLAR - wall;
    out.push(ring(c, None));
    out.push(ring(c, Some(wall_x - 0.05)));
    out.push(ring(c + 0.015, Some(wall_x - 0.015)));
    out.push(ring(c + 0.06, Some(wall_x)));
    // The flat front wall in two rings, so that its triangles stay well shaped.
    let rim: Vec<V3> = section(FRONT + 0.4, 0.4).iter().map(|&(y, z)| v(wall_x, y, z)).collect();
    let hole = ring(c + 0.06, Some(wall_x));
    out.push(hole.iter().zip(&rim).map(|(a, b)| a.lerp(*b, 0.5)).collect());
    for (x, inset) in rows(wall) {
        out.push(section(x, inset).into_iter().map(|(y, z)| v(x, y, z)).collect());
    }
    // The flat rear wall.
    if let Some(last) = out.last().cloned() {
        let middle = v(REAR - wall, 1.6, 0.0);
        out.push(last.iter().map(|p| p.lerp(middle, 0.5)).collect());
    }
    out
}

/// Rows before the first one of `rows` in a skin.
const FRONT_ROWS: usize = 5;

/// The shell alone.
pub fn hull(layout: &Layout) -> Shape {
    let outer = skin(0.0, layout);
    let inner = skin(WALL, layout);
    let (r0, r1) = opening_rows();
    let rows = (r0 + FRONT_ROWS, r1 + FRONT_ROWS);
    let columns = (0, ALONG_BOTTOM);
    let edge = |skin: &[Vec<V3>], y: f64| -> Vec<V3> {
        hole_border(rows, columns)
            .into_iter()
            .map(|(i, j)| {
                let p = skin.get(i).and_then(|row| row.get(j)).copied().unwrap_or(v(0.0, 0.0, 0.0));
                let a = angle(p.z, p.x);
                v(TOWER_OPENING * cos(a), y, TOWER_OPENING * sin(a))
            })
            .collect()
    };
    let hole = Hole { rows, columns, outer: edge(&outer, BOTTOM), inner: edge(&inner, BOTTOM + WALL) };
    let end = End::Pole { outer: v(REAR, 1.6, 0.0), inner: v(REAR - WALL, 1.6, 0.0) };
    shell(&outer, &inner, End::Rim, end, &[hole])
}

/// Shell, air outlets, and the seal towards the tower.
pub fn housing(layout: &Layout) -> Part {
    let mut part = Part::new();
    let white = Material::Laminate;
    part.add(white, hull(layout));
    // Air outlets in the rear wall.
    for z in [-0.95, 0.95] {
        for k in 0..8 {
            let y = 0.75 + 0.12 * f64::from(k);
            part.add(Material::GreyPaint, block(v(REAR - 0.02, y, z - 0.55), v(REAR + 0.025, y + 0.06, z + 0.55), 0.0));
        }
    }
    // A soft seal between housing and tower.
    let seal = tube(BOTTOM - 0.03, BOTTOM + 0.03, TOWER_OPENING - 0.045, TOWER_OPENING + 0.035, 0.0, 40);
    part.add(Material::Rubber, seal.placed(&Place::UPRIGHT));
    part
}
