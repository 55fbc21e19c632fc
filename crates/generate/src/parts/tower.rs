//! Tower and foundation: five sections with a doorway in the lowest, the flanges between them, door and steps.
//! What is inside the tower is in `climb`.

use super::{STEEL, climb, leaf};
use crate::math::{Place, V3, angle, cos, lookup, sin, v};
use crate::mesh::{
    End, Hole, Shape, block, bolts, drum, extrude, extrude_ring, fins, hole_border, lathe, lathe_ring, pipe, rounded,
    shell, tube,
};
use crate::scene::{Material, Meshes, Meta, Node, Part};
use crate::tables::Tables;

const SEGMENTS: usize = 64;
/// The table gives no wall; sheets of such towers are 10 to 60 mm thick.
const WALL: f64 = 0.035;
/// Where sections are bolted together: every second station of the table.
pub const JOINTS: [f64; 4] = [21.61, 43.22, 64.82, 86.43];
/// The doorway as half its width, its sill and its lintel; its corners are round.
const DOORWAY: (f64, f64, f64) = (0.50, 1.24, 3.42);

/// Inner radius of the tower at a height.
#[must_use]
pub fn inside(tables: &Tables, height: f64) -> f64 {
    lookup(&radii(tables), height) - WALL
}

fn radii(tables: &Tables) -> Vec<(f64, f64)> {
    tables.tower.iter().map(|&(z, d)| (z, d / 2.0)).collect()
}

/// The tower with all that stands still in it.
pub fn tower(tables: &Tables, m: &mut Meshes) -> Node {
    let base = lookup(&radii(tables), 0.0);
    let top = tables.tower.last().map_or((108.0, 1.5), |&(z, d)| (z, d / 2.0));
    let mut ends = Part::new();
    let up = Place::UPRIGHT;
    ends.add(Material::GreyPaint, tube(0.10, 0.22, base - 0.2, base + 0.14, 0.012, 64).placed(&up));
    ends.add(Material::DarkSteel, bolts(48, base + 0.075, 0.22, 1.0, 0.065).placed(&up));
    ends.add(Material::DarkSteel, bolts(48, base - 0.12, 0.22, 1.0, 0.065).placed(&up));
    ends.add(Material::GreyPaint, tube(top.0 - 0.14, top.0, top.1 - 0.25, top.1 + 0.03, 0.006, 64).placed(&up));

    let mut children = Vec::new();
    let mut bounds = vec![0.0];
    bounds.extend(JOINTS);
    bounds.push(top.0);
    for (n, pair) in (1..).zip(bounds.windows(2)) {
        let shape = section(tables, pair[0], pair[1]);
        let mut part = Part::new();
        part.add(Material::WhitePaint, shape);
        let node = leaf(
            m,
            &format!("TowerSection{n}"),
            &format!("tower_section_{n}"),
            &format!("Tower section {n}"),
            "structure",
            part,
        );
        children.push(node.with(Meta::by(STEEL)));
    }
    for (n, joint) in (1..).zip(JOINTS) {
        let node = leaf(
            m,
            &format!("TowerFlange{n}"),
            &format!("tower_flange_{n}"),
            &format!("Flange between tower sections {n} and {}", n + 1),
            "structure",
            flange(lookup(&radii(tables), joint)),
        );
        children.push(node.at(v(0.0, joint, 0.0)).with(Meta::by(STEEL)));
    }
    // The door swings about its hinges.
    let hinge = v(-0.5, 0.0, base + 0.05);
    children.push(
        leaf(m, "TowerDoor", "tower_door", "Tower door", "door", door(tables).moved(-hinge.x, 0.0, -hinge.z))
            .at(hinge)
            .with(Meta::by(STEEL)),
    );
    let mut frame = Part::new();
    frame.add(Material::GreyPaint, door_frame(base));
    children.push(
        leaf(m, "TowerDoorFrame", "tower_door_frame", "Frame of the tower door", "structure", frame)
            .with(Meta::by(STEEL)),
    );
    children.push(
        leaf(m, "TowerSteps", "tower_steps", "Steps to the tower door", "structure", steps(base)).with(Meta::by(STEEL)),
    );
    children.extend(climb::inside(tables, m));
    leaf(m, "Tower", "tower", "Tower", "structure", ends).with(Meta::by(STEEL)).holds(children)
}

