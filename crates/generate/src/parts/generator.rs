//! The generator: a doubly fed machine with a finned frame, an air cooler on top, and its slip rings behind.

use super::{BEARINGS, ELECTRIC, leaf};
use crate::math::{Place, v};
use crate::mesh::{block, block_at, bolts, drum, fins, hex_bolt, lathe, lathe_ring, sheet_box, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};
use crate::tables::Tables;

/// Frame outside over the air gap: stator slots and yoke (0.08 m + 0.02 m) and the frame's wall.
const OVER_GAP: f64 = 0.17;
/// The middle part with the stator, half its length.
const BODY: f64 = 0.70;
/// Height of the feet's soles below the axis.
pub const SOLE: f64 = -0.86;

/// The generator with all that is in it and on it; the origin is its middle. `bearing` is where its bearings are.
pub fn generator(tables: &Tables, bearing: f64, m: &mut Meshes) -> Node {
    let x = v(1.0, 0.0, 0.0);
    let r = tables.air_gap_radius + OVER_GAP;
    let half = tables.generator_length / 2.0;
    let cartridge = m.keep("GeneratorBearing", super::bearing::generator());
    let [mut top, mut terminals, mut rings] = [Part::new(), Part::new(), Part::new()];
    cooler(&mut top, r);
    terminal_box(&mut terminals, r);
    slip_rings(&mut rings, half);
    let by = |node: Node| node.with(Meta::by(ELECTRIC));
    let fan = by(leaf(m, "GeneratorFan", "generator_fan", "Generator fan", "cooling", fan()));
    let children = vec![
        by(leaf(m, "GeneratorStator", "generator_stator", "Stator", "electrical", stator(tables))),
        by(leaf(m, "GeneratorRotor", "generator_rotor", "Generator rotor", "electrical", rotor(tables)))
            .turns_about(x)
            .holds(vec![fan]),
        Node::part("GeneratorBearingDE", "generator_bearing_de", "Generator bearing, drive end", "bearing")
            .shows(cartridge)
            .at(x * -bearing)
            .with(Meta::by(BEARINGS)),
        Node::part("GeneratorBearingNDE", "generator_bearing_nde", "Generator bearing, non-drive end", "bearing")
            .shows(cartridge)
            .at(x * bearing)
            .turned([0.0, 1.0, 0.0, 0.0])
            .with(Meta::by(BEARINGS)),
        by(leaf(m, "GeneratorCooler", "generator_cooler", "Air cooler of the generator", "cooling", top)),
        by(leaf(
            m,
            "GeneratorTerminals",
            "generator_terminals",
            "Terminal box of the generator",
            "electrical",
            terminals,
        )),
        by(leaf(m, "GeneratorSlipRings", "generator_slip_rings", "Slip rings of the generator", "electrical", rings)),
    ];
    by(leaf(m, "Generator", "generator", "Generator", "electrical", frame(tables))).holds(children)
}

/// Finned frame, end bells, feet.
fn frame(tables: &Tables) -> Part {
    let mut part = Part::new();
    let r = tables.air_gap_radius + OVER_GAP;
    let paint = Material::Cabinet;
    let half = tables.generator_length / 2.0;

    part.add(paint, tube(-BODY, BODY, r - 0.06, r, 0.01, 52));
    for s in [-1.0, 1.0] {
        let (a, b) = (s * (BODY - 0.01), s * (BODY + 0.05));
        part.add(paint, tube(a, b, r - 0.08, r + 0.05, 0.012, 52));
        part.add(Material::DarkSteel, bolts(20, r + 0.018, s * (BODY - 0.01), -s, 0.03));
    }
    // Cooling fins along the frame, left out where boxes and feet are.
    for k in 0..60 {
        let a = 6.0 * f64::from(k);
        // Terminal box, foot, foot, cooler: as angles from the top towards +z.
        let boxes = [(55.0..110.0), (118.0..152.0), (208.0..242.0), (325.0..360.0), (0.0..36.0)];
        let boxes = boxes.iter().any(|taken| taken.contains(&a));
        if !boxes {
            let fin = block(v(-BODY + 0.06, r - 0.01, -0.007), v(BODY - 0.06, r + 0.055, 0.007), 0.0);
            part.add(paint, fin.placed(&Place::about_x(a)));
        }
    }
    for s in [-1.0, 1.0] {
        bell(&mut part, r, half, s);
    }
    feet(&mut part);
    part
}

