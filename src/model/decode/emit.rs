//! The plain model as bytes: what is still referred to, in one GLB.
//!
//! Numbers of accessors and views stay as they are; in the place of what nothing refers to any more stands a stub, so
//! that nothing else of the model has to be counted anew. Whatever is not listed here is copied as text.

use std::collections::BTreeSet;

use gltf::json::accessor::{ComponentType, GenericComponentType, Type};
use gltf::json::validation::{Checked, USize64};
use gltf::json::{Accessor, Buffer, Index, Root};
use serde_json::value::RawValue;

use super::{Decoded, Work, unhandled};
use crate::model::container::join_glb;
use crate::model::error::{ErrorKind, ModelError};
use crate::model::head::json_error;
use crate::model::rewrite::{member, walk};

/// Bytes in front of all data: a stub needs some, and keeps the data aligned.
const STUB: usize = 16;

/// Accessors that something refers to.
pub(super) fn used_accessors(root: &Root) -> BTreeSet<usize> {
    let primitives = root.meshes.iter().flat_map(|mesh| &mesh.primitives).flat_map(|primitive| {
        let targets = primitive.targets.iter().flatten();
        let targets = targets.flat_map(|t| [t.positions, t.normals, t.tangents]).flatten();
        primitive.attributes.values().copied().chain(primitive.indices).chain(targets)
    });
    let skins = root.skins.iter().filter_map(|skin| skin.inverse_bind_matrices);
    let samplers = root.animations.iter().flat_map(|animation| &animation.samplers);
    let samplers = samplers.flat_map(|sampler| [sampler.input, sampler.output]);
    let instanced = root.nodes.iter().filter_map(|node| node.extensions.as_ref()?.others.get(super::instances::NAME));
    let instanced = instanced
        .filter_map(|extension| extension.get("attributes")?.as_object())
        .flat_map(|attributes| attributes.values())
        .filter_map(|value| usize::try_from(value.as_u64()?).ok());
    primitives.chain(skins).chain(samplers).map(|index| index.value()).chain(instanced).collect()
}

/// Writes the model.
pub(super) fn run(json: &[u8], mut work: Work<'_>) -> Result<Decoded, ModelError> {
    stub_accessors(&mut work)?;
    let bin = binary(&mut work)?;
    let text = document(json, &work.root).map_err(|e| json_error(&e))?;
    let bytes = join_glb(text.as_bytes(), Some(&bin)).ok_or_else(|| {
        ModelError::new(ErrorKind::Limit, "", "the decoded model is larger than a GLB can be (4 GiB)")
            .with_remedy("split the model")
    })?;
    Ok(Decoded { bytes, done: work.done, warnings: work.warnings })
}

fn stub_accessors(work: &mut Work<'_>) -> Result<(), ModelError> {
    let used = used_accessors(&work.root);
    if used.len() >= work.root.accessors.len() {
        return Ok(());
    }
    let view = work.add_view(vec![0; STUB])?;
    for (_, accessor) in work.root.accessors.iter_mut().enumerate().filter(|(i, _)| !used.contains(i)) {
        *accessor = Accessor {
            buffer_view: Some(view),
            byte_offset: None,
            count: USize64(1),
            component_type: Checked::Valid(GenericComponentType(ComponentType::F32)),
            extensions: None,
            extras: None,
            type_: Checked::Valid(Type::Scalar),
            min: None,
            max: None,
            name: None,
            normalized: false,
            sparse: None,
        };
    }
    Ok(())
}

/// The one buffer: all views that are used, one after the other.
fn binary(work: &mut Work<'_>) -> Result<Vec<u8>, ModelError> {
    let root = &work.root;
    let accessors = root.accessors.iter().filter_map(|accessor| accessor.buffer_view);
    let images = root.images.iter().filter_map(|image| image.buffer_view);
    let sparse = root.accessors.iter().filter_map(|accessor| accessor.sparse.as_ref());
    let sparse = sparse.flat_map(|sparse| [sparse.indices.buffer_view, sparse.values.buffer_view]);
    let used: BTreeSet<usize> = accessors.chain(images).chain(sparse).map(|view| view.value()).collect();
    let size = used.iter().filter_map(|&i| work.held.get(i)).map(|held| held.bytes.len().next_multiple_of(4)).sum();
    let mut bin = Vec::with_capacity(STUB.saturating_add(size));
    bin.resize(STUB, 0);
    for (i, view) in work.root.buffer_views.iter_mut().enumerate() {
        // Taken, so that what is written is not held twice for long.
        let held = work.held.get_mut(i).filter(|_| used.contains(&i)).map(|held| std::mem::take(&mut held.bytes));
        view.buffer = Index::new(0);
        view.extensions = None;
        let bytes = held.unwrap_or_default();
        let (start, length) = if bytes.is_empty() { (0, STUB) } else { (bin.len(), bytes.len()) };
        (view.byte_offset, view.byte_length) = (Some(USize64(start as u64)), USize64(length as u64));
        if bytes.is_empty() {
            (view.byte_stride, view.target) = (None, None);
        }
        bin.extend_from_slice(&bytes);
        bin.resize(bin.len().next_multiple_of(4), 0);
    }
    let length = USize64(bin.len() as u64);
    work.root.buffers = vec![Buffer { byte_length: length, name: None, uri: None, extensions: None, extras: None }];
    Ok(bin)
}

/// The JSON: lists that may have changed from `root`, all else as it was.
fn document(json: &[u8], root: &Root) -> serde_json::Result<String> {
    let whole: &RawValue = serde_json::from_slice(json)?;
    let mut out = String::with_capacity(json.len());
    out.push('{');
    let changed: [(&str, usize, String); 9] = [
        ("accessors", root.accessors.len(), serde_json::to_string(&root.accessors)?),
        ("bufferViews", root.buffer_views.len(), serde_json::to_string(&root.buffer_views)?),
        ("buffers", root.buffers.len(), serde_json::to_string(&root.buffers)?),
        ("images", root.images.len(), serde_json::to_string(&root.images)?),
        ("meshes", root.meshes.len(), serde_json::to_string(&root.meshes)?),
        ("nodes", root.nodes.len(), serde_json::to_string(&root.nodes)?),
        ("textures", root.textures.len(), serde_json::to_string(&root.textures)?),
        list("extensionsUsed", &root.extensions_used)?,
        list("extensionsRequired", &root.extensions_required)?,
    ];
    walk(whole, |key, value| match changed.iter().any(|(name, ..)| *name == key) {
        true => Ok(()),
        false => member(&mut out, key, value.get()),
    })?;
    // An empty list is not allowed in glTF.
    for (name, _, text) in changed.iter().filter(|(_, length, _)| *length > 0) {
        member(&mut out, name, text)?;
    }
    out.push('}');
    Ok(out)
}

fn list<'a>(key: &'a str, names: &[String]) -> serde_json::Result<(&'a str, usize, String)> {
    let names = unhandled(names);
    Ok((key, names.len(), serde_json::to_string(&names)?))
}
