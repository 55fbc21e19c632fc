//! From a path to a site with its models: reads the files, runs every check, and keeps all problems.
//!
//! `twinscope check` prints what comes out; every other command starts from the same [`load`] and goes on with what
//! is sound. Reading files is done here, judging them in `twinscope_twin::site` and in [`crate::model`].
//!
//! Invariants: only a site file that cannot be read at all is an error; a missing type or a broken model is a problem
//! among the others. Nothing read here is larger than its bound, and nothing but regular files is opened.

mod fields;
mod report;
#[cfg(test)]
mod tests;
mod tour;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use twinscope_prognosis::Switch;
use twinscope_prognosis::living::LivingModel;
use twinscope_twin::site::{
    Asset, ModelNodes, Problem, ProblemSeverity, Site, SiteFile, Spanned, Stage, TypeFile, parse_site, parse_type,
    resolve,
};

use crate::model::{Checked, Limits, ModelError, check, check_variant};

pub use fields::FieldTable;
pub use report::{Ink, report_json, report_text};
pub use tour::{LoadedTour, load_tour, usual_tour};

/// Largest site or type file, bytes.
const MOST_TEXT: u64 = 4 << 20;
/// A folder with more type files than this is not searched for a similar name.
const MOST_TYPES: usize = 1_000;

/// A site as read, with everything that is wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// The site, as far as it could be resolved.
    pub site: Arc<Site>,
    /// The folder of the site file, to which [`Site`]'s paths are relative.
    pub base_dir: PathBuf,
    /// Everything that is wrong, file by file, the site file first.
    pub problems: Vec<Problem>,
    /// The models by [`twinscope_twin::site::Asset::model`].
    pub models: BTreeMap<String, Result<Checked, ModelError>>,
    /// The points of the types' fields, as far as they could be read.
    pub points: Vec<FieldTable>,
    /// The text of each file that was read, by the name that problems give it.
    pub sources: BTreeMap<String, String>,
}

impl Loaded {
    /// Number of problems of this severity.
    #[must_use]
    pub fn count(&self, severity: ProblemSeverity) -> usize {
        self.problems.iter().filter(|p| p.severity == severity).count()
    }
}

/// Why there is no site at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what} ({remedy})")]
pub struct LoadError {
    /// The site file.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl LoadError {
    /// It as the one problem of a report.
    #[must_use]
    pub fn problem(&self) -> Problem {
        whole_file(&self.file, &self.what, &self.remedy)
    }
}

/// Reads a site file, or the `site.toml` of a folder, with its types and models.
///
/// # Errors
///
/// When the site file itself cannot be read.
pub fn load(path: &Path) -> Result<Loaded, LoadError> {
    load_with(path, &Limits::default())
}

