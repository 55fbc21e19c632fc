//! Recordings: written from a broker, read back, cut off, replayed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use twinscope_link::Message;
use twinscope_link::record::{self, Ended, RecordError, Recorded, Recorder, Wanted};
use twinscope_link::replay::{self, Input, Options, ReplayError, Speed, TimePlaces, Times};
use twinscope_link::sink::{self, Item, Limits, Received};
use twinscope_twin::site::{Protocol, SignalInput, SourceRow, TimeInput, TimeUnit, TopicInput};
use twinscope_twin::state::LinkEvent;
use twinscope_twin::time::{Now, WallMs};

use crate::support::mosquitto::Mosquitto;
use crate::support::probe::Probe;
use crate::support::{VERSIONS, settings, wait_until};

fn message(t_ms: i64, topic: &str, payload: &[u8], retained: bool) -> Message {
    Message {
        topic: Bytes::copy_from_slice(topic.as_bytes()),
        payload: Bytes::copy_from_slice(payload),
        received: Now { wall_ms: t_ms, mono_ms: 0 },
        retained,
    }
}

fn recorded(t_ms: i64, topic: &str, payload: &[u8], retained: bool) -> Recorded {
    Recorded { t_ms, topic: topic.to_owned(), payload: payload.to_vec(), retained, times: Vec::new() }
}

fn everything(most: Option<u64>) -> Wanted {
    Wanted { filters: vec!["site/#".to_owned()], times: TimePlaces::default(), most }
}

/// What a sink gets of an input: the payloads, and when each was received.
fn played(input: Input, options: Options) -> Vec<(WallMs, serde_json::Value)> {
    let (sink, receiver) = sink::channel(Limits::default());
    replay::to_sink(input, &sink, SourceRow(0), "a recording", options, &AtomicBool::new(false)).expect("played");
    sink.close();
    let mut heard = Vec::new();
    while let Received::Item(item) = receiver.recv(Duration::ZERO) {
        if let Item::Messages { messages, .. } = item {
            let json = |payload: &[u8]| serde_json::from_slice(payload).expect("JSON");
            heard.extend(messages.iter().map(|message| (message.received.wall_ms, json(&message.payload))));
        }
    }
    heard
}

fn read(path: &Path) -> (Vec<Recorded>, Ended) {
    let mut recording = record::replay_mcap(path).expect("readable");
    let messages: Vec<_> = recording.by_ref().collect();
    (messages, recording.ended().clone())
}

/// A thousand messages, safe on disk after each hundred.
fn write(path: &Path) -> Vec<Recorded> {
    let mut recorder = Recorder::create(path).expect("made");
    let mut written = Vec::new();
    for number in 0..1_000_i64 {
        let topic = format!("site/{}", number % 7);
        let payload = format!("{{\"t\":{number},\"v\":{}}}", number * number);
        recorder.write(&message(1_000 + number, &topic, payload.as_bytes(), number % 5 == 0)).expect("written");
        written.push(recorded(1_000 + number, &topic, payload.as_bytes(), number % 5 == 0));
        if number % 100 == 99 {
            recorder.sync().expect("on disk");
        }
    }
    recorder.finish().expect("finished");
    written
}

#[test]
fn what_was_written_is_read_back() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.mcap");
    let mut recorder = Recorder::create(&path).expect("made");
    let binary: Vec<u8> = (0..=255).collect();
    let messages = [("a", &binary[..], false), ("a", b"", false), ("a", b"kept", true), ("b/ü", b"{}", false)];
    for (topic, payload, retained) in messages {
        recorder.write(&message(1_764_000_000_123, topic, payload, retained)).expect("written");
    }
    recorder.write(&Message { topic: Bytes::from_static(b"\xff"), ..message(0, "", b"x", false) }).expect("skipped");
    let progress = recorder.finish().expect("finished");
    assert_eq!((progress.messages, progress.topics, progress.skipped), (4, 2, 1));
    let expected: Vec<_> = messages
        .iter()
        .map(|(topic, payload, retained)| recorded(1_764_000_000_123, topic, payload, *retained))
        .collect();
    assert_eq!(read(&path), (expected, Ended::Complete));
}

