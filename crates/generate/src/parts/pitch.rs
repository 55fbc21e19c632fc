//! The pitch system in the hub: gear rings in the blade roots, drives with their pinions, cabinets and batteries.

use super::layout::{PITCH_BEARING_HEIGHT, pitch_bearing_seat};
use super::{CONTROLS, ELECTRIC, GEARS};
use crate::math::{Place, quaternion, v};
use crate::mesh::{
    Teeth, block, bolts, drum, external_gear, fins, internal_gear, lathe, pipe, ring_in_mesh, sheet_box,
};
use crate::scene::{Material, Meshes, Meta, Node, Part};
use crate::tables::Tables;

/// Inner teeth that turn with the blade.
pub const RING: Teeth = Teeth::plain(128, 0.0175);
/// Eight turns of a pinion are one turn of the blade.
pub const PINION: Teeth = Teeth::plain(16, 0.0175);
const _: () = assert!(RING.count.is_multiple_of(PINION.count));
/// Where a drive stands, from +z towards +x about the blade's axis, degrees.
const DRIVE: f64 = 180.0;

/// The gear ring in a blade's frame.
pub fn gear(m: &mut Meshes) -> usize {
    let mut part = Part::new();
    let turn = ring_in_mesh(&RING, &PINION, 0.0, DRIVE);
    let ring = internal_gear(&RING, 0.02, PITCH_BEARING_HEIGHT - 0.02, RING.inner_root() + 0.05);
    let ring = ring.placed(&Place::about_x(turn)).placed(&Place::UPRIGHT).moved(0.0, -PITCH_BEARING_HEIGHT, 0.0);
    part.add(Material::MachinedSteel, ring);
    m.keep("PitchGear", part)
}

/// Drive with pinion, cabinet and battery of each blade; `place` gives a blade's rotation in the rotor's frame.
pub fn in_hub(tables: &Tables, m: &mut Meshes, place: &dyn Fn(u32) -> [f64; 4]) -> Vec<Node> {
    let seat = pitch_bearing_seat(tables);
    let [drive, pinion, cabinet, battery] = [
        ("PitchDrive", drive(seat)),
        ("PitchPinion", pinion()),
        ("PitchCabinet", cabinet(false)),
        ("PitchBattery", cabinet(true)),
    ]
    .map(|(name, part)| m.keep(name, part));
    let y = v(0.0, 1.0, 0.0);
    let off = RING.reference() - PINION.reference();
    let mut nodes = Vec::new();
    for k in 1..=3 {
        let rotation = place(k);
        let pinion = Node::part(
            &format!("PitchPinion{k}"),
            &format!("pitch_pinion_{k}"),
            &format!("Pinion of pitch drive {k}"),
            "gear",
        )
        .shows(pinion)
        .at(v(0.0, seat, 0.0))
        .turns_about(-y)
        .with(Meta::by(GEARS));
        // The drive's frame is the blade's, shifted to the drive's axis.
        let axis = crate::math::place_of(rotation, v(0.0, 0.0, 0.0)).turn(v(0.0, 0.0, -off));
        nodes.push(
            Node::part(&format!("PitchDrive{k}"), &format!("pitch_drive_{k}"), &format!("Pitch drive {k}"), "drive")
                .shows(drive)
                .at(axis)
                .turned(rotation)
                .with(Meta::by(GEARS))
                .holds(vec![pinion]),
        );
        // On the hub between two blades.
        let between = quaternion(v(1.0, 0.0, 0.0), 120.0 * f64::from(k - 1) + 60.0);
        for (mesh, name, id, label, maker) in [
            (cabinet, "PitchCabinet", "pitch_cabinet", "Pitch cabinet", CONTROLS),
            (battery, "PitchBattery", "pitch_battery", "Pitch battery", ELECTRIC),
        ] {
            nodes.push(
                Node::part(&format!("{name}{k}"), &format!("{id}_{k}"), &format!("{label} {k}"), "electrical")
                    .shows(mesh)
                    .turned(between)
                    .with(Meta::by(maker)),
            );
        }
    }
    nodes
}

/// Motor, gearbox and the plate that holds them; the origin is on the drive's axis at the height of the hub centre.
fn drive(seat: f64) -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    let motor = lathe(&[(0.42, 0.07), (0.45, 0.085), (0.62, 0.085), (0.63, 0.105), (0.95, 0.105), (0.96, 0.13)], 24);
    part.add(Material::GreyPaint, motor.placed(&up));
    for k in 0..16 {
        let fin = block(v(0.10, 0.66, -0.004), v(0.125, 0.93, 0.004), 0.0);
        part.add(Material::GreyPaint, fin.placed(&Place::about_y(22.5 * f64::from(k))));
    }
    let body = [(0.955, 0.13), (1.08, 0.13), (1.09, 0.115), (1.30, 0.115), (1.31, 0.085), (seat - 0.02, 0.085)];
    part.add(Material::GearboxPaint, lathe(&body, 24).placed(&up));
    part.add(Material::DarkSteel, bolts(10, 0.112, 1.08, 1.0, 0.02).placed(&up));
    // A bracket to the flange's collar.
    part.add(Material::CastIron, block(v(-0.16, 1.34, -0.20), v(0.16, 1.42, 0.06), 0.012));
    part
}

fn pinion() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    let gear = external_gear(&PINION, 0.03, PITCH_BEARING_HEIGHT - 0.03, 0.03);
    part.add(Material::MachinedSteel, gear.placed(&up));
    part.add(Material::MachinedSteel, drum(-0.04, PITCH_BEARING_HEIGHT - 0.02, 0.05, 0.005, 18).placed(&up));
    part
}

/// A box on the hub's outside, upwards of the rotor's axis.
fn cabinet(battery: bool) -> Part {
    let mut part = Part::new();
    let (x0, x1) = if battery { (0.12, 0.56) } else { (-0.72, 0.02) };
    let (y0, y1, w) = (1.72, if battery { 2.08 } else { 2.14 }, 0.21);
    part.add(Material::Cabinet, sheet_box(v(x0, y0, -w), v(x1, y1, w), 0.015, 0.003));
    part.add(Material::Cabinet, block(v(x0 + 0.03, y1 - 0.005, -w + 0.03), v(x1 - 0.03, y1 + 0.02, w - 0.03), 0.008));
    for x in [x0 + 0.06, x1 - 0.06] {
        part.add(
            Material::DarkSteel,
            block(v(x - 0.02, y0 - 0.04, -w - 0.05), v(x + 0.02, y0 + 0.10, w + 0.05), 0.006),
        );
    }
    if battery {
        part.add(
            Material::Rubber,
            fins(4, v(x0 + 0.09, y1 + 0.018, -0.12), v(x0 + 0.11, y1 + 0.026, 0.12), v(0.08, 0.0, 0.0), 0.0),
        );
    } else {
        part.add(
            Material::DarkSteel,
            drum(y1 + 0.015, y1 + 0.05, 0.035, 0.006, 18).placed(&Place::UPRIGHT).moved(x1 - 0.14, 0.0, 0.0),
        );
        for z in [-0.12, -0.04, 0.04, 0.12] {
            part.add(Material::DarkSteel, drum(x0 - 0.05, x0 + 0.002, 0.022, 0.004, 12).moved(0.0, y1 - 0.15, z));
        }
        // To the battery beside it.
        part.add(Material::Rubber, pipe(&[v(x1 - 0.01, y1 - 0.12, 0.08), v(0.13, y1 - 0.12, 0.08)], 0.016, 10));
    }
    part
}
