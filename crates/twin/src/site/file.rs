//! Site and type files as they are written: typed, with the place of every value that can be wrong later.
//!
//! Not yet a site: repeats are not expanded and topics are not filled in ([`resolve`](super::resolve) does that).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::field::FieldFile;
use super::node::Node;
use super::problem::{FileText, Problem, ProblemSeverity, Problems, Spanned};
use super::procedure::ProcedureFile;
use super::read::{defaults, read};
use super::shape::{Shape, bound};
use super::start::StartFile;
use super::tables::TypeTables;
use super::viewpoint::ViewpointFile;
use super::{Estimator, Operations, Protocol, SimulatorKind, Stage, operations, shape_site, shape_type};

/// A site file.
#[derive(Clone, Debug, Default)]
pub struct SiteFile {
    /// Id, as used in topics.
    pub id: Spanned<String>,
    /// Name for people; the id if the file has none.
    pub name: String,
    /// ISO 4217 code of costs.
    pub currency: String,
    /// What the machines stand in.
    pub stage: Stage,
    /// Time of day in the scene, hours from midnight.
    pub hour: f64,
    /// What advice counts with, by key of `[economics]`.
    pub economics: BTreeMap<String, f64>,
    /// Who can work on the machines, and when.
    pub operations: Operations,
    /// Where telemetry comes from.
    pub sources: Vec<SourceFile>,
    /// The machines.
    pub assets: Vec<AssetFile>,
    /// Places from which it is walked.
    pub starts: Vec<StartFile>,
    pub(super) viewpoints: Vec<ViewpointFile>,
    pub(crate) text: Arc<FileText>,
}

/// One `[[source]]`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the keys of the file; `super::Source` has what they mean")]
pub struct SourceFile {
    pub id: Spanned<String>,
    pub url: Spanned<String>,
    pub protocol: Protocol,
    pub qos: u8,
    pub keep_alive_s: u16,
    pub username: Option<Spanned<String>>,
    pub password_file: Option<Spanned<String>>,
    pub password_env: Option<Spanned<String>>,
    pub ca_file: Option<Spanned<String>>,
    pub client_cert: Option<Spanned<String>>,
    pub client_key: Option<Spanned<String>>,
    pub alpn: Vec<Spanned<String>>,
    pub simulated: Option<Spanned<bool>>,
    pub max_packet: u32,
    pub max_topics: u32,
    pub max_json_depth: u16,
}

/// One `[[asset]]`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the keys of the file; `super::Asset` has what they mean")]
pub struct AssetFile {
    pub id: Spanned<String>,
    pub name: String,
    pub type_id: Spanned<String>,
    pub source: Option<Spanned<String>>,
    pub position: [f64; 3],
    pub heading_deg: f64,
    pub stand_in: Option<String>,
    pub time_lapse: Spanned<f64>,
    pub vars: BTreeMap<String, String>,
    pub(crate) span: Range<usize>,
}

/// A type file.
#[derive(Clone, Debug, Default)]
pub struct TypeFile {
    /// Id; the file is `<id>.toml`.
    pub id: Spanned<String>,
    /// Name for people; the id if the file has none.
    pub name: String,
    /// The model, relative to the folder of this file.
    pub model: Spanned<String>,
    /// The look of the model, if it offers several and the default one is not wanted (`KHR_materials_variants`).
    pub variant: Option<String>,
    /// The folder of this file, relative to the folder of the site file: `types`, `../../types`. The caller sets it
    /// where it found the file; empty: the same folder.
    pub folder_from_site: String,
    /// The machine that the simulator runs for assets of this type.
    pub simulator: Option<SimulatorKind>,
    /// Models for the engine; rows count from the first of the type.
    pub estimators: Vec<Estimator>,
    /// Number of parts, repeats counted.
    pub part_count: usize,
    pub(crate) tables: Arc<TypeTables>,
    pub(crate) fields: Vec<FieldFile>,
    pub(crate) procedures: Vec<ProcedureFile>,
    pub(crate) text: Arc<FileText>,
}

impl SiteFile {
    /// The folders, relative to that of the site file, in which a type file is looked for, in this order.
    pub const TYPE_FOLDERS: [&str; 3] = ["types", "../types", "../../types"];

    /// The ids of the types that the assets need, sorted, each once. Ids that are not valid (and could climb out of a
    /// folder) are left out; they are reported.
    #[must_use]
    pub fn type_ids(&self) -> Vec<String> {
        let ids = self.assets.iter().map(|asset| asset.type_id.value.as_str());
        let ids: BTreeSet<&str> = ids.filter(|id| super::rule::id(id).is_ok()).collect();
        ids.into_iter().map(str::to_owned).collect()
    }