#[test]
fn a_file_that_was_cut_off_is_read_as_far_as_it_goes() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = folder.path().join("whole.mcap");
    let written = write(&whole);
    let bytes = std::fs::read(&whole).expect("read");
    let cut = folder.path().join("cut.mcap");
    let mut last = 0;
    // In steps that hit headers, chunks, indexes and the summary at any place.
    for length in (8..bytes.len()).step_by(61) {
        std::fs::write(&cut, &bytes[..length]).expect("written");
        let (messages, ended) = read(&cut);
        assert_eq!(messages, written[..messages.len()], "cut at {length}: a beginning of what was written");
        assert!(messages.len() >= last, "cut at {length}: more bytes, fewer messages");
        assert!(
            matches!(ended, Ended::Early { messages: count, .. } if count == messages.len() as u64)
                || messages.len() == written.len(),
            "cut at {length}: {ended:?}"
        );
        last = messages.len();
    }
    assert_eq!(last, written.len());
}

#[test]
fn a_file_that_was_damaged_does_not_panic() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = folder.path().join("whole.mcap");
    let written = write(&whole);
    let bytes = std::fs::read(&whole).expect("read");
    let damaged = folder.path().join("damaged.mcap");
    for place in (8..bytes.len()).step_by(97) {
        for value in [0, 0xff] {
            let mut bytes = bytes.clone();
            bytes[place] = value;
            std::fs::write(&damaged, bytes).expect("written");
            let (messages, _) = read(&damaged);
            assert!(messages.len() <= written.len());
        }
    }
}

#[test]
fn what_is_no_recording_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("a.mcap");
    for content in [&b""[..], b"hello", b"\x89MCAP1\r\n"] {
        std::fs::write(&file, content).expect("written");
        assert!(matches!(record::replay_mcap(&file), Err(RecordError::NotARecording { .. })), "{content:?}");
    }
    assert!(matches!(record::replay_mcap(folder.path()), Err(RecordError::NotARecording { .. })));
    assert!(matches!(record::replay_mcap(&folder.path().join("none")), Err(RecordError::File { .. })));
}

#[test]
fn a_recording_never_overwrites_a_file() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("a.mcap");
    std::fs::write(&file, "precious").expect("written");
    assert!(matches!(Recorder::create(&file), Err(RecordError::Exists(_))));
    assert_eq!(std::fs::read(&file).expect("read"), b"precious");
    let nowhere = folder.path().join("none").join("a.mcap");
    assert!(matches!(Recorder::create(&nowhere), Err(RecordError::File { .. })));
}

