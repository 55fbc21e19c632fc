//! What is made plain, on small models made here: textures, variants, filters, and compressed data that lies.

use std::io::Cursor;

use super::*;

/// The document and its data with a texture in this format, given by an extension and embedded.
pub(super) fn textured(extension: &str, mime: &str, bytes: &[u8]) -> (Value, Vec<u8>) {
    let (mut d, mut bin) = (document(), triangle());
    push(&mut d, "bufferViews", json!({ "buffer": 0, "byteOffset": bin.len(), "byteLength": bytes.len() }));
    bin.extend_from_slice(bytes);
    d["buffers"][0]["byteLength"] = json!(bin.len());
    push(&mut d, "images", json!({ "bufferView": 2, "mimeType": mime }));
    push(&mut d, "textures", json!({ "extensions": { extension: { "source": 0 } } }));
    push(&mut d, "materials", json!({ "pbrMetallicRoughness": { "baseColorTexture": { "index": 0 } } }));
    d["meshes"][0]["primitives"][0]["material"] = json!(0);
    d["extensionsUsed"] = json!([extension]);
    d["extensionsRequired"] = json!([extension]);
    (d, bin)
}

fn checked(d: &Value, bin: &[u8]) -> Result<Checked, ModelError> {
    check_bytes("m.glb", glb(d, bin), None, &limits())
}

/// The one image of a model as the loader gets it.
fn image_of(checked: &Checked) -> image::RgbaImage {
    let json = json_of(&checked.files[0]);
    let source = json["textures"][0]["source"].as_u64().unwrap() as usize;
    let view = json["images"][source]["bufferView"].as_u64().unwrap() as usize;
    let number = |key: &str| json["bufferViews"][view][key].as_u64().unwrap_or(0) as usize;
    let bin = container::split(&checked.files[0].1).unwrap().bin.unwrap();
    let bytes = &bin[number("byteOffset")..number("byteOffset") + number("byteLength")];
    image::load_from_memory_with_format(bytes, image::ImageFormat::Png).unwrap().to_rgba8()
}

#[test]
fn a_webp_texture_becomes_a_png_of_the_same_pixels() {
    let pixels: Vec<u8> = vec![255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 255, 9, 8, 7, 255];
    let mut webp = Vec::new();
    image_webp::WebPEncoder::new(Cursor::new(&mut webp)).encode(&pixels, 2, 2, image_webp::ColorType::Rgba8).unwrap();
    let (d, bin) = textured("EXT_texture_webp", "image/webp", &webp);
    let checked = checked(&d, &bin).unwrap();
    assert_eq!(image_of(&checked).into_raw(), pixels);
    assert!(checked.index.decoded.iter().any(|done| done.contains("1 WebP texture")), "{:?}", checked.index.decoded);
}

#[test]
fn what_cannot_be_read_of_textures_is_named_and_a_neutral_one_is_shown() {
    for (extension, mime, bytes, says) in [
        ("EXT_texture_avif", "image/avif", &b"\0\0\0\x1cftypavif"[..], "EXT_texture_avif, which is not read"),
        ("EXT_texture_webp", "image/webp", b"RIFF\x04\0\0\0WEBPnone", "cannot be read as WebP"),
    ] {
        let (d, bin) = textured(extension, mime, bytes);
        let checked = checked(&d, &bin).unwrap();
        assert!(checked.warnings.iter().any(|w| w.contains(says)), "{:?}", checked.warnings);
        assert_eq!(image_of(&checked).into_raw(), [255; 4]);
    }
}

#[test]
fn a_webp_picture_of_too_many_pixels_is_not_unpacked() {
    let mut webp = Vec::new();
    let encoder = image_webp::WebPEncoder::new(Cursor::new(&mut webp));
    encoder.encode(&vec![0; 600 * 600 * 3], 600, 600, image_webp::ColorType::Rgb8).unwrap();
    let (d, bin) = textured("EXT_texture_webp", "image/webp", &webp);
    let small = Limits { image_side: 512, ..limits() };
    let checked = check_bytes("m.glb", glb(&d, &bin), None, &small).unwrap();
    assert!(checked.warnings.iter().any(|w| w.contains("600 × 600 pixels")), "{:?}", checked.warnings);
}

