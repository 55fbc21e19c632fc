//! The parallel stage: its pear-shaped casting, the helical wheel on the intermediate shaft, and the pinion.

use super::bearing::{Rolling, rollers};
use super::gearbox::PARALLEL_FRONT;
use super::layout::{GEARBOX_REAR, Layout};
use super::{BEARINGS, GEARS, leaf};
use crate::math::{Place, V3, angle, quaternion, v};
use crate::mesh::{
    P2, Shape, Teeth, block, centres, external_gear, extrude, extrude_ring, hex_bolt, hull, in_mesh, lathe, tube,
};
use crate::scene::{Material, Meshes, Meta, Node, Part};
use crate::tables::Stage;

/// Front end of the wheel's teeth on the drivetrain's axis.
const FACE: f64 = PARALLEL_FRONT + 0.14;

/// Wheel and pinion.
#[must_use]
pub fn wheels(stage: &Stage) -> (Teeth, Teeth) {
    let [wheel_shift, _, pinion_shift] = stage.shifts;
    let wheel =
        Teeth { count: stage.driver, module: stage.module, shift: wheel_shift, shortened: 0.0, helix: stage.helix };
    let pinion = Teeth { count: stage.driven, shift: pinion_shift, helix: -stage.helix, ..wheel };
    let (_, shortened) = centres(&wheel, &pinion);
    (Teeth { shortened, ..wheel }, Teeth { shortened, ..pinion })
}

/// The high-speed stage without the pinion, which is the high-speed shaft's.
pub fn high_speed_stage(layout: &Layout, m: &mut Meshes) -> Node {
    let group = Node::part("HighSpeedStage", "high_speed_stage", "High-speed stage", "gear").with(Meta::by(GEARS));
    let Some(stage) = layout.stages.last() else { return group };
    let (wheel, _) = wheels(stage);
    let x = v(1.0, 0.0, 0.0);
    let mut rim = Part::new();
    let steel = Material::MachinedSteel;
    let root = wheel.root();
    // Rim, web and hub of the wheel.
    rim.add(steel, external_gear(&wheel, 0.0, stage.face, root - 0.055));
    rim.add(steel, tube(0.07, stage.face - 0.07, 0.19, root - 0.05, 0.0, 48));
    rim.add(steel, tube(0.01, stage.face - 0.01, 0.10, 0.20, 0.01, 32));
    for k in 0..6 {
        // Lifting holes show as rings on the web.
        let place = Place::shift(0.0, (root + 0.14) / 2.0, 0.0).then(&Place::about_x(60.0 * f64::from(k)));
        rim.add(Material::DarkSteel, tube(0.062, stage.face - 0.062, 0.045, 0.065, 0.004, 18).placed(&place));
    }
    let wheel = leaf(m, "HighSpeedWheel", "high_speed_wheel", "Wheel of the high-speed stage", "gear", rim)
        .at(x * FACE)
        .turns_about(x)
        .with(Meta::by(GEARS));
    let mut shaft = Part::new();
    let profile = [
        (-0.27, 0.055),
        (-0.26, 0.065),
        (-0.10, 0.065),
        (-0.09, 0.10),
        (0.0, 0.10),
        (0.001, 0.101),
        (stage.face, 0.101),
        (stage.face + 0.12, 0.095),
        (stage.face + 0.13, 0.085),
    ];
    shaft.add(steel, lathe(&profile, 28));
    let shaft = leaf(
        m,
        "IntermediateShaft2",
        "intermediate_shaft_2",
        "Intermediate shaft, second to high-speed stage",
        "shaft",
        shaft,
    )
    .with(Meta::by(GEARS));
    // The table's IMS bearings, scaled to the shaft.
    let mut bearings = Vec::new();
    for (k, at) in (1..).zip([FACE - 0.05, FACE + stage.face + 0.06]) {
        let rolling = Rolling { bore: 0.10, outside: 0.19, width: 0.078, rollers: 16, rows: 1 };
        let mut part = rolling.inner_ring();
        part.join(rolling.outer_ring());
        part.join(rollers(&rolling, false));
        let name = format!("IntermediateBearing{k}");
        let node = leaf(
            m,
            &name,
            &format!("intermediate_bearing_{k}"),
            &format!("Intermediate shaft bearing {k}"),
            "bearing",
            part,
        );
        bearings.push(node.at(x * at).with(Meta::by(BEARINGS)));
    }
    let front = Rolling { bore: 0.10, outside: 0.20, width: 0.075, rollers: 16, rows: 1 };
    let mut part = front.inner_ring();
    part.join(front.outer_ring());
    part.join(rollers(&front, false));
    let axis = layout.high_speed_axis;
    let front = leaf(
        m,
        "HighSpeedBearingFront",
        "high_speed_bearing_front",
        "High-speed shaft bearing, rotor side",
        "bearing",
        part,
    )
    .at(v(FACE - 0.065, axis.y, axis.z))
    .with(Meta::by(BEARINGS));
    group.holds(vec![wheel.holds(vec![shaft])]).holds(bearings).holds(vec![front])
}

