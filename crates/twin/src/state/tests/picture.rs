//! What a snapshot shows: roll-up, inspector, source.

use super::fixture::{START_MS, Twin, site};
use crate::command::Command;
use crate::quality::{Quality, QualityReason};
use crate::severity::Severity;
use crate::site::PartRow;
use crate::snapshot::RollUp;

/// `drivetrain` (a group) over `gearbox` and `bearing`; `tower` by itself, without anything.
fn turbine() -> Twin {
    site()
        .part("drivetrain")
        .part("gearbox")
        .last_part(|part| part.parent = Some(PartRow(0)))
        .signal("oil", "wt/gearbox")
        .high(75.0)
        .part("bearing")
        .last_part(|part| part.parent = Some(PartRow(1)))
        .signal("temperature", "wt/bearing")
        .high(60.0)
        .last_alarm(|alarm| alarm.priority = Severity::Critical)
        .part("tower")
        .twin()
}

#[test]
fn roll_up_counts_the_known_and_the_unknown_apart() {
    let mut twin = turbine();
    let unknown = RollUp { no_data: 2, ..RollUp::default() };
    assert_eq!(twin.snapshot().parts[0].below, unknown, "the group itself does not count");
    assert_eq!(twin.snapshot().whole.no_data, 3, "the tower does: nothing measures it or anything below");
    twin.measure("wt/gearbox", "oil", 60.0);
    let snapshot = twin.snapshot();
    assert_eq!(snapshot.parts[0].below, RollUp { by_state: [1, 0, 0, 0, 0], no_data: 1, ..RollUp::default() });
    twin.measure("wt/bearing", "temperature", 70.0);
    let snapshot = twin.snapshot();
    let expected = RollUp { worst: Severity::Critical, by_state: [1, 0, 0, 0, 1], ..RollUp::default() };
    assert_eq!((snapshot.parts[0].below, snapshot.parts[1].below), (expected, expected));
    assert_eq!(snapshot.parts[2].below.by_state, [0, 0, 0, 0, 1]);
    assert_eq!(snapshot.parts[1].state, Severity::Normal, "a part's own state is its own");
    assert_eq!(snapshot.assets[0], RollUp { no_data: 1, ..expected });
    assert_eq!(snapshot.whole, snapshot.assets[0]);
    twin.lose_link();
    let lost = twin.snapshot().whole;
    assert_eq!((lost.stale, lost.known(), lost.unknown()), (2, 0, 3));
    assert_eq!(lost.worst, Severity::Critical, "an alarm that is held still stands");
}

#[test]
fn a_group_of_groups_does_not_count_itself_either() {
    let twin = site()
        .part("nacelle")
        .part("drivetrain")
        .last_part(|part| part.parent = Some(PartRow(0)))
        .part("bearing")
        .last_part(|part| part.parent = Some(PartRow(1)))
        .signal("temperature", "wt/bearing")
        .twin();
    assert_eq!(twin.snapshot().whole, RollUp { no_data: 1, ..RollUp::default() });
}

#[test]
fn a_part_without_signals_is_not_measured() {
    let twin = turbine();
    let part = twin.snapshot().parts[3];
    assert_eq!(
        (part.quality, part.reason, part.state),
        (Quality::NoData, QualityReason::NotMeasured, Severity::Normal)
    );
}

#[test]
fn parents_in_a_circle_do_not_hang() {
    let mut twin = site()
        .part("a")
        .last_part(|part| part.parent = Some(PartRow(1)))
        .signal("x", "t")
        .part("b")
        .last_part(|part| part.parent = Some(PartRow(0)))
        .twin();
    twin.measure("t", "x", 1.0);
    assert_eq!(twin.snapshot().whole.known(), 1);
}

