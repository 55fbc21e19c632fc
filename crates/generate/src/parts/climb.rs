//! What is inside the tower: platforms with hatches, ladder, cables, lights, and the rooms at its base.
//!
//! A person can stand and walk on the lowest platform: its floor is a solid, and 1.9 m above it are free.

use super::cabinets::{self, Cabinet};
use super::tower::{JOINTS, inside as radius};
use super::{CONTROLS, ELECTRIC, STEEL, leaf};
use crate::math::{Place, V3, cos, sin, v};
use crate::mesh::{P2, Shape, bend, block, drum, extrude, hex_bolt, hose, pipe};
use crate::scene::{Material, Meshes, Meta, Node, Part};
use crate::tables::Tables;

/// Upper face of the platform behind the door, at its sill.
pub const BASE_FLOOR: f64 = 1.20;
/// Upper face of the platform below the nacelle.
pub const TOP_FLOOR: f64 = 105.8;
/// Thickness of a platform.
const PLATE: f64 = 0.012;
/// The ladder's middle lies so far from the wall, on the side of -x.
const LADDER: f64 = 0.30;
/// Half width of the ladder's opening in a platform, and how far it reaches from the wall.
const OPENING: (f64, f64) = (0.42, 1.05);

/// Heights of the platforms' upper faces: behind the door, below each flange, below the nacelle.
fn floors() -> Vec<f64> {
    let mut floors = vec![BASE_FLOOR];
    floors.extend(JOINTS.map(|joint| joint - 1.1));
    floors.push(TOP_FLOOR);
    floors
}

/// All of it, in the tower's frame.
pub fn inside(tables: &Tables, m: &mut Meshes) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (n, floor) in (1..).zip(floors()) {
        let r = radius(tables, floor);
        let light = leaf(
            m,
            &format!("TowerLight{n}"),
            &format!("tower_light_{n}"),
            &format!("Tower light {n}"),
            "light",
            lamp(),
        );
        let light = light.at(v(0.0, 2.45, -radius(tables, floor + 2.45) + 0.03)).with(Meta::by(ELECTRIC));
        let hatch = leaf(
            m,
            &format!("TowerHatch{n}"),
            &format!("tower_hatch_{n}"),
            &format!("Hatch in tower platform {n}"),
            "hatch",
            hatch(r),
        )
        .with(Meta::by(STEEL));
        let name = format!("TowerPlatform{n}");
        let id = format!("tower_platform_{n}");
        let label = format!("Tower platform {n}");
        // The light is left out on top, where the yaw bearing is above it.
        let mut on_it = vec![hatch];
        if floor < TOP_FLOOR {
            on_it.push(light);
        }
        nodes.push(
            leaf(m, &name, &id, &label, "structure", platform(r))
                .at(v(0.0, floor, 0.0))
                .with(Meta::by(STEEL))
                .holds(on_it),
        );
    }
    nodes.push(ladder(tables, m));
    nodes.push(
        leaf(m, "CableTray", "cable_tray", "Cable tray of the tower", "cable", tray(tables)).with(Meta::by(STEEL)),
    );
    nodes.push(
        leaf(m, "TowerCables", "tower_cables", "Power cables in the tower", "cable", tower_cables(tables))
            .with(Meta::by(ELECTRIC).of("aluminium")),
    );
    nodes.push(
        leaf(m, "CableLoop", "cable_loop", "Cable loop below the nacelle", "cable", cable_loop(tables))
            .with(Meta::by(ELECTRIC).of("copper")),
    );
    nodes.extend(base(m));
    nodes
}

/// A round floor with an opening at the wall for the ladder, on two beams; its upper face is y = 0.
fn platform(r: f64) -> Part {
    let mut part = Part::new();
    let edge = r - 0.06;
    let (half, reach) = OPENING;
    // Drawn in (x, z), clockwise from one side of the opening around to the other.
    let gap = libm::asin(half / edge).to_degrees();
    let count = 48;
    let mut outline: Vec<P2> = (0..=count)
        .map(|k| 180.0 - gap - (360.0 - 2.0 * gap) * f64::from(k) / f64::from(count))
        .map(|a| (edge * cos(a), edge * sin(a)))
        .collect();
    outline.extend([(-r + reach, -half), (-r + reach, half)]);
    let lying = Place::about_x(90.0);
    part.add(Material::Aluminium, extrude(&outline, 0.0, PLATE, 0.004).placed(&lying));
    for z in [-0.62, 0.62] {
        let end = (edge * edge - z * z).sqrt() - 0.02;
        part.add(Material::GreyPaint, block(v(-end, -0.2, z - 0.05), v(end, -PLATE + 0.004, z + 0.05), 0.01));
    }
    // A rail beside the opening.
    for z in [-half - 0.06, half + 0.06] {
        let x0 = -(edge * edge - z * z).sqrt() + 0.08;
        let path = [v(x0, -0.01, z), v(x0, 1.1, z), v(-r + reach + 0.04, 1.1, z), v(-r + reach + 0.04, -0.01, z)];
        part.add(Material::GreyPaint, pipe(&bend(&path, 0.10, 3), 0.02, 10));
    }
    part
}

