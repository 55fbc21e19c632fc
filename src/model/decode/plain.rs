//! `KHR_mesh_quantization`, sparse accessors, accessors without data, positions without bounds: numbers that are there,
//! in a form that the loader does not take.

use std::collections::HashMap;

use gltf::json::accessor::{ComponentType, Type};
use gltf::json::mesh::{Primitive, Semantic};
use gltf::json::validation::Checked;
use gltf::json::{Accessor, Index, Root};

use super::{New, Work, bad};
use crate::model::error::ModelError;

/// Some accessor is not in a form that the loader takes.
pub(super) fn found(root: &Root) -> bool {
    root.accessors.iter().any(spread) || root.meshes.iter().flat_map(|mesh| &mesh.primitives).any(|p| odd(root, p))
}

/// Its values are not all in one place.
fn spread(accessor: &Accessor) -> bool {
    accessor.sparse.is_some() || accessor.buffer_view.is_none()
}

/// The type of an attribute must be another one: float vectors of this many parts. `None`: it may stay.
fn wanted(accessor: &Accessor, semantic: &Semantic) -> Option<Type> {
    let (Checked::Valid(component), Checked::Valid(shape)) = (&accessor.component_type, &accessor.type_) else {
        return None;
    };
    let (component, shape) = (component.0, *shape);
    let float = component == ComponentType::F32 && !accessor.normalized;
    let short = accessor.normalized && matches!(component, ComponentType::U8 | ComponentType::U16);
    let right = |want: Type| (shape == want).then_some(want);
    match semantic {
        Semantic::Positions if float => {
            (accessor.min.is_none() || accessor.max.is_none()).then_some(Type::Vec3).and_then(right)
        }
        Semantic::Positions | Semantic::Normals if !float => right(Type::Vec3),
        Semantic::Tangents if !float => right(Type::Vec4),
        Semantic::TexCoords(_) if !float && !short => right(Type::Vec2),
        // Values of one's own, of parts or of points: as numbers.
        Semantic::Extras(_) if !float && component != ComponentType::U32 => right(Type::Scalar),
        _ => None,
    }
}

/// Accessors of a primitive, each with what it is used as.
fn uses(primitive: &mut Primitive) -> impl Iterator<Item = (Semantic, &mut Index<Accessor>)> {
    let attributes = primitive.attributes.iter_mut().filter_map(|(semantic, index)| match semantic {
        Checked::Valid(semantic) => Some((semantic.clone(), index)),
        Checked::Invalid => None,
    });
    let targets = primitive.targets.iter_mut().flatten().flat_map(|target| {
        // All of them are differences of three parts, without bounds.
        let all = [&mut target.positions, &mut target.normals, &mut target.tangents];
        all.into_iter().flatten().map(|index| (Semantic::Normals, index))
    });
    attributes.chain(targets)
}

fn odd(root: &Root, primitive: &Primitive) -> bool {
    // A copy of a few numbers, so that one function lists the accessors for reading and for changing.
    uses(&mut primitive.clone()).any(|(semantic, index)| {
        root.accessors.get(index.value()).is_some_and(|accessor| wanted(accessor, &semantic).is_some())
    })
}

/// Puts sparse values in their places, and writes out the zeros of accessors without data.
pub(super) fn sparse(work: &mut Work<'_>) -> Result<(), ModelError> {
    let used = super::emit::used_accessors(&work.root);
    let mut done = 0;
    for i in 0..work.root.accessors.len() {
        let Some(accessor) = work.root.accessors.get(i).filter(|a| used.contains(&i) && spread(a)) else { continue };
        let place = format!("accessors[{i}]");
        let bytes = if accessor.sparse.is_some() {
            let elements = work.elements(i, &place)?;
            let size = elements.packed_size().unwrap_or(usize::MAX);
            work.budget.take(size as u64, &place)?;
            work.elements(i, &place)?.packed()
        } else {
            let (Checked::Valid(component), Checked::Valid(shape)) = (&accessor.component_type, &accessor.type_) else {
                return Err(bad(place, "the type or component type is none of glTF's"));
            };
            let each = component.0.size() * shape.multiplicity();
            let count = usize::try_from(accessor.count.0).unwrap_or(usize::MAX);
            work.charge(count, each, &place)?;
            vec![0; count.saturating_mul(each)]
        };
        let view = work.add_view(bytes)?;
        if let Some(accessor) = work.root.accessors.get_mut(i) {
            (accessor.buffer_view, accessor.byte_offset, accessor.sparse) = (Some(view), None, None);
        }
        done += 1;
    }
    work.tell(done, "accessor", "with sparse values or none");
    Ok(())
}

/// Makes float vectors of all attributes that need it, with bounds.
pub(super) fn attributes(work: &mut Work<'_>) -> Result<(), ModelError> {
    let mut made: HashMap<usize, Index<Accessor>> = HashMap::new();
    let mut meshes = std::mem::take(&mut work.root.meshes);
    for (m, mesh) in meshes.iter_mut().enumerate() {
        for (p, primitive) in mesh.primitives.iter_mut().enumerate() {
            let place = format!("meshes[{m}].primitives[{p}]");
            for (semantic, index) in uses(primitive) {
                let old = index.value();
                let Some(shape) = work.root.accessors.get(old).and_then(|a| wanted(a, &semantic)) else { continue };
                *index = match made.get(&old) {
                    Some(&known) => known,
                    None => {
                        let count = work.elements(old, &place)?.count;
                        work.charge(count, 4 * shape.multiplicity(), &place)?;
                        let values = work.elements(old, &place)?.floats();
                        let new = work.add_accessor(New::floats(&values, shape))?;
                        made.insert(old, new);
                        new
                    }
                };
            }
        }
    }
    work.root.meshes = meshes;
    work.tell(made.len(), "accessor", "of integers, or without bounds, as float vectors");
    Ok(())
}
