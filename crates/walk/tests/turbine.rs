//! From the ground up to the nacelle and back, through every hatch that a ladder leads to.

use std::collections::BTreeSet;

use glam::{Vec2, Vec3};
use twinscope_walk::{Intent, Walker, World};

use crate::models::turbine;

const DT: f32 = 1.0 / 60.0;

struct Route {
    world: World,
    walker: Walker,
    opened: BTreeSet<String>,
}

impl Route {
    fn new(yaw: f32) -> Self {
        let (world, _) = turbine(yaw);
        let walker = Walker::new(&world, Vec3::new(0.0, 0.0, 8.0), 0.0, 1.65).unwrap();
        Self { world, walker, opened: BTreeSet::new() }
    }

    fn step(&mut self, go: Vec2) {
        self.walker.step(&self.world, &Intent { go, run: true, ..Intent::default() }, DT);
        let open = self.walker.opens(&self.world).into_iter().map(|(_, name)| name);
        self.opened.extend(open);
    }

    /// Looks level towards a place.
    fn look_at(&mut self, x: f32, z: f32) {
        let feet = self.walker.feet();
        let yaw = (feet.x - x).atan2(feet.z - z);
        let pitch = self.walker.pitch;
        self.walker.look(yaw - self.walker.yaw, -pitch);
    }

    /// Walks straight to a place, within 5 cm.
    #[track_caller]
    fn to(&mut self, x: f32, z: f32) {
        for _ in 0..1_200 {
            let feet = self.walker.feet();
            let left = Vec2::new(x - feet.x, z - feet.z).length();
            if left < 0.05 {
                return;
            }
            self.look_at(x, z);
            self.step(Vec2::new(0.0, (left * 4.0).min(1.0)));
        }
        panic!("({x}, {z}) is not reached: {} {}", self.walker.feet(), self.walker.climbs());
    }

    /// A place of the nacelle, x and z in its frame.
    fn nacelle(&self, x: f32, z: f32) -> (f32, f32) {
        let p = self.world.solids()[1].frame.to_world(Vec3::new(x, 0.0, z));
        (p.x, p.z)
    }

    /// Keeps forwards pressed, looking at a place, until on foot at a height.
    #[track_caller]
    fn climbs(&mut self, look: (f32, f32), pitch: f32, height: f32) {
        self.look_at(look.0, look.1);
        self.walker.look(0.0, pitch);
        for _ in 0..8_000 {
            self.step(Vec2::Y);
            if !self.walker.climbs() && (self.walker.feet().y - height).abs() < 0.1 {
                return;
            }
        }
        panic!("{height} m is not reached: {} {}", self.walker.feet(), self.walker.climbs());
    }
}

#[test]
fn the_nacelle_is_reached_from_the_ground_and_the_ground_from_the_nacelle() {
    for yaw in [0.0_f32, 1.0, -2.2] {
        let mut route = Route::new(yaw);
        // Up the steps, through the door, to the ladder.
        route.to(0.0, 4.0);
        assert!((route.walker.feet().y - 1.18).abs() < 0.02, "the landing: {}", route.walker.feet());
        route.to(0.0, 1.5);
        assert!((route.walker.feet().y - 1.2).abs() < 0.02, "the lowest platform: {}", route.walker.feet());
        route.to(-1.5, 0.0);
        // The highest platform of the tower.
        route.climbs((-3.0, 0.0), 0.0, 105.8);
        let foot = route.nacelle(0.1, 0.86);
        route.to(foot.0, foot.1);
        let ladder = route.nacelle(-0.5, 0.86);
        route.climbs(ladder, 0.0, 108.5);
        let walkway = route.nacelle(-0.3, 1.98);
        route.to(walkway.0, walkway.1);
        let rear = route.nacelle(7.2, 1.98);
        route.to(rear.0, rear.1);
        // Back, and down again.
        route.to(walkway.0, walkway.1);
        let lid = route.nacelle(-0.25, 0.9);
        route.to(lid.0, lid.1);
        route.climbs(ladder, -1.0, 105.8);
        route.to(-0.4, 0.0);
        route.climbs((-3.0, 0.0), -1.0, 1.2);
        route.to(0.0, 1.5);
        route.to(0.0, 8.0);
        assert!(route.walker.feet().y.abs() < 0.02, "{}", route.walker.feet());
        let hatches = (2..=6).map(|n| format!("tower_hatch_{n}")).chain(["nacelle_hatch".to_owned()]);
        for name in hatches.chain(["tower_door".to_owned()]) {
            assert!(route.opened.contains(&name), "{name}: {:?}", route.opened);
        }
    }
}

#[test]
fn one_gets_off_the_ladder_at_every_platform() {
    let mut route = Route::new(0.0);
    route.to(0.0, 4.0);
    route.to(0.0, 1.5);
    for floor in [20.51, 42.12, 63.72, 85.33] {
        let x = if floor < 21.0 { -1.5 } else { -0.8 };
        route.to(x, 0.0);
        route.look_at(-3.0, 0.0);
        let reached = (0..2_000).any(|_| {
            route.step(Vec2::Y);
            route.walker.feet().y > floor + 0.05
        });
        assert!(reached, "{floor} m: {} {}", route.walker.feet(), route.walker.climbs());
        for _ in 0..60 {
            route.step(Vec2::NEG_Y);
        }
        assert!(!route.walker.climbs() && (route.walker.feet().y - floor).abs() < 0.02, "{}", route.walker.feet());
    }
}

#[test]
fn straight_ahead_from_the_foot_of_the_tower_one_is_inside() {
    for dt in [1.0 / 60.0, 0.1, 0.25] {
        let (world, _) = turbine(0.0);
        let mut walker = Walker::new(&world, Vec3::new(0.0, 0.0, 7.5), 0.0, 1.65).unwrap();
        for _ in 0..(8.0 / dt) as usize {
            walker.step(&world, &Intent { go: Vec2::Y, ..Intent::default() }, dt);
        }
        assert!(walker.feet().z < 1.0, "{dt} s a frame: {}", walker.feet());
    }
}
