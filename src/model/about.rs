//! What a model says of a part: where its node is, what its extras tell, how large it is, what it is made of.

use super::index::PartIndex;
use super::meshes::union;

/// A node of a model with all that is below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Names from the root, joined with `/`.
    pub path: String,
    /// The texts, numbers and truths of its extras, by name.
    pub facts: Vec<(String, String)>,
    /// Nodes below it.
    pub below: usize,
    /// Triangles of it and of what is below it.
    pub triangles: u64,
    /// Materials of it and of what is below it, by name, each once.
    pub materials: Vec<String>,
    /// Width, height and depth of the box around it in the axes of the model, m.
    pub size: Option<[f64; 3]>,
}

/// Materials that are told of.
const MOST_MATERIALS: usize = 12;

/// What a model says of the node that an address of a type file finds; `None`: there is none.
#[must_use]
pub fn about(index: &PartIndex, node: &str) -> Option<About> {
    let row = index.find(node)?;
    let found = index.nodes.get(row)?;
    let mut about = About { path: found.path.clone(), facts: found.facts.clone(), ..About::default() };
    let mut bounds: Option<[[f64; 3]; 2]> = None;
    // Parents come before their children.
    let mut inside = vec![false; index.nodes.len()];
    for (at, node) in index.nodes.iter().enumerate().skip(row) {
        let within = at == row || node.parent.is_some_and(|parent| inside.get(parent) == Some(&true));
        if !within {
            continue;
        }
        if let Some(place) = inside.get_mut(at) {
            *place = true;
        }
        about.below += usize::from(at != row);
        about.triangles = about.triangles.saturating_add(node.triangles);
        for material in &node.materials {
            if about.materials.len() < MOST_MATERIALS && !about.materials.contains(material) {
                about.materials.push(material.clone());
            }
        }
        if let Some(own) = node.bounds {
            bounds = Some(bounds.map_or(own, |have| union(have, own)));
        }
    }
    about.size = bounds.map(|[low, high]| [high[0] - low[0], high[1] - low[1], high[2] - low[2]]);
    Some(about)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{document, glb, triangle};
    use crate::model::{Limits, check_bytes};

    fn index(change: impl FnOnce(&mut serde_json::Value)) -> PartIndex {
        let mut d = document();
        change(&mut d);
        check_bytes("m.glb", glb(&d, &triangle()), None, &Limits::default()).unwrap().index
    }

    #[test]
    fn a_node_is_told_of_with_what_is_below_it() {
        let index = index(|d| {
            d["materials"] = json!([{ "name": "Steel" }, {}]);
            d["meshes"][0]["primitives"][0]["material"] = json!(0);
        });
        let root = about(&index, "Root").unwrap();
        assert_eq!((root.below, root.triangles), (2, 2));
        assert_eq!(root.materials, ["Steel"]);
        // A triangle of 1 by 2 m, and the same twice as large, both at the same place.
        assert_eq!(root.size, Some([2.0, 4.0, 0.0]));
        let gearbox = about(&index, "id:gearbox").unwrap();
        assert_eq!((gearbox.path.as_str(), gearbox.below, gearbox.size), ("Root/Gearbox", 0, Some([1.0, 2.0, 0.0])));
        assert_eq!(about(&index, "id:bearing"), None);
    }

    #[test]
    fn extras_are_told_by_name_one_level_deep() {
        let index = index(|d| {
            d["nodes"][1]["extras"] = json!({
                "part_id": "gearbox", "mass_kg": 12.5, "serial": "EX-7", "tested": true,
                "plate": { "maker": "Acme", "deep": { "x": 1 } }, "list": [1, 2], "nothing": null,
            });
        });
        let facts = about(&index, "id:gearbox").unwrap().facts;
        let facts: Vec<(&str, &str)> = facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(facts, [("mass_kg", "12.5"), ("plate.maker", "Acme"), ("serial", "EX-7"), ("tested", "true")]);
    }

    #[test]
    fn extras_are_bounded_and_fit_for_a_screen() {
        let many: serde_json::Map<String, serde_json::Value> =
            (0..100).map(|n| (format!("k{n:03}"), json!("v"))).collect();
        let about_of = |extras: serde_json::Value| {
            about(&index(|d| d["nodes"][0]["extras"] = extras.clone()), "Root").unwrap().facts
        };
        assert_eq!(about_of(json!(many)).len(), 24);
        assert!(about_of(json!({ "k": "x".repeat(5_000) })).is_empty());
        let escaped = about_of(json!({ "k\u{1b}": "a\nb\u{202e}" }));
        assert!(escaped.iter().all(|(k, v)| !k.contains('\u{1b}') && !v.contains(['\n', '\u{202e}'])), "{escaped:?}");
        assert!(about_of(json!("only a text")).is_empty());
    }
}