fn with_variants() -> Value {
    let mut d = document();
    d["materials"] = json!([{ "name": "steel" }, { "name": "red" }]);
    d["extensions"] = json!({ "KHR_materials_variants": { "variants": [{ "name": "Plain" }, { "name": "Painted" }] } });
    d["extensionsUsed"] = json!(["KHR_materials_variants"]);
    let mapping = json!({ "mappings": [{ "material": 1, "variants": [1] }] });
    d["meshes"][0]["primitives"][0]["extensions"] = json!({ "KHR_materials_variants": mapping });
    d["meshes"][0]["primitives"][0]["material"] = json!(0);
    d
}

#[test]
fn a_variant_that_is_asked_for_is_put_on_and_the_default_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.glb");
    std::fs::write(&path, glb(&with_variants(), &triangle())).unwrap();
    for (variant, material) in [(None, 0), (Some("Plain"), 0), (Some("Painted"), 1)] {
        let checked = check_variant(&path, variant, &limits()).unwrap();
        let json = json_of(&checked.files[0]);
        assert_eq!(json["meshes"][0]["primitives"][0]["material"], material, "{variant:?}");
        assert_eq!(checked.index.variants, ["Plain", "Painted"]);
    }
    let e = check_variant(&path, Some("Rusty"), &limits()).unwrap_err();
    assert!(e.what.contains("Rusty") && e.remedy.contains("\"Plain\", \"Painted\""), "{e}: {}", e.remedy);
}

/// The document with its positions in a packed view, filtered.
fn packed(
    stride: usize,
    filter: &str,
    encoded: &[u8],
    count: usize,
    edit: impl FnOnce(&mut Value),
) -> (Value, Vec<u8>) {
    let (mut d, mut bin) = (document(), triangle());
    let start = bin.len();
    bin.extend_from_slice(encoded);
    d["buffers"] = json!([{ "byteLength": bin.len() },
        { "byteLength": count * stride, "extensions": { "EXT_meshopt_compression": { "fallback": true } } }]);
    let extension = json!({ "buffer": 0, "byteOffset": start, "byteLength": encoded.len(), "byteStride": stride,
        "count": count, "mode": "ATTRIBUTES", "filter": filter });
    push(
        &mut d,
        "bufferViews",
        json!({ "buffer": 1, "byteLength": count * stride, "byteStride": stride,
        "extensions": { "EXT_meshopt_compression": extension } }),
    );
    edit(&mut d);
    (d, bin)
}

#[test]
fn the_exponential_filter_gives_the_numbers_that_were_packed() {
    let points = [[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0]];
    let filtered = meshopt::encode_filter_exp(&points, 23, meshopt::EncodeExpMode::Separate);
    let encoded = meshopt::encode_vertex_buffer(&filtered).unwrap();
    let (d, bin) = packed(12, "EXPONENTIAL", &encoded, 3, |d| d["accessors"][0]["bufferView"] = json!(2));
    let index = checked(&d, &bin).unwrap().index;
    assert_eq!(index.nodes[1].bounds, Some([[10.0, 0.0, 0.0], [11.0, 2.0, 0.0]]));
}

#[test]
fn the_quaternion_filter_gives_the_turns_that_were_packed() {
    let h = std::f32::consts::FRAC_1_SQRT_2;
    let turns = [[0.0f32, 0.0, 0.0, 1.0], [0.0, 0.0, h, h]];
    let encoded = meshopt::encode_vertex_buffer(&meshopt::encode_filter_quat(&turns, 16)).unwrap();
    let (d, bin) = packed(8, "QUATERNION", &encoded, 2, |d| {
        push(
            d,
            "accessors",
            json!({ "bufferView": 2, "componentType": 5122, "normalized": true, "count": 2, "type": "VEC4" }),
        );
        d["nodes"][1]["extensions"] = json!({ "EXT_mesh_gpu_instancing": { "attributes": { "ROTATION": 2 } } });
    });
    let index = checked(&d, &bin).unwrap().index;
    let bounds = |name: &str| index.nodes.iter().find(|n| n.path == name).unwrap().bounds.unwrap();
    // The second turns x to y and y to −x: the box (0..1, 0..2) becomes (−2..0, 0..1), at x = 10.
    for (name, want) in [
        ("Root/Gearbox/Gearbox#1", [[10.0, 0.0, 0.0], [11.0, 2.0, 0.0]]),
        ("Root/Gearbox/Gearbox#2", [[8.0, 0.0, 0.0], [10.0, 1.0, 0.0]]),
    ] {
        let got = bounds(name);
        let far = got.iter().flatten().zip(want.iter().flatten()).map(|(a, b): (&f64, &f64)| (a - b).abs());
        assert!(far.fold(0.0, f64::max) < 1e-3, "{name}: {got:?}");
    }
}

