//! Saved viewpoints: what they look at, what is said about mistakes, and how one more is written.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::lines;

/// Two machines of a type with a gearbox and two blades.
const SITE: &str = r#"schema = 1
[site]
id = "s"
[[source]]
id = "plant"
url = "mqtt://broker"
[[asset]]
id = "a"
type = "t"
[[asset]]
id = "b"
type = "t"
"#;

const TYPE: &str = r#"schema = 1
id = "t"
model = "m.glb"
[[part]]
id = "gearbox"
node = "G"
layer = "structure"
[[part]]
id = "blade_{n}"
node = "B{n}"
count = 2
"#;

fn resolved(site: &str) -> (Site, Vec<String>) {
    let (file, mut problems) = parse_site(site, "site.toml");
    let (kind, _) = parse_type(TYPE, "t.toml");
    let (site, more) = resolve(&file, &BTreeMap::from([("t".to_owned(), kind)]), &BTreeMap::new());
    problems.extend(more);
    (site, lines(&problems))
}

/// `SITE` with a viewpoint `v` (from line 14).
fn with(more: &str) -> String {
    format!("{SITE}[[viewpoint]]\nid = \"v\"\n{more}")
}

#[track_caller]
fn view(more: &str) -> Viewpoint {
    let (site, problems) = resolved(&with(more));
    assert_eq!(problems, [""; 0], "{more}");
    site.viewpoints.into_iter().next().unwrap()
}

#[track_caller]
fn mistake(more: &str, expected: &str) {
    assert_eq!(resolved(&with(more)).1, [expected], "{more}");
}

#[test]
fn a_viewpoint_looks_at_everything_a_machine_a_part_or_a_place() {
    assert_eq!(view("").aim, Aim::Everything);
    assert_eq!(view("asset = \"b\"").aim, Aim::Asset(AssetRow(1)));
    // Three parts an asset: the second blade of the second one is the last.
    assert_eq!(view("asset = \"b\"\npart = \"blade_2\"").aim, Aim::Part(PartRow(5)));
    assert_eq!(view("target = [1, -2.5, 3]\ndistance = 4").aim, Aim::Place([1.0, -2.5, 3.0]));
}

#[test]
fn of_the_only_machine_the_part_is_enough() {
    let one = with("part = \"gearbox\"").replace("[[asset]]\nid = \"b\"\ntype = \"t\"\n", "");
    let (site, problems) = resolved(&one);
    assert_eq!(problems, [""; 0]);
    assert_eq!(site.viewpoints[0].aim, Aim::Part(PartRow(0)));
}

#[test]
fn a_viewpoint_has_its_id_for_a_name_and_looks_aslant_unless_it_says_otherwise() {
    let plain = view("");
    assert_eq!((plain.name.as_str(), plain.yaw_deg, plain.pitch_deg, plain.distance), ("v", -40.0, 18.0, None));
    let told = view("name = \"Crane\"\nyaw_deg = 90\npitch_deg = -5.5\ndistance = 12");
    assert_eq!((told.name.as_str(), told.yaw_deg, told.pitch_deg, told.distance), ("Crane", 90.0, -5.5, Some(12.0)));
}

#[test]
fn an_eye_is_a_side_a_height_and_a_distance() {
    // 3 m to the east and 4 m up: yaw 90, a slope of 4 to 3, 5 m away.
    let seen = view("target = [10, 0, 10]\neye = [13, 4, 10]");
    assert!((seen.yaw_deg - 90.0).abs() < 1e-9, "{seen:?}");
    assert!((seen.pitch_deg - (4.0_f64 / 3.0).atan().to_degrees()).abs() < 1e-9, "{seen:?}");
    assert!((seen.distance.unwrap() - 5.0).abs() < 1e-9, "{seen:?}");
    // From the south, and from the north.
    assert!(view("target = [0, 0, 0]\neye = [0, 0, 7]").yaw_deg.abs() < 1e-9);
    assert!((view("target = [0, 0, 0]\neye = [0, 0, -7]").yaw_deg.abs() - 180.0).abs() < 1e-9);
}

#[test]
fn mistakes_in_viewpoints() {
    mistake("target = [0, 0, 0]", "15: `target` needs `distance`, or `eye`");
    mistake("eye = [0, 0, 0]", "15: `eye` needs `target` too");
    mistake("target = [1, 1, 1]\neye = [1, 1, 1]", "16: `eye` and `target` are the same place: it has no direction");
    mistake(
        "target = [0, 0, 0]\neye = [1, 0, 0]\nyaw_deg = 3",
        "17: a viewpoint has `eye`, or `yaw_deg`, `pitch_deg` and `distance`, not both",
    );
    mistake(
        "asset = \"a\"\ntarget = [0, 0, 0]\ndistance = 3",
        "16: a viewpoint has `target`, or `asset` and `part`, not both",
    );
    mistake("asset = \"c\"", "15: there is no asset \"c\"");
    mistake("part = \"gearbox\"", "13: the site has several assets: a part of which one is looked at?");
    mistake("asset = \"a\"\npart = \"gearbx\"", "16: asset \"a\" has no part \"gearbx\"; did you mean \"gearbox\"?");
    mistake("distance = 0", "15: `distance` is 0; it must be from 0.04 to 16000");
    mistake("pitch_deg = 90", "15: `pitch_deg` is 90; it must be from -85 to 89");
    mistake("fov = 30", "15: unknown key `fov` in a viewpoint");
    mistake("[[viewpoint]]\nid = \"v\"", "16: viewpoint \"v\" is already defined in line 14");
}

