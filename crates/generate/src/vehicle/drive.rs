//! The drive unit on the rear axle: motor with stator and rotor, reduction in two meshes, differential, inverter.
//!
//! Every shaft lies across the car, about z; positive turning drives the car forwards. The motor's shaft turns like the
//! wheels, the intermediate shaft against them.

use super::dimensions::{TEETH, TOOTH_MODULE, TYRE, WHEELBASE};
use crate::math::{Place, V3, cos, sin, v};
use crate::mesh::{Shape, Teeth, block, drum, external_gear, extrude, fine_tube, fins, hull, lathe, star};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Middle of the differential and of the rear wheels.
pub(super) const AXLE: V3 = v(WHEELBASE / 2.0, TYRE / 2.0, 0.0);
/// Direction from the axle to the intermediate shaft, and from there to the motor's, degrees from the rear upwards \[E\].
const TOWARDS: [f64; 2] = [158.0, 187.0];
/// Where the two meshes lie across the car, m: first mesh, second mesh.
const MESH: [(f64, f64); 2] = [(-0.105, -0.075), (-0.150, -0.114)];
/// Ends of the motor across the car, m.
const MOTOR: (f64, f64) = (-0.045, 0.215);
/// Outer radius of the stator, and of the rotor, m \[E\].
const STATOR: f64 = 0.112;
const ROTOR: f64 = 0.0745;

/// Distance of the shafts of a mesh, m.
fn distance(mesh: usize) -> f64 {
    let [a, b, c, d] = TEETH.map(f64::from);
    let teeth = if mesh == 0 { a + b } else { c + d };
    teeth * TOOTH_MODULE[mesh] / 2.0
}

fn step(from: V3, degrees: f64, length: f64) -> V3 {
    from + v(cos(degrees), sin(degrees), 0.0) * length
}

/// The intermediate shaft's axis.
fn intermediate() -> V3 {
    step(AXLE, TOWARDS[0], distance(1))
}

/// The motor's axis.
pub(super) fn motor() -> V3 {
    step(intermediate(), TOWARDS[1], distance(0))
}

/// What was made about x, about z instead; angles then run from +x towards +y.
fn across(shape: Shape) -> Shape {
    shape.placed(&Place::ACROSS)
}

/// A gear about z, turned so that a tooth (or a gap) looks in a direction, degrees.
fn gear(index: usize, module: f64, (z0, z1): (f64, f64), bore: f64, towards: f64, tooth: bool) -> Shape {
    let pitch = 360.0 / f64::from(TEETH[index]);
    let turn = if tooth { towards } else { towards + pitch / 2.0 };
    across(external_gear(&Teeth::plain(TEETH[index], module), z0, z1, bore)).placed(&Place::about_z(turn))
}

fn stator() -> Part {
    let (z0, z1) = (MOTOR.0 + 0.045, MOTOR.1 - 0.045);
    let mut part = Part::new();
    part.add(Material::MachinedSteel, across(fine_tube(z0, z1, 0.0765, STATOR, 0.001, 56)));
    // Winding heads: hairpins, drawn as rings of bars.
    for (from, to) in [(z0 - 0.032, z0 - 0.001), (z1 + 0.001, z1 + 0.032)] {
        part.add(Material::Copper, across(fine_tube(from, to, 0.080, 0.0885, 0.002, 48)));
        for k in 0..48 {
            let place = Place::about_z(7.5 * f64::from(k) + 1.0);
            let bar = block(v(0.0892, -0.0016, from + 0.002), v(0.0985, 0.0016, to - 0.002), 0.0);
            part.add(Material::Copper, bar.placed(&place));
        }
    }
    part
}

fn motor_housing() -> Part {
    let mut part = Part::new();
    let (z0, z1) = MOTOR;
    part.add(Material::Aluminium, across(fine_tube(z0, z1, STATOR + 0.001, STATOR + 0.012, 0.003, 56)));
    part.add(Material::Aluminium, across(fine_tube(z1 + 0.0005, z1 + 0.012, 0.026, STATOR + 0.012, 0.003, 56)));
    // Ribs around the water jacket.
    for k in 0..6 {
        let z = z0 + 0.03 + 0.038 * f64::from(k);
        part.add(Material::Aluminium, across(fine_tube(z, z + 0.006, STATOR + 0.0125, STATOR + 0.018, 0.002, 56)));
    }
    part
}

