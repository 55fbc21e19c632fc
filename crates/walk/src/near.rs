//! What is close to a walker: what is in the way, what carries, and what is hit on a short way.
//!
//! Gathered once from the trees of the world for some ways and looks, because most of the work is finding it.

use glam::Vec3;

use crate::geometry::{Bounds, Triangle, apart, hit, nearest_of_segment};
use crate::shape::Kind;
use crate::world::World;

/// Nearer than this nothing is pushed away, m: less than [`crate::GRAZE`], so that rounding does not count.
const SLOP: f32 = 0.005;
/// A push that would have to be so much longer than the thing is deep is none: it is a floor or a ceiling.
const LEVEL: f32 = 0.15;
/// Steeper than 50° carries nobody: least upward part of a surface's normal.
const STEEP: f32 = 0.64;
/// Where feet are felt for: in the middle, and around it at this distance, m.
const FOOT: f32 = 0.15;

/// What does not stop a walker now. Doors never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// On foot: nothing else.
    Foot,
    /// On a ladder: ladders and hatches.
    Climb,
}

impl Passes {
    pub const fn stopped_by(self, kind: Kind) -> bool {
        match kind {
            Kind::Solid => true,
            Kind::Door => false,
            Kind::Ladder | Kind::Hatch => matches!(self, Self::Foot),
        }
    }
}

/// A body from head to knee: an upright capsule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stance {
    /// Its lower end above the feet, m: what is lower is stepped over.
    pub lift: f32,
    /// Its upper end above the feet, m.
    pub height: f32,
    /// m.
    pub radius: f32,
}

impl Stance {
    /// Its axis when the feet are at a place.
    pub fn axis(&self, feet: Vec3) -> (Vec3, Vec3) {
        let top = (self.height - self.radius).max(self.lift + self.radius + 0.01);
        (feet + Vec3::Y * (self.lift + self.radius), feet + Vec3::Y * top)
    }

    pub fn bounds(&self, feet: Vec3) -> Bounds {
        let (low, high) = self.axis(feet);
        Bounds::of([low, high]).grown(self.radius)
    }
}

/// What carries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Support {
    /// Its height, m.
    pub height: f32,
    /// Which solid; `None`: the ground.
    pub solid: Option<usize>,
}

/// Looked for in advance all around, m: about ten steps.
const AHEAD: f32 = 0.2;

/// Triangles near a walker, in the world.
#[derive(Clone, Debug, Default)]
pub struct Near {
    found: Vec<Found>,
    /// The box of each: looked through first, and so without what would slow that down.
    boxes: Vec<Bounds>,
    /// Those that a question is about.
    asked: Vec<Found>,
    /// Of which world, and in which box.
    of: Option<(u64, Bounds)>,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    triangle: Triangle,
    kind: Kind,
    solid: usize,
}

impl Near {
    /// The box in which to look for what is not held yet, a little larger than what is wanted.
    pub fn lacks(&mut self, world: u64, bounds: &Bounds) -> Option<Bounds> {
        if self.of.is_some_and(|(of, held)| of == world && held.holds(bounds.low) && held.holds(bounds.high)) {
            return None;
        }
        let wider = bounds.grown(AHEAD);
        self.of = Some((world, wider));
        self.found.clear();
        self.boxes.clear();
        Some(wider)
    }

    pub fn push(&mut self, triangle: Triangle, kind: Kind, solid: usize) {
        self.boxes.push(Bounds::of(triangle));
        self.found.push(Found { triangle, kind, solid });
    }

    fn within<'a>(&'a self, bounds: &'a Bounds, passes: Passes) -> impl Iterator<Item = &'a Found> {
        let met = self.boxes.iter().zip(&self.found).filter(move |(held, _)| held.meets(bounds));
        met.map(|(_, found)| found).filter(move |found| passes.stopped_by(found.kind))
    }

    /// Whether something is on a straight way.
    pub fn hits(&self, from: Vec3, to: Vec3, passes: Passes) -> bool {
        let bounds = Bounds::of([from, to]);
        self.within(&bounds, passes).any(|found| hit(from, to - from, found.triangle).is_some())
    }

