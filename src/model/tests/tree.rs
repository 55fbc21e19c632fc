//! Nodes, scenes, indices and transforms made wrong.

use super::*;

#[test]
fn nodes_that_are_no_tree_are_refused() {
    let tree = ErrorKind::Tree;
    refused(|d| d["nodes"][2]["children"] = json!([0]), tree, "nodes[0]", "cycle: \"Root\" > node 2 > \"Root\"");
    refused(|d| d["nodes"][2]["children"] = json!([2]), tree, "nodes[2]", "two parents");
    refused(|d| d["nodes"][2]["children"] = json!([1]), tree, "nodes[1]", "\"Gearbox\" has two parents");
    refused(|d| d["nodes"][0]["children"] = json!([1, 1]), tree, "nodes[1]", "two parents");
    refused(|d| d["scenes"][0]["nodes"] = json!([0, 0]), tree, "scenes[0].nodes", "listed twice");
    refused(|d| d["scenes"][0]["nodes"] = json!([0, 1]), tree, "scenes[0].nodes", "a root of the scene and a child");
}

#[test]
fn a_cycle_outside_the_scene_is_refused() {
    let change = |d: &mut Value| {
        push(d, "nodes", json!({ "name": "A", "children": [4] }));
        push(d, "nodes", json!({ "name": "B", "children": [3] }));
    };
    refused(change, ErrorKind::Tree, "nodes[3]", "cycle: \"A\" > \"B\" > \"A\"");
    refused(|d| push(d, "nodes", json!({ "children": [3] })), ErrorKind::Tree, "nodes[3]", "cycle: node 3 > node 3");
}

#[test]
fn depth_is_bounded() {
    let chain = |n: usize| {
        let mut d = document();
        d["scenes"] = json!([{ "nodes": [0] }]);
        d["nodes"] = (0..n).map(|i| if i + 1 < n { json!({ "children": [i + 1] }) } else { json!({}) }).collect();
        check_document(&d)
    };
    assert!(chain(limits().node_depth + 1).is_ok());
    let e = chain(limits().node_depth + 2).unwrap_err();
    assert_eq!(e.kind, ErrorKind::Limit, "{e}");
    assert_eq!(chain(100_000).unwrap_err().kind, ErrorKind::Limit);
}

#[test]
fn a_scene_with_nothing_in_it_is_refused() {
    refused(|d| d["scenes"] = json!([]), ErrorKind::Empty, "scenes", "no scene");
    refused(|d| d["scenes"][0]["nodes"] = json!([]), ErrorKind::Empty, "scenes[0]", "no nodes");
}

#[test]
fn indices_that_point_at_nothing_are_refused() {
    let index = ErrorKind::Index;
    refused(|d| d["scene"] = json!(7), index, "scene", "no scene 7");
    refused(|d| d["scenes"][0]["nodes"] = json!([9]), index, "scenes[0].nodes", "no node 9");
    refused(|d| d["nodes"][0]["children"] = json!([9]), index, "nodes[0].children", "no node 9");
    refused(|d| d["nodes"][1]["mesh"] = json!(1), index, "nodes[1].mesh", "no mesh 1");
    refused(|d| d["nodes"][1]["skin"] = json!(0), index, "nodes[1].skin", "no skin 0");
    refused(|d| d["bufferViews"][0]["buffer"] = json!(1), index, "bufferViews[0].buffer", "no buffer 1");
    refused(|d| d["accessors"][0]["bufferView"] = json!(5), index, "accessors[0].bufferView", "no bufferView 5");
    let primitive = |d: &mut Value, key: &str, value: Value| d["meshes"][0]["primitives"][0][key] = value;
    // The loader's own validation panics on this one.
    let place = "meshes[0].primitives[0].attributes.POSITION";
    refused(|d| primitive(d, "attributes", json!({ "POSITION": 9 })), index, place, "no accessor 9");
    let place = "meshes[0].primitives[0].attributes.NORMAL";
    refused(|d| primitive(d, "attributes", json!({ "POSITION": 0, "NORMAL": 9 })), index, place, "no accessor 9");
    refused(|d| primitive(d, "indices", json!(9)), index, "meshes[0].primitives[0].indices", "no accessor 9");
    let place = "meshes[0].primitives[0].targets[0]";
    refused(|d| primitive(d, "targets", json!([{ "POSITION": 9 }])), index, place, "no accessor 9");
    // Left to the loader's validation, with its place.
    refused(|d| primitive(d, "material", json!(3)), ErrorKind::Json, "meshes[0].primitives[0].material", "out of");
    refused(|d| push(d, "textures", json!({ "source": 4 })), index, "textures[0].source", "no image 4");
}

#[test]
fn numbers_out_of_all_proportion_are_refused() {
    let number = ErrorKind::Number;
    refused(|d| d["nodes"][0]["translation"][0] = json!(1e300), number, "nodes[0].translation", "not finite or beyond");
    refused(|d| d["nodes"][0]["translation"][0] = json!(1e8), number, "nodes[0].translation", "beyond 1e7");
    refused(|d| d["nodes"][2]["scale"] = json!([1.0, 1e300, 1.0]), number, "nodes[2].scale", "not finite");
    refused(|d| d["nodes"][1]["matrix"] = json!(vec![1e30; 16]), number, "nodes[1].matrix", "beyond");
    refused(|d| d["nodes"][1]["rotation"] = json!([0, 0, 0, 0]), number, "nodes[1].rotation", "unit quaternion");
    refused(|d| d["accessors"][0]["max"][1] = json!(1e30), number, "accessors[0]", "positions beyond");
    let far = |d: &mut Value| {
        d["nodes"][0]["scale"] = json!([1e4, 1e4, 1e4]);
        d["nodes"][1]["translation"] = json!([1e4, 0.0, 0.0]);
    };
    refused(far, number, "nodes[1]", "stands beyond");
}

#[test]
fn positions_that_are_not_finite_are_refused() {
    let mut bin = triangle();
    bin[4..8].copy_from_slice(&f32::NAN.to_le_bytes());
    let e = check_bytes("m.glb", glb(&document(), &bin), None, &limits()).unwrap_err();
    assert_eq!((e.kind, e.place.as_str()), (ErrorKind::Number, "accessors[0]"), "{e}");
}
