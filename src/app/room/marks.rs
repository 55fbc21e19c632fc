//! Where the others are on screen: their eye, their ray, what they have selected.

use bevy::camera::primitives::Aabb;
use bevy::prelude::*;
use twinscope_twin::room::{Peer, Pointer};

use super::Room;
use crate::app::models::{self, Parts};
use crate::view::room::{Mark, RoomScene, row_of};

/// What is nearer to the eye than this, m, is not drawn.
const NEAR_M: f32 = 0.02;
/// A ray that begins nearer to the eye than this share of its length is one's own: only its end is drawn.
const OWN: f32 = 0.08;

/// What the scene is looked at with.
pub struct Eye<'a> {
    /// The camera.
    pub camera: &'a Camera,
    /// Its place.
    pub place: &'a GlobalTransform,
    /// Logical pixels of an egui point.
    pub scale: f32,
}

impl Eye<'_> {
    /// A place in the world on the screen, egui points; `None`: behind the eye.
    fn seen(&self, at: Vec3) -> Option<[f32; 2]> {
        let seen = self.camera.world_to_viewport(self.place, at).ok()?;
        Some([seen.x / self.scale, seen.y / self.scale])
    }

    /// A line in the world on the screen, cut where it passes the eye.
    fn line(&self, from: Vec3, to: Vec3) -> Option<[[f32; 2]; 2]> {
        let forward = self.place.forward();
        let depth = |at: Vec3| forward.dot(at - self.place.translation());
        let (a, b) = (depth(from), depth(to));
        // Never at the plane of the eye: what is drawn there would be endless.
        let near = NEAR_M.max(0.02 * a.abs().max(b.abs()));
        let cut = |inside: Vec3, di: f32, outside: Vec3, d: f32| inside.lerp(outside, (di - near) / (di - d));
        match (a >= near, b >= near) {
            (true, true) => Some([self.seen(from)?, self.seen(to)?]),
            (true, false) => Some([self.seen(from)?, self.seen(cut(from, a, to, b))?]),
            (false, true) => Some([self.seen(cut(to, b, from, a))?, self.seen(to)?]),
            (false, false) => None,
        }
    }
}

impl Room {
    /// What the view is told of the room.
    pub fn scene(
        &self,
        eye: &Eye<'_>,
        parts: &Parts,
        places: &Query<&GlobalTransform>,
        bounds: &Query<(&Aabb, &GlobalTransform)>,
    ) -> RoomScene {
        let Some(picture) = &self.picture else { return RoomScene::default() };
        let marks = picture.peers.iter().map(|peer| mark(peer, eye, parts, places, bounds)).collect();
        RoomScene { picture: Some(picture.clone()), marks }
    }
}

fn mark(
    peer: &Peer,
    eye: &Eye<'_>,
    parts: &Parts,
    places: &Query<&GlobalTransform>,
    bounds: &Query<(&Aabb, &GlobalTransform)>,
) -> Mark {
    let end = peer.pointer.as_ref().and_then(|pointer| end(pointer, parts, places));
    let ray = peer.pointer.as_ref().zip(end).and_then(|(pointer, end)| {
        let origin = Vec3::from_array(pointer.origin);
        let own = origin.distance(eye.place.translation()) < OWN * origin.distance(end);
        if own { None } else { eye.line(origin, end) }
    });
    let site = parts.site.as_ref();
    let selected = peer.selection.iter().filter_map(|name| {
        let row = row_of(site?, name)?;
        let (centre, _) = models::bounds(&parts.primitives_of(row), bounds)?;
        Some((row, eye.seen(centre)?))
    });
    Mark {
        viewer: peer.id,
        eye: peer.pose.as_ref().and_then(|pose| eye.seen(Vec3::from_array(pose.eye))),
        ray,
        dot: end.and_then(|end| eye.seen(end)),
        selected: selected.collect(),
    }
}

/// Where a ray ends, in the world; `None`: on a part that is not here.
fn end(pointer: &Pointer, parts: &Parts, places: &Query<&GlobalTransform>) -> Option<Vec3> {
    let point = Vec3::from_array(pointer.point);
    let Some(name) = &pointer.part else { return Some(point) };
    let row = row_of(parts.site.as_ref()?, name)?;
    let node = parts.node(row)?;
    Some(places.get(node).ok()?.transform_point(point))
}
