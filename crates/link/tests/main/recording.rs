//! Recordings: written from a broker, read back, cut off, replayed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use twinscope_link::Message;
use twinscope_link::record::{self, Ended, RecordError, Recorded, Recorder};
use twinscope_link::replay::{self, Input, Options, Speed, TimeField, Times};
use twinscope_twin::site::Protocol;
use twinscope_twin::time::Now;

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
    Recorded { t_ms, topic: topic.to_owned(), payload: payload.to_vec(), retained }
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
                record::record(settings, vec!["site/#".to_owned()], &path, &stop, |progress| {
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
    let (sink, receiver) = twinscope_link::sink::channel(twinscope_link::sink::Limits::default());
    let input = Input::recording(&path, Some(TimeField::milliseconds("/t"))).expect("readable");
    let started = std::time::Instant::now();
    let options = Options { speed: Speed::Times(10.0), times: Times::Shift };
    let source = twinscope_twin::site::SourceRow(0);
    replay::to_sink(input, &sink, source, "a recording", options, &AtomicBool::new(false)).expect("played");
    assert!(started.elapsed() >= std::time::Duration::from_millis(400), "four seconds at ten times the pace");
    sink.close();
    let mut delays = Vec::new();
    while let twinscope_link::sink::Received::Item(item) = receiver.recv(std::time::Duration::ZERO) {
        if let twinscope_link::sink::Item::Messages { messages, .. } = item {
            for message in messages {
                let json: serde_json::Value = serde_json::from_slice(&message.payload).expect("JSON");
                delays.push(message.received.wall_ms - json["t"].as_i64().expect("a time"));
            }
        }
    }
    assert_eq!(delays.len(), 5);
    // The clock may tick between the shift and the receipt, and a busy machine may pause there.
    assert!(delays.iter().all(|delay| (40..1_000).contains(delay)), "{delays:?}");
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
