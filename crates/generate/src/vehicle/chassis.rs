//! Axles: wheels, brakes, suspension, subframes, steering.

use super::corner;
use super::dimensions::{TRACK, TYRE, WHEELBASE};
use crate::math::{Place, V3, cos, sin, v};
use crate::mesh::{bend, block, drum, extrude, hull, pipe};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Which corner: id, name, x of the axle, side.
const CORNERS: [(&str, &str, f64, f64); 4] = [
    ("fl", "front left", -WHEELBASE / 2.0, 1.0),
    ("fr", "front right", -WHEELBASE / 2.0, -1.0),
    ("rl", "rear left", WHEELBASE / 2.0, 1.0),
    ("rr", "rear right", WHEELBASE / 2.0, -1.0),
];

/// Front and rear of the car at the middle of their axles.
fn axle(x: f64) -> V3 {
    v(x, TYRE / 2.0, 0.0)
}

/// A coil spring around an upright damper that leans inwards.
fn strut(foot: V3, head: V3, wire: f64, coils: f64) -> Part {
    let mut part = Part::new();
    let along = head - foot;
    let axis = along.unit();
    let side = axis.cross(v(1.0, 0.0, 0.0)).unit();
    let other = axis.cross(side);
    part.add(Material::DarkSteel, pipe(&[foot, foot + along * 0.55], 0.026, 16));
    part.add(Material::MachinedSteel, pipe(&[foot + along * 0.5505, head], 0.011, 12));
    let turns = (coils * 14.0) as u32;
    let path: Vec<V3> = (0..=turns)
        .map(|k| {
            let share = f64::from(k) / f64::from(turns);
            let a = 360.0 * coils * share;
            foot + along * (0.42 + 0.52 * share) + side * (0.062 * cos(a)) + other * (0.062 * sin(a))
        })
        .collect();
    part.add(Material::DarkSteel, pipe(&path, wire, 8));
    for share in [0.40, 0.955] {
        let seat = foot + along * share;
        part.add(Material::DarkSteel, pipe(&[seat, seat + axis * 0.012], 0.078, 20));
    }
    part
}

/// Links from the subframe to a knuckle; +z is outside.
fn links(front: bool) -> Part {
    let mut part = Part::new();
    let (inner, outer) = (0.36, 0.660);
    let link =
        |from: V3, to: V3, r: f64| pipe(&bend(&[from, from.lerp(to, 0.5) + v(0.0, -0.012, 0.0), to], 0.08, 4), r, 10);
    let low = -0.125;
    part.add(Material::CastIron, link(v(-0.13, low + 0.01, inner), v(-0.004, low, outer), 0.017));
    part.add(Material::CastIron, link(v(0.15, low + 0.01, inner), v(0.016, low, outer), 0.017));
    if !front {
        part.add(Material::CastIron, link(v(-0.11, 0.125, inner + 0.04), v(-0.01, 0.120, outer), 0.013));
        part.add(Material::CastIron, link(v(0.17, -0.02, inner + 0.02), v(0.075, -0.03, outer), 0.012));
    }
    // Bushes at the inner ends.
    for x in [-0.13, 0.15] {
        part.add(Material::Rubber, drum(-0.024, 0.024, 0.027, 0.003, 16).moved(x, low + 0.01, inner - 0.030));
    }
    part
}

fn subframe(front: bool) -> Part {
    let mut part = Part::new();
    let y = -0.115;
    for x in [-0.215, 0.225] {
        part.add(Material::DarkSteel, block(v(x - 0.035, y - 0.03, -0.33), v(x + 0.035, y + 0.035, 0.33), 0.008));
    }
    for side in [-1.0, 1.0] {
        part.add(
            Material::DarkSteel,
            block(v(-0.1795, y - 0.028, side * 0.33), v(0.1895, y + 0.030, side * 0.27), 0.008),
        );
        for x in [-0.215, 0.225] {
            let (from, to) = (v(x, y, side * 0.31), v(x + 0.03, y + 0.13, side * 0.44));
            part.add(Material::DarkSteel, pipe(&[from, to], 0.021, 12));
        }
    }
    if front {
        part.add(Material::DarkSteel, block(v(-0.18, y - 0.045, -0.10), v(0.19, y - 0.031, 0.10), 0.004));
    }
    part
}

