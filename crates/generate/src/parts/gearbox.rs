//! The gearbox's castings: input cover, torque arms, the pieces between the stages.

use super::GEARS;
use super::layout::Layout;
use crate::math::{Place, cos, sin, v};
use crate::mesh::{P2, bend, block, bolts, drum, extrude_ring, hex_bolt, hose, lathe_ring, rounded, star, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Where the first ring gear's barrel starts and ends.
pub const RING_1: (f64, f64) = (0.47, 0.97);
/// Where the second one does.
pub const RING_2: (f64, f64) = (1.19, 1.66);
/// Where the parallel stage's housing starts.
pub const PARALLEL_FRONT: f64 = 1.80;
/// Outside radii of the two barrels, flanges not counted.
pub const BARREL: [f64; 2] = [1.115, 0.885];
/// How far their flanges stand out.
pub const FLANGE: f64 = 0.055;
/// Distance of the torque arms' pins from the shaft axis.
pub const TORQUE_PIN: f64 = 1.43;

/// Everything of the gearbox that is neither a stage nor a bearing.
pub fn housing(layout: &Layout) -> Part {
    let mut part = Part::new();
    let paint = Material::GearboxPaint;
    let (b1, b2) = (BARREL[0], BARREL[1]);

    // Input cover around the carrier shaft.
    part.add(paint, tube(-0.02, 0.12, 0.42, 0.66, 0.0, 36));
    part.add(Material::DarkSteel, bolts(12, 0.60, -0.02, -1.0, 0.045));
    part.add(Material::Rubber, tube(-0.035, 0.0, 0.402, 0.46, 0.008, 36));
    let cone = [
        (0.06, 0.62),
        (0.06, 0.82),
        (0.09, 0.85),
        (0.34, 1.06),
        (0.40, b1),
        (RING_1.0 - 0.055, b1 + FLANGE),
        (RING_1.0, b1 + FLANGE),
        (RING_1.0, b1 - 0.08),
        (0.36, 0.98),
        (0.14, 0.78),
        (0.12, 0.62),
    ];
    part.add(paint, lathe_ring(&cone, 52));
    for k in 0..12 {
        // Ribs from the cover to the flange.
        let rib = block(v(0.08, 0.74, -0.022), v(0.40, 1.07, 0.022), 0.01);
        let lean = Place::shift(-0.08, -0.74, 0.0).then(&Place::about_z(-6.0)).moved(0.10, 0.77, 0.0);
        part.add(paint, rib.placed(&lean).placed(&Place::about_x(30.0 * f64::from(k) + 15.0)));
    }
    torque_arms(&mut part);

    // Between the ring gears.
    let middle = [
        (RING_1.1, b1 - 0.06),
        (RING_1.1, b1 + FLANGE),
        (RING_1.1 + 0.05, b1 + FLANGE),
        (RING_1.1 + 0.06, b1 - 0.01),
        (RING_1.1 + 0.12, b1 - 0.06),
        (RING_2.0 - 0.08, b2 + 0.02),
        (RING_2.0 - 0.05, b2 + FLANGE),
        (RING_2.0, b2 + FLANGE),
        (RING_2.0, b2 - 0.06),
    ];
    part.add(paint, lathe_ring(&middle, 52));
    let rear = [
        (RING_2.1, b2 - 0.06),
        (RING_2.1, b2 + FLANGE),
        (RING_2.1 + 0.045, b2 + FLANGE),
        (RING_2.1 + 0.06, b2),
        (PARALLEL_FRONT + 0.005, b2 - 0.06),
        (PARALLEL_FRONT + 0.005, 0.60),
        (RING_2.1 + 0.05, 0.70),
    ];
    part.add(paint, lathe_ring(&rear, 52));
    part.add(Material::DarkSteel, bolts(28, b1 + 0.026, RING_1.1 + 0.05, 1.0, 0.036));
    part.add(Material::DarkSteel, bolts(24, b2 + 0.026, RING_2.1 + 0.045, 1.0, 0.034));
    // Walls inside that hold the carriers' bearings.
    for (x0, x1, inner, outer) in
        [(0.20, 0.30, 0.62, 0.90), (1.02, 1.07, 0.50, 0.93), (1.088, 1.128, 0.37, 0.90), (1.736, 1.78, 0.36, 0.66)]
    {
        part.add(paint, tube(x0, x1, inner, outer, 0.0, 36));
    }
    for (index, (x0, x1)) in [RING_1, RING_2].into_iter().enumerate() {
        barrel(&mut part, layout, index, x0, x1);
    }
    part.join(super::parallel::casting(layout));
    fittings(&mut part, layout);
    part
}

/// The casing around a ring gear: a barrel with a flange at each end and a band.
fn barrel(part: &mut Part, layout: &Layout, index: usize, x0: f64, x1: f64) {
    let Some(stage) = layout.stages.get(index) else { return };
    let r = BARREL[index.min(1)];
    let (count, across) = if index == 0 { (28, 0.036) } else { (24, 0.034) };
    let seat = super::stages::Wheels::of(stage).ring.inner_root() + 0.019;
    let f = 0.05;
    let profile = [
        (x0, r + FLANGE),
        (x0 + f, r + FLANGE),
        (x0 + f + 0.02, r),
        (x1 - f - 0.02, r),
        (x1 - f, r + FLANGE),
        (x1, r + FLANGE),
        (x1, seat),
        (x0, seat),
    ];
    part.add(Material::GearboxPaint, lathe_ring(&profile, 48));
    part.add(Material::DarkSteel, bolts(count, r + 0.026, x0 + f, 1.0, across));
    part.add(Material::DarkSteel, bolts(count, r + 0.026, x1 - f, -1.0, across));
    let band = (x0 + x1) / 2.0;
    part.add(Material::GearboxPaint, tube(band - 0.05, band + 0.05, r - 0.02, r + 0.012, 0.0, 48));
}

/// Two arms that carry the gearbox and its torque on rubber, either side.
fn torque_arms(part: &mut Part) {
    let mut corners: Vec<(f64, f64, f64)> = Vec::new();
    let (pin, half) = (TORQUE_PIN, 0.20);
    let r = BARREL[0] + 0.035;
    for s in [1.0, -1.0] {
        // One half of the ring: from the bottom (or top) round to the arm, out and back.
        let arc = |from: f64, to: f64| (0..=6).map(move |k| from + (to - from) * f64::from(k) / 6.0);
        if s > 0.0 {
            corners.extend(arc(180.0, 118.0).map(|a| (r * cos(a), r * sin(a), 0.0)));
            corners.extend([(-0.30, pin - 0.10, 0.1), (-half, pin + 0.16, 0.08), (half * 0.6, pin + 0.16, 0.08)]);
            corners.extend([(0.20, pin - 0.12, 0.12)]);
            corners.extend(arc(66.0, 0.0).map(|a| (r * cos(a), r * sin(a), 0.0)));
        } else {
            corners.extend(arc(-7.0, -66.0).map(|a| (r * cos(a), r * sin(a), 0.0)));
            corners.extend([(0.20, -pin + 0.12, 0.12), (half * 0.6, -pin - 0.16, 0.08), (-half, -pin - 0.16, 0.08)]);
            corners.extend([(-0.30, -pin + 0.10, 0.1)]);
            corners.extend(arc(-118.0, -173.0).map(|a| (r * cos(a), r * sin(a), 0.0)));
        }
    }
    let outline: Vec<P2> = rounded(&corners, 2);
    let (outer, inner) = star(&outline, 0.93, 28);
    let plate = extrude_ring(&outer, &inner, 0.19, 0.395, 0.022).placed(&Place::UPRIGHT);
    part.add(Material::GearboxPaint, plate);
    for s in [-1.0, 1.0] {
        let z = s * pin;
        let x = 0.29;
        let stack = |y0: f64, y1: f64, r: f64| drum(y0, y1, r, 0.012, 20).placed(&Place::UPRIGHT).moved(x, 0.0, z);
        // The rubber bushings around the pin are parts of their own.
        part.add(Material::DarkSteel, stack(0.235, 0.275, 0.15));
        part.add(Material::MachinedSteel, stack(-0.48, 0.34, 0.05));
        part.add(Material::MachinedSteel, hex_bolt(0.14).placed(&Place::UPRIGHT).moved(x, 0.275, z));
    }
}

/// The rubber below and above the torque arms, clamped by the bracket's plates.
pub fn bushings(m: &mut Meshes) -> Vec<Node> {
    let mut part = Part::new();
    let stack = |y0: f64, y1: f64, r: f64| drum(y0, y1, r, 0.012, 28).placed(&Place::UPRIGHT);
    part.add(Material::Rubber, stack(-0.40, -0.21, 0.135));
    part.add(Material::Rubber, stack(0.11, 0.24, 0.125));
    let mesh = m.keep("TorqueBushing", part);
    let sides = (1..).zip([-1.0, 1.0]);
    sides
        .map(|(n, s)| {
            let (name, id) = (format!("TorqueBushing{n}"), format!("torque_bushing_{n}"));
            let node = Node::part(&name, &id, &format!("Rubber bushing of torque arm {n}"), "mount");
            node.shows(mesh).at(v(0.29, 0.0, s * TORQUE_PIN)).with(Meta::by(GEARS))
        })
        .collect()
}

/// The unit on the rear of the main axis that leads power and signals into the turning hub.
pub fn slip_ring(layout: &Layout) -> Part {
    let mut part = Part::new();
    let rear = layout.high_speed_face;
    part.add(Material::MachinedSteel, tube(rear - 0.02, rear + 0.22, 0.06, 0.098, 0.008, 24));
    part.add(Material::Cabinet, drum(rear + 0.15, rear + 0.40, 0.14, 0.02, 32));
    part.add(Material::DarkSteel, drum(rear + 0.39, rear + 0.42, 0.08, 0.008, 24));
    part.add(Material::DarkSteel, drum(rear + 0.22, rear + 0.25, 0.146, 0.006, 32));
    let cable = [v(rear + 0.41, -0.04, 0.0), v(rear + 0.52, -0.04, -0.02), v(rear + 0.52, -0.75, -0.10)];
    part.add(Material::Rubber, hose(&bend(&cable, 0.1, 4), 0.02, 10));
    part
}

/// Inspection cover, sight glass, breather.
fn fittings(part: &mut Part, layout: &Layout) {
    let paint = Material::GearboxPaint;
    let x = (RING_1.1 + RING_2.0) / 2.0;
    let top = BARREL[0] - 0.11;
    // Inspection cover on the cone between the rings.
    part.add(paint, block(v(x - 0.075, top - 0.1, -0.20), v(x + 0.075, top + 0.07, 0.20), 0.02));
    part.add(Material::Cabinet, block(v(x - 0.085, top + 0.065, -0.21), v(x + 0.085, top + 0.09, 0.21), 0.008));
    for z in [-0.17, -0.06, 0.06, 0.17] {
        for dx in [-0.065, 0.065] {
            let bolt = hex_bolt(0.026).placed(&Place::UPRIGHT);
            part.add(Material::DarkSteel, bolt.moved(x + dx, top + 0.09, z));
        }
    }
    // Breather on the rear casting.
    let breather = lathe_ring(
        &[
            (0.0, 0.03),
            (0.10, 0.03),
            (0.10, 0.055),
            (0.12, 0.06),
            (0.20, 0.06),
            (0.22, 0.045),
            (0.22, 0.01),
            (0.0, 0.01),
        ],
        14,
    );
    part.add(Material::Aluminium, breather.placed(&Place::UPRIGHT).moved(1.73, BARREL[1] - 0.06, -0.1));
    // The slip ring's tube leaves on the main axis, behind the parallel stage.
    let rear = layout.high_speed_face;
    part.add(paint, tube(rear - 0.01, rear + 0.05, 0.10, 0.30, 0.015, 28));
    part.add(Material::DarkSteel, bolts(12, 0.25, rear + 0.05, 1.0, 0.03));
}
