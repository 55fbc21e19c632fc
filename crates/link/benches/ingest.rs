//! Full ingest (receive, route, decode, apply, alarms, history) against `mosquitto_sub`, on the same stream.
//!
//! A writer plays broker: it sends prebuilt PUBLISH packets (QoS 0, about 100 bytes of JSON, 1,000 topics) as fast as the
//! receiver takes them. The receiver is a process of its own on one core (`taskset`): link and core of this crate, or
//! `mosquitto_sub` with its output to /dev/null. They take turns; the medians are compared.
//!
//! `cargo bench --profile dev -p twinscope-link` · `… -- --messages 2000000 --rounds 5`

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use twinscope_link::core::Core;
use twinscope_link::mqtt;
use twinscope_link::settings::Settings;
use twinscope_link::sink::Limits;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{
    AlarmRule, Asset, AssetRow, Condition, Part, PartRow, Protocol, Signal, SignalInput, SignalRow, Site, Source,
    SourceRow, TimeInput, TimeUnit, TopicInput,
};
use twinscope_twin::state::Options;

const TOPICS: u32 = 1_000;
/// Samples start here, ms since the epoch, and are one second apart on each topic.
const START_MS: i64 = 1_764_000_000_000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let at = args.iter().position(|arg| arg == name);
        at.and_then(|at| args.get(at + 1)).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let messages = number("--messages", 1_000_000);
    if args.iter().any(|arg| arg == "--receive") {
        receive(u16::try_from(number("--receive", 0)).unwrap(), messages, number("--version", 4));
        return;
    }
    // `cargo test --benches` runs benchmarks too: then a token amount, to see that it works.
    let real = args.iter().any(|arg| arg == "--bench");
    let messages = if real { messages } else { 10_000 };
    let rounds = if real { number("--rounds", 3) } else { 1 };

    let streams = [(4, packets(4, messages)), (5, packets(5, messages))];
    let mut results: Vec<(&str, Vec<Run>)> =
        ["mosquitto_sub", "twinscope 3.1.1", "twinscope 5"].map(|name| (name, Vec::new())).into();
    for _ in 0..rounds {
        for (name, runs) in &mut results {
            let (version, stream) = if *name == "twinscope 5" { &streams[1] } else { &streams[0] };
            runs.push(run(name, *version, stream, messages));
        }
    }

    println!("{messages} messages of {} bytes, {TOPICS} topics, QoS 0, receiver on one core", payload(0).len());
    let reference = median(&results[0].1, Run::per_second);
    for (name, runs) in &results {
        let (rate, cpu) = (median(runs, Run::per_second), median(runs, |run| run.cpu_s * 1e6 / run.messages));
        println!(
            "{name:>16}: {rate:>9.0} messages/s = {:>5.2} x mosquitto_sub, {cpu:.2} us of processor each",
            rate / reference
        );
    }
}

/// What one run took.
struct Run {
    messages: f64,
    wall_s: f64,
    cpu_s: f64,
}

impl Run {
    fn per_second(&self) -> f64 {
        self.messages / self.wall_s
    }
}

fn median(runs: &[Run], figure: impl Fn(&Run) -> f64) -> f64 {
    let mut figures: Vec<f64> = runs.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Sends the stream to one receiver and waits until it has everything.
fn run(name: &str, version: usize, stream: &[u8], messages: usize) -> Run {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let count = messages.to_string();
    let mut receiver = if name == "mosquitto_sub" {
        pinned("mosquitto_sub", &["-h", "127.0.0.1", "-p", &port, "-V", "311", "-t", "#", "-C", &count])
            .stdout(Stdio::null())
            .spawn()
            .expect("mosquitto_sub is missing: apt install mosquitto-clients")
    } else {
        let own = std::env::current_exe().unwrap();
        let version = version.to_string();
        pinned(own.to_str().unwrap(), &["--receive", &port, "--messages", &count, "--version", &version])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (peer, _) = listener.accept().unwrap();
    let mut peer = greet(peer);
    std::thread::scope(|scope| {
        let before = cpu_s(&receiver);
        let started = Instant::now();
        scope.spawn(move || {
            let _ = peer.write_all(stream);
            // Kept open until the receiver goes: some take a closed socket for an error before they have read everything.
            let _ = peer.read(&mut [0; 1]);
        });
        let cpu_s =
            if name == "mosquitto_sub" { finish_foreign(&mut receiver) } else { finish_own(&mut receiver) } - before;
        #[expect(clippy::cast_precision_loss, reason = "a few millions")]
        let messages = messages as f64;
        Run { messages, wall_s: started.elapsed().as_secs_f64(), cpu_s }
    })
}

/// On the last core, if `taskset` is there; the system then puts the writer, which keeps a core busy, on another.
fn pinned(program: &str, args: &[&str]) -> Command {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = match Command::new("taskset").arg("--version").stdout(Stdio::null()).status() {
        Ok(_) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &(cores - 1).to_string(), program]);
            command
        }
        Err(_) => Command::new(program),
    };
    command.args(args);
    command
}

