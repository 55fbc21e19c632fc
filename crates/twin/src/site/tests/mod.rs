//! Tests of site and type files: what they accept, what they report and where.

mod fuzz;
mod mistakes;
mod procedures;
mod resolving;
mod schema;
mod shipped;
mod viewpoints;

use super::{ModelNode, ModelNodes, Problem};

/// A model from indented lines of `Name` or `Name [part_id]`, two spaces a level.
pub(super) fn model(tree: &str) -> ModelNodes {
    let mut nodes: Vec<ModelNode> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let (name, id) = match line.trim().split_once(" [") {
            Some((name, id)) => (name, Some(id.trim_end_matches(']').to_owned())),
            None => (line.trim(), None),
        };
        open.truncate(depth);
        let parent = open.last().copied();
        let path = parent.map_or_else(|| name.to_owned(), |parent| format!("{}/{name}", nodes[parent].path));
        open.push(nodes.len());
        nodes.push(ModelNode { path, part_id: id, parent });
    }
    ModelNodes { nodes }
}

/// Problems as `line: message`.
pub(super) fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message)).collect()
}

/// The node tree of the wind turbine model: what every part file of it may address.
pub(super) const WIND_TURBINE: &str = include_str!("wind_turbine.txt");
