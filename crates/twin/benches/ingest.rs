//! What one message costs from raw bytes to history, what routing costs with many filters, and what a snapshot costs.
//!
//! `cargo bench --profile dev -p twinscope-twin`. Prints the median of several rounds in processor time (wall time where
//! the system does not tell it); no comparison with earlier runs.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use twinscope_twin::history::{History, Sample};
use twinscope_twin::quality::Quality;
use twinscope_twin::routing::{Frontier, Router};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{
    AlarmRule, Asset, AssetRow, Condition, Part, PartRow, Protocol, Signal, SignalInput, SignalRow, Site, Source,
    SourceRow, TimeInput, TimeUnit, TopicInput,
};
use twinscope_twin::state::{Options, RawMessage, TwinState};
use twinscope_twin::time::Now;

const ROUNDS: usize = 9;
const START_MS: i64 = 1_764_000_000_000;

fn main() {
    // Cargo passes arguments for its own harness; there is nothing to choose here.
    ingest("1 pointer + time, 1,000 topics, alarm on each", &site(1000, 1, |_| {}), 1);
    ingest("the same, 4 pointers of one payload", &site(1000, 4, |_| {}), 4);
    ingest("the same, 1 pointer, 10 % with an expression", &site(1000, 1, with_expressions), 1);
    ingest("the same, an alarm on each expression", &site(1000, 1, with_expression_alarms), 1);
    routing(10);
    routing(10_000);
    snapshot();
    tick();
    history();
}

/// A clock that stands still while somebody else has the processor.
struct Stopwatch {
    cpu_ns: Option<f64>,
    start: Instant,
}

impl Stopwatch {
    fn start() -> Self {
        Self { cpu_ns: cpu_ns(), start: Instant::now() }
    }

    fn ns(&self) -> f64 {
        match (self.cpu_ns, cpu_ns()) {
            (Some(from), Some(to)) => to - from,
            _ => self.start.elapsed().as_nanos() as f64,
        }
    }
}

