//! Which room of the program may use which. The crates hold their own arrows; this holds those inside `src/`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room: a file or a folder of `src`, or both; the rooms it may use; and the dependencies it may use beside those that
/// are for everyone. A use of another room may name one item (`cli::print`).
struct Room {
    name: &'static str,
    rooms: &'static [&'static str],
    crates: &'static [&'static str],
}

const ROOMS: [Room; 9] = [
    // The domain's values → plain display structs: no window, no scene, no link.
    Room { name: "view", rooms: &[], crates: &["twinscope_twin", "twinscope_prognosis", "pulldown_cmark"] },
    Room { name: "ui", rooms: &["view"], crates: &["twinscope_twin", "egui", "egui_plot", "egui_phosphor"] },
    Room {
        name: "model",
        rooms: &[],
        crates: &[
            "twinscope_twin",
            "gltf",
            "percent_encoding",
            "basisu",
            "draco_core",
            "meshopt",
            "bytemuck",
            "image",
            "image_webp",
            "zstd",
        ],
    },
    // Points with values from outside, and the values between them: no scene, no site.
    Room { name: "field", rooms: &[], crates: &["csv"] },
    Room { name: "check", rooms: &["field", "model"], crates: &["twinscope_twin", "twinscope_prognosis", "miette"] },
    Room { name: "simulated", rooms: &[], crates: &["twinscope_twin", "twinscope_link"] },
    Room {
        name: "session",
        // Which assets use a model, and printing: two small things that live with who uses them most.
        rooms: &["check", "field::Cloud", "model::ModelField", "model::PartIndex", "app::assets_of", "cli::print"],
        crates: &["twinscope_twin", "twinscope_prognosis", "twinscope_link", "crossbeam_channel"],
    },
    Room {
        name: "app",
        rooms: &["ui", "view", "field", "model", "session"],
        crates: &[
            "meshopt",
            "twinscope_twin",
            "twinscope_link",
            "arboard",
            "twinscope_walk",
            "evdev",
            "bevy",
            "bevy_egui",
            "egui",
            "egui_phosphor",
            "bytemuck",
            "crossbeam_channel",
            "ctrlc",
            "image",
            "png",
            "wgpu",
            "x11_dl",
            "x11rb",
            "xkbcommon_dl",
        ],
    },
    Room {
        name: "cli",
        rooms: &["app", "check", "model", "session", "simulated", "view::quality", "view::tour"],
        crates: &["twinscope_twin", "twinscope_prognosis", "twinscope_link", "clap", "crossbeam_channel", "ctrlc"],
    },
];

/// Dependencies that any room may use.
const FOR_ALL: [&str; 4] = ["serde", "serde_json", "thiserror", "tracing"];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            sources(&entry.unwrap().path(), out);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        out.push(path.to_owned());
    }
}

/// The names of the program's dependencies, as code writes them.
fn dependencies() -> BTreeSet<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let mut names = BTreeSet::new();
    let mut wanted = false;
    for line in text.lines() {
        if line.starts_with('[') {
            wanted = line == "[dependencies]" || (line.starts_with("[target.") && line.ends_with(".dependencies]"));
        } else if wanted && line.starts_with(|c: char| c.is_ascii_lowercase()) {
            let end = line.find(['.', ' ', '=']).unwrap();
            names.insert(line[..end].replace('-', "_"));
        }
    }
    names
}

/// The rooms that `src` has.
fn rooms_of(src: &Path) -> BTreeSet<String> {
    std::fs::read_dir(src)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "lib" && name != "main")
        .collect()
}

