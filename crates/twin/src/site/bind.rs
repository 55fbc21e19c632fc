//! A type and its model: which node each part is, and which part each part belongs to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::ModelNodes;
use super::check_site::did_you_mean;
use super::file::TypeFile;
use super::problem::Problems;
use super::suggest::nearest;
use super::tables::TypeTables;

/// A type with what its model adds.
pub(super) struct Bound<'a> {
    pub file: &'a TypeFile,
    pub model: String,
    /// Parent of each part, within the type.
    pub parents: Vec<Option<u32>>,
    pub problems: Problems,
    /// Topics that were reported: what is wrong for one asset is wrong for the next.
    pub said: BTreeSet<usize>,
}

/// Finds the nodes and parents of a type in its model, if there is one.
pub(super) fn bind<'a>(id: &str, file: &'a TypeFile, models: &BTreeMap<String, ModelNodes>) -> Bound<'a> {
    let mut problems = Problems::new(Arc::clone(&file.text));
    if file.id.value != id && !file.id.value.is_empty() {
        let hint = format!("the file is named {id}.toml");
        problems.error_with(
            &file.id.span,
            format!("the type is \"{}\", and was looked for as \"{id}\"", file.id.value),
            hint,
        );
    }
    let model = file.model_key();
    let tables = &file.tables;
    let mut parents: Vec<Option<u32>> =
        tables.parts.iter().map(|part| part.part.parent.map(|parent| parent.0)).collect();
    if let Some(nodes) = models.get(&model) {
        let found = find_nodes(tables, nodes, &model, &mut problems);
        for (row, parent) in parents.iter_mut().enumerate().filter(|(_, parent)| parent.is_none()) {
            *parent = found.ancestor(nodes, row);
        }
    }
    break_cycles(tables, &mut parents, &mut problems);
    Bound { file, model, parents, problems, said: BTreeSet::new() }
}

/// Which node each part is bound to.
struct Nodes {
    of_part: Vec<Option<usize>>,
    part_of: HashMap<usize, u32>,
}

impl Nodes {
    /// The nearest bound node above that of a part.
    fn ancestor(&self, nodes: &ModelNodes, row: usize) -> Option<u32> {
        let mut at = self.of_part.get(row).copied().flatten()?;
        // Parents come before children, so that going up ends; a list that breaks this promise ends it here.
        while let Some(parent) = nodes.nodes.get(at).and_then(|node| node.parent).filter(|parent| *parent < at) {
            if let Some(part) = self.part_of.get(&parent) {
                return Some(*part);
            }
            at = parent;
        }
        None
    }
}

fn find_nodes(tables: &TypeTables, nodes: &ModelNodes, model: &str, problems: &mut Problems) -> Nodes {
    let mut found = Nodes { of_part: Vec::with_capacity(tables.parts.len()), part_of: HashMap::new() };
    let index = Index::new(nodes);
    let file = model.rsplit('/').next().unwrap_or(model);
    for (row, part) in (0_u32..).zip(&tables.parts) {
        let address = &part.part.node;
        let node = index.find(nodes, address);
        found.of_part.push(node);
        match node {
            None if address.is_empty() => {}
            None => {
                let meant = suggestion(nodes, address);
                problems.error(&part.node_span, format!("node \"{address}\" is not in {file}{meant}"));
            }
            Some(node) => {
                if let Some(first) = found.part_of.get(&node).and_then(|row| tables.parts.get(*row as usize)) {
                    let message = format!("node \"{address}\" already belongs to part \"{}\"", first.part.id);
                    problems.error_with(&part.node_span, message, "a node shows the state of one part");
                } else {
                    found.part_of.insert(node, row);
                }
            }
        }
    }
    found
}

/// [`ModelNodes::find`] for many parts: its scan is linear, and a type may have 100,000 parts.
struct Index<'a> {
    ids: HashMap<&'a str, usize>,
    paths: HashMap<&'a str, usize>,
    /// Last name of the path to the nodes that end so.
    names: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(nodes: &'a ModelNodes) -> Self {
        let mut index = Self { ids: HashMap::new(), paths: HashMap::new(), names: HashMap::new() };
        for (at, node) in nodes.nodes.iter().enumerate() {
            if let Some(id) = &node.part_id {
                index.ids.entry(id).or_insert(at);
            }
            index.paths.entry(&node.path).or_insert(at);
            index.names.entry(last(&node.path)).or_default().push(at);
        }
        index
    }

    fn find(&self, nodes: &ModelNodes, address: &str) -> Option<usize> {
        if let Some(id) = address.strip_prefix("id:") {
            return self.ids.get(id).copied();
        }
        self.paths.get(address).copied().or_else(|| {
            let ends = |at: &&usize| {
                let path = nodes.nodes.get(**at).map(|node| node.path.as_str());
                path.and_then(|path| path.strip_suffix(address)).is_some_and(|head| head.ends_with('/'))
            };
            self.names.get(last(address))?.iter().find(ends).copied()
        })
    }
}

/// The fast search, for a test that holds it equal to [`ModelNodes::find`].
#[cfg(test)]
pub(super) fn find(nodes: &ModelNodes, address: &str) -> Option<usize> {
    Index::new(nodes).find(nodes, address)
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `; did you mean "x"?` for a node, in the way it was addressed.
fn suggestion(nodes: &ModelNodes, address: &str) -> String {
    if let Some(id) = address.strip_prefix("id:") {
        let ids = nodes.nodes.iter().filter_map(|node| node.part_id.as_deref());
        return nearest(id, ids).map(|id| format!("; did you mean \"id:{id}\"?")).unwrap_or_default();
    }
    let levels = address.split('/').count();
    // The end of each path, as many names as were written.
    let ends = nodes.nodes.iter().map(|node| {
        let from = node.path.rmatch_indices('/').nth(levels - 1).map_or(0, |(at, _)| at + 1);
        node.path.get(from..).unwrap_or(&node.path)
    });
    did_you_mean(address, ends)
}

/// Reports parents in a circle, and cuts it.
fn break_cycles(tables: &TypeTables, parents: &mut [Option<u32>], problems: &mut Problems) {
    // 0: not seen; otherwise the walk that saw it.
    let mut seen = vec![0_u32; parents.len()];
    for (walk, start) in (1_u32..).zip(0..parents.len()) {
        let mut at = start;
        while let Some(mark) = seen.get_mut(at).filter(|mark| **mark == 0) {
            *mark = walk;
            let Some(Some(parent)) = parents.get(at).copied() else { break };
            let next = parent as usize;
            if seen.get(next) == Some(&walk) {
                let id = |row: usize| tables.parts.get(row).map_or("", |part| part.part.id.as_str());
                let span = tables.parts.get(at).map(|part| part.parent_span.clone()).unwrap_or_default();
                let message = format!("part \"{}\" is its own ancestor, through \"{}\"", id(next), id(at));
                problems.error_with(&span, message, "change a `parent`");
                if let Some(parent) = parents.get_mut(at) {
                    *parent = None;
                }
                break;
            }
            at = next;
        }
    }
}
