//! Models from outside: whatever the bytes are, the check ends, in bounds, without a panic, and what passes it can be
//! read whole by the library that the loader uses.
//!
//! The input is the JSON of a model, a zero byte, and its binary chunk: the frame of a GLB is put around it here, so that
//! the search is not spent on lengths. `scripts/fuzz` runs it.

#![no_main]

#[allow(dead_code, reason = "reports and starter files are not looked at here")]
#[path = "../../src/model/mod.rs"]
mod model;

use libfuzzer_sys::fuzz_target;
use model::{Checked, Limits, check_bytes};

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|&b| b == 0).unwrap_or(input.len());
    let (json, rest) = input.split_at(end);
    let limits = Limits {
        bytes: 1 << 20,
        decoded_bytes: 8 << 20,
        json_bytes: 1 << 20,
        vertices: 100_000,
        triangles: 100_000,
        nodes: 10_000,
        image_side: 512,
        image_bytes: 4 << 20,
        ..Limits::default()
    };
    let glb = glb(json, rest.get(1..).unwrap_or_default());
    if let Ok(checked) = check_bytes("m.glb", glb, None, &limits) {
        read(&checked);
    }
});

fn glb(json: &[u8], bin: &[u8]) -> Vec<u8> {
    let mut out = b"glTF\x02\0\0\0\0\0\0\0".to_vec();
    for (kind, bytes, pad) in [(b"JSON", json, b' '), (b"BIN\0", bin, 0)] {
        let length = bytes.len().next_multiple_of(4);
        out.extend_from_slice(&(length as u32).to_le_bytes());
        out.extend_from_slice(kind);
        out.extend_from_slice(bytes);
        out.resize(out.len() + length - bytes.len(), pad);
    }
    let length = (out.len() as u32).to_le_bytes();
    out[8..12].copy_from_slice(&length);
    out
}

/// Everything that the loader reads of a model.
fn read(checked: &Checked) {
    let gltf = gltf::Gltf::from_slice(&checked.files[0].1).unwrap();
    let file = |uri: &str| &checked.files.iter().find(|(name, _)| name == uri).unwrap().1;
    let data: Vec<&[u8]> = gltf
        .buffers()
        .map(|buffer| match buffer.source() {
            gltf::buffer::Source::Bin => gltf.blob.as_deref().unwrap(),
            gltf::buffer::Source::Uri(uri) => file(uri).as_slice(),
        })
        .collect();
    for primitive in gltf.meshes().flat_map(|mesh| mesh.primitives().collect::<Vec<_>>()) {
        let _ = primitive.bounding_box();
        let reader = primitive.reader(|buffer| data.get(buffer.index()).copied());
        let positions = reader.read_positions().unwrap().count();
        if let Some(indices) = reader.read_indices() {
            assert!(indices.into_u32().all(|i| (i as usize) < positions));
        }
        for (p, n, t) in reader.read_morph_targets() {
            let _ = (p.map(Iterator::count), n.map(Iterator::count), t.map(Iterator::count));
        }
    }
}
