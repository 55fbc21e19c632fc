//! Hands to the painter how each part is drawn, and finds what stands before the selection.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::camera::primitives::Aabb;
use bevy::math::Affine3A;
use bevy::picking::mesh_picking::ray_cast::{MeshRayCast, MeshRayCastSettings, RayCastVisibility};
use bevy::prelude::*;
use twinscope_twin::site::{PartRow, Site};

use super::camera::SceneCamera;
use super::models::{self, PartOf, Parts};
use super::paint::{Look, PaintSet};
use super::panels::Panels;
use crate::view::sight::{Sight, drawn, elsewhere};

/// Decides how each part is drawn.
pub struct SightPlugin;

impl Plugin for SightPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Before>().add_systems(PostUpdate, (look_through, draw).chain().before(PaintSet::Rows));
    }
}

/// The parts that stand between the eye and the selection, while a person wants to look through them.
#[derive(Resource, Default)]
struct Before {
    parts: BTreeSet<PartRow>,
    of: Option<(BTreeSet<PartRow>, Affine3A)>,
    at: Option<Instant>,
}

/// How often it is asked again what stands before the selection while the camera moves: a ray over all triangles takes
/// about a millisecond.
const ASK: Duration = Duration::from_millis(150);

/// Where a selection is looked for from the eye, in halves of its box: its middle, its sides, its corners.
fn samples(aabb: &Aabb) -> impl Iterator<Item = Vec3> + '_ {
    let (centre, half) = (Vec3::from(aabb.center), Vec3::from(aabb.half_extents));
    let signs = (-1..=1).flat_map(|x| (-1..=1).flat_map(move |y| (-1..=1).map(move |z| IVec3::new(x, y, z))));
    let wanted = signs.filter(|sign| sign.abs().element_sum() != 2);
    wanted.map(move |sign| centre + half * sign.as_vec3() * if sign.abs().element_sum() == 3 { 0.7 } else { 0.8 })
}

fn look_through(
    panels: Res<Panels>,
    look: Res<Look>,
    parts: Res<Parts>,
    camera: Single<&GlobalTransform, With<SceneCamera>>,
    boxes: Query<(&Aabb, &GlobalTransform)>,
    part_of: Query<&PartOf>,
    mut cast: MeshRayCast,
    mut before: ResMut<Before>,
) {
    let sight = &panels.ui.sight;
    let subjects = sight.subjects(look.selected);
    if !sight.xray || subjects.is_empty() {
        if before.of.is_some() {
            *before = Before::default();
        }
        return;
    }
    let asked = Some((subjects.clone(), camera.affine()));
    let early = before.at.is_some_and(|at| at.elapsed() < ASK);
    if before.of == asked || (early && before.of.as_ref().is_some_and(|(parts, _)| *parts == subjects)) {
        return;
    }
    before.of = asked;
    before.at = Some(Instant::now());
    let family: BTreeSet<PartRow> = subjects.iter().flat_map(|&part| parts.family(part)).collect();
    let eye = camera.translation();
    let filter = |entity: Entity| part_of.contains(entity);
    // Parts that are hidden do not hide; those that are glass already do, or they would flicker.
    let settings = MeshRayCastSettings::default()
        .with_visibility(RayCastVisibility::Visible)
        .with_filter(&filter)
        .never_early_exit();
    let mut found = BTreeSet::new();
    for subject in &subjects {
        for primitive in parts.primitives_of(*subject).into_iter().take(MOST_PRIMITIVES) {
            let Ok((aabb, place)) = boxes.get(primitive) else { continue };
            for sample in samples(aabb) {
                let to = place.transform_point(sample);
                let Ok(direction) = Dir3::new(to - eye) else { continue };
                let far = to.distance(eye);
                let hits = cast.cast_ray(Ray3d::new(eye, direction), &settings);
                let near = hits.iter().filter(|(_, hit)| hit.distance < far);
                let rows = near.filter_map(|(entity, _)| part_of.get(*entity).ok()).map(|part| part.0);
                // What lies inside or behind the selection does not stand before it.
                found.extend(rows.take_while(|row| !family.contains(row)));
            }
        }
    }
    if before.parts != found {
        before.parts = found;
    }
}

/// Most primitives of a selection that are looked for.
const MOST_PRIMITIVES: usize = 4;

/// What decides how parts are drawn.
#[derive(Default)]
struct Seen {
    site: Option<Arc<Site>>,
    sight: Sight,
    before: BTreeSet<PartRow>,
}

fn draw(panels: Res<Panels>, parts: Res<Parts>, before: Res<Before>, mut look: ResMut<Look>, mut seen: Local<Seen>) {
    let Some(site) = &parts.site else { return };
    let sight = &panels.ui.sight;
    let same = seen.site.as_ref().is_some_and(|have| Arc::ptr_eq(have, site));
    if same && seen.sight == *sight && seen.before == before.parts {
        return;
    }
    *seen = Seen { site: Some(Arc::clone(site)), sight: sight.clone(), before: before.parts.clone() };
    let now = drawn(site, sight, &before.parts);
    if *look.drawn != now {
        look.drawn = Arc::new(now);
    }
    if look.elsewhere != elsewhere(sight) {
        look.elsewhere = elsewhere(sight);
    }
}

/// The box of what a tool works on, in world space: of these parts, or of everything. Lowest and highest corner, m.
pub fn extent(parts: &Parts, of: &BTreeSet<PartRow>, boxes: &Query<(&Aabb, &GlobalTransform)>) -> Option<(Vec3, Vec3)> {
    let chosen: Vec<Entity> = of.iter().flat_map(|&part| parts.primitives_of(part)).collect();
    let all = || parts.primitives.iter().flatten().copied().collect::<Vec<_>>();
    let primitives = if chosen.is_empty() { all() } else { chosen };
    models::box_of(&primitives, boxes)
}