/// The lid over the ladder's opening, which leaves the ladder itself free.
fn hatch(r: f64) -> Part {
    let mut part = Part::new();
    let (half, reach) = OPENING;
    let (x0, x1) = (-r + LADDER + 0.16, -r + reach - 0.012);
    part.add(Material::Aluminium, block(v(x0, -0.03, -half + 0.012), v(x1, 0.006, half - 0.012), 0.004));
    for z in [-0.28, 0.28] {
        let hinge = drum(-0.06, 0.06, 0.016, 0.003, 12).placed(&Place::ACROSS);
        part.add(Material::DarkSteel, hinge.moved(x1, 0.006, z));
    }
    let grip = [v(x0 + 0.08, 0.0, -0.07), v(x0 + 0.08, 0.04, -0.07), v(x0 + 0.08, 0.04, 0.07), v(x0 + 0.08, 0.0, 0.07)];
    part.add(Material::DarkSteel, pipe(&bend(&grip, 0.02, 2), 0.008, 8));
    part
}

/// A bulkhead lamp that looks to +z, fixed to the wall behind it.
pub fn lamp() -> Part {
    let mut part = Part::new();
    part.add(Material::Cabinet, block(v(-0.32, -0.05, 0.0), v(0.32, 0.05, 0.05), 0.012));
    part.add(Material::Lamp, block(v(-0.30, -0.036, 0.045), v(0.30, 0.036, 0.085), 0.012));
    part
}

/// Heights between which something along the wall is one straight piece.
fn stations(tables: &Tables, from: f64, to: f64) -> Vec<f64> {
    let mut heights = vec![from];
    heights.extend(tables.tower.iter().map(|&(z, _)| z).filter(|z| *z > from + 0.5 && *z < to - 0.5));
    heights.push(to);
    heights
}

/// Rails and rungs that follow the wall, in pieces so that the far ones can be left out.
fn ladder(tables: &Tables, m: &mut Meshes) -> Node {
    let stations = stations(tables, BASE_FLOOR + 0.05, TOP_FLOOR + 1.2);
    let at = |y: f64| -(radius(tables, y) - LADDER);
    let mut pieces = Vec::new();
    for (k, pair) in (1..).zip(stations.windows(2)) {
        let (low, high) = (pair[0], pair[1]);
        let mut part = Part::new();
        for z in [-0.21, 0.21] {
            let rail = pipe(&[v(at(low), low, z), v(at(high), high, z)], 0.021, 8);
            part.add(Material::Aluminium, rail);
        }
        part.add(
            Material::MachinedSteel,
            pipe(&[v(at(low) + 0.03, low, 0.0), v(at(high) + 0.03, high, 0.0)], 0.016, 6),
        );
        let count = ((high - low) / 0.28) as u32;
        for k in 0..count {
            let y = low + 0.28 * (f64::from(k) + 0.5);
            part.add(
                Material::Aluminium,
                block(v(at(y) - 0.014, y - 0.012, -0.21), v(at(y) + 0.014, y + 0.012, 0.21), 0.0),
            );
        }
        for k in 0..4 {
            let y = low + (high - low) * (f64::from(k) + 0.5) / 4.0;
            for z in [-0.21, 0.21] {
                let wall = -radius(tables, y) - 0.01;
                part.add(Material::DarkSteel, block(v(wall, y - 0.02, z - 0.012), v(at(y), y + 0.02, z + 0.012), 0.0));
            }
        }
        let name = format!("TowerLadderPiece{k}");
        let mesh = m.keep(&name, part);
        pieces.push(Node::group(&name, &format!("Piece {k} of the tower ladder"), "ladder").shows(mesh));
    }
    Node::part("TowerLadder", "tower_ladder", "Tower ladder", "ladder").with(Meta::by(STEEL)).holds(pieces)
}

/// Where the cable tray stands, as a direction from the axis: seen from the door at the right.
const TRAY: f64 = 20.0;

/// A point beside the tray: `off` from the wall, `side` along it.
fn by_tray(tables: &Tables, y: f64, off: f64, side: f64) -> V3 {
    let r = radius(tables, y) - off;
    v(r * cos(TRAY) - side * sin(TRAY), y, r * sin(TRAY) + side * cos(TRAY))
}

fn tray(tables: &Tables) -> Part {
    let mut part = Part::new();
    let stations = stations(tables, 1.6, 104.4);
    for side in [-0.26, 0.26] {
        let path: Vec<V3> = stations.iter().map(|&y| by_tray(tables, y, 0.16, side)).collect();
        part.add(Material::GreyPaint, pipe(&path, 0.022, 6));
    }
    for k in 0..103 {
        let y = 2.0 + f64::from(k);
        let rung = block(v(-0.012, -0.008, -0.26), v(0.012, 0.008, 0.26), 0.0).placed(&Place::about_y(-TRAY));
        let p = by_tray(tables, y, 0.16, 0.0);
        part.add(Material::GreyPaint, rung.moved(p.x, p.y, p.z));
    }
    part
}

