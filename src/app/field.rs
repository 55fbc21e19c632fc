//! Fields on surfaces: values of a computation or a measurement, as colours, with the value under the pointer.
//!
//! A model's values are taken off its meshes as soon as these are there, so that a field costs the GPU nothing until
//! one is chosen. Then each primitive that carries it gets a lean copy of its mesh as a child that draws the field in its
//! place, and wears nothing itself; its own mesh stays for picking and outlines. The copies are made off the main thread.
//!
//! Not here: what colours mean and how a legend is written ([`crate::view::field`]).

pub mod lay;
pub mod material;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::ecs::system::SystemParam;
use bevy::gltf::GltfPlugin;
use bevy::math::Affine3A;
use bevy::mesh::{MeshVertexAttribute, VertexAttributeValues, VertexFormat};
use bevy::prelude::*;
use bevy::render::render_resource::Face;
use bevy::tasks::{AsyncComputeTaskPool, Task, futures::check_ready};
use twinscope_twin::site::{AssetRow, Field as SiteField, FieldColours, FieldPoints, FieldValues, PartRow};

use self::lay::{Bare, Field, Values};
use self::material::{FieldMaterial, FieldStyle};
use super::detail::Detail;
use super::material::{PartMaterial, PartRows};
use super::models::{ModelOf, PartOf, Parts, Skin};
use super::motion::Moving;
use super::paint::Look;
use crate::field::Cloud;
use crate::model::{MOST_FIELDS, slot_name};
use crate::view::field::{FieldChoice, Limits, ShownField, drawn, scale_of};
use crate::view::scale::Scale;

const FIELD_SHADER: Handle<Shader> = uuid_handle!("5a6f3c1e-6f0e-4f0e-9d0a-2b1c7a1f0004");

/// Draws fields.
pub struct FieldPlugin;

impl Plugin for FieldPlugin {
    fn build(&self, app: &mut App) {
        load_internal_asset!(app, FIELD_SHADER, "../../shaders/field.wgsl", Shader::from_wgsl);
        app.add_plugins(MaterialPlugin::<FieldMaterial>::default())
            .init_resource::<Fields>()
            .add_systems(Update, (take_values, ask, receive, colour).chain());
    }
}

/// The attribute of a slot.
const fn slot(n: usize) -> MeshVertexAttribute {
    // Any number that no other attribute has.
    MeshVertexAttribute::new("TwinscopeField", 0x5457_494e_0000 + n as u64, VertexFormat::Float32)
}

/// The glTF loader, with the slots for fields.
#[must_use]
pub fn loader() -> GltfPlugin {
    (0..MOST_FIELDS).fold(GltfPlugin::default(), |plugin, n| plugin.add_custom_vertex_attribute(&slot_name(n), slot(n)))
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The field, by its id.
    pub id: Option<String>,
    /// Colours where the field asks for none.
    pub scale: Scale,
    /// Lines of equal value.
    pub lines: bool,
}

/// The fields of the models that are there, and the one that is shown.
#[derive(Resource, Default)]
pub struct Fields {
    /// What is asked for. Set by whoever owns the panels, or the picture.
    pub want: Wanted,
    /// What can be.
    pub choices: Vec<FieldChoice>,
    /// What is on the surfaces.
    pub shown: Option<ShownField>,
    /// Values by mesh: attribute, and one a vertex.
    values: HashMap<AssetId<Mesh>, Vec<(String, Arc<[f32]>)>>,
    job: Option<Task<Field>>,
    /// What the last job was for: the field, and the generation of the parts.
    asked: Option<(Option<String>, u32)>,
    /// One for each way of culling.
    materials: Vec<(Option<Face>, Handle<FieldMaterial>)>,
    /// What the materials show.
    coloured: Option<(Scale, Limits, bool, f32)>,
    generation: u32,
}

impl Fields {
    /// Something is being laid on surfaces: frames are wanted until it is there.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.job.is_some()
    }
}

/// The primitive carries the field that is shown: its values, one a vertex.
#[derive(Component)]
pub struct OnField(pub Arc<[f32]>);

/// Draws the field in place of the primitive that it is a child of.
#[derive(Component)]
struct FieldSurface;