#[test]
fn recorded_from_a_broker_and_replayed_to_another_it_is_the_same() {
    for protocol in VERSIONS {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.mcap");
        let broker = Mosquitto::open();
        broker.publish("site/kept", "k", &["-r"]);
        let stop = AtomicBool::new(false);
        let (written, live) = (AtomicU64::new(0), AtomicBool::new(false));
        let sent: Vec<(String, String)> =
            (0..300).map(|number| (format!("site/{}", number % 3), format!("{{\"v\":{number}}}"))).collect();
        std::thread::scope(|scope| {
            let recording = scope.spawn(|| {
                let settings = record::recorder_settings(settings(broker.port, protocol), "recorder");
                record::record(settings, everything(None), &path, &stop, |progress| {
                    written.store(progress.messages, Ordering::Release);
                    live.fetch_or(progress.link.is_some() && progress.messages > 0, Ordering::AcqRel);
                })
            });
            // The kept message shows that it is subscribed.
            wait_until("recording", || live.load(Ordering::Acquire));
            let sender = Probe::start(settings(broker.port, protocol), &[]);
            for (topic, payload) in &sent {
                sender.link.publish(topic, payload.clone(), false).expect("taken");
            }
            wait_until("recorded", || written.load(Ordering::Acquire) == 301);
            stop.store(true, Ordering::Release);
            let progress = recording.join().expect("no panic").expect("recorded");
            assert_eq!((progress.messages, progress.topics, progress.dropped), (301, 4, 0));
        });
        let (messages, ended) = read(&path);
        assert_eq!(ended, Ended::Complete);
        let first = messages.first().expect("messages");
        assert_eq!((first.topic.as_str(), first.retained), ("site/kept", true));
        let rest: Vec<_> = messages[1..]
            .iter()
            .map(|message| (message.topic.clone(), String::from_utf8_lossy(&message.payload).into_owned()))
            .collect();
        assert_eq!(rest, sent);

        let other = Mosquitto::open();
        let mut listener = Probe::start(settings(other.port, protocol), &["#"]);
        listener.until_live(1);
        let player = Probe::start(settings(other.port, protocol), &[]);
        let input = Input::recording(&path, None).expect("readable");
        let options = Options { speed: Speed::Max, times: Times::Keep };
        let progress =
            replay::to_broker(input, &player.link, options, &AtomicBool::new(false), |_| {}).expect("played");
        assert_eq!((progress.messages, progress.failed, progress.cut_off), (301, 0, None));
        listener.until_messages(301);
        let heard: Vec<_> = listener
            .messages
            .iter()
            .zip(listener.payloads())
            .map(|(message, payload)| (String::from_utf8_lossy(&message.topic).into_owned(), payload))
            .collect();
        assert_eq!(heard[1..], sent);
        // What was kept is kept again.
        let mut late = Probe::start(settings(other.port, protocol), &["site/kept"]);
        late.until_messages(1);
        assert!(late.messages[0].retained);
    }
}

#[test]
fn a_replay_keeps_the_pace_and_shifts_the_times_that_it_knows() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.mcap");
    let mut recorder = Recorder::create(&path).expect("made");
    for number in 0..5_i64 {
        let t_ms = 1_000_000 + number * 1_000;
        // Measured 40 ms before it was received.
        recorder.write(&message(t_ms, "a", format!("{{\"t\":{}}}", t_ms - 40).as_bytes(), false)).expect("written");
    }
    recorder.finish().expect("finished");
    let input = Input::recording(&path, Some("/t".parse().expect("a place"))).expect("readable");
    let started = Instant::now();
    let heard = played(input, Options { speed: Speed::Times(10.0), times: Times::Shift });
    assert!(started.elapsed() >= Duration::from_millis(400), "four seconds at ten times the pace");
    let delays: Vec<i64> =
        heard.iter().map(|(received, json)| received - json["t"].as_i64().expect("a time")).collect();
    assert_eq!(delays.len(), 5);
    // The clock may tick between the shift and the receipt, and a busy machine may pause there.
    assert!(delays.iter().all(|delay| (40..1_000).contains(delay)), "{delays:?}");
}

#[test]
fn as_fast_as_possible_the_messages_keep_their_distances_and_the_last_one_is_now() {
    const DAY_MS: i64 = 86_400_000;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.mcap");
    let mut recorder = Recorder::create(&path).expect("made");
    for day in 0..21 {
        let t_ms = 1_000_000 + day * DAY_MS;
        recorder.write(&message(t_ms, "a", format!("{{\"t\":{t_ms}}}").as_bytes(), false)).expect("written");
    }
    recorder.finish().expect("finished");
    let input = Input::recording(&path, Some("/t".parse().expect("a place"))).expect("readable");
    let before = twinscope_link::clock::Clock::new().now().wall_ms;
    let heard = played(input, Options { speed: Speed::Max, times: Times::Shift });
    let times: Vec<i64> = heard.iter().map(|(_, json)| json["t"].as_i64().expect("a time")).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == DAY_MS), "{times:?}");
    let last = *times.last().expect("messages");
    assert!((before..=heard[0].0).contains(&last), "{last} is the moment at which the replay began");
}

