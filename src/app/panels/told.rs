//! What the panels are told of the scene.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::math::Vec3A;
use bevy::prelude::*;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;

use super::super::about::OfSelected;
use super::super::camera::{Orbit, SceneCamera};
use super::super::crack::Cracks;
use super::super::export::Exports;
use super::super::far::FarMachines;
use super::super::field::{Fields, OnField, lay};
use super::super::interact::Pointer;
use super::super::kiosk::Kiosk;
use super::super::models::{self, Parts};
use super::super::motion::Moving;
use super::super::paint::Look;
use super::super::papers::{self, Papers};
use super::super::room::{Eye, Room};
use super::super::sight::{Question, extent};
use super::super::tags::Tagged;
use super::super::twin::Twin;
use super::super::viewpoints::Viewpoints;
use super::super::walk::Walk;
use super::super::{ruler, section};
use super::Panels;
use crate::view::card::CardPlace;
use crate::view::field::Probe;
use crate::view::room::RoomScene;
use crate::view::sight::Spot;
use crate::view::tools::ToolScene;
use crate::view::{self, Anchor, Scene, UiState};

/// Speeds that are written beside what turns too fast to be drawn.
const MOST_FIGURES: usize = 2;

/// What the view is told about the scene.
#[derive(bevy::ecs::system::SystemParam)]
pub struct Told<'w, 's> {
    pub twin: Res<'w, Twin>,
    parts: Res<'w, Parts>,
    moving: Res<'w, Moving>,
    far: Res<'w, FarMachines>,
    orbit: Res<'w, Orbit>,
    camera: Single<'w, 's, (&'static Camera, &'static GlobalTransform), With<SceneCamera>>,
    bounds: Query<'w, 's, (&'static bevy::camera::primitives::Aabb, &'static GlobalTransform)>,
    places: Query<'w, 's, &'static GlobalTransform>,
    cracks: Res<'w, Cracks>,
    fields: Res<'w, Fields>,
    room: Res<'w, Room>,
    look: Res<'w, Look>,
    ruler: Res<'w, ruler::Ruler>,
    question: Res<'w, Question>,
    fielded: Query<'w, 's, (&'static OnField, &'static Mesh3d)>,
    meshes: Res<'w, Assets<Mesh>>,
    viewpoints: Res<'w, Viewpoints>,
    tagged: Res<'w, Tagged>,
    about: Res<'w, OfSelected>,
    exports: Res<'w, Exports>,
    walk: Option<Res<'w, Walk>>,
    kiosk: Option<Res<'w, Kiosk>>,
}

impl Told<'_, '_> {
    /// What the window knows beside the snapshot.
    pub fn scene(&self, snapshot: &Snapshot, panels: &Panels, pointer: &Pointer, papers: &Papers) -> Scene {
        Scene {
            progress: panels.progress.clone(),
            model_problems: self.parts.problems.clone(),
            simulated: snapshot.site.sources.iter().any(|source| source.simulated),
            read_only: panels.read_only,
            camera_yaw_deg: -self.orbit.pose.yaw_deg,
            notices: panels.notices.iter().chain(&self.parts.lost).cloned().collect(),
            broker_url: panels.broker_url.clone(),
            too_fast: self.too_fast().into_iter().cloned().collect(),
            anchors: self.anchors(&panels.ui, panels.free),
            fields: self.fields.choices.clone(),
            field: self.fields.shown.clone(),
            probe: self.probe(pointer, panels.ui.scale),
            room: self.room(panels.ui.scale),
            drawn: Arc::clone(&self.look.drawn),
            found: self.question.found.clone(),
            tools: self.tools(&panels.ui, pointer),
            viewpoints: self.viewpoints.told.clone(),
            tags: self.tagged.tags.clone(),
            exports: self.exports.told.clone(),
            model: self.about.told.clone(),
            card: self.card(&panels.ui, panels.free),
            walk: self.walk.as_ref().map(|walk| walk.told.clone()).unwrap_or_default(),
            records: papers.records(),
            lead: self.lead(&panels.ui, panels.free),
            playing: self.kiosk.as_ref().and_then(|kiosk| kiosk.playing().cloned()),
        }
    }

    /// What turns too fast to be drawn, and is near enough to be seen: the fastest, because a gearbox has a dozen.
    fn too_fast(&self) -> Vec<&(PartRow, String)> {
        let asset = |part: PartRow| self.parts.site.as_ref()?.parts.get(part.index()).map(|part| part.asset);
        let near = |part: PartRow| asset(part).is_none_or(|asset| !self.far.is_far(asset));
        let speed = |figure: &str| figure.split(' ').next().and_then(|rpm| rpm.parse::<f32>().ok()).unwrap_or(0.0);
        let mut fast: Vec<_> = self.moving.too_fast.iter().filter(|(part, _)| near(*part)).collect();
        fast.sort_by(|(_, a), (_, b)| speed(b).total_cmp(&speed(a)));
        fast.truncate(MOST_FIGURES);
        fast
    }

