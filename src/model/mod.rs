//! glTF from outside: a bounded check before any loader, and an index of the parts.
//!
//! [`check`] reads a model and everything that it names, refuses what the loader would panic on, follow out of the
//! folder, or swell from, and hands back the bytes under names of its own: the viewer loads them from memory, so no
//! loader ever opens a file or sees a URI that someone else wrote.
//!
//! What the loader does not read (compressed, quantized, instanced …) is made plain first, in `decode`. Not here:
//! drawing. Plain geometry is only measured; textures are known by their headers.
//!
//! Invariants: no panic on any input; no allocation that a few bytes can make large; nothing outside the model's
//! folder is read; the loader (`gltf` 1.4 under Bevy 0.19, with validation) accepts what passes.

mod about;
mod automatic;
mod container;
mod data;
mod decode;
mod error;
mod extensions;
mod fields;
mod files;
mod head;
mod images;
mod index;
mod limits;
mod materials;
mod meshes;
mod report;
mod rewrite;
mod scan;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod uri;

use std::path::Path;

use gltf::json::Root;

pub use about::{About, about};
pub use automatic::{asset_id, machine};
pub use error::{ErrorKind, ModelError, printable};
pub use fields::{MOST_FIELDS, ModelField, slot_name};
pub use index::{ExtrasKind, Node, PartIndex, Totals, part_id};
pub use limits::Limits;
pub use materials::GLASS;
pub use report::{inspect_json, inspect_text, template_toml};

/// A small model for the tests of other modules: three nodes, one `part_id` ("gearbox"), one triangle.
#[cfg(test)]
pub(crate) fn test_glb() -> Vec<u8> {
    testing::glb(&testing::document(), &testing::triangle())
}

use container::Parts;
use data::View;
use files::Budget;
use images::Fate;
use rewrite::Rewrite;
use uri::Source;

/// Warnings past these are not listed.
const MOST_WARNINGS: usize = 100;

/// A model that passed.
#[derive(Clone, Debug)]
pub struct Checked {
    /// File names in one flat folder, and contents. The first is the model; nothing outside the list is referred to.
    pub files: Vec<(String, Vec<u8>)>,
    /// What is in it.
    pub index: PartIndex,
    /// What is lost, ambiguous or slow, one sentence each.
    pub warnings: Vec<String>,
}

/// Reads and checks a model file.
///
/// # Errors
///
/// What is wrong, where, and what to do about it.
pub fn check(path: &Path, limits: &Limits) -> Result<Checked, ModelError> {
    check_variant(path, None, limits)
}

/// [`check`], with one of the looks that the model offers (`KHR_materials_variants`) instead of its default.
///
/// # Errors
///
/// What is wrong, where, and what to do about it; also if the model has no such variant.
pub fn check_variant(path: &Path, variant: Option<&str>, limits: &Limits) -> Result<Checked, ModelError> {
    let name = path.to_string_lossy();
    let folder = files::folder_of(path).map_err(|e| e.in_file(&name))?;
    let mut budget = Budget::new(limits.bytes);
    let bytes = files::read_inside(&folder, path, &mut budget, "").map_err(|e| e.in_file(&name))?;
    run(&name, bytes, Source { folder: Some(&folder), budget }, variant, limits)
}

/// Checks a model that is in memory. Files that it names are read from `base`, and refused without one.
///
/// # Errors
///
/// What is wrong, where, and what to do about it.
pub fn check_bytes(name: &str, bytes: Vec<u8>, base: Option<&Path>, limits: &Limits) -> Result<Checked, ModelError> {
    let mut budget = Budget::new(limits.bytes);
    budget.take(bytes.len() as u64, "").map_err(|e| e.in_file(name))?;
    // Links are seen through, or every file beside the model would seem to be outside.
    let folder = match base {
        Some(base) => Some(files::folder_of(&base.join("model")).map_err(|e| e.in_file(name))?),
        None => None,
    };
    run(name, bytes, Source { folder: folder.as_deref(), budget }, None, limits)
}

