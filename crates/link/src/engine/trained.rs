//! Files with trained models that type files name.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path};

use twinscope_twin::site::Estimator;

/// Largest file, bytes.
const MAX_FILE: u64 = 64 << 20;

/// The bytes of a file beside the type file of an estimator.
///
/// # Errors
/// It is not beside the type file, is no file, is too large, or cannot be read: says which.
pub(super) fn read(base_dir: &Path, estimator: &Estimator, file: &str) -> Result<Vec<u8>, String> {
    let relative = Path::new(file);
    if !relative
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::ParentDir | Component::CurDir))
    {
        return Err(format!("{file}: the path must be relative to the type file"));
    }
    let path = base_dir.join(&estimator.folder_from_site).join(relative);
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(format!("{}: it is not a file", path.display()));
    }
    let mut bytes = Vec::new();
    File::open(&path).map_err(failed)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("{}: it is larger than {MAX_FILE} bytes", path.display()));
    }
    Ok(bytes)
}
