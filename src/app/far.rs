//! Machines far away: a few merged bodies in place of hundreds of primitives.
//!
//! Of each model, what moves together is merged once into one body, simplified, its colours kept at the corners; all
//! machines of the model share these. A far machine shows them instead of its parts, each body in the worst state of the
//! parts that it stands for; a machine that is only some pixels large, all of it in the worst state of the machine. What is
//! inside of a housing is left out: nobody sees it from there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bevy::math::Affine3A;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use bevy::window::RequestRedraw;
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::site::{AssetRow, PartRow, Site};
use twinscope_twin::snapshot::{PartStatus, RollUp, Snapshot};

use merge::{Piece, Plan, Raw, merge};

use super::camera::SceneCamera;
use super::detail::Eye;
use super::material::{PartMaterial, PartRows, Surface};
use super::models::{PartOf, Parts, Skin};
use super::paint::Look;
use super::view_scale::ViewScale;
use crate::view::sight::Shown;

mod merge;

/// Makes far bodies and shows them.
pub struct FarPlugin;

impl Plugin for FarPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<FarMachines>()
            .add_systems(Update, (plan, place, retag).chain())
            .add_systems(PostUpdate, swap.after(TransformSystems::Propagate));
    }
}

/// A machine of this size on screen, pixels, or smaller is far; and when it is near again.
const FAR_PX: [f32; 2] = [320.0, 350.0];
/// A machine of this size or smaller wears one colour; and when its bodies wear their own again.
const ONE_COLOUR_PX: [f32; 2] = [96.0, 110.0];
/// Corners that are merged for one model. More, and its machines show their parts at any distance.
const MOST_CORNERS: usize = 4_000_000;

/// A model whose parts are bound, as far as far bodies need it.
pub struct Bound {
    /// The machine.
    pub asset: AssetRow,
    /// Its entity.
    pub root: Entity,
    /// What moves: its node, its part, and the mover above it.
    pub movers: Vec<(Entity, PartRow, Option<usize>)>,
    /// Its primitives: whose they are, and with which mover they move.
    pub primitives: Vec<(Entity, Option<PartRow>, Option<usize>)>,
    /// Parts with a node, and with which mover they move.
    pub parts: Vec<(PartRow, Option<usize>)>,
}

/// The far bodies of a model, for all its machines.
struct Kind {
    /// Middle, m of the model, and radius of what the machine takes up.
    middle: Vec3,
    radius: f32,
    /// The body of each mover, and of what does not move.
    body_of: Vec<usize>,
    bodies: Vec<(Option<usize>, Handle<Mesh>)>,
}

/// A far body of one machine.
struct Body {
    entity: Entity,
    parts: Vec<PartRow>,
}

/// One machine.
struct Machine {
    asset: AssetRow,
    root: Entity,
    middle: Vec3,
    radius: f32,
    far: bool,
    one_colour: bool,
    bodies: Vec<Body>,
}

/// By model and type: types bind the parts of one model differently.
type Key = (String, String);

/// All machines, and what is shown of them.
#[derive(Resource, Default)]
pub struct FarMachines {
    /// Filled by the models as they come up.
    pub bound: Vec<Bound>,
    planned: Vec<(Key, Bound)>,
    tasks: Vec<(Key, Task<Option<Plan>>)>,
    kinds: BTreeMap<Key, Option<Kind>>,
    machines: Vec<Machine>,
    material: Option<Handle<PartMaterial>>,
    /// Row of the first body.
    first_row: usize,
    /// Rises whenever bodies came, or wear other states.
    pub generation: u32,
}

impl FarMachines {
    /// All bodies are made.
    pub fn idle(&self) -> bool {
        self.bound.is_empty() && self.planned.is_empty() && self.tasks.is_empty()
    }

    /// The bodies of a machine, if it shows them.
    pub fn shown(&self, asset: AssetRow) -> Option<Vec<Entity>> {
        let machine = self.machines.iter().find(|machine| machine.asset == asset && machine.far)?;
        Some(machine.bodies.iter().map(|body| body.entity).collect())
    }

    /// Forgets what machines of a model look like, of which none is left.
    pub fn forget(&mut self, model: &str) {
        self.kinds.retain(|(kind, _), _| kind != model);
        self.tasks.retain(|((kind, _), _)| kind != model);
    }

