//! Shapes where they are now, over a ground, and what can be asked of them: what is in the way, what carries, what is hit.

use std::fmt;
use std::sync::Arc;

use glam::{Vec2, Vec3};

use crate::geometry::{Bounds, Triangle, nearest_of_segment};
use crate::shape::{Kind, Shape};

/// How far from everything one may go, m.
const AROUND: f32 = 250.0;
/// Nearer than this nothing is pushed away, m: less than [`crate::GRAZE`], so that rounding does not count.
const SLOP: f32 = 0.005;
/// A push that would have to be so much longer than the thing is deep is none: it is a floor or a ceiling.
const LEVEL: f32 = 0.15;
/// Steeper than 50° carries nobody: least upward part of a surface's normal.
const STEEP: f32 = 0.64;
/// Where feet are felt for: in the middle, and around it at this distance, m.
const FOOT: f32 = 0.15;

/// Where a shape is: it is turned about the vertical, and moved.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Its origin in the world, m.
    pub origin: Vec3,
    /// Turned to the left by so much, radians.
    pub yaw: f32,
}

impl Frame {
    fn turned(yaw: f32, v: Vec3) -> Vec3 {
        let (sin, cos) = yaw.sin_cos();
        Vec3::new(cos * v.x + sin * v.z, v.y, cos * v.z - sin * v.x)
    }

    /// A point of the shape in the world.
    #[must_use]
    pub fn to_world(&self, p: Vec3) -> Vec3 {
        self.origin + Self::turned(self.yaw, p)
    }

    /// A point of the world in the shape.
    #[must_use]
    pub fn to_shape(&self, p: Vec3) -> Vec3 {
        Self::turned(-self.yaw, p - self.origin)
    }

    /// A direction of the shape in the world.
    #[must_use]
    pub fn direction(&self, v: Vec3) -> Vec3 {
        Self::turned(self.yaw, v)
    }

    /// A box of the world in the shape: the smallest that holds it.
    pub(crate) fn bounds_to_shape(&self, bounds: &Bounds) -> Bounds {
        let middle = self.to_shape((bounds.low + bounds.high) * 0.5);
        let half = (bounds.high - bounds.low) * 0.5;
        let (sin, cos) = self.yaw.sin_cos();
        let (sin, cos) = (sin.abs(), cos.abs());
        let half = Vec3::new(cos * half.x + sin * half.z, half.y, sin * half.x + cos * half.z);
        Bounds { low: middle - half, high: middle + half }
    }
}

/// A shape in its place.
#[derive(Clone, Debug)]
pub struct Solid {
    /// What.
    pub shape: Arc<Shape>,
    /// Where.
    pub frame: Frame,
}

type Ground = Arc<dyn Fn(f32, f32) -> f32 + Send + Sync>;

/// Everything that one can walk into or on.
#[derive(Clone)]
pub struct World {
    solids: Vec<Solid>,
    ground: Ground,
    bounds: Bounds,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("solids", &self.solids.len()).field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

/// What does not stop a walker now. Doors never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passes {
    /// On foot: nothing else.
    Foot,
    /// On a ladder: ladders and hatches.
    Climb,
}

impl Passes {
    const fn stopped_by(self, kind: Kind) -> bool {
        match kind {
            Kind::Solid => true,
            Kind::Door => false,
            Kind::Ladder | Kind::Hatch => matches!(self, Self::Foot),
        }
    }
}

/// A body from head to knee: an upright capsule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stance {
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
pub(crate) struct Support {
    /// Its height, m.
    pub height: f32,
    /// Which solid; `None`: the ground.
    pub solid: Option<usize>,
}

