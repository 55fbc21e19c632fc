//! A machine made of a model alone: every named node is a part, and nothing measures any of them.

use std::collections::{BTreeSet, HashMap};

use twinscope_twin::command::Addition;
use twinscope_twin::site::{Asset, AssetRow, Part, PartRow, SourceRow};

use super::error::printable;
use super::index::PartIndex;
use super::report::slug;

/// What such a part says of itself.
const NOTE: &str = "a part of a model that was opened by itself: nothing measures it";
/// A name for people, and what stands in a list.
const LONGEST_NAME: usize = 80;

/// The id of an asset that is made of this model file.
#[must_use]
pub fn asset_id(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    slug(name.rsplit_once('.').map_or(name, |(stem, _)| stem), '-')
}

/// The machine: `model` is the key by which its bytes are found, `position` where its origin stands, m.
#[must_use]
pub fn machine(index: &PartIndex, id: String, name: &str, model: String, position: [f64; 3]) -> Addition {
    let asset = Asset {
        id,
        name: short(name),
        type_id: "model".to_owned(),
        simulator: None,
        // No source: nothing is heard of it.
        source: SourceRow(u32::MAX),
        position,
        // As it is in its file.
        heading_deg: 270.0,
        model,
        stand_in: None,
        time_lapse: 1.0,
        parts: 0..0,
    };
    let mut ids: BTreeSet<String> = BTreeSet::new();
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    let mut next: HashMap<String, u32> = HashMap::new();
    // The part that each node is, or is below.
    let mut rows: Vec<Option<PartRow>> = Vec::with_capacity(index.nodes.len());
    let mut parts: Vec<Part> = Vec::new();
    for node in &index.nodes {
        let above = node.parent.and_then(|parent| rows.get(parent).copied().flatten());
        // Of several nodes with one path only the first can be found again; the others belong to what is above them.
        let Some(name) = node.name.as_ref().filter(|_| paths.insert(&node.path)) else {
            rows.push(above);
            continue;
        };
        let base = slug(name, '_');
        let mut id = base.clone();
        while ids.contains(&id) {
            let n = next.entry(base.clone()).or_insert(1);
            *n += 1;
            id = format!("{base}_{n}");
        }
        ids.insert(id.clone());
        rows.push(u32::try_from(parts.len()).ok().map(PartRow));
        let note = match &node.facts {
            Some(facts) => format!("{NOTE}. {facts}"),
            None => NOTE.to_owned(),
        };
        parts.push(Part {
            asset: AssetRow(0),
            id,
            name: short(name),
            kind: String::new(),
            layer: None,
            node: node.path.clone(),
            parent: above,
            health: None,
            note: Some(note),
            signals: 0..0,
            alarms: 0..0,
            motions: Vec::new(),
            crack: None,
            documents: Vec::new(),
        });
    }
    Addition { asset, parts }
}

fn short(name: &str) -> String {
    printable(name).chars().take(LONGEST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{document, glb, triangle};
    use crate::model::{Limits, check_bytes};

    fn made(nodes: serde_json::Value) -> Vec<(String, String, Option<u32>, Option<String>)> {
        let mut d = document();
        d["nodes"] = nodes;
        let checked = check_bytes("m.glb", glb(&d, &triangle()), None, &Limits::default()).unwrap();
        let addition = machine(&checked.index, "pump".into(), "Pump", "k".into(), [1.0, 2.0, 3.0]);
        addition.parts.into_iter().map(|p| (p.id, p.node, p.parent.map(|row| row.0), p.note)).collect()
    }

    #[test]
    fn every_named_node_is_a_part_below_the_nearest_named_one() {
        let parts = made(json!([
            { "name": "Root", "children": [1, 3] },
            { "children": [2] },
            { "name": "Gear Wheel", "mesh": 0 },
            { "name": "Gear Wheel", "mesh": 0, "extras": { "mass_kg": 12.5, "supplier": "Acme", "x": [1] } }
        ]));
        let rows: Vec<_> = parts.iter().map(|(id, node, parent, _)| (id.as_str(), node.as_str(), *parent)).collect();
        assert_eq!(
            rows,
            [
                ("root", "Root", None),
                ("gear_wheel", "Root/GltfNode1/Gear Wheel", Some(0)),
                ("gear_wheel_2", "Root/Gear Wheel", Some(0)),
            ]
        );
        let note = parts[2].3.as_deref().unwrap();
        assert!(note.contains("nothing measures it") && note.ends_with("mass_kg: 12.5, supplier: Acme"), "{note}");
    }

    #[test]
    fn nodes_that_cannot_be_told_apart_are_one_part() {
        let parts = made(json!([
            { "name": "Root", "children": [1, 2] },
            { "name": "A", "mesh": 0 },
            { "name": "A", "mesh": 0 }
        ]));
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn a_file_name_becomes_an_id() {
        assert_eq!(asset_id("/x/My Pump.v2.glb"), "my-pump-v2");
        assert_eq!(asset_id("C:\\x\\Pump.GLB"), "pump");
        assert_eq!(asset_id(".glb"), "part");
    }
}
