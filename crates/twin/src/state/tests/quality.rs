//! How far a value can be trusted, as time passes and links come and go.

use super::fixture::{START_MS, Twin, site};
use crate::quality::{Quality, QualityReason};
use crate::snapshot::LinkState;
use crate::state::LinkEvent;
use crate::value::{Provenance, Value};

const TOPIC: &str = "wt/gearbox";

fn gearbox() -> Twin {
    site().part("gearbox").signal("oil", TOPIC).twin()
}

#[test]
fn nothing_heard_is_no_data() {
    let mut twin = gearbox();
    assert_eq!(twin.quality(0), (Quality::NoData, QualityReason::NeverHeard));
    twin.wait(100_000);
    assert_eq!(twin.quality(0), (Quality::NoData, QualityReason::NeverHeard));
    twin.lose_link();
    assert_eq!(twin.quality(0), (Quality::NoData, QualityReason::NeverHeard));
}

#[test]
fn a_sample_carries_value_times_and_provenance() {
    let mut twin = gearbox();
    twin.hear(TOPIC, format!(r#"{{"oil":61.5,"t":{}}}"#, START_MS - 20));
    let status = twin.snapshot().signals[0].clone();
    assert_eq!(status.value, Some(Value::Number(61.5)));
    assert_eq!((status.source_ms, status.received), (START_MS - 20, Some(twin.now)));
    assert_eq!((status.quality, status.provenance), (Quality::Good, Provenance::Simulated));
}

#[test]
fn a_source_that_is_no_simulation_measures() {
    let mut twin = site().edit(|site| site.sources[0].simulated = false).part("gearbox").signal("oil", TOPIC).twin();
    twin.measure(TOPIC, "oil", 60.0);
    assert_eq!(twin.snapshot().signals[0].provenance, Provenance::Measured);
}

#[test]
fn a_signal_is_stale_when_it_is_older_than_stale_after() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 60.0);
    twin.wait(10_000);
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None));
    twin.wait(250);
    assert_eq!(twin.quality(0), (Quality::Stale, QualityReason::TooOld));
    assert_eq!(twin.number(0), Some(60.0));
    twin.measure(TOPIC, "oil", 61.0);
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None));
}

#[test]
fn staleness_does_not_look_at_the_wall_clock() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 60.0);
    twin.now.wall_ms += 86_400_000;
    twin.wait(5000);
    assert_eq!(twin.quality(0).0, Quality::Good);
    twin.now.wall_ms -= 2 * 86_400_000;
    twin.wait(6000);
    assert_eq!(twin.quality(0).0, Quality::Stale);
}

#[test]
fn without_stale_after_three_usual_intervals_are_too_long() {
    let mut twin = site().part("gearbox").signal("oil", TOPIC).last_signal(|oil| oil.stale_after_ms = None).twin();
    for step in 0..10 {
        twin.measure(TOPIC, "oil", f64::from(step));
        twin.wait(5000);
    }
    // The last sample is 5 s old; 15 s is the limit.
    twin.wait(10_000);
    assert_eq!(twin.quality(0).0, Quality::Good);
    twin.wait(250);
    assert_eq!(twin.quality(0).0, Quality::Stale);
}

#[test]
fn the_interval_to_a_retained_message_is_not_learned() {
    let mut twin = site().part("gearbox").signal("oil", TOPIC).last_signal(|oil| oil.stale_after_ms = None).twin();
    twin.measure(TOPIC, "oil", 60.0);
    twin.wait(100_000);
    twin.hear_retained(TOPIC, format!(r#"{{"oil":61,"t":{}}}"#, twin.now.wall_ms));
    assert_eq!(twin.quality(0).0, Quality::Uncertain);
    twin.wait(60_250);
    assert_eq!(twin.quality(0).0, Quality::Stale, "a minute, as long as no interval is known");
}

#[test]
fn the_interval_from_a_retained_message_to_the_first_live_one_is_not_learned() {
    let mut twin = site().part("gearbox").signal("oil", TOPIC).last_signal(|oil| oil.stale_after_ms = None).twin();
    twin.hear_retained(TOPIC, format!(r#"{{"oil":61,"t":{}}}"#, twin.now.wall_ms));
    twin.wait(5000);
    twin.measure(TOPIC, "oil", 62.0);
    twin.wait(60_000);
    assert_eq!(twin.quality(0).0, Quality::Good, "a minute, as long as no interval is known");
}

#[test]
fn a_tick_says_when_the_next_one_has_something_to_do() {
    let mut twin = gearbox();
    let changes = twin.measure(TOPIC, "oil", 60.0);
    assert_eq!(changes.next_due, Some(twin.now.mono_ms + 10_001));
    assert!(changes.visible);
    let quiet = twin.state.tick(twin.now.plus_ms(1));
    assert!(!quiet.visible);
    let due = twin.state.tick(twin.now.plus_ms(10_001));
    assert_eq!((due.visible, due.next_due), (true, None));
}

#[test]
fn a_lost_link_makes_its_signals_stale_at_once() {
    let mut twin = gearbox();
    twin.link(LinkEvent::Connecting);
    twin.link(LinkEvent::Live);
    twin.measure(TOPIC, "oil", 60.0);
    let changes = twin.lose_link();
    assert!(changes.visible);
    assert_eq!(twin.quality(0), (Quality::Stale, QualityReason::Disconnected));
    let since = twin.now;
    let lost = LinkState::Lost { since, reason: "connection reset".to_owned() };
    assert_eq!(twin.snapshot().sources[0].link, lost);
    // Trying again is no news for a person; the first loss stays the one that counts.
    twin.wait(1000);
    twin.link(LinkEvent::Connecting);
    twin.lose_link();
    assert_eq!(twin.snapshot().sources[0].link, lost);
    // Connected again is not heard again.
    twin.link(LinkEvent::Live);
    assert_eq!(twin.quality(0), (Quality::Stale, QualityReason::TooOld));
    twin.measure(TOPIC, "oil", 61.0);
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None));
}

#[test]
fn a_refused_link_is_a_lost_one_and_direct_feeding_is_live() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 60.0);
    twin.link(LinkEvent::Refused { reason: "bad password".to_owned() });
    assert_eq!(twin.quality(0), (Quality::Stale, QualityReason::Disconnected));
    twin.link(LinkEvent::Direct { reason: "no broker".to_owned() });
    twin.measure(TOPIC, "oil", 61.0);
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None));
}

