//! What people say, as messages: what-ifs, economics, inspections, maintenance and work orders.

use std::collections::BTreeMap;

use super::fixture::{START_MS, Twin, asset, site, source};
use crate::command::{Command, Outgoing};
use crate::record::WorkOrder;
use crate::site::{AssetRow, PartRow, SourceRow};
use crate::state::Options;

/// A simulated turbine and a real one, each with a gearbox.
fn farm(options: Options) -> Twin {
    site()
        .part("gearbox")
        .edit(|site| {
            site.sources.push(source("real", false));
            site.assets.push(asset("wt-02", SourceRow(1)));
        })
        .part("gearbox")
        .twin_with(options)
}

fn numbers<const N: usize>(values: [(&str, f64); N]) -> BTreeMap<String, f64> {
    values.into_iter().map(|(id, value)| (id.to_owned(), value)).collect()
}

fn what_if(scenario: &str) -> Command {
    let setting = Some(numbers([("derate", 80.0), ("oil_change", 1.0)]));
    Command::WhatIf { asset: AssetRow(1), model: "gearbox".to_owned(), scenario: scenario.to_owned(), setting }
}

fn economics<const N: usize>(values: [(&str, f64); N]) -> Command {
    Command::Economics { asset: AssetRow(1), model: "gearbox".to_owned(), values: numbers(values) }
}

fn inspect(value: Option<f64>) -> Command {
    Command::Inspect {
        part: PartRow(1),
        quantity: "crack_length".to_owned(),
        value,
        deviation: Some(0.3),
        unit: "mm".to_owned(),
        by: "N. N.".to_owned(),
        note: "stage 1, blade 17".to_owned(),
    }
}

fn maintain(action: &str) -> Command {
    let (by, note) = ("N. N.".to_owned(), "serial 4711".to_owned());
    Command::Maintain { part: PartRow(1), action: action.to_owned(), by, note }
}

fn order(action: &str, cost: f64) -> Command {
    let order = WorkOrder {
        action: action.to_owned(),
        title: "Replace the high-speed bearing".to_owned(),
        due_at: Some(1_765_209_600_000),
        model: Some("gearbox".to_owned()),
        cost: Some(cost),
        currency: "EUR".to_owned(),
        why: "…".to_owned(),
        state: "planned".to_owned(),
    };
    Command::Order { part: PartRow(1), by: "N. N.".to_owned(), order: Box::new(order) }
}

fn json(text: impl AsRef<[u8]>) -> serde_json::Value {
    serde_json::from_slice(text.as_ref()).unwrap()
}

fn refusal(twin: &Twin) -> Option<String> {
    twin.state.log().last().and_then(|entry| entry.refused.clone())
}

#[test]
fn each_command_makes_the_message_of_the_format() {
    let record = |kind: &str| format!("gearbox/{kind}/{START_MS}-1");
    let nothing = format!(
        r#"{{"at":{START_MS},"by":"N. N.","quantity":"crack_length","nothing_found":true,"note":"stage 1, blade 17"}}"#
    );
    let found = format!(
        r#"{{"at":{START_MS},"by":"N. N.","quantity":"crack_length","value":1.8,"unit":"mm","deviation":0.3,
             "note":"stage 1, blade 17"}}"#
    );
    let done = format!(r#"{{"at":{START_MS},"by":"N. N.","action":"replaced","note":"serial 4711"}}"#);
    let planned = format!(
        r#"{{"at":{START_MS},"by":"N. N.","action":"replace","title":"Replace the high-speed bearing",
             "due_at":1765209600000,"model":"gearbox","cost":41000.0,"currency":"EUR","why":"…","state":"planned"}}"#
    );
    let withdraw = Command::WhatIf {
        asset: AssetRow(1),
        model: "gearbox".to_owned(),
        scenario: "plan-a".to_owned(),
        setting: None,
    };
    let asked = r#"{"model":"gearbox","scenario":"plan-a","setting":{"derate":80.0,"oil_change":1.0}}"#;
    let withdrawn = r#"{"model":"gearbox","scenario":"plan-a","setting":null}"#;
    let figures = r#"{"model":"gearbox","energy_price":90.0}"#;
    for (command, levels, payload, retain) in [
        (what_if("plan-a"), "command/what-if".to_owned(), asked, false),
        (withdraw, "command/what-if".to_owned(), withdrawn, false),
        (economics([("energy_price", 90.0)]), "command/economics".to_owned(), figures, false),
        (inspect(Some(1.8)), record("inspection"), &found, true),
        (inspect(None), record("inspection"), &nothing, true),
        (maintain("replaced"), record("maintenance"), &done, true),
        (order("replace", 41_000.0), record("work-order"), &planned, true),
    ] {
        let mut twin = farm(Options::default());
        let mut outgoing = twin.command(command).outgoing;
        assert_eq!(refusal(&twin), None);
        let Outgoing { source, topic, payload: said, retain: kept } = outgoing.remove(0);
        assert_eq!((source, kept), (SourceRow(1), retain), "a source that is not simulated will do");
        assert_eq!(topic, format!("twinscope/v1/north-ridge/wt-02/{levels}"));
        assert_eq!(json(said), json(payload), "{levels}");
        assert!(outgoing.is_empty());
    }
}

