//! Levels of detail: coarser copies of meshes, made beside the frames, and which of them each primitive shows.
//!
//! A level's error is the greatest distance of its surface from the whole one, in metres (Garland and Heckbert 1997, as
//! measured by meshoptimizer). A primitive shows the coarsest level whose error stays below a pixel, and nothing if it is
//! smaller than a pixel and a half. Meshes that are shared are simplified once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::camera::primitives::{Aabb, MeshAabb as _};
use bevy::camera::visibility::{NoAutoAabb, RenderLayers};
use bevy::mesh::{Indices, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use bevy::window::RequestRedraw;
use meshopt::{SimplifyOptions, VertexDataAdapter, simplify_with_attributes_and_locks};

use super::camera::SceneCamera;
use super::field::OnField;
use super::models::Skin;
use super::view_scale::ViewScale;

/// Makes levels and chooses among them.
pub struct DetailPlugin;

impl Plugin for DetailPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Levels>()
            .add_systems(Update, (enlist.after(super::field::take_values), take, forget).chain())
            .add_systems(PostUpdate, choose.after(TransformSystems::Propagate));
    }
}

/// Error of the levels, as a share of the extent of the mesh. A level shows when the mesh is smaller on screen than the
/// inverse of this in pixels: 250, and 40.
const ERRORS: [f32; 2] = [0.004, 0.025];
/// A level that leaves more triangles than this share of the one before is not worth its memory.
const WORTH: f32 = 0.75;
/// No camera sees this layer: what is too small to be seen is put there, and its mesh and its place stay known.
const UNDRAWN: usize = 31;
/// Fewer triangles cost less than the choice.
const FEWEST_TRIANGLES: usize = 64;
/// Other normals and colours than these (lengths of differences; 20°) count as much as the largest error: no side is shaded
/// as the face around its edge, and no colour runs into its neighbour.
const OTHER_NORMAL: f32 = 0.35;
const OTHER_COLOUR: f32 = 0.08;
/// Largest error on screen, pixels; and when a level that is shown is left for a finer one, so that none flickers.
const ERROR_PX: [f32; 2] = [0.9, 1.2];
/// What is smaller on screen than this, pixels, is not drawn; and when it is again.
const TINY_PX: [f32; 2] = [1.5, 2.0];
/// Meshes read by the main thread in one frame, to be handed over.
const MESHES_A_FRAME: usize = 24;
/// While nothing but the machine moves, the choice is looked at again after so many frames.
const FRAMES: u32 = 16;

/// A mesh, or a coarser copy.
#[derive(Clone, Debug)]
pub struct Level {
    /// Its mesh.
    pub mesh: Handle<Mesh>,
    /// Distance from the whole surface, m of the mesh.
    pub error_m: f32,
}

/// What a primitive can show.
#[derive(Component, Clone, Debug)]
pub struct Detail {
    /// The whole mesh first.
    levels: Arc<[Level]>,
    /// What it shows; `None`: it is too small to be seen.
    shown: Option<usize>,
}

impl Detail {
    /// The mesh as it was loaded.
    pub fn whole(&self) -> Option<&Handle<Mesh>> {
        self.levels.first().map(|level| &level.mesh)
    }

    /// Triangles are drawn from this.
    pub fn mesh(&self) -> Option<&Handle<Mesh>> {
        self.shown.and_then(|shown| self.levels.get(shown)).map(|level| &level.mesh)
    }
}

/// The levels of all meshes.
#[derive(Resource, Default)]
pub struct Levels {
    ready: HashMap<AssetId<Mesh>, Arc<[Level]>>,
    /// Waits to be handed to a task.
    queue: Vec<Handle<Mesh>>,
    tasks: Vec<(Handle<Mesh>, Task<Vec<(Mesh, f32)>>)>,
    /// Primitives of meshes whose levels are being made.
    waiting: HashMap<AssetId<Mesh>, Vec<Entity>>,
    /// Rises whenever a primitive shows another level.
    pub generation: u32,
}

impl Levels {
    /// All levels are made.
    pub fn idle(&self) -> bool {
        self.queue.is_empty() && self.tasks.is_empty()
    }
}

