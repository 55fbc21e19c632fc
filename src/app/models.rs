//! Models from checked bytes into the scene, and the table from part rows to entities.
//!
//! Bevy never reads a file: [`crate::model::check`] has read and bounded everything, and hands it over in memory.
//! Every primitive of a bound part gets [`PartOf`], a `MeshTag` with its row, and one of a few shared materials.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;

use bevy::asset::io::AssetSourceBuilder;
use bevy::asset::io::memory::{Dir, MemoryAssetReader};
use bevy::asset::{AssetApp, LoadState};
use bevy::camera::primitives::Aabb;
use bevy::gltf::{GltfAssetLabel, GltfExtras, GltfLoaderSettings};
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::world_serialization::{WorldAsset, WorldAssetRoot, WorldInstanceReady};
use twinscope_twin::site::{AssetRow, Medium, Motion, PartRow, Site};

use super::daylight::Daylight;
use super::far::{Bound, FarMachines};
use super::material::{Lighting, PartMaterial, PartRows, Surface};
use super::motion;
use super::quality::Quality;
use crate::field::Cloud;
use crate::model::{GLASS, ModelField, PartIndex, part_id, printable};
use crate::session::ModelFiles;

/// Registers the in-memory source. Must be added before Bevy's `AssetPlugin`.
pub struct ModelSourcePlugin;

impl Plugin for ModelSourcePlugin {
    fn build(&self, app: &mut App) {
        let dir = Dir::new(PathBuf::new());
        let root = dir.clone();
        app.register_asset_source(
            "models",
            AssetSourceBuilder::new(move || Box::new(MemoryAssetReader { root: root.clone() })),
        );
        app.insert_resource(ModelStore { dir, scenes: BTreeMap::new(), folders: 0, arrivals: VecDeque::new() });
    }
}

/// Spawns models and binds their parts.
pub struct ModelsPlugin;

impl Plugin for ModelsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Parts>()
            .init_resource::<Quality>()
            .init_resource::<Daylight>()
            .init_resource::<MaterialCache>()
            .init_resource::<FarMachines>()
            .add_observer(bind_parts)
            .add_systems(Update, (arrive, report_failures));
    }
}

/// Checked files, and the scenes made of them.
#[derive(Resource)]
pub struct ModelStore {
    dir: Dir,
    /// The scene of each model, and the folder of its files.
    scenes: BTreeMap<String, (usize, Handle<WorldAsset>)>,
    /// Folders that were given out.
    folders: usize,
    /// Machines that come into the scene one after the other.
    arrivals: VecDeque<(AssetRow, Handle<WorldAsset>)>,
}

/// An asset's model in the scene.
#[derive(Component)]
pub struct ModelOf {
    /// The asset.
    pub asset: AssetRow,
    handle: Handle<WorldAsset>,
    reported: bool,
}

/// A primitive of a part.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOf(pub PartRow);

/// The materials of a primitive.
#[derive(Component, Clone, Debug)]
pub struct Skin {
    /// Opaque.
    pub solid: Handle<PartMaterial>,
    /// As glass.
    pub glass: Handle<PartMaterial>,
    /// In the colour of a state, which no glass before it veils.
    pub told: Handle<PartMaterial>,
}

/// Where the parts are in the scene.
#[derive(Resource, Default)]
pub struct Parts {
    /// The site that the rows refer to.
    pub site: Option<std::sync::Arc<Site>>,
    /// The node of each part, if its model has one.
    pub nodes: Vec<Option<Entity>>,
    /// The primitives of each part (not of the parts below it).
    pub primitives: Vec<Vec<Entity>>,
    /// Models that are not in the scene yet.
    pub pending: usize,
    /// Rises whenever parts were bound.
    pub generation: u32,
    /// Models that could not be shown, and why.
    pub problems: Vec<(AssetRow, String)>,
    /// Nodes that were not found in models that are shown, a sentence for each model.
    pub lost: Vec<String>,
    /// The fields that models carry, by the model as the site names it.
    pub fields: BTreeMap<String, Vec<ModelField>>,
    /// What is in each model, by the model as the site names it.
    pub indices: BTreeMap<String, std::sync::Arc<PartIndex>>,
    /// Points of fields, by type and field.
    pub points: BTreeMap<(String, String), std::sync::Arc<Cloud>>,
    /// The parts directly below each part.
    children: Vec<Vec<PartRow>>,
}

