//! Questions about a gearbox with a bearing, and a silent tower.

use super::PartQuery;
use crate::site::PartRow;
use crate::snapshot::Snapshot;
use crate::state::tests::fixture::site;

/// Gearbox (layer drivetrain, health 0.5, oil at 80), bearing below it (kind bearing, health 1.0), tower (never heard).
fn snapshot() -> Snapshot {
    let mut twin = site()
        .part("gearbox")
        .last_part(|part| {
            part.layer = Some("drivetrain".to_owned());
            part.health = Some("1.0 - oil / 160.0".to_owned());
        })
        .signal("oil", "wt/gearbox")
        .high(75.0)
        .part("bearing")
        .last_part(|part| {
            part.kind = "bearing".to_owned();
            part.parent = Some(PartRow(0));
            part.health = Some("1.0".to_owned());
        })
        .part("tower")
        .twin();
    twin.measure("wt/gearbox", "oil", 80.0);
    twin.snapshot()
}

/// The ids of those that are meant.
fn meant(question: &str) -> Vec<String> {
    let snapshot = snapshot();
    let found = PartQuery::compile(question, &snapshot.site).unwrap().parts(&snapshot);
    found.iter().map(|row| snapshot.site.parts[row.index()].id.clone()).collect()
}

#[test]
fn parts_are_found_by_what_they_are() {
    assert_eq!(meant("type == \"bearing\""), ["bearing"]);
    assert_eq!(meant("id.contains(\"ow\")"), ["tower"]);
    assert_eq!(meant("asset == \"wt-01\" && kind != \"bearing\""), [""; 0]);
}

#[test]
fn parts_are_found_by_how_they_are() {
    assert_eq!(meant("health < 0.6"), ["gearbox"]);
    assert_eq!(meant("severity > 0"), ["gearbox"]);
    assert_eq!(meant("state == \"normal\" && id != \"tower\""), ["bearing"]);
    assert_eq!(meant("oil > 79.0"), ["gearbox"]);
}

#[test]
fn a_layer_is_that_of_the_part_above_too() {
    assert_eq!(meant("layer == \"drivetrain\""), ["gearbox", "bearing"]);
}

#[test]
fn what_is_not_known_is_not_meant_either_way() {
    assert_eq!(meant("health >= 0.0"), ["gearbox", "bearing"]);
    assert_eq!(meant("!(health >= 0.0)"), [""; 0]);
}

#[test]
fn a_property_that_nothing_has_is_told_with_those_that_there_are() {
    let error = PartQuery::compile("helth < 0.6", &snapshot().site).unwrap_err();
    assert!(error.contains("\"helth\"") && error.contains("health"), "{error}");
}

#[test]
fn what_is_no_question_is_told() {
    assert!(PartQuery::compile("health <", &snapshot().site).is_err());
}

#[test]
fn names_are_no_questions() {
    for (text, question) in [("high-speed bearing", false), ("gear (left)", false), ("health < 0.6", true)] {
        assert_eq!(PartQuery::is_meant(text), question, "{text}");
    }
}
