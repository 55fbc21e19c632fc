//! Nobody falls out of the world, through a floor, or into a machine: walks at random, looked at by brute force.

use glam::{Vec2, Vec3};
use twinscope_walk::{GRAZE, Intent, Kind, Walker, World};

use crate::models::{Soup, turbine, world};

/// Half as wide as a walker on foot and on a ladder, m.
const RADIUS: [f32; 2] = [0.25, 0.20];
/// What is lower than the knees is stepped over, m.
const KNEES: f32 = 0.35;

/// A generator of numbers that are hard to foresee and always the same (Marsaglia 2003, xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.next()
    }
}

/// Distance of a point from a triangle: its plane if the point is over it, else its nearest edge.
fn distance(p: Vec3, [a, b, c]: [Vec3; 3]) -> f32 {
    let n = (b - a).cross(c - a);
    let over = [(a, b), (b, c), (c, a)].iter().all(|(from, to)| (*to - *from).cross(p - *from).dot(n) >= 0.0);
    if over && n.length() > 0.0 {
        return (p - a).dot(n).abs() / n.length();
    }
    let edge = |from: Vec3, to: Vec3| {
        let way = to - from;
        let t = ((p - from).dot(way) / way.length_squared().max(1e-20)).clamp(0.0, 1.0);
        p.distance(from + way * t)
    };
    edge(a, b).min(edge(b, c)).min(edge(c, a))
}

/// The height at which a vertical line goes through a triangle.
fn height(x: f32, z: f32, [a, b, c]: [Vec3; 3]) -> Option<f32> {
    let flat = |p: Vec3| Vec2::new(p.x, p.z);
    let (p, a2, b2, c2) = (Vec2::new(x, z), flat(a), flat(b), flat(c));
    let area = (b2 - a2).perp_dot(c2 - a2);
    let (u, v) = ((p - a2).perp_dot(c2 - a2) / area, (b2 - a2).perp_dot(p - a2) / area);
    (area.abs() > 1e-9 && u >= -1e-4 && v >= -1e-4 && u + v <= 1.0001)
        .then_some(a.y + (b.y - a.y) * u + (c.y - a.y) * v)
}

impl Soup {
    /// What meets a box.
    fn within(&self, low: Vec3, high: Vec3) -> impl Iterator<Item = &(Kind, [Vec3; 3])> {
        self.0
            .iter()
            .filter(move |(_, [a, b, c])| a.min(*b).min(*c).cmple(high).all() && a.max(*b).max(*c).cmpge(low).all())
    }

    /// What is in the way of somebody on foot or on a ladder, near a place.
    fn near(&self, feet: Vec3, climbs: bool) -> impl Iterator<Item = [Vec3; 3]> {
        let all = self.within(feet - Vec3::new(0.6, 0.6, 0.6), feet + Vec3::new(0.6, 2.6, 0.6));
        let stops = move |kind: Kind| kind == Kind::Solid || (!climbs && matches!(kind, Kind::Hatch | Kind::Ladder));
        all.filter(move |(kind, _)| stops(*kind)).map(|(_, triangle)| *triangle)
    }

    /// How deep something reaches into a body, m.
    fn depth(&self, walker: &Walker) -> f32 {
        let climbs = walker.climbs();
        let radius = RADIUS[usize::from(climbs)];
        let near: Vec<_> = self.near(walker.feet(), climbs).collect();
        let (low, high) = (KNEES + radius, walker.height() - radius);
        let axis = (0..=40_u8).map(|k| low + (high - low) * f32::from(k) / 40.0);
        let nearest = axis.map(|up| {
            let point = walker.feet() + Vec3::Y * up;
            near.iter().map(|triangle| distance(point, *triangle)).fold(f32::MAX, f32::min)
        });
        radius - nearest.fold(f32::MAX, f32::min)
    }

    /// Whether something that a foot is on carries the walker.
    fn carries(&self, walker: &Walker) -> bool {
        let feet = walker.feet();
        let near: Vec<_> = self.near(feet, false).collect();
        (0..9_u8).any(|k| {
            let angle = std::f32::consts::FRAC_PI_4 * f32::from(k);
            let out = if k == 8 { 0.0 } else { 0.15 };
            let (x, z) = (feet.x + out * angle.cos(), feet.z + out * angle.sin());
            let heights = near.iter().filter_map(|triangle| height(x, z, *triangle)).chain([0.0]);
            heights.into_iter().any(|height| (height - feet.y).abs() < 0.01)
        })
    }
}

/// Where a walk went.
#[derive(Debug, Default)]
struct Seen {
    climbed: usize,
    highest: f32,
    furthest: f32,
}