#[test]
fn what_a_site_records_is_shifted_in_the_units_of_the_site() {
    let folder = tempfile::tempdir().expect("folder");
    for (unit, time, per_ms) in [
        (TimeUnit::Milliseconds, "1000000000", 1.0),
        (TimeUnit::Seconds, "1000000", 0.001),
        (TimeUnit::Microseconds, "1000000000000", 1e3),
        (TimeUnit::Nanoseconds, "1000000000000000", 1e6),
        (TimeUnit::Rfc3339, "\"1970-01-12T13:46:40Z\"", 0.0),
    ] {
        let mut site = (*crate::core::site()).clone();
        let SignalInput::Topic(input) = &site.signals[0].input else { panic!("a topic") };
        let time_at = Some(TimeInput { path: "/at".to_owned(), unit });
        let input = TopicInput { filter: "site/+".to_owned(), time: time_at, ..input.clone() };
        site.signals[0].input = SignalInput::Topic(input);
        let path = folder.path().join(format!("{unit:?}.mcap"));
        let mut recorder =
            Recorder::create(&path).expect("made").with_times(TimePlaces::of_source(&site, SourceRow(0)));
        // Measured when it was received.
        let payload = format!("{{\"at\":{time}}}");
        recorder.write(&message(1_000_000_000, "site/a", payload.as_bytes(), false)).expect("written");
        recorder.write(&message(1_000_000_000, "elsewhere", payload.as_bytes(), false)).expect("written");
        recorder.finish().expect("finished");
        let heard = played(Input::recording(&path, None).expect("readable"), Options::default());
        let (received, shifted) = &heard[0];
        let shifted_ms = match &shifted["at"] {
            serde_json::Value::String(text) => replay::time_text::rfc3339_ms(text).expect("a time") as f64,
            number => number.as_f64().expect("a number") / per_ms,
        };
        let age_ms = *received as f64 - shifted_ms;
        assert!((-1.0..2_000.0).contains(&age_ms), "{unit:?}: {shifted} is {age_ms} ms old");
        assert_eq!(heard[1].1.to_string(), payload, "{unit:?}: a topic of nobody stays as it was");
    }
}

#[test]
fn a_source_knows_the_times_of_its_own_signals_and_of_predictions() {
    let mut site = (*crate::core::site()).clone();
    let SignalInput::Topic(input) = &mut site.signals[0].input else { panic!("a topic") };
    input.time = Some(TimeInput { path: "/t".to_owned(), unit: TimeUnit::Seconds });
    let places = |source, topic: &str| {
        let places = TimePlaces::of_source(&site, SourceRow(source)).of_topic(topic);
        places.into_iter().map(|place| place.path).collect::<Vec<_>>()
    };
    assert_eq!(places(0, "site/a/temperature"), ["/t"]);
    assert!(places(1, "site/a/temperature").is_empty());
    let prediction = "twinscope/v1/site/a/gearbox/prediction/rul/model/baseline";
    assert_eq!(places(1, prediction), ["/issued_at", "/data_until", "/valid_until"]);
}

/// A recording of so many messages, all of the same moment.
fn many(path: &Path, count: u32) -> Input {
    let mut recorder = Recorder::create(path).expect("made");
    for number in 0..count {
        recorder.write(&message(1_000, "site/a", number.to_string().as_bytes(), false)).expect("written");
    }
    recorder.finish().expect("finished");
    Input::recording(path, None).expect("readable")
}