fn run(
    name: &str,
    bytes: Vec<u8>,
    source: Source<'_>,
    variant: Option<&str>,
    limits: &Limits,
) -> Result<Checked, ModelError> {
    let mut found = analyse(&bytes, source, variant, limits).map_err(|e| e.in_file(name))?;
    let model = found.model.take().unwrap_or(bytes);
    let mut files = vec![(if found.binary { "model.glb" } else { "model.gltf" }.to_owned(), model)];
    files.append(&mut found.files);
    found.index.totals.bytes = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let more = found.warnings.len().saturating_sub(MOST_WARNINGS);
    found.warnings.truncate(MOST_WARNINGS);
    if more > 0 {
        found.warnings.push(format!("and {more} more"));
    }
    Ok(Checked { files, index: found.index, warnings: found.warnings })
}

/// What the check finds; owns nothing of the input, so that the input can be handed on.
struct Found {
    /// The model, if it had to be changed.
    model: Option<Vec<u8>>,
    files: Vec<(String, Vec<u8>)>,
    index: PartIndex,
    warnings: Vec<String>,
    binary: bool,
}

/// Checks a model; one that is not plain is decoded, and then checked as if it had come so.
fn analyse(bytes: &[u8], mut source: Source<'_>, variant: Option<&str>, limits: &Limits) -> Result<Found, ModelError> {
    let parts = container::split(bytes)?;
    let head = head::read(parts.json, limits)?;
    // What cannot be read at all is told before anything is decoded.
    extensions::check(&head)?;
    let root: Root = serde_json::from_slice(parts.json).map_err(|e| head::json_error(&e))?;
    if variant.is_none() && !decode::needed(&root) {
        return plain(bytes, &mut source, limits);
    }
    let mut change = Rewrite::default();
    let files = buffers(&root, &parts, &mut source, &mut change)?;
    let data = data_of(&root, &parts, &change, &files);
    let decoded = decode::run(parts.json, root, &data, &mut source, variant, limits)?;
    let mut found = plain(&decoded.bytes, &mut source, limits)?;
    let mut warnings = decoded.warnings;
    warnings.append(&mut found.warnings);
    found.index.extensions = head.used;
    found.index.decoded = decoded.done;
    found.model.get_or_insert(decoded.bytes);
    Ok(Found { warnings, binary: true, ..found })
}

/// The bytes of each buffer.
fn data_of<'a>(root: &Root, parts: &Parts<'a>, change: &Rewrite, files: &'a [(String, Vec<u8>)]) -> Vec<&'a [u8]> {
    let mut outside = files.iter();
    let bin = parts.bin.unwrap_or_default();
    (0..root.buffers.len())
        .map(|i| match change.buffers.contains_key(&i).then(|| outside.next()).flatten() {
            Some((_, bytes)) => bytes.as_slice(),
            None if i == 0 => bin,
            None => &[],
        })
        .collect()
}

