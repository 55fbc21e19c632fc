//! What turns, and what it turns against: axes, pivots and teeth.

use std::collections::BTreeMap;
use twinscope_generate::math::{Place, V3, lookup, place_of, v};
use twinscope_generate::mesh::Shape;
use twinscope_generate::scene::{Node, Scene};
use twinscope_generate::tables;

use super::{scene, type_file};
use crate::{find, origin_of, world_points};

/// Distance of a point from the line through `origin` along the unit vector `axis`.
fn off_axis(p: V3, origin: V3, axis: V3) -> f64 {
    let d = p - origin;
    (d - axis * d.dot(axis)).length()
}

/// Mean of the points that these nodes show. A body of revolution and a ring of equal things have it on their axis.
fn middle_of(scene: &Scene, names: &[&str]) -> V3 {
    let points: Vec<V3> = names.iter().flat_map(|name| world_points(scene, name)).collect();
    points.iter().fold(v(0.0, 0.0, 0.0), |sum, p| sum + *p) * (1.0 / points.len() as f64)
}

/// Nodes that turn without a round mesh of their own, with what of them is round.
const ROUND: &[(&str, &[&str])] = &[("Yaw", &["YawInnerRing"]), ("Rotor", &["MainShaft", "Hub", "Spinner"])];

#[test]
fn what_turns_is_round_about_its_axis() {
    let scene = scene();
    let mut turning: Vec<(String, V3, Place)> = Vec::new();
    scene.walk(&mut |node, place| {
        if let Some(axis) = node.axis
            && !node.name.starts_with("Blade")
        {
            turning.push((node.name.clone(), axis, *place));
        }
    });
    assert!(turning.len() > 30);
    for (name, axis, place) in turning {
        let off = match ROUND.iter().find(|(known, _)| *known == name) {
            Some((_, round)) => off_axis(middle_of(&scene, round), place.origin, place.turn(axis)),
            None => {
                let part = scene.part_of(find(&scene.root, &name).unwrap()).unwrap();
                let points: Vec<V3> = part.solids.iter().flat_map(|(_, shape)| shape.points.clone()).collect();
                let sum = points.iter().fold(v(0.0, 0.0, 0.0), |sum, p| sum + *p);
                off_axis(sum * (1.0 / points.len() as f64), v(0.0, 0.0, 0.0), axis)
            }
        };
        assert!(off < 1e-3, "{name}: {off} m off its axis");
    }
}

#[test]
fn a_blade_pitches_about_the_middle_of_its_round_root() {
    let scene = scene();
    let blade = find(&scene.root, "Blade1").unwrap();
    assert!(blade.axis.unwrap().y.abs() == 1.0);
    let points = &scene.part_of(blade).unwrap().solids[0].1.points;
    // The root's diameter in the table is 2.6 m.
    for p in points.iter().filter(|p| p.y.abs() < 1e-9) {
        assert!((p.x.hypot(p.z) - 1.3).abs() < 0.01, "{p:?}");
    }
}

#[test]
fn blade_roots_lie_on_the_hub_a_third_of_a_turn_apart() {
    let scene = scene();
    let hub = origin_of(&scene, "Rotor");
    let [axis, ..] = hub.axes;
    // The IEA turbine's hub has a diameter of 4 m; its blades lean 3 degrees upwind.
    let roots = ["Blade1", "Blade2", "Blade3"].map(|name| origin_of(&scene, name).origin - hub.origin);
    for (k, root) in roots.iter().enumerate() {
        assert!((root.length() - 2.0).abs() < 1e-6, "blade {}: {}", k + 1, root.length());
        let flat = |p: V3| (p - axis * p.dot(axis)).unit();
        let angle = flat(*root).dot(flat(roots[(k + 1) % 3])).acos().to_degrees();
        assert!((angle - 120.0).abs() < 1e-6, "blade {}: {angle}", k + 1);
    }
}

#[test]
fn what_turns_together_lies_on_one_line() {
    let scene = scene();
    let rotor = origin_of(&scene, "Rotor");
    let [axis, ..] = rotor.axes;
    let high_speed = origin_of(&scene, "HighSpeedShaft").origin;
    for (name, line) in [
        ("MainBearingFront", rotor.origin),
        ("MainBearingRear", rotor.origin),
        ("HighSpeedBearing", high_speed),
        ("BrakeDisc", high_speed),
        ("Coupling", high_speed),
        ("GeneratorRotor", high_speed),
        ("GeneratorBearingDE", high_speed),
        ("GeneratorBearingNDE", high_speed),
    ] {
        let off = off_axis(origin_of(&scene, name).origin, line, axis);
        assert!(off < 1e-6, "{name}: {off} m off the line");
    }
}

