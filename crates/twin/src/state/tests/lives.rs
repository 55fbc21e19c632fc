//! Remaining lives, their past, and what-ifs in the picture.

use super::fixture::{START_MS, Twin, asset, site};
use crate::advice::Waiting;
use crate::command::Command;
use crate::site::{AssetRow, Crack, PartRow, SourceRow};
use crate::snapshot::PastLife;

/// Two turbines, each with a gearbox and a blade without signals.
fn farm() -> Twin {
    let two = site().part("gearbox").part("blade").edit(|site| site.assets.push(asset("wt-02", SourceRow(0))));
    two.part("gearbox").part("blade").twin()
}

fn topic(asset: &str, part: &str, model: &str, scenario: &str) -> String {
    format!("twinscope/v1/north-ridge/{asset}/{part}/prediction/rul/{model}/{scenario}")
}

fn body(issued_at: i64, median: f64, unit: &str) -> String {
    format!(
        r#"{{"issued_at":{issued_at},"valid_until":{},"unit":"{unit}","quantiles":{{"0.05":1,"0.5":{median},"0.95":90}}}}"#,
        START_MS + 60_000
    )
}

/// Part, median in hours and whether it is expired, of each life.
fn lives(twin: &Twin) -> Vec<(u32, Option<f64>, bool)> {
    twin.snapshot().lives.iter().map(|life| (life.part.0, life.p50_h, life.expired)).collect()
}

#[test]
fn every_part_with_a_baseline_of_its_remaining_life_has_one_in_hours() {
    let mut twin = farm();
    twin.hear(&topic("wt-02", "gearbox", "life", "baseline"), body(START_MS, 2.0, "d"));
    twin.hear(&topic("wt-01", "blade", "life", "baseline"), body(START_MS, 30.0, "h"));
    twin.hear(&topic("wt-01", "gearbox", "life", "derate"), body(START_MS, 40.0, "h"));
    twin.hear(&topic("wt-02", "blade", "life", "baseline"), body(START_MS, 50.0, "cycles"));
    assert_eq!(lives(&twin), [(1, Some(30.0), false), (2, Some(48.0), false)]);
    let life = twin.snapshot().lives.remove(1);
    assert_eq!((life.asset, life.key.model.as_str(), life.waiting()), (AssetRow(1), "life", None));
    assert_eq!((life.p05_h, life.p95_h, life.issue.body.unit.as_str()), (Some(24.0), Some(2160.0), "d"));
}

/// A blade whose edge may crack, and a root that may not.
fn cracked() -> Twin {
    let crack = Crack {
        from: [0.0; 3],
        direction: [-1.0, 0.0, 0.0],
        normal: [0.0, 1.0, 0.0],
        quantity: "crack_length".to_owned(),
    };
    let blade = site().part("edge").part("root");
    blade.edit(|site| site.parts[0].crack = Some(crack)).twin()
}

fn length_topic(part: &str, model: &str, scenario: &str) -> String {
    format!("twinscope/v1/north-ridge/wt-01/{part}/prediction/crack_length/{model}/{scenario}")
}

#[test]
fn the_crack_of_a_part_is_its_latest_baseline_in_metres() {
    let mut twin = cracked();
    assert_eq!(twin.snapshot().cracks, []);
    let said = |at: i64, mm: f64| body(at, mm, "mm");
    twin.hear(&length_topic("edge", "blade", "plan-a"), said(START_MS, 7.0));
    twin.hear(&length_topic("root", "blade", "baseline"), said(START_MS, 8.0));
    twin.hear(&length_topic("edge", "book", "baseline"), said(START_MS - 20, 9.0));
    twin.hear(&length_topic("edge", "blade", "baseline"), said(START_MS - 10, 2.0));
    let cracks = twin.snapshot().cracks;
    let [crack] = cracks.as_slice() else { panic!("{cracks:?}") };
    let mm = |metres: Option<f64>| metres.map(|m| (m * 1e6).round() / 1e3);
    assert_eq!(crack.part, PartRow(0));
    assert_eq!([crack.p05_m, crack.p50_m, crack.p95_m].map(mm), [Some(1.0), Some(2.0), Some(90.0)]);
    assert!(!crack.expired);
}

#[test]
fn a_crack_length_in_no_unit_of_length_is_no_crack_and_a_withdrawn_one_goes() {
    let mut twin = cracked();
    twin.hear(&length_topic("edge", "blade", "baseline"), body(START_MS, 2.0, "h"));
    assert_eq!(twin.snapshot().cracks, []);
    twin.hear(&length_topic("edge", "blade", "baseline"), body(START_MS + 1, 2.0, "mm"));
    assert_eq!(twin.snapshot().cracks.len(), 1);
    twin.hear(&length_topic("edge", "blade", "baseline"), "");
    assert_eq!(twin.snapshot().cracks, []);
}

