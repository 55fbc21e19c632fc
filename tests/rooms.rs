//! Which room of the program may use which. The crates hold their own arrows; this holds those inside `src/`.

use std::path::{Path, PathBuf};

/// Room, and what it may use: rooms of ours, and outside crates that only some rooms may touch.
const ROOMS: [(&str, &[&str], &[&str]); 5] = [
    ("view", &[], &[]),
    ("ui", &["view"], &["egui"]),
    ("model", &[], &[]),
    ("check.rs", &["model"], &[]),
    ("app", &["ui", "view", "model", "session"], &["bevy", "egui", "twinscope_link"]),
];
const OUTSIDE: [&str; 3] = ["bevy", "egui", "twinscope_link"];

fn sources(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            sources(&entry.unwrap().path(), out);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        out.push(path.to_owned());
    }
}

#[test]
fn rooms_use_only_what_they_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let ours: Vec<String> = std::fs::read_dir(&src)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "lib" && name != "main")
        .collect();
    let mut wrong = Vec::new();
    for (room, may, outside) in ROOMS {
        let mut files = Vec::new();
        sources(&src.join(room), &mut files);
        assert!(!files.is_empty(), "the room {room} has no sources");
        let own = room.trim_end_matches(".rs");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for other in &ours {
                    if other != own && !may.contains(&other.as_str()) && names(code, &format!("crate::{other}")) {
                        wrong.push(format!("{}:{}: {room} uses {other}", file.display(), number + 1));
                    }
                }
                for crate_name in OUTSIDE {
                    let used = names(code, &format!("{crate_name}::")) || names(code, &format!("{crate_name}_"));
                    if used && !outside.contains(&crate_name) && crate_name != "twinscope_link"
                        || names(code, "twinscope_link::") && !outside.contains(&"twinscope_link")
                    {
                        wrong.push(format!("{}:{}: {room} uses {crate_name}", file.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `path` stands in `code` as a name of its own.
fn names(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !word(before) && (path.ends_with([':', '_']) || !word(after))
    })
}
