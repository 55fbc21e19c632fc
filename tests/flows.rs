//! What flows, in pixels: a ball whose first texture coordinate counts metres upwards, with dashes of oil along it.

use std::path::Path;

use serde_json::json;
use twinscope::app::picture::{Picture, PictureLook, Shot, Studio, View};
use twinscope::check;
use twinscope::session::model_files;
use twinscope::simulated::Virtual;
use twinscope_link::simulator::Options as Simulation;
use twinscope_twin::quality::Quality;
use twinscope_twin::site::PartRow;

use crate::support::{ball, glb};

/// Large enough that the ball is not drawn as a machine far away.
const SIZE: (u32, u32) = (960, 720);
/// Metres a second. The dashes of oil are 0.32 m from one to the next.
const SPEED: f64 = 0.4;

fn model() -> Vec<u8> {
    let (positions, indices) = ball();
    let along = positions.iter().map(|[_, y, _]| [*y, 0.0]);
    let mut bin: Vec<u8> = positions.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    let texture = bin.len();
    bin.extend(along.flatten().flat_map(|x: f32| x.to_le_bytes()));
    let corners = bin.len();
    bin.extend(indices.iter().flat_map(|i| i.to_le_bytes()));
    let count = positions.len();
    let document = json!({
        "asset": { "version": "2.0" }, "scene": 0, "scenes": [{ "nodes": [0] }],
        "nodes": [{ "name": "pipe", "mesh": 0, "translation": [0, 2, 0] }],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0, "NORMAL": 0, "TEXCOORD_0": 1 }, "indices": 2 }] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3", "min": [-1, -1, -1], "max": [1, 1, 1] },
            { "bufferView": 1, "componentType": 5126, "count": count, "type": "VEC2" },
            { "bufferView": 2, "componentType": 5123, "count": indices.len(), "type": "SCALAR" }
        ],
        "bufferViews": [
            { "buffer": 0, "byteLength": texture },
            { "buffer": 0, "byteOffset": texture, "byteLength": corners - texture },
            { "buffer": 0, "byteOffset": corners, "byteLength": indices.len() * 2 }
        ],
        "buffers": [{ "byteLength": bin.len() }]
    });
    glb(&document, &bin)
}

/// A site with the ball as a pipe, and a table that tells its speed once.
fn site() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let kind = "schema = 1\nid = \"pipe\"\nmodel = \"pipe.glb\"\n[[part]]\nid = \"pipe\"\nnode = \"pipe\"\n\
        [[part.signal]]\nid = \"speed\"\ntopic = \"speed\"\npath = \"/v\"\nunit = \"m/s\"\nstale_after = \"5s\"\n\
        [[part.motion]]\nkind = \"flow\"\nsignal = \"speed\"\n";
    let site = "schema = 1\n[site]\nid = \"s\"\n[[source]]\nid = \"p\"\nurl = \"mqtt://localhost\"\n\
        [[asset]]\nid = \"a\"\ntype = \"pipe\"\nheading_deg = 270\n";
    let table = "schema = 1\nsite = \"s\"\n[time]\ncolumn = \"t\"\nformat = \"ms\"\n[[file]]\npath = \"t.csv\"\n\
        asset = \"a\"\n[[message]]\ntopic = \"speed\"\nfields = { v = \"v\" }\n";
    let rows = format!("t,v\n1767225600000,{SPEED}\n1767225601000,{SPEED}\n");
    std::fs::create_dir(dir.path().join("types")).unwrap();
    for (file, bytes) in [
        ("site.toml", site.as_bytes()),
        ("types/pipe.toml", kind.as_bytes()),
        ("types/pipe.glb", &model()),
        ("table.toml", table.as_bytes()),
        ("t.csv", rows.as_bytes()),
    ] {
        std::fs::write(dir.path().join(file), bytes).unwrap();
    }
    dir
}

/// The pipe `at_ms` after the first message, when it has flowed for `seconds`.
fn picture(dir: &Path, at_ms: u64, quality: Quality, seconds: f64) -> Picture {
    let loaded = check::load(&dir.join("site.toml")).unwrap();
    assert_eq!(loaded.problems, []);
    let table = dir.join("table.toml");
    let mut run = Virtual::new(&loaded.site, &loaded.base_dir, &Simulation::default(), Some(&table)).unwrap();
    run.advance_to(at_ms).unwrap();
    assert_eq!(run.snapshot().signals[0].quality, quality);
    let view = View::Part(PartRow(0));
    let mut studio =
        Studio::new(run.snapshot(), &model_files(&loaded), SIZE, seconds, view, PictureLook::default()).unwrap();
    studio.shoot(&Shot::Lit).unwrap()
}

/// Pixels that differ by more than a fifth of the range of a channel.
fn changed(a: &Picture, b: &Picture) -> usize {
    let pixels = a.rgb.chunks_exact(3).zip(b.rgb.chunks_exact(3));
    pixels.filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 25)).count()
}

#[test]
fn dashes_move_as_far_as_the_speed_says() {
    let dir = site();
    let shot = |seconds: f64| picture(dir.path(), 1_500, Quality::Good, seconds);
    let first = shot(0.05);
    // Half of the distance between dashes, and the whole of it.
    let (half, whole) = (changed(&first, &shot(0.45)), changed(&first, &shot(0.85)));
    assert!(half > 2_000, "{half} pixels change by half a distance");
    assert!(whole < half / 20, "{whole} pixels change by a whole distance, {half} by half of it");
}

#[test]
fn a_stale_flow_has_no_dashes() {
    let dir = site();
    let shot = |seconds: f64| picture(dir.path(), 9_000, Quality::Stale, seconds);
    let live = picture(dir.path(), 1_500, Quality::Good, 0.05);
    let (first, later) = (shot(0.05), shot(0.45));
    assert_eq!(changed(&first, &later), 0);
    assert!(changed(&first, &live) > 2_000, "a stale pipe looks like one that flows");
}