#[test]
fn blades_clear_the_tower() {
    let scene = scene();
    let tower = tables::read().unwrap().tower;
    // Blade 1 points up; turned to the bottom it must pass before the tower with its prebend and the shaft's tilt.
    let rotor = origin_of(&scene, "Rotor");
    let [axis, ..] = rotor.axes;
    let half_turn = |p: V3| {
        let d = p - rotor.origin;
        rotor.origin + axis * (2.0 * d.dot(axis)) - d
    };
    let nearest = world_points(&scene, "Blade1")
        .into_iter()
        .map(half_turn)
        .filter(|p| p.y < 107.0)
        .map(|p| p.x.hypot(p.z) - lookup(&tower, p.y) / 2.0)
        .fold(f64::MAX, f64::min);
    assert!(nearest > 2.0, "{nearest}");
}

#[test]
fn the_yaw_drives_walk_round_a_ring_that_stands_on_the_tower() {
    let scene = scene();
    let yaw = find(&scene.root, "Yaw").unwrap();
    assert!(find(yaw, "YawDrive1").is_some());
    assert!(find(yaw, "YawRing").is_none());
    assert!(find(find(&scene.root, "Tower").unwrap(), "YawRing").is_some());
    let ring = origin_of(&scene, "YawRing").origin;
    assert!((ring - v(0.0, 108.0, 0.0)).length() < 1e-9, "{ring:?}");
}

/// Whether a point lies within a solid: a ray from it along a direction that meets no edge by chance crosses the
/// surface an odd number of times.
fn within(shape: &Shape, p: V3) -> bool {
    let ray = v(0.0123, 0.8, 0.6).unit();
    let crossings = shape.faces.iter().filter(|&&[a, b, c]| {
        // Möller and Trumbore 1997.
        let (a, b, c) = (shape.at(a), shape.at(b), shape.at(c));
        let (e, f) = (b - a, c - a);
        let h = ray.cross(f);
        let det = e.dot(h);
        if det.abs() < 1e-15 {
            return false;
        }
        let s = p - a;
        let u = s.dot(h) / det;
        let q = s.cross(e);
        let w = ray.dot(q) / det;
        u >= 0.0 && w >= 0.0 && u + w <= 1.0 && f.dot(q) / det > 0.0
    });
    crossings.count() % 2 == 1
}

/// Where the machine stands: what its signals are.
struct State {
    /// How far the rotor has turned, degrees.
    rotor: f64,
    heading: f64,
    pitch: f64,
}

/// Frames of all nodes when the machine has moved as the type file says.
fn moved(scene: &Scene, state: &State) -> BTreeMap<String, Place> {
    fn down(node: &Node, parent: &Place, turn: &dyn Fn(&str) -> Place, out: &mut BTreeMap<String, Place>) {
        let own = node.part_id.as_deref().map_or(Place::IDENTITY, turn);
        let here = own.then(&place_of(node.rotation, node.translation)).then(parent);
        out.insert(node.name.clone(), here);
        for child in &node.children {
            down(child, &here, turn, out);
        }
    }
    let parts = type_file();
    let turn = |id: &str| {
        let motion = parts.iter().find(|part| part.ids.iter().any(|known| known == id)).and_then(|p| p.motion.clone());
        let Some(motion) = motion else { return Place::IDENTITY };
        let told = match motion.signal.as_str() {
            // A speed: what has been integrated is the angle.
            "rotor.speed" | "speed" => state.rotor,
            "yaw_system.heading" | "heading" => state.heading,
            "pitch" | "blade_{n}.pitch" => state.pitch,
            _ => 0.0,
        };
        let angle = told * motion.scale + motion.offset;
        match motion.axis.as_str() {
            "x" => Place::about_x(angle),
            "y" => Place::about_y(angle),
            _ => Place::about_z(angle),
        }
    };
    let mut out = BTreeMap::new();
    down(&scene.root, &Place::IDENTITY, &turn, &mut out);
    out
}

/// A point of the world in a node's frame.
fn inverse(place: &Place, p: V3) -> V3 {
    let d = p - place.origin;
    let [x, y, z] = place.axes;
    v(d.dot(x), d.dot(y), d.dot(z))
}

/// The toothed solid of a node: the first one.
fn teeth<'a>(scene: &'a Scene, name: &str) -> &'a Shape {
    &scene.part_of(find(&scene.root, name).unwrap()).unwrap().solids[0].1
}

/// Axial coordinate and distance from the axis, by the axis' letter.
fn cylindrical(p: V3, along: char) -> (f64, f64) {
    if along == 'x' { (p.x, p.y.hypot(p.z)) } else { (p.y, p.x.hypot(p.z)) }
}

