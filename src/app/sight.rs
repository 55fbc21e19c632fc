//! Hands to the painter how each part is drawn, and finds what stands before the selection.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::camera::primitives::Aabb;
use bevy::math::Affine3A;
use bevy::picking::mesh_picking::ray_cast::{MeshRayCast, MeshRayCastSettings, RayCastVisibility};
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use twinscope_twin::query::PartQuery;
use twinscope_twin::site::{PartRow, Site};
use twinscope_twin::snapshot::Snapshot;

use super::camera::SceneCamera;
use super::models::{self, PartOf, Parts};
use super::paint::{Look, PaintSet};
use super::panels::Panels;
use super::twin::Twin;
use crate::view::sight::{Sight, drawn, elsewhere};

/// Decides how each part is drawn.
pub struct SightPlugin;

impl Plugin for SightPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Before>()
            .init_resource::<Question>()
            .add_systems(Update, ask)
            .add_systems(PostUpdate, (look_through, draw).chain().before(PaintSet::Rows));
    }
}

/// The question in the search field, and its answer.
#[derive(Resource, Default)]
pub struct Question {
    text: String,
    query: Option<Result<Arc<PartQuery>, String>>,
    of: Option<Arc<Snapshot>>,
    at: Option<Instant>,
    asking: Option<Task<BTreeSet<PartRow>>>,
    /// The parts that are meant, or why the question is none; `None`: it is none, but a name.
    pub found: Option<Result<Arc<BTreeSet<PartRow>>, String>>,
}

impl Question {
    /// Whether it is being answered.
    pub const fn busy(&self) -> bool {
        self.asking.is_some()
    }
}

/// How often a question is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Asks beside the frames: some microseconds a part are too many for a farm.
fn ask(panels: Res<Panels>, twin: Res<Twin>, mut question: ResMut<Question>) {
    let text = panels.ui.search.trim();
    let Some(snapshot) = twin.snapshot.as_ref().filter(|_| PartQuery::is_meant(text)) else {
        if !question.text.is_empty() {
            *question = Question::default();
        }
        return;
    };
    let same_site = question.of.as_ref().is_some_and(|of| Arc::ptr_eq(&of.site, &snapshot.site));
    if question.text != text || !same_site {
        *question = Question {
            text: text.to_owned(),
            query: Some(PartQuery::compile(text, &snapshot.site).map(Arc::new)),
            ..Question::default()
        };
    }
    if let Some(task) = &mut question.asking {
        let Some(found) = block_on(poll_once(task)) else { return };
        question.asking = None;
        let found = Some(Ok(Arc::new(found)));
        if question.found != found {
            question.found = found;
        }
    }
    let same = question.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, snapshot));
    if same || question.at.is_some_and(|at| at.elapsed() < ASK_AGAIN) {
        return;
    }
    question.at = Some(Instant::now());
    question.of = Some(Arc::clone(snapshot));
    match question.query.clone() {
        Some(Ok(query)) => {
            let snapshot = Arc::clone(snapshot);
            let work = async move { query.parts(&snapshot).into_iter().collect() };
            question.asking = Some(AsyncComputeTaskPool::get().spawn(work));
        }
        Some(Err(reason)) => question.found = Some(Err(reason)),
        None => {}
    }
}

/// The parts that stand between the eye and the selection, while a person wants to look through them.
#[derive(Resource, Default)]
pub struct Before {
    parts: BTreeSet<PartRow>,
    /// What it was asked for: the selection, and where the camera was.
    of: Option<(BTreeSet<PartRow>, Affine3A)>,
    /// Points of the selection to which no ray was cast yet.
    open: Vec<Vec3>,
    /// What the rays have met so far.
    met: BTreeSet<PartRow>,
}

impl Before {
    /// Whether it is still being asked.
    pub const fn busy(&self) -> bool {
        !self.open.is_empty()
    }
}

/// Rays are cast for so long in a frame: one over all triangles of a large machine takes about a millisecond.
const BUDGET: Duration = Duration::from_millis(4);

/// Most rays for one answer, over all of a selection.
const MOST_RAYS: usize = 120;