fn rotor() -> Part {
    let (z0, z1) = (MOTOR.0 + 0.046, MOTOR.1 - 0.046);
    let mut part = Part::new();
    part.add(Material::DarkSteel, across(fine_tube(z0, z1, 0.0225, ROTOR, 0.002, 48)));
    // Balancing discs with a mark, so that turning shows.
    for (from, to) in [(z0 - 0.006, z0 - 0.0005), (z1 + 0.0005, z1 + 0.006)] {
        part.add(Material::Aluminium, across(fine_tube(from, to, 0.0225, 0.070, 0.001, 48)));
        for k in 0..8 {
            let place = Place::about_z(45.0 * f64::from(k));
            part.add(
                Material::MachinedSteel,
                block(v(0.045, -0.005, from - 0.003), v(0.062, 0.005, to + 0.003), 0.0).placed(&place),
            );
        }
    }
    let shaft = [
        (MESH[0].0 - 0.012, 0.0125),
        (MESH[0].1 + 0.004, 0.0125),
        (MESH[0].1 + 0.006, 0.018),
        (z0 - 0.02, 0.018),
        (z0 - 0.019, 0.022),
        (z1 + 0.02, 0.022),
        (z1 + 0.021, 0.0175),
        (MOTOR.1 + 0.008, 0.0175),
    ];
    part.add(Material::MachinedSteel, across(lathe(&shaft, 24)));
    part.add(Material::MachinedSteel, gear(0, TOOTH_MODULE[0], MESH[0], 0.0127, TOWARDS[1] + 180.0, true));
    part
}

fn intermediate_shaft() -> Part {
    let mut part = Part::new();
    part.add(Material::MachinedSteel, gear(1, TOOTH_MODULE[0], MESH[0], 0.0162, TOWARDS[1], false));
    part.add(Material::MachinedSteel, gear(2, TOOTH_MODULE[1], MESH[1], 0.0162, TOWARDS[0] + 180.0, true));
    let shaft = [
        (MESH[1].0 - 0.018, 0.0125),
        (MESH[1].0 - 0.004, 0.0125),
        (MESH[1].0 - 0.003, 0.016),
        (MESH[0].1 + 0.004, 0.016),
        (MESH[0].1 + 0.005, 0.0125),
        (MESH[0].1 + 0.018, 0.0125),
    ];
    part.add(Material::MachinedSteel, across(lathe(&shaft, 20)));
    part
}

fn differential() -> Part {
    let mut part = Part::new();
    part.add(Material::MachinedSteel, gear(3, TOOTH_MODULE[1], MESH[1], 0.062, TOWARDS[0], false));
    let case = [
        (MESH[1].0 - 0.055, 0.030),
        (MESH[1].0 - 0.012, 0.034),
        (MESH[1].0 - 0.002, 0.0615),
        (MESH[1].1 + 0.002, 0.0615),
        (MESH[1].1 + 0.030, 0.052),
        (MESH[1].1 + 0.046, 0.030),
        (MESH[1].1 + 0.070, 0.029),
    ];
    part.add(Material::CastIron, across(lathe(&case, 32)));
    for k in 0..10 {
        let place = Place::about_z(36.0 * f64::from(k) + 9.0);
        part.add(
            Material::DarkSteel,
            block(v(0.064, -0.006, MESH[1].1 + 0.001), v(0.076, 0.006, MESH[1].1 + 0.007), 0.0).placed(&place),
        );
    }
    part
}

