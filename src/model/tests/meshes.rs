//! Buffers, accessors, meshes and skins made wrong.

use super::*;

#[test]
fn views_that_reach_past_their_buffer_are_refused() {
    let data = ErrorKind::Data;
    for (offset, length) in [(0u64, 45u64), (44, 1), (u64::MAX, 1), (1, u64::MAX), (1 << 40, 36)] {
        let change = |d: &mut Value| {
            d["bufferViews"][0]["byteOffset"] = json!(offset);
            d["bufferViews"][0]["byteLength"] = json!(length);
        };
        refused(change, data, "bufferViews[0]", "past the end");
    }
    refused(|d| d["bufferViews"][0]["byteStride"] = json!(2), data, "bufferViews[0]", "stride");
    refused(|d| d["bufferViews"][0]["byteStride"] = json!(256), data, "bufferViews[0]", "stride");
}

#[test]
fn accessors_that_do_not_fit_are_refused() {
    let data = ErrorKind::Data;
    for count in [4u64, 1 << 40, 1 << 63, u64::MAX] {
        refused(|d| d["accessors"][0]["count"] = json!(count), data, "accessors[0]", "do not fit their view");
    }
    for offset in [1u64, 1_000_000_000, u64::MAX] {
        refused(|d| d["accessors"][0]["byteOffset"] = json!(offset), data, "accessors[0]", "do not fit their view");
    }
    refused(|d| d["bufferViews"][0]["byteStride"] = json!(8), data, "accessors[0]", "do not fit their view");
    refused(|d| d["bufferViews"][0]["byteStride"] = json!(16), data, "accessors[0]", "do not fit their view");
    refused(|d| d["accessors"][0]["count"] = json!(0), data, "accessors[0]", "empty");
    refused(|d| d["accessors"][0]["componentType"] = json!(5124), data, "accessors[0]", "none of glTF's");
    refused(|d| d["accessors"][0]["type"] = json!("VEC5"), data, "accessors[0]", "none of glTF's");
}

#[test]
fn sparse_accessors_are_checked() {
    let sparse = |count: u64, offset: u64| {
        json!({ "count": count, "indices": { "bufferView": 1, "byteOffset": offset, "componentType": 5123 },
                "values": { "bufferView": 0 } })
    };
    let mut good = document();
    good["accessors"][0]["sparse"] = sparse(3, 0);
    check_document(&good).unwrap();
    // Without a base all other elements are zero.
    good["accessors"][0]["sparse"] = sparse(1, 2);
    good["accessors"][0].as_object_mut().unwrap().remove("bufferView");
    check_document(&good).unwrap();

    let data = ErrorKind::Data;
    refused(|d| d["accessors"][0]["sparse"] = sparse(1 << 62, 0), data, "accessors[0].sparse", "do not fit");
    refused(|d| d["accessors"][0]["sparse"] = sparse(2, 4), data, "accessors[0].sparse", "do not fit");
    refused(|d| d["accessors"][0]["sparse"] = sparse(0, 0), data, "accessors[0].sparse", "do not fit");
    let past = |d: &mut Value| {
        d["accessors"][0]["sparse"] = sparse(3, 0);
        d["accessors"][0]["count"] = json!(2);
    };
    refused(past, data, "accessors[0].sparse", "past the end");
}

#[test]
fn an_accessor_without_data_is_zeros() {
    let mut targets = document();
    push(&mut targets, "accessors", json!({ "componentType": 5126, "count": 3, "type": "VEC3" }));
    targets["meshes"][0]["primitives"][0]["targets"] = json!([{ "POSITION": 2 }]);
    let checked = check_document(&targets).unwrap();
    let gltf = gltf::Gltf::from_slice(&checked.files[0].1).unwrap();
    let primitive = gltf.meshes().next().unwrap().primitives().next().unwrap();
    let reader = primitive.reader(|_| gltf.blob.as_deref());
    let moved: Vec<_> = reader.read_morph_targets().flat_map(|(positions, ..)| positions.unwrap()).collect();
    assert_eq!(moved, [[0.0; 3]; 3]);
}