/// Corners of one gear that lie in another one, and how deep the teeth reach between each other, m. For spur teeth the
/// corners are moved along the axis into the middle of the other one.
fn overlap(
    scene: &Scene,
    frames: &BTreeMap<String, Place>,
    pair: (&str, &str),
    along: char,
    spur: bool,
) -> (usize, f64) {
    let (one, other) = (teeth(scene, pair.0), teeth(scene, pair.1));
    let (from, to) = (&frames[pair.0], &frames[pair.1]);
    let middle = other.points.iter().map(|p| cylindrical(*p, along).0).sum::<f64>() / other.points.len() as f64;
    let outermost = other.points.iter().map(|p| cylindrical(*p, along).1).fold(0.0, f64::max);
    let (mut inside, mut deepest) = (0, f64::MAX);
    for p in &one.points {
        let p = inverse(to, from.point(*p));
        let (_, r) = cylindrical(p, along);
        deepest = deepest.min(r);
        if r > outermost {
            continue;
        }
        let p = match (spur, along) {
            (false, _) => p,
            (true, 'x') => v(middle, p.y, p.z),
            (true, _) => v(p.x, middle, p.z),
        };
        inside += usize::from(within(other, p));
    }
    (inside, outermost - deepest)
}

/// Pairs of nodes whose teeth mesh: the module in m, the letter of their axes, whether they are spur gears.
fn pairs() -> Vec<(String, String, f64, char, bool)> {
    let mut pairs = Vec::new();
    for (stage, module) in [(1, 0.036), (2, 0.0168)] {
        for k in 1..=3 {
            let planet = format!("Planet{stage}{k}");
            pairs.push((format!("SunGear{stage}"), planet.clone(), module, 'x', true));
            pairs.push((planet.clone(), format!("SunGear{stage}"), module, 'x', true));
            pairs.push((planet, format!("RingGear{stage}"), module, 'x', true));
        }
    }
    // The wheel is the narrower one, so its ends lie within the pinion's.
    pairs.push(("HighSpeedWheel".to_owned(), "HighSpeedPinion".to_owned(), 0.0112, 'x', false));
    for k in 1..=4 {
        pairs.push((format!("YawPinion{k}"), "YawRing".to_owned(), 0.018, 'y', true));
    }
    for k in 1..=3 {
        pairs.push((format!("PitchPinion{k}"), format!("PitchGear{k}"), 0.0175, 'y', true));
    }
    pairs
}

#[test]
fn teeth_stay_in_their_gaps_while_the_machine_turns() {
    let scene = scene();
    for (rotor, heading, pitch) in [(0.0, 270.0, 0.0), (7.31, 271.37, 3.3), (113.9, 12.6, 88.7)] {
        let frames = moved(&scene, &State { rotor, heading, pitch });
        for (one, other, module, along, spur) in pairs() {
            let (inside, depth) = overlap(&scene, &frames, (&one, &other), along, spur);
            assert_eq!(
                inside, 0,
                "{one} cuts into {other} with the rotor at {rotor}, heading {heading}, pitch {pitch}"
            );
            assert!(depth > 1.2 * module, "{one} reaches {depth} m into {other}");
        }
    }
}

/// 1 + 56/19 times 1 + 93/18 times 95/24: Nejad et al. (2016), tables V and VI.
#[test]
fn the_high_speed_shaft_turns_at_the_gearboxs_ratio() {
    let parts = type_file();
    let shaft = parts.iter().find(|part| part.ids[0] == "high_speed_shaft").unwrap();
    let motion = shaft.motion.as_ref().unwrap();
    assert_eq!(motion.signal, "rotor.speed");
    assert!((motion.scale + 96.354).abs() < 5e-4, "{}", motion.scale);
}

/// Two weeks at 12 rpm are 9e7 degrees, at the pinion 9e9: a tooth of it is 15 degrees.
#[test]
fn teeth_are_in_step_after_weeks() {
    let parts = type_file();
    let scale = |id: &str| parts.iter().find(|part| part.ids[0] == id).unwrap().motion.as_ref().unwrap().scale;
    let (ring1, sun1, ring2, sun2) = (56.0, 19.0, 93.0, 18.0);
    let first = 1.0 + ring1 / sun1;
    let second = first * (1.0 + ring2 / sun2);
    for (id, exact) in [
        ("planet_1_1", -ring1 / 17.0),
        ("sun_gear_1", first),
        ("planet_2_1", -first * ring2 / 36.0),
        ("sun_gear_2", second),
        ("high_speed_shaft", -second * 95.0 / 24.0),
    ] {
        let off_deg = (scale(id) - exact).abs() * 14.0 * 24.0 * 60.0 * 12.0 * 360.0;
        assert!(off_deg < 0.1, "{id} is {off_deg} degrees off after two weeks");
    }
}
