//! One model in several forms: each must give the same parts, bounds and triangles as its plain twin.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

type Bounds = [[f64; 3]; 2];

fn load(name: &str) -> Checked {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gltf").join(name);
    check(&path, &limits()).unwrap_or_else(|e| panic!("{e}"))
}

/// Triangles, and the box around them, of what is drawn below each named node and below no other one.
fn parts(index: &PartIndex) -> BTreeMap<String, (u64, Option<Bounds>)> {
    let mut paths: Vec<String> = Vec::new();
    let mut out: BTreeMap<String, (u64, Option<Bounds>)> = BTreeMap::new();
    for node in &index.nodes {
        let above = node.parent.map_or("", |parent| paths[parent].as_str());
        let path = match &node.name {
            Some(name) => format!("{above}/{name}"),
            None => above.to_owned(),
        };
        let part = out.entry(path.clone()).or_default();
        part.0 += node.triangles;
        if let Some(bounds) = node.bounds {
            part.1 = Some(part.1.map_or(bounds, |b| crate::model::meshes::union(b, bounds)));
        }
        paths.push(path);
    }
    out
}

/// The largest difference of two boxes, in steps: `of_extent` of the larger side of the first.
fn off(a: Bounds, b: Bounds, of_extent: f64) -> f64 {
    let extent = (0..3).map(|k| a[1][k] - a[0][k]).fold(0.0, f64::max);
    let worst = (0..2).flat_map(|c| (0..3).map(move |k| (c, k))).map(|(c, k)| (a[c][k] - b[c][k]).abs());
    worst.fold(0.0, f64::max) / (extent * of_extent)
}

/// A part is where it was to two steps of `bits` bits over its size: the encoder rounds once for the box of the mesh,
/// and once for the point in it.
#[track_caller]
fn same_place(name: &str, plain: Option<Bounds>, other: Option<Bounds>, bits: i32) {
    match (plain, other) {
        (None, None) => {}
        (Some(a), Some(b)) => {
            let steps = off(a, b, 0.5f64.powi(bits));
            assert!(steps <= 2.0, "{name}: {a:?} {b:?}: {steps} steps");
        }
        other => panic!("{name}: {other:?}"),
    }
}

/// Forms that keep names: part by part.
#[track_caller]
fn same_parts(plain: &str, form: &str, bits: i32, done: &[&str]) {
    let (plain, form) = (load(plain).index, load(form).index);
    let (a, b) = (parts(&plain), parts(&form));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, (triangles, bounds)) in &a {
        assert_eq!(*triangles, b[name].0, "{name}");
        same_place(name, *bounds, b[name].1, bits);
    }
    assert_eq!(plain.totals.triangles, form.totals.triangles);
    assert_eq!(plain.totals.part_ids, form.totals.part_ids);
    for done in done {
        assert!(form.decoded.iter().any(|d| d.contains(done)), "{done}: {:?}", form.decoded);
    }
}

/// Forms that lost their names: as many drawn nodes, each where one of the plain ones is.
#[track_caller]
fn same_shapes(plain: &str, form: &str, bits: i32) {
    let drawn = |index: PartIndex| -> Vec<(u64, Bounds)> {
        index.nodes.into_iter().filter_map(|n| Some((n.triangles, n.bounds?))).collect()
    };
    let (plain, form) = (load(plain).index, load(form).index);
    let whole = plain.totals.bounds.unwrap();
    same_place("the whole", Some(whole), form.totals.bounds, bits);
    assert_eq!(plain.totals.triangles, form.totals.triangles);
    let (plain, mut form) = (drawn(plain), drawn(form));
    assert_eq!(plain.len(), form.len());
    let extent = (0..3).map(|k| whole[1][k] - whole[0][k]).fold(0.0, f64::max);
    let step = extent * 0.5f64.powi(bits);
    for (triangles, a) in plain {
        let same = |&(t, b): &(u64, Bounds)| {
            t == triangles && (0..2).all(|c| (0..3).all(|k| (a[c][k] - b[c][k]).abs() <= 2.0 * step))
        };
        let found = form.iter().position(same).unwrap_or_else(|| panic!("nothing at {a:?}"));
        form.swap_remove(found);
    }
}