/// Stator core, winding heads, and the leads between them.
fn stator(tables: &Tables) -> Part {
    let mut part = Part::new();
    let gap = tables.air_gap_radius;
    part.add(Material::DarkSteel, tube(-0.45, 0.45, gap + 0.004, gap + 0.10, 0.004, 64));
    // Pressure rings at both ends of the core, and the heads of the coils, one beside the other.
    for s in [-1.0, 1.0] {
        part.add(Material::GreyPaint, tube(s * 0.448, s * 0.475, gap + 0.055, gap + 0.105, 0.005, 64));
        part.add(Material::Copper, tube(s * 0.470, s * 0.555, gap + 0.016, gap + 0.05, 0.0, 64));
        for k in 0..60 {
            let coil = block(v(s * 0.46, gap + 0.010, -0.016), v(s * 0.62, gap + 0.075, 0.016), 0.0);
            // Coil heads lean.
            let lean = Place::shift(0.0, -gap, 0.0).then(&Place::about_y(s * 14.0)).moved(0.0, gap, 0.0);
            part.add(Material::Copper, coil.placed(&lean).placed(&Place::about_x(6.0 * f64::from(k))));
        }
    }
    part
}

/// Slip ring housing behind the non-drive end.
fn slip_rings(part: &mut Part, half: f64) {
    let paint = Material::Cabinet;
    part.add(paint, lathe(&[(half + 0.06, 0.20), (half + 0.07, 0.27), (half + 0.32, 0.27), (half + 0.36, 0.24)], 36));
    part.add(
        Material::DarkSteel,
        fins(5, v(half + 0.10, 0.10, 0.225), v(half + 0.30, 0.115, 0.272), v(0.0, -0.045, 0.0), 0.0),
    );
}

/// An end bell: domed, ribbed, its middle open for the bearing's cartridge.
fn bell(part: &mut Part, r: f64, half: f64, s: f64) {
    let paint = Material::Cabinet;
    let x = |d: f64| s * d;
    let profile: Vec<(f64, f64)> = [
        (BODY + 0.045, r + 0.045),
        (BODY + 0.10, r + 0.045),
        (BODY + 0.115, r - 0.01),
        (BODY + 0.17, r - 0.05),
        (BODY + 0.21, r - 0.14),
        (half - 0.05, 0.39),
        (half - 0.05, 0.20),
        (half - 0.09, 0.20),
        (half - 0.10, 0.40),
        (BODY + 0.16, r - 0.16),
        (BODY + 0.045, r - 0.07),
    ]
    .into_iter()
    .map(|(d, radius)| (x(d), radius))
    .collect();
    part.add(paint, lathe_ring(&profile, 40));
    for k in 0..10 {
        let a = 36.0 * f64::from(k) + 18.0;
        let (from, to) = (x(BODY + 0.17), x(half - 0.025));
        let rib = block(v(from, 0.37, -0.012), v(to, r - 0.12, 0.012), 0.006);
        part.add(paint, rib.placed(&Place::about_x(a)));
        // Air slots between the ribs.
        for d in [-0.042, 0.042] {
            let slot = block_at(v(x(BODY + 0.105), r + 0.045, d), v(0.035, 0.002, 0.022), 0.003);
            part.add(Material::Rubber, slot.placed(&Place::about_x(a)));
        }
    }
}

fn feet(part: &mut Part) {
    for z in [-1.0, 1.0] {
        for x in [-0.50, 0.50] {
            let (a, b) = (z * 0.36, z * 0.80);
            part.add(Material::Cabinet, block(v(x - 0.17, SOLE, a), v(x + 0.17, SOLE + 0.07, b), 0.012));
            for dx in [-0.12, 0.12] {
                let (a, b) = (z * 0.42, z * 0.72);
                let web = block(v(x + dx - 0.02, SOLE + 0.05, a), v(x + dx + 0.02, -0.34, b), 0.008);
                part.add(Material::Cabinet, web);
            }
            let bolt = hex_bolt(0.08).placed(&Place::UPRIGHT).moved(x, SOLE + 0.07, z * 0.72);
            part.add(Material::DarkSteel, bolt);
        }
    }
}