/// Anti-roll bar across the car.
fn roll_bar(ahead: f64) -> Part {
    let mut part = Part::new();
    let path = [
        v(0.02, -0.06, 0.59),
        v(ahead, -0.075, 0.52),
        v(ahead, -0.065, 0.0),
        v(ahead, -0.075, -0.52),
        v(0.02, -0.06, -0.59),
    ];
    part.add(Material::DarkSteel, pipe(&bend(&path, 0.07, 4), 0.0105, 10));
    part
}

/// Rack, motor and tie rods, in front of the axle's middle; and the column up to the steering wheel.
fn steering() -> Part {
    let mut part = Part::new();
    let (x, y) = (0.13, -0.045);
    part.add(Material::Aluminium, drum(-0.30, 0.30, 0.031, 0.004, 20).placed(&Place::ACROSS).moved(x, y, 0.0));
    part.add(
        Material::DarkSteel,
        drum(-0.07, 0.09, 0.043, 0.006, 24).placed(&Place::ACROSS).moved(x + 0.075, y + 0.02, -0.15),
    );
    for side in [-1.0, 1.0] {
        part.add(
            Material::Rubber,
            drum(0.301, 0.42, 0.024, 0.004, 16).placed(&Place::ACROSS).moved(x, y, 0.0).placed(&mirror(side)),
        );
        part.add(Material::MachinedSteel, pipe(&[v(x, y, side * 0.421), v(0.10, y - 0.01, side * 0.655)], 0.0085, 10));
    }
    let foot = v(x + 0.01, y + 0.045, 0.30);
    let joint = v(0.44, 0.26, 0.37);
    let wheel = v(-0.44 + WHEELBASE / 2.0, 0.92 - TYRE / 2.0, 0.37);
    part.add(Material::MachinedSteel, pipe(&[foot, joint], 0.011, 10));
    part.add(Material::DarkSteel, pipe(&[joint, wheel], 0.016, 12));
    part
}

fn mirror(side: f64) -> Place {
    if side < 0.0 { Place::MIRROR_Z } else { Place::IDENTITY }
}

/// A plate on the top of a strut's tower.
fn tower() -> Part {
    let mut part = Part::new();
    let outline = hull((0.0, 0.0), 0.07, (0.06, 0.0), 0.06, 12);
    let plate = extrude(&outline, 0.0, 0.012, 0.003);
    part.add(
        Material::DarkSteel,
        plate.placed(&Place { axes: [v(1.0, 0.0, 0.0), v(0.0, 0.0, 1.0), v(0.0, 1.0, 0.0)], origin: v(0.0, 0.0, 0.0) }),
    );
    part
}

