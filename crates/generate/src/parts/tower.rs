//! Tower, its door, and the foundation.

use crate::math::{Place, lookup, v};
use crate::mesh::{block, bolts, drum, extrude, extrude_ring, fins, lathe, lathe_ring, pipe, rounded, tube};
use crate::scene::{Material, Part};
use crate::tables::Tables;

const SEGMENTS: u32 = 48;
const WALL: f64 = 0.035;

/// A steel tube after the table of outer diameters, with flanges where its sections meet.
pub fn tower(tables: &Tables) -> Part {
    let mut part = Part::new();
    let radius: Vec<(f64, f64)> = tables.tower.iter().map(|&(z, d)| (z, d / 2.0)).collect();
    let mut profile = radius.clone();
    // The inside has every kink of the outside: a section cut shows the wall, and a straight inside would leave it.
    profile.extend(radius.iter().rev().map(|&(z, r)| (z, r - WALL)));
    part.add(Material::WhitePaint, lathe_ring(&profile, SEGMENTS).placed(&Place::UPRIGHT));

    // Bolted joints show as a fine line.
    for joint in [21.61, 43.22, 64.82, 86.43] {
        let r = lookup(&radius, joint);
        let (low, high) = (joint - 0.05, joint + 0.05);
        let seam = lathe_ring(&[(low, r - 0.02), (joint, r + 0.02), (high, r - 0.02)], SEGMENTS);
        part.add(Material::WhitePaint, seam.placed(&Place::UPRIGHT));
    }
    let base = lookup(&radius, 0.0);
    part.add(Material::GreyPaint, tube(0.10, 0.22, base - 0.2, base + 0.14, 0.0, SEGMENTS).placed(&Place::UPRIGHT));
    part.add(Material::DarkSteel, bolts(36, base + 0.075, 0.22, 1.0, 0.065).placed(&Place::UPRIGHT));
    let top = lookup(&radius, 108.0);
    part.add(Material::GreyPaint, tube(107.86, 108.0, top - 0.25, top + 0.03, 0.0, SEGMENTS).placed(&Place::UPRIGHT));
    part.join(stairs(base));
    part
}

/// Landing and steps before the door.
fn stairs(base: f64) -> Part {
    let mut part = Part::new();
    let front = base + 1.35;
    let steel = Material::GreyPaint;
    part.add(steel, block(v(-0.75, 1.12, base - 0.15), v(0.75, 1.18, front), 0.01));
    for x in [-0.72, 0.72] {
        part.add(steel, block(v(x - 0.03, 0.1, front - 0.1), v(x + 0.03, 1.15, front - 0.04), 0.01));
        let top = 2.22;
        let rail = [v(x, 1.15, base + 0.1), v(x, top, base + 0.1), v(x, top, front - 0.03), v(x, 1.15, front - 0.03)];
        part.add(steel, pipe(&crate::mesh::bend(&rail, 0.15, 3), 0.022, 8));
        let knee = [v(x, 1.68, base + 0.1), v(x, 1.68, front - 0.03)];
        part.add(steel, pipe(&knee, 0.018, 8));
        // Stringer and rail of the flight of steps.
        let run = [v(x, 0.12, front + 1.25), v(x, 1.15, front - 0.02)];
        part.add(steel, pipe(&run, 0.04, 8));
        let hand = [v(x, 0.12, front + 1.25), v(x, 1.12, front + 1.22), v(x, top, front - 0.03)];
        part.add(steel, pipe(&crate::mesh::bend(&hand, 0.2, 2), 0.022, 8));
    }
    let tread = v(0.0, -0.196, 0.245);
    part.add(steel, fins(5, v(-0.70, 0.93, front + 0.03), v(0.70, 0.96, front + 0.28), tread, 0.0));
    part
}

/// An oval steel door in its frame.
pub fn door(tables: &Tables) -> Part {
    let mut part = Part::new();
    let r = tables.tower.first().map_or(0.0, |&(_, d)| d / 2.0);
    let outline = |w: f64, low: f64, high: f64, corner: f64| {
        rounded(&[(-w, low, corner), (w, low, corner), (w, high, corner), (-w, high, corner)], 6)
    };
    let frame =
        extrude_ring(&outline(0.60, 1.14, 3.52, 0.58), &outline(0.47, 1.27, 3.39, 0.45), r - 0.22, r + 0.06, 0.015);
    part.add(Material::GreyPaint, frame);
    part.add(Material::Cabinet, extrude(&outline(0.465, 1.275, 3.385, 0.445), r - 0.14, r + 0.0, 0.012));
    part.add(Material::DarkSteel, fins(7, v(-0.22, 2.70, r), v(0.22, 2.72, r + 0.012), v(0.0, 0.055, 0.0), 0.0));
    part.add(Material::MachinedSteel, pipe(&[v(0.36, 2.1, r + 0.05), v(0.36, 2.36, r + 0.05)], 0.014, 8));
    for y in [2.12, 2.34] {
        part.add(Material::MachinedSteel, block(v(0.347, y - 0.012, r - 0.005), v(0.373, y + 0.012, r + 0.05), 0.0));
    }
    for y in [1.75, 2.90] {
        let hinge = drum(-0.09, 0.09, 0.03, 0.006, 10).placed(&Place::UPRIGHT);
        part.add(Material::DarkSteel, hinge.moved(-0.5, y, r + 0.05));
    }
    part
}

/// A gravity foundation: a cone of concrete in the ground, and the pedestal that shows above it.
pub fn foundation() -> Part {
    let mut part = Part::new();
    let profile = [
        (-2.7, 9.55),
        (-2.65, 9.6),
        (-2.05, 9.6),
        (-2.0, 9.55),
        (-1.0, 4.1),
        (-0.92, 3.95),
        (0.07, 3.95),
        (0.12, 3.90),
    ];
    part.add(Material::Concrete, lathe(&profile, SEGMENTS).placed(&Place::UPRIGHT));
    part
}
