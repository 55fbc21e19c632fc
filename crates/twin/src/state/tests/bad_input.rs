//! Whatever arrives: a quality, a counter, and a twin that goes on.

use proptest::prelude::*;

use super::fixture::{START_MS, Twin, asset, site, source};
use crate::quality::{Quality, QualityReason};
use crate::site::SourceRow;
use crate::snapshot::Counters;
use crate::state::{LinkEvent, RawMessage};
use crate::time::Now;

const TOPIC: &str = "wt/gearbox";

/// A gearbox with an oil temperature, range -20 to 120, that has been 60 for a second.
fn gearbox() -> Twin {
    let mut twin =
        site().part("gearbox").signal("oil", TOPIC).last_signal(|oil| oil.range = Some([-20.0, 120.0])).twin();
    twin.measure(TOPIC, "oil", 60.0);
    twin.wait(1000);
    twin
}

/// What a payload does to a signal that was good: its quality, and the one counter that moves beside the messages.
#[track_caller]
fn check(payload: &[u8], quality: (Quality, QualityReason), count: fn(&mut Counters) -> &mut u64) {
    let shown = String::from_utf8_lossy(&payload[..payload.len().min(60)]).into_owned();
    let mut twin = gearbox();
    let mut expected = twin.counters();
    expected.messages += 1;
    *count(&mut expected) += 1;
    twin.hear(TOPIC, payload);
    assert_eq!(twin.quality(0), quality, "{shown}");
    assert_eq!(twin.counters(), expected, "{shown}");
    assert_eq!(twin.number(0), Some(60.0), "the last good value stays: {shown}");
    twin.wait(1000);
    twin.measure(TOPIC, "oil", 61.0);
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None), "it goes on: {shown}");
}

#[test]
fn payloads_that_cannot_be_read_make_the_signal_bad() {
    let bad = (Quality::Bad, QualityReason::Unreadable);
    for payload in [
        &b""[..],
        b"   ",
        b"\xff\xfe\x00",
        b"{\"oil\":61,\"x\":\"\xc3\x28\"}",
        b"{\"oil\":61",
        b"{\"oil\":61}{\"oil\":62}",
        b"\x00",
        br#"{"oil":"\ud800"}"#,
        &[b'x'; 2 << 20],
        "[".repeat(100_000).as_bytes(),
        format!("{{\"oil\":61,\"x\":{}{}}}", "[".repeat(100), "]".repeat(100)).as_bytes(),
    ] {
        check(payload, bad, |counters| &mut counters.unreadable);
    }
}

