//! `KHR_draco_mesh_compression`: primitives whose vertices and triangles the Draco library packed.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;

use draco_core::draco_types::DataType;
use draco_core::geometry_attribute::PointAttribute;
use draco_core::geometry_indices::PointIndex;
use draco_core::{DecodeLimits, DecoderBuffer, Mesh, MeshDecoder};
use gltf::json::accessor::ComponentType;
use gltf::json::mesh::{Mode, Primitive, Semantic};
use gltf::json::validation::Checked;
use gltf::json::{Accessor, Index, Root, Value};

use super::{New, Work, bad};
use crate::model::data::missing_index;
use crate::model::error::{ErrorKind, ModelError};

pub(super) const NAME: &str = "KHR_draco_mesh_compression";

fn of(primitive: &Primitive) -> Option<&Value> {
    primitive.extensions.as_ref()?.others.get(NAME)
}

/// Something in the model is packed so.
pub(super) fn found(root: &Root) -> bool {
    root.meshes.iter().flat_map(|mesh| &mesh.primitives).any(|primitive| of(primitive).is_some())
}

/// A decoded attribute as an accessor: of which view, which attribute of it, and of what type (its glTF number, and
/// components).
type Key = (usize, u32, u32, usize);

/// What was decoded so far. Primitives may share a view; each view is decoded once, as a rule.
#[derive(Default)]
struct Memory {
    last: Option<(usize, Mesh)>,
    attributes: HashMap<Key, Index<Accessor>>,
    indices: HashMap<usize, Index<Accessor>>,
}

/// Unpacks all primitives.
pub(super) fn run(work: &mut Work<'_>) -> Result<(), ModelError> {
    let mut memory = Memory::default();
    let mut meshes = std::mem::take(&mut work.root.meshes);
    let mut done = 0;
    for (m, mesh) in meshes.iter_mut().enumerate() {
        for (p, primitive) in mesh.primitives.iter_mut().enumerate() {
            let Some(extension) = primitive.extensions.as_mut().and_then(|e| e.others.remove(NAME)) else { continue };
            let place = format!("meshes[{m}].primitives[{p}].extensions.{NAME}");
            unpack(work, &mut memory, primitive, &extension, &place)?;
            done += 1;
        }
    }
    work.root.meshes = meshes;
    work.tell(done, "primitive", "of Draco compression");
    Ok(())
}

fn unpack(
    work: &mut Work<'_>,
    memory: &mut Memory,
    primitive: &mut Primitive,
    extension: &Value,
    place: &str,
) -> Result<(), ModelError> {
    let view = extension.get("bufferView").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let view = view.ok_or_else(|| bad(place, "bufferView is no number"))?;
    let named = extension.get("attributes").and_then(Value::as_object);
    let named = named.ok_or_else(|| bad(place, "attributes are missing"))?;
    for (semantic, index) in &mut primitive.attributes {
        let Some(id) = named.get(&semantic.to_string()) else { continue };
        let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
        let id = id.ok_or_else(|| bad(place, "the number of an attribute is no number"))?;
        let Some(accessor) = work.root.accessors.get(index.value()) else {
            return Err(missing_index(place.to_owned(), "accessor", index.value()));
        };
        let (Checked::Valid(component), Checked::Valid(shape)) = (&accessor.component_type, &accessor.type_) else {
            return Err(bad(place, "an attribute is of a type that is none of glTF's"));
        };
        let (component, shape, normalized) = (component.0, *shape, accessor.normalized);
        let key = (view, id, component.as_gl_enum(), shape.multiplicity());
        *index = match memory.attributes.get(&key) {
            Some(&known) => known,
            None => {
                let mesh = memory.mesh(work, view, place)?;
                let points = mesh.num_points();
                let attribute = mesh
                    .attribute_by_unique_id(id)
                    .filter(|attribute| usize::from(attribute.num_components()) >= shape.multiplicity());
                let attribute = attribute
                    .ok_or_else(|| bad(place, format!("there is no attribute {id} for {}", semantic.to_string())))?;
                work.charge(points, component.size() * shape.multiplicity(), place)?;
                let bytes = values(attribute, points, component, shape.multiplicity());
                let made = work.add_accessor(New { bytes, component, shape, normalized })?;
                memory.attributes.insert(key, made);
                made
            }
        };
    }
    if !primitive.attributes.contains_key(&Checked::Valid(Semantic::Positions)) {
        return Err(bad(place, "it has no POSITION attribute"));
    }
    let indices = match memory.indices.get(&view) {
        Some(&known) => known,
        None => {
            let mesh = memory.mesh(work, view, place)?;
            let corners: Vec<u32> = mesh.faces().iter().flatten().map(|point| point.0).collect();
            let made = work.add_accessor(New::indices(&corners))?;
            memory.indices.insert(view, made);
            made
        }
    };
    primitive.indices = Some(indices);
    // Draco keeps triangles; a strip has become single ones.
    primitive.mode = Checked::Valid(Mode::Triangles);
    Ok(())
}