/// Takes the values of new meshes off them.
pub(super) fn take_values(
    new: Query<(Entity, &Mesh3d), Added<Skin>>,
    above: Query<&ChildOf>,
    models: Query<&ModelOf>,
    parts: Res<Parts>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut fields: ResMut<Fields>,
) {
    for (entity, mesh) in &new {
        let carries = |mesh: &Mesh| (0..MOST_FIELDS).any(|n| mesh.contains_attribute(slot(n)));
        if !meshes.get(&mesh.0).is_some_and(carries) {
            continue;
        }
        let model = above.iter_ancestors(entity).find_map(|above| models.get(above).ok());
        let asset = model.and_then(|model| parts.site.as_ref()?.assets.get(model.asset.index()));
        let named = asset.and_then(|asset| parts.fields.get(&asset.model));
        let Some(mut edit) = meshes.get_mut(&mesh.0) else { continue };
        let mut taken = Vec::new();
        for n in 0..MOST_FIELDS {
            let Some(VertexAttributeValues::Float32(values)) = edit.remove_attribute(slot(n)) else { continue };
            if let Some(field) = named.and_then(|named| named.get(n)) {
                taken.push((field.attribute.clone(), values.into()));
            }
        }
        fields.values.insert(mesh.0.id(), taken);
    }
}

/// The fields of the site's types, then those that models carry beside them; each id once.
fn choices(parts: &Parts) -> Vec<FieldChoice> {
    let mut choices: Vec<FieldChoice> = Vec::new();
    let declared = parts.site.iter().flat_map(|site| &site.fields);
    let meant = |attribute: &str| {
        declared.clone().any(|field| matches!(&field.values, FieldValues::Attribute(meant) if meant == attribute))
    };
    for field in declared.clone() {
        let colours = field.colours.map(|colours| match colours {
            FieldColours::Cividis => Scale::Cividis,
            FieldColours::Viridis => Scale::Viridis,
            FieldColours::Diverging => Scale::Diverging,
        });
        choices.push(FieldChoice {
            id: field.id.clone(),
            name: field.name.clone(),
            unit: field.unit.clone(),
            source: field.source.clone(),
            scale: colours,
            range: field.range.map(|range| range.map(|limit| limit as f32)),
        });
    }
    for field in parts.fields.values().flatten().filter(|field| !meant(&field.attribute)) {
        choices.push(FieldChoice {
            id: field.attribute.clone(),
            name: field.name.clone().unwrap_or_else(|| field.attribute.clone()),
            unit: field.unit.clone().unwrap_or_default(),
            source: field.source.clone().unwrap_or_default(),
            ..FieldChoice::default()
        });
    }
    let mut known = BTreeSet::new();
    choices.retain(|choice| known.insert(choice.id.clone()));
    choices
}

/// What the primitives are that a field is laid on, and where its values come from.
#[derive(SystemParam)]
struct Gather<'w, 's> {
    parts: Res<'w, Parts>,
    moving: Res<'w, Moving>,
    meshes: Res<'w, Assets<Mesh>>,
    primitives: Query<'w, 's, (Entity, &'static Mesh3d, Option<&'static Detail>, &'static PartOf)>,
    nodes: Query<'w, 's, (&'static Transform, Option<&'static ChildOf>, Has<ModelOf>)>,
}

impl Gather<'_, '_> {
    /// Every mesh that carries an attribute, once, with all primitives that have it; and the other surfaces of the parts
    /// that these belong to: a part of which something is known is not known elsewhere.
    fn attribute(&self, attribute: &str, values: &HashMap<AssetId<Mesh>, Vec<(String, Arc<[f32]>)>>) -> Vec<Bare> {
        let carried = |mesh: &Handle<Mesh>| {
            let mut given = values.get(&mesh.id()).into_iter().flatten();
            given.find(|(carried, _)| carried == attribute).map(|(_, values)| values)
        };
        let primitives = || {
            let whole =
                |mesh: &'_ Mesh3d, detail: Option<&Detail>| detail.and_then(Detail::whole).unwrap_or(&mesh.0).clone();
            self.primitives.iter().map(move |(entity, mesh, detail, part)| (entity, whole(mesh, detail), part))
        };
        let carriers = primitives().filter(|(_, mesh, _)| carried(mesh).is_some());
        let parts: BTreeSet<PartRow> = carriers.map(|(.., part)| part.0).collect();
        let mut bare: Vec<Bare> = Vec::new();
        let mut of_mesh: HashMap<AssetId<Mesh>, usize> = HashMap::new();
        for (entity, mesh, _) in primitives().filter(|(.., part)| parts.contains(&part.0)) {
            let values = carried(&mesh).map_or(Values::Unknown, |values| Values::Given(Arc::clone(values)));
            let place = of_mesh.get(&mesh.id()).copied().or_else(|| {
                bare.push(lay::bare(self.meshes.get(&mesh)?, values)?);
                of_mesh.insert(mesh.id(), bare.len() - 1);
                Some(bare.len() - 1)
            });
            if let Some(bare) = place.and_then(|place| bare.get_mut(place)) {
                bare.entities.push(entity);
            }
        }
        bare
    }

