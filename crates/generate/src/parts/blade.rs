//! A rotor blade, lofted through the airfoils of the table.
//!
//! Frame: the root lies at the origin, the span runs along +y, the leading edge looks to +z at zero twist, the suction
//! side looks downwind (+x). That is a clockwise rotor seen from upwind.

use crate::math::{V3, cos, mix, sin, v};
use crate::mesh::Shape;
use crate::scene::{Material, Part};
use crate::tables::{Station, Tables};

/// Points on each side of a section, close together at the nose and the trailing edge.
const STEPS: u32 = 16;
/// The same for the hollow inside, which is only seen in a section.
const CAVITY_STEPS: u32 = 9;
/// Half of the least height of the trailing edge over the chord. A real one is a few millimetres high; a sharp one
/// would give faces without area.
const TRAILING_HALF: f64 = 0.0012;

/// The blade.
pub fn blade(tables: &Tables) -> Part {
    let mut part = Part::new();
    part.add(Material::Laminate, loft(tables).hollowed(cavity(tables)));
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

/// Points of a section: from the trailing edge over the suction side to the nose and back along the pressure side.
/// `outline` gives the heights of both sides over the chord at a station along it, which runs from 0 to 1.
fn ring(s: &Station, steps: u32, outline: impl Fn(f64) -> (f64, f64, f64)) -> impl Iterator<Item = V3> {
    let (st, ct) = (sin(s.twist), cos(s.twist));
    let points: Vec<V3> = (0..2 * steps + 1)
        .map(|k| {
            let from_nose = k.abs_diff(steps);
            let (x, up, low) = outline((1.0 - cos(180.0 * f64::from(from_nose) / f64::from(steps))) / 2.0);
            let y = if k <= steps { up } else { low };
            let (towards_nose, towards_suction) = (s.axis - x * s.chord, y * s.chord);
            // Positive twist turns the nose upwind (-x).
            let x = -towards_nose * st + towards_suction * ct + s.prebend;
            v(x, s.span, towards_nose * ct + towards_suction * st)
        })
        .collect();
    points.into_iter()
}

fn loft(tables: &Tables) -> Shape {
    let stations = stations(tables);
    let rows = stations.iter().map(|s| {
        ring(s, STEPS, |x| {
            let (up, low) = tables.section(s.thickness, x);
            let (middle, half) = (f64::midpoint(up, low), (up - low) / 2.0);
            let half = if x <= 0.0 { 0.0 } else { half.max(TRAILING_HALF) };
            (x, middle + half, middle - half)
        })
        .collect()
    });
    closed(&rows.collect::<Vec<Vec<V3>>>())
}

/// The hollow inside. The wall is thick at the root and thin at the tip; at the trailing edge and at
/// the tip the blade is solid, as the two skins are glued together there.
fn cavity(tables: &Tables) -> Shape {
    let tip = tables.blade.last().map_or(0.0, |s| s.span);
    let stations = stations(tables).into_iter().filter(|s| s.span > 0.0 && s.span < 0.96 * tip);
    let rows = stations.map(|s| {
        let wall = mix(0.030, 0.006, (s.span / tip * 3.0).min(1.0)) / s.chord;
        // Round sections are hollow as a whole, airfoils up to two thirds of the chord.
        let end = mix(0.96, 1.0 - wall, ((s.thickness - 0.5) / 0.5).clamp(0.0, 1.0));
        ring(&s, CAVITY_STEPS, move |t| {
            let x = mix(2.0 * wall, end, t);
            let (up, low) = tables.section(s.thickness, x);
            let (middle, half) = (f64::midpoint(up, low), (up - low) / 2.0);
            let half = if t <= 0.0 { 0.0 } else { (half - wall).max(0.4 * half) };
            (x, middle + half, middle - half)
        })
        .collect()
    });
    closed(&rows.collect::<Vec<Vec<V3>>>())
}

/// A body through sections of as many points each, closed at both ends by strips between the two sides.
fn closed(sections: &[Vec<V3>]) -> Shape {
    let mut shape = Shape::default();
    for section in sections {
        for &p in section {
            shape.push(p);
        }
    }
    let rows = sections.len() as u32;
    let count = sections.first().map_or(0, Vec::len) as u32;
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
        for k in 0..(count - 1) / 2 {
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
