use super::*;
use crate::shape::{Body, Kind};
use crate::world::tests::{block, solid, world};

/// Somebody who stands at x, z on the ground of `bodies`, looking along +x.
fn stands(bodies: Vec<Body>, x: f32, z: f32) -> (World, Walker) {
    let world = world(bodies);
    let east = -std::f32::consts::FRAC_PI_2;
    let walker = Walker::new(&world, Vec3::new(x, 0.0, z), east, 1.65).unwrap();
    (world, walker)
}

fn ahead() -> Intent {
    Intent { go: Vec2::Y, ..Intent::default() }
}

fn walks(walker: &mut Walker, world: &World, seconds: f32) {
    for _ in 0..(seconds * 60.0) as u32 {
        walker.step(world, &ahead(), 1.0 / 60.0);
    }
}

#[test]
fn forwards_is_where_one_looks_at_the_speed_of_a_walk() {
    let (world, mut walker) = stands(vec![], 0.0, 0.0);
    walks(&mut walker, &world, 2.0);
    assert!((walker.feet - Vec3::new(2.8, 0.0, 0.0)).length() < 0.02, "{}", walker.feet);
    walker.step(&world, &Intent { go: Vec2::X, ..Intent::default() }, 0.1);
    assert!(walker.feet.z > 0.1, "right of east is south: {}", walker.feet);
}

#[test]
fn one_slides_along_a_wall_and_does_not_enter_it() {
    let (world, mut walker) = stands(vec![solid(block([2.0, 0.0, -50.0], [2.1, 3.0, 50.0]))], 0.0, 0.0);
    walker.look(0.6, 0.0);
    walks(&mut walker, &world, 5.0);
    assert!((walker.feet.x - 1.75).abs() < GRAZE_X, "{}", walker.feet);
    assert!(walker.feet.z < -2.0, "{}", walker.feet);
}

const GRAZE_X: f32 = 0.02;

#[test]
fn no_time_of_a_step_leads_through_a_thin_wall() {
    for dt in [0.001, 1.0 / 60.0, 0.25, 1.0, 1e9, f32::NAN, f32::INFINITY, -1.0] {
        let sheet = solid(block([2.0, 0.0, -50.0], [2.001, 3.0, 50.0]));
        let (world, mut walker) = stands(vec![sheet], 1.0, 0.0);
        for _ in 0..400 {
            walker.step(&world, &Intent { run: true, ..ahead() }, dt);
        }
        assert!(walker.feet.x < 1.78, "{dt}: {}", walker.feet);
    }
}

#[test]
fn a_stair_is_walked_up_and_down_again() {
    let stair = (0..8_u8).map(|k| {
        let (x, y) = (2.0 + 0.28 * f32::from(k), 0.18 * f32::from(k + 1));
        solid(block([x, y - 0.04, -1.0], [x + 0.30, y, 1.0]))
    });
    let landing = solid(block([4.2, 1.40, -1.0], [8.0, 1.44, 1.0]));
    let (world, mut walker) = stands(stair.chain([landing]).collect(), 0.0, 0.0);
    walks(&mut walker, &world, 4.0);
    assert!((walker.feet.y - 1.44).abs() < 1e-3, "{}", walker.feet);
    walker.look(std::f32::consts::PI, 0.0);
    walks(&mut walker, &world, 5.0);
    assert!(walker.feet.y.abs() < 1e-3 && walker.feet.x < 1.0, "{}", walker.feet);
}

#[test]
fn a_bench_is_too_high_to_step_on() {
    let (world, mut walker) = stands(vec![solid(block([2.0, 0.0, -9.0], [4.0, 0.45, 9.0]))], 0.0, 0.0);
    walks(&mut walker, &world, 3.0);
    assert!(walker.feet.y == 0.0 && walker.feet.x < 1.85, "{}", walker.feet);
}

#[test]
fn a_ramp_is_walked_up_and_a_steep_one_is_not() {
    for (rise, up) in [(1.0, true), (6.0, false)] {
        let at = |x: f32, y: f32, z: f32| Vec3::new(x, y, z);
        let ramp = vec![
            [at(2.0, 0.0, -5.0), at(2.0, 0.0, 5.0), at(6.0, rise, 5.0)],
            [at(2.0, 0.0, -5.0), at(6.0, rise, 5.0), at(6.0, rise, -5.0)],
        ];
        let (world, mut walker) = stands(vec![solid(ramp)], 0.0, 0.0);
        walks(&mut walker, &world, 3.5);
        assert_eq!(walker.feet.y > 0.6, up, "{rise}: {}", walker.feet);
    }
}

#[test]
fn nobody_walks_over_the_edge_of_a_floor_and_everybody_along_it() {
    let world = world(vec![solid(block([-3.0, 2.0, -40.0], [3.0, 2.1, 40.0]))]);
    let mut walker = Walker::new(&world, Vec3::new(0.0, 2.1, 0.0), -1.2, 1.65).unwrap();
    walks(&mut walker, &world, 10.0);
    assert!((walker.feet.y - 2.1).abs() < 1e-3 && walker.feet.x < 3.2, "{}", walker.feet);
    assert!(walker.feet.z.abs() > 2.0, "{}", walker.feet);
}