#[test]
fn too_many_viewpoints_are_a_problem_and_the_first_are_kept() {
    let many: String = (0..=MOST_VIEWPOINTS).map(|n| format!("[[viewpoint]]\nid = \"v{n}\"\n")).collect();
    let (site, problems) = resolved(&format!("{SITE}{many}"));
    assert_eq!(site.viewpoints.len(), MOST_VIEWPOINTS);
    assert_eq!(problems, ["13: `viewpoint` has 257 entries; at most 256 are allowed"]);
}

const SHOWN: &str = r#"asset = "a"
[viewpoint.show]
only = ["gearbox", "b/blade_1"]
hide = ["blade_2"]
ghost = ["b/gearbox"]
layers_off = ["structure"]
housings = "solid"
edges = true
section = { part = "gearbox", at = [1, 2, 3], normal = [0, 0, -2] }
explode = { part = "b/gearbox", amount = 0.5 }
"#;

#[test]
fn a_viewpoint_says_what_is_shown_there() {
    let expected = Showing {
        isolate: [PartRow(0), PartRow(4)].into(),
        alone: true,
        hide: [PartRow(2)].into(),
        ghost: [PartRow(3)].into(),
        layers_off: ["structure".to_owned()].into(),
        solid_housings: true,
        xray: false,
        edges: true,
        section: Some(Cut { part: Some(PartRow(0)), at: [1.0, 2.0, 3.0], normal: [0.0, 0.0, -1.0] }),
        explode: Some((Some(PartRow(3)), 0.5)),
    };
    assert_eq!(view(SHOWN).show, Some(expected));
    assert_eq!(view("[viewpoint.show]").show, Some(Showing::default()));
    assert_eq!(view("").show, None);
    let glass = view("asset = \"a\"\n[viewpoint.show]\nisolate = [\"gearbox\"]\nexplode = {}").show.unwrap();
    assert_eq!((glass.alone, glass.explode), (false, Some((None, 1.0))));
}

#[test]
fn mistakes_in_what_is_shown() {
    let shown = |show: &str, expected: &str| mistake(&format!("asset = \"a\"\n[viewpoint.show]\n{show}"), expected);
    shown("hide = [\"gearbx\"]", "17: asset \"a\" has no part \"gearbx\"; did you mean \"gearbox\"?");
    shown("hide = [\"c/gearbox\"]", "17: there is no asset \"c\"");
    shown("only = [\"gearbox\"]\nisolate = [\"blade_1\"]", "17: a viewpoint has `isolate` or `only`, not both");
    shown("layers_off = [\"strukture\"]", "17: no part has the layer \"strukture\"; did you mean \"structure\"?");
    shown("section = { at = [0, 0, 0], normal = [0, 0, 0] }", "17: `normal` has no direction");
    shown(
        "section = { part = \"b/gearbx\", at = [0, 0, 0], normal = [0, 0, 1] }",
        "17: asset \"b\" has no part \"gearbx\"; did you mean \"gearbox\"?",
    );
    shown("section = { at = [0, 0, 0] }", "17: a section needs `normal`");
    shown("explode = { amount = 2 }", "17: `amount` is 2; it must be from 0 to 1");
    mistake("[viewpoint.show]\nhide = [\"gearbox\"]", "16: \"gearbox\" is a part of which asset?");
    // Of a machine that is wrong itself, nothing more is said.
    mistake("asset = \"c\"\n[viewpoint.show]\nhide = [\"gearbox\"]", "15: there is no asset \"c\"");
}

#[test]
fn what_is_shown_is_written_and_read_back() {
    let (site, _) = resolved(SITE);
    let shows = [view(SHOWN).show.unwrap(), Showing::default(), Showing { xray: true, ..Showing::default() }];
    for show in shows {
        for text in [SITE.to_owned(), SITE.replace('\n', "\r\n")] {
            let view = Viewpoint { show: Some(show.clone()), ..crane() };
            let written = append_viewpoint(&text, &site, &view).unwrap();
            let (read, problems) = resolved(&written);
            assert_eq!(problems, [""; 0], "{written}");
            assert_eq!(read.viewpoints[0].show.as_ref(), Some(&show), "{written}");
            // A second one goes after it.
            let twice = append_viewpoint(&written, &site, &Viewpoint { id: "two".to_owned(), ..view }).unwrap();
            assert_eq!(resolved(&twice).0.viewpoints.len(), 2, "{twice}");
        }
    }
}

