//! Keeps records of procedures as files: a folder, a thread, and one file a run that is replaced whole.
//!
//! Whoever hands over a record never waits: of a file that is not written yet the newest text counts. A file is written
//! beside its place and moved there, so that it is whole or not there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use twinscope_twin::state::{Kept, LinkEvent};

use crate::sink::Sink;

/// `$XDG_STATE_HOME`, else `~/.local/state` (XDG Base Directory Specification 0.8).
#[must_use]
pub fn state_home() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());
    absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
}

/// Keeps records. Dropping it writes what waits, and ends its thread.
#[derive(Debug)]
pub struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeMap<String, Kept>,
    last: Option<Written>,
    closed: bool,
}

/// How the last writing went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which file, relative to the folder.
    pub file: String,
    /// Where it is, or why it is not.
    pub result: Result<PathBuf, String>,
}

impl Keeper {
    /// Starts the thread. The folder is made with the first record. What cannot be written is told through `sink`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(folder: PathBuf, sink: Sink) -> Result<Self, std::io::Error> {
        let shared = Arc::new(Shared { folder, state: Mutex::default(), more: Condvar::new() });
        let thread = std::thread::Builder::new().name("records".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || run(&shared, &sink)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The folder of the records.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// Takes a record. Never blocks on a disk.
    pub fn keep(&self, kept: Kept) {
        self.shared.state().waiting.insert(kept.file.clone(), kept);
        self.shared.more.notify_one();
    }

    /// How the last writing went; `None` before the first.
    #[must_use]
    pub fn last(&self) -> Option<Written> {
        self.shared.state().last.clone()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.more.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(shared: &Shared, sink: &Sink) {
    loop {
        let next = {
            let mut state = shared.state();
            loop {
                if let Some((_, kept)) = state.waiting.pop_first() {
                    break kept;
                }
                if state.closed {
                    return;
                }
                state = shared.more.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let result = write(&shared.folder, &next);
        if let Err(reason) = &result {
            let message = format!("the record of the procedure is not kept as a file: {reason}");
            sink.event(next.source, LinkEvent::Trouble { message });
        }
        shared.state().last = Some(Written { file: next.file, result });
    }
}

/// Writes a record beside its place and moves it there.
fn write(folder: &Path, kept: &Kept) -> Result<PathBuf, String> {
    // Ids are letters, digits, - and _ by the rules of site and type files; anything else stays out of a path.
    let is_level = |level: &str| {
        !level.starts_with('.')
            && !level.is_empty()
            && level.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    if !kept.file.split('/').all(is_level) {
        return Err(format!("\"{}\" is no path of a record", kept.file));
    }
    let path = folder.join(&kept.file);
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let fresh = path.with_extension("json.new");
        let mut file = fs::File::create(&fresh)?;
        file.write_all(&kept.json)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)
    };
    write().map_err(|error: std::io::Error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use twinscope_twin::site::SourceRow;

    use super::*;
    use crate::sink::{self, Item, Limits, Received};

    fn kept(file: &str, text: &str) -> Kept {
        Kept { source: SourceRow(0), file: file.to_owned(), json: text.as_bytes().to_vec() }
    }

    #[test]
    fn the_newest_record_of_a_run_is_what_the_file_holds() {
        let folder = tempfile::tempdir().unwrap();
        let (sink, _receiver) = sink::channel(Limits::default());
        let keeper = Keeper::spawn(folder.path().join("records"), sink).unwrap();
        for n in 0..100 {
            keeper.keep(kept("ridge/wt-01/oil/1-0.json", &format!("{{\"n\":{n}}}")));
        }
        drop(keeper);
        let path = folder.path().join("records/ridge/wt-01/oil/1-0.json");
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"n\":99}");
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half written is left");
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ridge"), "a file where a folder should be").unwrap();
        for file in ["ridge/wt-01/oil/1-0.json", "../1-0.json", "a//b.json"] {
            let (sink, receiver) = sink::channel(Limits::default());
            let keeper = Keeper::spawn(folder.path().to_path_buf(), sink).unwrap();
            keeper.keep(kept(file, "{}"));
            match receiver.recv(std::time::Duration::from_secs(30)) {
                Received::Item(Item::Link { event: LinkEvent::Trouble { message }, .. }) => {
                    assert!(message.starts_with("the record of the procedure is not kept as a file: "), "{message}");
                }
                other => panic!("{file}: {other:?}"),
            }
        }
    }
}