#[test]
fn sparse_positions_are_put_in_their_places() {
    let (mut d, mut bin) = (document(), triangle());
    push(&mut d, "bufferViews", json!({ "buffer": 0, "byteOffset": bin.len(), "byteLength": 4 }));
    bin.extend_from_slice(&[2, 0, 0, 0]);
    push(&mut d, "bufferViews", json!({ "buffer": 0, "byteOffset": bin.len(), "byteLength": 12 }));
    for x in [0.0f32, 5.0, 0.0] {
        bin.extend_from_slice(&x.to_le_bytes());
    }
    d["buffers"][0]["byteLength"] = json!(bin.len());
    d["accessors"][0]["sparse"] = json!({ "count": 1, "indices": { "bufferView": 2, "componentType": 5121 },
        "values": { "bufferView": 3 } });
    d["accessors"][0]["max"] = json!([1.0, 5.0, 0.0]);
    let checked = checked(&d, &bin).unwrap();
    assert_eq!(json_of(&checked.files[0])["accessors"][0].get("sparse"), None);
    assert_eq!(checked.index.nodes[1].bounds, Some([[10.0, 0.0, 0.0], [11.0, 5.0, 0.0]]));
}

#[test]
fn values_of_ones_own_are_kept_as_numbers() {
    let (mut d, mut bin) = (document(), triangle());
    push(&mut d, "bufferViews", json!({ "buffer": 0, "byteOffset": bin.len(), "byteLength": 3 }));
    bin.extend_from_slice(&[0, 127, 255, 0]);
    d["buffers"][0]["byteLength"] = json!(bin.len());
    push(
        &mut d,
        "accessors",
        json!({ "bufferView": 2, "componentType": 5121, "normalized": true, "count": 3, "type": "SCALAR" }),
    );
    d["meshes"][0]["primitives"][0]["attributes"]["_WEAR"] = json!(2);
    let checked = checked(&d, &bin).unwrap();
    let json = json_of(&checked.files[0]);
    let wear =
        json["meshes"][0]["primitives"][0]["attributes"][format!("_{}", slot_name(0))].as_u64().unwrap() as usize;
    assert_eq!(
        (&json["accessors"][wear]["componentType"], &json["accessors"][wear]["type"]),
        (&json!(5126), &json!("SCALAR"))
    );
}

// Data that lies. Each is refused with a kind and a remedy, or shown without what is broken.

/// Refused, as data or for its size, with a remedy.
#[track_caller]
fn hostile(d: &Value, bin: &[u8], says: &str) {
    let e = checked(d, bin).map(|c| c.warnings).unwrap_err();
    assert!(e.to_string().contains(says), "{e}");
    assert!(!e.remedy.is_empty(), "{e}");
}

#[test]
fn meshopt_counts_that_fill_the_memory_are_refused_before_anything_is_unpacked() {
    let edit = |key: &'static str, value: Value| {
        packed(12, "NONE", &[0xa0, 0, 0, 0], 3, |d| {
            d["accessors"][0]["bufferView"] = json!(2);
            d["bufferViews"][2]["extensions"]["EXT_meshopt_compression"][key] = value;
        })
    };
    for (key, value, says) in [
        ("count", json!(1u64 << 40), "MiB of data"),
        ("count", json!(u64::MAX), "MiB of data"),
        ("count", json!(-1), "count is no number"),
        ("count", json!(0), "cannot be"),
        ("byteStride", json!(260), "cannot be"),
        ("byteStride", json!(6), "cannot be"),
        ("byteStride", json!(0), "cannot be"),
        ("byteLength", json!(1 << 30), "past the end"),
        ("byteOffset", json!(u64::MAX), "past the end"),
        ("buffer", json!(9), "no buffer 9"),
        ("mode", json!("LINES"), "not known"),
        ("mode", json!(7), "no text"),
        ("filter", json!("MAGIC"), "not known"),
        ("filter", json!("QUATERNION"), "not for elements of 12 bytes"),
        ("count", json!(3), "damaged"),
    ] {
        let (d, bin) = edit(key, value.clone());
        let e = checked(&d, &bin).map(|c| c.warnings).unwrap_err();
        assert!(e.what.contains(says), "{key} {value}: {e}");
        assert!(!e.remedy.is_empty());
    }
}

