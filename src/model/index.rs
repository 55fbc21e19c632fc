//! What is in a model: its nodes by path, as the domain and the viewer address them.

use std::collections::{BTreeMap, BTreeSet};

use gltf::json::Root;
use serde_json::value::RawValue;
use twinscope_twin::site::{ModelNode, ModelNodes};

use super::error::{ErrorKind, ModelError};
use super::fields::ModelField;
use super::meshes::{MeshInfo, union};
use super::tree::{Tree, transform_bounds};

/// Paths that occur more than once are told up to this number.
const MOST_TOLD: usize = 100;
/// Bytes of all paths together: a long name at the root is repeated in each of them.
const MOST_PATH_BYTES: usize = 256 << 20;

/// The nodes of the scene that is shown, and sums over them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartIndex {
    /// The nodes, parents before children, children in the order of the file.
    pub nodes: Vec<Node>,
    /// Index of the scene that these nodes are in: the one to spawn.
    pub scene: usize,
    /// Sums.
    pub totals: Totals,
    /// Nodes without a name.
    pub unnamed: usize,
    /// Paths of more than one node, sorted, the first hundred.
    pub duplicate_paths: Vec<String>,
    /// `part_id`s of more than one node, sorted, the first hundred.
    pub duplicate_part_ids: Vec<String>,
    /// The program that wrote the file.
    pub generator: Option<String>,
    /// Whose the model is.
    pub copyright: Option<String>,
    /// Version of glTF.
    pub version: String,
    /// Extensions that the file uses.
    pub extensions: Vec<String>,
    /// Fields on its surfaces.
    pub fields: Vec<ModelField>,
    /// Looks that the model offers (`KHR_materials_variants`).
    pub variants: Vec<String>,
    /// What was decoded of it before the loader could read it, one phrase each.
    pub decoded: Vec<String>,
}

/// One node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Its index in the glTF file.
    pub gltf: usize,
    /// Names from the root, joined with `/`; nodes without a name are called as the loader calls their entities.
    pub path: String,
    /// Its own name.
    pub name: Option<String>,
    /// `part_id` of its extras.
    pub part_id: Option<String>,
    /// Row of its parent in [`PartIndex::nodes`].
    pub parent: Option<usize>,
    /// Levels below the root.
    pub depth: usize,
    /// Index of its mesh in the glTF file.
    pub mesh: Option<usize>,
    /// Primitives of its mesh: each is one drawn entity.
    pub primitives: usize,
    /// Triangles of its mesh.
    pub triangles: u64,
    /// What its extras are.
    pub extras: ExtrasKind,
    /// The texts, numbers and truths of its extras and of the objects in them (`mass_kg`, `plate.maker`), fit for a screen.
    pub facts: Vec<(String, String)>,
    /// Materials of its mesh, by name, each once.
    pub materials: Vec<String>,
    /// Box around its mesh, world space, m.
    pub bounds: Option<[[f64; 3]; 2]>,
}

/// What the extras of a node are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtrasKind {
    /// There are none.
    #[default]
    None,
    /// An object without `part_id`.
    Object,
    /// An object with a `part_id` that is a text or a whole number.
    PartId,
    /// An object with a `part_id` that is something else.
    BadPartId,
    /// Not an object.
    Other,
}

/// Sums over a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Nodes of the scene.
    pub nodes: usize,
    /// Nodes with a `part_id`.
    pub part_ids: usize,
    /// Nodes with a mesh.
    pub with_mesh: usize,
    /// Meshes in the file.
    pub meshes: usize,
    /// Primitives that are drawn.
    pub primitives: usize,
    /// Triangles that are drawn; shared meshes count for each node.
    pub triangles: u64,
    /// Vertices in memory; shared meshes count once.
    pub vertices: u64,
    /// Materials in the file.
    pub materials: usize,
    /// Textures in the file.
    pub textures: usize,
    /// Images in the file.
    pub images: usize,
    /// Animations in the file.
    pub animations: usize,
    /// Skins in the file.
    pub skins: usize,
    /// Cameras in the file.
    pub cameras: usize,
    /// Scenes in the file.
    pub scenes: usize,
    /// Bytes of the model and its files.
    pub bytes: u64,
    /// Box around everything drawn, world space, m.
    pub bounds: Option<[[f64; 3]; 2]>,
}

impl Node {
    /// The name of the entity that the loader makes of this node.
    #[must_use]
    pub fn entity_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("GltfNode{}", self.gltf))
    }
}

impl PartIndex {
    /// The node tree as the domain needs it.
    #[must_use]
    pub fn to_nodes(&self) -> ModelNodes {
        ModelNodes {
            nodes: self
                .nodes
                .iter()
                .map(|n| ModelNode { path: n.path.clone(), part_id: n.part_id.clone(), parent: n.parent })
                .collect(),
        }
    }

