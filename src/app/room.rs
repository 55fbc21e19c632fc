//! A room in the window: joins, shows what this viewer does, follows, draws what the others show.
//!
//! The room runs on threads of its own (`twinscope_link::room`) and gives one picture; nothing here waits for it.
//! A person who moves the view stops following: what the camera does is compared with what was asked of it, so that no
//! input has to know of rooms.

mod follow;
mod marks;
mod pen;
mod strokes;

pub use marks::Eye;

use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;
use twinscope_link::room::{Broker, Door, Room as Link, Secret};
use twinscope_link::settings::Settings;
use twinscope_twin::room::{MOST_SELECTED, Picture, Pointer as RoomPointer, Pose as RoomPose, Role, ViewerId};
use twinscope_twin::site::{PartRow, Site};

use super::WakerSlot;
use super::camera::{Orbit, SceneCamera};
use super::interact::{InteractSet, Pointer};
use super::models::Parts;
use super::panels::Panels;
use super::twin::Twin;
use crate::view::UiAction;
use crate::view::room::{RoomAction, RoomState, name_of, sight};
use crate::view::sight::Sight;

/// Joins and shows rooms.
pub struct RoomPlugin;

impl Plugin for RoomPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Room>()
            .init_resource::<strokes::Drawn>()
            .add_systems(
                Update,
                (join_wanted, act, take, pen::draw).chain().after(InteractSet).before(super::panels::act),
            )
            .add_systems(Update, strokes::show.after(take))
            .add_systems(PostUpdate, follow::follow.before(super::camera::place_camera))
            .add_systems(Last, tell);
    }
}

/// A room that was asked for on the command line.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name.
    pub room: String,
    /// Its passphrase, or an invitation.
    pub secret: Secret,
}

/// What the others were told last.
#[derive(Default)]
struct Told {
    selection: Option<Vec<PartRow>>,
    sight: Option<Sight>,
}

/// The room that this viewer is in.
#[derive(Resource, Default)]
pub struct Room {
    link: Option<Link>,
    picture: Option<Arc<Picture>>,
    wanted: Option<Wanted>,
    following: follow::Following,
    pen: pen::Pen,
    /// What was told last: the selection, and what else the view shows.
    told: Told,
}

impl Room {
    /// Joins this room as soon as there is a site with a broker.
    pub fn want(&mut self, wanted: Wanted) {
        self.wanted = Some(wanted);
    }

    /// The camera is on its way to somebody's view.
    pub fn moving(&self) -> bool {
        self.following.moving
    }

    fn leave(&mut self, ui: &mut RoomState) {
        if let Some(link) = self.link.take() {
            link.leave();
        }
        self.picture = None;
        self.told = Told::default();
        (ui.follow, ui.pen, ui.seen) = (None, false, None);
    }
}

/// Where the room of a site is: on its first broker; of a simulated site on the embedded one, once that is there.
fn broker(site: &Site, base_dir: PathBuf, embedded: Option<&str>) -> Option<Broker> {
    let real = site.sources.iter().find(|source| !source.url.starts_with("sim:") && !source.url.starts_with("file:"));
    if let Some(source) = real.cloned() {
        return Some(Box::new(move || Settings::from_source(&source, &base_dir).map_err(|error| error.to_string())));
    }
    let url = embedded?.to_owned();
    Some(Box::new(move || Settings::plain(&url).map_err(|error| error.to_string())))
}

fn join(room: &mut Room, panels: &mut Panels, site: &Site, name: &str, wanted: &Wanted, slot: &WakerSlot) {
    let Some(broker) = broker(site, panels.base_dir.clone(), panels.broker_url.as_deref()) else {
        panels.ui.room.said = Some("This site has no broker, and a room needs one.".to_owned());
        return;
    };
    let waker = slot.0.clone();
    let door = Door {
        site: site.id.clone(),
        room: wanted.room.clone(),
        secret: wanted.secret.clone(),
        name: name.to_owned(),
        read_only: panels.read_only,
    };
    room.leave(&mut panels.ui.room);
    match Link::join(broker, door, Box::new(move || waker.wake())) {
        Ok(link) => {
            room.picture = Some(link.picture());
            room.link = Some(link);
            panels.ui.room.said = None;
        }
        Err(error) => panels.ui.room.said = Some(error.to_string()),
    }
}

/// Joins what the command line asked for: the broker of a demo comes up a moment after its site.
fn join_wanted(mut room: ResMut<Room>, mut panels: ResMut<Panels>, twin: Res<Twin>, slot: Res<WakerSlot>) {
    if room.wanted.is_none() {
        return;
    }
    let Some(site) = twin.snapshot.as_ref().map(|snapshot| Arc::clone(&snapshot.site)) else { return };
    let simulated = site.sources.iter().any(|source| source.url.starts_with("sim:"));
    if panels.broker_url.is_none() && simulated {
        return;
    }
    if let Some(wanted) = room.wanted.take() {
        let name = panels.ui.room.form.name.clone();
        join(&mut room, &mut panels, &site, &name, &wanted, &slot);
        panels.ui.room.open |= room.link.is_none();
    }
}

