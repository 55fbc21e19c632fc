//! Labels on demand: where the parts are that may get one, and which of them are behind others.
//!
//! What is behind something is asked of the scene part by part, a few in a frame and in turn: an answer may be some frames
//! old. While the camera moves little time is given to it, when it rests more, until all answers are of now.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::camera::primitives::Aabb;
use bevy::math::Affine3A;
use bevy::picking::mesh_picking::ray_cast::{MeshRayCast, MeshRayCastSettings, RayCastVisibility};
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::window::RequestRedraw;
use bevy_egui::EguiPrimaryContextPass;
use twinscope_twin::site::{AssetRow, PartRow, Site};
use twinscope_twin::snapshot::Snapshot;

use super::camera::SceneCamera;
use super::far::FarMachines;
use super::material::PartMaterial;
use super::models::{self, PartOf, Parts, Skin};
use super::paint;
use super::panels::{self, Panels};
use super::sight::Question;
use super::twin::Twin;
use crate::view::look::Look;
use crate::view::sight::Shown;
use crate::view::tags::gather::{FarSpot, Gathering, Spot};
use crate::view::tags::outline::Outline;
use crate::view::tags::{Choice, Scope, Tags, follows_states, wanted};
use crate::view::tree::roll_up_mark;
use crate::view::{Scene, TreeFilter};

/// Follows the parts that have a label on demand.
pub struct TagsPlugin;

impl Plugin for TagsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Tagged>().add_systems(EguiPrimaryContextPass, follow.before(panels::draw));
    }
}

/// What is asked of the scene in a frame while the camera moves, and when it rests; where the processor draws, a frame is
/// long anyway.
const MOVING: [Duration; 2] = [Duration::from_micros(600), Duration::from_millis(2)];
const RESTING: [Duration; 2] = [Duration::from_millis(6), Duration::from_millis(40)];

/// What decides which parts have a label.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    scope: Scope,
    search: String,
    filter: TreeFilter,
    selected: Option<PartRow>,
    parts: usize,
    removed: usize,
}

/// Whether a part is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Answer {
    /// `None`: it was not asked yet.
    seen: Option<bool>,
    /// Of which picture.
    picture: u32,
}

/// What decides what is behind what: where the camera is, what is in the scene, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pictured {
    camera: Affine3A,
    generation: u32,
    /// How parts are drawn: another list is another picture.
    drawn: usize,
    in_view: usize,
}

/// Labels on demand.
#[derive(Resource, Default)]
pub struct Tagged {
    /// What the view is told.
    pub tags: Tags,
    asked: Option<Asked>,
    outlined: Option<Arc<Site>>,
    wanted: Vec<bool>,
    gathering: Gathering,
    /// Where each part is: a primitive of it, and the middle of all of them in its frame.
    anchors: Vec<Option<(Entity, Vec3)>>,
    generation: u32,
    answers: Vec<Answer>,
    pictured: Option<Pictured>,
    picture: u32,
    next: usize,
}

impl Tagged {
    /// What is wanted now, and where the parts are.
    fn prepare(&mut self, snapshot: &Snapshot, panels: &Panels, parts: &Parts, question: &Question) {
        let (ui, site) = (&panels.ui, &snapshot.site);
        if self.outlined.as_ref().is_none_or(|have| !Arc::ptr_eq(have, site)) {
            self.outlined = Some(Arc::clone(site));
            self.tags.outline = Arc::new(Outline::of(site));
            self.gathering = Gathering::default();
        }
        let asked = Asked {
            scope: ui.labels.scope,
            search: ui.search.clone(),
            filter: ui.filter,
            selected: snapshot.selected.as_ref().map(|detail| detail.part),
            parts: site.parts.len(),
            removed: site.removed.len(),
        };
        if self.asked.as_ref() != Some(&asked) || follows_states(ui.filter) || question.found.is_some() {
            let scene = Scene { found: question.found.clone(), ..Scene::default() };
            self.wanted = wanted(&Look::new(snapshot, &scene, ui));
            self.asked = Some(asked);
        }
        if self.generation != parts.generation || self.anchors.len() != parts.primitives.len() {
            self.generation = parts.generation;
            self.anchors.clear();
            self.anchors.resize(parts.primitives.len(), None);
            self.answers.clear();
            self.answers.resize(parts.primitives.len(), Answer::default());
        }
    }

