//! From files to tables: rows, topics, nodes, parents.

use std::collections::BTreeMap;

use super::super::*;
use super::{lines, model};

const SITE: &str = r#"schema = 1
[site]
id = "s"
[[source]]
id = "one"
url = "sim:"
[[source]]
id = "two"
url = "mqtt://broker"
[[asset]]
id = "a"
type = "t"
source = "two"
vars = { tag = "A7" }
[[asset]]
id = "b"
type = "t"
source = "one"
vars = { tag = "B9" }
"#;

/// Resolves `SITE` with one type file, `more` after its head (from line 4), and a model.
fn resolved(more: &str, tree: Option<&str>) -> (Site, Vec<String>) {
    resolved_with(SITE, more, tree)
}

fn resolved_with(site: &str, more: &str, tree: Option<&str>) -> (Site, Vec<String>) {
    let (site, problems) = parse_site(site, "site.toml");
    assert_eq!(lines(&problems), [""; 0]);
    let (mut kind, problems) =
        parse_type(&format!("schema = 1\nid = \"t\"\nmodel = \"../models/m.glb\"\n{more}"), "t.toml");
    assert_eq!(lines(&problems), [""; 0]);
    kind.folder_from_site = "../types".to_owned();
    kind.simulator = Some(SimulatorKind::WindTurbine);
    let models = tree.map(|tree| (kind.model_path_from_site(), model(tree))).into_iter().collect();
    let (site, problems) = resolve(&site, &BTreeMap::from([("t".to_owned(), kind)]), &models);
    (site, lines(&problems))
}

const TREE: &str = "\
Turbine
  Nacelle
    Drivetrain [train]
      Gearbox [gearbox]
        Bearing [bearing]
";

/// `SITE` with `more` after it (from line 20), and a type with the part `deck`.
fn with_starts(more: &str) -> (Site, Vec<String>) {
    resolved_with(&format!("{SITE}{more}"), "[[part]]\nid = \"deck\"\nnode = \"Nacelle\"", Some(TREE))
}

#[test]
fn starts_know_their_machine_and_their_part() {
    let (site, problems) = with_starts(
        "[[start]]\nid = \"gate\"\nposition = [1, 0, 2]\nyaw_deg = 90\n\
         [[start]]\nid = \"deck\"\nname = \"On deck\"\nasset = \"b\"\npart = \"deck\"\nposition = [0, 3.5, 0]\n",
    );
    assert_eq!(problems, [""; 0]);
    let [gate, deck] = site.starts.as_slice() else { panic!("{:?}", site.starts) };
    assert_eq!((gate.name.as_str(), gate.asset, gate.part, gate.yaw_deg), ("gate", None, None, 90.0));
    assert_eq!((deck.name.as_str(), deck.asset, deck.position), ("On deck", Some(AssetRow(1)), [0.0, 3.5, 0.0]));
    let part = &site.parts[deck.part.unwrap().index()];
    assert_eq!((part.id.as_str(), part.asset), ("deck", AssetRow(1)));
}

#[test]
fn a_start_on_a_part_that_is_not_there_is_reported_and_left_out() {
    let (site, problems) = with_starts("[[start]]\nid = \"d\"\nasset = \"a\"\npart = \"dek\"\nposition = [0, 0, 0]\n");
    assert_eq!(problems, ["23: asset \"a\" has no part \"dek\"; did you mean \"deck\"?"]);
    assert!(site.starts.is_empty());
}

#[track_caller]
fn node(address: &str, expected: &[&str]) {
    let (_, problems) = resolved(&format!("[[part]]\nid = \"p\"\nnode = \"{address}\""), Some(TREE));
    assert_eq!(problems, expected, "{address}");
}

#[test]
fn nodes_are_found_by_path_end_of_path_and_id() {
    node("Turbine/Nacelle/Drivetrain/Gearbox", &[]);
    node("Drivetrain/Gearbox", &[]);
    node("Gearbox", &[]);
    node("id:gearbox", &[]);
}

#[test]
fn a_node_that_is_not_there_says_so_with_the_nearest() {
    node("Gearbx", &["6: node \"Gearbx\" is not in m.glb; did you mean \"Gearbox\"?"]);
    node(
        "Drivetrain/Gaerbox",
        &["6: node \"Drivetrain/Gaerbox\" is not in m.glb; did you mean \"Drivetrain/Gearbox\"?"],
    );
    node("id:gearbx", &["6: node \"id:gearbx\" is not in m.glb; did you mean \"id:gearbox\"?"]);
    node("earbox", &["6: node \"earbox\" is not in m.glb; did you mean \"Gearbox\"?"]);
    node("Foundation", &["6: node \"Foundation\" is not in m.glb"]);
}

