//! Thousands of models broken at random: no panic here, and none in the library that loads what passed.

use super::*;

/// splitmix64 (Vigna, 2015): enough for choosing bytes.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// The loader's own glTF library must take what passed: its parse, its validation, and every read that the renderer
/// makes of a mesh.
pub(super) fn load(checked: &Checked) {
    let gltf = gltf::Gltf::from_slice(&checked.files[0].1).unwrap();
    let data: Vec<Vec<u8>> = gltf
        .buffers()
        .map(|b| match b.source() {
            gltf::buffer::Source::Bin => gltf.blob.clone().unwrap(),
            gltf::buffer::Source::Uri(uri) => checked.files.iter().find(|(name, _)| name == uri).unwrap().1.clone(),
        })
        .collect();
    for texture in gltf.textures() {
        match texture.source().source() {
            gltf::image::Source::View { view, .. } => {
                let _ = &data[view.buffer().index()][view.offset()..view.offset() + view.length()];
            }
            gltf::image::Source::Uri { uri, .. } => assert!(checked.files.iter().any(|(name, _)| name == uri)),
        }
    }
    for primitive in gltf.meshes().flat_map(|m| m.primitives().collect::<Vec<_>>()) {
        let _ = primitive.bounding_box();
        let reader = primitive.reader(|b| Some(data[b.index()].as_slice()));
        let positions = reader.read_positions().unwrap().count();
        if let Some(indices) = reader.read_indices() {
            assert!(indices.into_u32().all(|i| (i as usize) < positions));
        }
        for (p, n, t) in reader.read_morph_targets() {
            let _ = (p.map(Iterator::count), n.map(Iterator::count), t.map(Iterator::count));
        }
    }
    for skin in gltf.skins() {
        let _ = skin.reader(|b| Some(data[b.index()].as_slice())).read_inverse_bind_matrices().map(Iterator::count);
    }
}

fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..=rng.below(3) {
        let at = rng.below(bytes.len());
        match rng.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, rng.next() as u8),
            2 => {
                if let Some(b) = bytes.get_mut(at) {
                    *b = rng.next() as u8;
                }
            }
            3 => {
                if let Some(b) = bytes.get_mut(at) {
                    *b ^= 1 << rng.below(8);
                }
            }
            // Digits into other digits: still JSON, other indices, counts and offsets.
            4 => {
                if let Some(b) = bytes[at..].iter_mut().find(|b| b.is_ascii_digit()) {
                    *b = b'0' + rng.below(10) as u8;
                }
            }
            _ => {
                let from = rng.below(bytes.len());
                let n = rng.below(16).min(bytes.len() - from);
                let piece = bytes[from..from + n].to_vec();
                bytes.splice(at..at, piece);
            }
        }
        if bytes.is_empty() {
            return;
        }
    }
}

fn rich() -> Value {
    let mut d = document();
    skinned(|_| {})(&mut d);
    push(&mut d, "accessors", json!({ "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3" }));
    d["meshes"][0]["primitives"][0]["targets"] = json!([{ "POSITION": 2 }]);
    d["accessors"][2]["sparse"] =
        json!({ "count": 2, "indices": { "bufferView": 1, "componentType": 5123 }, "values": { "bufferView": 0 } });
    push(&mut d, "images", json!({ "uri": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" }));
    push(&mut d, "textures", json!({ "source": 0 }));
    push(&mut d, "materials", json!({ "pbrMetallicRoughness": { "baseColorTexture": { "index": 0 } } }));
    d["meshes"][0]["primitives"][0]["material"] = json!(0);
    d
}

/// A container around JSON that was mutated, so that more of it is reached.
fn wrap(json: &[u8]) -> Vec<u8> {
    container::join_glb(json, Some(&triangle())).unwrap()
}

#[test]
fn thousands_of_mutations_neither_panic_here_nor_in_the_loaders_library() {
    let small = Limits { bytes: 1 << 20, json_bytes: 1 << 20, vertices: 10_000, triangles: 10_000, ..limits() };
    let whole = glb(&rich(), &triangle());
    let text = rich().to_string().into_bytes();
    check_bytes("m.glb", whole.clone(), None, &small).unwrap();
    let mut rng = Rng::new(7);
    let mut passed = 0usize;
    for round in 0..6_000 {
        let bytes = if round % 3 == 0 {
            let mut bytes = whole.clone();
            mutate(&mut rng, &mut bytes);
            bytes
        } else {
            let mut json = text.clone();
            mutate(&mut rng, &mut json);
            wrap(&json)
        };
        if let Ok(checked) = check_bytes("m.glb", bytes, None, &small) {
            passed += 1;
            load(&checked);
            assert!(checked.files.iter().map(|(_, b)| b.len()).sum::<usize>() < 2 << 20);
        }
    }
    // If nothing passed, the loop would try the parser alone.
    assert!(passed > 200, "{passed}");
}