impl Parts {
    /// The node of a part, if its model is there and has one.
    pub fn node(&self, part: PartRow) -> Option<Entity> {
        self.nodes.get(part.index()).copied().flatten()
    }

    /// Takes a new site.
    pub fn set_site(&mut self, site: std::sync::Arc<Site>) {
        self.nodes.clear();
        self.primitives.clear();
        self.extend(site);
    }

    /// Takes a site that has more at its end than the one before, and is otherwise the same.
    pub fn extend(&mut self, site: std::sync::Arc<Site>) {
        self.nodes.resize(site.parts.len(), None);
        self.primitives.resize(site.parts.len(), Vec::new());
        self.children = vec![Vec::new(); site.parts.len()];
        for (row, part) in (0_u32..).zip(&site.parts) {
            if let Some(siblings) = part.parent.and_then(|parent| self.children.get_mut(parent.index())) {
                siblings.push(PartRow(row));
            }
        }
        self.site = Some(site);
        self.generation += 1;
    }

    /// A part and all parts below it.
    pub fn family(&self, part: PartRow) -> Vec<PartRow> {
        let mut family = vec![part];
        let mut next = 0;
        // Parents form no cycle: the site is resolved. The bound is for the day on which they do.
        while let Some(&parent) = family.get(next).filter(|_| next <= self.children.len()) {
            next += 1;
            family.extend(self.children.get(parent.index()).into_iter().flatten());
        }
        family
    }

    /// All primitives of a part and of the parts below it.
    pub fn primitives_of(&self, part: PartRow) -> Vec<Entity> {
        self.family(part).iter().filter_map(|row| self.primitives.get(row.index())).flatten().copied().collect()
    }
}

/// Bounds in world space over primitives: centre and radius, m.
pub fn bounds(primitives: &[Entity], query: &Query<(&Aabb, &GlobalTransform)>) -> Option<(Vec3, f32)> {
    let (low, high) = box_of(primitives, query)?;
    Some(((low + high) * 0.5, (high - low).length() * 0.5))
}

/// The box around primitives in world space: its lowest and its highest corner, m.
pub fn box_of(primitives: &[Entity], query: &Query<(&Aabb, &GlobalTransform)>) -> Option<(Vec3, Vec3)> {
    let (mut low, mut high) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
    for &entity in primitives {
        let Ok((aabb, transform)) = query.get(entity) else { continue };
        let (centre, half) = (Vec3::from(aabb.center), Vec3::from(aabb.half_extents));
        for corner in 0..8_u8 {
            let sign = |bit: u8| if corner & bit == 0 { -1.0 } else { 1.0 };
            let point = transform.transform_point(centre + half * Vec3::new(sign(1), sign(2), sign(4)));
            low = low.min(point);
            high = high.max(point);
        }
    }
    (low.x <= high.x).then_some((low, high))
}

/// Lowest point of primitives in world space, m.
pub fn lowest(primitives: &[Entity], query: &Query<(&Aabb, &GlobalTransform)>) -> Option<f32> {
    let lowest = primitives.iter().filter_map(|&entity| query.get(entity).ok()).map(|(aabb, place)| {
        let centre = place.transform_point(Vec3::from(aabb.center));
        let half = Vec3::from(aabb.half_extents);
        let rows = place.affine().matrix3;
        centre.y - (rows.x_axis.y * half.x).abs() - (rows.y_axis.y * half.y).abs() - (rows.z_axis.y * half.z).abs()
    });
    lowest.reduce(f32::min)
}

/// Puts one asset's model into the scene, or says why it cannot be.
pub fn spawn_model(
    store: &mut ModelStore,
    server: &AssetServer,
    parts: &mut Parts,
    asset: AssetRow,
    model: &ModelFiles,
) {
    let files = match &model.files {
        Ok(files) => files,
        Err(reason) => {
            parts.problems.push((asset, reason.clone()));
            return;
        }
    };
    parts.fields.insert(model.key.clone(), model.fields.clone());
    parts.indices.extend(model.index.iter().map(|index| (model.key.clone(), std::sync::Arc::clone(index))));
    for (type_id, field, points) in &model.points {
        parts.points.insert((type_id.clone(), field.clone()), std::sync::Arc::clone(points));
    }
    let handle = match store.scenes.get(&model.key) {
        Some((_, handle)) => handle.clone(),
        None => {
            let Some((main, _)) = files.first() else { return };
            let folder = store.folders;
            store.folders += 1;
            for (name, bytes) in files {
                store.dir.insert_asset(&PathBuf::from(folder.to_string()).join(name), bytes.clone());
            }
            let path = GltfAssetLabel::Scene(model.scene).from_asset(format!("models://{folder}/{main}"));
            let handle: Handle<WorldAsset> = server
                .load_builder()
                .with_settings(|settings: &mut GltfLoaderSettings| {
                    settings.load_cameras = false;
                    settings.load_lights = false;
                    settings.load_animations = false;
                })
                .load(path);
            store.scenes.insert(model.key.clone(), (folder, handle.clone()));
            handle
        }
    };
    parts.pending += 1;
    store.arrivals.push_back((asset, handle));
}

