//! What models have learned, on disk: one file for each asset and model, replaced whole.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::running::Stored;

/// Largest file that is read, bytes.
const MAX_FILE: u64 = 64 << 20;

/// A folder with the state of the models.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    troubles: Vec<String>,
}

/// Why the state could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: the state of the model cannot be written: {source}; it goes on without, and tries again")]
pub struct StoreError {
    path: String,
    source: std::io::Error,
}

impl Store {
    /// The folder is made if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or not be written to.
    pub fn open(folder: &Path) -> Result<Self, std::io::Error> {
        fs::create_dir_all(folder)?;
        let probe = folder.join(".probe");
        fs::write(&probe, b"")?;
        fs::remove_file(&probe)?;
        Ok(Self { folder: folder.to_owned(), troubles: Vec::new() })
    }

    /// What went wrong while it was read, in words.
    pub fn take_troubles(&mut self) -> Vec<String> {
        std::mem::take(&mut self.troubles)
    }

    fn path(&self, asset: &str, model: &str) -> PathBuf {
        // Ids are letters, digits, - and _ by the rules of site and type files; anything else stays out of a path.
        let safe = |text: &str| text.replace(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "_");
        self.folder.join(format!("{}.{}.json", safe(asset), safe(model)))
    }

    /// The state of a model; none if there is none, or if it is not usable: then it is put aside, and said.
    pub(super) fn read(&mut self, asset: &str, model: &str) -> Option<Stored> {
        let path = self.path(asset, model);
        let reason = match text(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => error.to_string(),
            Ok(text) => match serde_json::from_slice::<Stored>(&text) {
                Ok(stored) if stored.fits() => return Some(stored),
                Ok(_) => "its numbers are not usable".to_owned(),
                Err(error) => error.to_string(),
            },
        };
        let aside = path.with_extension("json.bad");
        let kept = match fs::rename(&path, &aside) {
            Ok(()) => format!("it is kept as {}", aside.display()),
            Err(error) => format!("and it cannot be put aside: {error}"),
        };
        self.troubles.push(format!(
            "{}: the stored state of {model} of {asset} is not usable ({reason}); the model starts anew, {kept}",
            path.display()
        ));
        None
    }

    pub(super) fn write(&self, asset: &str, model: &str, stored: &Stored) -> Result<(), StoreError> {
        let path = self.path(asset, model);
        let write = || {
            let text = serde_json::to_vec(stored).map_err(std::io::Error::other)?;
            let fresh = path.with_extension("json.new");
            let mut file = fs::File::create(&fresh)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().map_err(|source| StoreError { path: path.display().to_string(), source })
    }
}

fn text(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(std::io::Error::other(format!("it is larger than {MAX_FILE} bytes")));
    }
    Ok(text)
}