#[test]
fn a_replay_into_a_broker_that_has_died_fails() {
    let folder = tempfile::tempdir().expect("folder");
    let input = many(&folder.path().join("a.mcap"), 20_000);
    let mut broker = Mosquitto::open();
    let mut settings = settings(broker.port, Protocol::Auto);
    settings.outbox_deadline = Duration::from_secs(1);
    let mut player = Probe::start(settings, &[]);
    player.until_live(1);
    let options = Options { speed: Speed::Max, times: Times::Shift };
    let mut seen = 0;
    let result = replay::to_broker(input, &player.link, options, &AtomicBool::new(false), |progress| {
        seen = progress.messages;
        if seen == 2_000 {
            broker.kill();
        }
    });
    assert!(matches!(result, Err(ReplayError::Stuck(1))), "{result:?}");
    assert!(seen < 10_000, "it is noticed before the recording has been thrown away: {seen}");
}

#[test]
fn what_a_broker_that_has_died_did_not_take_is_not_published() {
    let folder = tempfile::tempdir().expect("folder");
    let input = many(&folder.path().join("a.mcap"), 20);
    let mut broker = Mosquitto::open();
    let mut settings = settings(broker.port, Protocol::Auto);
    settings.outbox_deadline = Duration::from_secs(1);
    let mut player = Probe::start(settings, &[]);
    player.until_live(1);
    let outbox = player.link.publisher();
    let options = Options { speed: Speed::Max, times: Times::Shift };
    let progress = replay::to_broker(input, &player.link, options, &AtomicBool::new(false), |progress| {
        if progress.messages == 5 {
            wait_until("acknowledged", || outbox.outbox().delivered == 5);
            broker.kill();
        }
    });
    let progress = progress.expect("it ends");
    assert_eq!((progress.messages, progress.failed), (5, 15));
}

#[test]
fn a_recording_of_so_many_messages_ends_by_itself_with_no_more() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.mcap");
    let broker = Mosquitto::open();
    for number in 0..20 {
        broker.publish(&format!("site/{number}"), "x", &["-r"]);
    }
    let settings = record::recorder_settings(settings(broker.port, Protocol::Auto), "recorder");
    let stop = AtomicBool::new(false);
    let progress = record::record(settings, everything(Some(7)), &path, &stop, |progress| {
        stop.fetch_or(progress.messages > 7, Ordering::AcqRel);
    });
    assert_eq!(progress.expect("recorded").messages, 7);
    assert_eq!(read(&path).0.len(), 7);
}

#[test]
fn what_another_recording_of_the_same_name_had_asked_for_is_left_out_and_counted() {
    let folder = tempfile::tempdir().expect("folder");
    let broker = Mosquitto::open();
    let record = |site: &str, file: &str, until: fn(&record::Progress) -> bool| {
        let settings = record::recorder_settings(settings(broker.port, Protocol::Auto), "recorder");
        let stop = AtomicBool::new(false);
        let wanted = Wanted { filters: vec![format!("{site}/#")], ..everything(None) };
        let began = Instant::now();
        record::record(settings, wanted, &folder.path().join(file), &stop, |progress| {
            stop.fetch_or(until(progress) || began.elapsed() > Duration::from_secs(20), Ordering::AcqRel);
        })
        .expect("recorded")
    };
    record("works", "a.mcap", |progress| progress.link == Some(LinkEvent::Live));
    broker.publish("works/pump", "1", &["-q", "1"]);
    let other = record("other", "b.mcap", |progress| progress.foreign + progress.messages > 0);
    assert_eq!((other.messages, other.foreign), (0, 1));
}

#[test]
fn a_replay_can_be_stopped() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.mcap");
    let mut recorder = Recorder::create(&path).expect("made");
    recorder.write(&message(0, "a", b"1", false)).expect("written");
    recorder.write(&message(86_400_000, "a", b"2", false)).expect("written");
    recorder.finish().expect("finished");
    let broker = Mosquitto::open();
    let player = Probe::start(settings(broker.port, Protocol::Auto), &[]);
    let stop = AtomicBool::new(false);
    let input = Input::recording(&path, None).expect("readable");
    let progress = replay::to_broker(input, &player.link, Options::default(), &stop, |_| {
        stop.store(true, Ordering::Release);
    });
    assert_eq!(progress.expect("stopped").messages, 1);
}