    /// The problem of a type file that the caller found nowhere, at the first asset that needs it.
    #[must_use]
    pub fn missing_type(&self, id: &str) -> Problem {
        let span = self.assets.iter().find(|asset| asset.type_id.value == id).map(|asset| asset.type_id.span.clone());
        let hint = format!("looked for {id}.toml in {} beside this file", Self::TYPE_FOLDERS.join(", "));
        let message = format!("there is no type file for \"{id}\"");
        self.text.problem(ProblemSeverity::Error, &span.unwrap_or_default(), message, Some(hint))
    }
}

impl TypeFile {
    /// The model relative to the folder of the site file.
    #[must_use]
    pub fn model_path_from_site(&self) -> String {
        join(&self.folder_from_site, &self.model)
    }

    /// The model and its look: the key of the models that [`super::resolve`] takes, and [`super::Asset::model`].
    #[must_use]
    pub fn model_key(&self) -> String {
        let path = self.model_path_from_site();
        self.variant.as_ref().map_or_else(|| path.clone(), |variant| format!("{path}#{variant}"))
    }

    /// The problem of a model that the caller could not read, at the type's `model` key.
    #[must_use]
    pub fn model_problem(&self, message: &str, hint: Option<&str>) -> Problem {
        self.text.problem(ProblemSeverity::Error, &self.model.span, message.to_owned(), hint.map(str::to_owned))
    }

    /// A problem of an estimator, where the file names it.
    #[must_use]
    pub fn estimator_problem(&self, estimator: &Estimator, message: &str) -> Problem {
        let message = format!("estimator \"{}\": {message}", estimator.id);
        self.text.problem(ProblemSeverity::Error, &estimator.span, message, None)
    }

    /// A warning for each document that is not there, where the file names it. `is_there` gets its path relative to the
    /// folder of the site file.
    #[must_use]
    pub fn missing_documents(&self, is_there: impl Fn(&str) -> bool) -> Vec<Problem> {
        let missing = |(_, file): &&(String, Spanned<String>)| !is_there(&join(&self.folder_from_site, file));
        let problem = |(title, file): &(String, Spanned<String>)| {
            let message = format!("there is no document \"{}\" ({title})", file.value);
            let hint = "the path is relative to the folder of this file".to_owned();
            self.text.problem(ProblemSeverity::Warning, &file.span, message, Some(hint))
        };
        self.tables.documents.iter().filter(missing).map(problem).collect()
    }
}