    /// Where a part is in the frame of one of its primitives; known from when its bounds are.
    fn anchor(
        &mut self,
        part: PartRow,
        parts: &Parts,
        bounds: &Query<(&Aabb, &GlobalTransform)>,
    ) -> Option<(Entity, Vec3)> {
        let have = self.anchors.get_mut(part.index())?;
        if have.is_none() {
            let primitives = parts.primitives.get(part.index())?;
            let &first = primitives.first()?;
            let (aabb, place) = bounds.get(first).ok()?;
            let local = if primitives.len() == 1 {
                Vec3::from(aabb.center)
            } else {
                place.affine().inverse().transform_point3(models::bounds(primitives, bounds)?.0)
            };
            *have = Some((first, local));
        }
        *have
    }
}

/// What the scene is asked with.
#[derive(bevy::ecs::system::SystemParam)]
struct Rays<'w, 's> {
    part_of: Query<'w, 's, &'static PartOf>,
    skins: Query<'w, 's, (&'static Skin, &'static MeshMaterial3d<PartMaterial>)>,
    cast: MeshRayCast<'w, 's>,
}

impl Rays<'_, '_> {
    /// Whether a point of a part is seen from `eye`: nothing but glass and what belongs to it is before it.
    fn sees(&mut self, eye: Vec3, point: Vec3, part: PartRow, site: &Site) -> bool {
        let Ok(direction) = Dir3::new(point - eye) else { return true };
        let glass = |entity: Entity| self.skins.get(entity).is_ok_and(|(skin, worn)| worn.0 == skin.glass);
        let filter = |entity: Entity| self.part_of.contains(entity) && !glass(entity);
        let settings =
            MeshRayCastSettings::default().with_visibility(RayCastVisibility::VisibleInView).with_filter(&filter);
        let Some((entity, hit)) = self.cast.cast_ray(Ray3d::new(eye, direction), &settings).first() else {
            return true;
        };
        let Ok(PartOf(before)) = self.part_of.get(*entity) else { return true };
        hit.distance >= point.distance(eye) || site.lineage(*before).any(|one| one == part)
    }
}

