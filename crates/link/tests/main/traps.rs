//! Brokers that misbehave, each in one way, and the traps of the library that they spring.

use std::time::{Duration, Instant};

use twinscope_link::mqtt::PublishError;
use twinscope_link::settings::Session;
use twinscope_twin::site::Protocol;
use twinscope_twin::state::LinkEvent;

use crate::support::fake::Fake;
use crate::support::mosquitto::{Mosquitto, publish_file};
use crate::support::probe::Probe;
use crate::support::{VERSIONS, settings, wait_until};

#[test]
fn a_broker_without_version_5_is_spoken_to_in_3_1_1() {
    // In the words of 3.1.1 (code 1), in the words of 5 (0x84), and by hanging up.
    let refusals: [&[u8]; 3] = [&[0x20, 2, 0, 1], &[0x20, 3, 0, 0x84, 0], &[]];
    for refusal in refusals {
        let broker = Fake::start(move |mut peer, _| match peer.connect() {
            Some(5) => peer.send(refusal),
            Some(level) => peer.serve(level),
            None => {}
        });
        Probe::start(settings(broker.port, Protocol::Auto), &["a"]).until_live(1);
    }
}

#[test]
fn a_version_that_was_asked_for_and_is_refused_is_said() {
    let start = |refusal: &'static [u8]| {
        let broker = Fake::start(move |mut peer, _| {
            peer.connect();
            peer.send(refusal);
        });
        Probe::start(settings(broker.port, Protocol::V5), &[])
    };
    let reason = start(&[0x20, 3, 0, 0x84, 0]).until_refused();
    assert!(reason.contains("protocol = \"auto\""), "{reason}");
    let reason = start(&[0x20, 2, 0, 1]).until_lost();
    assert!(reason.contains("protocol = \"auto\""), "{reason}");
}