/// Where a selection is looked for from the eye, in halves of its box: its middle, its sides, its corners.
fn samples(aabb: &Aabb) -> impl Iterator<Item = Vec3> + '_ {
    let (centre, half) = (Vec3::from(aabb.center), Vec3::from(aabb.half_extents));
    let signs = (-1..=1).flat_map(|x| (-1..=1).flat_map(move |y| (-1..=1).map(move |z| IVec3::new(x, y, z))));
    let wanted = signs.filter(|sign| sign.abs().element_sum() != 2);
    wanted.map(move |sign| centre + half * sign.as_vec3() * if sign.abs().element_sum() == 3 { 0.7 } else { 0.8 })
}

/// As many of these as there may be, from all over the list.
fn thinned(points: Vec<Vec3>) -> Vec<Vec3> {
    let step = points.len().div_ceil(MOST_RAYS).max(1);
    points.into_iter().step_by(step).collect()
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
    let (eye, asked) = (camera.translation(), Some((subjects.clone(), camera.affine())));
    // One answer is finished before the next is asked for: while the camera moves they would all begin anew.
    if !before.busy() {
        if before.of == asked {
            return;
        }
        let primitives = subjects.iter().flat_map(|&subject| parts.primitives_of(subject));
        let placed = primitives.filter_map(|primitive| boxes.get(primitive).ok());
        before.open = thinned(
            placed
                .flat_map(|(aabb, place)| samples(aabb).map(|at| place.transform_point(at)).collect::<Vec<_>>())
                .collect(),
        );
        before.met.clear();
        before.of = asked;
    }
    let family: BTreeSet<PartRow> = subjects.iter().flat_map(|&part| parts.family(part)).collect();
    let filter = |entity: Entity| part_of.contains(entity);
    // Parts that are hidden do not hide; those that are glass already do, or they would flicker.
    let settings = MeshRayCastSettings::default()
        .with_visibility(RayCastVisibility::Visible)
        .with_filter(&filter)
        .never_early_exit();
    let start = Instant::now();
    while let Some(to) = before.open.pop() {
        if let Ok(direction) = Dir3::new(to - eye) {
            let far = to.distance(eye);
            let hits = cast.cast_ray(Ray3d::new(eye, direction), &settings);
            let near = hits.iter().filter(|(_, hit)| hit.distance < far);
            let rows = near.filter_map(|(entity, _)| part_of.get(*entity).ok()).map(|part| part.0);
            // What lies inside or behind the selection does not stand before it.
            before.met.extend(rows.take_while(|row| !family.contains(row)));
        }
        if start.elapsed() > BUDGET {
            break;
        }
    }
    if !before.busy() && before.parts != before.met {
        before.parts = before.met.clone();
    }
}

/// What decides how parts are drawn.
#[derive(Default)]
struct Seen {
    site: Option<Arc<Site>>,
    sight: Sight,
    before: BTreeSet<PartRow>,
    /// Doors that stand open for who walks.
    open: BTreeSet<PartRow>,
}

fn draw(panels: Res<Panels>, parts: Res<Parts>, before: Res<Before>, mut look: ResMut<Look>, mut seen: Local<Seen>) {
    let Some(site) = &parts.site else { return };
    let sight = &panels.ui.sight;
    let same = seen.site.as_ref().is_some_and(|have| Arc::ptr_eq(have, site));
    let open = &panels.ui.walk.open;
    if same && seen.sight == *sight && seen.before == before.parts && seen.open == *open {
        return;
    }
    *seen =
        Seen { site: Some(Arc::clone(site)), sight: sight.clone(), before: before.parts.clone(), open: open.clone() };
    let now = drawn(site, sight, &(&before.parts | open));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_of_thousands_is_looked_for_with_few_rays() {
        let many = thinned((0..20_000).map(|n| Vec3::X * n as f32).collect());
        assert!(many.len() <= MOST_RAYS && many.len() > MOST_RAYS / 2, "{}", many.len());
        assert_eq!(thinned(vec![Vec3::X; 15]).len(), 15);
    }

    #[test]
    fn a_box_is_looked_for_at_its_middle_its_sides_and_its_corners() {
        let aabb = Aabb::from_min_max(Vec3::NEG_ONE, Vec3::ONE);
        let at: Vec<Vec3> = samples(&aabb).collect();
        assert_eq!(at.len(), 1 + 6 + 8);
        assert!(at.iter().all(|at| at.abs().max_element() < 1.0), "inside of it: {at:?}");
    }
}