impl World {
    /// Of solids over a ground, whose height (m) is told for any x and z (m).
    #[must_use]
    pub fn new(solids: Vec<Solid>, ground: impl Fn(f32, f32) -> f32 + Send + Sync + 'static) -> Self {
        let mut bounds = Bounds::EMPTY;
        for solid in solids.iter().filter(|solid| solid.shape.triangles() > 0) {
            let of = solid.shape.bvh.bounds();
            // As large as it is in any direction, because it may turn.
            let reach = Vec2::new(of.low.x.abs().max(of.high.x.abs()), of.low.z.abs().max(of.high.z.abs())).length();
            let at = solid.frame.origin;
            let (low, high) = (Vec3::new(-reach, of.low.y, -reach), Vec3::new(reach, of.high.y, reach));
            bounds = bounds.and(&Bounds { low: at + low, high: at + high });
        }
        if bounds.low.x > bounds.high.x {
            bounds = Bounds::of([Vec3::ZERO]);
        }
        let low = Vec3::new(bounds.low.x - AROUND, bounds.low.y - 1.0, bounds.low.z - AROUND);
        Self { solids, ground: Arc::new(ground), bounds: Bounds { low, high: bounds.high + AROUND } }
    }

    /// The solids, in the order in which they were given.
    #[must_use]
    pub fn solids(&self) -> &[Solid] {
        &self.solids
    }

    /// Moves a solid; who stands on it goes with it.
    pub fn set_frame(&mut self, solid: usize, frame: Frame) {
        if let Some(solid) = self.solids.get_mut(solid)
            && frame.origin.is_finite()
            && frame.yaw.is_finite()
        {
            solid.frame = frame;
        }
    }

    /// Height of the ground at a place, m.
    #[must_use]
    pub fn ground(&self, x: f32, z: f32) -> f32 {
        let height = (self.ground)(x, z);
        if height.is_finite() { height } else { 0.0 }
    }

    /// The lowest and the highest corner of where one may be, m.
    #[must_use]
    pub fn limits(&self) -> [Vec3; 2] {
        [self.bounds.low, self.bounds.high]
    }

    /// A place moved to where one may be.
    pub(crate) fn bounded(&self, p: Vec3) -> Vec3 {
        Vec3::new(p.x.clamp(self.bounds.low.x, self.bounds.high.x), p.y, p.z.clamp(self.bounds.low.z, self.bounds.high.z))
    }

    /// The triangles near a box, in the world.
    pub(crate) fn gather(&self, bounds: &Bounds, passes: Passes, into: &mut Vec<Triangle>) {
        into.clear();
        for solid in &self.solids {
            let (shape, frame) = (&solid.shape, solid.frame);
            let near = frame.bounds_to_shape(bounds);
            if shape.bvh.bounds().meets(&near) {
                shape.bvh.within(&near, |triangle, body| {
                    if passes.stopped_by(shape.kind(body)) {
                        into.push(triangle.map(|corner| frame.to_world(corner)));
                    }
                });
            }
        }
    }

    /// The first thing on a straight way: how much of it is gone then, and which solid it is, with its normal.
    pub(crate) fn first(&self, from: Vec3, way: Vec3, passes: Passes) -> Option<(f32, usize, Vec3)> {
        let all = Bounds::of([from, from + way]);
        let mut best: Option<(f32, usize, Vec3)> = None;
        for (index, solid) in self.solids.iter().enumerate() {
            let (shape, frame) = (&solid.shape, solid.frame);
            if !shape.bvh.bounds().meets(&frame.bounds_to_shape(&all)) {
                continue;
            }
            let start = frame.to_shape(from);
            let local = frame.to_shape(from + way) - start;
            if let Some((t, [a, b, c], _)) = shape.bvh.first(start, local, |body| passes.stopped_by(shape.kind(body)))
                && best.is_none_or(|(before, ..)| t < before)
            {
                best = Some((t, index, frame.direction((b - a).cross(c - a).normalize_or_zero())));
            }
        }
        best
    }

    /// What carries feet that may rise by `up` and sink by `down`, m: the highest of what is felt under them.
    pub(crate) fn support(&self, feet: Vec3, up: f32, down: f32, passes: Passes) -> Option<Support> {
        let mut best: Option<Support> = None;
        let mut take = |height: f32, solid: Option<usize>| {
            if best.is_none_or(|best| height > best.height) {
                best = Some(Support { height, solid });
            }
        };
        let way = Vec3::NEG_Y * (up + down);
        for k in 0..9_u8 {
            let angle = std::f32::consts::FRAC_PI_4 * f32::from(k);
            let out = if k == 8 { 0.0 } else { FOOT };
            let from = feet + Vec3::new(out * angle.cos(), up, out * angle.sin());
            let ground = self.ground(from.x, from.z);
            if ground <= from.y && ground >= from.y + way.y {
                take(ground, None);
            }
            if let Some((t, solid, normal)) = self.first(from, way, passes) {
                let height = from.y + way.y * t;
                if normal.y.abs() >= STEEP || height < feet.y + 1e-3 {
                    take(height, Some(solid));
                }
            }
        }
        best
    }