#[test]
fn one_stoops_under_a_beam_and_stands_up_behind_it() {
    let (world, mut walker) = stands(vec![solid(block([2.0, 1.5, -9.0], [2.5, 1.8, 9.0]))], 0.0, 0.0);
    walks(&mut walker, &world, 1.7);
    assert!(walker.height < 1.5, "{} at {}", walker.height, walker.feet);
    walks(&mut walker, &world, 3.0);
    assert!(walker.feet.x > 3.0 && (walker.height - 1.77).abs() < 1e-3, "{} at {}", walker.height, walker.feet);
}

#[test]
fn nobody_fits_below_what_is_lower_than_a_crouch() {
    let (world, mut walker) = stands(vec![solid(block([2.0, 0.9, -9.0], [4.0, 3.0, 9.0]))], 0.0, 0.0);
    walks(&mut walker, &world, 4.0);
    assert!(walker.feet.x < 1.8, "{}", walker.feet);
}

#[test]
fn who_is_in_the_air_falls_to_what_is_below() {
    let (world, mut walker) = stands(vec![], 0.0, 0.0);
    walker.feet.y = 20.0;
    walker.mode = Mode::Air;
    for _ in 0..40 {
        walker.step(&world, &Intent::default(), 0.25);
    }
    assert_eq!((walker.feet.y, walker.mode), (0.0, Mode::Foot));
}

#[test]
fn who_is_nowhere_is_back_where_it_stood() {
    for lost in [Vec3::NAN, Vec3::new(0.0, -900.0, 0.0), Vec3::new(f32::INFINITY, 0.0, 0.0), Vec3::Y * 1e9] {
        let (world, mut walker) = stands(vec![], 3.0, 0.0);
        walker.feet = lost;
        walker.step(&world, &ahead(), 0.1);
        assert!(walker.feet.distance(Vec3::new(3.0, 0.0, 0.0)) < 0.5, "{lost}: {}", walker.feet);
    }
}

#[test]
fn the_world_has_an_end() {
    let (world, mut walker) = stands(vec![solid(block([-1.0, 0.0, 3.0], [1.0, 1.0, 4.0]))], 0.0, 0.0);
    for _ in 0..2_000 {
        walker.step(&world, &Intent { run: true, ..ahead() }, 0.25);
    }
    assert!(walker.feet.x <= world.limits()[1].x, "{}", walker.feet);
}

#[test]
fn a_door_is_walked_through_and_told_to_be_open() {
    let door = Body { name: "door".to_owned(), kind: Kind::Door, triangles: block([2.0, 0.0, -0.5], [2.1, 2.0, 0.5]) };
    let walls = [block([2.0, 0.0, -9.0], [2.1, 3.0, -0.5]), block([2.0, 0.0, 0.5], [2.1, 3.0, 9.0])].map(solid);
    let (world, mut walker) = stands([door].into_iter().chain(walls).collect(), 0.0, 0.0);
    assert!(walker.opens(&world).is_empty());
    walks(&mut walker, &world, 1.3);
    assert_eq!(walker.opens(&world), [(0, "door".to_owned())]);
    walks(&mut walker, &world, 1.5);
    assert!(walker.feet.x > 2.6, "{}", walker.feet);
}

#[test]
fn who_stands_on_what_turns_turns_with_it() {
    let shape = std::sync::Arc::new(crate::Shape::new(vec![solid(block([-5.0, 1.0, -5.0], [5.0, 1.1, 5.0]))]));
    let place = Frame { origin: Vec3::new(20.0, 0.0, 0.0), yaw: 0.0 };
    let mut world = World::new(vec![crate::Solid { shape, frame: place }], |_, _| 0.0);
    let mut walker = Walker::new(&world, Vec3::new(24.0, 1.1, 0.0), 0.0, 1.65).unwrap();
    for k in 1..=90_u8 {
        world.set_frame(0, Frame { yaw: f32::from(k).to_radians(), ..place });
        walker.step(&world, &Intent::default(), 1.0 / 60.0);
    }
    assert!(walker.feet.distance(Vec3::new(20.0, 1.1, -4.0)) < 0.05, "{}", walker.feet);
    assert!((walker.yaw - std::f32::consts::FRAC_PI_2).abs() < 1e-3, "{}", walker.yaw);
}

#[test]
fn who_is_put_into_a_wall_stands_beside_it() {
    let (world, mut walker) = stands(vec![solid(block([2.0, 0.0, -5.0], [2.6, 3.0, 5.0]))], 0.0, 0.0);
    assert!(walker.go_to(&world, Vec3::new(2.1, 0.0, 0.0)));
    assert!(walker.feet.x <= 1.75 + 1e-3 || walker.feet.x >= 2.85 - 1e-3, "{}", walker.feet);
    assert!(!walker.go_to(&world, Vec3::NAN));
}

#[test]
fn the_eyes_are_as_high_as_the_person_says_and_within_reason() {
    let world = world(vec![]);
    for (asked, got) in [(1.5, 1.5), (0.1, 1.4), (9.0, 2.0), (f32::NAN, 1.65)] {
        let walker = Walker::new(&world, Vec3::ZERO, 0.0, asked).unwrap();
        assert!((walker.eye().y - got).abs() < 1e-5, "{asked}: {}", walker.eye());
    }
}
