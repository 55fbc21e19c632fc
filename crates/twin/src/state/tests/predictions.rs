//! Predictions from topic to part.

use super::fixture::{START_MS, Twin, asset, site};
use crate::command::Command;
use crate::quality::{Quality, QualityReason};
use crate::site::{PartRow, SourceRow};

/// Two turbines, each with a gearbox without signals.
fn farm() -> Twin {
    site().part("gearbox").edit(|site| site.assets.push(asset("wt-02", SourceRow(0)))).part("gearbox").twin()
}

fn topic(asset: &str, quantity: &str, scenario: &str) -> String {
    format!("twinscope/v1/north-ridge/{asset}/gearbox/prediction/{quantity}/life/{scenario}")
}

fn body(issued_at: i64, median: f64) -> String {
    format!(r#"{{"issued_at":{issued_at},"unit":"h","quantiles":{{"0.05":0.1,"0.5":{median},"0.95":5000}}}}"#)
}

#[test]
fn a_prediction_is_bound_to_its_part_and_kept_issue_by_issue() {
    let mut twin = farm();
    for (issued_at, median) in [(START_MS - 2000, 1.0), (START_MS, 3.0), (START_MS - 1000, 2.0)] {
        assert!(twin.hear(&topic("wt-02", "rul", "baseline"), body(issued_at, median)).visible);
    }
    assert!(twin.state.predictions(PartRow(0)).is_empty());
    let kept = twin.state.predictions(PartRow(1));
    let medians: Vec<_> = kept[0].1.iter().map(|issue| issue.body.median()).collect();
    assert_eq!(medians, [Some(3.0), Some(2.0), Some(1.0)]);
    assert_eq!((kept[0].0.model.as_str(), kept[0].0.scenario.as_str()), ("life", "baseline"));
    twin.command(Command::Select(Some(PartRow(1))));
    let (key, latest, count) = twin.snapshot().selected.unwrap().predictions.remove(0);
    assert_eq!((key.quantity.as_str(), latest.body.median(), count), ("rul", Some(3.0), 3));
    assert_eq!(twin.counters().predictions, 3);
}

#[test]
fn a_repetition_is_not_another_issue() {
    let mut twin = farm();
    for _ in 0..3 {
        twin.hear_retained(&topic("wt-01", "rul", "baseline"), body(START_MS, 1.0));
    }
    assert_eq!(twin.state.predictions(PartRow(0))[0].1.len(), 1);
    assert_eq!(twin.counters().predictions, 1);
}

#[test]
fn ages_and_ends_are_known() {
    let mut twin = farm();
    twin.hear(
        &topic("wt-01", "rul", "baseline"),
        format!(r#"{{"issued_at":{START_MS},"valid_until":{},"unit":"h","value":7}}"#, START_MS + 60_000),
    );
    twin.wait(60_000);
    let kept = twin.state.predictions(PartRow(0));
    let issue = kept[0].1[0];
    assert_eq!((issue.age_ms(twin.now), issue.is_expired(twin.now)), (Some(60_000), false));
    assert!(issue.is_expired(twin.now.plus_ms(1)));
}

#[test]
fn the_age_of_what_the_broker_had_kept_is_known_only_if_it_says_so() {
    let mut twin = farm();
    twin.hear_retained(&topic("wt-01", "rul", "baseline"), r#"{"unit":"h","value":7}"#);
    twin.hear_retained(&topic("wt-01", "rul", "dated"), body(START_MS, 7.0));
    twin.hear(&topic("wt-01", "rul", "live"), r#"{"unit":"h","value":7}"#);
    twin.wait(1000);
    let ages: Vec<_> = twin.state.predictions(PartRow(0)).iter().map(|(_, kept)| kept[0].age_ms(twin.now)).collect();
    assert_eq!(ages, [None, Some(1000), Some(1000)]);
}

#[test]
fn a_retained_health_of_unknown_age_gives_way_to_a_dated_one() {
    let mut twin = farm();
    let of = |model: &str| topic("wt-01", "health", "baseline").replace("/life/", &format!("/{model}/"));
    let ten_minutes_ago = START_MS - 600_000;
    twin.hear(&of("a"), format!(r#"{{"issued_at":{ten_minutes_ago},"unit":"1","value":0.75}}"#));
    twin.hear_retained(&of("b"), r#"{"unit":"1","value":0.25}"#);
    assert_eq!(twin.snapshot().parts[0].health, Some(0.75));
}

#[test]
fn an_empty_payload_takes_a_prediction_back() {
    let mut twin = farm();
    twin.command(Command::Select(Some(PartRow(0))));
    let health = topic("wt-01", "health", "baseline");
    twin.hear(&health, r#"{"unit":"1","value":0.5}"#);
    assert!(twin.hear(&health, "").visible);
    let snapshot = twin.snapshot();
    assert_eq!((snapshot.counters.bad_predictions, &snapshot.sources[0].trouble), (0, &None));
    assert_eq!(snapshot.parts[0].health, None);
    assert!(snapshot.selected.unwrap().predictions.is_empty());
    assert_eq!(twin.state.predictions(PartRow(0))[0].1.len(), 1, "what was predicted can still be asked for");
}

#[test]
fn of_many_predictions_those_issued_last_are_shown_and_the_rest_is_counted() {
    let mut twin = farm();
    twin.command(Command::Select(Some(PartRow(0))));
    for scenario in 0..100 {
        twin.hear(&topic("wt-01", "rul", &format!("s{scenario:02}")), body(START_MS - scenario, 1.0));
    }
    let detail = twin.snapshot().selected.unwrap();
    let shown: Vec<_> = detail.predictions.iter().map(|(key, ..)| key.scenario.clone()).collect();
    let expected: Vec<_> = (0..64).map(|scenario| format!("s{scenario:02}")).collect();
    assert_eq!((shown, detail.more_predictions), (expected, 36));
}

#[test]
fn a_trouble_that_does_not_come_again_fades() {
    let mut twin = farm();
    twin.hear(&topic("wt-01", "rul", "baseline"), "?");
    twin.wait(599_000);
    assert!(twin.snapshot().sources[0].trouble.is_some());
    twin.wait(1000);
    assert_eq!(twin.snapshot().sources[0].trouble, None);
}

#[test]
fn what_is_refused_is_counted_and_explained() {
    for (topic, payload, expected) in [
        (topic("wt-09", "rul", "baseline"), body(0, 1.0), "names no part"),
        (topic("wt-01", "rul", "baseline").replace("gearbox", "geerbox"), body(0, 1.0), "names no part"),
        (topic("wt-01", "", "baseline"), body(0, 1.0), "malformed"),
        (topic("wt-01", "rul", "baseline"), r#"{"value":1}"#.to_owned(), "`unit` is missing"),
        (topic("wt-01", "rul", "baseline"), body(0, 9999.0), "go down"),
        (topic("wt-01", "rul", "baseline"), "x".repeat(70_000), "larger than 64 KiB"),
    ] {
        let mut twin = farm();
        twin.hear(&topic, &payload);
        let snapshot = twin.snapshot();
        assert_eq!((snapshot.counters.bad_predictions, snapshot.counters.predictions), (1, 0), "{topic}");
        let trouble = snapshot.sources[0].trouble.clone().unwrap();
        assert!(trouble.contains(expected), "{trouble}");
        assert!(twin.state.predictions(PartRow(0)).is_empty());
    }
}

#[test]
fn a_predicted_health_is_the_health_of_a_part_without_an_expression() {
    let mut twin = farm();
    let health = |issued_at: i64, value: f64| {
        format!(r#"{{"issued_at":{issued_at},"valid_until":{},"unit":"1","value":{value}}}"#, START_MS + 60_000)
    };
    twin.hear(&topic("wt-01", "health", "baseline"), health(START_MS - 10, 0.75));
    twin.hear(&topic("wt-01", "health", "no-maintenance"), health(START_MS, 0.25));
    let part = twin.snapshot().parts[0];
    assert_eq!(part.health, Some(0.75), "the baseline comes before what-ifs");
    assert_eq!((part.quality, part.reason), (Quality::NoData, QualityReason::NotMeasured));
    twin.command(Command::Select(Some(PartRow(0))));
    let detail = twin.snapshot().selected.unwrap().health.unwrap();
    assert_eq!((detail.from.as_str(), detail.value), ("prediction by life (baseline)", Some(0.75)));
    twin.wait(60_250);
    assert_eq!(twin.snapshot().parts[0].health, None, "past its valid_until");
    let detail = twin.snapshot().selected.unwrap().health.unwrap();
    assert_eq!(detail.error.as_deref(), Some("prediction by life (baseline) is past its valid_until"));
}

#[test]
fn a_predicted_health_in_percent_is_understood_and_an_impossible_one_is_not_shown() {
    for (payload, expected) in [
        (r#"{"unit":"%","value":75}"#, Some(0.75)),
        (r#"{"unit":"1","quantiles":{"0.05":0.25,"0.5":0.5}}"#, Some(0.5)),
        (r#"{"unit":"1","value":75}"#, None),
        (r#"{"unit":"1","value":-0.1}"#, None),
        (r#"{"unit":"1","quantiles":{"0.05":0.25}}"#, None),
    ] {
        let mut twin = farm();
        twin.hear(&topic("wt-01", "health", "baseline"), payload);
        assert_eq!(twin.snapshot().parts[0].health, expected, "{payload}");
    }
}

#[test]
fn topics_of_predictions_do_not_fill_the_cache() {
    let mut twin =
        site().edit(|site| site.sources[0].max_topics = 1).part("gearbox").signal("oil", "wt/gearbox").twin();
    for scenario in 0..10 {
        twin.hear(&topic("wt-01", "rul", &format!("s{scenario}")), body(START_MS, 1.0));
    }
    twin.measure("wt/gearbox", "oil", 60.0);
    assert_eq!((twin.counters().uncached, twin.counters().predictions), (0, 10));
}
