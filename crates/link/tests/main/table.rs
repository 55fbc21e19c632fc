//! Real SCADA tables, published to a real broker.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use twinscope_link::replay::{self, Input, Options, Speed, Times};
use twinscope_twin::site::Protocol;

use crate::support::mosquitto::Mosquitto;
use crate::support::probe::Probe;
use crate::support::settings;

fn mapping() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/la_haute_borne/mapping.toml")
}

/// Rows of a column that hold something, as the table itself writes them.
fn cells(file: &str, column: usize) -> Vec<f64> {
    let text = std::fs::read_to_string(mapping().with_file_name(file)).expect("the table");
    let cell =
        |line: &str| line.split(',').nth(column).filter(|cell| !cell.is_empty()).map(|cell| cell.parse().unwrap());
    text.lines().skip(1).filter_map(cell).collect()
}

#[test]
fn three_days_of_two_real_turbines_arrive_at_a_broker() {
    let broker = Mosquitto::open();
    let mut listener = Probe::start(settings(broker.port, Protocol::Auto), &["la-haute-borne/#"]);
    listener.until_live(1);
    let player = Probe::start(settings(broker.port, Protocol::Auto), &[]);
    let input = Input::open(&mapping(), None).expect("readable");
    let options = Options { speed: Speed::Max, times: Times::Keep };
    let progress = replay::to_broker(input, &player.link, options, &AtomicBool::new(false), |_| {}).expect("played");
    assert_eq!(progress.failed, 0);
    listener.until_messages(usize::try_from(progress.messages).expect("small"));

    for (asset, file) in [("r80711", "R80711.csv"), ("r80736", "R80736.csv")] {
        for (tail, field, column) in [("converter", "power", 1), ("wind", "speed", 2), ("pitch", "blades", 4)] {
            let topic = format!("la-haute-borne/{asset}/{tail}");
            let of_topic = listener.messages.iter().filter(|message| message.topic == topic);
            let heard: Vec<f64> = of_topic
                .filter_map(|message| {
                    let json: serde_json::Value = serde_json::from_slice(&message.payload).expect("JSON");
                    json[field].as_f64()
                })
                .collect();
            assert_eq!(heard, cells(file, column), "{topic} {field}");
        }
    }
}

#[test]
fn with_times_shifted_the_last_row_is_now() {
    let broker = Mosquitto::open();
    let mut listener = Probe::start(settings(broker.port, Protocol::Auto), &["la-haute-borne/r80711/converter"]);
    listener.until_live(1);
    let player = Probe::start(settings(broker.port, Protocol::Auto), &[]);
    let input = Input::open(&mapping(), None).expect("readable");
    // Three days in less than a minute's tenth: each row is sent, and dated, when its turn comes.
    let options = Options { speed: Speed::Times(10_000.0), times: Times::Shift };
    let before = twinscope_link::clock::Clock::new().now().wall_ms;
    let stop = AtomicBool::new(false);
    let mut count = 0;
    replay::to_broker(input, &player.link, options, &stop, |progress| {
        count = progress.messages;
        // A few hours are enough.
        stop.store(progress.messages >= 100, std::sync::atomic::Ordering::Release);
    })
    .expect("played");
    assert_eq!(count, 100);
    listener.until_messages(10);
    let after = twinscope_link::clock::Clock::new().now().wall_ms;
    let times: Vec<i64> = listener
        .payloads()
        .iter()
        .map(|payload| serde_json::from_str::<serde_json::Value>(payload).expect("JSON")["t"].as_i64().expect("a time"))
        .collect();
    assert!(times.is_sorted() && times.iter().all(|t| (before..=after).contains(t)), "{times:?}");
}