    /// Forgets a machine that is taken out; its bodies go with its nodes.
    pub fn remove(&mut self, asset: AssetRow) {
        self.bound.retain(|bound| bound.asset != asset);
        self.planned.retain(|(_, bound)| bound.asset != asset);
        self.machines.retain(|machine| machine.asset != asset);
        self.generation += 1;
    }

    /// The machine shows its bodies.
    pub fn is_far(&self, asset: AssetRow) -> bool {
        self.machines.iter().any(|machine| machine.asset == asset && machine.far)
    }

    /// What each body wears, by row.
    pub fn statuses(&self, snapshot: &Snapshot) -> Vec<(usize, PartStatus)> {
        let rows = self.first_row..;
        let bodies = self.machines.iter().flat_map(|machine| machine.bodies.iter().map(move |body| (machine, body)));
        rows.zip(bodies)
            .map(|(row, (machine, body))| {
                let whole = snapshot.assets.get(machine.asset.index()).filter(|_| machine.one_colour);
                let own = || together(body.parts.iter().filter_map(|part| snapshot.parts.get(part.index())));
                (row, worst(&whole.copied().unwrap_or_else(own)))
            })
            .collect()
    }
}

/// The roll-up over parts, each for itself.
fn together<'a>(parts: impl Iterator<Item = &'a PartStatus>) -> RollUp {
    parts.fold(RollUp::default(), |mut sum, part| {
        sum.worst = sum.worst.max(part.state);
        match part.quality {
            Quality::Good | Quality::Uncertain => {
                if let Some(count) = sum.by_state.get_mut(part.state as usize) {
                    *count += 1;
                }
            }
            Quality::Stale => sum.stale += 1,
            Quality::Bad => sum.bad += 1,
            Quality::NoData => sum.no_data += 1,
        }
        sum
    })
}

/// What one body wears for many parts: the worst state; and the look of what is not known any more, if any of it is not.
/// Parts that nothing measures say nothing.
fn worst(roll_up: &RollUp) -> PartStatus {
    let known = roll_up.by_state.iter().any(|&count| count > 0);
    let (quality, reason) = match roll_up {
        RollUp { bad: 1.., .. } => (Quality::Bad, QualityReason::None),
        RollUp { stale: 1.., .. } => (Quality::Stale, QualityReason::None),
        _ if known => (Quality::Good, QualityReason::None),
        _ => (Quality::NoData, QualityReason::NotMeasured),
    };
    PartStatus { state: roll_up.worst, quality, reason, ..PartStatus::default() }
}

/// Where an entity stands in its model.
fn in_model(entity: Entity, root: Entity, nodes: &Query<(&Transform, Option<&ChildOf>)>) -> Affine3A {
    let (mut at, mut place) = (entity, Affine3A::IDENTITY);
    // Bounded by the depth that the model's check allows; a hierarchy is no circle.
    for _ in 0..1_024 {
        if at == root {
            break;
        }
        let Ok((transform, parent)) = nodes.get(at) else { break };
        place = transform.compute_affine() * place;
        match parent {
            Some(parent) => at = parent.parent(),
            None => break,
        }
    }
    place
}

/// Models that came up: the first of each kind is merged beside the frames.
fn plan(
    mut far: ResMut<FarMachines>,
    parts: Res<Parts>,
    nodes: Query<(&Transform, Option<&ChildOf>)>,
    drawn: Query<(&Mesh3d, &Skin)>,
    meshes: Res<Assets<Mesh>>,
    materials: Res<Assets<PartMaterial>>,
) {
    if far.bound.is_empty() {
        return;
    }
    let Some(site) = parts.site.clone() else { return };
    for bound in std::mem::take(&mut far.bound) {
        let Some(asset) = site.assets.get(bound.asset.index()) else { continue };
        let key = (asset.model.clone(), asset.type_id.clone());
        let open = far.tasks.iter().any(|(open, _)| *open == key) || far.kinds.contains_key(&key);
        if !open {
            let mut raws: HashMap<AssetId<Mesh>, Option<Arc<Raw>>> = HashMap::new();
            let pieces: Vec<Piece> = bound
                .primitives
                .iter()
                .filter_map(|&(entity, part, mover)| {
                    let (mesh, skin) = drawn.get(entity).ok()?;
                    let id = mesh.0.id();
                    let raw = raws.entry(id).or_insert_with(|| meshes.get(id).and_then(Raw::of).map(Arc::new));
                    let kind = part.and_then(|part| site.parts.get(part.index())).map(|part| part.kind.as_str());
                    Some(Piece {
                        raw: raw.clone()?,
                        place: in_model(entity, bound.root, &nodes),
                        colour: materials.get(&skin.solid).map_or(Vec4::ONE, |material| material.surface.base),
                        mover,
                        shell: kind == Some("housing"),
                    })
                })
                .collect();
            let movers: Vec<_> =
                bound.movers.iter().map(|&(node, _, above)| (in_model(node, bound.root, &nodes), above)).collect();
            let corners: usize = pieces.iter().map(|piece| piece.raw.positions.len()).sum();
            let task = AsyncComputeTaskPool::get()
                .spawn(async move { if corners > MOST_CORNERS { None } else { merge(&pieces, &movers) } });
            far.tasks.push((key.clone(), task));
        }
        far.planned.push((key, bound));
    }
}