    /// How deep the deepest thing reaches into a body, m; not above 0: nothing does.
    pub(crate) fn depth(&self, feet: Vec3, stance: &Stance, passes: Passes, scratch: &mut Vec<Triangle>) -> f32 {
        let bounds = stance.bounds(feet);
        self.gather(&bounds, passes, scratch);
        let (low, high) = stance.axis(feet);
        let distance = scratch.iter().map(|triangle| {
            let (on, at) = nearest_of_segment(low, high, *triangle);
            on.distance(at)
        });
        stance.radius - distance.fold(f32::MAX, f32::min)
    }

    /// Whether a place is inside of something closed: most of what is seen from it is seen from behind.
    pub(crate) fn inside(&self, place: Vec3) -> bool {
        let [low, high] = self.limits();
        let far = (high - low).length();
        let behind = |way: Vec3| self.first(place, way * far, Passes::Foot).is_some_and(|(.., n)| n.dot(way) > 0.0);
        // Not along the axes, along which things lie.
        [(0.8, 0.6), (-0.6, 0.8), (-0.8, -0.6), (0.6, -0.8)]
            .into_iter()
            .filter(|(x, z)| behind(Vec3::new(*x, 0.05, *z)))
            .count()
            > 2
    }

    /// Where feet go so that nothing reaches into the body, by level pushes of together at most `limit`, m.
    pub(crate) fn push_out(
        &self,
        feet: Vec3,
        stance: &Stance,
        passes: Passes,
        limit: f32,
        scratch: &mut Vec<Triangle>,
    ) -> Option<Vec3> {
        /// A corner takes two pushes, a narrow place a few more.
        const PUSHES: usize = 10;
        self.gather(&stance.bounds(feet).grown(limit), passes, scratch);
        let mut placed = feet;
        for _ in 0..PUSHES {
            let (low, high) = stance.axis(placed);
            let around = stance.bounds(placed);
            let mut worst = SLOP;
            let mut normal = None;
            for triangle in scratch.iter().filter(|triangle| Bounds::of(**triangle).meets(&around)) {
                let (on, at) = nearest_of_segment(low, high, *triangle);
                let away = on - at;
                let distance = away.length();
                let depth = stance.radius - distance;
                if depth > worst {
                    worst = depth;
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
            let Some(normal) = normal else {
                return (Vec3::new(placed.x - feet.x, 0.0, placed.z - feet.z).length() <= limit).then_some(placed);
            };
            let flat = Vec3::new(normal.x, 0.0, normal.z);
            let length = flat.length();
            if length < LEVEL {
                return None;
            }
            placed += flat / length * (worst / length).min(stance.radius);
            if placed.distance(feet) > limit + stance.radius {
                return None;
            }
        }
        None
    }

    /// The names of hatches and doors near a box, each with its solid.
    pub(crate) fn openings(&self, bounds: &Bounds, kind: Kind) -> Vec<(usize, String)> {
        let mut names = Vec::new();
        for (index, solid) in self.solids.iter().enumerate() {
            let near = solid.frame.bounds_to_shape(bounds);
            let open = solid.shape.openings(&near).filter(|(_, of)| *of == kind);
            names.extend(open.map(|(name, _)| (index, name.to_owned())));
        }
        names
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::shape::Body;

    /// The twelve triangles of a block between two corners.
    pub fn block(low: [f32; 3], high: [f32; 3]) -> Vec<Triangle> {
        let corner = |k: usize| {
            let pick = |axis: usize| if k >> axis & 1 == 0 { low[axis] } else { high[axis] };
            Vec3::new(pick(0), pick(1), pick(2))
        };
        // Seen from outside, corners go round to the left.
        let faces = [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]];
        faces.iter().flat_map(|[a, b, c, d]| [[*a, *b, *c], [*a, *c, *d]]).map(|face| face.map(corner)).collect()
    }

    /// Bodies as one solid that stands where it is, over level ground at 0.
    pub fn world(bodies: Vec<Body>) -> World {
        let solid = Solid { shape: Arc::new(Shape::new(bodies)), frame: Frame::default() };
        World::new(vec![solid], |_, _| 0.0)
    }

    pub fn solid(triangles: Vec<Triangle>) -> Body {
        Body { triangles, ..Body::default() }
    }

    #[test]
    fn a_frame_turns_to_the_left() {
        let frame = Frame { origin: Vec3::new(10.0, 1.0, 0.0), yaw: std::f32::consts::FRAC_PI_2 };
        let ahead = frame.to_world(Vec3::NEG_Z);
        assert!(ahead.distance(Vec3::new(9.0, 1.0, 0.0)) < 1e-5, "{ahead}");
        assert!(frame.to_shape(ahead).distance(Vec3::NEG_Z) < 1e-5);
    }

    #[test]
    fn a_box_of_the_world_is_found_in_a_turned_shape() {
        let shape = Arc::new(Shape::new(vec![solid(block([4.0, 0.0, -0.5], [5.0, 1.0, 0.5]))]));
        let frame = Frame { origin: Vec3::new(100.0, 0.0, 0.0), yaw: 0.7 };
        let world = World::new(vec![Solid { shape, frame }], |_, _| 0.0);
        let mut found = Vec::new();
        let at = frame.to_world(Vec3::new(4.5, 0.5, 0.0));
        world.gather(&Bounds::of([at]).grown(0.8), Passes::Foot, &mut found);
        assert_eq!(found.len(), 12);
        world.gather(&Bounds::of([at + Vec3::Y * 3.0]).grown(0.8), Passes::Foot, &mut found);
        assert!(found.is_empty());
    }

    #[test]
    fn a_body_that_reaches_into_a_wall_is_pushed_out_of_it_and_no_further() {
        let world = world(vec![solid(block([1.0, 0.0, -5.0], [2.0, 3.0, 5.0]))]);
        let stance = Stance { lift: 0.35, height: 1.8, radius: 0.25 };
        let out = world.push_out(Vec3::new(0.85, 0.0, 0.0), &stance, Passes::Foot, 0.2, &mut Vec::new()).unwrap();
        assert!((out.x - 0.75).abs() < 0.01 && out.z.abs() < 1e-4, "{out}");
    }

    #[test]
    fn a_low_ceiling_pushes_nobody_aside() {
        let world = world(vec![solid(block([-3.0, 1.5, -3.0], [3.0, 1.6, 3.0]))]);
        let stance = Stance { lift: 0.35, height: 1.8, radius: 0.25 };
        assert_eq!(world.push_out(Vec3::ZERO, &stance, Passes::Foot, 0.2, &mut Vec::new()), None);
        assert!(world.depth(Vec3::ZERO, &stance, Passes::Foot, &mut Vec::new()) > 0.2);
    }

    #[test]
    fn feet_stand_on_the_highest_of_what_is_under_them() {
        let world = world(vec![solid(block([0.0, 0.0, -1.0], [1.0, 0.2, 1.0]))]);
        let height = |x: f32| world.support(Vec3::new(x, 0.0, 0.0), 0.35, 0.35, Passes::Foot).map(|s| s.height);
        assert_eq!(height(0.5), Some(0.2));
        assert_eq!(height(-0.1), Some(0.2), "a toe is on it");
        assert_eq!(height(-0.3), Some(0.0));
    }

    #[test]
    fn doors_stop_nobody_and_hatches_only_who_is_on_foot() {
        let of = |kind| Body { kind, triangles: block([0.0, 0.0, -1.0], [0.1, 2.0, 1.0]), ..Body::default() };
        for (kind, foot, climb) in
            [(Kind::Solid, true, true), (Kind::Door, false, false), (Kind::Hatch, true, false), (Kind::Ladder, true, false)]
        {
            let world = world(vec![of(kind)]);
            let hit = |passes| world.first(Vec3::new(-1.0, 1.0, 0.0), Vec3::X * 2.0, passes).is_some();
            assert_eq!((hit(Passes::Foot), hit(Passes::Climb)), (foot, climb), "{kind:?}");
        }
    }
}