#[test]
fn the_place_of_a_missing_node_is_its_value() {
    let text = "schema = 1\nid = \"t\"\nmodel = \"wind_turbine.glb\"\n[[part]]\nid = \"p\"\nnode = \"Gearbx\"\n";
    let (mut kind, _) = parse_type(text, "types/t.toml");
    kind.simulator = Some(SimulatorKind::WindTurbine);
    let models = BTreeMap::from([("wind_turbine.glb".to_owned(), model("Gearbox"))]);
    let (site, _) = parse_site(SITE, "site.toml");
    let (_, problems) = resolve(&site, &BTreeMap::from([("t".to_owned(), kind)]), &models);
    assert_eq!(problems.len(), 1, "one for both assets");
    let problem = &problems[0];
    assert_eq!(problem.message, "node \"Gearbx\" is not in wind_turbine.glb; did you mean \"Gearbox\"?");
    assert_eq!((problem.file.as_str(), problem.line, problem.column), ("types/t.toml", 6, 8));
    assert_eq!(&text[problem.span.clone().unwrap()], "\"Gearbx\"");
}

#[test]
fn without_a_model_nodes_are_not_checked() {
    let (site, problems) = resolved("[[part]]\nid = \"p\"\nnode = \"Nowhere\"", None);
    assert_eq!(problems, [""; 0]);
    assert_eq!(site.parts[0].parent, None);
}

#[test]
fn the_fast_search_finds_what_the_plain_one_finds() {
    let nodes = model("A\n  B [x]\n    C\n  D\n    B [y]\n      C [x]\nB\nA/B\n");
    for address in
        ["A", "B", "C", "B/C", "A/B", "A/B/C", "D/B/C", "id:x", "id:y", "id:z", "", "/", "/C", "C/", "A/B/C/", "x"]
    {
        assert_eq!(bind::find(&nodes, address), nodes.find(address), "{address:?}");
    }
}

#[test]
fn two_parts_do_not_share_a_node() {
    let parts = "[[part]]\nid = \"p\"\nnode = \"Gearbox\"\n[[part]]\nid = \"q\"\nnode = \"id:gearbox\"";
    assert_eq!(resolved(parts, Some(TREE)).1, ["9: node \"id:gearbox\" already belongs to part \"p\""]);
}

const FAMILY: &str = r#"[[part]]
id = "bearing"
node = "Bearing"
[[part]]
id = "train"
node = "Drivetrain"
[[part]]
id = "gearbox"
node = "Gearbox"
"#;

fn parents(site: &Site) -> Vec<(&str, Option<&str>)> {
    let id = |row: PartRow| site.parts[row.index()].id.as_str();
    site.parts.iter().map(|part| (part.id.as_str(), part.parent.map(id))).collect()
}

#[test]
fn the_parent_is_the_nearest_bound_ancestor() {
    let (site, problems) = resolved(FAMILY, Some(TREE));
    assert_eq!(problems, [""; 0]);
    let of_one = [("bearing", Some("gearbox")), ("train", None), ("gearbox", Some("train"))];
    assert_eq!(parents(&site), [of_one, of_one].concat());
    // The second asset's parents are its own parts.
    assert_eq!(site.parts[3].parent, Some(PartRow(5)));
}

#[test]
fn a_parent_that_is_written_counts_more_than_the_model() {
    let (site, _) =
        resolved(&FAMILY.replace("node = \"Bearing\"", "node = \"Bearing\"\nparent = \"train\""), Some(TREE));
    assert_eq!(parents(&site)[0], ("bearing", Some("train")));
}

#[test]
fn parents_in_a_circle_are_reported_and_cut() {
    // The model makes the gearbox the parent of the bearing, the file makes the bearing the parent of the gearbox.
    let circle = FAMILY.replace("node = \"Gearbox\"", "node = \"Gearbox\"\nparent = \"bearing\"");
    let (site, problems) = resolved(&circle, Some(TREE));
    assert_eq!(problems, ["13: part \"bearing\" is its own ancestor, through \"gearbox\""]);
    for start in 0..site.parts.len() {
        let mut at = Some(PartRow(u32::try_from(start).unwrap()));
        for _ in 0..=site.parts.len() {
            at = at.and_then(|row| site.parts[row.index()].parent);
        }
        assert_eq!(at, None, "part {start} has an endless line of ancestors");
    }
}