fn with_draco(bytes: &[u8], extension: Value) -> (Value, Vec<u8>) {
    let (mut d, mut bin) = (document(), triangle());
    push(&mut d, "bufferViews", json!({ "buffer": 0, "byteOffset": bin.len(), "byteLength": bytes.len() }));
    bin.extend_from_slice(bytes);
    d["buffers"][0]["byteLength"] = json!(bin.len());
    d["meshes"][0]["primitives"][0]["extensions"] = json!({ "KHR_draco_mesh_compression": extension });
    (d, bin)
}

#[test]
fn draco_data_that_lies_is_refused() {
    let (d, bin) = with_draco(
        b"DRACO\x02\x02\x01\x01\0\0\xff\xff\xff\xff\x0f\xff\xff\xff\x7f",
        json!({ "bufferView": 2, "attributes": { "POSITION": 0 } }),
    );
    hostile(&d, &bin, "compressed mesh");
    for (extension, says) in [
        (json!({ "attributes": { "POSITION": 0 } }), "bufferView is no number"),
        (json!({ "bufferView": 99, "attributes": { "POSITION": 0 } }), "no bufferView 99"),
        (json!({ "bufferView": 2 }), "attributes are missing"),
        (json!({ "bufferView": 2, "attributes": { "POSITION": "x" } }), "is no number"),
        (json!(7), "is no number"),
    ] {
        let (d, bin) = with_draco(b"DRACO", extension);
        hostile(&d, &bin, says);
    }
}

#[test]
fn instances_that_lie_are_refused() {
    let with = |attributes: Value, accessor: Value| {
        let mut d = document();
        push(&mut d, "accessors", accessor);
        d["nodes"][1]["extensions"] = json!({ "EXT_mesh_gpu_instancing": { "attributes": attributes } });
        d
    };
    let points = json!({ "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3" });
    let many = json!({ "componentType": 5126, "count": 1u64 << 40, "type": "VEC3" });
    for (attributes, accessor, says) in [
        (json!({ "TRANSLATION": 9 }), points.clone(), "no accessor 9"),
        (json!({ "ROTATION": 2 }), points.clone(), "wrong type"),
        (json!({ "TRANSLATION": 2, "SCALE": 1 }), points.clone(), "wrong type"),
        (json!({}), points, "no instances"),
        (json!({ "TRANSLATION": 2 }), many, "MiB of data"),
    ] {
        hostile(&with(attributes, accessor), &triangle(), says);
    }
    let small = Limits { nodes: 5, ..limits() };
    let d = with(
        json!({ "TRANSLATION": 2 }),
        json!({ "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3" }),
    );
    let e = check_bytes("m.glb", glb(&d, &triangle()), None, &small).unwrap_err();
    assert_eq!(e.kind, ErrorKind::Limit, "{e}");
}

#[test]
fn what_decoding_makes_is_bounded_in_sum() {
    // A strip of 3 corners many times over: each list of its own is small.
    let mut d = document();
    for i in 0..200 {
        push(&mut d, "accessors", json!({ "bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR" }));
        push(
            &mut d,
            "meshes",
            json!({ "primitives": [{ "attributes": { "POSITION": 0 }, "indices": 2 + i, "mode": 5 }] }),
        );
    }
    let small = Limits { decoded_bytes: 4_000, ..limits() };
    let e = check_bytes("m.glb", glb(&d, &triangle()), None, &small).unwrap_err();
    assert_eq!(e.kind, ErrorKind::Limit, "{e}");
    assert!(check_bytes("m.glb", glb(&d, &triangle()), None, &limits()).is_ok());
}