fn crane() -> Viewpoint {
    Viewpoint {
        id: "crane".to_owned(),
        name: "From the \"crane\"".to_owned(),
        aim: Aim::Place([1.00049, 2.0, -3.5]),
        yaw_deg: -12.34,
        pitch_deg: 5.0,
        distance: Some(7.25),
        show: None,
    }
}

#[test]
fn one_more_viewpoint_leaves_the_file_as_it_was_and_is_read_back() {
    let (site, _) = resolved(SITE);
    for text in [
        SITE.to_owned(),
        format!("{SITE}# a comment at the end, without a line break"),
        with("# mine\nyaw_deg = 1   # kept\n"),
        SITE.replace('\n', "\r\n"),
    ] {
        let written = append_viewpoint(&text, &site, &crane()).unwrap();
        assert!(written.starts_with(&text), "{written}");
        assert_eq!(written.contains("\r\n"), text.contains("\r\n"));
        assert!(!written.replace("\r\n", "").contains('\n') || !text.contains("\r\n"), "{written:?}");
        let (read, problems) = resolved(&written);
        assert_eq!(problems, [""; 0], "{written}");
        // To the millimetre and a tenth of a degree.
        let rounded = Viewpoint { aim: Aim::Place([1.0, 2.0, -3.5]), yaw_deg: -12.3, ..crane() };
        assert_eq!(read.viewpoints.last(), Some(&rounded), "{written}");
    }
}

#[test]
fn whatever_is_looked_at_is_written_by_its_name() {
    let (site, _) = resolved(SITE);
    for aim in [Aim::Everything, Aim::Asset(AssetRow(1)), Aim::Part(PartRow(4))] {
        let view = Viewpoint { aim, distance: None, ..crane() };
        let (read, problems) = resolved(&append_viewpoint(SITE, &site, &view).unwrap());
        assert_eq!(problems, [""; 0]);
        assert_eq!((read.viewpoints[0].aim, read.viewpoints[0].distance), (aim, None));
    }
}

#[test]
fn a_file_that_would_not_be_good_is_not_written() {
    let (site, _) = resolved(SITE);
    let refused = |text: &str, view: &Viewpoint| append_viewpoint(text, &site, view).unwrap_err();
    assert_eq!(
        refused(&with(""), &Viewpoint { id: "v".to_owned(), ..crane() }),
        "viewpoint \"v\" is already defined in line 14"
    );
    let inline = format!("viewpoint = [{{ id = \"v\" }}]\n{SITE}");
    assert!(
        refused(&inline, &crane()).starts_with("the file takes no further [[viewpoint]] at its end: not valid TOML")
    );
    assert!(refused("schema = ", &crane()).contains("not valid TOML"));
    let long = Viewpoint { name: "n".repeat(201), ..crane() };
    assert_eq!(refused(SITE, &long), "`name` has 201 bytes; at most 200 are allowed");
    let hidden = Showing { hide: [PartRow(99)].into(), ..Showing::default() };
    let gone = Viewpoint { show: Some(hidden), ..crane() };
    assert_eq!(refused(SITE, &gone), "a part is not in the site any more");
    let gone = Viewpoint { aim: Aim::Part(PartRow(99)), ..crane() };
    assert_eq!(refused(SITE, &gone), "the part is not in the site any more");
    let full: String = (0..MOST_VIEWPOINTS).map(|n| format!("[[viewpoint]]\nid = \"v{n}\"\n")).collect();
    assert!(refused(&format!("{SITE}{full}"), &crane()).contains("256 viewpoints already"));
}

#[test]
fn a_mistake_that_was_there_before_does_not_keep_a_viewpoint_out() {
    let (site, _) = resolved(SITE);
    let odd = SITE.replace("[site]\n", "[site]\nnickname = \"x\"\n");
    assert!(append_viewpoint(&odd, &site, &crane()).is_ok());
}

#[test]
fn ids_are_made_of_names_and_not_taken() {
    let taken = BTreeSet::from(["gearbox", "gearbox-2", "view"]);
    let id = |name: &str| viewpoint_id(name, &taken);
    assert_eq!(id("From the Crane!"), "from-the-crane");
    assert_eq!(id("Gearbox"), "gearbox-3");
    assert_eq!(id("  "), "view-2");
    assert_eq!(id("日本"), "view-2");
    assert!(rule::id(&id(&"x y ".repeat(100))).is_ok());
    assert!(id(&"x".repeat(100)).len() <= 64);
}
