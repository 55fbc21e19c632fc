//! `KHR_materials_variants`: one of the looks that a model offers, put on for good.

use gltf::json::{Index, Root, Value};

use super::{Work, bad};
use crate::model::error::{ErrorKind, ModelError, printable};

pub(super) const NAME: &str = "KHR_materials_variants";

/// The names of the looks, in the order of the file.
pub(crate) fn names(root: &Root) -> Vec<String> {
    /// More than a person chooses from.
    const MOST: usize = 1_000;
    let variants = root.extensions.as_ref().and_then(|e| e.others.get(NAME)?.get("variants")?.as_array());
    let name = |variant: &Value| variant.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    variants.into_iter().flatten().take(MOST).map(name).collect()
}

/// Puts `wanted` on every primitive that has a material for it; the others keep theirs.
pub(super) fn run(work: &mut Work<'_>, wanted: &str) -> Result<(), ModelError> {
    let names = names(&work.root);
    let Some(variant) = names.iter().position(|name| name == wanted) else {
        let what = format!("the model has no variant \"{}\"", printable(wanted));
        let remedy = if names.is_empty() {
            "take `variant` out of the type file: the model has none".to_owned()
        } else {
            format!(
                "choose one of {}",
                names.iter().map(|name| format!("\"{}\"", printable(name))).collect::<Vec<_>>().join(", ")
            )
        };
        return Err(ModelError::new(ErrorKind::Extension, format!("extensions.{NAME}"), what).with_remedy(remedy));
    };
    for (m, mesh) in work.root.meshes.iter_mut().enumerate() {
        for (p, primitive) in mesh.primitives.iter_mut().enumerate() {
            let mappings = primitive.extensions.as_ref().and_then(|e| e.others.get(NAME)?.get("mappings")?.as_array());
            let is_for = |mapping: &&Value| {
                let variants = mapping.get("variants").and_then(Value::as_array);
                variants.into_iter().flatten().any(|v| v.as_u64() == Some(variant as u64))
            };
            let Some(mapping) = mappings.into_iter().flatten().find(is_for) else { continue };
            let material = mapping.get("material").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
            let material = material.ok_or_else(|| {
                bad(format!("meshes[{m}].primitives[{p}].extensions.{NAME}"), "a material is no number")
            })?;
            primitive.material = Some(Index::new(material));
        }
    }
    work.done.push(format!("variant \"{wanted}\""));
    Ok(())
}