/// Nanoseconds that this thread has had a processor, on Linux.
fn cpu_ns() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Median nanoseconds of `run` divided by `per`.
fn median_ns(per: usize, mut run: impl FnMut()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let watch = Stopwatch::start();
            run();
            watch.ns() / per as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn ingest(name: &str, site: &Site, signals: usize) {
    const TOPICS: usize = 1000;
    // Batches in one measured window: the clock of the scheduler is coarse, and prebuilt packets should fit a cache.
    const BATCHES: usize = 20;
    const WINDOWS: usize = 5;
    let mut twin = TwinState::new(Arc::new(site.clone()), Options::default());
    let topics: Vec<String> = (0..TOPICS).map(topic).collect();
    let mut start = Now { wall_ms: START_MS, mono_ms: 0 };
    let mut elapsed = Vec::new();
    let mut bytes = 0;
    for round in 0..=ROUNDS {
        let mut total = 0.0;
        for _ in 0..WINDOWS {
            let batches: Vec<(Now, Vec<Vec<u8>>)> = (0..BATCHES)
                .map(|batch| {
                    let now = start.plus_ms(100 * batch as u64);
                    (now, (0..TOPICS).map(|row| payload(row, batch, now.wall_ms, signals)).collect())
                })
                .collect();
            start = start.plus_ms(100 * BATCHES as u64);
            bytes = batches[0].1[0].len();
            let watch = Stopwatch::start();
            for (now, packets) in &batches {
                let messages = topics.iter().zip(packets).map(|(topic, payload)| RawMessage {
                    topic: topic.as_bytes(),
                    payload,
                    received: *now,
                    retained: false,
                });
                black_box(twin.messages(SourceRow(0), messages, *now));
            }
            total += watch.ns();
        }
        if round > 0 {
            elapsed.push(total / (WINDOWS * BATCHES * TOPICS) as f64);
        }
    }
    elapsed.sort_by(f64::total_cmp);
    let counters = twin.snapshot(start).counters;
    assert_eq!(counters.unreadable + counters.missing + counters.wrong_type + counters.late + counters.duplicate, 0);
    assert!(counters.samples >= (TOPICS * BATCHES * WINDOWS * (ROUNDS + 1) * signals) as u64, "{counters:?}");
    println!("ingest   {:7.0} ns a message ({bytes} bytes): {name}", elapsed[ROUNDS / 2]);
}

fn routing(filters: usize) {
    let mut router = Router::default();
    for row in 0..filters {
        // A quarter with a wildcard in the middle, as for a value that several gateways may send.
        let filter = if row % 4 == 0 { format!("site/+/asset-{row}/value") } else { topic(row) };
        router.add(&filter);
    }
    let topics: Vec<String> = (0..1000).map(|row| topic(row % filters)).collect();
    let (mut frontier, mut found) = (Frontier::default(), Vec::new());
    let ns = median_ns(topics.len() * 100, || {
        for _ in 0..100 {
            for topic in &topics {
                found.clear();
                router.matches(topic.as_bytes(), &mut frontier, &mut found);
                black_box(&found);
            }
        }
    });
    println!("routing  {ns:7.0} ns a topic that is not in the cache: {filters} filters");
}

fn snapshot() {
    let site = site(10_000, 2, |_| {});
    let mut twin = TwinState::new(Arc::new(site), Options::default());
    let now = Now { wall_ms: START_MS, mono_ms: 0 };
    for row in 0..10_000 {
        let (topic, payload) = (topic(row), payload(row, 1, START_MS, 2));
        let message = RawMessage { topic: topic.as_bytes(), payload: &payload, received: now, retained: false };
        twin.messages(SourceRow(0), [message], now);
    }
    let ns = median_ns(20, || {
        for _ in 0..20 {
            black_box(twin.snapshot(now));
        }
    });
    println!("snapshot {:7.0} µs: 10,000 parts, 20,000 signals, 10,000 alarm rules", ns / 1e3);
}

fn tick() {
    let site = site(10_000, 2, |_| {});
    let mut twin = TwinState::new(Arc::new(site), Options::default());
    let now = Now { wall_ms: START_MS, mono_ms: 0 };
    let mut at = now;
    const TICKS: usize = 1_000_000;
    let ns = median_ns(TICKS, || {
        for _ in 0..TICKS {
            at = at.plus_ms(1);
            black_box(twin.tick(at));
        }
    });
    println!("tick     {ns:7.0} ns with nothing due: 20,000 signals");
}

fn history() {
    const SAMPLES: i64 = 864_000;
    let mut history = History::new(1, 1_000_000);
    for at in 0..SAMPLES {
        let value = (at % 1000) as f64;
        history.insert(SignalRow(0), Sample { source_ms: at * 100, value, quality: Quality::Good });
    }
    let ns = median_ns(20, || {
        for _ in 0..20 {
            black_box(history.buckets(SignalRow(0), 0, SAMPLES * 100, 1000));
        }
    });
    println!("history  {:7.0} µs: a day at 10 Hz in 1,000 buckets", ns / 1e3);
    let ns = median_ns(1000, || {
        for _ in 0..1000 {
            black_box(history.thinned(SignalRow(0), (SAMPLES - 6000) * 100, SAMPLES * 100, 600));
        }
    });
    println!("history  {:7.0} µs: ten minutes at 10 Hz as a curve of 600 points", ns / 1e3);
}

fn topic(row: usize) -> String {
    format!("site/farm/asset-{row}/value")
}

/// About 100 bytes: bound values first, then what nobody has bound.
fn payload(row: usize, step: usize, t: i64, signals: usize) -> Vec<u8> {
    let values: Vec<String> =
        (0..signals).map(|s| format!(r#""v{s}":{}.{:02}"#, 20 + row % 50, (step + s) % 100)).collect();
    let mut text = format!(r#"{{"t":{t},{},"device":"controller-{row:04}","status":"running","#, values.join(","));
    text.push_str(r#""firmware":"2.4.11"}"#);
    text.into_bytes()
}

fn site(parts: usize, signals: usize, more: impl Fn(&mut Site)) -> Site {
    let mut site = Site { id: "bench".to_owned(), ..Site::default() };
    site.sources.push(Source {
        id: "plant".to_owned(),
        url: "mqtt://localhost".to_owned(),
        protocol: Protocol::Auto,
        qos: 0,
        keep_alive_s: 15,
        username: None,
        password_file: None,
        password_env: None,
        ca_file: None,
        client_cert: None,
        client_key: None,
        alpn: Vec::new(),
        max_packet: 1 << 20,
        max_topics: 250_000,
        max_json_depth: 32,
        simulated: false,
    });
    site.assets.push(Asset {
        id: "wt-01".to_owned(),
        name: "Turbine 1".to_owned(),
        type_id: "wind-turbine".to_owned(),
        source: SourceRow(0),
        position: [0.0; 3],
        heading_deg: 0.0,
        model: String::new(),
        simulator: None,
        stand_in: None,
        time_lapse: 1.0,
        parts: 0..u32::try_from(parts).unwrap(),
    });
    for row in 0..parts {
        let (first_signal, first_alarm) = (site.signals.len() as u32, site.alarms.len() as u32);
        for signal in 0..signals {
            site.signals.push(Signal {
                part: PartRow(row as u32),
                id: format!("v{signal}"),
                name: format!("v{signal}"),
                input: SignalInput::Topic(TopicInput {
                    filter: topic(row),
                    path: Some(format!("/v{signal}")),
                    time: Some(TimeInput { path: "/t".to_owned(), unit: TimeUnit::Milliseconds }),
                    quality: None,
                    scale: 1.0,
                    offset: 0.0,
                }),
                unit: "degC".to_owned(),
                decimals: 1,
                range: Some([-50.0, 200.0]),
                stale_after_ms: None,
            });
        }
        site.alarms.push(alarm(row, Condition::High { signal: SignalRow(first_signal), limit: 90.0 }));
        site.parts.push(Part {
            asset: AssetRow(0),
            id: format!("part_{row}"),
            name: format!("Part {row}"),
            kind: String::new(),
            layer: None,
            node: String::new(),
            parent: (row > 0).then(|| PartRow((row as u32 - 1) / 10)),
            health: None,
            note: None,
            signals: first_signal..site.signals.len() as u32,
            alarms: first_alarm..site.alarms.len() as u32,
            motions: Vec::new(),
            crack: None,
            documents: Vec::new(),
        });
    }
    more(&mut site);
    site
}

fn alarm(row: usize, condition: Condition) -> AlarmRule {
    AlarmRule {
        part: PartRow(row as u32),
        id: format!("alarm-{row}"),
        condition,
        deadband: 2.0,
        on_delay_ms: 10_000,
        off_delay_ms: 30_000,
        priority: Severity::High,
        cause: String::new(),
        consequence: String::new(),
        response: String::new(),
    }
}

/// A health index on every tenth part.
fn with_expressions(site: &mut Site) {
    for part in site.parts.iter_mut().step_by(10) {
        part.health = Some("1.0 - (v0 - 60.0) / 30.0".to_owned());
    }
}

/// A condition in CEL on every tenth part, which sees every sample.
fn with_expression_alarms(site: &mut Site) {
    for row in (0..site.parts.len()).step_by(10) {
        if let Some(rule) = site.alarms.get_mut(row) {
            rule.condition = Condition::When("v0 > 75.0".to_owned());
        }
    }
}