#[test]
fn zeros_that_fill_the_memory_are_refused() {
    let mut targets = document();
    push(&mut targets, "accessors", json!({ "componentType": 5126, "count": 1u64 << 40, "type": "VEC3" }));
    targets["meshes"][0]["primitives"][0]["targets"] = json!([{ "POSITION": 2 }]);
    let e = check_document(&targets).unwrap_err();
    assert_eq!((e.kind, e.place.as_str()), (ErrorKind::Limit, "accessors[2]"), "{e}");
}

#[test]
fn buffers_shorter_than_they_say_are_refused() {
    let data = ErrorKind::Data;
    refused(|d| d["buffers"][0]["byteLength"] = json!(45), data, "buffers[0]", "should have 45 bytes and has 44");
    refused(|d| push(d, "buffers", json!({ "byteLength": 4 })), data, "buffers[1]", "no data");
    let e = check_bytes("m.gltf", document().to_string().into_bytes(), None, &limits()).unwrap_err();
    assert_eq!((e.kind, e.place.as_str()), (data, "buffers[0]"));
}

#[test]
fn meshes_that_the_loader_panics_on_are_refused() {
    let data = ErrorKind::Data;
    let p = "meshes[0].primitives[0]";
    let primitive = |d: &mut Value, key: &str, value: Value| d["meshes"][0]["primitives"][0][key] = value;
    refused(|d| primitive(d, "attributes", json!({})), data, p, "no POSITION");
    refused(|d| primitive(d, "attributes", json!({ "POSITION": 0, "COLOUR": 0 })), data, p, "none of glTF's");
    for key in ["min", "max"] {
        let place = format!("accessors[0].{key}");
        refused(|d| d["accessors"][0][key] = json!([0.0, 1.0]), data, &place, "not three numbers");
        refused(|d| d["accessors"][0][key] = json!(["a", 0, 0]), data, &place, "not three numbers");
    }
    let at = "meshes[0].primitives[0].attributes.POSITION";
    refused(|d| d["accessors"][0]["type"] = json!("VEC2"), data, at, "not float vectors");
    let at = "meshes[0].primitives[0].attributes.TEXCOORD_0";
    let fewer = |d: &mut Value| {
        push(d, "accessors", json!({ "bufferView": 0, "componentType": 5126, "count": 2, "type": "VEC2" }));
        primitive(d, "attributes", json!({ "POSITION": 0, "TEXCOORD_0": 2 }));
    };
    refused(fewer, data, at, "2 values for 3 vertices");
    let at = "meshes[0].primitives[0].indices";
    refused(|d| primitive(d, "indices", json!(0)), data, at, "not unsigned scalars");
    refused(|d| d["accessors"][0]["count"] = json!(2), data, at, "index 2 of 2 vertices");
    let morph = |d: &mut Value| {
        push(d, "accessors", json!({ "bufferView": 0, "componentType": 5126, "count": 2, "type": "VEC3" }));
        primitive(d, "targets", json!([{ "POSITION": 2 }]));
    };
    refused(morph, data, "meshes[0].primitives[0].targets[0]", "not 3 float vectors");
    let place = "meshes[0].primitives[0].targets[0]";
    refused(|d| primitive(d, "targets", json!([{}])), data, place, "without positions");
}

#[test]
fn positions_without_bounds_are_measured() {
    for key in ["min", "max"] {
        let mut d = document();
        d["accessors"][0].as_object_mut().unwrap().remove(key);
        let index = check_document(&d).unwrap().index;
        assert_eq!(index.nodes[1].bounds, Some([[10.0, 0.0, 0.0], [11.0, 2.0, 0.0]]), "{key}");
    }
}