/// Everything between pack and road.
pub(super) fn chassis(meshes: &mut Meshes) -> Node {
    let about_z = v(0.0, 0.0, 1.0);
    let (tyre, rim, disc) = (
        meshes.keep("Tyre", corner::tyre()),
        meshes.keep("Rim", corner::rim()),
        meshes.keep("BrakeDisc", corner::disc()),
    );
    let side_of = |part: Part, side: f64| part.placed(&mirror(side));
    let mut children = Vec::new();
    let iron = Meta::by("Example Castings");
    let brakes = Meta::by("Example Brakes");
    // Rim, tyre and disc look outwards: the right side's are the left side's, mirrored.
    let right = [
        meshes.keep("TyreRight", corner::tyre().placed(&Place::MIRROR_Z)),
        meshes.keep("RimRight", corner::rim().placed(&Place::MIRROR_Z)),
        meshes.keep("BrakeDiscRight", corner::disc().placed(&Place::MIRROR_Z)),
    ];
    for (id, name, x, side) in CORNERS {
        let tag = id.to_uppercase();
        let front = x < 0.0;
        let middle = v(x, TYRE / 2.0, side * TRACK / 2.0);
        let [tyre, rim, disc] = if side > 0.0 { [tyre, rim, disc] } else { right };
        // The caliper lies behind a front disc and in front of a rear one.
        let turn = if front { Place::IDENTITY } else { Place::about_z(180.0) };
        let caliper = meshes.keep(&format!("Caliper{tag}"), side_of(corner::caliper().placed(&turn), side));
        let knuckle = meshes.keep(&format!("Knuckle{tag}"), side_of(corner::knuckle(), side));
        let links = meshes.keep(&format!("Links{tag}"), side_of(links(front), side));
        let head = if front { v(0.03, 0.53, 0.545) } else { v(0.02, 0.40, 0.520) };
        let foot = if front { v(0.0, 0.10, 0.648) } else { v(0.055, -0.10, 0.600) };
        let strut = meshes.keep(&format!("Strut{tag}"), side_of(strut(foot, head, 0.0065, 5.5), side));
        let tower = meshes.keep(&format!("StrutTop{tag}"), side_of(tower().moved(head.x, head.y, head.z), side));
        let node = |what: &str, ids: &str, label: &str, kind: &'static str| {
            Node::part(&format!("{what}{tag}"), &format!("{ids}_{id}"), &format!("{label}, {name}"), kind)
        };
        children.push(
            node("Wheel", "wheel", "Wheel", "wheel")
                .at(middle)
                .turns_about(about_z)
                .with(Meta::by("Example Wheels"))
                .holds(vec![
                    node("Tyre", "tyre", "Tyre", "tyre")
                        .shows(tyre)
                        .with(Meta::by("Example Tyres").of("rubber").weighs(10.6)),
                    node("Rim", "rim", "Rim", "rim").shows(rim).with(Meta::by("Example Wheels").of("aluminium")),
                    node("BrakeDisc", "brake_disc", "Brake disc", "brake").shows(disc).with(brakes.of("grey iron")),
                ]),
        );
        children.push(node("Caliper", "caliper", "Brake caliper", "brake").shows(caliper).at(middle).with(brakes));
        let knuckle = Node::group(&format!("Knuckle{tag}"), "Knuckle", "bearing").shows(knuckle).at(middle);
        let links = Node::group(&format!("Links{tag}"), "Links", "structure").shows(links).at(axle(x));
        let tower = Node::group(&format!("StrutTop{tag}"), "Strut mount", "structure").shows(tower).at(axle(x));
        let strut = node("Strut", "strut", "Spring and damper", "damper")
            .shows(strut)
            .at(axle(x))
            .with(Meta::by("Example Dampers"));
        children.push(
            node("Suspension", "suspension", "Suspension", "structure")
                .with(iron)
                .holds(vec![knuckle, links, tower, strut]),
        );
    }
    for (name, id, x) in [("Front", "front", -WHEELBASE / 2.0), ("Rear", "rear", WHEELBASE / 2.0)] {
        let front = x < 0.0;
        let frame = meshes.keep(&format!("Subframe{name}"), subframe(front));
        let bar = meshes.keep(&format!("RollBar{name}"), roll_bar(if front { -0.26 } else { 0.275 }));
        let label = format!("Subframe, {id}");
        children.push(
            Node::part(&format!("Subframe{name}"), &format!("subframe_{id}"), &label, "structure")
                .shows(frame)
                .at(axle(x))
                .with(iron),
        );
        let label = format!("Anti-roll bar, {id}");
        children.push(
            Node::part(&format!("RollBar{name}"), &format!("roll_bar_{id}"), &label, "structure")
                .shows(bar)
                .at(axle(x))
                .with(Meta::by("Example Springs")),
        );
    }
    let steering = meshes.keep("Steering", steering());
    children.push(
        Node::part("Steering", "steering", "Steering gear", "steering")
            .shows(steering)
            .at(axle(-WHEELBASE / 2.0))
            .with(Meta::by("Example Steering")),
    );
    Node::part("Chassis", "chassis", "Chassis", "system").holds(children)
}