    /// What the tools of looking show.
    fn tools(&self, ui: &UiState, pointer: &Pointer) -> ToolScene {
        let (camera, place) = *self.camera;
        let project = |point: Vec3| Some(camera.world_to_viewport(place, point).ok()? / ui.scale);
        let world = |spot: &Spot| {
            let node = self.parts.node(spot.part)?;
            Some(self.places.get(node).ok()?.transform_point(Vec3::from_array(spot.at)))
        };
        let plane = ui.sight.section.as_ref().and_then(|section| {
            let bounds = extent(&self.parts, &BTreeSet::new(), &self.bounds)?;
            let looks = (self.orbit.pose.target, self.orbit.pose.distance);
            Some(section::on_screen(section, bounds, project, looks))
        });
        let snap = self.ruler.over.filter(|_| pointer.over.is_some());
        ToolScene {
            plane,
            spans: ruler::spans(ui, &self.ruler, world, project),
            snap: snap.and_then(|(spot, point)| Some((project(point)?.to_array(), spot.on))),
        }
    }

    /// The value of the field under the pointer; `None`: it is over nothing that has one.
    fn probe(&self, pointer: &Pointer, scale: f32) -> Option<Probe> {
        let (on, at) = (pointer.on?, pointer.at()?);
        let (OnField(values), mesh) = self.fielded.get(on.entity).ok()?;
        let mesh = self.meshes.get(&mesh.0)?;
        let corners = lay::corners(mesh.indices(), mesh.primitive_topology(), on.triangle)?;
        let values = corners.map(|corner| values.get(corner).copied().unwrap_or(f32::NAN));
        let value = lay::interpolated(on.corners, values, on.point);
        Some(Probe { pos: [at.x / scale, at.y / scale], value })
    }

    /// Where the part of the card is on screen, and what it covers there of `view`, the free rectangle, logical pixels.
    fn card(&self, ui: &UiState, view: Rect) -> Option<CardPlace> {
        let part = ui.card.part?;
        let primitives = self.parts.primitives_of(part);
        let (camera, place) = *self.camera;
        let mut covers = Rect::EMPTY;
        for (aabb, at) in primitives.iter().filter_map(|&entity| self.bounds.get(entity).ok()) {
            for corner in 0..8_u8 {
                let side = |bit: u8| if corner & bit == 0 { -1.0 } else { 1.0 };
                let corner = aabb.center + aabb.half_extents * Vec3A::new(side(1), side(2), side(4));
                if let Ok(seen) = camera.world_to_viewport(place, at.transform_point(corner.into())) {
                    covers = covers.union_point(seen);
                }
            }
        }
        let covers = covers.intersect(view);
        let middle = camera.world_to_viewport(place, models::bounds(&primitives, &self.bounds)?.0).ok()?;
        let inside = !covers.is_empty() && view.contains(middle);
        let [left, top, right, bottom] =
            [covers.min.x, covers.min.y, covers.max.x, covers.max.y].map(|pixels| pixels / ui.scale);
        inside.then_some(CardPlace { part, pos: (middle / ui.scale).to_array(), covers: [left, top, right, bottom] })
    }

    /// What the others in the room show.
    fn room(&self, scale: f32) -> RoomScene {
        let (camera, place) = *self.camera;
        self.room.scene(&Eye { camera, place, scale }, &self.parts, &self.places, &self.bounds)
    }

    /// Which way the part of the procedure's step at hand is.
    fn lead(&self, ui: &UiState, view: Rect) -> Option<view::procedure::Lead> {
        let part = view::procedure::part_at_hand(self.twin.snapshot.as_ref()?)?;
        let centre = models::bounds(&self.parts.primitives_of(part), &self.bounds)?.0;
        let (camera, place) = *self.camera;
        let local = place.affine().inverse().transform_point3(centre);
        Some(papers::lead(part, local, camera.world_to_viewport(place, centre).ok(), view, ui.scale))
    }

    /// Where the parts are on screen that may get a label: the selected, the hovered, those with an alarm, what turns too
    /// fast, and the shortest lives.
    /// `view`: the free rectangle, logical pixels.
    fn anchors(&self, ui: &UiState, view: Rect) -> Vec<Anchor> {
        let Some(snapshot) = &self.twin.snapshot else { return Vec::new() };
        let mut wanted: Vec<PartRow> = self.twin.selected().into_iter().chain(ui.hovered).collect();
        for alarm in snapshot.alarms.iter().take(32) {
            if !wanted.contains(&alarm.part) {
                wanted.push(alarm.part);
            }
        }
        let lives = view::labels::told_of_themselves(snapshot);
        for part in self.too_fast().into_iter().map(|(part, _)| *part).chain(lives) {
            if !wanted.contains(&part) {
                wanted.push(part);
            }
        }
        let (camera, place) = *self.camera;
        wanted
            .into_iter()
            .filter_map(|part| {
                let tip = self
                    .cracks
                    .tip(part)
                    .and_then(|(node, tip)| Some(self.places.get(node).ok()?.transform_point(tip)));
                let centre = match tip {
                    Some(tip) => tip,
                    None => models::bounds(&self.parts.primitives_of(part), &self.bounds)?.0,
                };
                let depth = place.translation().distance(centre);
                let seen = camera.world_to_viewport(place, centre).ok();
                let pos = seen.unwrap_or_default();
                let visible = seen.is_some_and(|pos| view.contains(pos));
                Some(Anchor { part, pos: [pos.x / ui.scale, pos.y / ui.scale], depth, visible })
            })
            .collect()
    }
}
