//! Reading files that come from outside: only regular ones, only inside their folder, never more than the budget.

use std::fs::File;
use std::io::{ErrorKind as IoKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::{ErrorKind, ModelError};

/// Bytes that may still be read.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
    whole: u64,
}

impl Budget {
    pub(super) const fn new(bytes: u64) -> Self {
        Self { left: bytes, whole: bytes }
    }

    /// Takes `bytes` out of the budget.
    pub(super) fn take(&mut self, bytes: u64, place: &str) -> Result<(), ModelError> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.spent(place)),
        }
    }

    /// What is left of it.
    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    fn spent(&self, place: &str) -> ModelError {
        ModelError::new(ErrorKind::Limit, place, format!("more than {} of data", mebibytes(self.whole)))
            .with_remedy("simplify the model, or split it into several")
    }
}

/// Bytes as text for people.
pub(super) fn mebibytes(bytes: u64) -> String {
    if bytes < 1 << 20 { format!("{} KiB", bytes.div_ceil(1024)) } else { format!("{} MiB", bytes >> 20) }
}

/// The folder that a file may refer to: canonical, so that links are seen through.
pub(super) fn folder_of(path: &Path) -> Result<PathBuf, ModelError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    parent.canonicalize().map_err(|e| io_error(&e, ""))
}

/// Reads a regular file inside `folder` (canonical).
pub(super) fn read_inside(folder: &Path, path: &Path, budget: &mut Budget, place: &str) -> Result<Vec<u8>, ModelError> {
    let real = path.canonicalize().map_err(|e| io_error(&e, place))?;
    if !real.starts_with(folder) {
        return Err(ModelError::new(ErrorKind::Outside, place, "the file is a link that leads out of its folder")
            .with_remedy("copy the file into the model's folder"));
    }
    // Asked before opening, because opening a pipe waits for its writer; and again on the open file, because a name
    // can change hands in between.
    if !real.metadata().map_err(|e| io_error(&e, place))?.is_file() {
        return Err(not_a_file(place));
    }
    let file = File::open(&real).map_err(|e| io_error(&e, place))?;
    let found = file.metadata().map_err(|e| io_error(&e, place))?;
    if !found.is_file() {
        return Err(not_a_file(place));
    }
    budget.take(found.len(), place)?;
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0));
    // The file may grow while it is read: the length that was asked is the most that is taken.
    file.take(found.len()).read_to_end(&mut bytes).map_err(|e| io_error(&e, place))?;
    Ok(bytes)
}

fn not_a_file(place: &str) -> ModelError {
    ModelError::new(ErrorKind::NotAFile, place, "this is not a file (a folder, a pipe or a device)")
        .with_remedy("name the .glb or .gltf file itself")
}

fn io_error(e: &std::io::Error, place: &str) -> ModelError {
    match e.kind() {
        IoKind::NotFound | IoKind::NotADirectory => ModelError::new(ErrorKind::Missing, place, "there is no such file")
            .with_remedy("check the path; it is relative to the file that names it"),
        IoKind::PermissionDenied => ModelError::new(ErrorKind::Unreadable, place, "reading it is not permitted")
            .with_remedy("change its permissions, or run as a user who may read it"),
        _ => ModelError::new(ErrorKind::Unreadable, place, format!("it cannot be read: {e}"))
            .with_remedy("check the disk and the path"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[track_caller]
    fn refused(path: &Path, kind: ErrorKind) {
        let e = folder_of(path)
            .and_then(|folder| read_inside(&folder, path, &mut Budget::new(1000), ""))
            .map(|bytes| bytes.len())
            .unwrap_err();
        assert_eq!(e.kind, kind, "{e}");
        assert!(!e.remedy.is_empty());
    }

    #[test]
    fn a_file_is_read_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        fs::write(&path, b"abc").unwrap();
        let folder = folder_of(&path).unwrap();
        assert_eq!(read_inside(&folder, &path, &mut Budget::new(3), "").unwrap(), b"abc");
    }

    #[test]
    fn missing_files_and_folders_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        refused(&dir.path().join("a.bin"), ErrorKind::Missing);
        refused(&dir.path().join("no/a.bin"), ErrorKind::Missing);
        let sub = dir.path().join("sub");
        fs::create_dir(&sub).unwrap();
        refused(&sub, ErrorKind::NotAFile);
    }

    #[test]
    fn a_file_over_the_budget_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        fs::write(&path, [0; 1001]).unwrap();
        refused(&path, ErrorKind::Limit);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_refused() {
        refused(Path::new("/dev/zero"), ErrorKind::NotAFile);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_without_waiting_for_its_writer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        refused(&path, ErrorKind::NotAFile);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_refused_and_one_inside_is_followed() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("in");
        fs::create_dir(&inside).unwrap();
        fs::write(dir.path().join("secret"), b"s").unwrap();
        fs::write(inside.join("a.bin"), b"a").unwrap();
        symlink("../secret", inside.join("out.bin")).unwrap();
        symlink("a.bin", inside.join("b.bin")).unwrap();
        refused(&inside.join("out.bin"), ErrorKind::Outside);
        let folder = folder_of(&inside.join("b.bin")).unwrap();
        assert_eq!(read_inside(&folder, &inside.join("b.bin"), &mut Budget::new(9), "").unwrap(), b"a");
    }
}
