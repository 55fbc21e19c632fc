//! Plain TCP, both versions, against mosquitto.

use twinscope_twin::site::Protocol;
use twinscope_twin::state::LinkEvent;

use crate::support::mosquitto::{Mosquitto, Subscriber};
use crate::support::probe::Probe;
use crate::support::{VERSIONS, settings, wait_until};

#[test]
fn messages_arrive_as_they_were_sent_in_order() {
    let broker = Mosquitto::open();
    for protocol in VERSIONS {
        let mut probe = Probe::start(settings(broker.port, protocol), &["site/#"]);
        probe.until_live(1);
        let payloads = ["23.4", "{\"t\":1}", "äöü", ""];
        for payload in payloads {
            broker.publish("site/a/b", payload, &[]);
        }
        probe.until_messages(payloads.len());
        assert_eq!(probe.payloads(), payloads, "{protocol:?}");
        assert!(probe.messages.iter().all(|message| message.topic == "site/a/b" && !message.retained));
    }
}

#[test]
fn what_the_broker_has_kept_is_marked() {
    let broker = Mosquitto::open();
    broker.publish("kept", "old", &["-r"]);
    for protocol in VERSIONS {
        let mut probe = Probe::start(settings(broker.port, protocol), &["kept"]);
        probe.until_messages(1);
        broker.publish("kept", "old", &["-r"]);
        probe.until_messages(2);
        let marks: Vec<bool> = probe.messages.iter().map(|message| message.retained).collect();
        assert_eq!(marks, [true, false], "{protocol:?}");
    }
}

#[test]
fn the_version_is_the_one_that_was_asked_for() {
    for (protocol, mark) in [(Protocol::Auto, "(p5, "), (Protocol::V5, "(p5, "), (Protocol::V311, "(p2, ")] {
        let broker = Mosquitto::open();
        let mut probe = Probe::start(settings(broker.port, protocol), &[]);
        probe.until_live(1);
        wait_until("logged", || broker.log().contains(" as twinscope-"));
        assert!(broker.log().contains(mark), "{protocol:?}: {}", broker.log());
    }
}

#[test]
fn two_viewers_have_two_client_ids() {
    let broker = Mosquitto::open();
    let mut first = Probe::start(settings(broker.port, Protocol::Auto), &["#"]);
    let mut second = Probe::start(settings(broker.port, Protocol::Auto), &["#"]);
    first.until_live(1);
    second.until_live(1);
    broker.publish("a", "1", &[]);
    first.until_messages(1);
    second.until_messages(1);
    assert!(!first.events.iter().any(|event| matches!(event, LinkEvent::Lost { .. })), "{:?}", first.events);
}

#[test]
fn ten_thousand_filters_are_asked_for_in_pieces() {
    let broker = Mosquitto::open();
    let filters: Vec<String> = (0..10_000).map(|number| format!("site/asset/{number}/+")).collect();
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    let mut probe = Probe::start(settings(broker.port, Protocol::V311), &filters);
    probe.until_live(1);
    broker.publish("site/asset/0/x", "first", &[]);
    broker.publish("site/asset/9999/x", "last", &[]);
    probe.until_messages(2);
    assert_eq!(probe.payloads(), ["first", "last"]);
}

#[test]
fn a_filter_that_is_none_is_told_and_does_not_hurt_the_others() {
    let broker = Mosquitto::open();
    for protocol in VERSIONS {
        let mut probe = Probe::start(settings(broker.port, protocol), &["good/a", "a/#/b", "", "good/b"]);
        probe.until_live(1);
        probe.until_trouble("a/#/b");
        broker.publish("good/a", "1", &[]);
        broker.publish("good/b", "2", &[]);
        probe.until_messages(2);
    }
}

#[test]
fn what_we_publish_arrives_and_counts_when_acknowledged() {
    let broker = Mosquitto::open();
    for protocol in VERSIONS {
        let mut listener = Probe::start(settings(broker.port, protocol), &["out/#"]);
        listener.until_live(1);
        let mut probe = Probe::start(settings(broker.port, protocol), &[]);
        for number in 0..500 {
            probe.link.publish("out/a", number.to_string(), false).expect("taken");
        }
        probe.until_live(1);
        wait_until("acknowledged", || probe.link.outbox().delivered == 500);
        assert_eq!(probe.link.outbox().waiting, 0);
        listener.until_messages(500);
        let expected: Vec<String> = (0..500).map(|number| number.to_string()).collect();
        assert_eq!(listener.payloads(), expected, "in order, each once");
    }
}

#[test]
fn what_was_given_to_a_link_before_its_end_is_sent() {
    let broker = Mosquitto::open();
    for (protocol, subscribers) in VERSIONS.into_iter().zip(1..) {
        let subscriber = Subscriber::start(broker.port, "farewell", 1);
        wait_until("subscribed", || broker.log().matches("Sending SUBACK to ").count() == subscribers);
        let mut probe = Probe::start(settings(broker.port, protocol), &[]);
        probe.until_live(1);
        probe.link.publish("farewell", "bye", false).expect("taken");
        drop(probe);
        assert_eq!(subscriber.lines(), ["farewell bye"], "{protocol:?}");
    }
}

#[test]
fn a_link_that_ends_says_goodbye() {
    let broker = Mosquitto::open();
    for protocol in VERSIONS {
        let mut settings = settings(broker.port, protocol);
        let (topic, payload) = ("status".to_owned(), b"vanished".to_vec());
        settings.will = Some(twinscope_link::settings::Will { topic, payload });
        let mut listener = Probe::start(crate::support::settings(broker.port, protocol), &["status", "end"]);
        listener.until_live(1);
        let mut probe = Probe::start(settings, &[]);
        probe.until_live(1);
        probe.link.stop();
        broker.publish("end", "end", &[]);
        listener.until_messages(1);
        assert_eq!(listener.payloads(), ["end"], "the will of a client that says goodbye is not published");
    }
}
