//! Derived signals, health and conditions in CEL.

use super::fixture::{START_MS, Twin, site};
use crate::command::Command;
use crate::quality::{Quality, QualityReason};
use crate::severity::Severity;
use crate::site::{Condition, PartRow, SignalRow};
use crate::value::{Provenance, Value};

const TOPIC: &str = "wt/gearbox";

/// Ambient (0) on the nacelle; oil (1) and what `more` adds on the gearbox.
fn gearbox(more: impl FnOnce(super::fixture::Builder) -> super::fixture::Builder) -> Twin {
    more(site().part("nacelle").signal("ambient", "wt/nacelle").part("gearbox").signal("oil", TOPIC)).twin()
}

#[test]
fn a_derived_signal_follows_its_inputs() {
    let mut twin = gearbox(|site| site.derived("rise", "oil - nacelle.ambient"));
    twin.wait(250);
    assert_eq!(twin.quality(2), (Quality::NoData, QualityReason::Input));
    twin.measure("wt/nacelle", "ambient", 10.0);
    twin.wait(250);
    twin.measure(TOPIC, "oil", 60.0);
    assert_eq!((twin.number(2), twin.quality(2)), (Some(50.0), (Quality::Good, QualityReason::None)));
    let status = twin.snapshot().signals[2].clone();
    assert_eq!((status.provenance, status.source_ms), (Provenance::Derived, START_MS + 500));
    twin.wait(10_000);
    assert_eq!(twin.quality(0).0, Quality::Stale);
    assert_eq!((twin.number(2), twin.quality(2)), (Some(50.0), (Quality::Stale, QualityReason::Input)));
}

#[test]
fn a_derived_value_is_as_old_as_its_oldest_input_and_a_constant_is_of_no_age() {
    let mut twin = gearbox(|site| {
        site.derived("zero", "0.0").derived("rise", "oil - nacelle.ambient + zero").derived("twice", "rise * 2.0")
    });
    twin.wait(5000);
    let heard = twin.now;
    twin.measure("wt/nacelle", "ambient", 10.0);
    twin.wait(2000);
    twin.measure(TOPIC, "oil", 60.0);
    let signals = twin.snapshot().signals;
    assert_eq!(
        [3, 4].map(|row: usize| (signals[row].received, signals[row].quality)),
        [(Some(heard), Quality::Good); 2]
    );
    assert_eq!(signals[4].source_ms, twin.now.wall_ms, "what it tells of is as new as its newest input");
}

#[test]
fn the_inspector_shows_a_derived_signal_up_to_its_newest_input() {
    let mut twin = gearbox(|site| {
        site.edit(|site| site.signals[0].stale_after_ms = Some(3_600_000)).derived("rise", "oil - nacelle.ambient")
    });
    twin.measure("wt/nacelle", "ambient", 10.0);
    for step in 0..400 {
        twin.wait(2000);
        twin.measure(TOPIC, "oil", f64::from(step));
    }
    twin.command(Command::Select(Some(PartRow(1))));
    let history = twin.snapshot().selected.unwrap().signals[1].history.clone();
    assert!(history.len() >= 300, "ten minutes, one every two seconds: {}", history.len());
}

#[test]
fn a_change_of_quality_alone_is_no_new_sample_of_a_derived_signal() {
    let mut twin = gearbox(|site| site.derived("twice", "oil * 2.0"));
    twin.measure(TOPIC, "oil", 60.0);
    twin.link(crate::state::LinkEvent::Dropped { messages: 1 });
    assert_eq!(twin.quality(2), (Quality::Uncertain, QualityReason::Input));
    assert_eq!(twin.state.history(SignalRow(2), 0, i64::MAX, 1)[0].count, 1);
}

#[test]
fn expressions_are_evaluated_in_the_order_of_dependence() {
    let mut twin = gearbox(|site| {
        site.derived("c", "b * 2.0").derived("b", "a + 1.0").derived("a", "oil + 0.0").derived("k", "7")
    });
    assert_eq!(twin.number(5), None);
    twin.measure(TOPIC, "oil", 60.0);
    assert_eq!([2, 3, 4, 5].map(|row| twin.number(row)), [Some(122.0), Some(61.0), Some(60.0), Some(7.0)]);
}