/// The gearbox's case: a plate around the three shafts on either side, and the wall between them.
fn gear_case() -> Part {
    let mut part = Part::new();
    let (m, a) = (motor(), AXLE);
    let outline = hull((m.x, m.y), 0.075, (a.x, a.y), 0.125, 14);
    let (z0, z1) = (MESH[1].0 - 0.040, MESH[0].1 + 0.022);
    // Seen from the middle, so that wall and outline have their points at the same angles.
    let middle = ((m.x + a.x) / 2.0, (m.y + a.y) / 2.0);
    let local: Vec<_> = outline.iter().map(|(x, y)| (x - middle.0, y - middle.1)).collect();
    let (outer, _) = star(&local, 0.01, 40);
    let inner: Vec<_> = outer.iter().map(|(x, y)| (x * 0.955, y * 0.94)).collect();
    let wall = crate::mesh::extrude_ring(&outer, &inner, z0, z1, 0.003);
    part.add(Material::Aluminium, wall.moved(middle.0, middle.1, 0.0));
    let cover =
        extrude(&inner.iter().map(|(x, y)| (x * 1.03, y * 1.03)).collect::<Vec<_>>(), z0 - 0.010, z0 - 0.0005, 0.003);
    part.add(Material::Aluminium, cover.moved(middle.0, middle.1, 0.0));
    part
}

fn inverter() -> Part {
    let m = motor();
    let mut part = Part::new();
    let (y0, y1) = (m.y + STATOR + 0.021, m.y + STATOR + 0.105);
    part.add(Material::Aluminium, block(v(m.x - 0.155, y0, MOTOR.0 - 0.02), v(m.x + 0.165, y1, MOTOR.1 + 0.01), 0.012));
    part.add(
        Material::Aluminium,
        fins(
            11,
            v(m.x - 0.135, y1 + 0.0005, MOTOR.0 + 0.0),
            v(m.x - 0.129, y1 + 0.012, MOTOR.1 - 0.01),
            v(0.027, 0.0, 0.0),
            0.0,
        ),
    );
    for k in 0..3 {
        let z = MOTOR.0 + 0.06 + 0.06 * f64::from(k);
        part.add(
            Material::Copper,
            block(v(m.x - 0.01, y0 - 0.024, z - 0.008), v(m.x + 0.01, y0 - 0.001, z + 0.008), 0.0),
        );
    }
    // Sockets of the high-voltage cables.
    for z in [0.02, 0.08] {
        part.add(
            Material::DarkSteel,
            drum(0.0, 0.05, 0.021, 0.003, 16).moved(-0.05, 0.0, 0.0).moved(m.x - 0.1555, y0 + 0.04, z),
        );
    }
    part
}

/// A half shaft from the differential to a wheel, with its two constant-velocity joints.
fn half_shaft(from: f64, to: f64) -> Part {
    let mut part = Part::new();
    let (low, high) = (from.min(to), from.max(to));
    part.add(Material::DarkSteel, across(drum(low + 0.05, high - 0.05, 0.014, 0.0, 16)));
    for (z, end) in [(low, 1.0), (high, -1.0)] {
        let joint = [(z, 0.026), (z + end * 0.012, 0.042), (z + end * 0.048, 0.042), (z + end * 0.052, 0.036)];
        let joint: Vec<_> = if end > 0.0 { joint.to_vec() } else { joint.iter().rev().copied().collect() };
        part.add(Material::DarkSteel, across(lathe(&joint, 24)));
        // The bellows.
        let mut boot: Vec<(f64, f64)> = (0..=8)
            .map(|k| {
                let (at, fold) = (f64::from(k), if k % 2 == 0 { 0.0 } else { 0.005 });
                (z + end * (0.053 + 0.011 * at), 0.036 - 0.0022 * at + fold)
            })
            .collect();
        if end < 0.0 {
            boot.reverse();
        }
        part.add(Material::Rubber, across(lathe(&boot, 24)));
        let place = z + end * 0.03;
        for k in 0..6 {
            let turn = Place::about_z(60.0 * f64::from(k));
            part.add(
                Material::MachinedSteel,
                block(v(0.0425, -0.005, place - 0.012), v(0.0465, 0.005, place + 0.012), 0.0).placed(&turn),
            );
        }
    }
    part
}