#[test]
fn what_is_published_is_understood_when_the_broker_hands_it_back() {
    let mut twin = farm(Options::default());
    twin.command(Command::Select(Some(PartRow(1))));
    for command in [inspect(Some(1.8)), inspect(None), maintain("replaced"), order("replace", 41_000.0)] {
        let outgoing = twin.command(command).outgoing.remove(0);
        twin.hear(&outgoing.topic, &outgoing.payload);
    }
    let records = twin.snapshot().selected.unwrap().records;
    assert_eq!((records.len(), twin.counters().bad_records), (4, 0), "{:?}", twin.snapshot().sources[0].trouble);
    assert!(records.iter().all(|record| record.by == "N. N." && record.at == START_MS));
}

#[test]
fn records_of_the_same_moment_have_ids_of_their_own() {
    let mut twin = farm(Options::default());
    let mut topics: Vec<String> = (0..3).map(|_| twin.command(maintain("replaced")).outgoing.remove(0).topic).collect();
    let expected = |ms: i64| format!("twinscope/v1/north-ridge/wt-02/gearbox/maintenance/{}-1", START_MS + ms);
    assert_eq!(topics, [expected(0), expected(1), expected(2)]);
    twin.now.wall_ms -= 5000;
    topics.push(twin.command(maintain("replaced")).outgoing.remove(0).topic);
    assert_eq!(topics[3], expected(3), "a clock that is set back makes no id twice");
}

#[test]
fn read_only_refuses_all_of_them() {
    for command in [what_if("a"), economics([("a", 1.0)]), inspect(None), maintain("replaced"), order("replace", 1.0)] {
        let mut twin = farm(Options { read_only: true, ..Options::default() });
        assert!(command.leaves_process());
        assert!(twin.command(command.clone()).outgoing.is_empty(), "{command:?}");
        assert_eq!(refusal(&twin).as_deref(), Some("read-only: nothing is sent"));
    }
}

#[test]
fn what_is_refused_publishes_nothing_and_says_why() {
    let long = "x".repeat(5000);
    let no_asset =
        Command::WhatIf { asset: AssetRow(9), model: "gearbox".to_owned(), scenario: "a".to_owned(), setting: None };
    let no_part =
        Command::Maintain { part: PartRow(9), action: "replaced".to_owned(), by: String::new(), note: String::new() };
    let shaky = |deviation: f64| match inspect(Some(1.0)) {
        Command::Inspect { part, quantity, value, unit, by, note, .. } => {
            Command::Inspect { part, quantity, value, deviation: Some(deviation), unit, by, note }
        }
        other => other,
    };
    let wordy = Command::Maintain { part: PartRow(1), action: "a".to_owned(), by: String::new(), note: long.clone() };
    let many: BTreeMap<String, f64> = (0..65).map(|at| (at.to_string(), 1.0)).collect();
    let many = Command::Economics { asset: AssetRow(1), model: "gearbox".to_owned(), values: many };
    for (command, expected) in [
        (no_asset, "no such asset"),
        (no_part, "no such part"),
        (what_if(""), "`scenario` is missing or empty"),
        (what_if("a/b"), "the scenario \"a/b\" does not make a topic: it must be without /, + and #"),
        (what_if("a+"), "the scenario \"a+\" does not make a topic: it must be without /, + and #"),
        (what_if(&long), "`scenario` is longer than 128 bytes"),
        (what_if("baseline"), "the scenario \"baseline\" is what is expected anyway; name a what-if otherwise"),
        (economics([]), "no figure is changed"),
        (economics([("model", 1.0)]), "no figure can have the name \"model\""),
        (economics([("price", f64::NAN)]), "price is not a number"),
        (many, "`values` has more than 64 entries"),
        (inspect(Some(f64::INFINITY)), "value is not a number"),
        (shaky(0.0), "the deviation of a measurement must be above 0"),
        (shaky(f64::NAN), "deviation is not a number"),
        (maintain(" "), "`action` is missing or empty"),
        (wordy, "`note` is longer than 4096 bytes"),
        (order("", 1.0), "`action` is missing or empty"),
        (order("replace", f64::NAN), "cost is not a number"),
    ] {
        let mut twin = farm(Options::default());
        let changes = twin.command(command.clone());
        assert!(changes.outgoing.is_empty() && changes.visible, "{command:?}");
        assert_eq!(refusal(&twin).as_deref(), Some(expected), "{command:?}");
    }
}

#[test]
fn of_a_model_that_nothing_feeds_nothing_can_be_said() {
    let mut twin = site().edit(|site| site.assets.push(asset("pump", SourceRow(u32::MAX)))).part("shaft").twin();
    let command =
        Command::Maintain { part: PartRow(0), action: "replaced".to_owned(), by: String::new(), note: String::new() };
    assert!(twin.command(command).outgoing.is_empty());
    assert!(refusal(&twin).is_some_and(|reason| reason.starts_with("pump is a model that was opened by itself")));
}
