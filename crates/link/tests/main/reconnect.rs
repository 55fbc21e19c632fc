//! Brokers that are absent, killed, and back.

use std::time::{Duration, Instant};

use twinscope_link::mqtt::{OUTBOX, PublishError};
use twinscope_twin::site::Protocol;
use twinscope_twin::state::LinkEvent;

use crate::support::mosquitto::{Mosquitto, Subscriber};
use crate::support::probe::Probe;
use crate::support::{VERSIONS, free_port, settings, wait_until};

#[test]
fn an_absent_broker_is_lost_with_its_address_and_tried_again_with_patience() {
    let port = free_port();
    let mut probe = Probe::start(settings(port, Protocol::Auto), &["#"]);
    let reason = probe.until_lost();
    assert!(reason.contains(&port.to_string()) && reason.contains("is the broker running?"), "{reason}");
    let until = Instant::now() + Duration::from_secs(1);
    probe.until("a second", |_| Instant::now() >= until);
    let attempts = probe.events.iter().filter(|event| matches!(event, LinkEvent::Lost { .. })).count();
    // 5 ms at least between attempts here; without a wait of its own the library makes tens of thousands.
    assert!(attempts < 250, "{attempts} attempts in a second");
}

#[test]
fn a_host_that_does_not_exist_is_said_and_a_link_that_looks_for_it_can_be_stopped() {
    // The domain .invalid never resolves (RFC 2606).
    let settings = twinscope_link::Settings::plain("mqtt://broker.invalid").expect("settings");
    let mut probe = Probe::start(settings.clone(), &[]);
    let reason = probe.until_lost();
    assert!(reason.contains("broker.invalid:1883"), "{reason}");
    let started = Instant::now();
    drop(Probe::start(settings, &[]));
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[test]
fn a_broker_that_was_killed_and_comes_back_is_subscribed_anew() {
    for protocol in VERSIONS {
        let mut broker = Mosquitto::open();
        let mut probe = Probe::start(settings(broker.port, protocol), &["a/+", "b/#"]);
        probe.until_live(1);
        broker.publish("a/1", "before", &[]);
        probe.until_messages(1);
        broker.kill();
        probe.until_lost();
        broker.restart();
        probe.until_live(2);
        broker.publish("b/1/2", "after", &[]);
        probe.until_messages(2);
        assert_eq!(probe.payloads(), ["before", "after"], "{protocol:?}");
    }
}

#[test]
fn what_we_publish_while_the_broker_is_away_arrives_when_it_is_back() {
    for protocol in VERSIONS {
        let mut broker = Mosquitto::open();
        let mut probe = Probe::start(settings(broker.port, protocol), &[]);
        probe.until_live(1);
        broker.kill();
        probe.until_lost();
        for number in 0..100 {
            // Retained, so that a subscriber that comes later sees them.
            probe.link.publish(&format!("out/{number:03}"), "x", true).expect("taken");
        }
        assert_eq!(probe.link.outbox().waiting, 100);
        broker.restart();
        wait_until("acknowledged", || probe.link.outbox().waiting == 0);
        assert_eq!(probe.link.outbox().delivered, 100, "{protocol:?}");
        let mut lines = Subscriber::start(broker.port, "out/#", 100).lines();
        lines.sort();
        let expected: Vec<String> = (0..100).map(|number| format!("out/{number:03} x")).collect();
        assert_eq!(lines, expected);
    }
}

#[test]
fn the_outbox_is_bounded_and_says_so() {
    let probe = Probe::start(settings(free_port(), Protocol::Auto), &[]);
    for _ in 0..OUTBOX {
        probe.link.publish("a", "x", false).expect("taken");
    }
    assert_eq!(probe.link.publish("a", "x", false), Err(PublishError::Full));
}

#[test]
fn a_letter_past_its_deadline_is_given_up_and_said() {
    let mut settings = settings(free_port(), Protocol::Auto);
    settings.outbox_deadline = Duration::from_millis(100);
    let mut probe = Probe::start(settings, &[]);
    probe.link.publish("command/stop", "x", false).expect("taken");
    probe.until_trouble("command/stop was not published");
    assert_eq!((probe.link.outbox().waiting, probe.link.outbox().failed), (0, 1));
}

#[test]
fn telemetry_without_a_connection_is_dropped_and_counted() {
    let mut probe = Probe::start(settings(free_port(), Protocol::Auto), &[]);
    probe.until_lost();
    for _ in 0..10 {
        probe.link.publisher().publish_now("a", "x", false).expect("taken");
    }
    wait_until("counted", || probe.link.outbox().dropped == 10);
}

#[test]
fn a_persistent_session_gets_what_it_missed() {
    let broker = Mosquitto::open();
    for (protocol, id) in [(Protocol::V311, "recorder-4"), (Protocol::V5, "recorder-5")] {
        let persistent = || twinscope_link::record::recorder_settings(settings(broker.port, protocol), id);
        let mut probe = Probe::start(persistent(), &["kept/#"]);
        probe.until_live(1);
        drop(probe);
        broker.publish("kept/a", "missed", &[]);
        let mut probe = Probe::start(persistent(), &["kept/#"]);
        probe.until_messages(1);
        assert_eq!(probe.payloads(), ["missed"], "{protocol:?}");
    }
}

#[test]
fn what_was_not_confirmed_comes_again() {
    use twinscope_link::mqtt;
    use twinscope_link::sink::{self, Item, Limits, Received};
    use twinscope_twin::site::SourceRow;

    let broker = Mosquitto::open();
    for (protocol, id) in [(Protocol::V311, "recorder-4"), (Protocol::V5, "recorder-5")] {
        let persistent = || twinscope_link::record::recorder_settings(settings(broker.port, protocol), id);
        let (sink, receiver) = sink::channel(Limits::default());
        let link = mqtt::spawn(persistent(), vec!["kept/#".to_owned()], sink, SourceRow(0)).expect("a link");
        let receive = || loop {
            match receiver.recv(crate::support::PATIENCE) {
                Received::Item(Item::Messages { messages, receipt, .. }) => break (messages, receipt),
                Received::Item(Item::Link { event: LinkEvent::Live, .. }) => broker.publish("kept/a", "1", &[]),
                Received::Item(_) => {}
                other => panic!("{other:?}"),
            }
        };
        let (messages, receipt) = receive();
        assert_eq!(messages.len(), 1);
        drop(receipt);
        drop(link);
        let mut probe = Probe::start(persistent(), &["kept/#"]);
        probe.until_messages(1);
        assert_eq!(probe.payloads(), ["1"], "{protocol:?}: unconfirmed, so sent again");
        probe.until_live(1);
        broker.publish("kept/a", "2", &[]);
        probe.until_messages(2);
        drop(probe);
        let mut probe = Probe::start(persistent(), &["kept/#"]);
        probe.until_live(1);
        broker.publish("kept/a", "3", &[]);
        probe.until_messages(1);
        assert_eq!(probe.payloads(), ["3"], "{protocol:?}: confirmed, so not sent again");
    }
}

#[test]
fn what_a_full_queue_did_not_take_comes_again() {
    use std::collections::BTreeSet;
    use twinscope_link::mqtt;
    use twinscope_link::sink::{self, Item, Limits, Received};
    use twinscope_twin::site::SourceRow;

    let broker = Mosquitto::open();
    for (protocol, id) in [(Protocol::V311, "recorder-4"), (Protocol::V5, "recorder-5")] {
        let (sink, receiver) = sink::channel(Limits { batches: 1, ..Limits::default() });
        let recorder = twinscope_link::record::recorder_settings(settings(broker.port, protocol), id);
        let link = mqtt::spawn(recorder, vec!["kept/#".to_owned()], sink, SourceRow(0)).expect("a link");
        // Nobody reads: the second batch finds the queue full, and the link leaves and comes back.
        let connections = || broker.log().matches(&format!("Sending CONNACK to {id} ")).count();
        let subscribed = || broker.log().contains(&format!("Sending SUBACK to {id}"));
        wait_until("subscribed", subscribed);
        let mut sent = BTreeSet::new();
        wait_until("connected again", || {
            let payload = sent.len().to_string();
            broker.publish("kept/a", &payload, &[]);
            sent.insert(payload);
            connections() > 1
        });
        let mut heard = BTreeSet::new();
        while heard.len() < sent.len() {
            match receiver.recv(crate::support::PATIENCE) {
                Received::Item(Item::Messages { messages, receipt, .. }) => {
                    heard.extend(messages.iter().map(|message| String::from_utf8_lossy(&message.payload).into_owned()));
                    receipt.expect("of a recorder").confirm();
                }
                Received::Item(Item::Link { event: LinkEvent::Dropped { messages }, .. }) => {
                    panic!("{protocol:?}: {messages} messages are said to be lost")
                }
                Received::Item(_) => {}
                other => panic!("{protocol:?}: {other:?}, heard {heard:?} of {sent:?}"),
            }
        }
        assert_eq!(heard, sent);
        drop(link);
    }
}