    /// Every primitive of the parts that points are about, in all assets of their type.
    fn points(&self, type_id: &str, wanted: &FieldPoints, points: &Arc<Cloud>) -> Vec<Bare> {
        let Some(site) = &self.parts.site else { return Vec::new() };
        let of_type = |asset: AssetRow| site.assets.get(asset.index()).is_some_and(|asset| asset.type_id == type_id);
        let about = |id: &String| wanted.parts.is_empty() || wanted.parts.contains(id);
        let rows = (0_u32..).zip(&site.parts).filter(|(_, part)| of_type(part.asset) && about(&part.id));
        let rows: BTreeSet<PartRow> = rows.flat_map(|(row, _)| self.parts.family(PartRow(row))).collect();
        let entities = rows.iter().filter_map(|row| self.parts.primitives.get(row.index())).flatten();
        entities
            .filter_map(|&entity| {
                let (_, mesh, detail, _) = self.primitives.get(entity).ok()?;
                let mesh = detail.and_then(Detail::whole).unwrap_or(&mesh.0);
                let values = Values::Near {
                    points: Arc::clone(points),
                    model_from_mesh: self.at_rest(entity),
                    most: wanted.max_distance_m as f32,
                };
                Some(Bare { entities: vec![entity], ..lay::bare(self.meshes.get(mesh)?, values)? })
            })
            .collect()
    }

