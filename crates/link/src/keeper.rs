//! Keeps records of procedures as files: a folder, a thread, and one file a run that is replaced whole.
//!
//! Records of runs that were broken off are read once, at the start: somebody may want to go on.
//!
//! Whoever hands over a record never waits: of a file that is not written yet the newest text counts. A file is written
//! beside its place and moved there, so that it is whole or not there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use twinscope_twin::procedure::{MOST_RECORD, Unfinished};
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
    /// Runs that were broken off before this session, by the folder of their procedure, while they are the newest there.
    unfinished: BTreeMap<String, Arc<Unfinished>>,
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
    /// Starts the thread, which looks first for runs of this site that were broken off. The folder is made with the first
    /// record. What cannot be written is told through `sink`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(folder: PathBuf, site: &str, sink: Sink) -> Result<Self, std::io::Error> {
        let shared = Arc::new(Shared { folder, state: Mutex::default(), more: Condvar::new() });
        let thread = std::thread::Builder::new().name("records".to_owned()).spawn({
            let (shared, site) = (Arc::clone(&shared), site.to_owned());
            move || {
                let found = unfinished(&shared.folder, &site);
                shared.state().unfinished = found;
                run(&shared, &sink);
            }
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
        {
            let mut state = self.shared.state();
            // It is this run that goes on, or a newer one.
            if let Some((procedure, _)) = kept.file.rsplit_once('/') {
                state.unfinished.remove(procedure);
            }
            state.waiting.insert(kept.file.clone(), kept);
        }
        self.shared.more.notify_one();
    }

    /// Runs that were broken off before this session: of each procedure at an asset the newest, until it goes on or another one
    /// is begun.
    #[must_use]
    pub fn unfinished(&self) -> Vec<Arc<Unfinished>> {
        self.shared.state().unfinished.values().cloned().collect()
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

/// Most folders and files that are looked at: a person has some hundred.
const MOST_FILES: usize = 10_000;

/// The runs of a site that were broken off, by the folder of their procedure: where the newest record says that it goes on.
/// What cannot be read is no run that somebody could go on with.
fn unfinished(folder: &Path, site: &str) -> BTreeMap<String, Arc<Unfinished>> {
    let inside =
        |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).take(MOST_FILES);
    let procedures = inside(folder.join(site)).flat_map(inside).take(MOST_FILES);
    let of = |procedure: PathBuf| {
        let is_record = |path: &PathBuf| path.extension().is_some_and(|end| end == "json");
        // Runs are named by their time.
        let newest = inside(procedure).filter(is_record).max()?;
        let about = fs::metadata(&newest).ok()?;
        if !about.is_file() || about.len() > MOST_RECORD as u64 {
            return None;
        }
        let found = Unfinished::read(&fs::read(&newest).ok()?).ok()??;
        let procedure = format!("{}/{}/{}", found.site, found.asset, found.procedure);
        // A copy under another name is not what would be written.
        (folder.join(&procedure).join(format!("{}.json", found.run)) == newest).then(|| (procedure, Arc::new(found)))
    };
    procedures.filter_map(of).collect()
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
        let keeper = Keeper::spawn(folder.path().join("records"), "ridge", sink).unwrap();
        for n in 0..100 {
            keeper.keep(kept("ridge/wt-01/oil/1-0.json", &format!("{{\"n\":{n}}}")));
        }
        drop(keeper);
        let path = folder.path().join("records/ridge/wt-01/oil/1-0.json");
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"n\":99}");
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half written is left");
    }

    fn record(run: &str, state: &str) -> String {
        format!(
            r#"{{"site":"ridge","asset":"wt-01","procedure":"oil","sha256":"ab","run":"{run}","by":"N. N.","started_at":1,
               "state":"{state}","steps":[{{"state":"open"}}]}}"#
        )
    }

    #[test]
    fn the_newest_run_of_a_procedure_is_found_if_it_was_broken_off() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, text: String| {
            let path = folder.path().join("ridge/wt-01").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("oil/1-0.json", record("1-0", "running"));
        write("oil/2-0.json", record("2-0", "running"));
        write("oil/3-0.json.new", record("3-0", "running"));
        assert_eq!(runs(folder.path()), ["2-0"]);
        for (newest, text) in [
            ("4-0.json", record("4-0", "finished")),
            ("5-0.json", "not a record".to_owned()),
            ("copy.json", record("6-0", "running")),
        ] {
            write(&format!("oil/{newest}"), text);
            assert_eq!(runs(folder.path()), [""; 0], "{newest}");
        }
    }

    fn runs(folder: &Path) -> Vec<String> {
        unfinished(folder, "ridge").values().map(|found| found.run.clone()).collect()
    }

    #[test]
    fn a_run_that_was_broken_off_is_offered_until_it_goes_on_or_another_one_begins() {
        for taken_up in ["ridge/wt-01/oil/1-0.json", "ridge/wt-01/oil/2-0.json"] {
            let folder = tempfile::tempdir().unwrap();
            let oil = folder.path().join("ridge/wt-01/oil");
            fs::create_dir_all(&oil).unwrap();
            fs::write(oil.join("1-0.json"), record("1-0", "running")).unwrap();
            let (sink, _receiver) = sink::channel(Limits::default());
            let keeper = Keeper::spawn(folder.path().to_path_buf(), "ridge", sink).unwrap();
            let patience = std::time::Instant::now() + std::time::Duration::from_secs(30);
            while keeper.unfinished().is_empty() {
                assert!(std::time::Instant::now() < patience, "it is not found");
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            keeper.keep(kept("ridge/wt-02/oil/2-1.json", "{}"));
            assert_eq!(keeper.unfinished().len(), 1, "another machine");
            keeper.keep(kept(taken_up, "{}"));
            assert_eq!(keeper.unfinished(), []);
        }
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ridge"), "a file where a folder should be").unwrap();
        for file in ["ridge/wt-01/oil/1-0.json", "../1-0.json", "a//b.json"] {
            let (sink, receiver) = sink::channel(Limits::default());
            let keeper = Keeper::spawn(folder.path().to_path_buf(), "ridge", sink).unwrap();
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