#[test]
fn what_speaks_no_mqtt_at_all_is_not_taken_for_a_broker() {
    let server = Fake::start(|mut peer, _| {
        peer.connect();
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let mut probe = Probe::start(settings(server.port, Protocol::Auto), &[]);
    let ended = |event: &LinkEvent| matches!(event, LinkEvent::Lost { .. } | LinkEvent::Refused { .. });
    probe.until("lost or refused", |probe| probe.events.iter().any(ended));
    assert_eq!(probe.live(), 0);
}

#[test]
fn a_keep_alive_of_zero_falls_back_to_3_1_1_and_does_not_storm() {
    // CONNACK of version 5 with the property Server Keep Alive (0x13) = 0.
    const OFF: &[u8] = &[0x20, 6, 0, 0, 3, 0x13, 0, 0];
    let broker = Fake::start(|mut peer, _| match peer.connect() {
        Some(5) => {
            peer.send(OFF);
            peer.ignore();
        }
        Some(level) => peer.serve(level),
        None => {}
    });
    let mut probe = Probe::start(settings(broker.port, Protocol::Auto), &["a"]);
    probe.until_live(1);
    assert!(probe.troubles().iter().any(|message| message.contains("keep-alive")), "{:?}", probe.events);
    assert_eq!(broker.connections(), 2);

    let reason = Probe::start(settings(broker.port, Protocol::V5), &["a"]).until_refused();
    assert!(reason.contains("3.1.1"), "{reason}");
}

#[test]
fn no_topic_aliases_are_offered() {
    // The library hands out a message before it has resolved its alias: the second one would have no topic.
    let (tell, told) = std::sync::mpsc::channel();
    let broker = Fake::start(move |mut peer, _| {
        if let Some(packet) = peer.read() {
            let _ = tell.send(packet.body);
            peer.welcome(5);
            peer.ignore();
        }
    });
    let _probe = Probe::start(settings(broker.port, Protocol::V5), &[]);
    let connect = told.recv_timeout(crate::support::PATIENCE).expect("a CONNECT");
    // Protocol name, level, flags and keep-alive take ten bytes, then come the properties (OASIS MQTT 5, 3.1.2.11).
    let mut properties = &connect[11..11 + usize::from(connect[10])];
    let mut seen = Vec::new();
    while let [id, rest @ ..] = properties {
        let length = match id {
            0x11 | 0x27 => 4,
            0x21 | 0x22 => 2,
            0x17 | 0x19 => 1,
            other => panic!("property {other:#x}"),
        };
        seen.push(*id);
        properties = &rest[length..];
    }
    assert!(seen.contains(&0x27), "the largest packet is told: {seen:x?}");
    assert!(!seen.contains(&0x22), "Topic Alias Maximum is not: {seen:x?}");
}

#[test]
fn a_refused_subscription_is_told_with_its_filter() {
    let broker = Fake::start(|mut peer, _| {
        let Some(level) = peer.connect() else { return };
        peer.welcome(level);
        while let Some(packet) = peer.read() {
            if let Some(id) = packet.subscribe() {
                peer.suback(level, id, &[1, if level == 5 { 0x87 } else { 0x80 }]);
            }
        }
    });
    for protocol in VERSIONS {
        let mut probe = Probe::start(settings(broker.port, protocol), &["allowed", "secret/#"]);
        probe.until_live(1);
        probe.until_trouble("secret/#");
        assert!(!probe.troubles().iter().any(|message| message.contains("to allowed")), "{:?}", probe.events);
    }
}

#[test]
fn a_broker_that_never_answers_a_connect_or_a_subscription_is_lost() {
    let mute = Fake::start(|mut peer, _| peer.ignore());
    let deaf = Fake::start(|mut peer, _| {
        if let Some(level) = peer.connect() {
            peer.welcome(level);
            peer.ignore();
        }
    });
    let mut to_mute = Probe::start(settings(mute.port, Protocol::V5), &["a"]);
    let mut to_deaf = Probe::start(settings(deaf.port, Protocol::V5), &["a"]);
    assert!(to_mute.until_lost().contains("does not answer"));
    assert!(to_deaf.until_lost().contains("subscriptions"));
}

#[test]
fn a_broker_that_falls_silent_is_noticed_by_the_keep_alive() {
    // Both at once: it takes up to two keep-alives.
    let start = |protocol| {
        let broker = Fake::start(|mut peer, _| {
            let Some(level) = peer.connect() else { return };
            peer.welcome(level);
            while let Some(packet) = peer.read() {
                if let Some(id) = packet.subscribe() {
                    peer.suback(level, id, &[1]);
                }
            }
        });
        let mut settings = settings(broker.port, protocol);
        settings.keep_alive_s = 5;
        Probe::start(settings, &["a"])
    };
    let started = Instant::now();
    for mut probe in VERSIONS.map(start) {
        let reason = probe.until_lost();
        assert!(reason.contains("pings"), "{reason}");
        assert_eq!(probe.live(), 1);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_message_above_the_limit_is_said_and_the_next_one_arrives() {
    let broker = Mosquitto::open();
    let large = broker.folder().join("large");
    std::fs::write(&large, vec![b'x'; 2 << 20]).expect("written");
    let mut probe = Probe::start(settings(broker.port, Protocol::V311), &["a"]);
    probe.until_live(1);
    publish_file(broker.port, "a", &large);
    broker.publish("a", "small", &[]);
    probe.until_messages(1);
    probe.until_trouble("limits.packet");
    assert_eq!(probe.payloads(), ["small"]);
    assert!(probe.events.contains(&LinkEvent::Dropped { messages: 1 }), "{:?}", probe.events);
    assert_eq!(probe.live(), 1, "the connection stays");
}

#[test]
fn with_version_5_the_broker_knows_the_limit_and_the_connection_stays() {
    let broker = Mosquitto::open();
    let large = broker.folder().join("large");
    std::fs::write(&large, vec![b'x'; 2 << 20]).expect("written");
    let mut probe = Probe::start(settings(broker.port, Protocol::V5), &["a"]);
    probe.until_live(1);
    publish_file(broker.port, "a", &large);
    broker.publish("a", "small", &[]);
    probe.until_messages(1);
    assert_eq!((probe.payloads(), probe.live()), (vec!["small".to_owned()], 1));
}

#[test]
fn a_message_of_ten_kilobytes_and_more_arrives() {
    // The library's default ends the connection at 10 KiB, for ever with a persistent session.
    let broker = Mosquitto::open();
    let payload = "x".repeat(100_000);
    let file = broker.folder().join("payload");
    std::fs::write(&file, &payload).expect("written");
    for protocol in VERSIONS {
        let mut probe = Probe::start(settings(broker.port, protocol), &["a"]);
        probe.until_live(1);
        publish_file(broker.port, "a", &file);
        probe.until_messages(1);
        assert_eq!(probe.payloads(), std::slice::from_ref(&payload), "{protocol:?}");
        probe.link.publish("a", payload.clone(), false).expect("taken");
        probe.until_messages(2);
    }
}

#[test]
fn a_poisoned_session_is_dropped_after_three_connections() {
    // 3.1.1 reads up to 8 MiB to throw away; above that the connection ends, and the broker sends it again.
    let broker = Mosquitto::open();
    let poison = broker.folder().join("poison");
    std::fs::write(&poison, vec![b'x'; 9 << 20]).expect("written");
    let mut settings = settings(broker.port, Protocol::V311);
    settings.session = Session::Persistent { client_id: "recorder".to_owned(), expiry_s: 3_600, manual_acks: false };
    let mut probe = Probe::start(settings, &["a"]);
    probe.until_live(1);
    publish_file(broker.port, "a", &poison);
    probe.until_trouble("the stored session is dropped");
    let lives = probe.live();
    probe.until_live(lives + 1);
    broker.publish("a", "small", &[]);
    probe.until_messages(1);
    assert_eq!(probe.payloads(), ["small"]);
}

#[test]
fn what_is_too_large_to_publish_is_refused_before_it_is_sent() {
    let broker = Mosquitto::open();
    for protocol in VERSIONS {
        let mut probe = Probe::start(settings(broker.port, protocol), &["a"]);
        probe.until_live(1);
        let refused = probe.link.publish("a", vec![b'x'; 2 << 20], false);
        assert!(matches!(refused, Err(PublishError::TooLarge { .. })), "{refused:?}");
        probe.link.publish("a", "small", false).expect("taken");
        probe.until_messages(1);
        assert_eq!(probe.live(), 1);
    }
}

#[test]
fn the_brokers_own_limit_is_kept() {
    // mosquitto tells it in its CONNACK of version 5.
    let broker = Mosquitto::start("allow_anonymous true\nmax_packet_size 1000\n", |_| {});
    let mut probe = Probe::start(settings(broker.port, Protocol::V5), &["a"]);
    probe.until_live(1);
    probe.link.publish("a", vec![b'x'; 2_000], false).expect("taken");
    probe.link.publish("a", "small", false).expect("taken");
    probe.until_messages(1);
    probe.until_trouble("takes at most 1000");
    assert_eq!((probe.payloads(), probe.live()), (vec!["small".to_owned()], 1));
    wait_until("counted", || probe.link.outbox().failed == 1);
}

#[test]
fn topics_that_nobody_can_publish_to_are_refused() {
    let probe = Probe::start(settings(1, Protocol::Auto), &[]);
    for topic in ["", "a/+", "#", "a\0b"] {
        assert!(matches!(probe.link.publish(topic, "x", false), Err(PublishError::Topic(_))), "{topic:?}");
    }
    let long = "a".repeat(65_536);
    assert!(matches!(probe.link.publish(&long, "x", false), Err(PublishError::Topic(_))));
}

#[test]
fn a_letter_counts_only_when_it_was_acknowledged() {
    // The first connection takes the letter and dies without a word; the second acknowledges.
    for protocol in VERSIONS {
        let broker = Fake::start(|mut peer, number| {
            let Some(level) = peer.connect() else { return };
            if number > 0 {
                return peer.serve(level);
            }
            peer.welcome(level);
            while let Some(packet) = peer.read() {
                if packet.publish().is_some() {
                    return;
                }
            }
        });
        let mut probe = Probe::start(settings(broker.port, protocol), &[]);
        probe.until_live(1);
        probe.link.publish("command", "x", false).expect("taken");
        probe.until_lost();
        wait_until("delivered", || probe.link.outbox().delivered == 1);
        assert_eq!(broker.connections(), 2, "{protocol:?}");
    }
}

#[test]
fn a_topic_that_is_not_text_passes_with_version_5_and_ends_nothing() {
    let broker = Fake::start(|mut peer, _| {
        let Some(level) = peer.connect() else { return };
        peer.welcome(level);
        while let Some(packet) = peer.read() {
            if let Some(id) = packet.subscribe() {
                peer.suback(level, id, &[0]);
                // PUBLISH, QoS 0, topic FF, no properties, payload 1.
                peer.send(&[0x30, 5, 0, 1, 0xff, 0, b'1']);
            }
        }
    });
    let mut probe = Probe::start(settings(broker.port, Protocol::V5), &["a"]);
    probe.until_messages(1);
    assert_eq!(probe.messages[0].topic.as_ref(), [0xff]);
}

#[test]
fn a_flood_of_kept_messages_arrives_whole() {
    const COUNT: u32 = 100_000;
    for protocol in VERSIONS {
        let broker = Fake::start(|mut peer, _| {
            let Some(level) = peer.connect() else { return };
            peer.welcome(level);
            let mut flood = Vec::new();
            for number in 0..COUNT {
                // PUBLISH, QoS 0, retained, topic of six digits.
                let topic = format!("{number:06}");
                let properties: &[u8] = if level == 5 { &[0] } else { &[] };
                flood.extend([0x31, u8::try_from(2 + topic.len() + properties.len() + 1).expect("short"), 0, 6]);
                flood.extend(topic.as_bytes());
                flood.extend(properties);
                flood.push(b'x');
            }
            while let Some(packet) = peer.read() {
                if let Some(id) = packet.subscribe() {
                    peer.suback(level, id, &[0]);
                    peer.send(&flood);
                }
            }
        });
        let mut probe = Probe::start(settings(broker.port, protocol), &["#"]);
        probe.until_messages(COUNT as usize);
        let in_order = probe.messages.iter().zip(0..).all(|(message, number)| message.topic == format!("{number:06}"));
        assert!(in_order && probe.messages.iter().all(|message| message.retained), "{protocol:?}");
    }
}

#[test]
fn a_broker_that_hangs_up_in_the_middle_of_a_packet_is_lost_and_tried_again() {
    for protocol in VERSIONS {
        let broker = Fake::start(|mut peer, number| {
            let Some(level) = peer.connect() else { return };
            if number > 0 {
                return peer.serve(level);
            }
            peer.welcome(level);
            peer.send(&[0x30, 100, 0, 1, b'a', 0, b'x']);
        });
        let mut probe = Probe::start(settings(broker.port, protocol), &["a"]);
        probe.until_lost();
        let lives = probe.live();
        probe.until_live(lives + 1);
        assert!(probe.messages.is_empty(), "half a message is none");
    }
}

#[test]
fn packets_from_nowhere_cost_a_connection_and_nothing_more() {
    // An acknowledgement that nobody waits for, a CONNECT from a broker, a length that never ends, a length of 256 MB.
    let nonsense: [&[u8]; 4] =
        [&[0x40, 2, 0, 9], &[0x10, 0], &[0x30, 0xff, 0xff, 0xff, 0xff, 0xff], &[0x30, 0xff, 0xff, 0xff, 0x7f]];
    for protocol in VERSIONS {
        for bytes in nonsense {
            let broker = Fake::start(move |mut peer, number| {
                let Some(level) = peer.connect() else { return };
                if number > 0 {
                    return peer.serve(level);
                }
                peer.welcome(level);
                peer.send(bytes);
                peer.ignore();
            });
            let mut probe = Probe::start(settings(broker.port, protocol), &["a"]);
            probe.until_lost();
            let lives = probe.live();
            probe.until_live(lives + 1);
        }
    }
}
