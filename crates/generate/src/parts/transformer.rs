//! A dry transformer: a three-legged core, three cast coils, bus bars, and fans below.

use super::{ELECTRIC, leaf};
use crate::math::{Place, v};
use crate::mesh::{block, drum, hex_bolt, lathe_ring, pipe, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};

const SPACING: f64 = 0.84;
const COIL: f64 = 0.375;
const FOOT: f64 = 0.20;
const COIL_BASE: f64 = 0.58;
const COIL_TOP: f64 = 1.72;

/// The transformer; its coils stand in a row across the nacelle, its foot at y = 0.
pub fn transformer(m: &mut Meshes) -> Node {
    let mut winding = Part::new();
    coil(&mut winding, 0.0);
    let winding = m.keep("TransformerWinding", winding);
    let windings = (1..).zip([-1.0, 0.0, 1.0]).map(|(n, k)| {
        let (name, id) = (format!("TransformerWinding{n}"), format!("transformer_winding_{n}"));
        let node = Node::part(&name, &id, &format!("Winding {n} of the transformer"), "electrical");
        node.shows(winding).at(v(0.0, 0.0, SPACING * k)).with(Meta::by(ELECTRIC))
    });
    let windings = windings.collect();
    leaf(m, "Transformer", "transformer", "Transformer", "electrical", core()).with(Meta::by(ELECTRIC)).holds(windings)
}

/// Core, clamping frames, bus bars and fans.
fn core() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    // Core: stepped legs and yokes of sheet steel.
    let core = Material::DarkSteel;
    let reach = SPACING + 0.14;
    for (dx, dy) in [(0.13, 0.0), (0.10, 0.03)] {
        part.add(core, block(v(-dx, FOOT + 0.05 - dy, -reach), v(dx, FOOT + 0.28 + dy, reach), 0.006));
        part.add(core, block(v(-dx, 1.86 - dy, -reach), v(dx, 2.09 + dy, reach), 0.006));
    }
    for k in [-1.0, 0.0, 1.0] {
        let z = SPACING * k;
        part.add(core, block(v(-0.12, FOOT + 0.2, z - 0.12), v(0.12, 1.9, z + 0.12), 0.006));
    }
    // Clamping frames along the yokes.
    for s in [-1.0, 1.0] {
        for y in [FOOT + 0.08, 1.89] {
            let (a, b) = (s * 0.135, s * 0.175);
            part.add(Material::GreyPaint, block(v(a, y, -reach - 0.12), v(b, y + 0.17, reach + 0.12), 0.008));
            for z in [-1.05, -0.42, 0.42, 1.05] {
                let bolt = hex_bolt(0.05).placed(&Place::about_y(if s > 0.0 { 0.0 } else { 180.0 }));
                part.add(Material::MachinedSteel, bolt.moved(s * 0.175, y + 0.085, z));
            }
        }
        // Base rails on rubber.
        let z = s * 0.86;
        part.add(Material::GreyPaint, block(v(-0.45, 0.05, z - 0.06), v(0.45, FOOT + 0.07, z + 0.06), 0.012));
        for x in [-0.36, 0.36] {
            part.add(Material::Rubber, drum(0.0, 0.06, 0.08, 0.01, 18).placed(&up).moved(x, 0.0, z));
        }
        // Lifting eyes.
        part.add(
            core,
            tube(-0.015, 0.015, 0.03, 0.06, 0.006, 14).placed(&Place::about_y(90.0)).moved(0.0, 2.17, s * 0.5),
        );
    }
    bus_bars(&mut part);
    fans(&mut part);
    part
}

