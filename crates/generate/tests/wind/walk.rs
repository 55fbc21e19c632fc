//! The inside: a person can stand and walk in the nacelle and at the tower's base.

use super::scene;
use crate::{find, world_points};
use twinscope_generate::math::{V3, v};
use twinscope_generate::scene::Scene;

/// A person: 0.5 m wide and 1.9 m high, m.
const RADIUS: f64 = 0.25;
const HEIGHT: f64 = 1.9;
/// Feet are lifted so far off the floor that it does not count as an obstacle.
const LIFT: f64 = 0.02;

/// All triangles of the scene that come near a box.
fn triangles(scene: &Scene, low: V3, high: V3) -> Vec<(String, [V3; 3])> {
    let mut out = Vec::new();
    scene.walk(&mut |node, place| {
        for (_, shape) in scene.part_of(node).iter().flat_map(|part| &part.solids) {
            for &[a, b, c] in &shape.faces {
                let corners = [a, b, c].map(|i| place.point(shape.at(i)));
                let reach = |get: fn(&V3) -> f64, low: f64, high: f64| {
                    corners.iter().map(get).fold(f64::MAX, f64::min) < high
                        && corners.iter().map(get).fold(f64::MIN, f64::max) > low
                };
                if reach(|p| p.x, low.x, high.x) && reach(|p| p.y, low.y, high.y) && reach(|p| p.z, low.z, high.z) {
                    out.push((node.name.clone(), corners));
                }
            }
        }
    });
    out
}