impl Memory {
    fn mesh(&mut self, work: &mut Work<'_>, view: usize, place: &str) -> Result<&Mesh, ModelError> {
        let known = self.last.take().filter(|(of, _)| *of == view);
        let mesh = match known {
            Some((_, mesh)) => mesh,
            None => {
                let Some(held) = work.held.get(view) else {
                    return Err(missing_index(place.to_owned(), "bufferView", view));
                };
                let limits = DecodeLimits::default()
                    .with_max_points(work.limits.vertices)
                    .with_max_faces(work.limits.triangles)
                    .with_max_decoded_bytes(work.budget.left());
                let mesh = decode(&held.bytes, limits, place)?;
                // Its triangles as indices; and a decode costs time, also where nothing new is kept of it.
                work.charge(mesh.num_faces(), 12, place)?;
                mesh
            }
        };
        let (_, mesh) = self.last.insert((view, mesh));
        Ok(mesh)
    }
}

fn decode(bytes: &[u8], limits: DecodeLimits, place: &str) -> Result<Mesh, ModelError> {
    // The decoder returns errors; should it have a defect, a model from outside must not take the program along.
    let decoded = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let mut mesh = Mesh::new();
        MeshDecoder::new().decode(&mut DecoderBuffer::new(bytes).with_limits(limits), &mut mesh).map(|()| mesh)
    }));
    match decoded {
        Ok(Ok(mesh)) if mesh.num_faces() > 0 && mesh.num_points() > 0 => Ok(mesh),
        Ok(Ok(_)) => Err(bad(place, "the compressed mesh has no triangles")),
        Ok(Err(e)) if e.kind() == draco_core::status::ErrorKind::LimitExceeded => {
            Err(ModelError::new(ErrorKind::Limit, place, format!("the compressed mesh is too large: {}", e.message()))
                .with_remedy("simplify the model, or split it into several"))
        }
        Ok(Err(e)) => Err(bad(place, format!("the compressed mesh cannot be decoded: {}", e.message()))),
        Err(_) => Err(bad(place, "the compressed mesh makes the decoder fail")),
    }
}

/// The values of all points, packed as `component`s, `components` each.
fn values(attribute: &PointAttribute, points: usize, component: ComponentType, components: usize) -> Vec<u8> {
    if component == ComponentType::F32 {
        return attribute.read_f32s(points, components).iter().flat_map(|x| x.to_le_bytes()).collect();
    }
    let size = component.size();
    let mut out = vec![0; points * components * size];
    let (kind, data) = (attribute.data_type(), attribute.buffer().data());
    let width = kind.byte_length();
    let stride = usize::try_from(attribute.byte_stride()).unwrap_or(0);
    for (point, out) in (0_u32..).zip(out.chunks_exact_mut(components * size)) {
        let start = (attribute.mapped_index(PointIndex(point)).0 as usize).checked_mul(stride);
        let Some(value) = start.and_then(|start| data.get(start..)) else { continue };
        // Whole numbers keep their lowest bytes, whatever their width: those of a glTF type fit in it.
        for (out, value) in out.chunks_exact_mut(size).zip(value.chunks(width.max(1))) {
            if !matches!(kind, DataType::Float32 | DataType::Float64) {
                out.iter_mut().zip(value).for_each(|(out, &byte)| *out = byte);
            }
        }
    }
    out
}
