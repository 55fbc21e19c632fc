//! The program as it is typed: messages, exit codes.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use twinscope_link::record::Recorder;
use twinscope_link::sink::Message;
use twinscope_twin::time::Now;

use crate::support::{Mosquitto, Outcome, Running, demo_copy, free_port, run, twinscope};

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
    refused_politely(&run(without_display().env("DISPLAY", ":59000")), 2, ":59000 does not answer");
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
fn a_site_file_that_is_not_there_has_a_report_in_json_too() {
    let outcome = run(twinscope().args(["check", "--format", "json", "nowhere/site.toml"]));
    assert_eq!(outcome.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(report["problems"].as_array().map(Vec::len), Some(1), "{report:#}");
    assert!(report["problems"][0]["file"].as_str().is_some_and(|file| file.contains("nowhere")), "{report:#}");
}

#[test]
fn ten_mistakes_are_told_in_one_go() {
    let dir = tempfile::tempdir().unwrap();
    let assets = demo_copy(dir.path());
    let site = assets.join("sites/demo/site.toml");
    // A mistake a line, from line 3 on.
    let text = "schema = 1\n[site]\nid = \"north ridge\"\nname = 7\ncurrancy = \"EUR\"\n[[source]]\nid = \"plant\"\n\
                url = \"http://broker.example\"\nqos = 2\nkeep_alive = \"1s\"\npassword = \"hunter2\"\n[[asset]]\n\
                id = \"wt-01\"\ntype = \"wind-turbin\"\nsource = \"plnt\"\nposition = [0.0, 0.0]\n";
    std::fs::write(&site, text).unwrap();
    let wrong = [3, 4, 5, 8, 9, 10, 11, 14, 15, 16];
    let outcome = run(twinscope().args(["check", "--format", "json"]).arg(&site));
    assert_eq!(outcome.code, Some(1), "{}", outcome.err);
    let report: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    let lines: HashSet<_> =
        report["problems"].as_array().unwrap().iter().map(|p| p["line"].as_u64().unwrap()).collect();
    assert!(wrong.iter().all(|line| lines.contains(line)), "{report:#}");
    let text = run(twinscope().arg("check").arg(&site));
    refused_politely(&text, 1, "has problems");
    assert!(text.out.contains("a password does not belong into this file"), "{}", text.out);
    assert!(!outcome.out.contains("hunter2") && !text.out.contains("hunter2"), "a password is not repeated");
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

/// A picture of `site`: its size, and how many colours it has.
#[track_caller]
fn render(site: &Path, args: &[&str], out: &Path) -> (Outcome, (u32, u32), usize) {
    let outcome = run(twinscope().arg("render").arg(site).args(args).arg("-o").arg(out));
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    let picture = image::open(out).unwrap().into_rgb8();
    let colours: HashSet<_> = picture.pixels().copied().collect();
    (outcome, picture.dimensions(), colours.len())
}

#[test]
fn a_recorded_site_is_drawn_without_a_window() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("farm.png");
    let args = ["--recording", "assets/tables/la-haute-borne.toml", "--at", "20m", "--size", "644x360"];
    let (outcome, size, colours) = render(Path::new("assets/sites/la-haute-borne/site.toml"), &args, &out);
    assert!(!outcome.err.contains("twinscope:"), "{}", outcome.err);
    assert_eq!(size, (644, 360));
    assert!(colours > 1_000, "a lit scene, no even ground: {colours} colours");
}

#[test]
fn a_site_of_brokers_is_not_drawn_without_a_recording() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("farm.png");
    let outcome = run(twinscope().args(["render", "assets/sites/la-haute-borne/site.toml", "-o"]).arg(&out));
    refused_politely(&outcome, 1, "--recording");
    assert!(!out.exists());
}