    /// Whether something that the last push was about is on a straight way.
    pub fn passed(&self, from: Vec3, to: Vec3) -> bool {
        self.asked.iter().any(|found| hit(from, to - from, found.triangle).is_some())
    }

    /// What carries feet that may rise by `up` and sink by `down`, m: the highest of what is felt under them.
    pub fn support(&self, world: &World, feet: Vec3, up: f32, down: f32, passes: Passes) -> Option<Support> {
        let mut best: Option<Support> = None;
        let mut take = |height: f32, solid: Option<usize>| {
            if best.is_none_or(|best| height > best.height) {
                best = Some(Support { height, solid });
            }
        };
        let way = Vec3::NEG_Y * (up + down);
        let toes = Vec3::new(FOOT, 0.0, FOOT);
        let column = Bounds { low: feet - toes - Vec3::Y * down, high: feet + toes + Vec3::Y * up };
        let under: Vec<&Found> = self.within(&column, passes).collect();
        for k in 0..9_u8 {
            let angle = std::f32::consts::FRAC_PI_4 * f32::from(k);
            let out = if k == 8 { 0.0 } else { FOOT };
            let from = feet + Vec3::new(out * angle.cos(), up, out * angle.sin());
            let ground = world.ground(from.x, from.z);
            if ground <= from.y && ground >= from.y + way.y {
                take(ground, None);
            }
            // The first from above, steep or not: what is below it is covered.
            let hits = under.iter().filter_map(|found| Some((hit(from, way, found.triangle)?, *found)));
            if let Some((t, found)) = hits.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
                let height = from.y + way.y * t;
                let [a, b, c] = found.triangle;
                let upward = (b - a).cross(c - a).normalize_or_zero().y.abs();
                if upward >= STEEP || height < feet.y + 1e-3 {
                    take(height, Some(found.solid));
                }
            }
        }
        best
    }

    /// How deep the deepest thing reaches into a body, m; not above 0: nothing does.
    pub fn depth(&self, feet: Vec3, stance: &Stance, passes: Passes) -> f32 {
        let bounds = stance.bounds(feet);
        let (low, high) = stance.axis(feet);
        let close = self.within(&bounds, passes).filter(|found| !apart(low, high, stance.radius, found.triangle));
        let distance = close.map(|found| {
            let (on, at) = nearest_of_segment(low, high, found.triangle);
            on.distance(at)
        });
        stance.radius - distance.fold(f32::MAX, f32::min)
    }

    /// Where feet go so that nothing reaches into the body, by level pushes of together at most `limit`, m.
    pub fn push_out(&mut self, feet: Vec3, stance: &Stance, passes: Passes, limit: f32) -> Option<Vec3> {
        /// A corner takes two pushes, a narrow place a few more.
        const PUSHES: usize = 10;
        let mut asked = std::mem::take(&mut self.asked);
        asked.clear();
        asked.extend(self.within(&stance.bounds(feet).grown(limit), passes).copied());
        let mut placed = Some(feet);
        for _ in 0..PUSHES {
            match placed.map(|at| push(&asked, feet, at, stance)) {
                Some(Push::Free) => break,
                Some(Push::To(next)) if next.distance(feet) <= limit => placed = Some(next),
                _ => placed = None,
            }
        }
        // Ten pushes may not have been enough.
        let free = placed.filter(|at| matches!(push(&asked, feet, *at, stance), Push::Free));
        self.asked = asked;
        free
    }
}

enum Push {
    /// Nothing reaches into it.
    Free,
    /// Aside, to here.
    To(Vec3),
    /// A floor or a ceiling does.
    Stuck,
}