const TANK: &str = "CookieFactoryWaterTank.plain.glb";
const SHARED: &str = "gen1000shared.plain.glb";
const BOARD: &str = "board.plain.glb";
const JACK: &str = "PALLET_JACK.glb";

// glTF-Transform: positions in 14 bits, by default, of meshopt, quantization and Draco.

#[test]
fn a_draco_model_has_the_parts_of_its_plain_twin() {
    same_parts(TANK, "CookieFactoryWaterTank.draco.glb", 14, &["Draco"]);
    same_parts(SHARED, "gen1000shared.draco.glb", 14, &["Draco"]);
    same_parts(JACK, "PALLET_JACK.draco.glb", 14, &["Draco"]);
}

#[test]
fn a_meshopt_model_has_the_parts_of_its_plain_twin() {
    same_parts(SHARED, "gen1000shared.meshopt.glb", 14, &["meshopt", "integers"]);
    same_parts(JACK, "PALLET_JACK.meshopt.glb", 14, &["meshopt", "integers"]);
}

#[test]
fn a_quantized_model_has_the_parts_of_its_plain_twin() {
    same_parts(TANK, "CookieFactoryWaterTank.quantized.glb", 14, &["integers"]);
    same_parts(SHARED, "gen1000shared.quantized.glb", 14, &["integers"]);
}

#[test]
fn an_instanced_model_has_the_shapes_of_its_plain_twin() {
    same_shapes(TANK, "CookieFactoryWaterTank.instanced.glb", 20);
    same_shapes(SHARED, "gen1000shared.instanced.glb", 20);
}

#[test]
fn a_model_with_basis_textures_has_the_parts_of_its_plain_twin() {
    for form in ["etc1s", "uastc", "uastc-zstd", "gltf-transform-etc1s", "gltf-transform-uastc"] {
        same_parts(BOARD, &format!("board.{form}.glb"), 20, &["2 Basis Universal textures"]);
    }
}

// gltfpack: 14 bits over the whole model.

#[test]
fn a_model_of_gltfpack_has_the_shapes_of_its_plain_twin() {
    same_shapes(SHARED, "gen1000shared.gltfpack-mi.glb", 14);
    same_shapes(JACK, "PALLET_JACK.gltfpack-cc.glb", 14);
}

#[test]
fn instances_are_called_after_their_node_and_numbered() {
    let index = load("CookieFactoryWaterTank.instanced.glb").index;
    let numbered: Vec<_> = index.nodes.iter().filter_map(|n| n.name.clone()).filter(|n| n.contains('#')).collect();
    assert!(numbered.iter().any(|name| name.ends_with("#1")), "{numbered:?}");
    assert!(index.duplicate_paths.is_empty(), "{:?}", index.duplicate_paths);
}

#[test]
fn nothing_but_plain_gltf_reaches_the_loader() {
    for form in ["CookieFactoryWaterTank.draco.glb", "gen1000shared.meshopt.glb", "gen1000shared.instanced.glb"] {
        let checked = load(form);
        let json = json_of(&checked.files[0]);
        let text = json.to_string();
        for word in ["draco", "meshopt", "instancing", "quantization"] {
            assert!(!text.contains(word), "{form}: {word}");
        }
        assert_eq!(json["buffers"].as_array().unwrap().len(), 1, "{form}");
        mutations::load(&checked);
    }
}

#[test]
fn what_an_optimiser_did_to_the_parts_is_said() {
    let warned = |form: &str, says: &str| {
        let warnings = load(form).warnings;
        assert!(warnings.iter().any(|w| w.contains(says)), "{form}: {warnings:?}");
    };
    warned("PALLET_JACK.gltfpack-cc.glb", "1 parts, 1 unnamed, 1 merged");
    warned("gen1000shared.gltfpack-mi.glb", "1000 parts, 1000 unnamed, 0 merged");
    assert!(!load("gen1000shared.meshopt.glb").warnings.iter().any(|w| w.contains("unnamed")));
}