/// One path in the code: what it begins with, and its line.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    line: usize,
    /// `room::item` of ours, or the name of a crate.
    path: String,
    ours: bool,
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn word(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

/// The paths that `text` uses, of a file that is `depth` modules below the root of the crate.
fn uses(text: &str, depth: usize) -> Vec<Use> {
    // Comments are left out; `://` in a string is none.
    let code: String = text
        .lines()
        .map(|line| {
            let mut slashes = line.match_indices("//").map(|(at, _)| at);
            let end = slashes.find(|&at| !line[..at].ends_with(|c: char| !c.is_whitespace()));
            format!("{}\n", &line[..end.unwrap_or(line.len())])
        })
        .collect();
    let mut found = Vec::new();
    // `use bevy;` and `use bevy as b;` have no `::`.
    for (line, text) in code.lines().enumerate() {
        let Some((_, used)) = text.split_once("use ").filter(|(before, _)| before.trim().is_empty()) else { continue };
        let head = word(used);
        if used[head.len()..].starts_with([';', ' ']) {
            found.push(Use { line: line + 1, path: head.to_owned(), ours: false });
        }
    }
    let mut at = 0;
    while let Some(next) = code[at..].find("::") {
        let colons = at + next;
        at = colons + 2;
        let before = &code[..colons];
        let head = &before[before.rfind(|c| !is_word(c)).map_or(0, |end| end + 1)..];
        // `::bevy` begins a path, `a::bevy` goes on with one.
        let lead = before[..before.len() - head.len()].strip_suffix("::");
        let continues = lead.is_some_and(|lead| lead.ends_with(|c| is_word(c) || c == '>'));
        if head.is_empty() || continues {
            continue;
        }
        let line = before.matches('\n').count() + 1;
        let mut rest = &code[colons + 2..];
        let mut up = usize::from(head == "super");
        while up > 0 && rest.starts_with("super::") {
            (up, rest) = (up + 1, &rest["super::".len()..]);
        }
        if head == "crate" || up >= depth.max(1) {
            let item = |text: &str| {
                let room = word(text);
                match text[room.len()..].strip_prefix("::").map(word) {
                    Some(item) if !item.is_empty() => format!("{room}::{item}"),
                    _ => room.to_owned(),
                }
            };
            let mut push = |text: &str| found.push(Use { line, path: item(text), ours: true });
            match rest.strip_prefix('{') {
                None => push(rest),
                Some(group) => {
                    let (mut open, mut start) = (0_usize, 0);
                    for (end, c) in group.char_indices() {
                        match c {
                            '{' => open += 1,
                            ',' | '}' if open == 0 => {
                                let entry = group[start..end].trim_start();
                                // Nothing stands behind the last comma.
                                if !entry.is_empty() {
                                    push(entry);
                                }
                                start = end + 1;
                                if c == '}' {
                                    break;
                                }
                            }
                            '}' => open -= 1,
                            _ => {}
                        }
                    }
                }
            }
        } else if up == 0 {
            found.push(Use { line, path: head.to_owned(), ours: false });
        }
    }
    found
}

#[test]
fn rooms_use_only_what_they_may() {
    let src = src();
    let (ours, dependencies) = (rooms_of(&src), dependencies());
    assert!(dependencies.contains("bevy") && dependencies.contains("x11_dl"), "{dependencies:?}");
    let listed: BTreeSet<String> = ROOMS.iter().map(|room| room.name.to_owned()).collect();
    assert_eq!(ours, listed, "every room of src/ says here what it may use");
    let mut wrong = Vec::new();
    for room in &ROOMS {
        let mut files = Vec::new();
        sources(&src.join(room.name), &mut files);
        let file = src.join(room.name).with_extension("rs");
        files.extend(file.is_file().then_some(file));
        assert!(!files.is_empty(), "the room {} has no sources", room.name);
        for file in files {
            let inside = file.strip_prefix(&src).unwrap();
            let depth = inside.components().count() - usize::from(file.ends_with("mod.rs"));
            for used in uses(&std::fs::read_to_string(&file).unwrap(), depth) {
                let of = word(&used.path);
                let may = if used.ours {
                    of == room.name
                        || !ours.contains(of)
                        || room.rooms.iter().any(|may| *may == of || *may == used.path)
                } else {
                    !dependencies.contains(of) || FOR_ALL.contains(&of) || room.crates.contains(&of)
                };
                if !may {
                    wrong.push(format!("src/{}:{}: {} uses {}", inside.display(), used.line, room.name, used.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_file_uses_is_found_however_it_is_written() {
    let found = |text: &str, depth| {
        uses(text, depth).into_iter().filter(|used| used.ours).map(|used| used.path).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(found("use crate::app;", 1), ["app"]);
    assert_eq!(found("let x = crate::app::assets_of(1);", 1), ["app::assets_of"]);
    assert_eq!(found("use crate::{\n    check::{self, load},\n    cli,\n};", 1), ["check", "cli"]);
    assert_eq!(found("pub(in crate::view) fn f() {}", 2), ["view"]);
    assert_eq!(found("use super::theme;", 2), none, "a neighbour in the same room");
    assert_eq!(found("use super::app;", 1), ["app"], "a room may be reached from its own file");
    assert_eq!(found("use super::super::app::Twin;", 2), ["app::Twin"]);
    assert_eq!(found("// crate::app\nlet url = \"mqtt://x\"; crate::ui::f();", 2), ["ui::f"]);
    let crates: Vec<_> = uses("use bevy::prelude::*;\nfn f(ui: &mut egui::Ui) { a::egui::b() }", 2);
    let crates: Vec<_> = crates.iter().map(|used| (used.line, used.path.as_str())).collect();
    assert_eq!(crates, [(1, "bevy"), (2, "egui"), (2, "a")]);
    for written in ["use ::bevy::prelude::*;", "use bevy as b;", "<::bevy::App>::new()", "use bevy;"] {
        assert!(uses(written, 2).iter().any(|used| used.path == "bevy"), "{written}");
    }
}