/// Away from the triangle that reaches furthest into a body, which came to `at` from `feet`.
fn push(asked: &[Found], feet: Vec3, at: Vec3, stance: &Stance) -> Push {
    let (low, high) = stance.axis(at);
    let mut worst = SLOP;
    let mut normal = None;
    for Found { triangle, .. } in asked {
        if apart(low, high, stance.radius, *triangle) {
            continue;
        }
        let (on, touched) = nearest_of_segment(low, high, *triangle);
        let away = on - touched;
        let distance = away.length();
        if stance.radius - distance > worst {
            worst = stance.radius - distance;
            normal = Some(if distance > 1e-4 {
                away / distance
            } else {
                // Its axis touches the triangle: back to where it came from.
                let [a, b, c] = *triangle;
                let facing = (b - a).cross(c - a).normalize_or_zero();
                let (from, _) = stance.axis(feet);
                if (from - a).dot(facing) < 0.0 { -facing } else { facing }
            });
        }
    }
    let Some(normal) = normal else { return Push::Free };
    let flat = Vec3::new(normal.x, 0.0, normal.z);
    let length = flat.length();
    if length < LEVEL { Push::Stuck } else { Push::To(at + flat / length * (worst / length).min(stance.radius)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Body;
    use crate::world::tests::{block, solid, world};
    use crate::{Frame, Shape, Solid};
    use std::sync::Arc;

    const STANCE: Stance = Stance { lift: 0.35, height: 1.8, radius: 0.25 };

    fn around(world: &World, at: Vec3, reach: f32) -> Near {
        let mut near = Near::default();
        world.near(&Bounds::of([at]).grown(reach), &mut near);
        near
    }

    #[test]
    fn a_box_of_the_world_is_found_in_a_turned_shape() {
        let shape = Arc::new(Shape::new(vec![solid(block([4.0, 0.0, -0.5], [5.0, 1.0, 0.5]))]));
        let frame = Frame { origin: Vec3::new(100.0, 0.0, 0.0), yaw: 0.7 };
        let world = World::new(vec![Solid { shape, frame }], |_, _| 0.0);
        let at = frame.to_world(Vec3::new(4.5, 0.5, 0.0));
        assert_eq!(around(&world, at, 0.8).found.len(), 12);
        assert_eq!(around(&world, at + Vec3::Y * 3.0, 0.8).found.len(), 0);
    }

    #[test]
    fn a_body_that_reaches_into_a_wall_is_pushed_out_of_it_and_no_further() {
        let world = world(vec![solid(block([1.0, 0.0, -5.0], [2.0, 3.0, 5.0]))]);
        let out =
            around(&world, Vec3::ZERO, 3.0).push_out(Vec3::new(0.85, 0.0, 0.0), &STANCE, Passes::Foot, 0.2).unwrap();
        assert!((out.x - 0.75).abs() < 0.01 && out.z.abs() < 1e-4, "{out}");
    }

    #[test]
    fn a_low_ceiling_pushes_nobody_aside() {
        let world = world(vec![solid(block([-3.0, 1.5, -3.0], [3.0, 1.6, 3.0]))]);
        let mut near = around(&world, Vec3::ZERO, 3.0);
        assert_eq!(near.push_out(Vec3::ZERO, &STANCE, Passes::Foot, 0.2), None);
        assert!(near.depth(Vec3::ZERO, &STANCE, Passes::Foot) > 0.2);
    }

    #[test]
    fn feet_stand_on_the_highest_of_what_is_under_them() {
        let world = world(vec![solid(block([0.0, 0.0, -1.0], [1.0, 0.2, 1.0]))]);
        let near = around(&world, Vec3::ZERO, 3.0);
        let height = |x: f32| near.support(&world, Vec3::new(x, 0.0, 0.0), 0.35, 0.35, Passes::Foot).map(|s| s.height);
        assert_eq!(height(0.5), Some(0.2));
        assert_eq!(height(-0.1), Some(0.2), "a toe is on it");
        assert_eq!(height(-0.3), Some(0.0));
    }

    #[test]
    fn doors_stop_nobody_and_hatches_only_who_is_on_foot() {
        let of = |kind| Body { kind, triangles: block([0.0, 0.0, -1.0], [0.1, 2.0, 1.0]), ..Body::default() };
        for (kind, foot, climb) in [
            (Kind::Solid, true, true),
            (Kind::Door, false, false),
            (Kind::Hatch, true, false),
            (Kind::Ladder, true, false),
        ] {
            let world = world(vec![of(kind)]);
            let near = around(&world, Vec3::ZERO, 3.0);
            let hit = |passes| near.hits(Vec3::new(-1.0, 1.0, 0.0), Vec3::new(1.0, 1.0, 0.0), passes);
            assert_eq!((hit(Passes::Foot), hit(Passes::Climb)), (foot, climb), "{kind:?}");
        }
    }
}