/// Carries out what was asked for in the panel.
fn act(mut room: ResMut<Room>, mut panels: ResMut<Panels>, twin: Res<Twin>, slot: Res<WakerSlot>) {
    if !panels.actions.iter().any(|action| matches!(action, UiAction::Room(_))) {
        return;
    }
    let asked: Vec<UiAction> = panels.actions.extract_if(.., |action| matches!(action, UiAction::Room(_))).collect();
    for action in asked {
        let UiAction::Room(action) = action else { continue };
        match action {
            RoomAction::Join => {
                let form = panels.ui.room.form.clone();
                let site = twin.snapshot.as_ref().map(|snapshot| Arc::clone(&snapshot.site));
                match (Secret::new(&form.secret.0), site) {
                    (Ok(secret), Some(site)) => {
                        panels.ui.room.form.secret.0.clear();
                        let wanted = Wanted { room: form.room, secret };
                        join(&mut room, &mut panels, &site, &form.name, &wanted, &slot);
                    }
                    (Err(error), _) => panels.ui.room.said = Some(error.to_string()),
                    (_, None) => panels.ui.room.said = Some("The site is not loaded yet.".to_owned()),
                }
            }
            RoomAction::Leave => room.leave(&mut panels.ui.room),
            RoomAction::Follow(viewer) => panels.ui.room.follow = viewer,
            RoomAction::Say(line) => {
                let said = room.link.as_ref().map(|link| link.say(&line));
                if let Some(Err(reason)) = said {
                    panels.ui.room.line = line;
                    panels.ui.room.said = Some(reason.to_string());
                } else {
                    panels.ui.room.said = None;
                }
            }
            RoomAction::Clear => {
                if let Some(link) = &room.link {
                    link.clear_strokes();
                }
            }
        }
    }
}

/// Takes the newest picture. Whoever has gone is no longer followed.
fn take(mut room: ResMut<Room>, mut panels: ResMut<Panels>) {
    let Some(picture) = room.link.as_ref().map(Link::picture) else { return };
    if room.picture.as_ref().is_some_and(|have| Arc::ptr_eq(have, &picture)) {
        return;
    }
    if let Some(followed) = panels.ui.room.follow
        && !picture.peers.iter().any(|peer| peer.id == followed)
    {
        let name = room.picture.as_ref().and_then(|was| name_in(was, followed));
        panels.ui.room.follow = None;
        panels.ui.room.said = Some(format!("{} has gone; you look on your own.", name.unwrap_or("Whom you followed")));
    }
    if picture.role == Role::Guest && panels.ui.room.pen {
        panels.ui.room.pen = false;
    }
    room.picture = Some(picture);
}

fn name_in(picture: &Picture, viewer: ViewerId) -> Option<&str> {
    picture.peers.iter().find(|peer| peer.id == viewer).map(|peer| peer.name.as_str())
}

/// Tells the others what this viewer looks at, points at, has selected and follows. Only what changed goes out.
fn tell(
    mut room: ResMut<Room>,
    mut panels: ResMut<Panels>,
    twin: Res<Twin>,
    pointer: Res<Pointer>,
    orbit: Res<Orbit>,
    parts: Res<Parts>,
    camera: Single<&GlobalTransform, With<SceneCamera>>,
    places: Query<&GlobalTransform>,
) {
    let room = &mut *room;
    let (Some(link), Some(site)) = (&room.link, &parts.site) else { return };
    let follow = panels.ui.room.follow;
    link.follow(follow);
    if room.picture.as_ref().is_some_and(|picture| picture.role == Role::Guest) {
        return;
    }
    let eye = camera.translation();
    // Of a member nothing of this is refused; what is too much (a selection of hundreds) is not told.
    if follow.is_none() {
        let target = eye + camera.forward() * orbit.pose.distance;
        let _ = link.look(RoomPose { eye: eye.to_array(), target: target.to_array() });
    }
    let selected = twin.selected();
    let mut all = panels.ui.sight.subjects(selected);
    // The one in the inspector first.
    let selection: Vec<PartRow> =
        selected.filter(|row| all.remove(row)).into_iter().chain(all).take(MOST_SELECTED).collect();
    if room.told.selection.as_ref() != Some(&selection) {
        let _ = link.select(selection.iter().filter_map(|row| name_of(site, *row)).collect());
        room.told.selection = Some(selection);
    }
    if follow.is_none() && room.told.sight.as_ref() != Some(&panels.ui.sight) {
        room.told.sight = Some(panels.ui.sight.clone());
        match sight::told(&panels.ui.sight, site) {
            Some(state) => _ = link.inspect(state),
            None => {
                panels.ui.room.said = Some("So many parts are hidden that the others are not told which.".to_owned())
            }
        }
    }
    let hit = pointer.over.filter(|_| !room.pen.drawing());
    let points = hit.and_then(|(row, point)| {
        let node = parts.nodes.get(row.index()).copied().flatten().and_then(|node| places.get(node).ok())?;
        let local = node.affine().inverse().transform_point3(point);
        Some(RoomPointer { origin: eye.to_array(), point: local.to_array(), part: Some(name_of(site, row)?) })
    });
    let _ = link.point(points);
}