/// High-voltage winding in resin around the low-voltage winding, with spacer blocks above and below.
fn coil(part: &mut Part, z: f64) {
    let up = Place::UPRIGHT;
    let mut profile = Vec::new();
    let bands = 3;
    let height = (COIL_TOP - COIL_BASE) / f64::from(bands);
    for k in 0..bands {
        // Each disc of the winding shows as a band between grooves.
        let y = COIL_BASE + height * f64::from(k);
        profile.extend([(y + 0.006, COIL - 0.02), (y + 0.02, COIL), (y + height - 0.012, COIL)]);
    }
    profile.extend([(COIL_TOP - 0.004, 0.285), (COIL_BASE + 0.004, 0.285)]);
    part.add(Material::Resin, lathe_ring(&profile, 28).placed(&up).moved(0.0, 0.0, z));
    part.add(
        Material::Copper,
        tube(COIL_BASE - 0.05, COIL_TOP + 0.05, 0.185, 0.25, 0.01, 28).placed(&up).moved(0.0, 0.0, z),
    );
    for a in [45.0, 135.0, 225.0, 315.0] {
        let spacer = Place::about_y(a).moved(0.0, 0.0, z);
        for y in [COIL_BASE - 0.10, COIL_TOP] {
            part.add(Material::Cabinet, block(v(0.19, y, -0.05), v(0.36, y + 0.10, 0.05), 0.0).placed(&spacer));
        }
    }
    // Terminals on the front (towards -x): high voltage, and taps in the middle of the coil.
    let face = -COIL + 0.01;
    part.add(
        Material::Resin,
        block(v(face - 0.07, COIL_BASE + 0.10, z - 0.07), v(face + 0.03, COIL_TOP - 0.10, z + 0.07), 0.02),
    );
    for y in [COIL_BASE + 0.22, COIL_TOP - 0.22] {
        let stud = drum(face - 0.16, face - 0.06, 0.03, 0.006, 14).moved(0.0, y, z);
        part.add(Material::Resin, stud);
        part.add(Material::Copper, drum(face - 0.20, face - 0.155, 0.016, 0.003, 14).moved(0.0, y, z));
    }
    for k in 0..2 {
        let tap = drum(face - 0.085, face - 0.066, 0.014, 0.003, 12);
        part.add(Material::Copper, tap.moved(0.0, COIL_BASE + 0.45 + 0.20 * f64::from(k), z));
    }
}

/// Low-voltage bars along the rear, high-voltage delta along the front.
fn bus_bars(part: &mut Part) {
    let copper = Material::Copper;
    for k in [-1.0, 0.0, 1.0] {
        let z = SPACING * k;
        part.add(copper, block(v(0.20, COIL_TOP + 0.02, z - 0.05), v(0.43, COIL_TOP + 0.035, z + 0.05), 0.0));
        part.add(copper, block(v(0.41, COIL_TOP - 0.1, z - 0.05), v(0.425, 2.12 + 0.11 * k, z + 0.05), 0.0));
        part.add(
            copper,
            block(v(0.40, 2.06 + 0.11 * k, -SPACING - 0.25), v(0.412, 2.12 + 0.11 * k, SPACING * k + 0.05), 0.0),
        );
    }
    let x = -COIL - 0.175;
    for k in [-1.0, 0.0] {
        let (a, b) = (SPACING * k, SPACING * (k + 1.0));
        let line = [
            v(x, COIL_TOP - 0.22, a),
            v(x, COIL_TOP - 0.22, a + 0.16),
            v(x, COIL_BASE + 0.22, b - 0.16),
            v(x, COIL_BASE + 0.22, b),
        ];
        part.add(copper, pipe(&crate::mesh::bend(&line, 0.12, 2), 0.013, 10));
    }
}

/// Fans that blow up between the windings.
fn fans(part: &mut Part) {
    for s in [-1.0, 1.0] {
        for z in [-0.42, 0.42] {
            let body = drum(-0.27, 0.27, 0.075, 0.01, 20).placed(&Place::ACROSS);
            part.add(Material::GreyPaint, body.moved(s * 0.33, FOOT + 0.16, z));
            let (a, b) = (s * 0.28, s * 0.38);
            part.add(Material::DarkSteel, block(v(a, FOOT + 0.20, z - 0.24), v(b, FOOT + 0.26, z + 0.24), 0.006));
        }
    }
}