#[test]
fn what_depends_on_itself_says_so() {
    let mut twin =
        gearbox(|site| site.derived("a", "b + oil").derived("b", "a").derived("own", "own").derived("c", "b"));
    twin.measure(TOPIC, "oil", 60.0);
    twin.command(Command::Select(Some(PartRow(1))));
    let detail = twin.snapshot().selected.unwrap();
    let errors: Vec<_> = detail.signals.iter().map(|signal| signal.error.as_deref().unwrap_or("")).collect();
    assert_eq!(errors[1], "it depends on itself: gearbox.a → gearbox.b → gearbox.a");
    assert_eq!(errors[2], "it depends on itself: gearbox.b → gearbox.a → gearbox.b");
    assert_eq!(errors[3], "it depends on itself: gearbox.own → gearbox.own");
    assert!(errors[4].starts_with("it depends on itself: gearbox.c → gearbox.b"), "{}", errors[4]);
    assert_eq!(twin.quality(2), (Quality::Bad, QualityReason::Input));
}

#[test]
fn a_name_that_is_no_signal_says_so() {
    for (text, expected) in [
        ("oli + 1.0", "this part has no signal `oli`"),
        ("nacel.ambient", "this asset has no part `nacel`"),
        ("nacelle.ambeint", "part `nacelle` has no signal `ambeint`"),
        ("oil +", "not a CEL expression"),
    ] {
        let mut twin = gearbox(|site| site.derived("x", text));
        twin.command(Command::Select(Some(PartRow(1))));
        let error = twin.snapshot().selected.unwrap().signals[1].error.clone().unwrap();
        assert!(error.contains(expected), "{text}: {error}");
        assert_eq!(twin.quality(2), (Quality::Bad, QualityReason::Input));
    }
}

#[test]
fn an_expression_that_fails_is_bad_counted_and_explained() {
    let mut twin = gearbox(|site| site.derived("x", "oil / (oil - 60.0)"));
    twin.measure(TOPIC, "oil", 70.0);
    assert_eq!(twin.number(2), Some(7.0));
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 60.0);
    assert_eq!(twin.quality(2), (Quality::Bad, QualityReason::Input));
    assert_eq!((twin.number(2), twin.counters().expression_errors), (Some(7.0), 1));
    twin.command(Command::Select(Some(PartRow(1))));
    let error = twin.snapshot().selected.unwrap().signals[1].error.clone();
    assert_eq!(error.as_deref(), Some("the result is not a finite number"));
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 70.0);
    assert_eq!((twin.quality(2).0, twin.counters().expression_errors), (Quality::Good, 1));
}

#[test]
fn a_derived_value_has_a_range_too() {
    let mut twin = gearbox(|site| site.derived("x", "oil * 10.0").last_signal(|x| x.range = Some([0.0, 100.0])));
    twin.measure(TOPIC, "oil", 60.0);
    assert_eq!(twin.quality(2), (Quality::Bad, QualityReason::OutOfRange));
}