    /// The first node that an address of a type file finds, as [`ModelNodes::find`] does.
    #[must_use]
    pub fn find(&self, node: &str) -> Option<usize> {
        if let Some(id) = node.strip_prefix("id:") {
            return self.nodes.iter().position(|n| n.part_id.as_deref() == Some(id));
        }
        let ends = |n: &Node| n.path.strip_suffix(node).is_some_and(|head| head.ends_with('/'));
        self.nodes.iter().position(|n| n.path == node).or_else(|| self.nodes.iter().position(ends))
    }

    /// Builds the index of a checked document.
    pub(super) fn build(root: &Root, tree: &Tree, meshes: &[MeshInfo]) -> Result<Self, ModelError> {
        let mut out = Self { scene: tree.scene, ..Self::default() };
        let mut path_bytes = 0usize;
        for placed in &tree.nodes {
            let Some(gltf) = root.nodes.get(placed.gltf) else { continue };
            let (part_id, extras) = gltf.extras.as_deref().map_or((None, ExtrasKind::None), |raw| part_id(raw.get()));
            let mesh = gltf.mesh.map(|m| m.value());
            let info = mesh.and_then(|m| meshes.get(m)).copied().unwrap_or_default();
            let mut node = Node {
                gltf: placed.gltf,
                path: String::new(),
                name: gltf.name.clone(),
                part_id,
                parent: placed.parent,
                depth: placed.depth,
                mesh,
                primitives: info.primitives,
                triangles: info.triangles,
                extras,
                facts: gltf.extras.as_deref().map_or_else(Vec::new, |raw| facts(raw.get())),
                materials: mesh.map_or_else(Vec::new, |mesh| materials(root, mesh)),
                bounds: info.bounds.map(|b| transform_bounds(&placed.world, b)),
            };
            let own = node.entity_name();
            node.path = match placed.parent.and_then(|p| out.nodes.get(p)) {
                Some(parent) => format!("{}/{own}", parent.path),
                None => own,
            };
            path_bytes = path_bytes.saturating_add(node.path.len());
            if path_bytes > MOST_PATH_BYTES {
                return Err(ModelError::new(ErrorKind::Limit, "nodes", "the names of the nodes are too long")
                    .with_remedy("shorten the names, or flatten the assembly"));
            }
            out.unnamed += usize::from(node.name.is_none());
            out.totals.add(&node);
            out.nodes.push(node);
        }
        let totals = &mut out.totals;
        totals.meshes = root.meshes.len();
        totals.vertices = meshes.iter().map(|m| m.vertices).sum();
        totals.materials = root.materials.len();
        totals.textures = root.textures.len();
        totals.images = root.images.len();
        totals.animations = root.animations.len();
        totals.skins = root.skins.len();
        totals.cameras = root.cameras.len();
        totals.scenes = root.scenes.len();
        out.duplicate_paths = twice(out.nodes.iter().map(|n| n.path.as_str()));
        out.duplicate_part_ids = twice(out.nodes.iter().filter_map(|n| n.part_id.as_deref()));
        Ok(out)
    }

    /// What a program that makes models smaller has done to the parts: it keeps the look, and not what a twin binds to.
    fn optimised(&self) -> Option<String> {
        let generator = self.generator.as_deref().unwrap_or_default();
        if !["gltfpack", "glTF-Transform"].iter().any(|name| generator.starts_with(name)) {
            return None;
        }
        let drawn = self.nodes.iter().filter(|node| node.mesh.is_some());
        let (mut parts, mut unnamed, mut merged) = (0, 0, 0);
        for node in drawn {
            parts += 1;
            unnamed += usize::from(node.name.is_none());
            merged += usize::from(node.primitives > 1);
        }
        (unnamed > 0 || merged > 0).then(|| {
            format!(
                "{parts} parts, {unnamed} unnamed, {merged} merged of several surfaces: if that is fewer than were made, \
                 keep names and parts when it is optimised (gltfpack -kn; glTF-Transform without instance, join and flatten)"
            )
        })
    }

