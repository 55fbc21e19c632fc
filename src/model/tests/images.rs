//! Textures and extensions that cannot be taken as they are.

use super::*;

fn textured(image: Value) -> impl FnOnce(&mut Value) {
    |d: &mut Value| {
        push(d, "images", image);
        push(d, "textures", json!({ "source": 0 }));
    }
}

/// The document with `bytes` as its third view.
fn with_image(bytes: &[u8], mime: Option<&str>) -> Result<Checked, ModelError> {
    let mut d = document();
    let mut bin = triangle();
    let start = bin.len();
    bin.extend_from_slice(bytes);
    d["buffers"][0]["byteLength"] = json!(bin.len());
    push(&mut d, "bufferViews", json!({ "buffer": 0, "byteOffset": start, "byteLength": bytes.len() }));
    let mut image = json!({ "bufferView": 2 });
    if let Some(mime) = mime {
        image["mimeType"] = json!(mime);
    }
    textured(image)(&mut d);
    check_bytes("m.glb", glb(&d, &bin), None, &limits())
}

#[test]
fn an_embedded_image_stays_and_its_type_is_set_right() {
    let checked = with_image(&png(4, 4), Some("image/png")).unwrap();
    assert_eq!(json_of(&checked.files[0])["images"][0]["mimeType"], "image/png");
    let checked = with_image(&jpeg(4, 4), Some("image/png")).unwrap();
    assert_eq!(json_of(&checked.files[0])["images"][0]["mimeType"], "image/jpeg");
    assert!(checked.warnings.iter().any(|w| w.contains("image/jpeg")));
    // The loader unwraps a missing type.
    let checked = with_image(&png(4, 4), None).unwrap();
    assert_eq!(json_of(&checked.files[0])["images"][0]["mimeType"], "image/png");
}

#[test]
fn no_uri_of_the_file_is_left_in_it() {
    let mut d = document();
    push(&mut d, "images", json!({ "bufferView": 0, "mimeType": "image/png", "uri": "a.png" }));
    let checked = check_document(&d).unwrap();
    assert_eq!(json_of(&checked.files[0])["images"][0]["uri"], "unused0.png");
}

#[test]
fn images_too_large_to_decode_are_refused() {
    let e = with_image(&png(20_000, 1), Some("image/png")).unwrap_err();
    assert_eq!((e.kind, e.place.as_str()), (ErrorKind::Limit, "images[0]"));
    let e = with_image(&png(16_000, 16_000), Some("image/png")).unwrap_err();
    assert!(e.kind == ErrorKind::Limit && e.what.contains("once decoded"), "{e}");
}

#[test]
fn an_image_counts_for_each_texture() {
    // 8000 × 8000 × 4 bytes fit twice into 512 MiB, not three times.
    let image = || format!("data:,{}", png(8_000, 8_000).iter().map(|b| format!("%{b:02x}")).collect::<String>());
    let with = |textures: usize| {
        let mut d = document();
        push(&mut d, "images", json!({ "uri": image() }));
        for _ in 0..textures {
            push(&mut d, "textures", json!({ "source": 0 }));
        }
        check_document(&d)
    };
    assert!(with(2).is_ok());
    assert_eq!(with(3).unwrap_err().kind, ErrorKind::Limit);
}

#[test]
fn packed_text_bombs_are_refused() {
    let mut bomb = png(4, 4);
    bomb.extend_from_slice(&1_000_000u32.to_be_bytes());
    bomb.extend_from_slice(b"zTXt");
    assert!(with_image(&bomb, Some("image/png")).unwrap_err().what.contains("packed"));
}

#[test]
fn images_that_cannot_be_read_are_refused() {
    refused(textured(json!({})), ErrorKind::Image, "images[0]", "neither data nor a file");
    refused(textured(json!({ "bufferView": 0 })), ErrorKind::Image, "images[0]", "no known format");
    refused(textured(json!({ "bufferView": 9 })), ErrorKind::Index, "images[0].bufferView", "no bufferView 9");
    refused(textured(json!({ "uri": "data:,abc" })), ErrorKind::Image, "images[0]", "no known format");
    refused(textured(json!({ "uri": "%FF.png" })), ErrorKind::Uri, "images[0]", "does not decode to UTF-8");
    refused(textured(json!({ "uri": "../a.png" })), ErrorKind::Outside, "images[0]", "climbs out");
}

#[test]
fn an_image_that_nothing_shows_is_not_read_but_may_not_climb_out() {
    let mut d = document();
    push(&mut d, "images", json!({ "uri": "nowhere.png" }));
    let checked = check_document(&d).unwrap();
    assert_eq!(json_of(&checked.files[0])["images"][0]["uri"], "unused0.png");
    assert_eq!(checked.files.len(), 1);
    refused(|d| push(d, "images", json!({ "uri": "../a.png" })), ErrorKind::Outside, "images[0]", "climbs out");
}

#[test]
fn required_extensions_that_nothing_reads_are_refused() {
    let change = |d: &mut Value| {
        d["extensionsUsed"] = json!(["VENDOR_something"]);
        d["extensionsRequired"] = json!(["VENDOR_something"]);
    };
    refused(change, ErrorKind::Extension, "extensionsRequired", "VENDOR_something");
}

#[test]
fn a_texture_without_an_image_is_refused() {
    refused(|d| push(d, "textures", json!({})), ErrorKind::Image, "textures[0].source", "no image");
}

#[test]
fn a_required_look_is_dropped_from_what_the_loader_sees() {
    let checked = warned(|d| d["extensionsRequired"] = json!(["KHR_materials_volume"]), "plainer");
    assert_eq!(json_of(&checked.files[0]).get("extensionsRequired"), None);
}