/// Ten thousand steps that somebody takes who cannot decide; checks every step, and looks closely at every 25th.
#[track_caller]
fn wanders(world: &World, soup: &Soup, start: Vec3, seed: u64) -> Seen {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (seed + 1).wrapping_mul(0x2545_F491_4F6C_DD1D));
    let mut walker =
        Walker::new(world, start, dice.between(0.0, std::f32::consts::TAU), dice.between(1.4, 2.0)).unwrap();
    let mut seen = Seen { highest: f32::MIN, ..Seen::default() };
    let mut intent = Intent::default();
    let (mut turn, mut nod) = (0.0, 0.0);
    let [low, high] = world.limits();
    // What is around it for a while: the whole is too much to be looked through each time.
    let mut around = (Vec3::NAN, Soup(vec![]));
    for step in 0..10_000_u32 {
        if step % 40 == 0 {
            // Mostly ahead, at times to the side or back; at times it looks at the floor, and at times it stops.
            let go = Vec2::new(dice.between(-0.6, 0.6), dice.between(-0.5, 1.5).min(1.0));
            intent = Intent { go, run: dice.next() < 0.5, crouch: dice.next() < 0.1 };
            turn = dice.between(-0.05, 0.05);
            nod = if dice.next() < 0.3 { dice.between(-1.4, 0.4) } else { 0.0 };
        }
        // As a good screen has them, and as a bad one does.
        let dt = match seed % 4 {
            0 | 1 => 1.0 / 60.0,
            2 => dice.between(0.0, 0.1),
            _ => 0.25,
        };
        walker.look(turn, nod - walker.pitch);
        walker.step(world, &intent, dt);
        let feet = walker.feet();
        let told = || format!("seed {seed}, step {step}: {feet}, climbs {}", walker.climbs());
        assert!(feet.is_finite() && walker.eye().is_finite(), "{}", told());
        assert!(feet.cmpge(low).all() && feet.cmple(high).all(), "out of the world: {}", told());
        assert!(feet.y > -1e-3, "below the ground: {}", told());
        seen.climbed += usize::from(walker.climbs());
        seen.highest = seen.highest.max(feet.y);
        seen.furthest = seen.furthest.max(feet.distance(start));
        if step % 25 == 0 {
            if around.0.is_nan() || feet.distance(around.0) > 2.0 {
                let reach = Vec3::splat(5.0);
                around = (feet, Soup(soup.within(feet - reach, feet + reach).copied().collect()));
            }
            let soup = &around.1;
            let depth = soup.depth(&walker);
            assert!(depth < GRAZE, "{depth} m inside something: {}", told());
            assert!(walker.climbs() || soup.carries(&walker), "nothing carries it: {}", told());
        }
    }
    seen
}

/// What the demo site calls its starts: outside before the steps, in the nacelle, on the roof. Heights over the ground.
const BASE: Vec3 = Vec3::new(0.0, 0.0, 7.5);
const NACELLE: Vec3 = Vec3::new(1.2, 108.5, 1.98);
const ROOF: Vec3 = Vec3::new(-0.4, 111.45, 0.0);

#[test]
fn nobody_falls_out_of_the_world_from_the_foot_of_the_tower() {
    let (world, soup) = turbine(0.0);
    for seed in 0..4 {
        let seen = wanders(&world, &soup, BASE, seed);
        assert!(seen.furthest > 5.0, "it went somewhere: {seen:?}");
    }
}

#[test]
fn nobody_falls_out_of_the_tower() {
    let (world, soup) = turbine(0.0);
    let mut climbed = 0;
    for seed in 0..5 {
        climbed += wanders(&world, &soup, Vec3::new(-1.4, 1.2, 0.0), seed).climbed;
    }
    assert!(climbed > 100, "ladders were climbed: {climbed} steps");
}

#[test]
fn nobody_falls_out_of_the_nacelle() {
    for (seed, yaw) in [(0, 0.0), (2, 0.0), (3, 0.0), (4, 1.0)] {
        let (world, soup) = turbine(yaw);
        let start = world.solids()[1].frame.to_world(NACELLE - Vec3::Y * 108.0);
        let seen = wanders(&world, &soup, start, seed);
        assert!(seen.furthest > 2.0 && seen.highest < 110.0, "{seen:?}");
    }
}

#[test]
fn nobody_falls_off_the_roof() {
    let (world, soup) = turbine(0.0);
    for seed in 1..4 {
        let seen = wanders(&world, &soup, ROOF, seed);
        assert!(seen.furthest > 2.0, "{seen:?}");
    }
}

#[test]
fn neither_the_car_nor_the_blade_traps_anybody() {
    for (model, start) in
        [("electric_vehicle.glb", Vec3::new(0.0, 0.0, 4.0)), ("turbine_blade.glb", Vec3::new(0.0, 0.0, 0.8))]
    {
        let (world, soup) = world(model, "", 0.0);
        for seed in 1..4 {
            wanders(&world, &soup, start, seed);
        }
        // From anywhere around it one gets away.
        for k in 0..16_u8 {
            let angle = std::f32::consts::TAU * f32::from(k) / 16.0;
            for out in [0.5, 1.0, 2.0] {
                let place = Vec3::new(out * angle.sin(), 0.0, out * angle.cos());
                let Some(mut walker) = Walker::new(&world, place, 0.0, 1.65) else { continue };
                let from = walker.feet();
                let far = (0..8_u8).any(|_| {
                    walker.look(std::f32::consts::FRAC_PI_4, 0.0);
                    for _ in 0..240 {
                        walker.step(&world, &Intent { go: Vec2::Y, ..Intent::default() }, 1.0 / 60.0);
                    }
                    walker.feet().distance(from) > 3.0
                });
                assert!(far, "{model}: trapped at {from}");
            }
        }
    }
}