    /// What a person should know of these names.
    pub(super) fn warnings(&self) -> Vec<String> {
        use super::error::printable;
        let mut out = Vec::new();
        if self.unnamed > 0 {
            out.push(format!(
                "{} of {} nodes have no name: bind them by `part_id`, or name them before the model is exported",
                self.unnamed,
                self.nodes.len()
            ));
        }
        out.extend(self.optimised());
        let mut list = |what: &str, names: &[String], then: &str| {
            /// A line for a person.
            const SHOWN: usize = 5;
            if let Some(more) = names.len().checked_sub(1) {
                let shown: Vec<_> = names.iter().take(SHOWN).map(|n| printable(n)).collect();
                let rest = if more >= SHOWN { ", …" } else { "" };
                out.push(format!("{what}: {}{rest}; {then}", shown.join(", ")));
            }
        };
        list("several nodes have the same path", &self.duplicate_paths, "only the first of each can be bound by path");
        list("several nodes have the same part_id", &self.duplicate_part_ids, "only the first of each can be bound");
        let bad = self.nodes.iter().filter(|n| n.extras == ExtrasKind::BadPartId).count();
        if bad > 0 {
            out.push(format!("{bad} nodes have a part_id that is no text: it is not read"));
        }
        if self.totals.scenes > 1 {
            out.push(format!("the file has {} scenes: only scene {} is shown", self.totals.scenes, self.scene));
        }
        if self.totals.animations > 0 {
            out.push(format!("{} animations are not played: motion comes from telemetry", self.totals.animations));
        }
        out
    }
}

impl Totals {
    fn add(&mut self, node: &Node) {
        self.nodes += 1;
        self.part_ids += usize::from(node.part_id.is_some());
        self.with_mesh += usize::from(node.mesh.is_some());
        self.primitives = self.primitives.saturating_add(node.primitives);
        self.triangles = self.triangles.saturating_add(node.triangles);
        if let Some(b) = node.bounds {
            self.bounds = Some(self.bounds.map_or(b, |a| union(a, b)));
        }
    }
}

/// `part_id` in the extras of a node, and what they are. Numbers are taken as their digits: some exporters write ids so.
///
/// The check and the viewer both read it here, so that what passes the one is found by the other.
#[must_use]
pub fn part_id(extras: &str) -> (Option<String>, ExtrasKind) {
    #[derive(serde::Deserialize)]
    struct Extras<'a> {
        // As text: what stands in the place of an id may be anything, and large.
        #[serde(borrow)]
        part_id: Option<&'a RawValue>,
    }
    let first = extras.trim_start().chars().next();
    if first != Some('{') {
        return (None, if extras.trim() == "null" { ExtrasKind::None } else { ExtrasKind::Other });
    }
    let raw = match serde_json::from_str::<Extras<'_>>(extras) {
        Ok(Extras { part_id: None }) => return (None, ExtrasKind::Object),
        Ok(Extras { part_id: Some(raw) }) => raw.get(),
        Err(_) => return (None, ExtrasKind::BadPartId),
    };
    let text = serde_json::from_str::<String>(raw).ok().filter(|id| !id.is_empty());
    match text.or_else(|| serde_json::from_str::<u64>(raw).ok().map(|id| id.to_string())) {
        Some(id) => (Some(id), ExtrasKind::PartId),
        None => (None, ExtrasKind::BadPartId),
    }
}

/// The texts, numbers and truths of the extras of a node, and of the objects in them.
fn facts(extras: &str) -> Vec<(String, String)> {
    use serde_json::Value;
    /// Longer extras are no facts of a part, and a model has many parts.
    const MOST_BYTES: usize = 4_096;
    const MOST_FACTS: usize = 24;
    if extras.len() > MOST_BYTES {
        return Vec::new();
    }
    let values: BTreeMap<String, Value> = serde_json::from_str(extras).unwrap_or_default();
    let scalar = |name: String, value: &Value| match value {
        Value::String(text) => Some((super::error::printable(&name), super::error::printable(text))),
        Value::Number(_) | Value::Bool(_) => Some((super::error::printable(&name), value.to_string())),
        _ => None,
    };
    let told = values.iter().flat_map(|(name, value)| match value {
        Value::Object(inner) => {
            inner.iter().filter_map(|(key, value)| scalar(format!("{name}.{key}"), value)).collect::<Vec<_>>()
        }
        value => scalar(name.clone(), value).into_iter().collect(),
    });
    told.filter(|(name, _)| name != "part_id").take(MOST_FACTS).collect()
}

/// The materials of a mesh, by name, each once, the first few.
fn materials(root: &Root, mesh: usize) -> Vec<String> {
    const MOST_MATERIALS: usize = 8;
    let primitives = root.meshes.get(mesh).map_or(&[][..], |mesh| &mesh.primitives);
    let mut names: Vec<String> = Vec::new();
    for material in primitives.iter().filter_map(|primitive| primitive.material) {
        let name = root.materials.get(material.value()).and_then(|material| material.name.as_deref());
        let name = name.map(super::error::printable).filter(|name| !name.is_empty() && !names.contains(name));
        if names.len() < MOST_MATERIALS {
            names.extend(name);
        }
    }
    names
}

/// What occurs more than once, sorted, the first hundred.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *seen.entry(name).or_default() += 1;
    }
    let twice: BTreeSet<&str> = seen.into_iter().filter(|&(_, n)| n > 1).map(|(name, _)| name).collect();
    twice.into_iter().take(MOST_TOLD).map(str::to_owned).collect()
}