#[test]
fn a_derived_alarm_sees_every_sample_of_a_batch() {
    let mut twin = gearbox(|site| site.derived("twice", "oil * 2.0").high(150.0));
    let sample = |value: i32, at: i64| format!(r#"{{"oil":{value},"t":{}}}"#, START_MS + at);
    twin.hear_all(TOPIC, &[&sample(60, 0), &sample(90, 1), &sample(60, 2)]);
    assert_eq!(twin.number(2), Some(120.0));
    assert_eq!(twin.alarm(0), Some((false, false)));
    let count = twin.state.history(SignalRow(2), START_MS, START_MS + 10, 1)[0].count;
    assert_eq!(count, 3);
}

#[test]
fn a_derived_alarm_sees_the_sample_before_a_bad_payload() {
    for spoiler in ["", r#"{"oil":"?"}"#, r#"{"oil":null}"#] {
        let mut twin = gearbox(|site| site.derived("twice", "oil * 2.0").high(150.0));
        twin.hear_all(TOPIC, &[&format!(r#"{{"oil":90,"t":{START_MS}}}"#), spoiler]);
        assert_eq!(twin.alarm(0), Some((true, false)), "{spoiler}");
    }
}

#[test]
fn without_an_alarm_a_batch_is_evaluated_once() {
    let mut twin = gearbox(|site| site.derived("twice", "oil * 2.0"));
    let sample = |value: i32, at: i64| format!(r#"{{"oil":{value},"t":{}}}"#, START_MS + at);
    twin.hear_all(TOPIC, &[&sample(60, 0), &sample(90, 1), &sample(61, 2)]);
    let history = twin.state.history(SignalRow(2), START_MS, START_MS + 10, 10);
    assert_eq!(history.iter().map(|bucket| bucket.last).collect::<Vec<_>>(), [122.0]);
}

#[test]
fn a_condition_raises_holds_and_clears() {
    let mut twin = gearbox(|site| {
        site.alarm(Condition::When("oil > 75.0 && nacelle.ambient < 20.0".to_owned()))
            .last_alarm(|alarm| alarm.priority = Severity::Medium)
    });
    twin.measure("wt/nacelle", "ambient", 10.0);
    twin.measure(TOPIC, "oil", 80.0);
    assert_eq!(twin.alarm(0), Some((true, false)));
    assert_eq!(twin.snapshot().parts[1].state, Severity::Medium);
    // An input that cannot be trusted holds it.
    twin.hear(TOPIC, "{");
    assert_eq!(twin.alarm(0), Some((true, false)));
    twin.command(Command::Select(Some(PartRow(1))));
    assert!(twin.snapshot().selected.unwrap().alarms[0].held);
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 70.0);
    assert_eq!(twin.alarm(0), Some((false, false)));
}

#[test]
fn a_condition_that_is_no_condition_says_so() {
    let mut twin = gearbox(|site| site.alarm(Condition::When("oil + 1.0".to_owned())));
    twin.measure(TOPIC, "oil", 80.0);
    twin.command(Command::Select(Some(PartRow(1))));
    let alarm = twin.snapshot().selected.unwrap().alarms[0].clone();
    assert_eq!(alarm.error.as_deref(), Some("the result is neither true nor false"));
    assert!(alarm.held && !alarm.active);
}

#[test]
fn health_is_clamped_and_withheld_when_an_input_cannot_be_trusted() {
    let mut twin = gearbox(|site| site.last_part(|part| part.health = Some("1.0 - (oil - 60.0) / 30.0".to_owned())));
    assert_eq!(twin.snapshot().parts[1].health, None);
    for (oil, expected) in [(75.0, 0.5), (30.0, 1.0), (200.0, 0.0)] {
        twin.measure(TOPIC, "oil", oil);
        assert_eq!(twin.snapshot().parts[1].health, Some(expected), "{oil}");
        twin.wait(1000);
    }
    twin.wait(20_000);
    assert_eq!(twin.snapshot().parts[1].health, None);
    twin.command(Command::Select(Some(PartRow(1))));
    let health = twin.snapshot().selected.unwrap().health.unwrap();
    assert_eq!((health.value, health.error.as_deref()), (None, Some("`oil` is stale")));
    assert_eq!(health.from, "1.0 - (oil - 60.0) / 30.0");
}

#[test]
fn results_may_be_switches_and_texts() {
    let mut twin = gearbox(|site| site.derived("hot", "oil > 75.0").derived("word", "oil > 75.0 ? 'hot' : 'fine'"));
    twin.measure(TOPIC, "oil", 80.0);
    assert_eq!((twin.value(2), twin.value(3)), (Some(Value::Flag(true)), Some(Value::Text("hot".into()))));
}

#[test]
fn a_text_among_the_inputs_is_an_error_of_the_expression_only() {
    let mut twin =
        site().part("p").plain("mode", "m").derived("x", "mode + 1.0").derived("is_run", "mode == 'run'").twin();
    twin.hear("m", "run");
    assert_eq!([0, 1, 2].map(|row| twin.quality(row).0), [Quality::Good, Quality::Bad, Quality::Good]);
    assert_eq!(twin.value(2), Some(Value::Flag(true)));
}