#[test]
fn topics_are_filled_in_for_each_asset() {
    let parts = "[[part]]\nid = \"b_{n}\"\nnode = \"B{n}\"\ncount = 2\n[[part.signal]]\nid = \"x\"\ntopic = \"{site}/{asset}/{tag}/{part}/{n}/#\"\npath = \"/v{n}\"";
    let (site, problems) = resolved(parts, None);
    assert_eq!(problems, [""; 0]);
    let topics: Vec<_> = site
        .signals
        .iter()
        .map(|signal| match &signal.input {
            SignalInput::Topic(topic) => (topic.filter.as_str(), topic.path.as_deref().unwrap()),
            SignalInput::Expression(_) => ("", ""),
        })
        .collect();
    let expected =
        [("s/a/A7/b_1/1/#", "/v1"), ("s/a/A7/b_2/2/#", "/v2"), ("s/b/B9/b_1/1/#", "/v1"), ("s/b/B9/b_2/2/#", "/v2")];
    assert_eq!(topics, expected);
}

#[test]
fn an_unknown_placeholder_is_reported_once() {
    let topic = |topic: &str| {
        resolved(&format!("[[part]]\nid = \"p\"\nnode = \"P\"\n[[part.signal]]\nid = \"x\"\ntopic = \"{topic}\""), None)
            .1
    };
    assert_eq!(topic("{site}/{line}/x"), ["9: topic: nothing is known for {line} at asset \"a\""]);
    assert_eq!(topic("{sit}/x"), ["9: topic: nothing is known for {sit} at asset \"a\"; did you mean {site}?"]);
    assert_eq!(topic("{}/x"), ["9: topic: nothing is known for {} at asset \"a\""]);
}

#[test]
fn rows_of_every_asset_are_contiguous_and_point_into_it() {
    let parts = r#"[[part]]
id = "p"
node = "P"
[[part.signal]]
id = "x"
topic = "x"
[[part.signal]]
id = "y"
expr = "x + q.z"
[[part.alarm]]
id = "hot"
signal = "y"
high = 5.0
priority = "critical"
[[part]]
id = "q"
node = "Q"
[[part.signal]]
id = "z"
topic = "z"
[[part.alarm]]
id = "late"
signal = "p.x"
stale = true
priority = "low"
[[part.motion]]
kind = "spin"
axis = "z"
signal = "p.x"
"#;
    let (site, problems) = resolved(parts, None);
    assert_eq!(problems, [""; 0]);
    assert_eq!(site.assets.iter().map(|asset| asset.parts.clone()).collect::<Vec<_>>(), [0..2, 2..4]);
    let signals: Vec<_> = site.parts.iter().map(|part| part.signals.clone()).collect();
    assert_eq!(signals, [0..2, 2..3, 3..5, 5..6]);
    let alarms: Vec<_> = site.parts.iter().map(|part| part.alarms.clone()).collect();
    assert_eq!(alarms, [0..1, 1..2, 2..3, 3..4]);
    for (row, part) in (0_u32..).zip(&site.parts) {
        assert!(part.signals.clone().all(|signal| site.signals[signal as usize].part == PartRow(row)));
        assert!(part.alarms.clone().all(|alarm| site.alarms[alarm as usize].part == PartRow(row)));
    }
    assert_eq!(site.parts[3].asset, AssetRow(1));
    assert_eq!(site.alarms[2].condition, Condition::High { signal: SignalRow(4), limit: 5.0 });
    assert_eq!(site.alarms[3].condition, Condition::Stale { signal: SignalRow(3) });
    assert_eq!((site.parts[3].motions[0].signal, site.parts[3].motions[0].axis), (SignalRow(3), 2));
}

#[test]
fn sources_and_defaults() {
    let (site, _) = resolved("", None);
    assert_eq!(site.assets.iter().map(|asset| asset.source).collect::<Vec<_>>(), [SourceRow(1), SourceRow(0)]);
    assert_eq!((site.name.as_str(), site.currency.as_str(), site.assets[0].name.as_str()), ("s", "EUR", "a"));
    let expected = Source {
        id: "two".into(),
        url: "mqtt://broker".into(),
        protocol: Protocol::Auto,
        qos: 0,
        keep_alive_s: 15,
        username: None,
        password_file: None,
        password_env: None,
        ca_file: None,
        client_cert: None,
        client_key: None,
        alpn: Vec::new(),
        max_packet: 1 << 20,
        max_topics: 250_000,
        max_json_depth: 32,
        simulated: false,
    };
    assert_eq!(site.sources[1], expected);
    assert!(site.sources[0].simulated);
}

