//! What turns, and what it turns against: axes, pivots and teeth.

use twinscope_generate::math::{V3, lookup, v};
use twinscope_generate::mesh::Shape;
use twinscope_generate::scene::{Material, Node, Scene};
use twinscope_generate::tables;

use super::scene;
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

/// The nodes that turn, but for the blades, with what of them is round.
const ROUND: &[(&str, &[&str])] = &[
    ("Yaw", &["YawInnerRing"]),
    ("Rotor", &["MainShaft", "Hub", "Spinner"]),
    ("HighSpeedShaft", &["HighSpeedShaft"]),
    ("BrakeDisc", &["BrakeDisc"]),
    ("Coupling", &["Coupling"]),
    ("GeneratorRotor", &["GeneratorRotor"]),
];

#[test]
fn what_turns_is_round_about_its_axis() {
    let scene = scene();
    let mut turning: Vec<(String, V3)> = Vec::new();
    scene.walk(&mut |node, place| {
        if let Some(axis) = node.axis
            && !node.name.starts_with("Blade")
        {
            turning.push((node.name.clone(), place.turn(axis)));
        }
    });
    assert_eq!(turning.len(), ROUND.len(), "{turning:?}");
    for (name, axis) in turning {
        let (_, round) = ROUND.iter().find(|(known, _)| *known == name).unwrap();
        let off = off_axis(middle_of(&scene, round), origin_of(&scene, &name).origin, axis);
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

fn gears_of<'a>(scene: &'a Scene, stage: &Node) -> Vec<&'a Shape> {
    let part = scene.meshes.iter().find(|(name, _)| *name == stage.name).unwrap();
    part.1.solids.iter().filter(|(material, _)| *material == Material::MachinedSteel).map(|(_, shape)| shape).collect()
}

#[test]
fn gears_of_the_planetary_stages_mesh_without_overlap() {
    let scene = scene();
    for name in ["PlanetStage1", "PlanetStage2"] {
        let gears = gears_of(&scene, find(&scene.root, name).unwrap());
        // Ring, three planets and sun, all of them straight along x.
        assert_eq!(gears.len(), 5, "{name}");
        let middle = gears[0].points.iter().map(|p| p.x).sum::<f64>() / gears[0].points.len() as f64;
        for (i, one) in gears.iter().enumerate() {
            for (j, other) in gears.iter().enumerate().filter(|(j, _)| *j != i) {
                for p in one.points.iter().map(|p| v(middle, p.y, p.z)) {
                    assert!(!within(other, p), "{name}: gear {i} reaches into gear {j} at {p:?}");
                }
            }
        }
    }
}
