//! Textures in KTX2 with Basis Universal: the pictures they were made from, and files that lie.

use super::decode::textured;
use super::mutations::Rng;
use super::*;

/// The board in other forms, and how near its pictures come to those that the encoders were given, dB. ETC1S keeps five
/// bits of a block's colour and four steps of light (rounding alone: 41 dB); UASTC keeps about eight.
const FORMS: [(&str, f64); 5] = [
    ("board.etc1s.glb", 30.0),
    ("board.gltf-transform-etc1s.glb", 30.0),
    ("board.uastc.glb", 40.0),
    ("board.uastc-zstd.glb", 40.0),
    ("board.gltf-transform-uastc.glb", 40.0),
];

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gltf").join(name);
    std::fs::read(path).unwrap()
}

/// The bytes of each texture's image.
fn images(glb: &[u8]) -> Vec<Vec<u8>> {
    let parts = container::split(glb).unwrap();
    let json: Value = serde_json::from_slice(parts.json).unwrap();
    let number = |value: &Value| value.as_u64().unwrap_or(0) as usize;
    let textures = json["textures"].as_array().unwrap().iter();
    let source = |t: &Value| t.pointer("/extensions/KHR_texture_basisu/source").or_else(|| t.get("source")).map(number);
    textures
        .map(|texture| {
            let view = &json["bufferViews"][number(&json["images"][source(texture).unwrap()]["bufferView"])];
            parts.bin.unwrap()[number(&view["byteOffset"])..][..number(&view["byteLength"])].to_vec()
        })
        .collect()
}

fn pictures(glb: &[u8]) -> Vec<image::RgbaImage> {
    let png = |bytes: Vec<u8>| image::load_from_memory_with_format(&bytes, image::ImageFormat::Png).unwrap();
    images(glb).into_iter().map(|bytes| png(bytes).to_rgba8()).collect()
}

/// Peak signal to noise over all four channels, dB.
fn psnr(a: &image::RgbaImage, b: &image::RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let squares = a.as_raw().iter().zip(b.as_raw()).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2));
    10.0 * (255.0 * 255.0 * a.as_raw().len() as f64 / squares.sum::<f64>()).log10()
}

#[test]
fn a_basis_texture_shows_the_picture_that_it_was_made_from() {
    let plain = pictures(&fixture("board.plain.glb"));
    assert_eq!([plain[0].dimensions(), plain[1].dimensions()], [(20, 12), (16, 16)]);
    for (form, least) in FORMS {
        let checked = check_bytes(form, fixture(form), None, &limits()).unwrap();
        let done = "2 Basis Universal textures as PNG".to_owned();
        assert!(checked.index.decoded.contains(&done), "{form}: {:?}", checked.index.decoded);
        assert_eq!(checked.warnings, Vec::<String>::new(), "{form}");
        assert!(!json_of(&checked.files[0]).to_string().contains("basisu"), "{form}");
        for (picture, plain) in pictures(&checked.files[0].1).iter().zip(&plain) {
            let near = psnr(plain, picture);
            assert!(near >= least, "{form}: {near:.1} dB");
        }
    }
}

#[test]
fn a_basis_texture_may_be_a_file_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("sign.ktx2"), &images(&fixture("board.uastc-zstd.glb"))[0]).unwrap();
    let mut d = document();
    push(&mut d, "images", json!({ "uri": "sign.ktx2" }));
    push(&mut d, "textures", json!({ "extensions": { "KHR_texture_basisu": { "source": 0 } } }));
    let checked = check_bytes("m.glb", glb(&d, &triangle()), Some(dir.path()), &limits()).unwrap();
    assert!(psnr(&pictures(&fixture("board.plain.glb"))[0], &pictures(&checked.files[0].1)[0]) >= 40.0);
    d["images"][0]["uri"] = json!("../sign.ktx2");
    let e = check_bytes("m.glb", glb(&d, &triangle()), Some(dir.path()), &limits()).map(|c| c.warnings).unwrap_err();
    assert_eq!(e.kind, ErrorKind::Outside, "{e}");
}

/// What is said of a KTX2 file in whose place a neutral texture is shown.
#[track_caller]
fn unread(ktx2: &[u8], limits: &Limits) -> String {
    let (d, bin) = textured("KHR_texture_basisu", "image/ktx2", ktx2);
    let checked = check_bytes("m.glb", glb(&d, &bin), None, limits).unwrap();
    assert_eq!(pictures(&checked.files[0].1)[0].as_raw(), &[255; 4]);
    let told = checked.warnings.iter().find(|w| w.contains("images[0] cannot be read as Basis Universal")).unwrap();
    assert!(told.contains("PNG or JPEG"), "{told}");
    told.clone()
}