#[test]
fn economics_operations_and_time_lapse_arrive() {
    let (plain, _) = resolved("", None);
    assert!(plain.economics.is_empty());
    assert_eq!((plain.operations.crews, plain.operations.windows.len()), (1, 0));
    assert!(plain.assets.iter().all(|asset| asset.time_lapse == 1.0));
    let more =
        "time_lapse = 14400\n[economics]\nenergy_price = 90\n[operations]\ncrews = 2\nwindows = [\"1970-01-02\"]\n";
    let (site, _) = resolved_with(&format!("{SITE}{more}"), "", None);
    assert_eq!(site.economics, BTreeMap::from([("energy_price".to_owned(), 90.0)]));
    assert_eq!(site.operations, Operations { crews: 2, windows: std::iter::once(86_400_000..172_800_000).collect() });
    assert_eq!(site.assets.iter().map(|asset| asset.time_lapse).collect::<Vec<_>>(), [1.0, 14_400.0]);
}

#[test]
fn a_part_has_defaults() {
    let (site, _) = resolved(
        "[[part]]\nid = \"oil_pump\"\nnode = \"P\"\n[[part.signal]]\nid = \"oil_pressure\"\ntopic = \"x\"",
        None,
    );
    assert_eq!(site.parts[0].name, "Oil pump");
    let signal = &site.signals[0];
    assert_eq!((signal.name.as_str(), signal.unit.as_str(), signal.decimals), ("Oil pressure", "", 1));
    assert_eq!((signal.range, signal.stale_after_ms), (None, None));
    let SignalInput::Topic(topic) = &signal.input else { panic!("not a topic") };
    assert_eq!((topic.scale, topic.offset, topic.path.clone(), topic.time.clone()), (1.0, 0.0, None, None));
}

#[test]
fn every_key_of_a_signal_arrives() {
    let (site, _) = resolved(
        r#"[[part]]
id = "p"
node = "P"
[[part.signal]]
id = "x"
name = "X"
topic = "x"
path = "/v"
time = { path = "/t", unit = "rfc3339" }
quality = { path = "/q", good = ["good", 192], uncertain = [true], bad = [0] }
scale = 2
offset = -1.5
unit = "degC"
decimals = 0
range = [-20, 120.5]
stale_after = "500ms"
"#,
        None,
    );
    let expected = Signal {
        part: PartRow(0),
        id: "x".into(),
        name: "X".into(),
        input: SignalInput::Topic(TopicInput {
            filter: "x".into(),
            path: Some("/v".into()),
            time: Some(TimeInput { path: "/t".into(), unit: TimeUnit::Rfc3339 }),
            quality: Some(QualityInput {
                path: "/q".into(),
                good: vec!["good".into(), "192".into()],
                uncertain: vec!["true".into()],
                bad: vec!["0".into()],
            }),
            scale: 2.0,
            offset: -1.5,
        }),
        unit: "degC".into(),
        decimals: 0,
        range: Some([-20.0, 120.5]),
        stale_after_ms: Some(500),
    };
    assert_eq!(site.signals[0], expected);
}

#[test]
fn files_are_relative_to_the_site() {
    let (site, _) =
        resolved("[[part]]\nid = \"p\"\nnode = \"P\"\n[[part.document]]\ntitle = \"D\"\nfile = \"../docs/d.md\"", None);
    assert_eq!(site.assets[0].model, "../models/m.glb");
    assert_eq!(site.parts[0].documents, [("D".to_owned(), "../docs/d.md".to_owned())]);
}

#[test]
fn types_are_named_by_their_files() {
    let (site, _) = parse_site(SITE, "site.toml");
    assert_eq!(site.type_ids(), ["t"]);
    let text = "schema = 1\nid = \"u\"\nmodel = \"m.glb\"\nsimulator = \"wind-turbine\"\n";
    let (kind, _) = parse_type(text, "t.toml");
    let (_, problems) = resolve(&site, &BTreeMap::from([("t".to_owned(), kind)]), &BTreeMap::new());
    assert_eq!(lines(&problems), ["2: the type is \"u\", and was looked for as \"t\""]);
    let missing = site.missing_type("t");
    assert_eq!((missing.line, missing.message.as_str()), (12, "there is no type file for \"t\""));
}

#[test]
fn an_id_that_climbs_out_of_its_folder_is_not_looked_for() {
    let (site, problems) = parse_site(&SITE.replace("type = \"t\"", "type = \"../../etc/passwd\""), "site.toml");
    assert!(site.type_ids().is_empty());
    assert_eq!(problems.len(), 2);
}

#[test]
fn a_site_of_many_rows_stops_at_its_bound() {
    let assets: String =
        (0..2_000).map(|n| format!("[[asset]]\nid = \"x{n}\"\ntype = \"t\"\nsource = \"one\"\n")).collect();
    let parts = "[[part]]\nid = \"b_{n}\"\nnode = \"B\"\ncount = 1000";
    let (site, problems) = resolved_with(&format!("{SITE}{assets}"), parts, None);
    assert!(site.parts.len() <= 1_000_000);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("too large") || problems[0].contains("at most"), "{problems:?}");
}
