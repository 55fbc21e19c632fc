//! Models on disk, with files beside them and files that are not theirs.

use std::fs;
use std::path::Path;

use super::*;

fn write_gltf(folder: &Path, uri: &str) -> std::path::PathBuf {
    let mut d = document();
    d["buffers"][0]["uri"] = json!(uri);
    push(&mut d, "images", json!({ "uri": "tex/a%20b.jpeg" }));
    push(&mut d, "textures", json!({ "source": 0 }));
    fs::create_dir_all(folder.join("tex")).unwrap();
    fs::write(folder.join("tex/a b.jpeg"), png(2, 2)).unwrap();
    fs::write(folder.join("data.bin"), triangle()).unwrap();
    let path = folder.join("m.gltf");
    fs::write(&path, d.to_string()).unwrap();
    path
}

#[test]
fn a_gltf_with_files_becomes_flat_files_with_our_names() {
    let dir = tempfile::tempdir().unwrap();
    let checked = check(&write_gltf(dir.path(), "data.bin"), &limits()).unwrap();
    let names: Vec<_> = checked.files.iter().map(|(name, _)| name.as_str()).collect();
    // The picture is a PNG, whatever its name says.
    assert_eq!(names, ["model.gltf", "buffer0.bin", "image0.png"]);
    let document = json_of(&checked.files[0]);
    assert_eq!(document["buffers"][0]["uri"], "buffer0.bin");
    assert_eq!(document["images"][0]["uri"], "image0.png");
    assert_eq!(checked.files[1].1, triangle());
    assert_eq!(checked.files[2].1, png(2, 2));
}

#[test]
fn embedded_data_becomes_a_file() {
    let mut d = document();
    d["buffers"][0]["uri"] =
        json!(format!("data:,{}", triangle().iter().map(|b| format!("%{b:02X}")).collect::<String>()));
    let checked = check_bytes("m.gltf", d.to_string().into_bytes(), None, &limits()).unwrap();
    assert_eq!(checked.files[1], ("buffer0.bin".to_owned(), triangle()));
}

#[test]
fn uris_that_leave_the_folder_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("data.bin"), triangle()).unwrap();
    let inside = dir.path().join("in");
    fs::create_dir(&inside).unwrap();
    for (uri, kind) in [
        ("../data.bin", ErrorKind::Outside),
        ("%2E%2E/data.bin", ErrorKind::Outside),
        ("tex/../../data.bin", ErrorKind::Outside),
        ("file:///etc/passwd", ErrorKind::Outside),
        ("%FF%FE.bin", ErrorKind::Uri),
        ("tex", ErrorKind::NotAFile),
        ("gone.bin", ErrorKind::Missing),
    ] {
        let e = check(&write_gltf(&inside, uri), &limits()).unwrap_err();
        assert_eq!((e.kind, e.place.as_str()), (kind, "buffers[0]"), "{uri}: {e}");
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("in");
    fs::create_dir(&inside).unwrap();
    fs::write(dir.path().join("data.bin"), triangle()).unwrap();
    fs::write(dir.path().join("m.glb"), glb(&document(), &triangle())).unwrap();
    std::os::unix::fs::symlink("../data.bin", inside.join("link.bin")).unwrap();
    std::os::unix::fs::symlink("../m.glb", inside.join("m.glb")).unwrap();
    let e = check(&write_gltf(&inside, "link.bin"), &limits()).unwrap_err();
    assert_eq!(e.kind, ErrorKind::Outside);
    assert_eq!(check(&inside.join("m.glb"), &limits()).unwrap_err().kind, ErrorKind::Outside);
}

#[test]
fn a_model_that_is_missing_or_cut_off_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.glb");
    assert_eq!(check(&path, &limits()).unwrap_err().kind, ErrorKind::Missing);
    assert_eq!(check(dir.path(), &limits()).unwrap_err().kind, ErrorKind::NotAFile);
    let bytes = glb(&document(), &triangle());
    for n in [0, 3, 11, 19, 100, bytes.len() - 1] {
        fs::write(&path, &bytes[..n]).unwrap();
        let e = check(&path, &limits()).unwrap_err();
        assert_eq!(e.kind, ErrorKind::Container, "{n}: {e}");
        assert_eq!(e.file, path.to_string_lossy());
    }
    fs::write(&path, &bytes).unwrap();
    check(&path, &limits()).unwrap();
}

#[test]
fn bytes_after_a_glb_are_cut_off() {
    let clean = glb(&document(), &triangle());
    let mut bytes = clean.clone();
    bytes.extend_from_slice(b"trailing rubbish");
    assert_eq!(check_bytes("m.glb", bytes, None, &limits()).unwrap().files[0].1, clean);
}