/// Six power cables on the tray.
fn tower_cables(tables: &Tables) -> Part {
    let mut part = Part::new();
    // Down through the floor.
    let stations = stations(tables, 0.9, 104.6);
    for k in 0..6 {
        let side = -0.2 + 0.08 * f64::from(k);
        // From the nacelle down: the direction in which the power flows.
        let path: Vec<V3> = stations.iter().rev().map(|&y| by_tray(tables, y, 0.21, side)).collect();
        part.add(Material::Rubber, hose(&path, 0.028, 8));
    }
    part
}

/// Where cables hang free, so that the nacelle can yaw a few turns, and go over a saddle to the tray.
fn cable_loop(tables: &Tables) -> Part {
    let mut part = Part::new();
    for k in 0..6 {
        let a = 60.0 * f64::from(k);
        let (dx, dz) = (0.07 * cos(a), 0.07 * sin(a));
        let end = by_tray(tables, 104.55, 0.21, -0.2 + 0.08 * f64::from(k));
        let mid = |t: f64, y: f64| v(dx + (end.x - dx) * t, y, dz + (end.z - dz) * t);
        let path = [
            v(dx, 107.75, dz),
            v(dx, 102.2, dz),
            mid(0.12, 101.1),
            mid(0.55, 101.1),
            mid(0.72, 102.2),
            mid(0.80, 104.9),
            end,
        ];
        part.add(Material::Rubber, hose(&bend(&path, 0.8, 4), 0.028, 8));
    }
    // A spacer keeps the bundle together.
    for y in [103.2, 104.6, 106.9] {
        part.add(Material::DarkSteel, drum(y, y + 0.05, 0.125, 0.01, 20).placed(&Place::UPRIGHT));
    }
    part
}

/// Switchgear and control on the lowest platform.
fn base(m: &mut Meshes) -> Vec<Node> {
    let mut nodes = Vec::new();
    let cell = Cabinet { width: 0.72, height: 2.05, depth: 0.78 };
    let mut gear = cell.part();
    cell.louvre(&mut gear, 0.24, 5);
    // Mimic panel, handle and a viewing window.
    gear.add(Material::Rubber, block(v(-0.2, 1.50, 0.41), v(0.2, 1.82, 0.424), 0.0));
    gear.add(Material::DarkSteel, drum(0.0, 0.05, 0.05, 0.008, 18).placed(&Place::ACROSS).moved(-0.1, 1.25, 0.41));
    gear.add(Material::MachinedSteel, block(v(-0.115, 1.17, 0.455), v(-0.085, 1.33, 0.475), 0.005));
    let mesh = m.keep("Switchgear", gear);
    for (n, x) in (1..).zip([-0.73, 0.0, 0.73]) {
        nodes.push(
            Node::part(
                &format!("Switchgear{n}"),
                &format!("switchgear_{n}"),
                &format!("Switchgear cell {n}"),
                "electrical",
            )
            .shows(mesh)
            .at(v(x, BASE_FLOOR, -2.18))
            .with(Meta::by(ELECTRIC)),
        );
    }
    let control = cabinets::control();
    let node = leaf(m, "TowerCabinet", "tower_cabinet", "Control cabinet at the tower base", "electrical", control);
    let turn = crate::math::quaternion(v(0.0, 1.0, 0.0), -90.0);
    nodes.push(node.at(v(2.40, BASE_FLOOR, -0.55)).turned(turn).with(Meta::by(CONTROLS)));
    let mut earth = Part::new();
    // The earthing bar along the wall beside the door, with its clamps.
    earth.add(Material::Copper, bar(2.86, 0.02, 55.0, 75.0));
    for a in [57.0, 62.0, 68.0, 73.0] {
        let bolt = hex_bolt(0.03).placed(&Place::about_y(180.0 - a));
        earth.add(Material::DarkSteel, bolt.moved(2.85 * cos(a), BASE_FLOOR + 0.5, 2.85 * sin(a)));
    }
    nodes.push(leaf(m, "EarthBar", "earth_bar", "Earthing bar", "electrical", earth).with(Meta::by(ELECTRIC)));
    nodes
}

/// A flat bar that follows the wall between two directions.
fn bar(r: f64, thick: f64, from: f64, to: f64) -> Shape {
    let steps = 8;
    let arc = |r: f64| {
        (0..=steps)
            .map(move |k| from + (to - from) * f64::from(k) / f64::from(steps))
            .map(move |a| (r * cos(a), r * sin(a)))
    };
    let mut outline: Vec<P2> = arc(r).collect();
    let back: Vec<P2> = arc(r + thick).collect();
    outline.extend(back.into_iter().rev());
    extrude(&outline, -BASE_FLOOR - 0.54, -BASE_FLOOR - 0.46, 0.0).placed(&Place::about_x(90.0))
}
