//! The yaw system: bearing with outer teeth, brake, and four drives whose pinions walk round the teeth.

use super::layout::Layout;
use super::{BEARINGS, ELECTRIC, GEARS, HYDRAULICS, leaf};
use crate::math::{Place, cos, quaternion, sin, v};
use crate::mesh::{Teeth, bend, block, bolts, centres, drum, external_gear, hose, in_mesh, lathe, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Height of the yaw bearing, on which the bedplate stands.
pub const YAW_HEIGHT: f64 = 0.20;
/// The teeth of the outer ring. Twelve turns of a pinion are one turn of the nacelle.
pub const RING: Teeth = Teeth::plain(180, 0.018);
/// The teeth of a drive's pinion.
pub const PINION: Teeth = Teeth::plain(15, 0.018);
/// Inner radius of the brake disc: what is free for a person in the middle.
const DISC: f64 = 1.175;

/// What is bolted to the tower: the outer ring with its teeth, and the brake disc; the origin is the tower top.
pub fn on_tower(m: &mut Meshes) -> Vec<Node> {
    let up = Place::UPRIGHT;
    let mut ring = Part::new();
    ring.add(Material::MachinedSteel, external_gear(&RING, 0.015, 0.155, 1.50).placed(&up));
    ring.add(Material::CastIron, tube(0.002, 0.165, 1.40, 1.502, 0.01, 72).placed(&up));
    ring.add(Material::DarkSteel, bolts(36, 1.45, 0.165, 1.0, 0.034).placed(&up));
    let mut disc = Part::new();
    disc.add(Material::MachinedSteel, tube(0.002, 0.032, DISC, 1.30, 0.004, 72).placed(&up));
    vec![
        leaf(m, "YawRing", "yaw_bearing", "Yaw bearing", "bearing", ring).with(Meta::by(BEARINGS)),
        leaf(m, "YawBrakeDisc", "yaw_brake_disc", "Yaw brake disc", "brake", disc).with(Meta::by(HYDRAULICS)),
    ]
}

/// What turns with the nacelle: inner ring, brake calipers, drives.
pub fn on_nacelle(m: &mut Meshes) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut inner = Part::new();
    inner.add(Material::MachinedSteel, tube(0.05, YAW_HEIGHT, 1.31, 1.392, 0.012, 72).placed(&Place::UPRIGHT));
    inner.add(Material::DarkSteel, bolts(36, 1.351, 0.05, -1.0, 0.030).placed(&Place::UPRIGHT));
    let inner = m.keep("YawInnerRing", inner);
    nodes.push(Node::group("YawInnerRing", "Inner ring of the yaw bearing", "bearing").shows(inner));

    let caliper = m.keep("YawBrake", caliper());
    // Left out at +z, where the hatch to the tower is.
    for (n, a) in (1..).zip([15.0, 150.0, 180.0, 210.0, 240.0, 300.0, 330.0, 345.0]) {
        let node =
            Node::part(&format!("YawBrake{n}"), &format!("yaw_brake_{n}"), &format!("Yaw brake caliper {n}"), "brake");
        // An angle from +x towards +z is a negative turn about y.
        nodes.push(node.shows(caliper).turned(quaternion(v(0.0, 1.0, 0.0), -a)).with(Meta::by(HYDRAULICS)));
    }
    nodes.extend(drives(m));
    nodes
}

fn drives(m: &mut Meshes) -> Vec<Node> {
    let (radius, _) = centres(&RING, &PINION);
    let [body, pinion, motor] =
        [("YawDrive", body()), ("YawPinion", pinion()), ("YawMotor", motor())].map(|(name, part)| m.keep(name, part));
    let mut nodes = Vec::new();
    for (n, a) in (1..).zip(Layout::yaw_drives()) {
        // The gears are made about x and then stand upright, which takes +y to +z and +z to +x: an angle from +x
        // towards +z is 90° less that angle there.
        let turn = in_mesh(&RING, 0.0, &PINION, 90.0 - a);
        let children = vec![
            Node::part(
                &format!("YawPinion{n}"),
                &format!("yaw_pinion_{n}"),
                &format!("Pinion of yaw drive {n}"),
                "gear",
            )
            .shows(pinion)
            .turned(quaternion(v(0.0, 1.0, 0.0), turn))
            .turns_about(v(0.0, 1.0, 0.0))
            .with(Meta::by(GEARS)),
            Node::part(&format!("YawMotor{n}"), &format!("yaw_motor_{n}"), &format!("Motor of yaw drive {n}"), "drive")
                .shows(motor)
                .with(Meta::by(ELECTRIC)),
        ];
        nodes.push(
            Node::part(&format!("YawDrive{n}"), &format!("yaw_drive_{n}"), &format!("Yaw drive {n}"), "drive")
                .shows(body)
                .at(v(radius * cos(a), 0.0, radius * sin(a)))
                .with(Meta::by(GEARS))
                .holds(children),
        );
    }
    nodes
}