#[test]
fn dropped_messages_make_signals_uncertain_until_heard() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 60.0);
    twin.link(LinkEvent::Dropped { messages: 12 });
    assert_eq!(twin.quality(0), (Quality::Uncertain, QualityReason::Lost));
    let snapshot = twin.snapshot();
    assert_eq!((snapshot.counters.dropped, snapshot.sources[0].dropped), (12, 12));
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 61.0);
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None));
}

#[test]
fn a_retained_value_is_uncertain_until_a_live_one() {
    let mut twin = gearbox();
    let payload = format!(r#"{{"oil":60,"t":{START_MS}}}"#);
    twin.hear_retained(TOPIC, &payload);
    assert_eq!(twin.quality(0), (Quality::Uncertain, QualityReason::Retained));
    // The very same sample, live: now it is confirmed.
    twin.hear(TOPIC, &payload);
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None));
}

#[test]
fn a_bad_quality_field_is_bad_and_keeps_the_value_in_view() {
    let mut twin = site()
        .part("gearbox")
        .signal("oil", TOPIC)
        .last_signal(|oil| {
            if let crate::site::SignalInput::Topic(input) = &mut oil.input {
                input.quality = Some(crate::site::QualityInput {
                    path: "/q".to_owned(),
                    good: vec!["good".to_owned()],
                    uncertain: Vec::new(),
                    bad: vec!["bad".to_owned()],
                });
            }
        })
        .twin();
    twin.hear(TOPIC, r#"{"oil":60,"q":"bad"}"#);
    assert_eq!(twin.quality(0), (Quality::Bad, QualityReason::SourceBad));
    twin.hear(TOPIC, r#"{"oil":60,"q":"hm"}"#);
    assert_eq!(twin.quality(0), (Quality::Uncertain, QualityReason::SourceUncertain));
}

#[test]
fn a_gap_shows_in_history() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 60.0);
    twin.wait(15_000);
    twin.measure(TOPIC, "oil", 61.0);
    twin.wait(1000);
    twin.hear(TOPIC, "{");
    twin.hear(TOPIC, "{");
    let history = twin.state.history(crate::site::SignalRow(0), START_MS, START_MS + 60_000, 60_000);
    let qualities: Vec<(i64, Quality)> =
        history.iter().map(|bucket| (bucket.first_ms - START_MS, bucket.quality)).collect();
    let expected = [(0, Quality::Good), (10_250, Quality::Stale), (15_000, Quality::Good), (16_000, Quality::Bad)];
    assert_eq!(qualities, expected);
}

#[test]
fn history_has_one_gap_for_one_outage_and_none_for_doubt() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 60.0);
    twin.link(LinkEvent::Dropped { messages: 1 });
    twin.wait(15_000);
    twin.lose_link();
    twin.link(LinkEvent::Live);
    twin.hear(TOPIC, "{");
    let history = twin.state.history(crate::site::SignalRow(0), START_MS, START_MS + 60_000, 60_000);
    let qualities: Vec<Quality> = history.iter().map(|bucket| bucket.quality).collect();
    assert_eq!(qualities, [Quality::Good, Quality::Stale, Quality::Bad]);
}

#[test]
fn subscriptions_are_the_fewest_that_do() {
    let twin = site().part("gearbox").signal("a", "wt/gearbox").signal("b", "wt/+").signal("c", "x/#").twin();
    let filters = twin.state.filters(crate::site::SourceRow(0));
    let (own, bound): (Vec<&str>, Vec<&str>) =
        filters.iter().map(String::as_str).partition(|filter| filter.starts_with("twinscope/"));
    assert_eq!((own.len(), bound), (5, vec!["wt/+", "x/#"]));
    assert!(twin.state.filters(crate::site::SourceRow(9)).is_empty());
}