#[test]
fn values_of_the_wrong_type_make_the_signal_bad() {
    let bad = (Quality::Bad, QualityReason::WrongType);
    for value in ["\"61\"", "\"warm\"", "true", "{}", "[61]", "NaN", "Infinity", "-Infinity", "1e400", "\"6,1\""] {
        let payload = format!(r#"{{"oil":{value},"t":{}}}"#, START_MS + 1000);
        check(payload.as_bytes(), bad, |counters| &mut counters.wrong_type);
    }
}

#[test]
fn a_type_that_flips_with_each_message_flips_the_quality_and_keeps_the_last_good_value() {
    let mut twin = gearbox();
    for step in 0..50 {
        twin.wait(100);
        let value = if step % 2 == 0 { "\"70\"" } else { "70" };
        twin.hear(TOPIC, format!(r#"{{"oil":{value},"t":{}}}"#, twin.now.wall_ms));
        let expected = if step % 2 == 0 { Quality::Bad } else { Quality::Good };
        assert_eq!(twin.quality(0).0, expected);
    }
    assert_eq!((twin.number(0), twin.counters().wrong_type), (Some(70.0), 25));
}

#[test]
fn a_clock_that_restarts_in_1970_is_followed() {
    let mut twin = gearbox();
    for step in 1..=3 {
        twin.wait(1000);
        twin.hear(TOPIC, format!(r#"{{"oil":{},"t":{}}}"#, 60 + step, step * 1000));
    }
    assert_eq!((twin.number(0), twin.quality(0).0), (Some(63.0), Quality::Good));
}

#[test]
fn null_says_that_there_is_no_value() {
    let payload = format!(r#"{{"oil":null,"t":{}}}"#, START_MS + 1000);
    check(payload.as_bytes(), (Quality::Bad, QualityReason::Missing), |counters| &mut counters.missing);
}

#[test]
fn a_message_without_the_signal_does_not_touch_it() {
    check(br#"{"vibration":1.0}"#, (Quality::Good, QualityReason::None), |counters| &mut counters.missing);
}

#[test]
fn a_pointer_that_was_never_there_is_told() {
    let mut twin = site().part("gearbox").signal("oil", TOPIC).twin();
    twin.hear(TOPIC, r#"{"oi1":60}"#);
    assert_eq!(twin.quality(0), (Quality::NoData, QualityReason::Missing));
}

#[test]
fn a_value_out_of_range_is_bad_and_shown() {
    let mut twin = gearbox();
    twin.measure(TOPIC, "oil", 850.0);
    assert_eq!(twin.quality(0), (Quality::Bad, QualityReason::OutOfRange));
    assert_eq!((twin.number(0), twin.counters().out_of_range), (Some(850.0), 1));
}

#[test]
fn a_time_of_the_future_is_replaced_by_the_time_of_receipt() {
    let mut twin = gearbox();
    let day_ms = 86_400_000;
    twin.hear(TOPIC, format!(r#"{{"oil":61,"t":{}}}"#, twin.now.wall_ms + day_ms + 1));
    assert_eq!(twin.quality(0), (Quality::Uncertain, QualityReason::FutureTime));
    assert_eq!(twin.snapshot().signals[0].source_ms, twin.now.wall_ms);
    assert_eq!(twin.counters().future, 1);
    // Within a day it is taken as it is: clocks differ.
    twin.hear(TOPIC, format!(r#"{{"oil":62,"t":{}}}"#, twin.now.wall_ms + day_ms));
    assert_eq!(twin.quality(0), (Quality::Good, QualityReason::None));
}

#[test]
fn a_value_that_is_none_with_a_time_of_the_future_leaves_its_gap_at_the_time_of_receipt() {
    for value in ["null", "\"warm\""] {
        let mut twin = gearbox();
        let at = twin.now.wall_ms;
        twin.hear(TOPIC, format!(r#"{{"oil":{value},"t":253402300799000}}"#));
        let history = twin.state.history(crate::site::SignalRow(0), 0, i64::MAX, 1)[0];
        assert_eq!((history.count, history.last_ms), (2, at), "{value}");
        assert_eq!(twin.counters().future, 1, "{value}");
    }
}

#[test]
fn without_a_time_that_can_be_read_the_time_of_receipt_is_taken_and_told() {
    for payload in [r#"{"oil":61,"t":"yesterday"}"#, r#"{"oil":61,"t":null}"#, r#"{"oil":61,"time":1764000001000}"#] {
        let mut twin = gearbox();
        twin.hear(TOPIC, payload);
        assert_eq!(twin.quality(0), (Quality::Uncertain, QualityReason::NoTime), "{payload}");
        assert_eq!(twin.snapshot().signals[0].source_ms, twin.now.wall_ms, "{payload}");
        assert_eq!((twin.counters().no_time, twin.counters().wrong_type), (1, 0), "{payload}");
    }
}

#[test]
fn a_late_sample_goes_to_history_only() {
    let mut twin = gearbox();
    let at = twin.now.wall_ms;
    twin.hear(TOPIC, format!(r#"{{"oil":70,"t":{at}}}"#));
    twin.hear(TOPIC, format!(r#"{{"oil":65,"t":{}}}"#, at - 500));
    assert_eq!((twin.number(0), twin.counters().late), (Some(70.0), 1));
    let history = twin.state.history(crate::site::SignalRow(0), START_MS, at + 1, 1000);
    let values: Vec<f64> = history.iter().map(|bucket| bucket.last).collect();
    assert_eq!(values, [60.0, 65.0, 70.0]);
}

#[test]
fn a_sample_heard_twice_counts_once() {
    let mut twin = gearbox();
    let before = twin.counters();
    let payload = format!(r#"{{"oil":70,"t":{}}}"#, twin.now.wall_ms);
    twin.hear_all(TOPIC, &[&payload, &payload]);
    let after = twin.counters();
    assert_eq!((after.samples - before.samples, after.duplicate), (1, 1));
    assert_eq!(twin.state.history(crate::site::SignalRow(0), 0, i64::MAX, 1)[0].count, 2);
}

#[test]
fn a_value_repeated_with_the_time_of_its_last_change_is_not_stale() {
    let mut twin = gearbox();
    let payload = format!(r#"{{"oil":70,"t":{}}}"#, twin.now.wall_ms);
    for _ in 0..10 {
        twin.hear(TOPIC, &payload);
        twin.wait(8000);
    }
    assert_eq!((twin.quality(0).0, twin.counters().duplicate), (Quality::Good, 9));
    // The broker's copy does not say that the device still lives.
    twin.hear_retained(TOPIC, &payload);
    twin.wait(3000);
    assert_eq!(twin.quality(0).0, Quality::Stale);
}

#[test]
fn a_wrong_value_that_comes_late_does_not_spoil_what_is_newer() {
    let mut twin = gearbox();
    let past = twin.now.wall_ms - 60_000;
    twin.hear(TOPIC, format!(r#"{{"oil":"?","t":{past}}}"#));
    assert_eq!((twin.quality(0).0, twin.counters().late), (Quality::Good, 1));
}

#[test]
fn the_same_time_with_another_value_is_news() {
    let mut twin = gearbox();
    let at = twin.now.wall_ms;
    twin.hear(TOPIC, format!(r#"{{"oil":70,"t":{at}}}"#));
    twin.hear(TOPIC, format!(r#"{{"oil":71,"t":{at}}}"#));
    assert_eq!((twin.number(0), twin.counters().duplicate), (Some(71.0), 0));
}

#[test]
fn a_device_whose_clock_is_set_back_is_followed() {
    let mut twin = gearbox();
    for (step, expected) in [(1, 60.0), (2, 60.0), (3, 73.0)] {
        let hour_ago = twin.now.wall_ms - 3_600_000;
        twin.hear(TOPIC, format!(r#"{{"oil":{},"t":{hour_ago}}}"#, 70 + step));
        assert_eq!(twin.number(0), Some(expected), "sample {step}");
        twin.wait(1000);
    }
    assert_eq!(twin.quality(0).0, Quality::Good);
}

#[test]
fn a_device_that_sends_in_batches_recovers_from_a_time_that_was_ahead() {
    let mut twin = gearbox();
    let ahead = twin.now.wall_ms + 23 * 3_600_000;
    twin.hear(TOPIC, format!(r#"{{"oil":99,"t":{ahead}}}"#));
    for batch in 1..=3 {
        twin.wait(10_000);
        let sent = twin.now.wall_ms;
        let samples: Vec<String> = (0..10)
            .map(|second| format!(r#"{{"oil":{batch}{second},"t":{}}}"#, sent - 9_000 + second * 1000))
            .collect();
        twin.hear_all(TOPIC, &samples.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert_eq!((twin.number(0), twin.quality(0).0), (Some(39.0), Quality::Good));
}

#[test]
fn late_samples_beside_timely_ones_stay_late() {
    let mut twin = gearbox();
    for step in 0..10 {
        let (now, hour_ago) = (twin.now.wall_ms, twin.now.wall_ms - 3_600_000);
        twin.hear(TOPIC, format!(r#"{{"oil":{},"t":{now}}}"#, 70 + step));
        twin.hear(TOPIC, format!(r#"{{"oil":10,"t":{hour_ago}}}"#));
        twin.wait(1000);
    }
    assert_eq!((twin.number(0), twin.counters().late), (Some(79.0), 10));
}

#[test]
fn a_backlog_does_not_replace_the_present() {
    let mut twin = gearbox();
    for step in 0..100 {
        let past = twin.now.wall_ms - 3_600_000 + step * 1000;
        twin.hear(TOPIC, format!(r#"{{"oil":{step},"t":{past}}}"#));
    }
    assert_eq!((twin.number(0), twin.counters().late), (Some(60.0), 100));
}

#[test]
fn a_receiver_whose_wall_clock_is_set_back_goes_on() {
    let mut twin = site().part("gearbox").plain("oil", TOPIC).twin();
    twin.hear(TOPIC, "60");
    twin.now = Now { wall_ms: twin.now.wall_ms - 3_600_000, mono_ms: twin.now.mono_ms + 1000 };
    twin.hear(TOPIC, "61");
    assert_eq!((twin.number(0), twin.counters().late), (Some(61.0), 0));
}

#[test]
fn topics_that_lead_nowhere_are_counted() {
    let mut twin = gearbox();
    for topic in [&b"other"[..], b"", b"wt/gearbox/more", b"\xff", b"$SYS/broker", "x/".repeat(30_000).as_bytes()] {
        let message = twin.message(topic, b"1");
        twin.state.messages(SourceRow(0), [message], twin.now);
    }
    assert_eq!(twin.counters().unbound, 6);
}

#[test]
fn topics_beyond_the_limit_are_applied_and_counted() {
    let mut twin = site().edit(|site| site.sources[0].max_topics = 2).part("gearbox").plain("any", "many/+").twin();
    for topic in 0..5 {
        twin.hear(&format!("many/{topic}"), topic.to_string());
    }
    twin.hear("many/0", "7");
    assert_eq!((twin.number(0), twin.counters().uncached), (Some(7.0), 3));
}

#[test]
fn a_topic_that_several_filters_match_feeds_all_of_them() {
    let mut twin = site()
        .part("gearbox")
        .signal("a", "wt/+")
        .signal("b", "wt/gearbox")
        .signal("c", "#")
        .signal("d", "wt/rotor")
        .twin();
    twin.hear(TOPIC, r#"{"a":1,"b":2,"c":3,"d":4}"#);
    assert_eq!([0, 1, 2, 3].map(|row| twin.number(row)), [Some(1.0), Some(2.0), Some(3.0), None]);
}

#[test]
fn rows_of_another_site_do_nothing() {
    let mut twin = gearbox();
    let message = twin.message(TOPIC.as_bytes(), b"{}");
    twin.state.messages(SourceRow(99), [message], twin.now);
    twin.state.link(SourceRow(99), LinkEvent::Live, twin.now);
    assert_eq!(twin.quality(0).0, Quality::Good);
}

#[test]
fn an_empty_site_runs() {
    let mut twin =
        Twin { state: crate::state::TwinState::new(Default::default(), Default::default()), now: Now::default() };
    twin.wait(1000);
    assert!(twin.snapshot().parts.is_empty());
}

fn twin_for_anything() -> Twin {
    site()
        .edit(|site| {
            site.sources.push(source("other", false));
            site.assets.push(asset("wt-02", SourceRow(1)));
        })
        .part("gearbox")
        .signal("oil", "a/+")
        .high(50.0)
        .last_alarm(|alarm| (alarm.on_delay_ms, alarm.deadband) = (300, 2.0))
        .plain("any", "b/#")
        .derived("sum", "oil + any")
        .high(60.0)
        .last_part(|part| part.health = Some("1.0 - oil / 100.0".to_owned()))
        .twin()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes on any topic at any time; and the same inputs give the same state.
    #[test]
    fn nothing_that_arrives_panics(
        events in prop::collection::vec(
            (
                prop::sample::select(vec!["a/b", "a/c", "b", "b/x/y", "twinscope/v1/north-ridge/wt-02/gearbox/prediction/health/m/baseline", "z"]),
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..40),
                    (any::<f64>(), any::<i64>()).prop_map(|(value, t)| format!(r#"{{"oil":{value},"unit":"1","value":{value},"t":{t}}}"#).into_bytes()),
                    (0.0..100.0_f64).prop_map(|value| format!("{value}").into_bytes()),
                ],
                any::<bool>(),
                (0_u64..20_000, -10_000_000_000_i64..10_000_000_000),
            ),
            0..40,
        ),
    ) {
        let run = || {
            let mut twin = twin_for_anything();
            for (step, (topic, payload, retained, (wait_ms, jump_ms))) in events.iter().enumerate() {
                twin.now = twin.now.plus_ms(*wait_ms);
                if step % 7 == 3 {
                    twin.now.wall_ms += jump_ms;
                }
                let message = RawMessage { topic: topic.as_bytes(), payload, received: twin.now, retained: *retained };
                twin.state.messages(SourceRow((step % 3) as u32), [message, message], twin.now);
                match step % 5 {
                    0 => { twin.lose_link(); }
                    1 => { twin.link(LinkEvent::Live); }
                    2 => { twin.link(LinkEvent::Dropped { messages: 3 }); }
                    _ => { twin.state.tick(twin.now); }
                }
            }
            let mut snapshot = twin.snapshot();
            snapshot.site = Default::default();
            format!("{snapshot:?}")
        };
        prop_assert_eq!(run(), run());
    }
}