/// Joins relative paths with `/`; `x/..` inside is taken out.
pub(crate) fn join(folder: &str, file: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(file.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// Reads a site file; `file` is its name in messages. Never gives up at the first problem.
#[must_use]
pub fn parse_site(text: &str, file: &str) -> (SiteFile, Vec<Problem>) {
    let (source, mut problems, node) = document(text, file, &shape_site::SITE_FILE);
    let Some(node) = node else {
        return (SiteFile { text: source, ..SiteFile::default() }, problems.finish());
    };
    let site = node.table("site");
    let id = site.and_then(|site| site.text("id")).unwrap_or_default();
    let site = SiteFile {
        name: site.and_then(|site| site.plain("name")).unwrap_or_else(|| id.value.clone()),
        id,
        currency: site.and_then(|site| site.plain("currency")).unwrap_or_default(),
        stage: match site.and_then(|site| site.plain("stage")).as_deref() {
            Some("studio") => Stage::Studio,
            _ => Stage::Landscape,
        },
        hour: site.and_then(|site| site.number("hour")).map_or(0.0, |hour| hour.value),
        economics: node.table("economics").map(Node::all_numbers).unwrap_or_default(),
        operations: node.table("operations").map(operations_file).unwrap_or_default(),
        sources: node.tables("source").iter().map(source_file).collect(),
        assets: node.tables("asset").iter().map(asset_file).collect(),
        starts: node.tables("start").iter().map(super::start::read).collect(),
        viewpoints: node.tables("viewpoint").iter().map(super::viewpoint::read).collect(),
        text: source,
    };
    super::check_site::check(&site, &mut problems);
    (site, problems.finish())
}

/// Reads a type file; `file` is its name in messages. Never gives up at the first problem.
#[must_use]
pub fn parse_type(text: &str, file: &str) -> (TypeFile, Vec<Problem>) {
    let (source, mut problems, node) = document(text, file, &shape_type::TYPE_FILE);
    let Some(node) = node else {
        return (TypeFile { text: source, ..TypeFile::default() }, problems.finish());
    };
    let tables = super::expand::expand(node.tables("part"), &mut problems);
    let estimators = super::estimator::read(node.tables("estimator"), &tables, &mut problems);
    let fields = super::field::fields(node.tables("field"), &tables, &mut problems);
    let procedures = super::procedure::files(node.tables("procedure"), &mut problems);
    let id = node.text("id").unwrap_or_default();
    let kind = TypeFile {
        name: node.plain("name").unwrap_or_else(|| id.value.clone()),
        id,
        model: node.text("model").unwrap_or_default(),
        variant: node.plain("variant"),
        folder_from_site: String::new(),
        simulator: node.plain("simulator").as_deref().and_then(SimulatorKind::from_name),
        estimators,
        part_count: tables.parts.len(),
        tables: Arc::new(tables),
        fields,
        procedures,
        text: source,
    };
    (kind, problems.finish())
}

/// The text as TOML, read by `shape`; `None` if it is not TOML.
pub(crate) fn document(text: &str, file: &str, shape: &'static Shape) -> (Arc<FileText>, Problems, Option<Node>) {
    if text.len() > bound::FILE {
        let source = Arc::new(FileText::new("", file));
        let mut problems = Problems::new(Arc::clone(&source));
        let message = format!("the file has {} bytes; at most {} are read", text.len(), bound::FILE);
        problems.error(&(0..0), message);
        return (source, problems, None);
    }
    let source = Arc::new(FileText::new(text, file));
    let mut problems = Problems::new(Arc::clone(&source));
    let node = match toml_edit::Document::parse(text) {
        Ok(document) => Some(read(shape, document.as_table(), 0..0, &mut problems)),
        Err(error) => {
            problems.error(&error.span().unwrap_or_default(), format!("not valid TOML: {}", error.message()));
            None
        }
    };
    (source, problems, node)
}

fn source_file(node: &Node) -> SourceFile {
    let limits_default;
    let limits = match node.table("limits") {
        Some(limits) => limits,
        None => {
            limits_default = defaults(&shape_site::LIMITS, node.span.clone());
            &limits_default
        }
    };
    let whole = |node: &Node, key: &str| node.integer(key).map_or(0, |number| number.value);
    SourceFile {
        id: node.text("id").unwrap_or_default(),
        url: node.text("url").unwrap_or_default(),
        protocol: match node.plain("protocol").as_deref() {
            Some("3.1.1") => Protocol::V311,
            Some("5") => Protocol::V5,
            _ => Protocol::Auto,
        },
        qos: u8::try_from(whole(node, "qos")).unwrap_or(0),
        keep_alive_s: node.millis("keep_alive").and_then(|ms| u16::try_from(ms.div_ceil(1_000)).ok()).unwrap_or(15),
        username: node.text("username"),
        password_file: node.text("password_file"),
        password_env: node.text("password_env"),
        ca_file: node.text("ca_file"),
        client_cert: node.text("client_cert"),
        client_key: node.text("client_key"),
        alpn: node.texts("alpn"),
        simulated: node.flag("simulated"),
        max_packet: u32::try_from(whole(limits, "packet")).unwrap_or(u32::MAX),
        max_topics: u32::try_from(whole(limits, "topics")).unwrap_or(u32::MAX),
        max_json_depth: u16::try_from(whole(limits, "json_depth")).unwrap_or(32),
    }
}

fn operations_file(node: &Node) -> Operations {
    let crews = node.integer("crews").and_then(|crews| u32::try_from(crews.value).ok());
    // What is no span of days is reported where it is read.
    let windows = node.texts("windows").iter().filter_map(|days| operations::days(days).ok()).collect();
    Operations { crews: crews.unwrap_or(1), windows }
}

fn asset_file(node: &Node) -> AssetFile {
    let id = node.text("id").unwrap_or_default();
    AssetFile {
        name: node.plain("name").unwrap_or_else(|| id.value.clone()),
        id,
        type_id: node.text("type").unwrap_or_default(),
        source: node.text("source"),
        position: node.numbers("position").map_or([0.0; 3], |position| position.value),
        heading_deg: node.number("heading_deg").map_or(0.0, |heading| heading.value),
        stand_in: node.plain("stand_in"),
        time_lapse: node.number("time_lapse").unwrap_or_else(|| Spanned::new(1.0, node.span.clone())),
        vars: node.vars("vars"),
        span: node.span.clone(),
    }
}