#[test]
fn every_way_of_drawing_passes_and_fans_strips_and_loops_become_triangles_and_lines() {
    for (mode, triangles, becomes) in [
        (0, 0, json!(0)),
        (1, 0, json!(1)),
        (2, 0, json!(3)),
        (3, 0, json!(3)),
        (4, 1, Value::Null),
        (5, 1, Value::Null),
        (6, 1, Value::Null),
    ] {
        let mut d = document();
        d["meshes"][0]["primitives"][0]["mode"] = json!(mode);
        let checked = check_document(&d).unwrap();
        assert_eq!(checked.index.nodes[1].triangles, triangles, "{mode}");
        let mut after = json_of(&checked.files[0])["meshes"][0]["primitives"][0]["mode"].take();
        // Triangles are the default, which the loader's library leaves out.
        if after == json!(4) {
            after = Value::Null;
        }
        assert_eq!(after, becomes, "{mode}");
    }
    let change = |d: &mut Value| d["meshes"][0]["primitives"][0]["mode"] = json!(7);
    refused(change, ErrorKind::Data, "meshes[0].primitives[0]", "mode");
}

#[test]
fn morph_targets_are_bounded() {
    let many = json!(vec![json!({ "POSITION": 0 }); 257]);
    let place = "meshes[0].primitives[0].targets";
    refused(|d| d["meshes"][0]["primitives"][0]["targets"] = many, ErrorKind::Limit, place, "256 morph targets");
    let weights = json!(vec![0.0; 257]);
    refused(|d| d["meshes"][0]["weights"] = weights, ErrorKind::Limit, "meshes[0].weights", "morph targets");
}

#[test]
fn vertices_triangles_nodes_and_draws_are_bounded() {
    let bytes = || glb(&document(), &triangle());
    for (limits, says) in [
        (Limits { vertices: 2, ..limits() }, "2 vertices"),
        (Limits { triangles: 0, ..limits() }, "0 triangles"),
        (Limits { nodes: 2, ..limits() }, "2 nodes"),
        (Limits { primitives: 1, ..limits() }, "1 drawn primitives"),
        (Limits { bytes: 100, ..limits() }, "of data"),
    ] {
        let e = check_bytes("m.glb", bytes(), None, &limits).unwrap_err();
        assert!(e.kind == ErrorKind::Limit && e.what.contains(says), "{e}");
    }
}

#[test]
fn nodes_that_several_scenes_show_count_for_each() {
    let mut d = document();
    d["scenes"] = json!([{ "nodes": [0] }, { "nodes": [0] }]);
    let e = check_bytes("m.glb", glb(&d, &triangle()), None, &Limits { nodes: 5, ..limits() }).unwrap_err();
    assert!(e.what.contains("in all scenes together"), "{e}");
}

#[test]
fn skins_that_the_loader_panics_on_are_refused() {
    let mut good = document();
    skinned(|_| {})(&mut good);
    check_document(&good).unwrap();

    let data = ErrorKind::Data;
    refused(
        skinned(|d| d["nodes"][0]["children"] = json!([1, 2])),
        data,
        "skins[0].joints",
        "\"Joint\" is not in scene 0",
    );
    refused(skinned(|d| d["skins"][0]["joints"] = json!([])), data, "skins[0].joints", "0 joints");
    refused(skinned(|d| d["skins"][0]["joints"] = json!(vec![3; 257])), data, "skins[0].joints", "257 joints");
    refused(skinned(|d| d["skins"][0]["joints"] = json!([99])), ErrorKind::Index, "skins[0].joints", "no node 99");
    let matrices = skinned(|d| d["skins"][0]["inverseBindMatrices"] = json!(0));
    refused(matrices, data, "skins[0].inverseBindMatrices", "not 1 float matrices");
    let both = skinned(|d| {
        push(d, "accessors", json!({ "bufferView": 0, "componentType": 5121, "count": 3, "type": "VEC4" }));
        d["meshes"][0]["primitives"][0]["attributes"] = json!({ "POSITION": 0, "JOINTS_0": 2 });
    });
    refused(both, data, "nodes[2]", "with and without a skin");
}
