//! Records and advice from topic to part.

use super::fixture::{START_MS, Twin, asset, site};
use crate::command::Command;
use crate::record::{RecordKind, What};
use crate::site::{PartRow, SourceRow};

/// Two turbines, each with a gearbox without signals; the second one's is selected.
fn farm() -> Twin {
    let mut twin =
        site().part("gearbox").edit(|site| site.assets.push(asset("wt-02", SourceRow(0)))).part("gearbox").twin();
    twin.command(Command::Select(Some(PartRow(1))));
    twin
}

fn topic(asset: &str, rest: &str) -> String {
    format!("twinscope/v1/north-ridge/{asset}/gearbox/{rest}")
}

fn replaced(at: i64) -> String {
    format!(r#"{{"at":{at},"action":"replaced"}}"#)
}

fn ids(twin: &Twin) -> Vec<String> {
    twin.snapshot().selected.unwrap().records.iter().map(|record| record.id.clone()).collect()
}

#[test]
fn what_is_subscribed_to_is_what_is_read() {
    let twin = farm();
    let expected: Vec<String> = ["advice/+", "inspection/+", "maintenance/+", "prediction/+/+/+", "work-order/+"]
        .map(|rest| format!("twinscope/v1/north-ridge/+/+/{rest}"))
        .into();
    assert_eq!(twin.state.filters(SourceRow(0)), expected);
}

#[test]
fn records_of_all_kinds_are_bound_to_their_part_newest_first() {
    let mut twin = farm();
    assert!(twin.hear(&topic("wt-02", "maintenance/a"), replaced(START_MS - 2000)).visible);
    twin.hear_retained(&topic("wt-02", "inspection/a"), r#"{"quantity":"crack_length","nothing_found":true}"#);
    let order = format!(r#"{{"at":{},"action":"replace"}}"#, START_MS - 1000);
    twin.hear(&topic("wt-02", "work-order/a"), order);
    twin.hear(&topic("wt-01", "maintenance/b"), replaced(START_MS));
    let detail = twin.snapshot().selected.unwrap();
    let kinds: Vec<_> = detail.records.iter().map(|record| record.kind()).collect();
    assert_eq!(kinds, [RecordKind::Inspection, RecordKind::WorkOrder, RecordKind::Maintenance]);
    assert!(detail.records.iter().all(|record| record.part == PartRow(1)));
    assert_eq!((twin.counters().records, twin.counters().bad_records), (4, 0));
}

#[test]
fn a_repetition_is_not_another_record_and_a_correction_replaces_it() {
    let mut twin = farm();
    for _ in 0..3 {
        twin.hear_retained(&topic("wt-02", "maintenance/a"), replaced(START_MS));
    }
    assert_eq!((ids(&twin), twin.counters().records), (vec!["a".to_owned()], 1));
    twin.hear(&topic("wt-02", "maintenance/a"), r#"{"action":"oil-changed"}"#);
    let records = twin.snapshot().selected.unwrap().records;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].what, What::Done { action: "oil-changed".to_owned() });
}

#[test]
fn an_empty_payload_takes_a_record_back() {
    let mut twin = farm();
    twin.hear(&topic("wt-02", "maintenance/a"), replaced(START_MS));
    twin.hear(&topic("wt-02", "inspection/a"), "");
    assert_eq!(ids(&twin), ["a"], "that was another kind");
    assert!(twin.hear(&topic("wt-02", "maintenance/a"), "").visible);
    let snapshot = twin.snapshot();
    assert!(snapshot.selected.unwrap().records.is_empty());
    assert_eq!((snapshot.counters.bad_records, &snapshot.sources[0].trouble), (0, &None));
}

#[test]
fn of_many_records_the_newest_64_are_shown() {
    let mut twin = farm();
    for at in 0..100 {
        twin.hear(&topic("wt-02", &format!("maintenance/{at}")), replaced(START_MS + at));
    }
    let expected: Vec<String> = (36..100).rev().map(|at| at.to_string()).collect();
    assert_eq!(ids(&twin), expected);
}

#[test]
fn what_is_refused_is_counted_and_explained() {
    for (topic, payload, expected) in [
        (topic("wt-09", "maintenance/a"), replaced(0), "record refused: its topic names no part"),
        (topic("wt-02", "maintenance/"), replaced(0), "record refused: its topic is malformed"),
        (topic("wt-02", "maintenance/a"), "{}".to_owned(), "record refused: `action` is missing"),
        (topic("wt-02", "inspection/a"), "?".to_owned(), "record refused: not as docs/predictions.md says"),
        (topic("wt-02", "work-order/a"), "x".repeat(20_000), "record refused: the payload is larger than 16 KiB"),
        (topic("wt-02", "advice/"), "{}".to_owned(), "advice refused: its topic is malformed"),
        (topic("wt-09", "advice/life"), "{}".to_owned(), "advice refused: its topic names no part"),
        (topic("wt-02", "advice/life"), r#"{"actions":[{}]}"#.to_owned(), "advice refused: `actions.id` is missing"),
        (topic("wt-09", "maintenance/a"), String::new(), "record refused: its topic names no part"),
    ] {
        let mut twin = farm();
        twin.hear(&topic, &payload);
        let snapshot = twin.snapshot();
        assert_eq!((snapshot.counters.bad_records, snapshot.counters.records), (1, 0), "{topic}");
        let trouble = snapshot.sources[0].trouble.clone().unwrap();
        assert!(trouble.starts_with(expected), "{trouble}");
        let detail = snapshot.selected.unwrap();
        assert!(detail.records.is_empty() && detail.advice.is_empty());
    }
}

#[test]
fn advice_is_kept_by_model_until_it_is_taken_back() {
    let mut twin = farm();
    let advice = |at: i64, action: &str| format!(r#"{{"issued_at":{at},"actions":[{{"id":"{action}"}}]}}"#);
    twin.hear(&topic("wt-02", "advice/life"), advice(START_MS - 10, "wait"));
    twin.hear(&topic("wt-02", "advice/life"), advice(START_MS, "replace"));
    twin.hear(&topic("wt-02", "advice/book"), advice(START_MS - 20, "inspect"));
    twin.hear(&topic("wt-01", "advice/life"), advice(START_MS, "other"));
    let shown = |twin: &Twin| -> Vec<(String, String)> {
        let advice = twin.snapshot().selected.unwrap().advice;
        advice.iter().map(|advised| (advised.model.clone(), advised.body.actions[0].id.clone())).collect()
    };
    let pair = |model: &str, action: &str| (model.to_owned(), action.to_owned());
    assert_eq!(shown(&twin), [pair("book", "inspect"), pair("life", "replace")]);
    assert!(twin.hear(&topic("wt-02", "advice/life"), "").visible);
    assert_eq!(shown(&twin), [pair("book", "inspect")]);
    assert_eq!((twin.counters().records, twin.counters().bad_records), (4, 0));
}

#[test]
fn a_topic_can_be_bound_to_a_signal_and_be_a_record() {
    let topic = topic("wt-01", "maintenance/a");
    let mut twin = site().part("gearbox").plain("last", &topic).twin();
    twin.command(Command::Select(Some(PartRow(0))));
    twin.hear(&topic, replaced(START_MS));
    assert_eq!((ids(&twin), twin.counters().samples), (vec!["a".to_owned()], 1));
}

#[test]
fn topics_of_records_do_not_fill_the_cache() {
    let mut twin =
        site().edit(|site| site.sources[0].max_topics = 1).part("gearbox").signal("oil", "wt/gearbox").twin();
    for id in 0..10 {
        twin.hear(&topic("wt-01", &format!("maintenance/{id}")), replaced(START_MS));
        twin.hear(&topic("wt-01", &format!("advice/{id}")), "{}");
    }
    twin.measure("wt/gearbox", "oil", 60.0);
    assert_eq!((twin.counters().uncached, twin.counters().records), (0, 20));
}