/// Waits for a program that ends by itself; its processor time is read while it is a zombie.
fn finish_foreign(child: &mut Child) -> f64 {
    loop {
        let state = stat(child.id());
        if state.first().is_some_and(|field| field == "Z") {
            let time = ticks(&state);
            assert!(child.wait().unwrap().success());
            return time;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for the report of our own receiver.
fn finish_own(child: &mut Child) -> f64 {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let time = cpu_s(child);
    assert_eq!(line.trim(), "complete");
    assert!(child.wait().unwrap().success());
    time
}

fn cpu_s(child: &Child) -> f64 {
    ticks(&stat(child.id()))
}

/// Fields of /proc/PID/stat from the state on.
fn stat(process: u32) -> Vec<String> {
    let mut text = String::new();
    File::open(format!("/proc/{process}/stat")).unwrap().read_to_string(&mut text).unwrap();
    let (_, fields) = text.rsplit_once(") ").unwrap();
    fields.split(' ').map(str::to_owned).collect()
}

/// User and system time; the kernel counts in hundredths of a second for every program.
fn ticks(stat: &[String]) -> f64 {
    let field = |at: usize| stat.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap();
    (field(11) + field(12)) / 100.0
}

/// Plays the broker up to the subscription.
fn greet(mut peer: TcpStream) -> TcpStream {
    let read = |peer: &mut TcpStream| {
        let mut header = [0; 2];
        peer.read_exact(&mut header).unwrap();
        // The packets of a greeting are shorter than 128 bytes.
        let mut body = vec![0; usize::from(header[1])];
        peer.read_exact(&mut body).unwrap();
        (header[0], body)
    };
    let (_, connect) = read(&mut peer);
    let version_5 = connect[6] == 5;
    peer.write_all(if version_5 { &[0x20, 3, 0, 0, 0] } else { &[0x20, 2, 0, 0] }).unwrap();
    let (kind, subscribe) = read(&mut peer);
    assert_eq!(kind, 0x82);
    // As many answers as there are filters; both receivers ask for two at most.
    let filters = subscribe.windows(1).filter(|byte| byte == b"#").count().max(1);
    let properties: &[u8] = if version_5 { &[0] } else { &[] };
    let length = u8::try_from(2 + properties.len() + filters).unwrap();
    let codes = vec![0; filters];
    peer.write_all(&[&[0x90, length, subscribe[0], subscribe[1]], properties, &codes].concat()).unwrap();
    peer
}

fn topic(number: u32) -> String {
    format!("bench/asset/part{number:04}/state")
}

/// About 100 bytes, as a device would send them.
fn payload(message: usize) -> String {
    let t_ms = START_MS + i64::try_from(message / TOPICS as usize).unwrap() * 1_000;
    let value = 50.0 + (message % 997) as f64 / 100.0;
    // Of one length, whatever the numbers are.
    format!(
        r#"{{"t":{t_ms},"v":{value:.2},"unit":"degC","q":"good","serial":"SN-00412-77","state":"running","id":{}}}"#,
        message % 10
    )
}

/// The whole stream as bytes.
fn packets(version: u8, messages: usize) -> Vec<u8> {
    let mut stream = Vec::with_capacity(messages * 140);
    for message in 0..messages {
        let topic = topic(u32::try_from(message).unwrap() % TOPICS);
        let payload = payload(message);
        let properties: &[u8] = if version == 5 { &[0] } else { &[] };
        let length = 2 + topic.len() + properties.len() + payload.len();
        assert!((128..16_384).contains(&length), "two bytes of length");
        stream.push(0x30);
        stream.extend([u8::try_from(length % 128).unwrap() | 0x80, u8::try_from(length / 128).unwrap()]);
        stream.extend(u16::try_from(topic.len()).unwrap().to_be_bytes());
        stream.extend(topic.as_bytes());
        stream.extend(properties);
        stream.extend(payload.as_bytes());
    }
    stream
}

/// The receiver: link and core, until every message has been applied.
fn receive(port: u16, messages: usize, version: usize) {
    // Nothing may be dropped: the figure is that of messages that went all the way.
    let limits = Limits { batches: 1 << 20, bytes: 4 << 30, ..Limits::default() };
    let core = Core::spawn_with_limits(site(), Options::default(), limits, Box::new(|| {})).unwrap();
    let mut settings = Settings::plain(&format!("mqtt://127.0.0.1:{port}")).unwrap();
    settings.protocol = if version == 5 { Protocol::V5 } else { Protocol::V311 };
    let _link = mqtt::spawn(settings, vec!["#".to_owned()], core.ingest(), SourceRow(0)).unwrap();
    loop {
        std::thread::sleep(Duration::from_millis(2));
        let Some(snapshot) = core.latest() else { continue };
        let counters = snapshot.counters;
        if counters.messages == messages as u64 {
            let lost = counters.dropped + counters.unbound + counters.unreadable + counters.late + counters.duplicate;
            assert_eq!((counters.samples, lost), (messages as u64, 0), "{counters:?}");
            println!("complete");
            return;
        }
    }
}

/// A thousand parts, each with a signal that is read by pointer, with source time and quality of its own, and an alarm.
fn site() -> Arc<Site> {
    let source = Source {
        id: "bench".to_owned(),
        url: "mqtt://127.0.0.1".to_owned(),
        protocol: Protocol::Auto,
        qos: 0,
        keep_alive_s: 60,
        username: None,
        password_file: None,
        password_env: None,
        ca_file: None,
        client_cert: None,
        client_key: None,
        alpn: Vec::new(),
        max_packet: 1 << 20,
        max_topics: 10_000,
        max_json_depth: 32,
        simulated: false,
    };
    let asset = Asset {
        id: "asset".to_owned(),
        name: "asset".to_owned(),
        type_id: "bench".to_owned(),
        source: SourceRow(0),
        position: [0.0; 3],
        heading_deg: 0.0,
        model: String::new(),
        simulator: None,
        stand_in: None,
        time_lapse: 1.0,
        parts: 0..TOPICS,
    };
    let part = |row: u32| Part {
        asset: AssetRow(0),
        id: format!("part{row:04}"),
        name: String::new(),
        kind: String::new(),
        layer: None,
        node: String::new(),
        parent: None,
        health: None,
        note: None,
        signals: row..row + 1,
        alarms: row..row + 1,
        motions: Vec::new(),
        crack: None,
        documents: Vec::new(),
    };
    let signal = |row: u32| Signal {
        part: PartRow(row),
        id: "temperature".to_owned(),
        name: String::new(),
        input: SignalInput::Topic(TopicInput {
            filter: topic(row),
            path: Some("/v".to_owned()),
            time: Some(TimeInput { path: "/t".to_owned(), unit: TimeUnit::Milliseconds }),
            quality: None,
            scale: 1.0,
            offset: 0.0,
        }),
        unit: "degC".to_owned(),
        decimals: 1,
        range: Some([-40.0, 200.0]),
        stale_after_ms: Some(60_000),
    };
    // One value in ten lies above the limit.
    let alarm = |row: u32| AlarmRule {
        part: PartRow(row),
        id: "high".to_owned(),
        condition: Condition::High { signal: SignalRow(row), limit: 59.0 },
        deadband: 0.5,
        on_delay_ms: 0,
        off_delay_ms: 0,
        priority: Severity::High,
        cause: String::new(),
        consequence: String::new(),
        response: String::new(),
    };
    Arc::new(Site {
        id: "bench".to_owned(),
        sources: vec![source],
        assets: vec![asset],
        parts: (0..TOPICS).map(part).collect(),
        signals: (0..TOPICS).map(signal).collect(),
        alarms: (0..TOPICS).map(alarm).collect(),
        ..Site::default()
    })
}