/// Finds the parts that have a label, and gathers their labels.
fn follow(
    mut tagged: ResMut<Tagged>,
    (panels, question): (Res<Panels>, Res<Question>),
    (twin, look): (Res<Twin>, Res<paint::Look>),
    (parts, far): (Res<Parts>, Res<FarMachines>),
    camera: Single<(&Camera, &GlobalTransform), With<SceneCamera>>,
    bounds: Query<(&Aabb, &GlobalTransform)>,
    places: Query<(&GlobalTransform, &InheritedVisibility)>,
    mut rays: Rays,
    time: Res<Time>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let Choice { scope, behind } = panels.ui.labels;
    let (camera, place) = *camera;
    let Some((snapshot, view)) = twin.snapshot.as_ref().zip(camera.logical_viewport_rect()) else { return };
    if scope == Scope::Matter {
        if !tagged.tags.tags.is_empty() {
            tagged.tags.tags.clear();
        }
        return;
    }
    let tagged = &mut *tagged;
    tagged.tags.dt = time.delta_secs().min(0.1);
    tagged.prepare(snapshot, &panels, &parts, &question);
    let site = Arc::clone(&snapshot.site);
    let clip_from_world = camera.clip_from_view() * place.to_matrix().inverse();
    let eye = place.translation();
    let scale = panels.ui.scale;
    // On screen, points; only what is in front of the camera and in the free rectangle.
    let seen = |point: Vec3| {
        let clip = clip_from_world * point.extend(1.0);
        let ndc = clip.truncate() / clip.w;
        let at = view.min + Vec2::new(ndc.x + 1.0, 1.0 - ndc.y) * 0.5 * view.size();
        (clip.w > 0.0 && ndc.z >= 0.0 && panels.free.contains(at)).then(|| (at / scale).to_array())
    };
    let cut = panels.ui.sight.section.as_ref().map(|plane| (Vec3::from_array(plane.normal), plane.distance()));
    let mut spots: Vec<(Spot, Vec3)> = Vec::new();
    let mut far_spots = Vec::new();
    for (row, asset) in site.standing() {
        let range = asset.parts.start as usize..asset.parts.end as usize;
        let count = tagged.wanted.get(range).map_or(0, |wanted| wanted.iter().filter(|wanted| **wanted).count());
        if count == 0 {
            continue;
        }
        if let Some(bodies) = far.shown(row) {
            far_spots.extend(far_spot(tagged, row, snapshot, count).and_then(|spot| {
                let (centre, _) = models::bounds(&bodies, &bounds)?;
                Some(FarSpot { pos: seen(centre)?, depth: eye.distance(centre), ..spot })
            }));
            continue;
        }
        for part in asset.parts.clone().map(PartRow) {
            // Beside what is isolated the others are there to see where it is.
            let aside = panels.ui.sight.isolated.is_some() && look.drawn(part) != Shown::Solid;
            if aside || tagged.wanted.get(part.index()) != Some(&true) {
                continue;
            }
            let Some((entity, local)) = tagged.anchor(part, &parts, &bounds) else { continue };
            let Ok((place, visible)) = places.get(entity) else { continue };
            let point = place.transform_point(local);
            if visible.get()
                && !cut.is_some_and(|(normal, distance)| normal.dot(point) > distance)
                && let Some(pos) = seen(point)
            {
                spots.push((Spot { part, pos, depth: eye.distance(point) }, point));
            }
        }
    }
    if !behind {
        let pictured = Pictured {
            camera: place.affine(),
            generation: parts.generation,
            drawn: Arc::as_ptr(&look.drawn) as usize,
            in_view: spots.len(),
        };
        let software = adapter.is_some_and(|adapter| adapter.device_type == wgpu::DeviceType::Cpu);
        if ask(tagged, &spots, pictured, eye, &site, &mut rays, usize::from(software)) {
            redraw.write(RequestRedraw);
        }
        spots.retain(|(spot, _)| tagged.answers.get(spot.part.index()).is_some_and(|answer| answer.seen == Some(true)));
    }
    let spots: Vec<Spot> = spots.into_iter().map(|(spot, _)| spot).collect();
    let Tagged { gathering, tags, .. } = tagged;
    tags.tags = gathering.gather(&tags.outline, &spots, &far_spots, &snapshot.parts);
}

/// The label of a machine that is far away, without its place.
fn far_spot(tagged: &Tagged, row: AssetRow, snapshot: &Snapshot, count: usize) -> Option<FarSpot> {
    let node = tagged.tags.outline.asset_node(row)?;
    let mark = roll_up_mark(&snapshot.assets.get(row.index()).copied().unwrap_or_default());
    Some(FarSpot { node, pos: [0.0; 2], depth: 0.0, parts: count as u32, mark })
}

/// Asks what is behind what, in turn, as long as there is time. Whether answers are still of an older picture.
fn ask(
    tagged: &mut Tagged,
    spots: &[(Spot, Vec3)],
    pictured: Pictured,
    eye: Vec3,
    site: &Site,
    rays: &mut Rays,
    software: usize,
) -> bool {
    let rests = tagged.pictured == Some(pictured);
    if !rests {
        tagged.pictured = Some(pictured);
        tagged.picture = tagged.picture.wrapping_add(1);
    }
    let budget = if rests { RESTING } else { MOVING };
    let budget = budget.get(software).copied().unwrap_or_default();
    let start = Instant::now();
    let count = spots.len();
    for step in 0..count {
        let Some((spot, point)) = spots.get((tagged.next + step) % count) else { continue };
        let row = spot.part.index();
        if tagged.answers.get(row).is_none_or(|answer| answer.picture == tagged.picture) {
            continue;
        }
        // What was just asked is asked again after all others.
        if step > 0 && start.elapsed() > budget {
            tagged.next = (tagged.next + step) % count;
            return true;
        }
        let seen = Some(rays.sees(eye, *point, spot.part, site));
        if let Some(answer) = tagged.answers.get_mut(row) {
            *answer = Answer { seen, picture: tagged.picture };
        }
    }
    tagged.next = 0;
    false
}