/// A section between two heights, as a shell with every kink of the table on both sides.
fn section(tables: &Tables, low: f64, high: f64) -> Shape {
    let radii = radii(tables);
    let mut heights: Vec<f64> = vec![low, high];
    heights.extend(radii.iter().map(|&(z, _)| z).filter(|z| *z > low && *z < high));
    let has_door = low == 0.0;
    if has_door {
        heights.extend([0.9, 1.5, 2.05, 2.6, 3.2, 3.8]);
    }
    heights.sort_by(f64::total_cmp);
    let ring = |y: f64, r: f64| -> Vec<V3> {
        // Column 0 looks to +z, where the door is.
        (0..SEGMENTS).map(|k| 360.0 * k as f64 / SEGMENTS as f64).map(|a| v(r * sin(a), y, r * cos(a))).collect()
    };
    let skin = |wall: f64| -> Vec<Vec<V3>> { heights.iter().map(|&y| ring(y, lookup(&radii, y) - wall)).collect() };
    let (outer, inner) = (skin(0.0), skin(WALL));
    let mut holes = Vec::new();
    if has_door {
        let row = |y: f64| heights.iter().position(|h| (h - y).abs() < 1e-9).unwrap_or(0);
        let (rows, columns) = ((row(0.9), row(3.8)), (SEGMENTS - 3, SEGMENTS + 3));
        let (half, sill, lintel) = DOORWAY;
        let straight = (lintel - sill) / 2.0 - half;
        let edge = |skin: &[Vec<V3>], wall: f64| -> Vec<V3> {
            let points = hole_border(rows, columns).into_iter().map(|(i, j)| {
                let p = skin.get(i).and_then(|row| row.get(j % SEGMENTS)).copied().unwrap_or(v(0.0, 0.0, 0.0));
                // The doorway is a circle of its half width, drawn out by its straight flanks.
                let middle = f64::midpoint(sill, lintel);
                let a = angle((p.y - middle) / 1.45, p.x / 0.87);
                let y = middle + half * sin(a) + straight * sin(a).clamp(-0.7, 0.7) / 0.7;
                let x = half * cos(a);
                let r = lookup(&radii, y) - wall;
                v(x, y, (r * r - x * x).max(0.0).sqrt())
            });
            points.collect()
        };
        holes.push(Hole { rows, columns, outer: edge(&outer, 0.0), inner: edge(&inner, WALL) });
    }
    shell(&outer, &inner, End::Rim, End::Rim, &holes)
}

/// Two bolted rings inside a joint, and the fine line that it shows outside; the origin is the joint's middle.
fn flange(r: f64) -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    let inner = r - WALL;
    let seam = lathe_ring(&[(-0.05, r - 0.02), (0.0, r + 0.02), (0.05, r - 0.02)], 64);
    part.add(Material::WhitePaint, seam.placed(&up));
    for (y0, y1) in [(-0.11, -0.002), (0.002, 0.11)] {
        part.add(Material::WhitePaint, tube(y0, y1, inner - 0.17, inner + 0.01, 0.012, 64).placed(&up));
    }
    let count = (r * 16.0) as u32;
    part.add(Material::DarkSteel, bolts(count, inner - 0.09, 0.11, 1.0, 0.068).placed(&up));
    part.add(Material::DarkSteel, bolts(count, inner - 0.09, -0.11, -1.0, 0.068).placed(&up));
    part
}

/// Landing and steps before the door.
fn steps(base: f64) -> Part {
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
fn door(tables: &Tables) -> Part {
    let mut part = Part::new();
    let r = tables.tower.first().map_or(0.0, |&(_, d)| d / 2.0);
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

/// Outline of door and frame: a rectangle with round corners.
fn outline(w: f64, low: f64, high: f64, corner: f64) -> Vec<crate::mesh::P2> {
    rounded(&[(-w, low, corner), (w, low, corner), (w, high, corner), (-w, high, corner)], 8)
}

/// A stiff ring around the doorway, through the wall.
fn door_frame(r: f64) -> Shape {
    extrude_ring(&outline(0.60, 1.14, 3.52, 0.58), &outline(0.47, 1.27, 3.39, 0.45), r - 0.22, r + 0.06, 0.015)
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
    part.add(Material::Concrete, lathe(&profile, 64).placed(&Place::UPRIGHT));
    part
}
