//! Alarms from message to part.

use super::fixture::{START_MS, Twin, site};
use crate::command::Command;
use crate::severity::Severity;
use crate::site::{AlarmRow, Condition, SignalRow};
use crate::state::LinkEvent;

const TOPIC: &str = "wt/gearbox";

fn gearbox() -> Twin {
    site().part("gearbox").signal("oil", TOPIC).high(75.0).twin()
}

#[test]
fn a_value_above_the_limit_colours_the_part() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 80.0);
    let snapshot = twin.snapshot();
    assert_eq!(snapshot.parts[0].state, Severity::High);
    assert_eq!((snapshot.alarms[0].value, snapshot.alarms[0].since_ms), (Some(80.0), START_MS));
    assert_eq!(snapshot.whole.worst, Severity::High);
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 70.0);
    assert_eq!(twin.snapshot().parts[0].state, Severity::Normal);
    assert_eq!(twin.alarm(0), Some((false, false)), "over, and nobody has seen it");
}

#[test]
fn an_excursion_between_two_frames_is_not_lost() {
    let mut twin = gearbox();
    let sample = |value: i32, at: i64| format!(r#"{{"oil":{value},"t":{}}}"#, START_MS + at);
    twin.hear_all(TOPIC, &[&sample(60, 0), &sample(90, 1), &sample(60, 2)]);
    assert_eq!(twin.number(0), Some(60.0));
    assert_eq!(twin.alarm(0), Some((false, false)));
}

#[test]
fn the_worst_active_alarm_is_the_state() {
    let mut twin = site()
        .part("gearbox")
        .signal("oil", TOPIC)
        .high(75.0)
        .last_alarm(|alarm| alarm.priority = Severity::Medium)
        .high(85.0)
        .last_alarm(|alarm| alarm.priority = Severity::Critical)
        .twin();
    for (value, expected) in
        [(80.0, Severity::Medium), (90.0, Severity::Critical), (80.0, Severity::Medium), (70.0, Severity::Normal)]
    {
        twin.wait(1000);
        twin.measure(TOPIC, "oil", value);
        assert_eq!(twin.snapshot().parts[0].state, expected, "{value}");
    }
}

#[test]
fn a_delay_ends_by_itself_and_the_twin_says_when() {
    let mut twin =
        site().part("gearbox").signal("oil", TOPIC).high(75.0).last_alarm(|alarm| alarm.on_delay_ms = 5000).twin();
    let changes = twin.measure(TOPIC, "oil", 80.0);
    assert_eq!(changes.next_due, Some(twin.now.mono_ms + 5000));
    twin.wait(4750);
    assert_eq!(twin.alarm(0), None);
    twin.wait(250);
    assert_eq!(twin.alarm(0), Some((true, false)));
}

#[test]
fn bad_and_stale_data_neither_raise_nor_clear() {
    let mut twin =
        site().part("gearbox").signal("oil", TOPIC).last_signal(|oil| oil.range = Some([0.0, 100.0])).high(75.0).twin();
    twin.measure(TOPIC, "oil", 150.0);
    assert_eq!(twin.alarm(0), None, "an impossible value raises nothing");
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 80.0);
    twin.wait(1000);
    twin.measure(TOPIC, "oil", -5.0);
    assert_eq!(twin.alarm(0), Some((true, false)), "an impossible value clears nothing");
    twin.wait(60_000);
    twin.lose_link();
    assert_eq!(twin.alarm(0), Some((true, false)));
    let snapshot = twin.snapshot();
    assert_eq!((snapshot.parts[0].state, snapshot.whole.worst), (Severity::High, Severity::High));
    assert_eq!(snapshot.whole.by_state, [0; 5], "it is not known, but it does not hide either");
}

#[test]
fn a_running_delay_is_held_by_a_lost_link() {
    let mut twin =
        site().part("gearbox").signal("oil", TOPIC).high(75.0).last_alarm(|alarm| alarm.on_delay_ms = 5000).twin();
    twin.measure(TOPIC, "oil", 80.0);
    twin.lose_link();
    twin.wait(9000);
    assert_eq!(twin.alarm(0), None);
}

#[test]
fn acknowledging_is_a_command() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 80.0);
    twin.command(Command::Acknowledge(AlarmRow(0)));
    assert_eq!(twin.alarm(0), Some((true, true)));
    twin.command(Command::Acknowledge(AlarmRow(0)));
    twin.command(Command::Acknowledge(AlarmRow(7)));
    let refused: Vec<_> = twin.state.log().map(|entry| entry.refused.as_deref()).collect();
    assert_eq!(refused, [None, Some("nothing to acknowledge"), Some("no such alarm")]);
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 70.0);
    assert_eq!(twin.alarm(0), None);
}

#[test]
fn a_stale_rule_watches_what_was_never_heard_too() {
    let mut twin = site()
        .part("gearbox")
        .signal("oil", TOPIC)
        .alarm(Condition::Stale { signal: SignalRow(0) })
        .last_alarm(|alarm| alarm.on_delay_ms = 20_000)
        .twin();
    twin.wait(19_000);
    assert_eq!(twin.alarm(0), None);
    twin.wait(2000);
    assert_eq!(twin.alarm(0), Some((true, false)));
    twin.measure(TOPIC, "oil", 60.0);
    assert_eq!(twin.alarm(0), Some((false, false)));
    twin.wait(1000);
    twin.lose_link();
    twin.wait(21_000);
    assert_eq!(twin.alarm(0), Some((true, false)));
    twin.link(LinkEvent::Live);
    twin.measure(TOPIC, "oil", 61.0);
    assert_eq!(twin.alarm(0), Some((false, false)));
}

#[test]
fn the_list_is_sorted_by_priority_then_newest() {
    let alarm = |builder: super::fixture::Builder, limit: f64, priority| {
        builder.high(limit).last_alarm(|alarm| alarm.priority = priority)
    };
    let mut builder = site().part("gearbox").signal("oil", TOPIC);
    for (limit, priority) in [(75.0, Severity::Low), (70.0, Severity::High), (80.0, Severity::High)] {
        builder = alarm(builder, limit, priority);
    }
    let mut twin = builder.twin();
    for value in [72.0, 78.0, 85.0] {
        twin.measure(TOPIC, "oil", value);
        twin.wait(1000);
    }
    let rows: Vec<u32> = twin.snapshot().alarms.iter().map(|status| status.alarm.0).collect();
    assert_eq!(rows, [2, 1, 0]);
}

#[test]
fn the_newest_alarm_comes_first_whatever_its_device_thinks_of_the_time() {
    let mut twin = site().part("gearbox").signal("oil", TOPIC).high(75.0).signal("water", "wt/water").high(75.0).twin();
    let ahead = twin.now.wall_ms + 3_600_000;
    twin.hear(TOPIC, format!(r#"{{"oil":80,"t":{ahead}}}"#));
    twin.wait(1000);
    twin.measure("wt/water", "water", 80.0);
    let rows: Vec<u32> = twin.snapshot().alarms.iter().map(|status| status.alarm.0).collect();
    assert_eq!(rows, [1, 0]);
}

#[test]
fn a_switch_can_have_a_limit() {
    let mut twin = site().part("brake").plain("applied", "wt/brake").high(0.5).twin();
    twin.hear("wt/brake", "on");
    assert_eq!(twin.alarm(0), Some((true, false)));
    twin.hear("wt/brake", "OFF");
    assert_eq!(twin.alarm(0), Some((false, false)));
    twin.hear("wt/brake", "maybe");
    assert_eq!(twin.counters().wrong_type, 1, "a limit needs something that is a number or a switch");
}
