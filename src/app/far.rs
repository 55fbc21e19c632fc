//! Machines far away: a few merged bodies in place of hundreds of primitives.
//!
//! Of each model, what moves together is merged once into one body, simplified, its colours kept at the corners; all
//! machines of the model share these. A far machine shows them instead of its parts, each body in the worst state of the
//! parts that it stands for; a machine that is only some pixels large, all of it in the worst state of the machine. What is
//! inside of a housing is left out: nobody sees it from there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::math::Affine3A;
use bevy::mesh::{Indices, MeshTag, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use bevy::window::RequestRedraw;
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::site::{AssetRow, PartRow, Site};
use twinscope_twin::snapshot::{PartStatus, RollUp, Snapshot};

use super::camera::SceneCamera;
use super::detail::{Eye, simplify};
use super::material::{PartMaterial, PartRows, Surface};
use super::models::{PartOf, Parts, Skin};
use super::paint::Look;
use super::view_scale::ViewScale;

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
/// Error of a body and smallest piece of it, as shares of the machine's radius: 0.2 and 0.3 pixels where it is shown first.
const ERROR: f32 = 0.0012;
const SMALLEST_PIECE: f32 = 0.002;
/// What moves and is smaller than this share of the machine's radius stands still in its body.
const SMALLEST_MOVER: f32 = 0.05;
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

/// A mesh, apart from the world.
struct Raw {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    indices: Vec<u32>,
}

impl Raw {
    fn of(mesh: &Mesh) -> Option<Self> {
        if mesh.primitive_topology() != PrimitiveTopology::TriangleList {
            return None;
        }
        let VertexAttributeValues::Float32x3(positions) = mesh.attribute(Mesh::ATTRIBUTE_POSITION)? else {
            return None;
        };
        let VertexAttributeValues::Float32x3(normals) = mesh.attribute(Mesh::ATTRIBUTE_NORMAL)? else { return None };
        let indices: Vec<u32> = match mesh.indices() {
            Some(indices) => indices.iter().map(|index| index as u32).collect(),
            None => (0..positions.len() as u32).collect(),
        };
        let sound = normals.len() == positions.len()
            && indices.len().is_multiple_of(3)
            && indices.iter().all(|&index| (index as usize) < positions.len())
            && positions.iter().flatten().all(|value| value.is_finite());
        sound.then(|| Self { positions: positions.clone(), normals: normals.clone(), indices })
    }
}

/// A primitive of the model, in its place.
struct Piece {
    raw: Arc<Raw>,
    place: Affine3A,
    colour: Vec4,
    mover: Option<usize>,
    /// What is wholly inside of its box is not seen from afar.
    shell: bool,
}

/// What a task makes for one model.
struct Plan {
    middle: Vec3,
    radius: f32,
    body_of: Vec<usize>,
    bodies: Vec<(Option<usize>, Mesh)>,
}

/// A box around points.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    low: Vec3,
    high: Vec3,
}

impl Bounds {
    const NONE: Self = Self { low: Vec3::INFINITY, high: Vec3::NEG_INFINITY };