#[test]
fn a_header_that_lies_is_told_before_anything_is_decoded() {
    let (etc1s, uastc) = (images(&fixture("board.etc1s.glb")), images(&fixture("board.uastc.glb")));
    let zstd = images(&fixture("board.uastc-zstd.glb"));
    let most = u32::MAX;
    for (file, at, word, says) in [
        (&etc1s[0], 0, 0, "no KTX2"),
        (&etc1s[0], 12, 43, "format 43"),
        (&etc1s[0], 20, 0, "no plain picture"),
        (&etc1s[0], 20, 16_388, "16388 × 12 pixels are too many"),
        (&etc1s[0], 24, most, "pixels are too many"),
        (&etc1s[0], 28, 1, "no plain picture"),
        (&etc1s[0], 32, 2, "no plain picture"),
        (&etc1s[0], 36, 6, "no plain picture"),
        (&etc1s[0], 40, most, "damaged"),
        (&etc1s[0], 44, 3, "supercompression 3"),
        (&etc1s[0], 48, most, "cut off"),
        (&etc1s[0], 52, most, "cut off"),
        // The codebooks and the level, by the upper half of their offsets and lengths as well.
        (&etc1s[0], 64, most, "cut off"),
        (&etc1s[0], 68, most, "cut off"),
        (&etc1s[0], 76, most, "cut off"),
        (&etc1s[0], 80, most, "cut off"),
        (&etc1s[0], 84, most, "cut off"),
        (&etc1s[0], 92, most, "cut off"),
        (&uastc[0], 20, 400, "another length"),
        (&uastc[0], 44, 1, "supercompression 1"),
        (&zstd[0], 96, most, "another length"),
        (&zstd[0], 100, 1, "another length"),
        (&zstd[0], 20, 400, "another length"),
    ] {
        let mut file = file.clone();
        file[at..at + 4].copy_from_slice(&word.to_le_bytes());
        let told = unread(&file, &limits());
        assert!(told.contains(says), "{at}: {told}");
    }
}

#[test]
fn what_a_packed_level_unpacks_to_is_bounded_by_its_picture() {
    let mut file = images(&fixture("board.uastc-zstd.glb")).swap_remove(0);
    let bomb = zstd::bulk::compress(&vec![0; 1 << 20], 1).unwrap();
    let start = file.len() as u64;
    file.extend_from_slice(&bomb);
    file[80..88].copy_from_slice(&start.to_le_bytes());
    file[88..96].copy_from_slice(&(bomb.len() as u64).to_le_bytes());
    assert!(unread(&file, &limits()).contains("damaged"));
}

#[test]
fn many_pictures_may_be_no_more_pixels_than_one() {
    // The first picture has 20 × 12 pixels of four bytes, the second 16 × 16.
    for (image_bytes, told) in [(960 + 1_024, 0), (960 + 1_023, 1)] {
        let small = Limits { image_bytes, ..limits() };
        let checked = check_bytes("m.glb", fixture("board.etc1s.glb"), None, &small).unwrap();
        let too_many = checked.warnings.iter().filter(|w| w.contains("16 × 16 pixels are too many")).count();
        assert_eq!(too_many, told, "{:?}", checked.warnings);
    }
}

#[test]
fn a_normal_map_that_cannot_be_read_has_no_bumps() {
    let (mut d, bin) = textured("KHR_texture_basisu", "image/ktx2", b"\xabKTX 20\xbb\r\n\x1a\n");
    d["materials"][0] = json!({ "normalTexture": { "index": 0 } });
    let checked = check_bytes("m.glb", glb(&d, &bin), None, &limits()).unwrap();
    assert_eq!(pictures(&checked.files[0].1)[0].as_raw(), &[128, 128, 255, 255]);
}

#[test]
fn mutilated_basis_textures_are_shown_or_neutral() {
    // A mutilated header may say so many pixels.
    let small = Limits { image_side: 256, image_bytes: 256 << 10, ..limits() };
    let mut rng = Rng::new(11);
    let (mut shown, mut neutral) = (0, 0);
    let mut look = |bytes: &[u8]| {
        let (d, bin) = textured("KHR_texture_basisu", "image/ktx2", bytes);
        let checked = check_bytes("m.glb", glb(&d, &bin), None, &small).unwrap();
        let picture = &pictures(&checked.files[0].1)[0];
        match checked.warnings.iter().any(|w| w.contains("images[0] cannot be read as Basis Universal")) {
            true => neutral += usize::from(picture.as_raw()[..] == [255; 4]),
            false => shown += usize::from(picture.as_raw().len() as u64 <= small.image_bytes),
        }
    };
    let mut looked = 0;
    for form in ["board.etc1s.glb", "board.uastc.glb", "board.uastc-zstd.glb"] {
        for whole in images(&fixture(form)) {
            for n in 0..whole.len() {
                look(&whole[..n]);
            }
            for _ in 0..1_000 {
                let mut bytes = whole.clone();
                for _ in 0..=rng.below(3) {
                    let at = rng.below(bytes.len());
                    bytes[at] ^= 1 << rng.below(8);
                }
                look(&bytes);
            }
            looked += whole.len() + 1_000;
        }
    }
    assert_eq!(shown + neutral, looked);
    assert!(shown > 500 && neutral > 500, "{shown} shown, {neutral} neutral");
}

/// The same again in a process that may have 512 MiB of addresses, a third of which the program takes.
#[test]
fn mutilated_basis_textures_take_no_more_memory_than_others() {
    let test = "model::tests::basisu::mutilated_basis_textures_are_shown_or_neutral";
    let limited = "ulimit -v 524288; exec \"$0\" --exact \"$1\" --test-threads 1";
    let mut shell = std::process::Command::new("sh");
    let out = shell.args(["-c", limited]).arg(std::env::current_exe().unwrap()).arg(test).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&out.stderr));
}