/// The whole drive unit with the half shafts.
pub(super) fn drive(meshes: &mut Meshes) -> Node {
    let about_z = v(0.0, 0.0, 1.0);
    let mut keep = |name: &str, part: Part| meshes.keep(name, part);
    let (stator, housing, rotor) =
        (keep("Stator", stator()), keep("MotorHousing", motor_housing()), keep("MotorRotor", rotor()));
    let (second, differential) =
        (keep("IntermediateShaft", intermediate_shaft()), keep("Differential", differential()));
    let (case, inverter) = (keep("GearCase", gear_case()), keep("Inverter", inverter()));
    let left = keep("HalfShaftLeft", half_shaft(MESH[1].1 + 0.075, 0.640));
    let right = keep("HalfShaftRight", half_shaft(MESH[1].0 - 0.060, -0.640));
    let node = |name: &str, id: &str, label: &str, kind: &'static str, mesh: usize| {
        Node::part(name, id, label, kind).shows(mesh)
    };
    let motors = "Example Drives";
    Node::part("DriveUnit", "drive_unit", "Drive unit", "system").holds(vec![
        Node::part("Motor", "motor", "Traction motor", "motor").at(motor()).with(Meta::by(motors)).holds(vec![
            node("Stator", "stator", "Stator", "stator", stator)
                .with(Meta::by(motors).of("electrical steel and copper")),
            node("MotorHousing", "motor_housing", "Motor housing", "housing", housing)
                .with(Meta::by("Example Castings")),
            node("MotorRotor", "motor_rotor", "Rotor", "rotor", rotor)
                .turns_about(about_z)
                .with(Meta::by(motors).of("electrical steel and magnets")),
        ]),
        Node::part("Reduction", "reduction", "Reduction gear", "gearbox").with(Meta::by("Example Gears")).holds(vec![
            node("GearCase", "gear_case", "Gear case", "housing", case).with(Meta::by("Example Castings")),
            node("IntermediateShaft", "intermediate_shaft", "Intermediate shaft", "gear", second)
                .at(intermediate())
                .turns_about(about_z)
                .with(Meta::by("Example Gears")),
            node("Differential", "differential", "Differential", "gear", differential)
                .at(AXLE)
                .turns_about(about_z)
                .with(Meta::by("Example Gears")),
        ]),
        node("Inverter", "inverter", "Inverter", "converter", inverter)
            .with(Meta::by("Example Power").of("aluminium and silicon")),
        node("HalfShaftLeft", "half_shaft_l", "Half shaft, left", "shaft", left)
            .at(AXLE)
            .turns_about(about_z)
            .with(Meta::by("Example Shafts")),
        node("HalfShaftRight", "half_shaft_r", "Half shaft, right", "shaft", right)
            .at(AXLE)
            .turns_about(about_z)
            .with(Meta::by("Example Shafts")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Height over the pitch circle's centre that the outline of a gear's middle section has in a direction, m.
    fn reach(shape: &Shape, degrees: f64, z: f64) -> f64 {
        let (dx, dy) = (cos(degrees), sin(degrees));
        let near = |p: &&V3| (p.z - z).abs() < 1e-9 && p.x * dx + p.y * dy > 0.0 && (p.x * dy - p.y * dx).abs() < 2e-4;
        shape.points.iter().filter(near).map(|p| p.x * dx + p.y * dy).fold(0.0, f64::max)
    }

    #[test]
    fn the_ratio_is_the_published_one() {
        assert!((super::super::dimensions::reduction() - 11.5).abs() < 0.1);
    }

    #[test]
    fn tooth_meets_gap_on_the_line_of_centres() {
        let z = MESH[0].0;
        let pinion = gear(0, TOOTH_MODULE[0], MESH[0], 0.0127, TOWARDS[1] + 180.0, true);
        let wheel = gear(1, TOOTH_MODULE[0], MESH[0], 0.0162, TOWARDS[1], false);
        // Neither tip reaches the other's middle, and no tooth stands on a tooth.
        let pitch = 360.0 / f64::from(TEETH[0]);
        let tips = pinion.points.iter().map(|p| p.x.hypot(p.y)).fold(0.0, f64::max);
        let tips_wheel = wheel.points.iter().map(|p| p.x.hypot(p.y)).fold(0.0, f64::max);
        assert!(tips + tips_wheel > distance(0), "they reach into each other");
        assert!(reach(&wheel, TOWARDS[1], z) < tips_wheel - TOOTH_MODULE[0], "a gap looks at the pinion");
        assert!(pitch > 0.0);
    }

    #[test]
    fn the_motor_clears_the_half_shaft_beside_it() {
        let gap = (motor() - AXLE).length() - (STATOR + 0.018);
        assert!(gap > 0.045, "{gap}");
    }
}