/// Primitives that came into the scene.
fn enlist(
    mut commands: Commands,
    fresh: Query<(Entity, &Mesh3d, Has<Aabb>), Added<Skin>>,
    mut levels: ResMut<Levels>,
    meshes: Res<Assets<Mesh>>,
) {
    for (entity, mesh, has_box) in &fresh {
        let id = mesh.0.id();
        // The box of the whole mesh stays, whatever level is shown.
        let whole_box = if has_box { None } else { meshes.get(id).and_then(|mesh| mesh.compute_aabb()) };
        let have = levels.ready.get(&id).cloned();
        let known = have.is_some();
        let levels_now = have.unwrap_or_else(|| Arc::from([Level { mesh: mesh.0.clone(), error_m: 0.0 }]));
        let mut fresh = commands.entity(entity);
        fresh.insert((Detail { levels: levels_now, shown: Some(0) }, NoAutoAabb));
        if let Some(whole_box) = whole_box {
            fresh.insert(whole_box);
        }
        if !known {
            let waiting = levels.waiting.entry(id).or_default();
            waiting.push(entity);
            if waiting.len() == 1 {
                levels.queue.push(mesh.0.clone());
            }
        }
    }
    for _ in 0..MESHES_A_FRAME {
        let Some(handle) = levels.queue.pop() else { return };
        let work = meshes.get(&handle).and_then(Soup::of);
        let task = AsyncComputeTaskPool::get().spawn(async move { work.map(|soup| soup.levels()).unwrap_or_default() });
        levels.tasks.push((handle, task));
    }
}

/// Levels that are made are shown from now on.
fn take(mut levels: ResMut<Levels>, mut meshes: ResMut<Assets<Mesh>>, mut details: Query<&mut Detail>) {
    if levels.tasks.is_empty() {
        return;
    }
    let mut open = Vec::new();
    for (handle, mut task) in std::mem::take(&mut levels.tasks) {
        let Some(made) = block_on(poll_once(&mut task)) else {
            open.push((handle, task));
            continue;
        };
        let id = handle.id();
        let coarser = made.into_iter().map(|(mesh, error_m)| Level { mesh: meshes.add(mesh), error_m });
        let all: Arc<[Level]> = std::iter::once(Level { mesh: handle.clone(), error_m: 0.0 }).chain(coarser).collect();
        for entity in levels.waiting.remove(&id).unwrap_or_default() {
            if let Ok(mut detail) = details.get_mut(entity) {
                detail.levels = Arc::clone(&all);
            }
        }
        levels.ready.insert(id, all);
    }
    levels.tasks = open;
}

/// Lets go of the meshes of what was taken out of the scene.
fn forget(mut gone: RemovedComponents<Detail>, mut levels: ResMut<Levels>, details: Query<&Detail>) {
    if gone.read().count() > 0 {
        let used: HashSet<AssetId<Mesh>> = details.iter().filter_map(|detail| Some(detail.whole()?.id())).collect();
        levels.ready.retain(|mesh, _| used.contains(mesh));
    }
}

/// How large things are on screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eye {
    /// Where it is, m.
    pub place: Vec3,
    /// Size in drawn pixels of one metre at a distance of one metre.
    pub pixels: f32,
}

impl Eye {
    /// Of a camera that draws `scale` of its pixels.
    pub fn of(camera: &Camera, place: &GlobalTransform, scale: f32) -> Option<Self> {
        let height = camera.physical_viewport_size()?.y as f32 * scale;
        // The second row of a perspective holds the cotangent of half its angle.
        Some(Self { place: place.translation(), pixels: 0.5 * height * camera.clip_from_view().y_axis.y })
    }

    /// Size in pixels of a metre in a sphere, at the point of it that is nearest.
    pub fn pixels_a_metre(&self, centre: Vec3, radius: f32) -> f32 {
        self.pixels / (self.place.distance(centre) - radius).max(0.05)
    }
}

/// The level to show of a thing that is `size_px` large. `error_px` of each level, the whole one first.
fn level(shown: Option<usize>, size_px: f32, error_px: impl ExactSizeIterator<Item = f32>) -> Option<usize> {
    if size_px < TINY_PX[usize::from(shown.is_none())] {
        return None;
    }
    let mut best = 0;
    for (index, error) in error_px.enumerate() {
        if error < ERROR_PX[usize::from(shown == Some(index))] {
            best = index;
        }
    }
    Some(best)
}

/// What decided the last choice.
#[derive(Default)]
struct Chosen {
    eye: Option<Eye>,
    frames: u32,
    made: usize,
}

