//! Procedures against their type: what is read, and what is wrong where.

use std::collections::BTreeMap;

use super::super::*;
use super::lines;
use crate::procedure::Condition;

const TYPE: &str = "\
schema = 1
id = \"t\"
model = \"m.glb\"
[[procedure]]
id = \"oil-filter\"
title = \"Oil filter change\"
file = \"../procedures/oil.md\"
[[part]]
id = \"rotor\"
node = \"R\"
[[part.signal]]
id = \"speed\"
topic = \"rotor\"
unit = \"rpm\"
[[part]]
id = \"oil_filter\"
node = \"F\"
[[part]]
id = \"oil\"
node = \"O\"
[[part.signal]]
id = \"pressure\"
topic = \"oil\"
";

fn kind() -> TypeFile {
    let (mut kind, problems) = parse_type(TYPE, "t.toml");
    assert_eq!(lines(&problems), [""; 0]);
    kind.folder_from_site = "../../types".to_owned();
    kind
}

/// The Markdown of the format's document, from its only block of four backticks.
fn example() -> &'static str {
    let format = include_str!("../../../../../docs/procedures.md");
    let (_, rest) = format.split_once("````markdown\n").unwrap();
    rest.split_once("````").unwrap().0
}

#[test]
fn the_example_of_the_format_is_read_whole() {
    let mut kind = kind();
    assert_eq!(kind.procedure_files(), ["../../procedures/oil.md"]);
    assert_eq!(kind.read_procedure(0, example(), "oil.md"), []);
    let site = "schema = 1\n[site]\nid = \"s\"\n[[source]]\nid = \"b\"\nurl = \"mqtt://b\"\n[[asset]]\nid = \"a\"\ntype = \"t\"\n";
    let (site, problems) =
        resolve(&parse_site(site, "site.toml").0, &BTreeMap::from([("t".to_owned(), kind)]), &BTreeMap::new());
    assert_eq!(lines(&problems), [""; 0]);
    let procedure = site.procedures_of(AssetRow(0)).next().unwrap();
    assert_eq!((procedure.id.as_str(), procedure.title.as_str()), ("oil-filter", "Oil filter change"));
    assert_eq!(procedure.file, "../../procedures/oil.md");
    let [stop, change, check] = procedure.steps.as_slice() else { panic!("three steps: {procedure:?}") };
    let condition = |text: &str, expression: &str, for_ms| {
        Some(Condition { text: text.to_owned(), expression: expression.to_owned(), for_ms })
    };
    assert_eq!(stop.done, condition("rotor.speed < 0.2 for 30 s", "rotor.speed < 0.2", 30_000));
    assert_eq!(stop.simulate, Some(("service-stop".to_owned(), true)));
    assert_eq!(
        change.interlock,
        condition(
            "rotor.speed < 0.2 && oil.pressure < 0.1 for 10 s",
            "rotor.speed < 0.2 && oil.pressure < 0.1",
            10_000
        )
    );
    let values = [("Cover screws M12 (8)", "65 N·m"), ("Drain plug", "40 N·m")];
    assert_eq!(change.values, values.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!((change.part.as_str(), change.done.as_ref(), change.skip), ("oil_filter", None, false));
    assert!(change.text.contains("![The filter housing](pictures/filter.png)"), "{}", change.text);
    assert_eq!((check.confirm, check.skip, check.show.as_slice()), (true, true, ["rotor.speed".to_owned()].as_slice()));
    assert!(procedure.intro.contains("Two persons") && procedure.notes.contains("Sources"));
}

/// What is wrong with a step whose block is this, from line 3.
#[track_caller]
fn step(block: &str, expected: &[&str]) {
    let text = format!("# Größe\n## S\n```step\n{block}```\n");
    let problems = kind().read_procedure(0, &text, "oil.md");
    assert_eq!(lines(&problems), expected, "{block}");
    assert!(problems.iter().all(|problem| problem.file == "oil.md"));
}

#[test]
fn mistakes_have_the_line_of_the_markdown_file() {
    step("part = \"oil\"\n", &[]);
    step("", &["4: a step needs `part`"]);
    step("part = \"oli\"\n", &["4: there is no part \"oli\"; did you mean \"oil\"?"]);
    step("part = oil\n", &["4: not valid TOML: string values must be quoted, expected literal string"]);
    step("part = \"oil\"\ninterlok = \"x\"\n", &["5: unknown key `interlok` in a step; did you mean `interlock`?"]);
    step(
        "part = \"oil\"\ninterlock = \"presure < 1.0\"\n",
        &["5: part \"oil\" has no signal \"presure\"; did you mean \"pressure\"?"],
    );
    step("part = \"oil\"\ndone = \"rotor.speed < \"\n", &["5: the expression ends too early"]);
    step("part = \"oil\"\ndone = \"rotor.speed < 1.0 for 3 parsecs\"\n", &["5: `3 parsecs` is not a duration"]);
    step("part = \"oil\"\nconfirm = true\n", &["5: `confirm` has no effect without `done`"]);
    step("part = \"oil\"\nvalues = [\"65 N·m\"]\n", &["5: a value has no name"]);
    step(
        "part = \"oil\"\nshow = [\"rotor.sped\"]\n",
        &["5: part \"rotor\" has no signal \"sped\"; did you mean \"speed\"?"],
    );
    step("part = \"oil\"\nsimulate = { switch = \"pump\" }\n", &["5: `simulate` needs `on`"]);
}

#[test]
fn a_procedure_with_an_error_is_no_procedure() {
    let mut kind = kind();
    assert!(!kind.read_procedure(0, "# T\n## S\n", "oil.md").is_empty());
    assert_eq!(kind.procedures().count(), 0);
    let large = " ".repeat(300_000);
    assert!(kind.read_procedure(0, &large, "oil.md")[0].message.contains("at most 262144 are read"));
}

#[test]
fn pictures_that_are_missing_and_switches_that_nobody_has_are_told() {
    let mut kind = kind();
    kind.read_procedure(0, example(), "oil.md");
    let missing = kind.missing_pictures(|file| {
        assert_eq!(file, "../../procedures/pictures/filter.png");
        false
    });
    assert_eq!(missing[0].message, "there is no picture \"pictures/filter.png\"");
    assert!(missing[0].line > 1);
    assert_eq!(kind.unknown_switches(&["service-stop"]), []);
    let unknown = kind.unknown_switches(&["pump", "brake"]);
    assert_eq!(
        (unknown[0].message.as_str(), unknown[0].hint.as_deref()),
        ("the simulator has no switch \"service-stop\"", Some("it has pump, brake"))
    );
}

#[test]
fn a_step_looks_at_sixteen_signals_at_most() {
    let signals: String = (0..20).map(|n| format!("[[part.signal]]\nid = \"s{n}\"\ntopic = \"t\"\n")).collect();
    let (mut kind, _) = parse_type(&format!("{TYPE}{signals}"), "t.toml");
    let sum = (0..17).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" + ");
    let text = format!("# T\n## S\n```step\npart = \"oil\"\ndone = \"{sum} > 1.0\"\n```\n");
    assert_eq!(
        lines(&kind.read_procedure(0, &text, "oil.md")),
        ["4: the step looks at 17 signals; at most 16 are recorded"]
    );
}
