//! Small models for tests, made by hand.

use serde_json::{Value, json};

use super::container::join_glb;

/// A triangle: three positions, three indices of two bytes, two bytes of padding.
pub(crate) fn triangle() -> Vec<u8> {
    let mut out = Vec::new();
    for x in [0.0f32, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 0.0] {
        out.extend_from_slice(&x.to_le_bytes());
    }
    for i in [0u16, 1, 2, 0] {
        out.extend_from_slice(&i.to_le_bytes());
    }
    out
}

/// A document that shows the [`triangle`], with two more nodes.
pub(crate) fn document() -> Value {
    json!({
        "asset": { "version": "2.0", "generator": "hand" },
        "scene": 0,
        "scenes": [{ "nodes": [0] }],
        "nodes": [
            { "name": "Root", "children": [1, 2], "translation": [10.0, 0.0, 0.0] },
            { "name": "Gearbox", "mesh": 0, "extras": { "part_id": "gearbox" } },
            { "mesh": 0, "scale": [2.0, 2.0, 2.0] }
        ],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0 }, "indices": 1 }] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3",
              "min": [0.0, 0.0, 0.0], "max": [1.0, 2.0, 0.0] },
            { "bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR" }
        ],
        "bufferViews": [
            { "buffer": 0, "byteOffset": 0, "byteLength": 36 },
            { "buffer": 0, "byteOffset": 36, "byteLength": 6 }
        ],
        "buffers": [{ "byteLength": 44 }]
    })
}

/// A document and data as a GLB.
pub(crate) fn glb(document: &Value, bin: &[u8]) -> Vec<u8> {
    join_glb(document.to_string().as_bytes(), Some(bin)).unwrap()
}

/// The beginning of a PNG of this size.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    out.extend_from_slice(&width.to_be_bytes());
    out.extend_from_slice(&height.to_be_bytes());
    out.extend_from_slice(&[8, 6, 0, 0, 0, 1, 2, 3, 4]);
    out
}

/// The beginning of a JPEG of this size.
pub(crate) fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 3, 7, 0xff, 0xc0, 0, 11, 8];
    out.extend_from_slice(&height.to_be_bytes());
    out.extend_from_slice(&width.to_be_bytes());
    out.extend_from_slice(&[1, 0, 0, 0]);
    out
}