/// Takes one asset's model out of the scene, and its bytes out of memory if no other asset of the site shows it.
pub fn remove_model(
    commands: &mut Commands,
    store: &mut ModelStore,
    parts: &mut Parts,
    far: &mut FarMachines,
    models: &Query<(Entity, &ModelOf)>,
    asset: AssetRow,
) {
    let Some(site) = parts.site.clone() else { return };
    let Some(description) = site.assets.get(asset.index()) else { return };
    let waiting = store.arrivals.len();
    store.arrivals.retain(|(arriving, _)| *arriving != asset);
    let mut unfinished = waiting - store.arrivals.len();
    for (entity, model) in models.iter().filter(|(_, model)| model.asset == asset) {
        unfinished += usize::from(!model.reported);
        commands.entity(entity).despawn();
    }
    parts.pending = parts.pending.saturating_sub(unfinished);
    far.remove(asset);
    for row in description.parts.clone() {
        if let Some(node) = parts.nodes.get_mut(row as usize) {
            *node = None;
        }
        if let Some(primitives) = parts.primitives.get_mut(row as usize) {
            primitives.clear();
        }
    }
    parts.problems.retain(|(row, _)| *row != asset);
    parts.generation += 1;
    if site.standing().all(|(_, other)| other.model != description.model) {
        parts.fields.remove(&description.model);
        parts.indices.remove(&description.model);
        far.forget(&description.model);
        if let Some((folder, _)) = store.scenes.remove(&description.model) {
            store.dir.remove_dir(&PathBuf::from(folder.to_string()));
        }
    }
}

/// Machines of a site that come into the scene in one frame: a frame of a large farm must not take a second.
const ARRIVALS_A_FRAME: usize = 2;

/// Brings machines into the scene whose models are read.
fn arrive(mut commands: Commands, mut store: ResMut<ModelStore>, server: Res<AssetServer>, parts: Res<Parts>) {
    let Some(site) = &parts.site else { return };
    for _ in 0..ARRIVALS_A_FRAME {
        // One that cannot be read comes too, and says so.
        let reading = |handle: &Handle<WorldAsset>| {
            !server.is_loaded_with_dependencies(handle) && !server.load_state(handle).is_failed()
        };
        let Some(next) = store.arrivals.iter().position(|(_, handle)| !reading(handle)) else { return };
        let Some((asset, handle)) = store.arrivals.remove(next) else { return };
        let Some(description) = site.assets.get(asset.index()) else { continue };
        let [x, y, z] = description.position;
        // A model faces west (−x) as it is: heading 270.
        let turn = -(description.heading_deg - 270.0).to_radians();
        commands.spawn((
            Name::new(description.id.clone()),
            WorldAssetRoot(handle.clone()),
            Transform::from_xyz(x as f32, y as f32, z as f32).with_rotation(Quat::from_rotation_y(turn as f32)),
            Visibility::default(),
            ModelOf { asset, handle, reported: false },
        ));
    }
}

/// One [`PartMaterial`] for each material of a model, solid and as glass.
#[derive(Resource, Default)]
struct MaterialCache(HashMap<(AssetId<StandardMaterial>, Option<Medium>), Skin>);

fn report_failures(mut models: Query<&mut ModelOf>, server: Res<AssetServer>, mut parts: ResMut<Parts>) {
    for mut model in &mut models {
        if !model.reported
            && let Some(LoadState::Failed(error)) = server.get_load_state(&model.handle)
        {
            model.reported = true;
            parts.pending = parts.pending.saturating_sub(1);
            parts.problems.push((model.asset, error.to_string()));
        }
    }
}

