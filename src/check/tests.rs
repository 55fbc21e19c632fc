//! Sites in temporary folders, right and wrong.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::model::{ErrorKind, test_glb};

const SITE: &str = r#"schema = 1

[site]
id = "ridge"
name = "Ridge"

[[source]]
id = "plant"
url = "mqtt://localhost:1883"

[[asset]]
id = "wt-01"
type = "machine"
"#;

const TYPE: &str = r#"schema = 1
id = "machine"
model = "../models/machine.glb"

[[part]]
id = "gearbox"
name = "Gearbox"
node = "id:gearbox"

[[part.signal]]
id = "temperature"
topic = "{site}/{asset}/gearbox"
path = "/temperature"
unit = "degC"
"#;

/// A folder with `assets/sites/ridge/site.toml`, `assets/types/machine.toml` and `assets/models/machine.glb`.
struct Tree {
    dir: TempDir,
}

impl Tree {
    fn new() -> Self {
        let tree = Self { dir: tempfile::tempdir().unwrap() };
        tree.write("sites/ridge/site.toml", SITE);
        tree.write("types/machine.toml", TYPE);
        tree.write("models/machine.glb", test_glb());
        tree
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn load(&self) -> Loaded {
        load(&self.path("sites/ridge/site.toml")).unwrap()
    }
}

/// Exactly one error: in this file, at this line, saying this, with a hint that says that.
#[track_caller]
fn one_error(loaded: &Loaded, file: &str, line: usize, says: &str, hint: &str) {
    let errors: Vec<_> = loaded.problems.iter().filter(|p| p.severity == ProblemSeverity::Error).collect();
    let [e] = errors.as_slice() else { panic!("{errors:#?}") };
    assert!(e.file.ends_with(file) && e.line == line, "{e:#?}");
    assert!(e.message.contains(says), "{e:#?}");
    assert!(e.hint.as_deref().unwrap_or_default().contains(hint), "{e:#?}");
}

#[test]
fn a_sound_site_has_no_errors_and_its_models() {
    let loaded = Tree::new().load();
    assert_eq!(loaded.count(ProblemSeverity::Error), 0, "{:#?}", loaded.problems);
    assert_eq!((loaded.site.assets.len(), loaded.site.parts.len(), loaded.site.signals.len()), (1, 1, 1));
    let model = loaded.models.get(&loaded.site.assets[0].model).unwrap().as_ref().unwrap();
    assert_eq!(model.index.nodes.len(), 3);
    assert!(loaded.base_dir.ends_with("sites/ridge"));
}

#[test]
fn a_folder_stands_for_its_site_file() {
    let tree = Tree::new();
    assert_eq!(load(&tree.path("sites/ridge")).unwrap().site.id, "ridge");
}

#[test]
fn the_nearest_types_folder_wins() {
    let tree = Tree::new();
    tree.write("sites/types/machine.toml", TYPE.replace("../models", "../../models").replace("Gearbox", "Near"));
    assert_eq!(tree.load().site.parts[0].name, "Near");
    tree.write(
        "sites/ridge/types/machine.toml",
        TYPE.replace("../models", "../../../models").replace("Gearbox", "Nearest"),
    );
    let loaded = tree.load();
    assert_eq!(loaded.site.parts[0].name, "Nearest");
    assert_eq!(loaded.count(ProblemSeverity::Error), 0, "{:#?}", loaded.problems);
}

#[test]
fn model_warnings_stand_at_the_model_key() {
    let loaded = Tree::new().load();
    let warning = loaded.problems.iter().find(|p| p.message.contains("have no name")).unwrap();
    assert_eq!((warning.severity, warning.line), (ProblemSeverity::Warning, 3));
    assert!(warning.file.ends_with("types/machine.toml"), "{}", warning.file);
}

#[test]
fn a_missing_type_is_told_with_the_nearest_one() {
    let tree = Tree::new();
    tree.write("sites/ridge/site.toml", SITE.replace("\"machine\"", "\"machnie\""));
    one_error(&tree.load(), "site.toml", 13, "machnie", "did you mean \"machine\"?");
    tree.write("sites/ridge/site.toml", SITE.replace("\"machine\"", "\"pump\""));
    one_error(&tree.load(), "site.toml", 13, "pump", "looked for pump.toml");
}

#[test]
fn a_missing_model_is_told_and_the_rest_goes_on() {
    let tree = Tree::new();
    fs::remove_file(tree.path("models/machine.glb")).unwrap();
    let loaded = tree.load();
    one_error(&loaded, "machine.toml", 3, "machine.glb: there is no such file", "path");
    assert_eq!(loaded.site.parts.len(), 1);
    let model = loaded.models.get(&loaded.site.assets[0].model).unwrap();
    assert_eq!(model.as_ref().unwrap_err().kind, ErrorKind::Missing);
}

#[test]
fn a_broken_model_is_told_where_and_what_to_do() {
    let tree = Tree::new();
    let glb = test_glb();
    tree.write("models/machine.glb", &glb[..glb.len() - 1]);
    one_error(&tree.load(), "machine.toml", 3, "the GLB header says", "again");
}

#[test]
fn a_node_that_is_not_in_the_model_is_told() {
    let tree = Tree::new();
    tree.write("types/machine.toml", TYPE.replace("id:gearbox", "id:gearbux"));
    one_error(
        &tree.load(),
        "machine.toml",
        8,
        "\"id:gearbux\" is not in machine.glb; did you mean \"id:gearbox\"?",
        "",
    );
}

#[test]
fn a_model_that_two_types_share_is_read_once() {
    let tree = Tree::new();
    tree.write("types/other.toml", TYPE.replace("\"machine\"", "\"other\""));
    tree.write("sites/ridge/site.toml", format!("{SITE}\n[[asset]]\nid = \"wt-02\"\ntype = \"other\"\n"));
    let loaded = tree.load();
    assert_eq!((loaded.models.len(), loaded.site.assets.len()), (1, 2), "{:#?}", loaded.problems);
}

#[test]
fn problems_of_all_files_come_at_once_site_first() {
    let tree = Tree::new();
    tree.write("sites/ridge/site.toml", SITE.replace("qos", "").replace("mqtt://localhost:1883", "gopher://x"));
    tree.write("types/machine.toml", TYPE.replace("unit =", "unti =").replace("id:gearbox", "Nowhere"));
    fs::remove_file(tree.path("models/machine.glb")).unwrap();
    let loaded = tree.load();
    let files: Vec<bool> = loaded.problems.iter().map(|p| p.file.ends_with("site.toml")).collect();
    assert!(files.is_sorted_by_key(|site| !site), "{:#?}", loaded.problems);
    assert!(loaded.count(ProblemSeverity::Error) >= 3, "{:#?}", loaded.problems);
}

#[test]
fn files_of_sources_that_are_not_there_are_warned_of() {
    let tree = Tree::new();
    let url = "url = \"mqtts://localhost\"\nca_file = \"ca.pem\"\nusername = \"u\"\npassword_file = \"secret\"";
    tree.write("sites/ridge/site.toml", SITE.replace("url = \"mqtt://localhost:1883\"", url));
    let says = |loaded: &Loaded, text: &str| loaded.problems.iter().filter(|p| p.message.contains(text)).count();
    let loaded = tree.load();
    assert_eq!(says(&loaded, "there is no file \"ca.pem\""), 1, "{:#?}", loaded.problems);
    assert_eq!(says(&loaded, "there is no file \"secret\""), 1);
    assert_eq!(loaded.count(ProblemSeverity::Error), 0, "{:#?}", loaded.problems);
    tree.write("sites/ridge/ca.pem", "x");
    tree.write("sites/ridge/secret", "x");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let secret = tree.path("sites/ridge/secret");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(says(&tree.load(), "everyone on this machine may read \"secret\""), 1);
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let loaded = tree.load();
    assert_eq!(says(&loaded, "there is no file") + says(&loaded, "everyone"), 0, "{:#?}", loaded.problems);
}

#[test]
fn documents_that_are_not_there_are_warned_of() {
    let tree = Tree::new();
    let document = "\n[[part.document]]\ntitle = \"Oil change\"\nfile = \"../docs/oil.md\"\n";
    tree.write("types/machine.toml", format!("{TYPE}{document}"));
    let missing = |l: &Loaded| l.problems.iter().filter(|p| p.message.contains("no document")).cloned().collect();
    let problems: Vec<Problem> = missing(&tree.load());
    let [p] = problems.as_slice() else { panic!("{problems:#?}") };
    assert!(p.file.ends_with("types/machine.toml"), "{p:#?}");
    assert_eq!((p.severity, p.line, p.column), (ProblemSeverity::Warning, 18, 8), "{p:#?}");
    assert_eq!(p.message, "there is no document \"../docs/oil.md\" (Oil change)");
    tree.write("docs/oil.md", "x");
    assert_eq!(missing(&tree.load()), Vec::<Problem>::new());
}

#[test]
fn a_site_that_cannot_be_read_is_an_error_with_a_remedy() {
    let tree = Tree::new();
    let refused = |file: &str, says: &str| {
        let e = load(&tree.path(file)).unwrap_err();
        assert!(e.what.contains(says) && !e.remedy.is_empty(), "{e:?}");
    };
    refused("gone.toml", "no such file");
    refused("models", "no such file");
    tree.write("latin.toml", b"schema = 1 # \xe4");
    refused("latin.toml", "not UTF-8");
    tree.write("large.toml", vec![b'#'; (MOST_TEXT + 1) as usize]);
    refused("large.toml", "larger than");
    #[cfg(unix)]
    assert!(load(Path::new("/dev/zero")).unwrap_err().what.contains("not a file"));
}

#[test]
fn a_site_that_cannot_be_read_has_a_report_too() {
    let e = load(&Tree::new().path("gone.toml")).unwrap_err();
    let report = report_json(&[e.problem()]);
    assert_eq!((&report["errors"], &report["problems"][0]["file"]), (&json!(1), &json!(e.file)));
    assert_eq!(report["problems"][0]["message"], "there is no such file");
    assert_eq!(report["problems"][0]["hint"], json!(e.remedy));
}

#[test]
fn a_site_over_websocket_cannot_connect_and_is_an_error() {
    let tree = Tree::new();
    tree.write("sites/ridge/site.toml", SITE.replace("mqtt://localhost:1883", "ws://localhost/mqtt"));
    one_error(&tree.load(), "site.toml", 9, "WebSocket) is not built in yet", "mqtts://");
}

#[test]
fn a_type_file_that_cannot_be_read_is_a_problem() {
    let tree = Tree::new();
    tree.write("types/machine.toml", b"# \xe4");
    one_error(&tree.load(), "machine.toml", 0, "not UTF-8", "UTF-8");
}

#[test]
fn the_starter_type_file_of_a_model_is_sound() {
    let tree = Tree::new();
    let index = check(&tree.path("models/machine.glb"), &Limits::default()).unwrap().index;
    tree.write("types/machine.toml", crate::model::template_toml(&index, "../models/machine.glb"));
    let loaded = tree.load();
    assert_eq!(loaded.count(ProblemSeverity::Error), 0, "{:#?}", loaded.problems);
    let parts: Vec<_> = loaded.site.parts.iter().map(|p| (p.id.as_str(), p.name.as_str(), p.node.as_str())).collect();
    assert_eq!(parts, [("gearbox", "Gearbox", "id:gearbox")]);
}

#[test]
fn a_starter_type_file_holds_whatever_names_a_model_has() {
    use crate::model::{Node, PartIndex};
    let names = ["Gear \"box\"\\", "Gear Box", "歯車", "\u{1b}[31m", "a\nb", "", "2nd", "Type", "HighSpeedShaft"];
    let nodes = names.iter().map(|n| Node { name: Some((*n).into()), path: format!("Root/{n}"), ..Node::default() });
    let index = PartIndex { nodes: nodes.collect(), ..PartIndex::default() };
    let text = crate::model::template_toml(&index, "../models/a \"b\".glb");
    let (file, problems) = parse_type(&text, "a.toml");
    let errors: Vec<_> = problems.iter().filter(|p| p.severity == ProblemSeverity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    // Two have control characters.
    assert_eq!(file.part_count, names.len() - 2);
}

// The report

#[test]
fn the_text_has_file_line_caret_and_hint() {
    let tree = Tree::new();
    fs::remove_file(tree.path("models/machine.glb")).unwrap();
    let loaded = tree.load();
    let errors: Vec<_> = loaded.problems.iter().filter(|p| p.severity == ProblemSeverity::Error).cloned().collect();
    let text = report_text(&errors, &loaded.sources, Ink::Plain);
    assert!(text.contains("types/machine.toml:3:9]"), "{text}");
    assert!(text.contains("3 | model = \"../models/machine.glb\""), "{text}");
    assert!(text.contains("  :         ^^^^^^^"), "{text}");
    assert!(text.contains("help: check the path"), "{text}");
    assert!(text.trim_end().ends_with("1 error"), "{text}");
    assert!(text.is_ascii(), "{text}");
    assert!(report_text(&errors, &loaded.sources, Ink::Colour).contains("\u{1b}["));
}

fn problem(span: Option<std::ops::Range<usize>>, message: &str) -> Problem {
    Problem {
        severity: ProblemSeverity::Error,
        file: "a.toml".into(),
        span,
        line: 1,
        column: 2,
        message: message.into(),
        hint: None,
    }
}

#[test]
fn control_characters_of_a_file_do_not_reach_the_terminal() {
    let sources = BTreeMap::from([("a.toml".to_owned(), "x = \"\u{1b}[31m\u{9b}\u{202e}\rä\"\r\n".to_owned())]);
    let text = report_text(&[problem(Some(0..1), "bad \u{1b}[2J")], &sources, Ink::Plain);
    assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r']), "{text:?}");
    assert!(text.contains('ä'));
}

#[test]
fn spans_that_do_not_fit_and_long_lines_are_told_without_a_snippet() {
    let long = "x".repeat(100_000);
    for (source, span) in [("ab", Some(5..9)), ("ä", Some(1..2)), (long.as_str(), Some(5..6)), ("ab", None)] {
        let sources = BTreeMap::from([("a.toml".to_owned(), source.to_owned())]);
        let text = report_text(&[problem(span, "bad")], &sources, Ink::Plain);
        assert!(text.contains("a.toml:1:2: bad") && text.len() < 1_000, "{text}");
    }
}

#[test]
fn a_flood_of_problems_is_cut() {
    let problems = vec![problem(None, "bad"); 1_000];
    let text = report_text(&problems, &BTreeMap::new(), Ink::Plain);
    assert_eq!(text.matches("bad").count(), 200);
    assert!(text.contains("and 800 more") && text.contains("1000 errors"), "{text}");
}

#[test]
fn the_json_has_every_problem() {
    let mut warning = problem(Some(0..1), "hm");
    warning.severity = ProblemSeverity::Warning;
    warning.hint = Some("h".into());
    assert_eq!(
        report_json(&[problem(None, "bad"), warning]),
        json!({
            "problems": [
                { "file": "a.toml", "line": 1, "column": 2, "severity": "error", "message": "bad", "hint": null },
                { "file": "a.toml", "line": 1, "column": 2, "severity": "warning", "message": "hm", "hint": "h" }
            ],
            "errors": 1,
            "warnings": 1
        })
    );
}

#[test]
fn names_are_near_by_edits() {
    let names: BTreeSet<String> = ["wind-turbine", "battery", "pump"].map(str::to_owned).into();
    for (word, near) in [
        ("wind-turbin", Some("wind-turbine")),
        ("batery", Some("battery")),
        ("pmup", None),
        ("gearbox", None),
        ("x", None),
    ] {
        assert_eq!(nearest(word, &names), near, "{word}");
    }
}

#[test]
fn paths_are_shown_without_detours() {
    assert_eq!(shown(Path::new("assets/sites/x/../../types/a.toml")), "assets/types/a.toml");
    assert_eq!(shown(Path::new("./types/a.toml")), "types/a.toml");
    assert_eq!(shown(Path::new("../types/a.toml")), "../types/a.toml");
}

#[test]
fn a_model_by_itself_is_a_site_of_one_machine_whose_named_nodes_are_parts() {
    let tree = Tree::new();
    let loaded = load(&tree.path("models/machine.glb")).unwrap();
    let site = &loaded.site;
    assert_eq!((site.assets.len(), site.sources.len()), (1, 0));
    let parts: Vec<_> = site.parts.iter().map(|part| (part.id.as_str(), part.node.as_str())).collect();
    assert_eq!(parts, [("root", "Root"), ("gearbox", "Root/Gearbox")]);
    assert!(loaded.models[&site.assets[0].model].is_ok());
    assert_eq!(loaded.count(ProblemSeverity::Error), 0);
}

#[test]
fn a_broken_model_by_itself_is_one_error_with_its_remedy() {
    let tree = Tree::new();
    tree.write("models/broken.GLB", "glTF");
    let loaded = load(&tree.path("models/broken.GLB")).unwrap();
    assert!(matches!(&loaded.problems[..], [one] if one.severity == ProblemSeverity::Error && one.hint.is_some()));
    assert!(loaded.site.assets.is_empty());
}

#[test]
fn a_variant_that_the_model_does_not_have_is_a_problem_of_the_model() {
    let tree = Tree::new();
    tree.write("types/machine.toml", TYPE.replace("model = ", "variant = \"Red\"\nmodel = "));
    let loaded = load(&tree.path("sites/ridge/site.toml")).unwrap();
    assert!(loaded.problems.iter().any(|p| p.message.contains("no variant \"Red\"")), "{:?}", loaded.problems);
}

/// A type with one procedure beside it.
fn with_procedure(text: Option<&str>) -> Tree {
    let tree = Tree::new();
    let named = "\n[[procedure]]\nid = \"oil\"\ntitle = \"Oil\"\nfile = \"../procedures/oil.md\"\n";
    tree.write("types/machine.toml", format!("{TYPE}{named}"));
    if let Some(text) = text {
        tree.write("procedures/oil.md", text);
    }
    tree
}

#[test]
fn a_procedure_is_read_and_its_mistakes_have_the_line_of_its_own_file() {
    let good = "# Oil\n## Open\n```step\npart = \"gearbox\"\ninterlock = \"temperature < 40.0 for 1 m\"\n```\n";
    let loaded = with_procedure(Some(good)).load();
    assert_eq!(loaded.count(ProblemSeverity::Error), 0, "{:#?}", loaded.problems);
    assert_eq!(loaded.site.procedures.len(), 1);
    let wrong = with_procedure(Some(&good.replace("temperature <", "temprature <"))).load();
    one_error(&wrong, "procedures/oil.md", 5, "no signal \"temprature\"", "");
    assert!(wrong.sources.keys().any(|name| name.ends_with("procedures/oil.md")), "its text is there for the report");
    assert!(wrong.site.procedures.is_empty());
}

#[test]
fn a_procedure_that_is_missing_is_told_where_the_type_names_it() {
    one_error(&with_procedure(None).load(), "machine.toml", 19, "oil.md\": there is no such file", "relative");
}

#[test]
fn a_picture_that_is_missing_and_a_switch_that_no_simulator_has_are_told() {
    let text = "# Oil\n## Open\n![valve](valve.png)\n```step\npart = \"gearbox\"\nsimulate = { switch = \"pump\", on = true }\n```\n";
    let loaded = with_procedure(Some(text)).load();
    one_error(&loaded, "procedures/oil.md", 6, "no switch \"pump\"", "no simulator");
    let picture = loaded.problems.iter().find(|p| p.message.contains("no picture \"valve.png\"")).unwrap();
    assert_eq!((picture.severity, picture.line), (ProblemSeverity::Warning, 3));
}

#[test]
fn the_example_of_the_documentation_and_the_shipped_tour_are_tours_of_the_demo() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let loaded = load(&root.join("assets/sites/demo/site.toml")).unwrap();
    let told = fs::read_to_string(root.join("docs/tours.md")).unwrap();
    let example = told.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("example.toml");
    fs::write(&file, example).unwrap();
    for path in [file, usual_tour(&loaded.base_dir).unwrap()] {
        let read = load_tour(&loaded, &path).unwrap();
        assert_eq!(read.problems, [], "{}", path.display());
        assert!(read.tour.stops.len() > 1);
    }
}

#[test]
fn a_fault_that_the_machine_cannot_have_is_told_with_those_that_it_can() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let loaded = load(&root.join("assets/sites/demo/site.toml")).unwrap();
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("tour.toml");
    let text = "schema = 1\n[[stop]]\nid = \"a\"\ntitle = \"A\"\n\n[[stop]]\nid = \"b\"\ntitle = \"B\"\nbreaks = { fault = \"hot-streak\" }\n";
    fs::write(&file, text).unwrap();
    let problems = load_tour(&loaded, &file).unwrap().problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].line, 7);
    assert!(problems[0].message.contains("no fault \"hot-streak\""), "{problems:?}");
    assert!(problems[0].hint.as_ref().is_some_and(|hint| hint.contains("high-speed-bearing-wear")), "{problems:?}");
}
