//! Shapes where they are now, over a ground. What is close to a walker is looked at in [`Near`].

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use glam::{Vec2, Vec3};

use crate::geometry::Bounds;
use crate::near::{Near, Passes};
use crate::shape::{Kind, Shape};

/// How far from everything one may go, m.
const AROUND: f32 = 250.0;

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

    /// [`Self::to_world`] for many points.
    pub(crate) fn placing(&self) -> impl Fn(Vec3) -> Vec3 + use<> {
        let ((sin, cos), origin) = (self.yaw.sin_cos(), self.origin);
        move |p| Vec3::new(cos * p.x + sin * p.z, p.y, cos * p.z - sin * p.x) + origin
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
    /// Different for whatever is not the same world in the same place.
    stamp: u64,
}

/// A number that nothing had before.
fn stamp() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("solids", &self.solids.len())
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
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
        Self { solids, ground: Arc::new(ground), bounds: Bounds { low, high: bounds.high + AROUND }, stamp: stamp() }
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
            && solid.frame != frame
        {
            solid.frame = frame;
            self.stamp = stamp();
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
        Vec3::new(
            p.x.clamp(self.bounds.low.x, self.bounds.high.x),
            p.y,
            p.z.clamp(self.bounds.low.z, self.bounds.high.z),
        )
    }

    /// What is near a box, whatever it is. What `near` holds of this world is not looked for again.
    pub(crate) fn near(&self, bounds: &Bounds, near: &mut Near) {
        let Some(bounds) = near.lacks(self.stamp, bounds) else { return };
        let bounds = &bounds;
        for (index, solid) in self.solids.iter().enumerate() {
            let (shape, frame) = (&solid.shape, solid.frame);
            let local = frame.bounds_to_shape(bounds);
            if shape.bvh.bounds().meets(&local) {
                let place = frame.placing();
                shape.bvh.within(&local, |triangle, body| {
                    near.push(triangle.map(&place), shape.kind(body), index);
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
    use crate::geometry::Triangle;
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
}