/// What the walk over a model needs.
#[derive(bevy::ecs::system::SystemParam)]
struct Binding<'w, 's> {
    commands: Commands<'w, 's>,
    names: Query<'w, 's, (Option<&'static Name>, Option<&'static GltfExtras>)>,
    children: Query<'w, 's, &'static Children>,
    skins: Query<'w, 's, Option<&'static MeshMaterial3d<StandardMaterial>>, With<Mesh3d>>,
    standard: Res<'w, Assets<StandardMaterial>>,
    materials: ResMut<'w, Assets<PartMaterial>>,
    cache: ResMut<'w, MaterialCache>,
    quality: Res<'w, Quality>,
    daylight: Res<'w, Daylight>,
    rows: ResMut<'w, PartRows>,
}

fn bind_parts(
    ready: On<WorldInstanceReady>,
    mut models: Query<&mut ModelOf>,
    mut parts: ResMut<Parts>,
    mut far: ResMut<FarMachines>,
    mut binding: Binding,
) {
    let Ok(mut model) = models.get_mut(ready.entity) else { return };
    let Some(site) = parts.site.clone() else { return };
    let Some(asset) = site.assets.get(model.asset.index()) else { return };
    model.reported = true;
    parts.pending = parts.pending.saturating_sub(1);
    parts.generation += 1;
    binding.rows.reserve(site.parts.len());

    let walk = binding.walk(ready.entity);
    // The first node of each id, of each path, and those of each last name of a path.
    let (mut by_id, mut by_path, mut by_end) = (HashMap::new(), HashMap::new(), HashMap::<&str, Vec<usize>>::new());
    for (index, walked) in walk.iter().enumerate() {
        let Some(path) = walked.path.as_deref() else { continue };
        if let Some(id) = &walked.id {
            by_id.entry(id.as_str()).or_insert(index);
        }
        by_path.entry(path).or_insert(index);
        by_end.entry(last(path)).or_default().push(index);
    }
    let find = |node: &str| match node.strip_prefix("id:") {
        Some(id) => by_id.get(id).copied(),
        None => by_path.get(node).copied().or_else(|| {
            let fits = |path: &str| path.strip_suffix(node).is_some_and(|head| head.ends_with('/'));
            let ends = |&index: &usize| walk.get(index).and_then(|walked| walked.path.as_deref()).is_some_and(fits);
            by_end.get(last(node))?.iter().copied().find(ends)
        }),
    };
    let mut row_of: HashMap<Entity, PartRow> = HashMap::new();
    let mut lost = Vec::new();
    for row in asset.parts.clone() {
        let Some(part) = site.parts.get(row as usize).filter(|part| !part.node.is_empty()) else { continue };
        let Some(walked) = find(&part.node).and_then(|index| walk.get(index)) else {
            lost.push(format!("{} ({})", printable(&part.id), printable(&part.node)));
            continue;
        };
        row_of.insert(walked.entity, PartRow(row));
        if let Some(node) = parts.nodes.get_mut(row as usize) {
            *node = Some(walked.entity);
        }
    }
    if let Some(told) = tell_lost(&asset.model, &lost).filter(|told| !parts.lost.contains(told)) {
        parts.lost.push(told);
    }
    let mut bound = Bound { asset: model.asset, root: ready.entity, movers: vec![], primitives: vec![], parts: vec![] };
    // Primitives belong to the nearest bound node above them, and move with the nearest that moves.
    let mut owner: Vec<Option<PartRow>> = Vec::with_capacity(walk.len());
    let mut carried: Vec<Option<usize>> = Vec::with_capacity(walk.len());
    for Walked { entity, parent, .. } in &walk {
        let above = parent.and_then(|parent| owner.get(parent).copied().flatten());
        let own = row_of.get(entity).copied();
        let row = own.or(above);
        owner.push(row);
        let mut mover = parent.and_then(|parent| carried.get(parent).copied().flatten());
        if let Some(own) = own {
            if site.parts.get(own.index()).is_some_and(|part| !part.motions.is_empty()) {
                bound.movers.push((*entity, own, mover));
                mover = Some(bound.movers.len() - 1);
            }
            bound.parts.push((own, mover));
        }
        carried.push(mover);
        let Ok(standard) = binding.skins.get(*entity).map(Option::<&_>::cloned) else { continue };
        // What flows through a part is drawn on its own primitives.
        let part = row.and_then(|row| site.parts.get(row.index()));
        let medium = part.and_then(|part| part.motions.iter().find_map(Motion::medium));
        let skin = binding.skin(standard, medium);
        let mut entity_commands = binding.commands.entity(*entity);
        entity_commands.remove::<MeshMaterial3d<StandardMaterial>>().insert((
            MeshMaterial3d(skin.solid.clone()),
            MeshTag(row.map_or(u32::MAX, |row| row.0)),
            skin,
        ));
        if let Some(row) = row {
            entity_commands.insert(PartOf(row));
            if let Some(primitives) = parts.primitives.get_mut(row.index()) {
                primitives.push(*entity);
            }
        }
        bound.primitives.push((*entity, row, mover));
    }
    far.bound.push(bound);
}