/// Gives each machine its bodies as soon as those of its model are made.
fn place(
    mut commands: Commands,
    mut far: ResMut<FarMachines>,
    parts: Res<Parts>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<PartMaterial>>,
    rows: Res<PartRows>,
) {
    if far.planned.is_empty() {
        return;
    }
    let Some(site) = parts.site.clone() else { return };
    let far = &mut *far;
    let mut open = Vec::new();
    for (key, mut task) in std::mem::take(&mut far.tasks) {
        match block_on(poll_once(&mut task)) {
            None => open.push((key, task)),
            Some(plan) => {
                let kind = plan.map(|plan| Kind {
                    middle: plan.middle,
                    radius: plan.radius,
                    body_of: plan.body_of,
                    bodies: plan.bodies.into_iter().map(|(mover, mesh)| (mover, meshes.add(mesh))).collect(),
                });
                far.kinds.insert(key, kind);
            }
        }
    }
    far.tasks = open;
    // In the same light as the parts.
    let lighting = materials.iter().next().map(|(_, material)| material.lighting).unwrap_or_default();
    let material = far.material.get_or_insert_with(|| {
        materials.add(PartMaterial {
            // The colours are at the corners.
            surface: Surface { base: Vec4::ONE, params: Vec4::new(0.05, 0.55, 0.0, 0.0) },
            texture: None,
            rows: rows.buffer(),
            ghost: false,
            over_glass: false,
            flow: false,
            section: false,
            edges: false,
            lighting,
            cull: Some(bevy::render::render_resource::Face::Back),
        })
    });
    for (key, bound) in std::mem::take(&mut far.planned) {
        match far.kinds.get(&key) {
            None => far.planned.push((key, bound)),
            Some(None) => {}
            Some(Some(kind)) => {
                far.machines.push(spawn(&mut commands, &site, kind, &bound, material));
                far.generation += 1;
            }
        }
    }
}

/// Marks a body that a machine far away is drawn with.
#[derive(Component)]
pub struct FarBody;

fn spawn(commands: &mut Commands, site: &Site, kind: &Kind, bound: &Bound, material: &Handle<PartMaterial>) -> Machine {
    let body_of = |mover: Option<usize>| {
        kind.body_of.get(mover.unwrap_or(bound.movers.len())).or(kind.body_of.last()).copied().unwrap_or_default()
    };
    let movers: HashMap<PartRow, Option<usize>> = bound.parts.iter().copied().collect();
    let mut members: Vec<Vec<PartRow>> = vec![Vec::new(); kind.bodies.len()];
    let rows = site.assets.get(bound.asset.index()).map_or(0..0, |asset| asset.parts.clone()).map(PartRow);
    for row in rows {
        // A part without a node moves with the nearest part above that has one.
        let mut at = Some(row);
        let mut mover = None;
        for _ in 0..site.parts.len() {
            let Some(part) = at else { break };
            if let Some(&found) = movers.get(&part) {
                mover = found;
                break;
            }
            at = site.parts.get(part.index()).and_then(|part| part.parent);
        }
        if let Some(members) = members.get_mut(body_of(mover)) {
            members.push(row);
        }
    }
    let bodies = kind.bodies.iter().zip(members).map(|((mover, mesh), parts)| {
        let (node, part) = match mover.and_then(|mover| bound.movers.get(mover)) {
            Some(&(node, part, _)) => (node, Some(part)),
            None => (bound.root, parts.first().copied()),
        };
        let skin = Skin { solid: material.clone(), glass: material.clone(), told: material.clone() };
        let mut entity = commands.spawn((
            (Name::new("far body"), FarBody),
            Mesh3d(mesh.clone()),
            MeshMaterial3d(material.clone()),
            MeshTag(u32::MAX),
            skin,
            Visibility::Hidden,
            Transform::default(),
            ChildOf(node),
        ));
        // A click on it chooses what moves it, or the first part of the machine.
        if let Some(part) = part {
            entity.insert(PartOf(part));
        }
        Body { entity: entity.id(), parts }
    });
    let bodies = bodies.collect();
    Machine {
        asset: bound.asset,
        root: bound.root,
        middle: kind.middle,
        radius: kind.radius,
        far: false,
        one_colour: false,
        bodies,
    }
}

