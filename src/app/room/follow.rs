//! The camera goes with somebody's: smoothly between what comes four times a second, until this person moves the view.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::prelude::*;
use twinscope_twin::command::Command;
use twinscope_twin::room::{PartName, Pose as RoomPose, ViewerId};
use twinscope_twin::site::PartRow;

use super::Room;
use crate::app::camera::{Orbit, Pose};
use crate::app::models::Parts;
use crate::app::panels::Panels;
use crate::view::UiAction;
use crate::view::room::row_of;
use crate::view::room::sight::heard;

/// The rest of the way halves in about this time, s: as long as one message takes to follow another.
const SETTLE_S: f32 = 0.25;
/// Nearer than this share of the distance, and this many degrees, the camera is there.
const THERE: (f32, f32) = (1e-3, 0.02);

/// How far following is.
#[derive(Default)]
pub(super) struct Following {
    /// Whom, and where the camera was put last: where it is not, the person has moved it.
    at: Option<(ViewerId, Pose)>,
    /// What they had selected.
    selection: Vec<PartName>,
    /// What else their view showed.
    inspection: Option<Arc<[u8]>>,
    /// The camera is not there yet.
    pub moving: bool,
}

/// The view of somebody as an orbit.
fn orbit_pose(pose: &RoomPose) -> Pose {
    let (eye, target) = (Vec3::from_array(pose.eye), Vec3::from_array(pose.target));
    let away = eye - target;
    let distance = away.length().max(0.05);
    Pose {
        target,
        yaw_deg: away.x.atan2(away.z).to_degrees(),
        pitch_deg: (away.y / distance).clamp(-1.0, 1.0).asin().to_degrees(),
        distance,
    }
}

fn there(a: &Pose, b: &Pose) -> bool {
    let turn = (a.yaw_deg - b.yaw_deg + 180.0).rem_euclid(360.0) - 180.0;
    a.target.distance(b.target) < THERE.0 * b.distance
        && (a.distance - b.distance).abs() < THERE.0 * b.distance
        && turn.abs() < THERE.1
        && (a.pitch_deg - b.pitch_deg).abs() < THERE.1
}

/// Follows.
pub(super) fn follow(
    mut room: ResMut<Room>,
    mut panels: ResMut<Panels>,
    mut orbit: ResMut<Orbit>,
    parts: Res<Parts>,
    time: Res<Time>,
) {
    let room = &mut *room;
    let following = &mut room.following;
    let Some(followed) = panels.ui.room.follow else {
        if following.at.is_some() || following.moving {
            *following = Following::default();
        }
        return;
    };
    let moved = following.at.is_some_and(|(whom, put)| whom == followed && (orbit.moving() || orbit.pose != put));
    if moved {
        // Whoever takes the view in hand looks on their own.
        panels.ui.room.follow = None;
        *following = Following::default();
        return;
    }
    let Some(peer) = room.picture.as_ref().and_then(|picture| picture.peers.iter().find(|peer| peer.id == followed))
    else {
        return;
    };
    if following.at.is_none_or(|(whom, _)| whom != followed) {
        // A flight that began before is not this person's wish any more.
        let here = orbit.pose;
        orbit.jump(here);
        following.selection.clear();
        following.inspection = None;
    }
    if let Some(pose) = &peer.pose {
        let want = orbit_pose(pose);
        if there(&orbit.pose, &want) {
            following.moving = false;
        } else {
            let step = 1.0 - 0.5_f32.powf(time.delta_secs().min(0.25) / (0.5 * SETTLE_S));
            let next = orbit.pose.towards(&want, step);
            orbit.jump(next);
            following.moving = true;
        }
    }
    following.at = Some((followed, orbit.pose));
    // What they select is taken over as this person's own selection: that is what following means.
    if following.selection[..] != peer.selection[..] {
        following.selection = peer.selection.to_vec();
        let rows = following.selection.iter().filter_map(|name| row_of(parts.site.as_ref()?, name));
        let rows: Vec<PartRow> = rows.collect();
        let first = match rows.as_slice() {
            [one] => panels.ui.choose(*one, None, false),
            more => panels.ui.choose_all(more.iter().copied().collect::<BTreeSet<_>>(), more.first().copied()),
        };
        panels.actions.push(UiAction::Command(Command::Select(first)));
    }
    // And so is what they have isolated, cut or taken apart; it can be undone like anything of one's own.
    if following.inspection.as_ref() != Some(&peer.inspection) {
        following.inspection = Some(Arc::clone(&peer.inspection));
        let sight = parts.site.as_ref().and_then(|site| heard(&peer.inspection, site, &panels.ui.sight));
        if let Some(sight) = sight.filter(|sight| *sight != panels.ui.sight) {
            panels.ui.sight = sight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orbit_of_a_view_looks_from_the_same_place_to_the_same_place() {
        for (eye, target) in [
            ([10.0, 70.0, 30.0], [0.0, 60.0, 0.0]),
            ([-4.0, 61.0, -0.5], [0.0, 60.0, 0.0]),
            ([0.0, 80.0, 0.01], [0.0, 60.0, 0.0]),
        ] {
            let pose = orbit_pose(&RoomPose { eye, target });
            let placed = pose.transform();
            assert!(placed.translation.distance(Vec3::from_array(eye)) < 1e-3, "{placed:?}");
            let towards = (Vec3::from_array(target) - Vec3::from_array(eye)).normalize();
            assert!(placed.forward().dot(towards) > 0.9999, "{placed:?}");
        }
    }

    #[test]
    fn a_camera_that_follows_arrives_and_rests() {
        let want = orbit_pose(&RoomPose { eye: [10.0, 70.0, 30.0], target: [0.0, 60.0, 0.0] });
        let mut pose = Pose { target: Vec3::new(5.0, 100.0, 0.0), yaw_deg: -170.0, pitch_deg: 0.0, distance: 300.0 };
        let frames = (0..600)
            .take_while(|_| {
                pose = pose.towards(&want, 1.0 - 0.5_f32.powf(0.016 / (0.5 * SETTLE_S)));
                !there(&pose, &want)
            })
            .count();
        assert!((30..200).contains(&frames), "{frames} frames of 16 ms");
    }
}