/// An entity of a model, as the walk over it finds it.
struct Walked {
    entity: Entity,
    /// Its names from the top, if it is a node: the root and the scene below it are ours, and primitives have the names
    /// of meshes.
    path: Option<String>,
    /// `part_id` of a node.
    id: Option<String>,
    /// What it is below, in the order of the walk.
    parent: Option<usize>,
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// What a person is told of parts whose nodes are not there; the same for all assets of a type.
fn tell_lost(model: &str, lost: &[String]) -> Option<String> {
    /// A line in the corner of the scene holds about as many.
    const NAMED: usize = 3;
    let more = lost.len().saturating_sub(NAMED);
    let named = lost.get(..lost.len().min(NAMED)).filter(|named| !named.is_empty())?.join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{} has no node for {named}{more}: their state is not drawn", printable(last(model))))
}

impl Binding<'_, '_> {
    /// Every entity of a model, parents before children, children in the order of the file.
    fn walk(&self, root: Entity) -> Vec<Walked> {
        let mut walk: Vec<Walked> = Vec::new();
        let mut open = vec![(root, None::<usize>)];
        while let Some((entity, parent)) = open.pop() {
            let (name, extras) = self.names.get(entity).unwrap_or((None, None));
            let name = name.map_or("", Name::as_str);
            let above = parent.filter(|&parent| parent != 0 && !self.skins.contains(entity)).and_then(|p| walk.get(p));
            let path = above.map(|above| match &above.path {
                Some(path) => format!("{path}/{name}"),
                None => name.to_owned(),
            });
            let id = extras.and_then(|extras| part_id(&extras.value).0);
            let index = walk.len();
            walk.push(Walked { entity, path, id, parent });
            if let Ok(children) = self.children.get(entity) {
                open.extend(children.iter().rev().map(|child| (child, Some(index))));
            }
        }
        walk
    }

    fn skin(&mut self, standard: Option<MeshMaterial3d<StandardMaterial>>, medium: Option<Medium>) -> Skin {
        let id = standard.map_or(AssetId::default(), |standard| standard.0.id());
        if let Some(skin) = self.cache.0.get(&(id, medium)) {
            return skin.clone();
        }
        let plain = StandardMaterial::default();
        let source = self.standard.get(id).unwrap_or(&plain);
        let base = source.base_color.to_linear();
        let [distance, share] = medium.map(motion::dashes).unwrap_or_default();
        let material = PartMaterial {
            surface: Surface {
                base: base.to_vec4(),
                params: Vec4::new(source.metallic, source.perceptual_roughness, distance, share),
            },
            texture: source.base_color_texture.clone(),
            rows: self.rows.buffer(),
            // Glass of the model's own.
            lighting: Lighting::of(&self.quality, &self.daylight),
            over_glass: false,
            ghost: matches!(source.alpha_mode, AlphaMode::Blend | AlphaMode::Premultiplied) && base.alpha < GLASS,
            flow: medium.is_some(),
            section: false,
            edges: false,
            // Mirrored nodes come with their faces turned.
            cull: if source.double_sided { None } else { source.cull_mode },
        };
        let glass = PartMaterial { ghost: true, ..material.clone() };
        let told = PartMaterial { over_glass: true, ghost: false, ..material.clone() };
        let [solid, glass, told] = [material, glass, told].map(|material| self.materials.add(material));
        let skin = Skin { solid, glass, told };
        self.cache.0.insert((id, medium), skin.clone());
        skin
    }
}

#[cfg(test)]
pub(in crate::app) mod tests;