    fn with(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    fn radius(self) -> f32 {
        if self.low.x > self.high.x { 0.0 } else { 0.5 * (self.high - self.low).length() }
    }

    fn holds(self, other: Self) -> bool {
        self.low.cmple(other.low).all() && self.high.cmpge(other.high).all()
    }
}

impl Piece {
    fn bounds(&self) -> Bounds {
        self.raw.positions.iter().fold(Bounds::NONE, |bounds, &position| {
            let at = self.place.transform_point3(position.into());
            bounds.with(Bounds { low: at, high: at })
        })
    }
}

/// Merges a model's pieces. `movers`: their place in the model, and the mover above. `None`: there is nothing to merge.
fn merge(pieces: &[Piece], movers: &[(Affine3A, Option<usize>)]) -> Option<Plan> {
    let boxes: Vec<Bounds> = pieces.iter().map(Piece::bounds).collect();
    let all = boxes.iter().fold(Bounds::NONE, |all, &bounds| all.with(bounds));
    let radius = all.radius();
    if radius <= 0.0 {
        return None;
    }
    // Movers stand behind those above them, so each finds its parent decided.
    let mut sizes = vec![Bounds::NONE; movers.len()];
    for (piece, &bounds) in pieces.iter().zip(&boxes) {
        let mut at = piece.mover;
        for _ in 0..=movers.len() {
            let Some((size, mover)) = at.and_then(|at| Some((sizes.get_mut(at)?, movers.get(at)?))) else { break };
            *size = size.with(bounds);
            at = mover.1;
        }
    }
    let mut owner: Vec<Option<usize>> = Vec::with_capacity(movers.len());
    for (index, (size, &(_, above))) in sizes.iter().zip(movers).enumerate() {
        let own = size.radius() >= SMALLEST_MOVER * radius;
        owner.push(if own { Some(index) } else { above.and_then(|above| owner.get(above).copied().flatten()) });
    }
    let owner_of = |mover: Option<usize>| mover.and_then(|mover| owner.get(mover).copied().flatten());
    let shells: Vec<(usize, Option<usize>, Bounds)> = pieces
        .iter()
        .zip(&boxes)
        .enumerate()
        .filter(|(_, (piece, _))| piece.shell)
        .map(|(index, (piece, &bounds))| (index, owner_of(piece.mover), bounds))
        .collect();
    let mut by_owner: BTreeMap<Option<usize>, Vec<&Piece>> = BTreeMap::new();
    for (index, (piece, &bounds)) in pieces.iter().zip(&boxes).enumerate() {
        let mine = owner_of(piece.mover);
        let inside = |&(shell, owner, outer): &(usize, Option<usize>, Bounds)| {
            shell != index && owner == mine && outer.holds(bounds) && outer.radius() > bounds.radius()
        };
        if bounds.radius() >= SMALLEST_PIECE * radius && !shells.iter().any(inside) {
            by_owner.entry(mine).or_default().push(piece);
        }
    }
    let mut bodies = Vec::new();
    let mut body_of_owner = HashMap::new();
    for (mover, pieces) in by_owner {
        let frame = mover.and_then(|mover| movers.get(mover)).map_or(Affine3A::IDENTITY, |(place, _)| *place);
        if let Some(mesh) = body(&pieces, frame.inverse(), ERROR * radius) {
            body_of_owner.insert(mover, bodies.len());
            bodies.push((mover, mesh));
        }
    }
    if bodies.is_empty() {
        return None;
    }
    // What lost its body (all of it is small or inside) is told by what it stands on.
    let body_of = (0..movers.len()).map(Some).chain([None]).map(|mover| {
        let mut at = owner_of(mover);
        for _ in 0..=movers.len() {
            if let Some(&body) = body_of_owner.get(&at) {
                return body;
            }
            at = at.and_then(|at| movers.get(at)).and_then(|(_, above)| owner_of(*above));
        }
        0
    });
    let body_of = body_of.collect();
    Some(Plan { middle: 0.5 * (all.low + all.high), radius, body_of, bodies })
}

/// One mesh of pieces, in the frame of what moves them.
fn body(pieces: &[&Piece], frame: Affine3A, error_m: f32) -> Option<Mesh> {
    let (mut positions, mut normals, mut colours, mut indices) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        let place = frame * piece.place;
        let turn = place.matrix3.inverse().transpose();
        let first = positions.len() as u32;
        positions.extend(piece.raw.positions.iter().map(|&p| place.transform_point3(p.into()).to_array()));
        normals.extend(piece.raw.normals.iter().map(|&n| (turn * Vec3::from(n)).normalize_or(Vec3::Y).to_array()));
        colours.resize(positions.len(), piece.colour.to_array());
        let mirrored = place.matrix3.determinant() < 0.0;
        indices.extend(piece.raw.indices.chunks_exact(3).flat_map(|corner| {
            let mut triangle = [0, 1, 2].map(|n| corner.get(n).copied().unwrap_or_default() + first);
            if mirrored {
                triangle.reverse();
            }
            triangle
        }));
    }
    let (indices, _) = simplify(&positions, &normals, &indices, error_m);
    if indices.is_empty() {
        return None;
    }
    // Only the corners that are left.
    let mut place: HashMap<u32, u32> = HashMap::new();
    let mut keep = Vec::new();
    let mut packed = Vec::with_capacity(indices.len());
    for index in indices {
        packed.push(*place.entry(index).or_insert_with(|| {
            keep.push(index as usize);
            keep.len() as u32 - 1
        }));
    }
    fn pick<T: Copy>(values: &[T], keep: &[usize]) -> Vec<T> {
        keep.iter().filter_map(|&index| values.get(index).copied()).collect()
    }
    Some(
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::default())
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, pick(&positions, &keep))
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, pick(&normals, &keep))
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, pick(&colours, &keep))
            .with_inserted_indices(Indices::U32(packed)),
    )
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
                        shell: matches!(kind, Some("housing" | "structure")),
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
    let material = far.material.get_or_insert_with(|| {
        materials.add(PartMaterial {
            // The colours are at the corners.
            surface: Surface { base: Vec4::ONE, params: Vec4::new(0.05, 0.55, 0.0, 0.0) },
            texture: None,
            rows: rows.buffer(),
            ghost: false,
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
        let skin = Skin { solid: material.clone(), glass: material.clone() };
        let mut entity = commands.spawn((
            Name::new("far body"),
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
        let some_hidden = look.hidden.iter().any(|part| rows.contains(&part.0));
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