#[test]
fn the_inspector_sees_message_history_and_rule() {
    let mut twin = turbine();
    twin.command(Command::Select(Some(PartRow(1))));
    for step in 0..2000_u32 {
        let payload = format!(r#"{{"oil":{step},"t":{}}}"#, START_MS + i64::from(step) * 1000);
        twin.now = site().twin().now.plus_ms(u64::from(step) * 1000);
        twin.hear("wt/gearbox", payload);
    }
    let detail = twin.snapshot().selected.unwrap();
    let signal = &detail.signals[0];
    let (topic, payload) = signal.last_message.clone().unwrap();
    assert_eq!((topic.as_str(), payload.as_str()), ("wt/gearbox", r#"{"oil":1999,"t":1764001999000}"#));
    assert!(signal.history.len() <= 600 && signal.history.len() > 190, "{}", signal.history.len());
    let first_ms = signal.history[0][0];
    assert!(first_ms >= (START_MS + 1_399_000) as f64, "ten minutes");
    assert_eq!(signal.history.last().map(|point| point[1]), Some(1999.0));
    let alarm = &detail.alarms[0];
    assert_eq!((alarm.active, alarm.condition, alarm.since_ms), (true, true, Some(START_MS + 76_000)));
}

#[test]
fn a_long_payload_is_shown_by_its_beginning() {
    let mut twin = site().part("p").plain("x", "t").twin();
    twin.command(Command::Select(Some(PartRow(0))));
    twin.hear("t", "ä".repeat(200));
    let (_, shown) = twin.snapshot().selected.unwrap().signals[0].last_message.clone().unwrap();
    assert_eq!(shown, "ä".repeat(128));
    twin.hear("t", format!("x{}", "ä".repeat(200)));
    let (_, shown) = twin.snapshot().selected.unwrap().signals[0].last_message.clone().unwrap();
    assert_eq!(shown, format!("x{}", "ä".repeat(127)), "a character that was cut is left out");
}

#[test]
fn a_source_shows_rate_and_delay() {
    let mut twin = turbine();
    twin.hear_retained("wt/gearbox", format!(r#"{{"oil":60,"t":{}}}"#, START_MS - 3_600_000));
    assert_eq!(twin.snapshot().sources[0].delay_ms, None, "the age of a retained message is no delay");
    for _ in 0..100 {
        twin.now = twin.now.plus_ms(100);
        twin.hear("wt/gearbox", format!(r#"{{"oil":60,"t":{}}}"#, twin.now.wall_ms - 30));
    }
    let status = twin.snapshot().sources[0].clone();
    assert_eq!((status.rate_per_s, status.delay_ms, status.messages), (10.0, Some(30.0), 101));
    twin.wait(10_000);
    assert_eq!(twin.snapshot().sources[0].rate_per_s, 0.0);
}

#[test]
fn history_beyond_the_budget_is_counted() {
    let mut twin =
        site().part("p").plain("x", "t").twin_with(crate::state::Options { history_samples: 0, ..Default::default() });
    for step in 0..1000 {
        twin.now = twin.now.plus_ms(1000);
        twin.hear("t", step.to_string());
    }
    let snapshot = twin.snapshot();
    let kept = twin.state.history(crate::site::SignalRow(0), 0, i64::MAX, 1)[0].count;
    assert_eq!(snapshot.counters.history_evicted + u64::from(kept), 1000);
    assert!(kept as usize <= crate::history::LEAST_PER_SIGNAL);
}

#[test]
fn a_slow_signal_shows_its_last_samples_and_a_replay_its_own_time() {
    let mut twin = site().part("p").signal("x", "t").twin();
    twin.command(Command::Select(Some(PartRow(0))));
    let of_2017 = 1_500_000_000_000_i64;
    for step in 0..100 {
        twin.wait(250);
        twin.hear("t", format!(r#"{{"x":{step},"t":{}}}"#, of_2017 + step * 600_000));
    }
    let history = twin.snapshot().selected.unwrap().signals[0].history.clone();
    assert_eq!((history.len(), history[0][1], history[59][1]), (60, 40.0, 99.0));
}

#[test]
fn the_state_can_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<crate::state::TwinState>();
    is_send::<crate::snapshot::Snapshot>();
}