/// A caliper over the disc's inner edge, its middle on +x.
fn caliper() -> Part {
    let mut part = Part::new();
    let dark = Material::DarkSteel;
    part.add(dark, block(v(1.06, 0.062, -0.15), v(1.27, YAW_HEIGHT + 0.004, 0.15), 0.018));
    part.add(dark, block(v(1.06, -0.12, -0.15), v(1.24, -0.022, 0.15), 0.018));
    part.add(dark, block(v(1.06, -0.03, -0.14), v(1.15, 0.07, 0.14), 0.01));
    for z in [-0.07, 0.07] {
        part.add(
            Material::MachinedSteel,
            drum(-0.15, -0.115, 0.05, 0.006, 18).placed(&Place::UPRIGHT).moved(1.17, 0.0, z),
        );
    }
    for (y0, y1) in [(0.033, 0.064), (-0.024, 0.001)] {
        part.add(Material::Rubber, block(v(1.18, y0, -0.12), v(1.25, y1, 0.12), 0.0));
    }
    part
}

/// The pinion on its shaft; the origin is on its axis at the height of the tower top.
fn pinion() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(Material::MachinedSteel, external_gear(&PINION, 0.01, 0.16, 0.05).placed(&up));
    part.add(Material::MachinedSteel, drum(0.02, 0.30, 0.07, 0.01, 18).placed(&up));
    part
}

/// A planetary gearbox that stands on the bedplate's base.
fn body() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    // Mounting flange, then stages of decreasing size.
    let body = [
        (0.28, 0.19),
        (0.335, 0.19),
        (0.335, 0.150),
        (0.585, 0.150),
        (0.585, 0.168),
        (0.62, 0.168),
        (0.62, 0.135),
        (0.80, 0.135),
        (0.80, 0.150),
        (0.835, 0.150),
        (0.835, 0.115),
        (0.965, 0.115),
        (0.965, 0.140),
        (1.00, 0.140),
    ];
    part.add(Material::GearboxPaint, lathe(&body, 28).placed(&up));
    part.add(Material::DarkSteel, bolts(10, 0.170, 0.335, 1.0, 0.024).placed(&up));
    part.add(Material::DarkSteel, bolts(12, 0.158, 0.62, 1.0, 0.018).placed(&up));
    part
}

/// The motor on top with fins, brake, terminal box and its cable.
fn motor() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(Material::GreyPaint, drum(1.00, 1.34, 0.108, 0.008, 24).placed(&up));
    for k in 0..18 {
        let a = 20.0 * f64::from(k);
        if !(70.0..=110.0).contains(&a) {
            let fin = block(v(0.10, 1.03, -0.004), v(0.135, 1.32, 0.0), 0.0);
            part.add(Material::GreyPaint, fin.placed(&Place::about_y(a - 90.0)));
        }
    }
    part.add(Material::DarkSteel, lathe(&[(1.335, 0.138), (1.47, 0.138), (1.50, 0.11)], 24).placed(&up));
    part.add(Material::GreyPaint, block(v(0.09, 1.10, -0.07), v(0.185, 1.26, 0.07), 0.01));
    let cable = [v(0.14, 1.11, 0.0), v(0.14, 0.95, 0.0), v(0.19, 0.6, 0.0), v(0.215, 0.33, 0.0)];
    part.add(Material::Rubber, hose(&bend(&cable, 0.1, 2), 0.013, 8));
    part
}

/// Whether the yaw gear's wheels have the same module is held by the type; that they mesh, by a test.
const _: () = assert!(RING.count.is_multiple_of(PINION.count));