#[test]
fn a_bare_value_is_a_median_without_a_band() {
    let mut twin = farm();
    twin.hear(&topic("wt-01", "gearbox", "life", "baseline"), r#"{"unit":"wk","value":2}"#);
    let life = twin.snapshot().lives.remove(0);
    assert_eq!((life.p05_h, life.p50_h, life.p95_h), (None, Some(336.0), None));
}

#[test]
fn the_life_that_was_issued_last_counts_whichever_model_says_it() {
    let mut twin = farm();
    twin.hear(&topic("wt-01", "gearbox", "life", "baseline"), body(START_MS - 10, 10.0, "h"));
    twin.hear(&topic("wt-01", "gearbox", "book", "baseline"), body(START_MS - 20, 20.0, "h"));
    assert_eq!(lives(&twin), [(0, Some(10.0), false)]);
    twin.hear(&topic("wt-01", "gearbox", "book", "baseline"), body(START_MS, 30.0, "h"));
    assert_eq!(lives(&twin), [(0, Some(30.0), false)]);
    twin.hear(&topic("wt-01", "gearbox", "book", "baseline"), "");
    assert_eq!(lives(&twin), [(0, Some(10.0), false)], "the other model still says it");
    twin.hear(&topic("wt-01", "gearbox", "life", "baseline"), "");
    assert_eq!(lives(&twin), []);
}

#[test]
fn past_its_end_a_life_is_marked_as_expired() {
    let mut twin = farm();
    twin.hear(&topic("wt-01", "gearbox", "life", "baseline"), body(START_MS, 10.0, "h"));
    twin.wait(60_000);
    assert_eq!(lives(&twin), [(0, Some(10.0), false)]);
    twin.wait(250);
    assert_eq!(lives(&twin), [(0, Some(10.0), true)]);
}

#[test]
fn what_it_costs_to_wait_is_said_by_the_advice_of_the_same_model_while_it_holds() {
    let mut twin = farm();
    let advise = |twin: &mut Twin, model: &str, mean: f64, valid_ms: i64| {
        let payload = format!(
            r#"{{"issued_at":{START_MS},"valid_until":{},"currency":"EUR","waiting":{{"in_h":168,"mean":{mean}}}}}"#,
            START_MS + valid_ms
        );
        twin.hear(&format!("twinscope/v1/north-ridge/wt-01/gearbox/advice/{model}"), payload);
    };
    let waiting =
        |twin: &Twin| twin.snapshot().lives[0].waiting().map(|(waiting, currency)| (waiting, currency.to_owned()));
    twin.hear(&topic("wt-01", "gearbox", "life", "baseline"), body(START_MS, 10.0, "h"));
    advise(&mut twin, "zeta", 7.0, 3_600_000);
    let of = |mean: f64| Some((Waiting { in_h: 168.0, mean }, "EUR".to_owned()));
    assert_eq!(waiting(&twin), of(7.0), "better than none");
    advise(&mut twin, "life", 1200.0, 1000);
    assert_eq!(waiting(&twin), of(1200.0));
    twin.wait(1250);
    assert_eq!(waiting(&twin), of(7.0), "the other has expired");
}

#[test]
fn the_past_of_a_life_is_its_last_64_issues_oldest_first() {
    let mut twin = farm();
    twin.command(Command::Select(Some(PartRow(0))));
    for at in 0..100_i32 {
        let body = body(START_MS + i64::from(at), f64::from(at) / 2.0 + 1.0, "h");
        twin.hear(&topic("wt-01", "gearbox", "life", "baseline"), body);
    }
    let past = twin.snapshot().selected.unwrap().rul_history;
    let expected: Vec<PastLife> = (36..100_i32)
        .map(|at| PastLife {
            issued_at: START_MS + i64::from(at),
            p05_h: Some(1.0),
            p50_h: Some(f64::from(at) / 2.0 + 1.0),
            p95_h: Some(90.0),
        })
        .collect();
    assert_eq!(past, expected);
}

#[test]
fn what_ifs_are_those_of_all_parts_of_the_selected_machine() {
    let mut twin = farm();
    twin.hear(&topic("wt-01", "gearbox", "life", "baseline"), body(START_MS, 1.0, "h"));
    twin.hear(&topic("wt-01", "gearbox", "life", "plan-a"), body(START_MS, 2.0, "h"));
    twin.hear(&topic("wt-01", "gearbox", "life", "plan-a"), body(START_MS + 1, 3.0, "h"));
    twin.hear(&topic("wt-01", "blade", "life", "plan-a"), body(START_MS, 4.0, "h"));
    twin.hear(&topic("wt-01", "blade", "life", "plan-b"), body(START_MS, 5.0, "h"));
    twin.hear(&topic("wt-02", "gearbox", "life", "plan-a"), body(START_MS, 6.0, "h"));
    twin.hear(&topic("wt-01", "blade", "life", "plan-b"), "");
    assert!(twin.snapshot().scenarios.is_empty(), "nothing is selected");
    twin.command(Command::Select(Some(PartRow(1))));
    let shown: Vec<_> = twin
        .snapshot()
        .scenarios
        .iter()
        .map(|(key, issue)| (key.part.0, key.scenario.clone(), issue.body.median()))
        .collect();
    assert_eq!(shown, [(0, "plan-a".to_owned(), Some(3.0)), (1, "plan-a".to_owned(), Some(4.0))]);
}

#[test]
fn of_many_what_ifs_those_issued_last_are_shown() {
    let mut twin = farm();
    twin.command(Command::Select(Some(PartRow(0))));
    for n in 0..300 {
        twin.hear(&topic("wt-01", "gearbox", "life", &format!("s{n:03}")), body(START_MS - n, 1.0, "h"));
    }
    let shown: Vec<_> = twin.snapshot().scenarios.iter().map(|(key, _)| key.scenario.clone()).collect();
    let expected: Vec<_> = (0..256).map(|n| format!("s{n:03}")).collect();
    assert_eq!(shown, expected);
}
