//! A rotor blade, lofted through the airfoils of the table.
//!
//! Frame: the root lies at the origin, the span runs along +y, the leading edge looks to +z at zero twist, the suction
//! side looks downwind (+x). That is a clockwise rotor seen from upwind.

use crate::math::{cos, mix, sin, v};
use crate::mesh::Shape;
use crate::scene::{Material, Part};
use crate::tables::{Station, Tables};

/// Points on each side of a section, close together at the nose and the trailing edge.
const STEPS: u32 = 16;
/// Half of the least height of the trailing edge over the chord. A real one is a few millimetres high; a sharp one
/// would give faces without area.
const TRAILING_HALF: f64 = 0.0012;

/// The blade.
pub fn blade(tables: &Tables) -> Part {
    let mut part = Part::new();
    part.add(Material::WhitePaint, loft(tables));
    part
}

/// How far a left-out station's outline may lie from the straight line between its neighbours, m.
const TOLERANCE: f64 = 0.006;

/// The table's stations, without those that the straight line between two others tells as well.
fn stations(tables: &Tables) -> Vec<Station> {
    let all = &tables.blade;
    let mut out: Vec<Station> = Vec::new();
    let mut at = 0;
    while let Some(from) = all.get(at) {
        out.push(*from);
        // The farthest station that can be reached without losing one in between; at least the next.
        let reach = |&to: &usize| {
            all.get(to).is_some_and(|end| {
                all.get(at + 1..to).is_some_and(|between| between.iter().all(|s| tells(from, end, s)))
            })
        };
        at = (at + 1..all.len()).take_while(reach).last().unwrap_or(at + 1);
    }
    out
}

/// Whether the line from `a` to `b` passes `s` closely enough.
fn tells(a: &Station, b: &Station, s: &Station) -> bool {
    let t = (s.span - a.span) / (b.span - a.span);
    let off = |get: fn(&Station) -> f64| (mix(get(a), get(b), t) - get(s)).abs();
    let height = off(|s| s.thickness * s.chord);
    let edges = off(|s| s.chord).max(off(|s| s.axis)).max(height);
    let twist = off(|s| s.twist).to_radians() * s.chord;
    edges.max(twist).max(off(|s| s.prebend)) < TOLERANCE
}

fn loft(tables: &Tables) -> Shape {
    let mut shape = Shape::default();
    let n = STEPS;
    let count = 2 * n + 1;
    let stations = stations(tables);
    for s in &stations {
        // From the trailing edge over the suction side to the nose (k = n) and back along the pressure side.
        for k in 0..count {
            let from_nose = k.abs_diff(n);
            let x = (1.0 - cos(180.0 * f64::from(from_nose) / f64::from(n))) / 2.0;
            let (up, low) = tables.section(s.thickness, x);
            let (middle, half) = ((up + low) / 2.0, (up - low) / 2.0);
            let half = if from_nose == 0 { 0.0 } else { half.max(TRAILING_HALF) };
            let y = if k <= n { middle + half } else { middle - half };
            let (towards_nose, towards_suction) = (s.axis - x * s.chord, y * s.chord);
            // Positive twist turns the nose upwind (-x).
            let (st, ct) = (sin(s.twist), cos(s.twist));
            shape.push(v(
                -towards_nose * st + towards_suction * ct + s.prebend,
                s.span,
                towards_nose * ct + towards_suction * st,
            ));
        }
    }
    let rows = stations.len() as u32;
    for i in 0..rows - 1 {
        for k in 0..count {
            let next = (k + 1) % count;
            let (a, b) = (i * count, (i + 1) * count);
            shape.quad(a + k, b + k, b + next, a + next);
        }
    }
    // Root and tip: strips between the two sides.
    for (row, tip) in [(0, false), (rows - 1, true)] {
        let base = row * count;
        for k in 0..n {
            let (a, b) = (base + k, base + k + 1);
            let (c, d) = (base + count - 2 - k, base + count - 1 - k);
            if tip {
                shape.quad(a, d, c, b);
            } else {
                shape.quad(a, b, c, d);
            }
        }
    }
    shape.outward()
}