/// What a level is chosen by, and what it changes.
type Chooses<'a> = (
    Entity,
    &'a Aabb,
    &'a GlobalTransform,
    &'a InheritedVisibility,
    Has<RenderLayers>,
    Has<OnField>,
    &'a mut Detail,
    &'a mut Mesh3d,
);

fn choose(
    mut commands: Commands,
    cameras: Query<(&Camera, &GlobalTransform), With<SceneCamera>>,
    view: Option<Res<ViewScale>>,
    mut levels: ResMut<Levels>,
    mut primitives: Query<Chooses>,
    appeared: Query<(), (With<Detail>, Changed<InheritedVisibility>)>,
    mut chosen: Local<Chosen>,
    redraw: Option<ResMut<Messages<RequestRedraw>>>,
) {
    let Some((camera, place)) = cameras.iter().next() else { return };
    // Not by what is drawn now: levels must not change with every start and stop of a movement.
    let scale = view.map_or(1.0, |view| view.steady);
    let Some(eye) = Eye::of(camera, place, scale) else { return };
    chosen.frames += 1;
    let made = levels.ready.len() + primitives.iter().len();
    if chosen.eye == Some(eye) && chosen.made == made && chosen.frames < FRAMES && appeared.is_empty() {
        return;
    }
    *chosen = Chosen { eye: Some(eye), frames: 0, made };
    let mut changed = false;
    for (entity, aabb, place, visible, undrawn, field, mut detail, mut mesh) in &mut primitives {
        if !visible.get() {
            continue;
        }
        let grown = place.affine().matrix3.x_axis.length().max(place.affine().matrix3.y_axis.length());
        let radius = aabb.half_extents.length() * grown;
        let pixels = eye.pixels_a_metre(place.transform_point(aabb.center.into()), radius);
        let errors = detail.levels.iter().map(|level| level.error_m * grown * pixels);
        // Values of a field are those of the whole mesh.
        let want = if field { Some(0) } else { level(detail.shown, 2.0 * radius * pixels, errors) };
        if want != detail.shown {
            detail.shown = want;
            changed = true;
        }
        match (want.is_none(), undrawn) {
            (true, false) => drop(commands.entity(entity).insert(RenderLayers::layer(UNDRAWN))),
            (false, true) => drop(commands.entity(entity).remove::<RenderLayers>()),
            _ => {}
        }
        if let Some(level) = detail.mesh().filter(|level| mesh.0 != **level) {
            mesh.0 = level.clone();
            changed = true;
        }
    }
    if changed {
        levels.generation += 1;
        if let Some(mut redraw) = redraw {
            redraw.write(RequestRedraw);
        }
    }
}

/// What simplification needs of a mesh, apart from the mesh, for another thread.
pub struct Soup {
    mesh: Mesh,
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    /// Of corners that have some.
    colours: Vec<[f32; 4]>,
    indices: Vec<u32>,
}

impl Soup {
    /// `None`: it has few triangles, or its corners move on their own (skins, morphs).
    pub fn of(mesh: &Mesh) -> Option<Self> {
        if mesh.primitive_topology() != PrimitiveTopology::TriangleList
            || mesh.contains_attribute(Mesh::ATTRIBUTE_JOINT_INDEX)
            || mesh.has_morph_targets()
        {
            return None;
        }
        let VertexAttributeValues::Float32x3(positions) = mesh.attribute(Mesh::ATTRIBUTE_POSITION)? else {
            return None;
        };
        let normals = match mesh.attribute(Mesh::ATTRIBUTE_NORMAL) {
            Some(VertexAttributeValues::Float32x3(normals)) if normals.len() == positions.len() => normals.clone(),
            _ => vec![[0.0; 3]; positions.len()],
        };
        let colours = match mesh.attribute(Mesh::ATTRIBUTE_COLOR) {
            Some(VertexAttributeValues::Float32x4(colours)) if colours.len() == positions.len() => colours.clone(),
            _ => Vec::new(),
        };
        let indices: Vec<u32> = match mesh.indices() {
            Some(indices) => indices.iter().map(|index| index as u32).collect(),
            None => (0..positions.len() as u32).collect(),
        };
        let sound = indices.len() / 3 >= FEWEST_TRIANGLES
            && indices.len().is_multiple_of(3)
            && indices.iter().all(|&index| (index as usize) < positions.len())
            && positions.iter().flatten().all(|value| value.is_finite());
        sound.then(|| Self { mesh: mesh.clone(), positions: positions.clone(), normals, colours, indices })
    }

