//! The check as a whole, on small models made wrong in one way each.

mod basisu;
mod decode;
mod files;
mod forms;
mod images;
mod meshes;
mod mutations;
mod tree;

use serde_json::{Value, json};

use super::testing::{document, glb, jpeg, png, triangle};
use super::*;

fn limits() -> Limits {
    Limits::default()
}

fn check_document(document: &Value) -> Result<Checked, ModelError> {
    check_bytes("m.glb", glb(document, &triangle()), None, &limits())
}

/// The model after one change is refused, with this kind, at this place, for this reason.
#[track_caller]
fn refused(change: impl FnOnce(&mut Value), kind: ErrorKind, place: &str, says: &str) {
    let mut document = document();
    change(&mut document);
    let e = check_document(&document).map(|c| c.warnings).unwrap_err();
    assert_eq!(e.kind, kind, "{e}");
    assert_eq!(e.place, place, "{e}");
    assert!(e.what.contains(says), "{e}");
    assert!(!e.remedy.is_empty(), "{e}");
    assert_eq!(e.file, "m.glb");
}

/// The model after one change passes, with a warning that says this.
#[track_caller]
fn warned(change: impl FnOnce(&mut Value), says: &str) -> Checked {
    let mut document = document();
    change(&mut document);
    let checked = check_document(&document).unwrap();
    assert!(checked.warnings.iter().any(|w| w.contains(says)), "{:?}", checked.warnings);
    checked
}

fn push(document: &mut Value, list: &str, item: Value) {
    let object = document.as_object_mut().unwrap();
    object.entry(list).or_insert_with(|| json!([])).as_array_mut().unwrap().push(item);
}

/// A fourth node as the joint of a skin on the first part.
fn skinned(change: impl FnOnce(&mut Value)) -> impl FnOnce(&mut Value) {
    |d: &mut Value| {
        push(d, "nodes", json!({ "name": "Joint" }));
        d["nodes"][0]["children"] = json!([1, 2, 3]);
        push(d, "skins", json!({ "joints": [3] }));
        d["nodes"][1]["skin"] = json!(0);
        change(d);
    }
}

/// The JSON of a model as the loader gets it.
fn json_of(file: &(String, Vec<u8>)) -> Value {
    serde_json::from_slice(container::split(&file.1).unwrap().json).unwrap()
}

// What passes

#[test]
fn a_glb_is_handed_on_as_it_came() {
    let bytes = glb(&document(), &triangle());
    let checked = check_bytes("m.glb", bytes.clone(), None, &limits()).unwrap();
    assert_eq!(checked.files, [("model.glb".to_owned(), bytes)]);
}

#[test]
fn the_index_has_paths_ids_parents_and_sizes() {
    let index = check_document(&document()).unwrap().index;
    let rows: Vec<_> = index
        .nodes
        .iter()
        .map(|n| (n.gltf, n.path.as_str(), n.part_id.as_deref(), n.parent, n.triangles, n.bounds))
        .collect();
    assert_eq!(
        rows,
        [
            (0, "Root", None, None, 0, None),
            (1, "Root/Gearbox", Some("gearbox"), Some(0), 1, Some([[10.0, 0.0, 0.0], [11.0, 2.0, 0.0]])),
            (2, "Root/GltfNode2", None, Some(0), 1, Some([[10.0, 0.0, 0.0], [12.0, 4.0, 0.0]])),
        ]
    );
    let t = &index.totals;
    assert_eq!((t.nodes, t.meshes, t.primitives, t.triangles, t.part_ids), (3, 1, 2, 2, 1));
    assert_eq!(t.bounds, Some([[10.0, 0.0, 0.0], [12.0, 4.0, 0.0]]));
    assert_eq!((index.unnamed, index.generator.as_deref()), (1, Some("hand")));
}

#[test]
fn the_domain_gets_the_same_tree() {
    let nodes = check_document(&document()).unwrap().index.to_nodes().nodes;
    assert_eq!(nodes.len(), 3);
    assert_eq!(
        (nodes[1].path.as_str(), nodes[1].part_id.as_deref(), nodes[1].parent),
        ("Root/Gearbox", Some("gearbox"), Some(0))
    );
}

#[test]
fn children_come_in_the_order_of_the_file_and_before_the_next_branch() {
    let mut d = document();
    d["nodes"] = json!([{ "name": "C" }, { "name": "A", "children": [3, 2] }, { "name": "B" }, { "name": "D", "children": [0] }]);
    d["scenes"] = json!([{ "nodes": [1] }]);
    let index = check_document(&d).unwrap().index;
    let paths: Vec<_> = index.nodes.iter().map(|n| n.path.as_str()).collect();
    assert_eq!(paths, ["A", "A/D", "A/D/C", "A/B"]);
}

#[test]
fn rotations_and_matrices_place_the_box() {
    let mut d = document();
    let h = std::f64::consts::FRAC_1_SQRT_2;
    d["nodes"] = json!([
        { "name": "Turned", "mesh": 0, "rotation": [0.0, 0.0, h, h] },
        { "name": "Matrix", "mesh": 0, "matrix": [0,1,0,0, -1,0,0,0, 0,0,1,0, 5,0,0,1] }
    ]);
    d["scenes"] = json!([{ "nodes": [0, 1] }]);
    let index = check_document(&d).unwrap().index;
    // x becomes y, y becomes -x: the triangle's box (0..1, 0..2) turns to (-2..0, 0..1).
    for (node, x) in index.nodes.iter().zip([0.0, 5.0]) {
        let [min, max] = node.bounds.unwrap();
        for (got, want) in min.iter().chain(&max).zip([x - 2.0, 0.0, 0.0, x, 1.0, 0.0]) {
            assert!((got - want).abs() < 1e-6, "{}: {got} {want}", node.path);
        }
    }
}