/// The rows of bodies follow those of the parts.
fn retag(
    mut far: ResMut<FarMachines>,
    parts: Res<Parts>,
    mut rows: ResMut<PartRows>,
    mut tags: Query<&mut MeshTag>,
    mut seen: Local<(usize, usize)>,
) {
    let first = parts.site.as_ref().map_or(0, |site| site.parts.len());
    let bodies = far.machines.iter().map(|machine| machine.bodies.len()).sum();
    if *seen == (first, bodies) || bodies == 0 {
        return;
    }
    let mut row = first;
    for body in far.machines.iter().flat_map(|machine| &machine.bodies) {
        // Bodies that were spawned in this frame get theirs in the next.
        let Ok(mut tag) = tags.get_mut(body.entity) else { return };
        tag.set_if_neq(MeshTag(row as u32));
        row += 1;
    }
    *seen = (first, bodies);
    rows.reserve(row);
    far.first_row = first;
    far.generation += 1;
}

/// Shows each machine as what it is or as what it looks like from afar.
fn swap(
    cameras: Query<(&Camera, &GlobalTransform), With<SceneCamera>>,
    view: Option<Res<ViewScale>>,
    look: Res<Look>,
    parts: Res<Parts>,
    mut far: ResMut<FarMachines>,
    places: Query<&GlobalTransform>,
    mut visibilities: Query<&mut Visibility>,
    redraw: Option<ResMut<Messages<RequestRedraw>>>,
) {
    if far.machines.is_empty() {
        return;
    }
    let (Some((camera, place)), Some(site)) = (cameras.iter().next(), &parts.site) else { return };
    let Some(eye) = Eye::of(camera, place, view.map_or(1.0, |view| view.steady)) else { return };
    let mut changed = false;
    for machine in &mut far.bypass_change_detection().machines {
        let Ok(place) = places.get(machine.root) else { continue };
        let rows = site.assets.get(machine.asset.index()).map_or(0..0, |asset| asset.parts.clone());
        let some_hidden =
            look.elsewhere != Shown::Solid || rows.clone().any(|row| look.drawn(PartRow(row)) == Shown::Hidden);
        let size_px = 2.0 * machine.radius * eye.pixels_a_metre(place.transform_point(machine.middle), 0.0);
        let below = |limits: [f32; 2], now: bool| size_px < limits[usize::from(now)];
        // Checks look at the parts themselves, and so does who has hidden some of them.
        let is_far = below(FAR_PX, machine.far) && !look.bare && !some_hidden;
        let one_colour = is_far && below(ONE_COLOUR_PX, machine.one_colour);
        if (is_far, one_colour) == (machine.far, machine.one_colour) {
            continue;
        }
        changed = true;
        (machine.far, machine.one_colour) = (is_far, one_colour);
        if let Ok(mut visibility) = visibilities.get_mut(machine.root) {
            visibility.set_if_neq(if is_far { Visibility::Hidden } else { Visibility::Inherited });
        }
        for body in &machine.bodies {
            if let Ok(mut visibility) = visibilities.get_mut(body.entity) {
                // Also below what is hidden.
                visibility.set_if_neq(if is_far { Visibility::Visible } else { Visibility::Hidden });
            }
        }
    }
    if changed {
        far.generation += 1;
        if let Some(mut redraw) = redraw {
            redraw.write(RequestRedraw);
        }
    }
}

#[cfg(test)]
mod tests;