/// Distance of a point from a triangle (Ericson 2005, Real-Time Collision Detection, 5.1.5).
fn distance(p: V3, [a, b, c]: [V3; 3]) -> f64 {
    let (ab, ac, ap) = (b - a, c - a, p - a);
    let (d1, d2) = (ab.dot(ap), ac.dot(ap));
    if d1 <= 0.0 && d2 <= 0.0 {
        return ap.length();
    }
    let bp = p - b;
    let (d3, d4) = (ab.dot(bp), ac.dot(bp));
    if d3 >= 0.0 && d4 <= d3 {
        return bp.length();
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        return (p - (a + ab * (d1 / (d1 - d3)))).length();
    }
    let cp = p - c;
    let (d5, d6) = (ab.dot(cp), ac.dot(cp));
    if d6 >= 0.0 && d5 <= d6 {
        return cp.length();
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        return (p - (a + ac * (d2 / (d2 - d6)))).length();
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 - d3 >= 0.0 && d5 - d6 >= 0.0 {
        return (p - (b + (c - b) * ((d4 - d3) / ((d4 - d3) + (d5 - d6))))).length();
    }
    let k = 1.0 / (va + vb + vc);
    (p - (a + ab * (vb * k) + ac * (vc * k))).length()
}

/// What a person meets who walks along these points, whose height is the floor's: obstacles, and places without floor.
fn walk(path: &[V3]) -> Vec<String> {
    let scene = scene();
    let mut met = Vec::new();
    for pair in path.windows(2) {
        let steps = ((pair[1] - pair[0]).length() / 0.1).ceil().max(1.0) as u32;
        for k in 0..=steps {
            let foot = pair[0].lerp(pair[1], f64::from(k) / f64::from(steps));
            let near = triangles(&scene, foot - v(RADIUS, 0.1, RADIUS), foot + v(RADIUS, LIFT + HEIGHT, RADIUS));
            // The capsule as a row of balls.
            let balls = 14;
            for ball in 0..=balls {
                let h = LIFT + RADIUS + (HEIGHT - 2.0 * RADIUS) * f64::from(ball) / f64::from(balls);
                for (name, corners) in &near {
                    if distance(foot + v(0.0, h, 0.0), *corners) < RADIUS {
                        met.push(format!("{name} at x {:.2}, z {:.2}, {h:.2} m above the floor", foot.x, foot.z));
                    }
                }
            }
            // Rays down from the foot meet something at the floor's height; one may fall into a joint.
            let stands = [0.0, 0.02].into_iter().any(|d| {
                let below = near.iter().filter_map(|(_, corners)| height_below(foot + v(d, 0.0, d), *corners));
                below.into_iter().any(|y| (y - foot.y).abs() < 0.01)
            });
            if !stands {
                met.push(format!("no floor at x {:.2}, z {:.2}", foot.x, foot.z));
            }
        }
    }
    met.sort();
    met.dedup();
    met.truncate(20);
    met
}

/// Height of a triangle that looks up, below a point.
fn height_below(p: V3, [a, b, c]: [V3; 3]) -> Option<f64> {
    let n = (b - a).cross(c - a);
    if n.y <= 1e-9 {
        return None;
    }
    let y = a.y - (n.x * (p.x - a.x) + n.z * (p.z - a.z)) / n.y;
    let q = v(p.x, y, p.z);
    let left_of = |from: V3, to: V3| (to - from).cross(q - from).dot(n) >= -1e-12;
    (left_of(a, b) && left_of(b, c) && left_of(c, a)).then_some(y)
}

#[test]
fn a_person_walks_through_the_nacelle() {
    let floor = 108.0 + 0.495;
    let p = |x: f64, z: f64| v(x, floor, z);
    // From the hatch to the side, to the front and back along the drivetrain, across behind the generator, and forward
    // between generator and converter to the gearbox.
    let path = [p(-0.30, 0.86), p(-0.30, 2.0), p(-2.2, 2.0), p(6.68, 2.0), p(6.68, -0.9), p(3.0, -0.9)];
    let met = walk(&path);
    assert!(met.is_empty(), "{met:#?}");
}

#[test]
fn the_walkways_are_at_least_600_mm_wide() {
    // A person of this width with the shoulders at the one and the other side of it.
    let floor = 108.0 + 0.495;
    for side in [-0.05, 0.05] {
        let met = walk(&[v(-2.2, floor, 2.0 + side), v(6.5, floor, 2.0 + side)]);
        assert!(met.is_empty(), "{met:#?}");
        let met = walk(&[v(6.2, floor, -0.9 + side), v(3.0, floor, -0.9 + side)]);
        assert!(met.is_empty(), "{met:#?}");
    }
}

#[test]
fn a_person_walks_about_behind_the_tower_door() {
    let p = |x: f64, z: f64| v(x, 1.2, z);
    let met = walk(&[p(0.0, 2.3), p(0.0, 0.4), p(1.4, 1.2), p(1.3, -0.9), p(-0.9, -1.1), p(-1.2, 0.0), p(-2.1, 0.0)]);
    assert!(met.is_empty(), "{met:#?}");
}

#[test]
fn the_doorway_is_open_when_the_door_is_taken_away() {
    let scene = scene();
    let near = triangles(&scene, v(-0.6, 1.2, 2.5), v(0.6, 3.5, 3.4));
    for (x, y, z) in
        [(0.0, 1.4, 2.8), (0.3, 2.0, 2.9), (-0.3, 2.0, 3.0), (0.3, 2.9, 2.95), (0.0, 3.2, 3.0), (0.0, 2.0, 3.2)]
    {
        for (name, corners) in near.iter().filter(|(name, _)| name != "TowerDoor") {
            assert!(distance(v(x, y, z), *corners) > 0.05, "{name} in the doorway");
        }
    }
}

#[test]
fn the_hatch_of_the_nacelle_is_inside_the_yaw_bearing_at_every_heading() {
    let scene = scene();
    assert!(find(&scene.root, "NacelleHatch").is_some());
    let brake = world_points(&scene, "YawBrakeDisc").into_iter().map(|p| p.x.hypot(p.z)).fold(f64::MAX, f64::min);
    for p in world_points(&scene, "NacelleLadder") {
        assert!(p.x.hypot(p.z) < brake, "{p:?} meets the brake disc of the yaw bearing");
    }
}