/// The pinion in the high-speed shaft's frame.
pub fn pinion(layout: &Layout, m: &mut Meshes) -> Option<Node> {
    let stage = layout.stages.last()?;
    let (wheel, pinion) = wheels(stage);
    let axis = layout.high_speed_axis;
    let turn = in_mesh(&wheel, 0.0, &pinion, angle(axis.z, axis.y));
    let mut part = Part::new();
    // Both begin their helix at the wheel's front face.
    part.add(Material::MachinedSteel, external_gear(&pinion, -0.01, stage.face + 0.01, 0.09));
    let x = v(1.0, 0.0, 0.0);
    Some(
        leaf(m, "HighSpeedPinion", "high_speed_pinion", "Pinion of the high-speed stage", "gear", part)
            .at(x * (FACE - layout.high_speed_face))
            .turned(quaternion(x, turn))
            .with(Meta::by(GEARS)),
    )
}

/// The outline of the parallel stage's housing as (y, z), grown by `by`.
fn pear(axis: V3, by: f64) -> Vec<P2> {
    hull((0.0, 0.0), 0.70 + by, (axis.y, axis.z), 0.39 + by, 14)
}

/// The casting around it, hollow.
pub fn casting(layout: &Layout) -> Part {
    let mut part = Part::new();
    let axis = layout.high_speed_axis;
    let (x0, x1) = (PARALLEL_FRONT, GEARBOX_REAR);
    let paint = Material::GearboxPaint;
    let up = Place::UPRIGHT;

    let body = extrude(&pear(axis, 0.0), x0, x1, 0.035);
    let cavity = extrude(&pear(axis, -0.06), x0 + 0.05, x1 - 0.06, 0.0);
    part.add(paint, body.hollowed(cavity).placed(&up));
    // Joint between the two halves of the casting, with its bolts.
    let joint = x0 + 0.34;
    part.add(paint, flange(axis, 0.0, 0.062, joint - 0.045, joint - 0.001));
    part.add(paint, flange(axis, 0.0, 0.062, joint + 0.001, joint + 0.045));
    let around = pear(axis, 0.034);
    for p in spaced(&around, 0.23) {
        let head = hex_bolt(0.034);
        part.add(Material::DarkSteel, head.clone().moved(joint + 0.045, p.0, p.1));
        part.add(Material::DarkSteel, head.placed(&Place::about_y(180.0)).moved(joint - 0.045, p.0, p.1));
    }
    // Foot flange towards the ring gear.
    part.add(paint, flange(axis, -0.02, 0.05, x0 - 0.005, x0 + 0.05));
    // Ribs on the rear face run from the main axis outwards.
    for a in [100.0, 140.0, 180.0, 220.0, 260.0, 300.0] {
        let rib = block(v(x1 - 0.02, 0.30, -0.02), v(x1 + 0.035, 0.66, 0.02), 0.01);
        part.add(paint, rib.placed(&Place::about_x(a + 63.0)));
    }
    // Inspection cover on the upper flank between the two axes.
    let lean = angle(axis.z, axis.y);
    let cover = Place::about_x(lean - 90.0);
    let at = |p: V3| cover.point(p);
    let top = 0.60;
    let box_ = block(v(x0 + 0.42, top - 0.12, 0.16), v(x1 - 0.05, top + 0.05, 0.50), 0.015);
    part.add(paint, box_.placed(&cover));
    let lid = block(v(x0 + 0.41, top + 0.045, 0.15), v(x1 - 0.04, top + 0.07, 0.51), 0.008);
    part.add(Material::Cabinet, lid.placed(&cover));
    for (dx, dz) in [(0.435, 0.18), (0.435, 0.33), (0.435, 0.48), (0.555, 0.18), (0.555, 0.33), (0.555, 0.48)] {
        let p = at(v(x0 + dx, top + 0.07, dz));
        part.add(Material::DarkSteel, hex_bolt(0.024).placed(&up).placed(&cover).moved(p.x, p.y, p.z));
    }
    // Oil level glass on the far side.
    let glass = tube(-0.015, 0.015, 0.03, 0.055, 0.005, 18).placed(&Place::ACROSS);
    part.add(Material::MachinedSteel, glass.moved(x0 + 0.47, -0.12, -0.70));
    part
}

/// A collar around the pear between two offsets.
fn flange(axis: V3, from: f64, to: f64, x0: f64, x1: f64) -> Shape {
    extrude_ring(&pear(axis, to), &pear(axis, from - 0.02), x0, x1, 0.008).placed(&Place::UPRIGHT)
}

/// Points along a closed outline, about `step` apart.
fn spaced(outline: &[P2], step: f64) -> Vec<P2> {
    let mut out = Vec::new();
    let mut left = step / 2.0;
    for (i, &(x0, y0)) in outline.iter().enumerate() {
        let (x1, y1) = outline[(i + 1) % outline.len()];
        let length = ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)).sqrt();
        let mut at = left;
        while at < length {
            let t = at / length;
            out.push((x0 + (x1 - x0) * t, y0 + (y1 - y0) * t));
            at += step;
        }
        left = at - length;
    }
    out
}
