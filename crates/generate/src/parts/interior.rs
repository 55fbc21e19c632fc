//! What makes the nacelle a room: floor, hatch and ladder to the tower, handrails, lights, cable tray, service crane.
//!
//! The walkway runs from the hatch between the main bearings and the gearbox to the side, along the drivetrain to the
//! rear, across behind the generator, and forward again between generator and cabinets. It is 0.6 m wide or more, its
//! floor is a solid, and above it 1.9 m are free.

use super::bedplate::BEAMS;
use super::climb::lamp;
use super::layout::FLOOR;
use super::{ELECTRIC, STEEL, leaf};
use crate::math::{Place, V3, quaternion, v};
use crate::mesh::{bend, block, drum, hose, pipe, sheet_box, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// The hatch's opening: middle and half sizes in x and z.
const HATCH: (f64, f64, f64, f64) = (-0.30, 0.86, 0.27, 0.28);
/// Floor plates end here on the side, before the shell.
const SIDE: f64 = 2.30;

/// All of it, in the nacelle's frame.
pub fn inside(m: &mut Meshes) -> Vec<Node> {
    let mut nodes = vec![
        leaf(m, "NacelleFloor", "nacelle_floor", "Floor of the nacelle", "structure", floor()).with(Meta::by(STEEL)),
        leaf(m, "DripTray", "drip_tray", "Drip trays below gearbox and generator", "structure", drip_tray())
            .with(Meta::by(STEEL)),
        leaf(m, "NacelleHatch", "nacelle_hatch", "Hatch to the tower", "hatch", hatch())
            .at(v(HATCH.0 - HATCH.2, FLOOR, HATCH.1))
            .with(Meta::by(STEEL)),
        leaf(m, "NacelleLadder", "nacelle_ladder", "Ladder from tower to nacelle", "ladder", ladder())
            .with(Meta::by(STEEL)),
        leaf(m, "NacelleHandrails", "nacelle_handrails", "Handrails in the nacelle", "structure", handrails())
            .with(Meta::by(STEEL)),
        leaf(m, "NacelleCableTray", "nacelle_cable_tray", "Cable tray of the nacelle", "cable", tray())
            .with(Meta::by(STEEL)),
        leaf(m, "PowerCables", "power_cables", "Power cables, generator to converter", "cable", power_cables())
            .with(Meta::by(ELECTRIC).of("copper")),
    ];
    let light = m.keep("NacelleLight", lamp());
    let sides = [(-1.5, 1.0), (1.0, 1.0), (3.5, 1.0), (6.0, 1.0), (3.5, -1.0), (6.0, -1.0)];
    for (n, (x, s)) in (1..).zip(sides) {
        // On the wall, looking to the middle: +z is the lamp's front.
        let turn = if s > 0.0 { quaternion(v(0.0, 1.0, 0.0), 180.0) } else { [0.0, 0.0, 0.0, 1.0] };
        let node = Node::part(
            &format!("NacelleLight{n}"),
            &format!("nacelle_light_{n}"),
            &format!("Nacelle light {n}"),
            "light",
        );
        nodes.push(node.shows(light).at(v(x, 2.90, s * 2.31)).turned(turn).with(Meta::by(ELECTRIC)));
    }
    nodes.push(crane(m));
    nodes
}

/// Hollow plates on the frame, with joints between them.
fn floor() -> Part {
    let mut part = Part::new();
    let mut plates = |x0: f64, x1: f64, z0: f64, z1: f64| {
        let count = ((x1 - x0) / 1.25).ceil().max(1.0);
        let step = (x1 - x0) / count;
        for k in 0..count as u32 {
            let a = x0 + step * f64::from(k);
            part.add(
                Material::Aluminium,
                sheet_box(v(a + 0.003, BEAMS, z0), v(a + step - 0.003, FLOOR, z1), 0.004, 0.005),
            );
        }
    };
    let (hx, hz, wx, wz) = HATCH;
    // Along the side.
    plates(-2.60, 8.50, 1.665, SIDE);
    // From the hatch to the side, around its opening.
    let (x0, x1) = (-0.60, 0.03);
    plates(x0, x1, hz + wz, 1.66);
    plates(x0, x1, 0.30, hz - wz);
    plates(x0, hx - wx, hz - wz + 0.002, hz + wz - 0.002);
    plates(hx + wx, x1, hz - wz + 0.002, hz + wz - 0.002);
    // Between generator and cabinets, behind the generator, around the transformer, and below the lubrication unit.
    plates(2.62, 7.06, -2.24, -0.22);
    plates(6.32, 7.06, -0.215, 1.66);
    plates(7.065, 8.50, -2.24, 1.66);
    // The landing of the lubrication unit lies a little lower.
    part.add(Material::GreyPaint, block(v(1.25, 0.36, -2.24), v(2.612, 0.42, -1.25), 0.01));
    // Kick plates beside the walkway.
    for (a, b) in [(-2.6, -0.66), (0.09, 4.42), (5.46, 6.26)] {
        part.add(Material::GreyPaint, block(v(a, FLOOR - 0.01, 1.668), v(b, FLOOR + 0.10, 1.676), 0.0));
    }
    part
}

/// Sheet trays below the beams that catch oil and grease.
fn drip_tray() -> Part {
    let mut part = Part::new();
    let steel = Material::Cabinet;
    for (x0, x1) in [(2.06, 4.02), (4.06, 6.30)] {
        let (z, y) = (1.14, 0.13);
        part.add(steel, block(v(x0, y, -z), v(x1, y + 0.004, z), 0.0));
        for s in [-1.0, 1.0] {
            let (a, b) = (s * (z - 0.004), s * z);
            part.add(steel, block(v(x0, y, a), v(x1, y + 0.07, b), 0.0));
        }
        for x in [x0, x1 - 0.004] {
            part.add(steel, block(v(x, y, -z + 0.004), v(x + 0.004, y + 0.07, z - 0.004), 0.0));
        }
        for (x, s) in [(x0 + 0.3, -1.0), (x1 - 0.3, -1.0), (x0 + 0.3, 1.0), (x1 - 0.3, 1.0)] {
            let z = s * (z - 0.02);
            part.add(Material::DarkSteel, pipe(&[v(x, y, z), v(x, 0.40, z)], 0.006, 8));
        }
    }
    part
}

/// The lid with its hinges; the origin is on the hinges' axis.
fn hatch() -> Part {
    let mut part = Part::new();
    let (_, _, wx, wz) = HATCH;
    part.add(Material::Aluminium, block(v(0.006, -0.03, -wz + 0.006), v(2.0 * wx - 0.006, 0.004, wz - 0.006), 0.006));
    for z in [-0.17, 0.17] {
        let hinge = drum(-0.05, 0.05, 0.014, 0.003, 12).placed(&Place::ACROSS);
        part.add(Material::DarkSteel, hinge.moved(0.0, 0.002, z));
    }
    let x = 2.0 * wx - 0.08;
    let grip = [v(x, 0.0, -0.07), v(x, 0.04, -0.07), v(x, 0.04, 0.07), v(x, 0.0, 0.07)];
    part.add(Material::DarkSteel, pipe(&bend(&grip, 0.02, 2), 0.008, 8));
    part
}

/// Down from the hatch to the tower's highest platform; it turns with the nacelle.
fn ladder() -> Part {
    let mut part = Part::new();
    let (hx, hz, wx, _) = HATCH;
    let x = hx - wx + 0.07;
    let (low, high) = (super::climb::TOP_FLOOR - 108.0 + 0.12, FLOOR - 0.06);
    for z in [hz - 0.16, hz + 0.16] {
        part.add(Material::Aluminium, pipe(&[v(x, low, z), v(x, high, z)], 0.021, 10));
    }
    let count = ((high - low) / 0.28) as u32;
    for k in 0..count {
        let y = low + 0.28 * (f64::from(k) + 0.5);
        part.add(
            Material::Aluminium,
            block(v(x - 0.014, y - 0.012, hz - 0.16), v(x + 0.014, y + 0.012, hz + 0.16), 0.0),
        );
    }
    part
}

/// A rail with a knee rail and posts along a path on the floor.
fn rail(part: &mut Part, path: &[V3]) {
    let at = |h: f64| -> Vec<V3> { path.iter().map(|p| v(p.x, FLOOR + h, p.z)).collect() };
    let (first, last) = (path.first().copied(), path.last().copied());
    let mut top = at(1.05);
    // Down to the floor at both ends.
    if let (Some(a), Some(b)) = (first, last) {
        top.insert(0, v(a.x, FLOOR - 0.01, a.z));
        top.push(v(b.x, FLOOR - 0.01, b.z));
    }
    part.add(Material::GreyPaint, pipe(&bend(&top, 0.12, 3), 0.021, 8));
    part.add(Material::GreyPaint, pipe(&at(0.55), 0.016, 8));
    for pair in path.windows(2) {
        let length = (pair[1] - pair[0]).length();
        let count = (length / 1.1).ceil() as u32;
        for k in 1..count {
            let p = pair[0].lerp(pair[1], f64::from(k) / f64::from(count));
            part.add(Material::GreyPaint, pipe(&[v(p.x, FLOOR - 0.01, p.z), v(p.x, FLOOR + 1.05, p.z)], 0.018, 8));
        }
    }
}

fn handrails() -> Part {
    let mut part = Part::new();
    let p = |x: f64, z: f64| v(x, FLOOR, z);
    rail(&mut part, &[p(-2.55, 2.22), p(-2.55, 1.668), p(-0.72, 1.668)]);
    rail(&mut part, &[p(0.14, 1.668), p(4.36, 1.668)]);
    rail(&mut part, &[p(5.52, 1.668), p(6.24, 1.668)]);
    rail(&mut part, &[p(2.75, -0.42), p(3.72, -0.28), p(6.22, -0.28)]);
    part
}

/// Tray below the roof along the middle, with a drop to the generator.
fn tray() -> Part {
    let mut part = Part::new();
    let (y, z) = (3.02, -1.1);
    for s in [-0.2, 0.2] {
        part.add(Material::GreyPaint, block(v(-0.3, y, z + s - 0.004), v(6.9, y + 0.06, z + s + 0.004), 0.0));
    }
    for k in 0..25 {
        let x = -0.2 + 0.29 * f64::from(k);
        part.add(Material::GreyPaint, block(v(x, y, z - 0.2), v(x + 0.03, y + 0.012, z + 0.2), 0.0));
    }
    for k in 0..6 {
        let x = 0.3 + 1.25 * f64::from(k);
        for s in [-0.23, 0.23] {
            part.add(Material::DarkSteel, pipe(&[v(x, y - 0.03, z + s), v(x, 3.41, z + s)], 0.008, 6));
        }
        part.add(Material::DarkSteel, block(v(x - 0.015, y - 0.035, z - 0.24), v(x + 0.015, y - 0.005, z + 0.24), 0.0));
    }
    // Thin cables lie in it.
    for k in 0..5 {
        let s = -0.14 + 0.07 * f64::from(k);
        let path = [v(6.75, y + 0.03, z + s), v(-0.2, y + 0.03, z + s)];
        part.add(Material::Rubber, hose(&path, 0.013, 8));
    }
    part
}

/// Six cables from the generator's terminal box below the floor to the converter.
fn power_cables() -> Part {
    let mut part = Part::new();
    for k in 0..6 {
        let d = 0.11 * f64::from(k);
        let x = 4.64 + 0.12 * f64::from(k);
        let path = [
            v(x, 0.62, 1.48),
            v(x, 0.36, 1.40),
            v(x, 0.30, 0.95),
            v(4.62 + d, 0.27, 0.2),
            v(4.62 + d, 0.27, -1.55),
            v(4.62 + d, 0.42, -1.80),
            v(4.62 + d, 0.62, -1.80),
        ];
        part.add(Material::Rubber, hose(&bend(&path, 0.14, 3), 0.026, 8));
    }
    part
}

/// A rail under the roof with a trolley and a chain hoist.
fn crane(m: &mut Meshes) -> Node {
    let mut beam = Part::new();
    let y = 3.17;
    for (dy, w) in [(0.0, 0.075), (0.16, 0.075)] {
        beam.add(Material::GreyPaint, block(v(-1.9, y + dy, -w), v(6.0, y + dy + 0.014, w), 0.004));
    }
    beam.add(Material::GreyPaint, block(v(-1.9, y + 0.01, -0.006), v(6.0, y + 0.165, 0.006), 0.0));
    for x in [-1.7, 0.8, 3.3, 5.8] {
        beam.add(Material::GreyPaint, block(v(x - 0.05, y + 0.17, -0.12), v(x + 0.05, 3.41, 0.12), 0.01));
    }
    for x in [-1.9, 5.97] {
        beam.add(Material::Rubber, block(v(x, y + 0.02, -0.05), v(x + 0.03, y + 0.14, 0.05), 0.008));
    }
    let mut hoist = Part::new();
    // Wheels on the lower flange, side plates, the hoist's body, chain and hook; the origin is below the beam.
    for s in [-1.0, 1.0] {
        for x in [-0.11, 0.11] {
            let wheel = drum(s * 0.028, s * 0.062, 0.045, 0.004, 18).placed(&Place::ACROSS);
            hoist.add(Material::MachinedSteel, wheel.moved(x, 0.062, 0.0));
        }
        hoist.add(Material::DarkSteel, block(v(-0.19, -0.12, s * 0.085), v(0.19, 0.12, s * 0.10), 0.006));
    }
    hoist.add(Material::DarkSteel, drum(-0.10, 0.10, 0.018, 0.003, 12).placed(&Place::ACROSS).moved(0.0, -0.085, 0.0));
    hoist.add(Material::Cabinet, drum(-0.26, 0.20, 0.115, 0.02, 28).moved(0.0, -0.235, 0.0));
    hoist.add(Material::DarkSteel, drum(0.195, 0.30, 0.09, 0.012, 24).moved(0.0, -0.235, 0.0));
    hoist.add(Material::Cabinet, block(v(-0.13, -0.40, -0.06), v(0.03, -0.31, 0.06), 0.01));
    hoist.add(Material::MachinedSteel, pipe(&[v(-0.05, -0.38, 0.0), v(-0.05, -0.62, 0.0)], 0.009, 8));
    hoist.add(Material::DarkSteel, drum(-0.70, -0.60, 0.04, 0.01, 18).placed(&Place::UPRIGHT).moved(-0.05, 0.0, 0.0));
    let hook = [
        v(-0.05, -0.69, 0.0),
        v(-0.05, -0.74, 0.0),
        v(0.0, -0.79, 0.0),
        v(-0.03, -0.86, 0.0),
        v(-0.10, -0.86, 0.0),
        v(-0.125, -0.80, 0.0),
    ];
    hoist.add(Material::DarkSteel, pipe(&bend(&hook, 0.03, 3), 0.014, 10));
    // A lifting eye for the beam's end.
    hoist.add(Material::DarkSteel, tube(-0.01, 0.01, 0.014, 0.026, 0.003, 14).moved(0.15, -0.10, 0.0));
    let hoist = leaf(m, "CraneHoist", "crane_hoist", "Hoist of the service crane", "crane", hoist)
        .at(v(2.75, y - 0.02, 0.0))
        .with(Meta::by(STEEL));
    leaf(m, "ServiceCrane", "service_crane", "Service crane", "crane", beam).with(Meta::by(STEEL)).holds(vec![hoist])
}
