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

/// The seeds of the fuzzer: small models in every form that is decoded.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap());
    files.iter().map(|path| read(path)).collect()
}

/// Ends as a model that the loader takes, or as a mistake that has a name; returns whether it passed.
#[track_caller]
fn ends(name: &str, glb: Vec<u8>, limits: &Limits) -> bool {
    match check_bytes(name, glb, None, limits) {
        Ok(checked) => {
            load(&checked);
            true
        }
        Err(e) => {
            assert!(!e.what.is_empty() && e.file == name, "{e:?}");
            false
        }
    }
}

#[test]
fn every_form_that_is_decoded_ends_in_a_model_or_a_named_mistake_however_it_is_mutilated() {
    let small = Limits { bytes: 1 << 20, decoded_bytes: 8 << 20, vertices: 10_000, triangles: 10_000, ..limits() };
    let small = Limits { nodes: 2_000, image_side: 256, image_bytes: 1 << 20, ..small };
    let mut rng = Rng::new(3);
    for (name, seed) in seeds() {
        let split = seed.iter().position(|&b| b == 0).unwrap();
        let (json, bin) = (&seed[..split], &seed[split + 1..]);
        let frame = |json: &[u8], bin: &[u8]| container::join_glb(json, Some(bin)).unwrap();
        assert!(ends(&name, frame(json, bin), &small), "{name}");
        let mut refused = 0;
        for round in 0..300 {
            let (mut json, mut bin) = (json.to_vec(), bin.to_vec());
            match round % 3 {
                0 => mutate(&mut rng, &mut json),
                // Cut off, with all lengths of the JSON as they were.
                1 => bin.truncate(rng.below(bin.len())),
                _ => {
                    for _ in 0..=rng.below(8) {
                        let at = rng.below(bin.len());
                        bin[at] = rng.next() as u8;
                    }
                }
            }
            refused += usize::from(!ends(&name, frame(&json, &bin), &small));
        }
        assert!(refused >= 50, "{name}: {refused}");
    }
}

#[test]
fn the_compressed_models_end_in_a_model_or_a_named_mistake_however_they_are_mutilated() {
    let mut rng = Rng::new(5);
    for name in [
        "CookieFactoryWaterTank.draco.glb",
        "CookieFactoryWaterTank.instanced.glb",
        "CookieFactoryWaterTank.quantized.glb",
        "gen1000shared.draco.glb",
        "gen1000shared.gltfpack-mi.glb",
        "PALLET_JACK.gltfpack-cc.glb",
    ] {
        let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gltf").join(name)).unwrap();
        let json_end = 20 + container::split(&whole).unwrap().json.len();
        for _ in 0..25 {
            let mut bytes = whole.clone();
            for _ in 0..=rng.below(8) {
                let at = json_end + rng.below(bytes.len() - json_end);
                bytes[at] = rng.next() as u8;
            }
            ends(name, bytes, &limits());
            assert!(!ends(name, whole[..rng.below(whole.len())].to_vec(), &limits()), "{name}");
        }
    }
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