/// [`load`] with other bounds on the models.
///
/// # Errors
///
/// When the site file itself cannot be read.
pub fn load_with(path: &Path, limits: &Limits) -> Result<Loaded, LoadError> {
    if is_model(path) {
        return Ok(alone(path, limits));
    }
    let path = if path.is_dir() { path.join("site.toml") } else { path.to_path_buf() };
    let site_name = shown(&path);
    let text = read_text(&path).map_err(|fault| LoadError {
        file: site_name.clone(),
        what: fault.what,
        remedy: fault.remedy,
    })?;
    let base_dir = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let (site_file, mut problems) = parse_site(&text, &site_name);
    problems.append(&mut check_files(&site_file, &text, &site_name, &base_dir));
    let mut reader = Reader {
        base_dir,
        limits,
        problems,
        types: BTreeMap::new(),
        models: BTreeMap::new(),
        sources: BTreeMap::from([(site_name.clone(), text)]),
    };
    for id in site_file.type_ids() {
        reader.read_type(&site_file, &id);
    }
    reader.read_procedures();
    reader.read_models();
    let nodes: BTreeMap<String, ModelNodes> = reader
        .models
        .iter()
        .filter_map(|(key, model)| Some((key.clone(), model.as_ref().ok()?.index.to_nodes())))
        .collect();
    let (site, mut more) = resolve(&site_file, &reader.types, &nodes);
    let mut problems = reader.problems;
    problems.append(&mut more);
    let mut points = Vec::new();
    for file in reader.types.values() {
        let model = reader.models.get(&file.model_path_from_site());
        points.append(&mut fields::tables(file, &reader.base_dir, model, &mut problems));
    }
    for file in reader.types.values() {
        problems.extend(file.estimators.iter().filter_map(|estimator| {
            let message = LivingModel::of(estimator, 0, &|name| trained(&reader.base_dir, file, name)).err()?;
            Some(file.estimator_problem(estimator, &message))
        }));
        let is_there = |document: &str| reader.base_dir.join(document).is_file();
        problems.append(&mut file.missing_documents(is_there));
        problems.append(&mut file.missing_pictures(is_there));
        let switches: Vec<_> = file.simulator.into_iter().flat_map(Switch::of).map(Switch::name).collect();
        problems.append(&mut file.unknown_switches(&switches));
    }
    problems.sort_by(|a, b| {
        let key = |p: &Problem| (p.file != site_name, p.file.clone(), p.line, p.column);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    problems.dedup();
    Ok(Loaded {
        site: Arc::new(site),
        base_dir: reader.base_dir,
        problems,
        models: reader.models,
        points,
        sources: reader.sources,
    })
}

/// The bytes of a trained model that a type file names.
fn trained(base_dir: &Path, file: &TypeFile, name: &str) -> Result<Vec<u8>, String> {
    /// Largest file, bytes.
    const MOST: u64 = 64 << 20;
    if Path::new(name).is_absolute() {
        return Err(format!("{name}: the path must be relative to the type file"));
    }
    read_bytes(&base_dir.join(&file.folder_from_site).join(name), MOST)
        .map_err(|fault| format!("{name}: {}", fault.what))
}

/// A model, by the end of its name.
fn is_model(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("glb") || end.eq_ignore_ascii_case("gltf"))
}

/// A site of one machine without sources, made of a model: every named node is a part.
fn alone(path: &Path, limits: &Limits) -> Loaded {
    let (name, key) = (file_name(path), path.to_string_lossy().into_owned());
    let model = check(path, limits);
    let mut site = Site { id: "model".to_owned(), name: name.clone(), stage: Stage::Studio, ..Site::default() };
    let mut problems = Vec::new();
    match &model {
        Ok(checked) => {
            // Stands on the ground, in the middle.
            let [min, max] = checked.index.totals.bounds.unwrap_or_default();
            let position = [-(min[0] + max[0]) * 0.5, -min[1], -(min[2] + max[2]) * 0.5];
            let made =
                crate::model::machine(&checked.index, crate::model::asset_id(&name), &name, key.clone(), position);
            let parts = u32::try_from(made.parts.len()).unwrap_or(u32::MAX);
            site.assets.push(Asset { parts: 0..parts, ..made.asset });
            site.parts = made.parts;
            for warning in &checked.warnings {
                problems.push(Problem {
                    severity: ProblemSeverity::Warning,
                    hint: None,
                    ..whole_file(&name, warning, "")
                });
            }
        }
        Err(e) => {
            let what = if e.place.is_empty() { e.what.clone() } else { format!("{}: {}", e.place, e.what) };
            problems.push(whole_file(&name, &what, &e.remedy));
        }
    }
    Loaded {
        site: Arc::new(site),
        base_dir: path.parent().map_or_else(PathBuf::new, Path::to_path_buf),
        problems,
        models: BTreeMap::from([(key, model)]),
        points: Vec::new(),
        sources: BTreeMap::new(),
    }
}

/// What was read so far.
struct Reader<'a> {
    base_dir: PathBuf,
    limits: &'a Limits,
    problems: Vec<Problem>,
    types: BTreeMap<String, TypeFile>,
    models: BTreeMap<String, Result<Checked, ModelError>>,
    sources: BTreeMap<String, String>,
}

impl Reader<'_> {
    /// Finds and reads the file of one type.
    fn read_type(&mut self, site: &SiteFile, id: &str) {
        for folder in SiteFile::TYPE_FOLDERS {
            let path = self.base_dir.join(folder).join(format!("{id}.toml"));
            let name = shown(&path);
            match read_text(&path) {
                Ok(text) => {
                    let (mut file, mut problems) = parse_type(&text, &name);
                    folder.clone_into(&mut file.folder_from_site);
                    self.problems.append(&mut problems);
                    self.sources.insert(name, text);
                    self.types.insert(id.to_owned(), file);
                    return;
                }
                Err(fault) if fault.missing => {}
                Err(fault) => {
                    self.problems.push(whole_file(&name, &fault.what, &fault.remedy));
                    return;
                }
            }
        }
        let mut problem = site.missing_type(id);
        if let Some(near) = nearest(id, &self.type_files()) {
            let looked = problem.hint.take().map(|hint| format!("; {hint}")).unwrap_or_default();
            problem.hint = Some(format!("did you mean \"{near}\"?{looked}"));
        }
        self.problems.push(problem);
    }

    /// The ids of the type files that are there.
    fn type_files(&self) -> BTreeSet<String> {
        let folders = SiteFile::TYPE_FOLDERS.iter().filter_map(|f| std::fs::read_dir(self.base_dir.join(f)).ok());
        folders
            .flat_map(|entries| entries.take(MOST_TYPES).filter_map(Result::ok))
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
            .collect()
    }

    /// Reads the procedures of each type.
    fn read_procedures(&mut self) {
        for file in self.types.values_mut() {
            for (index, procedure) in file.procedure_files().into_iter().enumerate() {
                let path = self.base_dir.join(&procedure);
                match read_text(&path) {
                    Ok(text) => {
                        let name = shown(&path);
                        self.problems.append(&mut file.read_procedure(index, &text, &name));
                        self.sources.insert(name, text);
                    }
                    Err(fault) => {
                        let hint = if fault.missing {
                            "the path is relative to the folder of this file"
                        } else {
                            &fault.remedy
                        };
                        self.problems.push(file.procedure_problem(index, &fault.what, hint));
                    }
                }
            }
        }
    }

    /// Checks the model of each type, each once.
    fn read_models(&mut self) {
        for file in self.types.values().filter(|file| !file.model.is_empty()) {
            let limits = self.limits;
            let path = self.base_dir.join(file.model_path_from_site());
            let variant = file.variant.as_deref();
            let model = self.models.entry(file.model_key()).or_insert_with(|| check_variant(&path, variant, limits));
            match model {
                Ok(checked) => {
                    for warning in &checked.warnings {
                        let mut problem = file.model_problem(&format!("{}: {warning}", file_name(&path)), None);
                        problem.severity = ProblemSeverity::Warning;
                        self.problems.push(problem);
                    }
                }
                Err(e) => {
                    let mut place = file_name(Path::new(&e.file));
                    if !e.place.is_empty() {
                        place = format!("{place}: {}", e.place);
                    }
                    let hint = (!e.remedy.is_empty()).then_some(e.remedy.as_str());
                    self.problems.push(file.model_problem(&format!("{place}: {}", e.what), hint));
                }
            }
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.to_string_lossy().into_owned(), |n| n.to_string_lossy().into_owned())
}