/// Terminal box on the +z side with its cables.
fn terminal_box(part: &mut Part, r: f64) {
    let (z0, z1) = (r - 0.08, r + 0.24);
    part.add(Material::Cabinet, sheet_box(v(-0.40, -0.26, z0), v(0.40, 0.36, z1), 0.025, 0.005));
    part.add(Material::Cabinet, block(v(-0.37, -0.22, z1 - 0.005), v(0.37, 0.32, z1 + 0.02), 0.01));
    for x in [-0.33, 0.0, 0.33] {
        for y in [-0.19, 0.29] {
            part.add(Material::DarkSteel, hex_bolt(0.022).placed(&Place::about_y(-90.0)).moved(x, y, z1 + 0.02));
        }
    }
    for k in 0..6 {
        let x = -0.30 + 0.12 * f64::from(k);
        let gland = drum(-0.34, -0.25, 0.042, 0.0, 8).placed(&Place::UPRIGHT).moved(x, 0.0, r + 0.09);
        part.add(Material::DarkSteel, gland);
    }
}

/// Air-to-air cooler on top.
fn cooler(part: &mut Part, r: f64) {
    let (y0, y1) = (r - 0.08, r + 0.34);
    part.add(Material::Cabinet, sheet_box(v(-0.52, y0, -0.44), v(0.52, y1, 0.44), 0.03, 0.006));
    for s in [-1.0, 1.0] {
        let (a, b) = (s * 0.515, s * 0.535);
        part.add(Material::DarkSteel, fins(7, v(a, y0 + 0.12, -0.36), v(b, y0 + 0.135, 0.36), v(0.0, 0.035, 0.0), 0.0));
        let (a, b) = (s * 0.435, s * 0.455);
        part.add(Material::DarkSteel, fins(15, v(-0.44, y0 + 0.13, a), v(-0.42, y1 - 0.06, b), v(0.06, 0.0, 0.0), 0.0));
        for x in [-0.42, 0.42] {
            let eye = tube(-0.015, 0.015, 0.025, 0.05, 0.006, 12).moved(x, y1 + 0.04, s * 0.36);
            part.add(Material::DarkSteel, eye);
        }
    }
}

/// Rotor core, windings and shaft.
fn rotor(tables: &Tables) -> Part {
    let mut part = Part::new();
    let gap = tables.air_gap_radius;
    let half = tables.generator_length / 2.0;
    part.add(Material::DarkSteel, tube(-0.45, 0.45, 0.15, gap - 0.004, 0.006, 40));
    for s in [-1.0, 1.0] {
        let (a, b) = (s * 0.445, s * 0.56);
        part.add(Material::Copper, tube(a, b, gap - 0.07, gap - 0.012, 0.0, 40));
    }
    let shaft = [
        (-half - 0.10, 0.09),
        (-half - 0.09, 0.10),
        (-half + 0.14, 0.10),
        (-half + 0.15, 0.125),
        (-0.55, 0.151),
        (0.55, 0.151),
        (half - 0.15, 0.125),
        (half - 0.14, 0.10),
        (half + 0.055, 0.10),
        (half + 0.065, 0.09),
    ];
    part.add(Material::MachinedSteel, lathe(&shaft, 24));
    part
}

/// The fan on the rotor's shaft.
fn fan() -> Part {
    let mut part = Part::new();
    for k in 0..12 {
        let blade = block(v(0.60, 0.20, -0.006), v(0.68, 0.46, 0.006), 0.0);
        part.add(Material::Aluminium, blade.placed(&Place::about_x(30.0 * f64::from(k))));
    }
    part.add(Material::Aluminium, drum(0.585, 0.605, 0.47, 0.004, 36));
    part
}