    /// From a primitive's space to that of its model, as if nothing had moved.
    fn at_rest(&self, primitive: Entity) -> Affine3A {
        let mut model_from_mesh = Affine3A::IDENTITY;
        let mut at = primitive;
        while let Ok((transform, above, false)) = self.nodes.get(at) {
            let rest = self.moving.rest_of(at).unwrap_or(*transform);
            model_from_mesh = rest.compute_affine() * model_from_mesh;
            let Some(above) = above else { break };
            at = above.parent();
        }
        model_from_mesh
    }
}

/// Starts to lay what is asked for, and takes away what is not.
fn ask(
    mut commands: Commands,
    mut fields: ResMut<Fields>,
    gather: Gather,
    surfaces: Query<Entity, With<FieldSurface>>,
    worn: Query<Entity, With<OnField>>,
    mut look: ResMut<Look>,
) {
    let parts = &gather.parts;
    let want = (fields.want.id.clone(), parts.generation);
    if fields.asked.as_ref() == Some(&want) {
        return;
    }
    if fields.generation != parts.generation {
        fields.generation = parts.generation;
        fields.choices = choices(parts);
        fields.values.retain(|mesh, _| gather.meshes.contains(*mesh));
    }
    for surface in &surfaces {
        commands.entity(surface).despawn();
    }
    for primitive in &worn {
        commands.entity(primitive).remove::<OnField>();
    }
    // Parts are dressed anew.
    look.set_changed();
    let id = want.0.clone();
    fields.asked = Some(want);
    fields.job = None;
    fields.shown = None;
    let Some(choice) = id.and_then(|id| fields.choices.iter().find(|choice| choice.id == id)) else { return };
    let id = choice.id.clone();
    let mut bare = Vec::new();
    let mut trouble = None;
    let declared: Vec<&SiteField> =
        parts.site.iter().flat_map(|site| &site.fields).filter(|field| field.id == id).collect();
    for field in &declared {
        match &field.values {
            FieldValues::Attribute(attribute) => bare.append(&mut gather.attribute(attribute, &fields.values)),
            FieldValues::Points(wanted) => match parts.points.get(&(field.type_id.clone(), id.clone())) {
                Some(points) => bare.append(&mut gather.points(&field.type_id, wanted, points)),
                None => trouble = Some("its file could not be read; `twinscope check` says why".to_owned()),
            },
        }
    }
    if declared.is_empty() {
        bare = gather.attribute(&id, &fields.values);
    }
    if trouble.is_some() && bare.is_empty() {
        fields.shown = Some(ShownField { id, trouble, ..ShownField::default() });
        return;
    }
    fields.shown = Some(ShownField { id, pending: true, ..ShownField::default() });
    fields.job = Some(AsyncComputeTaskPool::get().spawn(async move { lay::lay(bare) }));
}

/// Puts what was laid into the scene.
fn receive(
    mut commands: Commands,
    mut fields: ResMut<Fields>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<FieldMaterial>>,
    skins: Query<&Skin>,
    bodies: Res<Assets<PartMaterial>>,
    mut look: ResMut<Look>,
) {
    let fields = &mut *fields;
    let Some(laid) = fields.job.as_mut().and_then(check_ready) else { return };
    fields.job = None;
    let Some(shown) = fields.shown.as_mut() else { return };
    shown.pending = false;
    let range = fields.choices.iter().find(|choice| choice.id == shown.id).and_then(|choice| choice.range);
    shown.limits = match (range, laid.extent) {
        (Some([low, high]), Some([min, max])) => Some(Limits { low, high, beyond: [min < low, max > high] }),
        _ => laid.limits,
    };
    shown.unknown = laid.unknown;
    fields.coloured = None;
    fields.materials.clear();
    look.set_changed();
    for surface in laid.surfaces {
        let mesh = meshes.add(surface.mesh);
        for entity in surface.entities {
            // Gone since the job began.
            let Ok(skin) = skins.get(entity) else { continue };
            let cull = bodies.get(&skin.solid).and_then(|body| body.cull);
            let material = match fields.materials.iter().find(|(known, _)| *known == cull) {
                Some((_, material)) => material.clone(),
                None => {
                    // Coloured at once by the next system.
                    let style = FieldStyle::new(Scale::default(), laid.limits.unwrap_or_default(), 10.0);
                    let material = materials.add(FieldMaterial { style, cull, lines: false, section: false });
                    fields.materials.push((cull, material.clone()));
                    material
                }
            };
            commands.spawn((FieldSurface, Mesh3d(mesh.clone()), MeshMaterial3d(material), ChildOf(entity)));
            commands.entity(entity).insert(OnField(Arc::clone(&surface.values)));
        }
    }
}

/// Keeps the colours to what is asked for.
fn colour(
    mut fields: ResMut<Fields>,
    mut materials: ResMut<Assets<FieldMaterial>>,
    rows: Res<PartRows>,
    look: Res<Look>,
    mut surfaces: Query<&mut Visibility, With<FieldSurface>>,
) {
    // Check pictures show states, and nothing else.
    let visibility = if look.bare { Visibility::Hidden } else { Visibility::Inherited };
    for mut surface in &mut surfaces {
        surface.set_if_neq(visibility);
    }
    let fields = &mut *fields;
    let Some(shown) = fields.shown.as_ref().filter(|shown| !shown.pending) else { return };
    let Some(choice) = fields.choices.iter().find(|choice| choice.id == shown.id) else { return };
    let scale = scale_of(choice, shown.limits, fields.want.scale);
    let limits = drawn(shown.limits.unwrap_or(Limits { low: 0.0, high: 1.0, ..Limits::default() }), scale);
    let want = (scale, limits, fields.want.lines, rows.period());
    if fields.coloured == Some(want) {
        return;
    }
    fields.coloured = Some(want);
    let style = FieldStyle::new(scale, limits, rows.period());
    for (_, material) in &fields.materials {
        if let Some(mut material) = materials.get_mut(material) {
            material.style = style.clone();
            material.lines = fields.want.lines;
        }
    }
}
