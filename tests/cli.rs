//! The program as it is typed: messages, exit codes.

use std::path::Path;
use std::process::Command;

use crate::support::{Outcome, run, twinscope};

fn without_display() -> Command {
    let mut command = twinscope();
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command
}

#[track_caller]
fn refused_politely(outcome: &Outcome, code: i32, says: &str) {
    assert_eq!(outcome.code, Some(code), "{}", outcome.err);
    assert!(outcome.err.contains(says), "{}", outcome.err);
    assert!(!outcome.err.contains("panicked"), "{}", outcome.err);
    assert!(!outcome.err.contains("stack backtrace"), "{}", outcome.err);
}

#[test]
fn without_a_display_the_remedy_is_said_and_the_code_is_2() {
    let outcome = run(without_display().arg("demo"));
    refused_politely(&outcome, 2, "DISPLAY is not set");
    assert!(outcome.err.contains("xvfb-run"), "{}", outcome.err);
}

#[test]
fn a_display_that_does_not_answer_is_named_and_the_code_is_2() {
    refused_politely(&run(without_display().env("DISPLAY", ":59998")), 2, ":59998 does not answer");
}

#[test]
fn without_a_driver_the_remedy_is_said_and_the_code_is_2() {
    let out = tempfile::tempdir().unwrap().path().join("out.png");
    let outcome = run(twinscope()
        .env("VK_ICD_FILENAMES", "/nonexistent.json")
        .env("VK_DRIVER_FILES", "/nonexistent.json")
        .env("LIBGL_DRIVERS_PATH", "/nonexistent")
        .env("__EGL_VENDOR_LIBRARY_DIRS", "/nonexistent")
        .args(["render", "assets/sites/demo/site.toml", "-o"])
        .arg(out));
    refused_politely(&outcome, 2, "mesa-vulkan-drivers");
}

#[test]
fn a_site_file_that_is_not_there_is_named() {
    refused_politely(&run(twinscope().args(["check", "nowhere/site.toml"])), 1, "nowhere/site.toml");
}

#[test]
fn an_unknown_option_ends_with_code_2() {
    let outcome = run(twinscope().arg("--no-such-option"));
    assert_eq!(outcome.code, Some(2));
}

#[test]
fn shipped_sites_have_no_problems() {
    for site in ["demo", "la-haute-borne"] {
        let outcome = run(twinscope().args(["check", &format!("assets/sites/{site}/site.toml")]));
        assert_eq!(outcome.code, Some(0), "{site}: {}{}", outcome.out, outcome.err);
    }
}

#[test]
fn a_misspelt_node_is_found_with_line_and_suggestion() {
    let dir = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    std::fs::create_dir_all(dir.path().join("models")).unwrap();
    std::fs::copy(root.join("models/wind_turbine.glb"), dir.path().join("models/wind_turbine.glb")).unwrap();
    write(
        "site.toml",
        "schema = 1\n[site]\nid = \"s\"\nname = \"S\"\n[[source]]\nid = \"p\"\nurl = \"mqtt://127.0.0.1\"\n\
         [[asset]]\nid = \"a\"\nname = \"A\"\ntype = \"t\"\n",
    );
    write(
        "types/t.toml",
        "schema = 1\nid = \"t\"\nmodel = \"../models/wind_turbine.glb\"\n[[part]]\nid = \"gearbox\"\n\
         name = \"Gearbox\"\nnode = \"Gearbx\"\n",
    );
    let site = dir.path().join("site.toml");
    let text = run(twinscope().arg("check").arg(&site));
    assert_eq!(text.code, Some(1), "{}{}", text.out, text.err);
    assert!(text.out.contains("node \"Gearbx\" is not in wind_turbine.glb"), "{}", text.out);
    assert!(text.out.contains("did you mean \"Gearbox\"?"), "{}", text.out);
    let json = run(twinscope().args(["check", "--format", "json"]).arg(&site));
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let problem = &report["problems"][0];
    assert_eq!(problem["line"], 7, "{report:#}");
    assert!(problem["file"].as_str().unwrap().ends_with("t.toml"), "{report:#}");
}

#[test]
fn inspect_lists_the_parts_of_the_turbine() {
    let outcome = run(twinscope().args(["inspect", "assets/models/wind_turbine.glb"]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    for part in ["Gearbox", "HighSpeedBearing", "Blade1"] {
        assert!(outcome.out.contains(part), "{part} is not in\n{}", outcome.out);
    }
}

#[test]
fn the_published_schemas_are_those_of_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let outcome = run(twinscope().arg("schema").arg(dir.path()));
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    for name in ["site.schema.json", "type.schema.json"] {
        let made = std::fs::read_to_string(dir.path().join(name)).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schema").join(name);
        let published = std::fs::read_to_string(root).unwrap();
        assert_eq!(made, published, "{name} differs; run `twinscope schema assets/schema`");
    }
}