/// A GLB of JSON alone: header of 12 bytes, then one chunk, padded with spaces (glTF 2.0, section 4).
fn glb(rest: &str) -> Vec<u8> {
    let mut json = format!(r#"{{"asset":{{"version":"2.0"}},{rest}}}"#).into_bytes();
    json.resize(json.len().next_multiple_of(4), b' ');
    let head = [&b"glTF"[..], &2_u32.to_le_bytes(), &(20 + json.len() as u32).to_le_bytes()].concat();
    [&head[..], &(json.len() as u32).to_le_bytes(), b"JSON", &json].concat()
}

/// What is wrong with the model file, and the words that must say so.
fn broken_models() -> [(&'static str, Option<Vec<u8>>, &'static str); 7] {
    let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models/wind_turbine.glb")).unwrap();
    let climbing = glb(r#""buffers":[{"byteLength":4,"uri":"../../../secret.bin"}]"#);
    let circle = glb(r#""scenes":[{"nodes":[0]}],"nodes":[{"children":[1]},{"children":[0]}]"#);
    let tomorrow = r#"["KHR_of_tomorrow"]"#;
    let packed = glb(&format!(r#""extensionsUsed":{tomorrow},"extensionsRequired":{tomorrow}"#));
    let unreadable = glb(r#""buffers":[{"byteLength":4,"uri":"%FF.bin"}]"#);
    [
        ("missing", None, "no such file"),
        ("cut off", Some(whole[..whole.len() / 2].to_vec()), "cut off"),
        ("of another kind", Some(b"this is a shopping list".to_vec()), "wind_turbine.glb"),
        ("climbing out of its folder", Some(climbing), "../../../secret.bin"),
        ("with nodes in a circle", Some(circle), "cycle"),
        ("requiring what nothing reads", Some(packed), "KHR_of_tomorrow"),
        ("with a file name that is no text", Some(unreadable), "does not decode"),
    ]
}

#[test]
fn a_broken_model_is_a_problem_that_check_reports() {
    for (name, bytes, says) in broken_models() {
        let dir = tempfile::tempdir().unwrap();
        let assets = demo_copy(dir.path());
        let model = assets.join("models/wind_turbine.glb");
        match bytes {
            Some(bytes) => std::fs::write(model, bytes).unwrap(),
            None => std::fs::remove_file(model).unwrap(),
        }
        let site = assets.join("sites/demo/site.toml");
        let text = run(twinscope().arg("check").arg(&site));
        refused_politely(&text, 1, "has problems");
        assert!(text.out.contains(says) && text.out.contains("wind_turbine.glb"), "{name}: {}", text.out);
        let json = run(twinscope().args(["check", "--format", "json"]).arg(&site));
        assert_eq!(json.code, Some(1), "{name}: {}", json.err);
        let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
        let problems = report["problems"].as_array().unwrap();
        // At the line of the type file that names the model.
        let types = std::fs::read_to_string(assets.join("types/wind-turbine.toml")).unwrap();
        let line = types.lines().position(|line| line.starts_with("model = ")).unwrap() + 1;
        let found = problems.iter().any(|problem| {
            problem["line"] == line && problem["file"].as_str().unwrap().ends_with("types/wind-turbine.toml")
        });
        assert!(found, "{name}: {report:#}");
    }
}

#[test]
fn a_site_with_a_broken_model_is_drawn_without_it_and_says_why() {
    // The seventh goes the way of the fourth.
    for (name, bytes, says) in broken_models().into_iter().take(6) {
        let dir = tempfile::tempdir().unwrap();
        let assets = demo_copy(dir.path());
        let model = assets.join("models/wind_turbine.glb");
        match bytes {
            Some(bytes) => std::fs::write(model, bytes).unwrap(),
            None => std::fs::remove_file(model).unwrap(),
        }
        let out = dir.path().join("empty.png");
        let (outcome, size, colours) = render(&assets.join("sites/demo/site.toml"), &["--size", "320x180"], &out);
        assert!(outcome.err.contains(says) && !outcome.err.contains("panicked"), "{name}: {}", outcome.err);
        assert_eq!(size, (320, 180), "{name}");
        assert!(colours > 20, "{name}: the stage is drawn all the same: {colours} colours");
    }
}

#[test]
fn a_reader_that_closes_early_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let schemas = dir.path().to_str().unwrap();
    for args in [
        &["inspect", "assets/models/wind_turbine.glb"][..],
        &["inspect", "assets/models/wind_turbine.glb", "--format", "json"],
        &["inspect", "assets/models/wind_turbine.glb", "--template"],
        &["check", "assets/sites/demo/site.toml"],
        &["check", "assets/sites/demo/site.toml", "--format", "json"],
        &["schema", schemas],
        &["--help"],
    ] {
        // As `… | head` leaves it: nobody reads any more.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = twinscope().args(args).stdin(Stdio::null()).stdout(writer).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("panicked"), "{args:?}: {err}");
        assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
    }
}

/// A recording of one message.
fn recording(path: &Path, payload: Vec<u8>) {
    let mut recorder = Recorder::create(path).unwrap();
    let received = Now { wall_ms: 1_000, mono_ms: 0 };
    let message = Message { topic: b"a".as_slice().into(), payload: payload.into(), received, retained: false };
    recorder.write(&message).unwrap();
    recorder.finish().unwrap();
}

#[test]
fn a_replay_that_could_not_publish_everything_fails() {
    let dir = tempfile::tempdir().unwrap();
    let mosquitto = Mosquitto::start(dir.path());
    let tape = dir.path().join("large.mcap");
    // Above the largest packet that is sent.
    recording(&tape, vec![b'x'; 2 << 20]);
    let outcome = run(twinscope().arg("replay").arg(&tape).args(["--to", &mosquitto.url()]));
    refused_politely(&outcome, 1, "1 messages could not be published");
    assert_eq!(outcome.out, "0 messages published\n");
}

#[test]
fn a_replay_that_is_stopped_before_it_is_connected_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("small.mcap");
    recording(&tape, b"1".to_vec());
    let mut replay = twinscope();
    replay.arg("replay").arg(&tape).args(["--to", &format!("mqtt://127.0.0.1:{}", free_port())]);
    let mut child = Running(replay.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(child.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    // Then signals are received, and nobody listens at that port.
    assert!(lines.any(|line| line.contains("connection lost")));
    child.signal("INT");
    let last = lines.last().unwrap();
    assert!(last.contains("stopped before the broker was reached"), "{last}");
    assert_eq!(child.0.wait().unwrap().code(), Some(1));
}

#[test]
fn what_is_no_wind_turbine_is_not_simulated() {
    // Types whose signals are bound to other topics than the simulator's.
    let outcome =
        run(twinscope().args(["simulate", "assets/sites/la-haute-borne/site.toml", "--to", "mqtt://127.0.0.1:1"]));
    refused_politely(&outcome, 1, "R80711 (a wind-turbine-scada)");
}

#[test]
fn a_recording_that_is_cut_off_is_drawn_as_far_as_it_goes_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (path, out) = (dir.path().join("cut.mcap"), dir.path().join("farm.png"));
    let mut recorder = Recorder::create(&path).unwrap();
    for second in 0..100_i64 {
        let t = 1_700_000_000_000 + second * 1_000;
        let message = Message {
            topic: "la-haute-borne/R80711/scada".into(),
            payload: format!("{{\"t\":{t},\"power_kw\":{second}}}").into(),
            received: Now { wall_ms: t, mono_ms: 0 },
            retained: false,
        };
        recorder.write(&message).unwrap();
    }
    recorder.finish().unwrap();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let args = ["--recording", path.to_str().unwrap(), "--at", "1h", "--size", "320x180"];
    let (outcome, ..) = render(Path::new("assets/sites/la-haute-borne/site.toml"), &args, &out);
    assert!(outcome.err.contains("the recording ends early"), "{}", outcome.err);
}

#[test]
fn the_block_that_viewers_are_compared_on_is_a_sound_site() {
    let dir = tempfile::tempdir().unwrap();
    let block = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/block.py");
    let made = run(Command::new("python3").args(["-B", block, "1000"]).arg(dir.path()));
    assert_eq!(made.code, Some(0), "{}", made.err);
    let outcome = run(twinscope().args(["inspect", "--format", "json"]).arg(dir.path().join("block.glb")));
    let model: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(model["nodes"].as_array().map(Vec::len), Some(1_000), "{}", outcome.err);
    let outcome = run(twinscope().arg("check").arg(dir.path().join("site.toml")));
    assert_eq!((outcome.code, outcome.out.as_str()), (Some(0), "no problems\n"), "{}", outcome.err);
}

#[test]
fn the_comparison_of_viewers_says_how_it_is_run() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/run");
    let outcome = run(Command::new("python3").args(["-B", script, "--help"]));
    assert!(outcome.out.contains("--repetitions"), "{}", outcome.err);
}

/// Six made cells that lose a share of their capacity a cycle, each at a pace of its own.
fn made_cells() -> String {
    let mut text = "cell,cycle,capacity_ah\n".to_owned();
    for (cell, pace) in (1..).zip([0.0022, 0.0024, 0.0026, 0.0028, 0.0030, 0.0032]) {
        for cycle in 1..=170_u32 {
            // A wobble in place of noise.
            let wobble = 0.004 * (f64::from(cycle * 7 + cell * 3) * 1.7).sin();
            let capacity = 1.9 * (-pace * f64::from(cycle)).exp() + wobble;
            text.push_str(&format!("C{cell},{cycle},{capacity:.5}\n"));
        }
    }
    text
}

#[test]
fn a_model_is_judged_on_a_folder_of_tables_as_text_and_as_json() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("cells.csv"), made_cells()).unwrap();
    let data = dir.path().to_str().unwrap();
    let json = run(twinscope().args(["evaluate", "nasa", "--data", data, "--format", "json"]));
    assert_eq!(json.code, Some(0), "{}", json.err);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["model"], "nasa");
    let figures = report["figures"].as_array().unwrap();
    let error = figures.iter().find(|figure| figure["name"].as_str().unwrap().contains("absolute error")).unwrap();
    // Cells this much alike are predicted within a few cycles.
    assert!(error["value"].as_f64().unwrap() < 12.0 && error["spread"].is_object(), "{error}");
    let text = run(twinscope().args(["evaluate", "nasa", "--data", data]));
    assert_eq!(text.code, Some(0), "{}", text.err);
    assert!(text.out.contains("absolute error") && text.out.contains("to reach"), "{}", text.out);
}

#[test]
fn a_table_without_the_columns_of_the_model_is_named_with_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("other.csv"), "a,b\n1,2\n").unwrap();
    let judged = run(twinscope().args(["evaluate", "virkler", "--data", dir.path().to_str().unwrap()]));
    assert_eq!(judged.code, Some(1));
    assert!(judged.err.contains("crack_length_mm"), "{}", judged.err);
}

#[test]
fn a_model_that_is_judged_on_tables_asks_for_them_and_one_that_simulates_refuses_them() {
    let without = run(twinscope().args(["evaluate", "nasa"]));
    assert_eq!(without.code, Some(2));
    assert!(without.err.contains("--data"), "{}", without.err);
    let with = run(twinscope().args(["evaluate", "gearbox", "--data", "assets/evaluation"]));
    assert_eq!(with.code, Some(2));
    assert!(with.err.contains("neither"), "{}", with.err);
}