/// A problem of a file as a whole.
fn whole_file(name: &str, what: &str, remedy: &str) -> Problem {
    Problem {
        severity: ProblemSeverity::Error,
        file: name.to_owned(),
        span: None,
        line: 0,
        column: 0,
        message: what.to_owned(),
        hint: Some(remedy.to_owned()),
    }
}

/// The files that sources name. A site can be checked where its secrets are not, so these are warnings.
fn check_files(site: &SiteFile, text: &str, name: &str, base: &Path) -> Vec<Problem> {
    let mut out = Vec::new();
    let mut warn = |span: &std::ops::Range<usize>, message: String, hint: &str| {
        let (line, column) = position(text, span.start);
        out.push(Problem {
            severity: ProblemSeverity::Warning,
            file: name.to_owned(),
            span: Some(span.clone()),
            line,
            column,
            message,
            hint: Some(hint.to_owned()),
        });
    };
    for source in &site.sources {
        let named: [(&Option<Spanned<String>>, bool); 4] = [
            (&source.password_file, true),
            (&source.ca_file, false),
            (&source.client_cert, false),
            (&source.client_key, true),
        ];
        for (file, secret) in named {
            let Some(file) = file.as_ref().filter(|file| !file.value.is_empty()) else { continue };
            let path = base.join(&file.value);
            if !path.is_file() {
                let message = format!("there is no file \"{}\"", file.value);
                warn(&file.span, message, "the path is relative to this file; without it the source cannot connect");
            } else if secret && others_may_read(&path) {
                let message = format!("everyone on this machine may read \"{}\"", file.value);
                warn(&file.span, message, "take the permission away: chmod 600");
            }
        }
    }
    out
}

#[cfg(unix)]
fn others_may_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|m| m.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_path: &Path) -> bool {
    false
}

/// Line and column of a byte, both counted from 1, columns in characters.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().filter(|&c| c != '\u{feff}').count() + 1;
    (line, column)
}

/// Why a text could not be read.
struct Fault {
    missing: bool,
    what: String,
    remedy: String,
}

fn read_text(path: &Path) -> Result<String, Fault> {
    let bytes = read_bytes(path, MOST_TEXT)?;
    String::from_utf8(bytes).map_err(|e| Fault {
        missing: false,
        what: format!("it is not UTF-8 (byte {})", e.utf8_error().valid_up_to()),
        remedy: "save the file as UTF-8".to_owned(),
    })
}

fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    let fault = |what: String, remedy: &str| Fault { missing: false, what, remedy: remedy.to_owned() };
    let io = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Fault {
            missing: true,
            what: "there is no such file".to_owned(),
            remedy: "check the path; `twinscope demo` runs without one".to_owned(),
        },
        _ => fault(format!("it cannot be read: {e}"), "check its permissions"),
    };
    // Asked before opening: opening a pipe waits for its writer.
    if !path.metadata().map_err(io)?.is_file() {
        return Err(fault("this is not a file".to_owned(), "name the .toml file itself"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(io)?;
    if bytes.len() as u64 > most {
        return Err(fault(format!("it is larger than {} MiB", most >> 20), "this is not a site or type file"));
    }
    Ok(bytes)
}

/// A path for people: `/` between parts, and without the detours that joining makes.
fn shown(path: &Path) -> String {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out.to_string_lossy().replace('\\', "/")
}

/// The name nearest to `word` by edits, if a third of its letters or fewer differ.
fn nearest<'a>(word: &str, names: &'a BTreeSet<String>) -> Option<&'a str> {
    let best = names.iter().map(|name| (edits(word, name), name)).min()?;
    (best.0 <= (word.chars().count() / 3).max(1)).then_some(best.1.as_str())
}

/// Levenshtein distance (1966).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, &y) in row.iter_mut().skip(1).zip(&b) {
            let here = (diagonal + usize::from(x != y)).min(*cell + 1).min(left + 1);
            (diagonal, *cell, left) = (*cell, here, here);
        }
    }
    row.last().copied().unwrap_or(0)
}