/// Checks a model that the loader can read as it is.
fn plain(bytes: &[u8], source: &mut Source<'_>, limits: &Limits) -> Result<Found, ModelError> {
    let parts = container::split(bytes)?;
    let head = head::read(parts.json, limits)?;
    let verdict = extensions::check(&head)?;
    let mut warnings = verdict.warnings;
    let mut change = Rewrite { dropped: verdict.dropped, ..Rewrite::default() };
    let root: Root = serde_json::from_slice(parts.json).map_err(|e| head::json_error(&e))?;

    let mut files = buffers(&root, &parts, source, &mut change)?;
    let data = data_of(&root, &parts, &change, &files);
    let views: Vec<View<'_>> = data::views(&root, &data, |_| false)?;
    let elements = data::accessors(&root, &views)?;
    let meshes = meshes::check(&root, &elements, limits, &mut warnings)?;
    let tree = tree::check(&root, &meshes, &elements, limits)?;
    extensions::textures_have_sources(&root)?;
    warnings.append(&mut materials::losses(&root.materials));
    let fates = images::check(&root, &views, source, limits, &mut warnings)?;
    let mut index = PartIndex::build(&root, &tree, &meshes)?;
    index.generator = head.generator;
    index.copyright = head.copyright;
    index.version = head.version.unwrap_or_default();
    index.extensions = head.used;
    index.fields = fields::find(&root, &elements, &mut warnings);
    change.fields = index.fields.iter().map(|field| field.attribute.clone()).collect();
    index.variants = decode::variants(&root);
    warnings.append(&mut index.warnings());

    for (i, fate) in fates.into_iter().enumerate() {
        // Also where nothing reads it: no URI of the file is left in it.
        if root.images.get(i).is_some_and(|image| image.uri.is_some()) {
            change.images.insert(i, format!("unused{i}.png"));
        }
        match fate {
            Fate::Keep | Fate::Unused => {}
            Fate::Retype(format) => {
                change.types.insert(i, format.mime());
            }
            Fate::File(format, bytes) => {
                let name = format!("image{i}.{}", format.extension());
                change.images.insert(i, name.clone());
                files.push((name, bytes));
            }
        }
    }
    accepted_by_the_loader(root, &change.dropped)?;
    let model = if change.is_empty() && parts.tidy { None } else { Some(change.apply(&parts)?) };
    Ok(Found { model, files, index, warnings, binary: parts.binary })
}

/// The buffers that are not the binary chunk, each under its new name.
fn buffers(
    root: &Root,
    parts: &Parts<'_>,
    source: &mut Source<'_>,
    change: &mut Rewrite,
) -> Result<Vec<(String, Vec<u8>)>, ModelError> {
    let mut out = Vec::new();
    for (i, buffer) in root.buffers.iter().enumerate() {
        let place = format!("buffers[{i}]");
        let short = |have: usize| {
            ModelError::new(
                ErrorKind::Data,
                place.as_str(),
                format!("the buffer should have {} bytes and has {have}", buffer.byte_length.0),
            )
            .with_remedy("export or copy the model again, with all its files")
        };
        let said = usize::try_from(buffer.byte_length.0).unwrap_or(usize::MAX);
        match (buffer.uri.as_deref(), parts.bin) {
            (Some(text), _) => {
                let mut bytes = source.fetch(text, &place)?;
                if bytes.len() < said {
                    return Err(short(bytes.len()));
                }
                bytes.truncate(said);
                let name = format!("buffer{i}.bin");
                change.buffers.insert(i, name.clone());
                out.push((name, bytes));
            }
            (None, Some(bin)) if i == 0 => {
                if bin.len() < said {
                    return Err(short(bin.len()));
                }
            }
            // It stands in for views that are compressed.
            (None, _) if decode::stands_in(buffer) => {}
            (None, _) => {
                return Err(ModelError::new(ErrorKind::Data, place, "the buffer has no data")
                    .with_remedy("export the model as one .glb"));
            }
        }
    }
    Ok(out)
}

/// The loader validates as well; what it would refuse is refused here, with its place.
fn accepted_by_the_loader(mut root: Root, dropped: &[String]) -> Result<(), ModelError> {
    root.extensions_required.retain(|name| !dropped.contains(name));
    match gltf::Document::from_json(root) {
        Ok(_) => Ok(()),
        Err(gltf::Error::Validation(errors)) => {
            let (place, what) =
                errors.first().map_or((String::new(), String::new()), |(path, e)| (path.to_string(), e.to_string()));
            let more = errors.len().saturating_sub(1);
            let what = if more > 0 { format!("{what} (and {more} more mistakes)") } else { what };
            Err(ModelError::new(ErrorKind::Json, place, format!("not valid glTF: {}", what.to_lowercase()))
                .with_remedy("export the model again, and see what `npx gltf-validator` says about it"))
        }
        Err(e) => {
            Err(ModelError::new(ErrorKind::Json, "", format!("not valid glTF: {e}"))
                .with_remedy("export the model again"))
        }
    }
}