#[test]
fn only_the_default_scene_is_indexed() {
    let checked = warned(
        |d| {
            push(d, "nodes", json!({ "name": "Other" }));
            push(d, "scenes", json!({ "nodes": [3] }));
            d["scene"] = json!(1);
        },
        "only scene 1 is shown",
    );
    assert_eq!((checked.index.scene, checked.index.nodes.len()), (1, 1));
}

#[test]
fn part_ids_are_texts_or_whole_numbers() {
    for (extras, kind, id) in [
        (json!({ "part_id": "a" }), ExtrasKind::PartId, Some("a")),
        (json!({ "part_id": 12, "x": { "part_id": "b" } }), ExtrasKind::PartId, Some("12")),
        (json!({ "part_id": "" }), ExtrasKind::BadPartId, None),
        (json!({ "part_id": [1] }), ExtrasKind::BadPartId, None),
        (json!({ "x": 1 }), ExtrasKind::Object, None),
        (json!("part_id"), ExtrasKind::Other, None),
    ] {
        let mut d = document();
        d["nodes"][1]["extras"] = extras;
        let node = check_document(&d).unwrap().index.nodes.remove(1);
        assert_eq!((node.extras, node.part_id.as_deref()), (kind, id));
    }
}

// Warnings

#[test]
fn names_that_do_not_tell_nodes_apart_are_said() {
    warned(|_| {}, "1 of 3 nodes have no name");
    let checked = warned(|d| d["nodes"][2]["name"] = json!("Gearbox"), "same path: Root/Gearbox");
    assert_eq!(checked.index.duplicate_paths, ["Root/Gearbox"]);
    let checked = warned(|d| d["nodes"][2]["extras"] = json!({ "part_id": "gearbox" }), "same part_id: gearbox");
    assert_eq!(checked.index.duplicate_part_ids, ["gearbox"]);
}

#[test]
fn losses_are_said() {
    warned(|_| {}, "without normals");
    warned(|d| d["accessors"][0]["max"] = json!([0.5, 2.0, 0.0]), "larger than its bounds say");
    warned(|d| d["extensionsUsed"] = json!(["KHR_node_visibility"]), "hides are shown");
    warned(|d| d["accessors"][1]["count"] = json!(2), "no multiple of three");
    warned(|d| d["meshes"][0]["primitives"][0]["targets"] = json!([{ "POSITION": 0 }]), "change shape wrongly");
    warned(|d| push(d, "meshes", json!({ "primitives": [] })), "no primitives");
    warned(|d| push(d, "materials", json!({ "emissiveFactor": [1, 1, 1] })), "1 material with emission");
    warned(|d| push(d, "animations", json!({ "channels": [], "samplers": [] })), "not played");
}

#[test]
fn warnings_are_bounded() {
    let mut d = document();
    for _ in 0..300 {
        push(&mut d, "meshes", json!({ "primitives": [] }));
    }
    let warnings = check_document(&d).unwrap().warnings;
    assert!(warnings.len() == MOST_WARNINGS + 1 && warnings.last().unwrap().starts_with("and "));
}

// Reports

#[test]
fn the_text_report_has_the_numbers_and_no_control_characters() {
    let mut d = document();
    d["nodes"][1]["name"] = json!("Gear\u{1b}[31mbox");
    let text = inspect_text(check_document(&d).as_ref());
    assert!(text.contains("3 nodes (1 with part_id, 1 without name)"), "{text}");
    assert!(text.contains("[gearbox]") && text.contains("size 2 × 4 × 0 m"), "{text}");
    assert!(!text.contains('\u{1b}'));
    let e = check_bytes("m.glb", vec![], None, &limits());
    let text = inspect_text(e.as_ref());
    assert!(text.contains("m.glb: the file is empty") && text.contains("what to do:"), "{text}");
}

#[test]
fn the_json_report_has_every_node() {
    let value = inspect_json(check_document(&document()).as_ref());
    assert_eq!(value["ok"], true);
    assert_eq!(value["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(value["nodes"][1]["path"], "Root/Gearbox");
    assert_eq!(value["totals"]["triangles"], 2);
    let value = inspect_json(check_bytes("m.glb", vec![], None, &limits()).as_ref());
    assert_eq!((&value["ok"], &value["error"]["kind"]), (&json!(false), &json!("container")));
}

#[test]
fn the_starter_type_file_names_the_model_from_its_own_folder() {
    let index = check_document(&document()).unwrap().index;
    for (given, want) in [
        ("../models/a b.glb", "../models/a b.glb"),
        ("assets/models/Pump.glb", "../models/Pump.glb"),
        ("/x/Pump.glb", "../models/Pump.glb"),
        ("C:\\x\\Pump.glb", "../models/Pump.glb"),
    ] {
        let text = template_toml(&index, given);
        assert!(text.contains(&format!("model = \"{want}\"")), "{text}");
    }
    assert!(template_toml(&index, "x/WindTurbine.glb").contains("id = \"wind-turbine\""));
}