    /// The coarser copies that are worth it, and their errors, m.
    pub fn levels(&self) -> Vec<(Mesh, f32)> {
        let extent = extent(&self.positions);
        let mut levels = Vec::new();
        let mut before = self.indices.len();
        for share in ERRORS {
            let (indices, error_m) =
                simplify(&self.positions, &self.normals, &self.colours, &self.indices, share * extent);
            if indices.len() < 3 || indices.len() as f32 > WORTH * before as f32 {
                continue;
            }
            before = indices.len();
            if let Some(mesh) = compact(&self.mesh, &indices) {
                levels.push((mesh, error_m));
            }
        }
        levels
    }
}

/// The longest side of the box around points.
fn extent(positions: &[[f32; 3]]) -> f32 {
    let points = || positions.iter().map(|&position| Vec3::from_array(position));
    let (low, high) = points().fold((Vec3::INFINITY, Vec3::NEG_INFINITY), |(l, h), p| (l.min(p), h.max(p)));
    (high - low).max_element().max(0.0)
}

/// Fewest triangles over the same vertices whose surface stays within `error_m` of the whole one, and how far it is, m.
/// `colours`: of the corners, if they have some.
pub fn simplify(
    positions: &[[f32; 3]],
    normals: &[[f32; 3]],
    colours: &[[f32; 4]],
    indices: &[u32],
    error_m: f32,
) -> (Vec<u32>, f32) {
    let Ok(vertices) = VertexDataAdapter::new(bytemuck::cast_slice(positions), 12, 0) else {
        return (indices.to_vec(), 0.0);
    };
    // One a vertex, or the library would read beyond.
    let free = vec![false; positions.len()];
    let attributes: Vec<[f32; 6]> = (0..positions.len())
        .map(|index| {
            let [x, y, z] = normals.get(index).copied().unwrap_or_default();
            let [r, g, b, _] = colours.get(index).copied().unwrap_or_default();
            [x, y, z, r, g, b]
        })
        .collect();
    let share = error_m / extent(positions).max(f32::MIN_POSITIVE);
    let [n, c] = [share / OTHER_NORMAL, share / OTHER_COLOUR];
    let mut error = 0.0;
    let simplified = simplify_with_attributes_and_locks(
        indices,
        &vertices,
        bytemuck::cast_slice(&attributes),
        &[n, n, n, c, c, c],
        24,
        &free,
        0,
        error_m,
        SimplifyOptions::ErrorAbsolute | SimplifyOptions::Prune | SimplifyOptions::Permissive,
        Some(&mut error),
    );
    (simplified, error)
}

/// The mesh with these triangles only, and the vertices that they use. `None`: it has an attribute of a rare format.
fn compact(mesh: &Mesh, indices: &[u32]) -> Option<Mesh> {
    let mut place = HashMap::new();
    let mut keep: Vec<u32> = Vec::new();
    let packed: Vec<u32> = indices
        .iter()
        .map(|&index| {
            *place.entry(index).or_insert_with(|| {
                keep.push(index);
                keep.len() as u32 - 1
            })
        })
        .collect();
    let mut small = Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::default());
    for (attribute, values) in mesh.attributes() {
        small.insert_attribute(*attribute, pick(values, &keep)?);
    }
    small.insert_indices(match u16::try_from(keep.len()) {
        Ok(_) => Indices::U16(packed.iter().map(|&index| index as u16).collect()),
        Err(_) => Indices::U32(packed),
    });
    Some(small)
}

fn pick(values: &VertexAttributeValues, keep: &[u32]) -> Option<VertexAttributeValues> {
    use VertexAttributeValues as V;
    fn of<T: Copy>(values: &[T], keep: &[u32]) -> Option<Vec<T>> {
        keep.iter().map(|&index| values.get(index as usize).copied()).collect()
    }
    Some(match values {
        V::Float32(values) => V::Float32(of(values, keep)?),
        V::Float32x2(values) => V::Float32x2(of(values, keep)?),
        V::Float32x3(values) => V::Float32x3(of(values, keep)?),
        V::Float32x4(values) => V::Float32x4(of(values, keep)?),
        V::Uint32(values) => V::Uint32(of(values, keep)?),
        V::Unorm8x4(values) => V::Unorm8x4(of(values, keep)?),
        V::Unorm16x2(values) => V::Unorm16x2(of(values, keep)?),
        V::Unorm16x4(values) => V::Unorm16x4(of(values, keep)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
